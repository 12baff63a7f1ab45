"""How much of a call to a provider the spending limits leave room for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leadyard.domain.provider_calls import MILLI, Question, Spent
from leadyard.domain.waterfall import SpendingLimits


def room_left(
    limits: SpendingLimits, spent: Spent, provider: str, groups: Iterable[str]
) -> tuple[int, str] | None:
    """The least room that a limit leaves, in thousandths, and the limit's name; None without a limit."""
    return min(_rooms(limits, spent, [provider], groups), default=None)


def fitting(questions: list[Question], room: int) -> list[Question]:
    """The questions whose cost fits, whatever is found; each one before those after it."""
    fit = []
    for question in questions:
        if question.most_cost <= room:
            room -= question.most_cost
            fit.append(question)
    return fit


def _rooms(
    limits: SpendingLimits, spent: Spent, providers: Iterable[str], groups: Iterable[str]
) -> Iterator[tuple[int, str]]:
    if limits.day is not None:
        yield _room(limits.day, spent.today), "day"
    if limits.list is not None:
        yield _room(limits.list, spent.for_list), "list"
    for provider in providers:
        if provider in limits.providers:
            room = _room(limits.providers[provider], spent.by_provider.get(provider, 0))
            yield room, f"provider {provider}"
    for group in groups:
        if group in limits.groups:
            yield _room(limits.groups[group], spent.by_group.get(group, 0)), f"group {group}"


def _room(limit: float, spent: int) -> int:
    return round(limit * MILLI) - spent
