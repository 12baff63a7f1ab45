"""Which leads of a request a list takes."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.additions import (
    Fate,
    LeftOut,
    Selection,
    count_outcomes,
    select_leads,
    sequences_by_place,
    split_by_email,
)
from leadyard.domain.leads import LeadDraft

KEYS = st.lists(st.sampled_from("abcdefgh"), max_size=20)
EXISTING = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 60_000), max_size=5)


def drafts_of(keys: list[str], has_email: bool = False) -> list[LeadDraft]:
    """Checked leads with these keys."""
    return [LeadDraft(place, key, msgspec.Raw(b"{}"), has_email) for place, key in enumerate(keys)]


def select(keys: str, existing: dict[str, int], room: int) -> Selection:
    """The selection among leads with these one-letter keys."""
    return select_leads(drafts_of(list(keys)), existing, room)


def test_first_lead_of_a_key_is_taken_and_the_others_name_it() -> None:
    selection = select("abab", {}, 10)
    assert [draft.place for draft in selection.accepted] == [0, 1]
    assert selection.left_out == [
        Fate(2, LeftOut.DUPLICATE_IN_BATCH, 0),
        Fate(3, LeftOut.DUPLICATE_IN_BATCH, 1),
    ]


def test_lead_that_the_list_has_names_its_entry() -> None:
    selection = select("ab", {"b": 17}, 10)
    assert [draft.key for draft in selection.accepted] == ["a"]
    assert selection.left_out == [Fate(1, LeftOut.DUPLICATE_IN_LIST, 17)]


def test_leads_are_taken_in_the_order_sent_while_there_is_room() -> None:
    selection = select("abcde", {"a": 1}, 2)
    assert [draft.key for draft in selection.accepted] == ["b", "c"]
    assert [fate.outcome for fate in selection.left_out] == [
        LeftOut.DUPLICATE_IN_LIST,
        LeftOut.OVER_CAPACITY,
        LeftOut.OVER_CAPACITY,
    ]


def test_duplicate_of_a_lead_that_found_no_room_is_a_duplicate() -> None:
    selection = select("abb", {}, 1)
    assert selection.left_out == [
        Fate(1, LeftOut.OVER_CAPACITY),
        Fate(2, LeftOut.DUPLICATE_IN_BATCH, 1),
    ]


@given(keys=KEYS, existing=EXISTING, room=st.integers(0, 12))
def test_every_lead_is_either_taken_or_left_out_for_the_reason_that_holds(
    keys: list[str], existing: dict[str, int], room: int
) -> None:
    drafts = drafts_of(keys)
    selection = select_leads(drafts, existing, room)
    accepted = [draft.place for draft in selection.accepted]
    assert sorted(accepted + [fate.place for fate in selection.left_out]) == list(range(len(keys)))
    assert accepted == sorted(accepted)
    assert [fate.place for fate in selection.left_out] == sorted(fate.place for fate in selection.left_out)
    fresh = [key for key in dict.fromkeys(keys) if key not in existing]
    assert [keys[place] for place in accepted] == fresh[:room]
    for fate in selection.left_out:
        key = keys[fate.place]
        if keys.index(key) < fate.place:
            assert fate == Fate(fate.place, LeftOut.DUPLICATE_IN_BATCH, keys.index(key))
        elif key in existing:
            assert fate == Fate(fate.place, LeftOut.DUPLICATE_IN_LIST, existing[key])
        else:
            assert fate == Fate(fate.place, LeftOut.OVER_CAPACITY)
            assert len(accepted) == room


@given(keys=KEYS, existing=EXISTING, room=st.integers(0, 12))
def test_outcomes_are_counted_each_by_its_name(keys: list[str], existing: dict[str, int], room: int) -> None:
    selection = select_leads(drafts_of(keys), existing, room)
    counts = count_outcomes(selection.left_out)
    assert set(counts) == set(LeftOut)
    assert sum(counts.values()) + len(selection.accepted) == len(keys)


def test_leads_are_counted_by_whether_an_email_came_with_them() -> None:
    assert split_by_email(drafts_of(["a", "b"], has_email=True) + drafts_of(["c"])) == (2, 1)


@given(keys=KEYS, existing=EXISTING, room=st.integers(0, 12), first=st.integers(1, 60_000))
def test_each_lead_sent_leads_to_its_entry(
    keys: list[str], existing: dict[str, int], room: int, first: int
) -> None:
    selection = select_leads(drafts_of(keys), existing, room)
    stored = {first + number: draft.key for number, draft in enumerate(selection.accepted)}
    sequences = sequences_by_place(len(keys), first, selection.left_out)
    assert len(sequences) == len(keys)
    for key, sequence in zip(keys, sequences, strict=True):
        assert (sequence is None) == (key not in stored.values())
        assert sequence is None or stored[sequence] == key


def test_suppressed_lead_is_left_out_before_all_else_and_is_no_first_of_its_key() -> None:
    selection = select_leads(drafts_of(list("aab")), {"b": 7}, 10, suppressed={0, 2})
    assert [draft.place for draft in selection.accepted] == [1]
    assert selection.left_out == [Fate(0, LeftOut.SUPPRESSED), Fate(2, LeftOut.SUPPRESSED)]
