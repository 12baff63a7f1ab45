"""Reading people of a large file in a process of its own."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from leadyard.actions.directory_files import BATCH_ROWS
from leadyard.actions.directory_reading import LARGE_FILE_BYTES, open_people
from leadyard.domain.directory import UnreadableFile

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people"
    rows = [f"p{number}@acme.example,Müller\n" for number in range(3 * BATCH_ROWS)]
    rows[7] = "x,\n"
    path.write_text("email,last_name\n" + "".join(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("source", ["rows", "examples"])
def test_another_process_reads_what_this_one_reads(file: Path, source: str) -> None:
    path = file if source == "rows" else EXAMPLES / "directory.csv"
    read = []
    for large_file_bytes in (0, LARGE_FILE_BYTES):
        with open_people(path, large_file_bytes) as opened:
            read.append((list(opened.batches), opened.unknown_columns))
    assert read[0] == read[1]
    assert multiprocessing.active_children() == []


def test_process_is_gone_when_nobody_reads_on(file: Path) -> None:
    with open_people(file, 0) as opened:
        assert len(next(opened.batches).people) == BATCH_ROWS - 1
        assert len(multiprocessing.active_children()) == 1
    assert multiprocessing.active_children() == []


def test_process_that_is_killed_ends_the_load(file: Path) -> None:
    with open_people(file, 0) as opened:
        next(opened.batches)
        for process in multiprocessing.active_children():
            process.kill()
        with pytest.raises(UnreadableFile, match="load the file again"):
            list(opened.batches)


def test_file_that_breaks_off_in_another_process_says_so(tmp_path: Path) -> None:
    path = tmp_path / "people"
    emails = pyarrow.array([f"p{number}@acme.example" for number in range(3_000)])
    parquet.write_table(pyarrow.table({"email": emails, "title": emails}), path, row_group_size=1_500)
    column = parquet.ParquetFile(path).metadata.row_group(1).column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    content = bytearray(path.read_bytes())
    content[start : start + 200] = b"\xff" * 200
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="cannot be read beyond"), open_people(path, 0) as opened:
        list(opened.batches)


def test_parquet_that_unpacks_to_more_than_there_is_room_for_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people"
    one = pyarrow.array(["x" * 1_000_000])
    email = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 1_500, pyarrow.int32()), one)
    parquet.write_table(pyarrow.table({"email": email}), path)
    assert path.stat().st_size < 1_000_000
    with (
        pytest.raises(UnreadableFile, match=r"cannot be read beyond|more memory"),
        open_people(path) as opened,
    ):
        list(opened.batches)
