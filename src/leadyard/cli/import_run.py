"""The rows of a file on their way into a list, and what became of each."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from leadyard.cli.failures import FULL, Failure
from leadyard.cli.import_plan import FilePlan, count_rows, judge_rows, write_refused
from leadyard.cli.terminal import printable, show_progress
from leadyard.domain.imports import VERDICTS, RowVerdict
from leadyard.domain.leads import ListType
from leadyard_client import Added, LeadList, Leadyard, LeadyardError, ListFull, Preview

TOLD = (
    RowVerdict.ADDED,
    RowVerdict.FAULTY,
    RowVerdict.DUPLICATE_IN_FILE,
    RowVerdict.DUPLICATE_IN_LIST,
    RowVerdict.OVER_CAPACITY,
    RowVerdict.SUPPRESSED,
)
_VERDICTS = {outcome.value: verdict for outcome, verdict in VERDICTS.items()}


@dataclass(slots=True)
class ImportRun:
    """One import: how many rows came to what. `later` are the rows that the service left out."""

    leadyard: Leadyard
    plan: FilePlan
    kind: ListType
    counts: Counter[RowVerdict] = field(default_factory=Counter)
    later: dict[int, RowVerdict] = field(default_factory=dict)
    replayed: int = 0

    def read(self) -> None:
        """Looks at every row of the file."""
        with show_progress("Reading") as update:
            self.counts = count_rows(self.plan, self.kind, lambda done: update(done, None))

    def preview(self, lead_list: LeadList) -> Preview:
        """What adding the rows would come to."""
        ready = (lead for _, lead in self._ready_rows())
        return self.leadyard.preview_leads(lead_list.id, self.kind.value, ready)

    def take_preview(self, preview: Preview) -> None:
        """Counts as if the rows had been added."""
        self.counts[RowVerdict.READY] -= preview.total
        self.counts[RowVerdict.ADDED] = preview.counts.added
        for verdict in (RowVerdict.DUPLICATE_IN_LIST, RowVerdict.OVER_CAPACITY, RowVerdict.SUPPRESSED):
            self.counts[verdict] = getattr(preview.counts, verdict.value)

    def send(self, lead_list: LeadList, salt: str) -> Failure | None:
        """Adds the rows that are ready, and finds out what became of each; the failure if the list is full.

        Anything else that goes wrong is raised, after saying how to go on.
        """
        numbers = array("Q")
        ends: list[int] = []
        with show_progress("Importing") as update:
            update(0, self.counts[RowVerdict.READY])

            def tell(added: Added) -> None:
                ends.append(added.total)
                update(added.total, None)

            try:
                added, failure = self._add(lead_list, self._collect(numbers), salt, tell)
            except LeadyardError as error:
                _say_how_to_go_on(lead_list, error)
                raise
        self.replayed = added.replayed
        self._take_fates(added, numbers, ends)
        if failure is not None:
            self._take_rest(numbers[added.total - 1] if added.total else 0)
        elif self.counts[RowVerdict.OVER_CAPACITY]:
            failure = Failure(f"{printable(lead_list.name)} is full.", FULL)
        return failure

    def _add(
        self, lead_list: LeadList, leads: Iterator[dict[str, str]], salt: str, tell: Callable[[Added], None]
    ) -> tuple[Added, Failure | None]:
        key = self.plan.key_for(lead_list.id, self.kind) + salt
        try:
            added = self.leadyard.add_leads(
                lead_list.id, self.kind.value, leads, idempotency_key=key, on_progress=tell
            )
            return added, None
        except ListFull as error:
            begun = error.partial or Added(lead_list.id, 0, 0, ())
            return begun, Failure(error.detail, FULL)

    def _ready_rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        for judged in judge_rows(self.plan, self.kind):
            if judged.verdict is RowVerdict.READY:
                yield judged.row.number, judged.lead

    def _collect(self, numbers: array[int]) -> Iterator[dict[str, str]]:
        """The leads, while the numbers of their rows are noted."""
        for number, lead in self._ready_rows():
            numbers.append(number)
            yield lead

    def _take_fates(self, added: Added, numbers: array[int], ends: list[int]) -> None:
        """What became of each row that was sent, by the records of the batches."""
        begin = 0
        for addition_id, end in zip(added.addition_ids, ends, strict=True):
            addition = self.leadyard.get_addition(added.lead_list_id, addition_id)
            fates = {left_out.index: _VERDICTS[left_out.outcome] for left_out in addition.leads}
            for place in range(begin, end):
                self._take(fates.get(place - begin, RowVerdict.ADDED), numbers[place])
            begin = end

    def _take_rest(self, last_sent: int) -> None:
        """Rows that were not even sent, for the list was full by then."""
        for number, _ in self._ready_rows():
            if number > last_sent:
                self._take(RowVerdict.OVER_CAPACITY, number)

    def _take(self, verdict: RowVerdict, number: int) -> None:
        self.counts[RowVerdict.READY] -= 1
        self.counts[verdict] += 1
        if verdict is not RowVerdict.ADDED:
            self.later[number] = verdict

    def write_refused(self, file: Path) -> Path | None:
        """Writes the rows that were not added, if there are any; the file."""
        refused = self.counts.total() - self.counts[RowVerdict.ADDED]
        if not refused:
            return None
        write_refused(self.plan, self.kind, self.later, file)
        click.echo(f"{file}: {refused:,} rows that were not added, with the reasons.", err=True)
        return file

    def told(self) -> dict[str, int]:
        """The counts, by the names that the API has for them."""
        return {"rows": self.counts.total(), **{name.value: self.counts[name] for name in TOLD}}

    def summary(self) -> str:
        """The counts in a line."""
        shown = [name for name in TOLD if self.counts[name] or name is RowVerdict.ADDED]
        parts = [f"{self.counts[name]:,} {name.value.replace('_', ' ')}" for name in shown]
        return f"{self.counts.total():,} rows: {', '.join(parts)}."


def _say_how_to_go_on(lead_list: LeadList, error: LeadyardError) -> None:
    done = error.partial.total_added_to_lead_list if error.partial else 0
    text = f"{done:,} leads are in {printable(lead_list.name)} ({lead_list.id})."
    click.echo(f"{text} The same command goes on from there.", err=True)
