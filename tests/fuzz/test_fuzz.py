"""A short form of `make fuzz`."""

from __future__ import annotations

from tests.fuzz.run import run_fuzz
from tests.support.installation import Service

SEED = 1
REQUESTS = 800


async def test_no_request_gets_an_answer_outside_the_contract(service: Service) -> None:
    report = await run_fuzz(service, SEED, REQUESTS)
    assert report.wrong == []
    assert report.requests == REQUESTS
    assert {200, 202, 400, 401, 404, 405, 413, 415} <= report.statuses.keys()
