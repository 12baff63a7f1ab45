"""`make bench-matching`: how many noisy leads the directory answers right, wrong and how fast.

`python -m benchmarks.matching --people 1000000 --companies 100000 --leads 10000 [--postgresql]`
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import uvloop
from rich.console import Console
from rich.table import Table
from tests.support.databases import create_database
from tests.support.installation import make_settings
from tests.support.postgres import PostgresServer

from benchmarks.noise import NoisyCompanies, NoisyTitles, noisy_email, noisy_profile
from benchmarks.population import SEED, TITLES, Employee, Employer, make_employees, make_employers, write_csv
from leadyard.actions.directory import load_directory
from leadyard.app import build
from leadyard.cli.garbage import calm_garbage_collector
from leadyard.domain.identity import email_key, linkedin_key
from leadyard.domain.leads import ListType
from leadyard.domain.providers import Ambiguous, FoundPerson, PersonAnswer, PersonQuery
from leadyard.providers.directory.client import DirectoryProvider
from leadyard.storage.directory import DirectoryStore

STRANGERS = 0.1
"""The share of leads that are nobody in the directory: half hold no such position, half work elsewhere."""


class Clue(StrEnum):
    """What leads are known by."""

    LINKEDIN = "LinkedIn profile"
    EMAIL = "e-mail"
    DOMAIN = "title and domain"
    COMPANY_NAME = "title and company name"


class Lead(NamedTuple):
    """A question, and who may be meant: nobody, one person, or several who cannot be told apart."""

    query: PersonQuery
    meant: tuple[str, ...]


@dataclass(slots=True)
class Population:
    """Everybody in the directory, and who holds which position where."""

    employers: list[Employer]
    employees: list[Employee]
    holders: defaultdict[tuple[int, int], list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def make(cls, people: int, companies: int) -> Population:
        """As many as asked for."""
        employers = make_employers(companies)
        made = cls(employers, list(make_employees(people, employers)))
        for each in made.employees:
            made.holders[each.employer, each.position].append(each.slug)
        return made


class Score(NamedTuple):
    """What answers came to. `recall` is of the leads that mean one person, the others are of all leads."""

    recall: float
    wrong: float
    ambiguous: float
    leads_a_second: float
    mistakes: list[tuple[Lead, PersonAnswer]]


def make_leads(population: Population, clue: Clue, count: int) -> list[Lead]:
    """Noisy leads of people of the directory by chance, and of strangers."""
    chance = random.Random(f"{SEED}-{clue}")
    titles, companies = NoisyTitles(chance), NoisyCompanies(chance)
    strange = iter(_strange_employers(population.employers))
    leads = []
    for _ in range(count):
        employee = chance.choice(population.employees)
        employer = population.employers[employee.employer]
        position, title = employee.position, employee.title
        meant = tuple(population.holders[employee.employer, position])
        luck = chance.random() / STRANGERS
        if luck < 0.5:
            position, title = _vacancy(chance, population, employee.employer)
            meant = ()
        elif luck < 1:
            employer, meant = next(strange), ()
        match clue:
            case Clue.LINKEDIN:
                slug = employee.slug if luck >= 1 else f"{employee.slug}x"
                query = _ask(clue, linkedin=linkedin_key(noisy_profile(chance, slug)))
                meant = (employee.slug,) if luck >= 1 else ()
            case Clue.EMAIL:
                address = noisy_email(chance, employee.email(employer.domain))
                query = _ask(clue, email=email_key(address if luck >= 1 else f"x{address}"))
                meant = (employee.slug,) if luck >= 1 else ()
            case Clue.DOMAIN:
                domain = f"https://www.{employer.domain}/about"
                query = _ask(clue, title=titles.write(position, title), domain=domain)
            case Clue.COMPANY_NAME:
                query = _ask(clue, title=titles.write(position, title), name=companies.write(employer))
        leads.append(Lead(query, meant))
    return leads


def _strange_employers(known: Sequence[Employer]) -> Iterator[Employer]:
    names = {each.name for each in known}
    yield from (each for each in make_employers(len(known) * 2) if each.name not in names)


def _vacancy(chance: random.Random, population: Population, employer: int) -> tuple[int, str]:
    """A position that nobody holds at that company."""
    while True:
        position = chance.randrange(len(TITLES))
        if (employer, position) not in population.holders:
            return position, chance.choice(TITLES[position])


def _ask(
    clue: Clue,
    linkedin: str | None = None,
    email: str | None = None,
    title: str | None = None,
    name: str | None = None,
    domain: str | None = None,
) -> PersonQuery:
    return PersonQuery(clue, ListType.TITLES_AND_COMPANY, linkedin, email, title, name, domain)


async def measure(provider: DirectoryProvider, leads: Sequence[Lead]) -> Score:
    """Asks in batches, as many at once as the provider takes from a worker, and compares."""
    queries = [lead.query for lead in leads]
    size = provider.batch_size
    batches = [queries[start : start + size] for start in range(0, len(queries), size)]
    told: dict[int, Sequence[PersonAnswer]] = {}
    waiting = iter(enumerate(batches))

    async def ask() -> None:
        for place, batch in waiting:
            told[place] = await provider.find_people(batch)

    begin = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(provider.concurrency)))
    seconds = time.perf_counter() - begin
    answers = [answer for place in range(len(batches)) for answer in told[place]]
    right, mistakes, ambiguous = 0, [], 0
    for lead, answer in zip(leads, answers, strict=True):
        ambiguous += isinstance(answer, Ambiguous)
        if isinstance(answer, FoundPerson) and [_slug(answer)] == list(lead.meant):
            right += 1
        elif isinstance(answer, FoundPerson) or len(lead.meant) == 1:
            mistakes.append((lead, answer))
    wrong = sum(isinstance(answer, FoundPerson) for _, answer in mistakes)
    single = sum(len(lead.meant) == 1 for lead in leads)
    total = len(leads)
    return Score(right / single, wrong / total, ambiguous / total, total / seconds, mistakes)


def _slug(found: FoundPerson) -> str:
    return (found.person.linkedin_url or "").rpartition("/")[2]


async def run(folder: Path, url: str | None, options: argparse.Namespace, console: Console) -> None:
    """Loads one database, measures each clue and prints a table."""
    population = Population.make(options.people, options.companies)
    file = folder / "people.csv"
    write_csv(file, population.employers, population.employees)
    installation = build(make_settings(folder, url))
    await installation.prepare()
    gc.freeze()  # The population is no part of a service, and its collector need not look through it.
    begin, processor = time.perf_counter(), time.process_time()
    report = await load_directory(installation.database, file, lambda done, total: None)
    wall, processor = time.perf_counter() - begin, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    title = f"{'PostgreSQL' if url else 'SQLite'}: {report.people:,} people, {report.companies:,} companies"
    console.print(f"{title}, loaded in {wall:.0f} s ({processor:.0f} s of processor time, {peak} MiB)")
    table = Table("Leads known by", "found", "wrong", "ambiguous", "a second", title=title)
    for clue in Clue:
        leads = make_leads(population, clue, options.leads)
        calm_garbage_collector()  # As a server does.
        provider = DirectoryProvider(DirectoryStore(installation.database))
        await measure(provider, leads[: provider.batch_size])
        score = await measure(provider, leads)
        table.add_row(
            clue,
            f"{score.recall:.2%}",
            f"{score.wrong:.2%}",
            f"{score.ambiguous:.2%}",
            f"{score.leads_a_second:,.0f}",
        )
        for lead, answer in score.mistakes[: options.mistakes]:
            console.print(_describe(lead, answer), markup=False)
    console.print(table)
    await installation.database.close()


def _describe(lead: Lead, answer: PersonAnswer) -> str:
    query = lead.query
    asked = f"{query.title} | {query.company_name or query.company_domain or query.email}"
    if not isinstance(answer, FoundPerson):
        return f"{asked}: {type(answer).__name__}, meant {lead.meant}"
    return f"{asked}: WRONG {answer.person.title} | {answer.person.company.name}, {answer.confidence}"


def main() -> None:
    """Measures on SQLite, and on PostgreSQL too if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--companies", type=int, default=100_000)
    parser.add_argument("--leads", type=int, default=10_000, help="of each kind")
    parser.add_argument("--postgresql", action="store_true", help="measure PostgreSQL instead of SQLite")
    parser.add_argument("--mistakes", type=int, default=0, help="print so many of each kind")
    parser.add_argument("--folder", type=Path, help="where the data stays; a temporary one by default")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = None
        if options.postgresql:
            url = create_database(stack.enter_context(PostgresServer()), "matching")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(folder, url, options, Console()))


if __name__ == "__main__":
    main()
