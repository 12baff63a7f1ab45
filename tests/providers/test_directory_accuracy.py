"""How often the directory is right about noisy leads: the benchmark with fewer people, and untimed."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.matching import Clue, Population, make_leads, measure
from benchmarks.population import write_csv

from leadyard.actions.directory import load_directory
from leadyard.app import Leadyard
from leadyard.providers.directory.client import DirectoryProvider
from leadyard.storage.directory import DirectoryStore

PEOPLE, COMPANIES, LEADS = 20_000, 2_000, 2_000


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_noisy_leads_find_their_person_and_nobody_else(installation: Leadyard, tmp_path: Path) -> None:
    population = Population.make(PEOPLE, COMPANIES)
    write_csv(tmp_path / "people.csv", population.employers, population.employees)
    await load_directory(installation.database, tmp_path / "people.csv", lambda done, total: None)
    provider = DirectoryProvider(DirectoryStore(installation.database))
    for clue in Clue:
        score = await measure(provider, make_leads(population, clue, LEADS))
        assert score.recall >= 0.99, clue
        assert score.wrong <= 0.005, clue
