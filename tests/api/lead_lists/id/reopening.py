"""Lists as they are after a time in which providers were away, or long ago."""

from __future__ import annotations

from typing import Any

import httpx2
from tests.api.support import execute
from tests.support.installation import Client, Service, create_list

ALL_BUT_PHONES = {"enrich": True, "validate_email": True}


async def post(client: Client, list_id: str, action: str, **body: Any) -> httpx2.Response:
    """The answer to an action on a list."""
    return await client.post(f"/lead-lists/{list_id}/{action}", json=body)


def people(*slugs: str) -> list[dict[str, str]]:
    """Leads of a LinkedIn list."""
    return [{"linkedin_url": f"linkedin.com/in/{slug}"} for slug in slugs]


async def create_without_phones(service: Service, client: Client, *slugs: str) -> str:
    """A completed list whose phone numbers nobody could be asked for."""
    made = await create_list(client, "linkedin", people(*slugs), options=ALL_BUT_PHONES)
    await service.until_completed(client, made["id"])
    await service.rest()
    await execute(service, "UPDATE additions SET reveal_phone_numbers = true")
    await execute(
        service,
        """UPDATE lead_list_entries SET findings =
        replace(findings, '"reveal":"skipped"', '"reveal":"unavailable"')""",
    )
    return str(made["id"])


async def fail(service: Service, *sequences: int) -> None:
    """Entries of the only list that are done become failed, as if their chunk had been given up."""
    for sequence in sequences:
        await execute(
            service,
            "UPDATE lead_list_entries SET status = 'failed', findings = NULL WHERE sequence = :sequence",
            sequence=sequence,
        )
    count = {"count": len(sequences)}
    await execute(service, "UPDATE lead_lists SET done = done - :count, failed = failed + :count", **count)


async def pass_a_year(service: Service, sequence: int | None = None) -> None:
    """What was heard about an entry, or about all, and what was paid for, was so last year."""
    year = int(await service.query_one("SELECT max(created_at) FROM lead_lists")) // 31_556_952_000 + 1970
    for member in ("fetched_at", "at"):
        await execute(
            service,
            "UPDATE lead_list_entries SET findings = replace(findings, :now, :then) "
            "WHERE sequence = coalesce(CAST(:sequence AS integer), sequence)",
            now=f'"{member}":"{year}',
            then=f'"{member}":"{year - 1}',
            sequence=sequence,
        )
    await execute(service, "UPDATE person_charges SET charged_at = charged_at - 31556952000")


async def read_charges(client: Client) -> list[tuple[str, float]]:
    """Reason and amount of every charge, the first first."""
    entries = (await client.get("/credits/entries?page[size]=1000")).json()["entries"]
    return [(entry["reason"], -entry["amount"]) for entry in reversed(entries) if entry["amount"] < 0]
