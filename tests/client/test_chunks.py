from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from leadyard_client import chunks
from leadyard_client.chunks import split


def leads(count: int) -> list[dict[str, Any]]:
    return [{"email": f"p{number}@example.com", "n": number} for number in range(count)]


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (6, [3, 3])])
def test_leads_come_in_batches_in_their_order(count: int, sizes: list[int]) -> None:
    made = list(split(leads(count), 3))
    assert [chunk.count for chunk in made] == sizes
    assert [chunk.offset for chunk in made] == [sum(sizes[:place]) for place in range(len(sizes))]
    assert [lead for chunk in made for lead in json.loads(chunk.array)] == leads(count)


def test_batch_is_no_larger_than_the_service_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MAX_BYTES", 100)
    made = list(split([{"note": "x" * 40}] * 5))
    assert [chunk.count for chunk in made] == [1, 1, 1, 1, 1]
    assert [chunk.count for chunk in split([{"note": "x" * 20}] * 5)] == [3, 2]


def test_leads_are_taken_as_they_are_needed() -> None:
    endless = ({"email": f"p{number}@example.com"} for number in itertools.count())
    assert next(split(endless, 2)).count == 2


def test_body_has_other_members_beside_the_leads() -> None:
    (chunk,) = split(leads(1))
    assert json.loads(chunk.body(type="email")) == {"type": "email", "leads": leads(1)}
    assert json.loads(chunk.body()) == {"leads": leads(1)}


def test_number_that_is_none_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        list(split([{"score": float("nan")}]))
