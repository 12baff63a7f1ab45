"""Processes share the calls that a provider takes at once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.sharing import Share, find_share


@dataclass(slots=True)
class Process:
    """One that asks: its share, its calls under way, and how many more it would make."""

    slots: int = 0
    under_way: int = 0
    waiting: int = 0

    def renew(self, most: int, others: list[Process]) -> None:
        """Takes a new share, and begins what it may."""
        shares = [Share(each.slots, each.under_way + each.waiting) for each in others]
        held = Share(self.under_way, self.under_way + self.waiting)
        self.slots = find_share(most, held, shares, has_had_turn=self.slots > 0)
        begun = min(self.waiting, self.slots - self.under_way)
        self.under_way += begun
        self.waiting -= begun


@given(
    most=st.integers(1, 9),
    steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 9)), max_size=60),
)
def test_all_together_never_have_more_calls_than_the_provider_takes(
    most: int, steps: list[tuple[int, int, int]]
) -> None:
    processes = [Process() for _ in range(4)]
    for place, waiting, ended in steps:
        process = processes[place]
        process.waiting += waiting
        process.under_way -= min(process.under_way, ended)
        process.renew(most, [each for each in processes if each is not process])
        assert process.under_way <= process.slots
        assert sum(each.slots for each in processes) <= most


def test_who_asks_alone_gets_all_and_no_more_than_is_wanted() -> None:
    assert find_share(64, Share(0, 100), []) == 64
    assert find_share(64, Share(0, 3), []) == 3


def test_who_comes_second_gets_half_as_calls_end() -> None:
    assert find_share(64, Share(0, 100), [Share(64, 200)]) == 0
    assert find_share(64, Share(50, 200), [Share(0, 100)]) == 50
    assert find_share(64, Share(10, 200), [Share(0, 100)]) == 32
    assert find_share(64, Share(0, 100), [Share(32, 200)]) == 32


def test_who_wants_little_leaves_the_rest_to_others() -> None:
    assert find_share(64, Share(64, 200), [Share(0, 4)]) == 64
    assert find_share(64, Share(10, 200), [Share(4, 4)]) == 60


@pytest.mark.parametrize("most", [1, 2])
def test_where_calls_are_fewer_than_processes_each_has_its_turn(most: int) -> None:
    processes = [Process(waiting=10) for _ in range(3)]
    while any(each.waiting or each.under_way for each in processes):
        for process in processes:
            process.under_way = 0
            process.renew(most, [each for each in processes if each is not process])
        assert max(each.waiting for each in processes) - min(each.waiting for each in processes) <= 2
