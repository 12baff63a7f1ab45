"""How much of a list an export reads at once, and how it writes rows of CSV."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.actions.export_files import ExportFormat, write_row
from leadyard.actions.exports import BATCH_CHARACTERS, FIRST_ENTRIES, MOST_ENTRIES, Export, export_leads
from leadyard.domain.lead_lists import LeadList

COUNT = FIRST_ENTRIES + MOST_ENTRIES + 50
LONG = 5_000


async def count_rows_of_parts(bench: Workbench, made: LeadList) -> list[int]:
    """The rows that each part of a file has; they are in the order of the list."""
    export = Export(ExportFormat.CSV, columns=["linkedin_url", "data.note"])
    parts = [part.decode() async for part in export_leads(bench.database, made, export)]
    lines = "".join(parts).splitlines()[1:]
    assert [line.partition(",")[0] for line in lines] == [f"linkedin.com/in/p{at}" for at in range(COUNT)]
    return [part.count("linkedin.com/in/") for part in parts]


@pytest.mark.parametrize("size", [1, LONG])
async def test_long_leads_are_read_few_at_a_time(bench: Workbench, size: int) -> None:
    slugs = [f"p{number}" for number in range(COUNT)]
    made = await bench.create([{**lead, "note": "x" * size} for lead in linkedin_leads(*slugs)])
    first, second, *_ = await count_rows_of_parts(bench, made)
    assert first == FIRST_ENTRIES
    if size == LONG:
        assert 0.9 * BATCH_CHARACTERS < second * LONG <= BATCH_CHARACTERS
    else:
        assert second == MOST_ENTRIES
    await bench.finish(made)


async def test_batch_of_which_nothing_is_left_does_not_end_the_file(bench: Workbench) -> None:
    slugs = [f"p{number}" for number in range(3)]
    made = await bench.create(linkedin_leads(*slugs))
    await bench.finish(made)
    of_none_left = range(-FIRST_ENTRIES, 0)
    export = Export(ExportFormat.CSV, columns=["linkedin_url"], sequences={*of_none_left, 1, 2, 3})
    parts = [part.decode() async for part in export_leads(bench.database, made, export)]
    assert "".join(parts).splitlines()[1:] == [f"linkedin.com/in/{slug}" for slug in slugs]


@given(st.lists(st.text('a"\r\n, ;\tü😀') | st.text(), min_size=1, max_size=5))
@example([""])
@example(["", ""])
@example(['"', "a,b"])
def test_rows_of_csv_are_those_that_the_library_writes(texts: list[str]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerow(texts)
    assert write_row(texts) == written.getvalue()
