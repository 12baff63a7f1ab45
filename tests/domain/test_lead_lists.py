"""Chunks of a list, and the ids of its entries."""

from __future__ import annotations

import uuid
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.lead_lists import (
    CHUNK_SIZE,
    Chunk,
    ListStatus,
    entry_id,
    entry_sequence,
    is_id,
    join_chunks,
    split_into_chunks,
)
from leadyard.storage.ids import new_id

LIST_IDS = st.uuids().map(str)
SEQUENCES = st.integers(0, 2**32 - 1)
LIST_ID = "0190c2b4-5e6f-7a8b-9c0d-1e2f30000000"


@given(first=st.integers(1, 60_000), count=st.integers(1, 10_000))
def test_chunks_cover_every_lead_once_and_none_is_too_large(first: int, count: int) -> None:
    chunks = split_into_chunks(3, 5, first, first + count - 1)
    sequences = [
        sequence for chunk in chunks for sequence in range(chunk.first_sequence, chunk.last_sequence + 1)
    ]
    assert sequences == list(range(first, first + count))
    assert all(chunk.last_sequence - chunk.first_sequence < CHUNK_SIZE for chunk in chunks)
    assert len(chunks) == -(-count // CHUNK_SIZE)
    assert {(chunk.list_id, chunk.addition_id) for chunk in chunks} == {(3, 5)}


@pytest.mark.parametrize("first", [1, 101, 60_001])
def test_no_leads_are_one_empty_chunk(first: int) -> None:
    assert split_into_chunks(3, 5, first, first - 1) == [Chunk(3, 5, first, first - 1)]


ADDITIONS = st.tuples(st.integers(1, 600), st.integers(0, 3), st.sampled_from(["some terms", "others"]))
"""How many leads an addition brought, how many before it have ended, and its terms."""


@given(st.lists(ADDITIONS, max_size=20))
def test_joined_chunks_have_every_lead_once_and_leads_of_the_same_terms(
    additions: list[tuple[int, int, str]],
) -> None:
    first = 1
    terms_of: dict[int, tuple[int, str]] = {}
    separate: list[tuple[Chunk, str]] = []
    for number, (count, ended, terms) in enumerate(additions):
        first += ended
        chunks = split_into_chunks(3, number, first, first + count - 1)
        separate += [(chunk, terms) for chunk in chunks]
        terms_of.update((sequence, (number, terms)) for sequence in range(first, first + count))
        first += count
    joined = join_chunks(separate)
    sequences = [range(chunk.first_sequence, chunk.last_sequence + 1) for chunk in joined]
    assert [sequence for part in sequences for sequence in part] == list(terms_of)
    for chunk, part in zip(joined, sequences, strict=True):
        assert len(part) <= CHUNK_SIZE
        assert len({terms_of[sequence][1] for sequence in part}) == 1
        assert chunk.addition_id == terms_of[part[0]][0]
    for chunk, after in pairwise(joined):
        follow = chunk.last_sequence + 1 == after.first_sequence
        alike = terms_of[chunk.last_sequence][1] == terms_of[after.first_sequence][1]
        assert not (follow and alike and chunk.size + after.size <= CHUNK_SIZE)


@given(list_id=LIST_IDS, sequence=SEQUENCES)
def test_entry_id_leads_back_to_its_sequence(list_id: str, sequence: int) -> None:
    entry = entry_id(list_id, sequence)
    assert is_id(entry)
    assert uuid.UUID(entry).version == uuid.UUID(list_id).version
    assert entry_sequence(list_id, entry) == sequence


@given(list_id=LIST_IDS, sequences=st.lists(SEQUENCES, max_size=10))
def test_entry_ids_sort_in_the_order_of_the_list(list_id: str, sequences: list[int]) -> None:
    assert sorted(entry_id(list_id, sequence) for sequence in sequences) == [
        entry_id(list_id, sequence) for sequence in sorted(sequences)
    ]


@given(list_id=LIST_IDS, text=st.one_of(st.text(max_size=40), LIST_IDS))
def test_any_other_text_is_no_entry_of_the_list(list_id: str, text: str) -> None:
    sequence = entry_sequence(list_id, text)
    assert sequence is None or entry_id(list_id, sequence) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        LIST_ID[:-1],
        LIST_ID + "0",
        LIST_ID.upper(),
        "x" + LIST_ID[1:],
        LIST_ID[:-1] + "g",
        LIST_ID[:-1] + "١",
    ],
)
def test_text_that_is_almost_an_id_is_none(text: str) -> None:
    assert not is_id(text)
    assert entry_sequence(LIST_ID, text) is None


@given(moments=st.lists(st.integers(0, 2**48 - 1), min_size=2, max_size=5, unique=True))
def test_new_ids_are_uuids_of_version_7_in_the_order_of_time(moments: list[int]) -> None:
    ids = [new_id(moment) for moment in sorted(moments)]
    assert ids == sorted(ids)
    for text, moment in zip(ids, sorted(moments), strict=True):
        parsed = uuid.UUID(text)
        assert (parsed.version, parsed.variant, parsed.int >> 80) == (7, uuid.RFC_4122, moment)
        assert is_id(text)


def test_completed_and_canceled_lists_have_ended() -> None:
    assert [status for status in ListStatus if status.is_terminal] == [
        ListStatus.COMPLETED,
        ListStatus.CANCELED,
    ]
