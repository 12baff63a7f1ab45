"""Bodies that are no JSON in UTF-8, and texts that a database cannot hold."""

from __future__ import annotations

import gc
import gzip
import json
import logging
import resource
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from tests.api.support import faults_of, post_text, require_error, unsupported
from tests.support.installation import Client, Service, add_leads, create_list, list_body

from leadyard.api.admission import LARGE_BYTES
from leadyard.api.utf8 import NotUtf8, Utf8Check
from leadyard.domain.drafting import LazyDrafts
from leadyard.domain.lead_lists import SMALL_CHUNK

NO_JSON = "is not valid JSON ("
MALFORMED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", NO_JSON),
    "white space": (b" \n", NO_JSON),
    "a word": (b"hello", NO_JSON),
    "an array": (b"[]", "must be a JSON object."),
    "a string": (b'"{}"', "must be a JSON object."),
    "a number": (b"5", "must be a JSON object."),
    "null": (b"null", "must be a JSON object."),
    "byte order mark": (b"\xef\xbb\xbf{}", NO_JSON),
    "utf-16": ("{}".encode("utf-16"), "is not valid UTF-8 (byte 0)."),
    "invalid utf-8": (b'{"a": "\xff"}', "is not valid UTF-8 (byte 7)."),
    "overlong utf-8": (b'{"a": "\xc0\x80"}', "is not valid UTF-8 (byte 7)."),
    "surrogate in utf-8": (b'{"a": "\xed\xa0\x80"}', "is not valid UTF-8 (byte 7)."),
    "invalid utf-8 far behind": (
        b'{"a": "' + b"\xc3\xa9" * 40_000 + b'\xff"}',
        "is not valid UTF-8 (byte 80007).",
    ),
    "cut off in a character": (b'{"a": "' + b"\xe2\x82", "is not valid UTF-8 (byte 7)."),
    "lone high surrogate": (rb'{"a": "\ud800"}', NO_JSON),
    "lone low surrogate": (
        rb'{"a": "\udc00"}',
        NO_JSON,
    ),
    "lone surrogate in a name": (rb'{"leads": [{"a\ud800": 1}]}', NO_JSON),
    "not a number": (b'{"a": NaN}', NO_JSON),
    "infinity": (b'{"leads": [{"a": -Infinity}]}', NO_JSON),
    "leading zero": (b'{"leads": [{"a": 01}]}', NO_JSON),
    "control character": (b'{"a": "b\nc"}', NO_JSON),
    "nul": (b'{"a": "\0"}', NO_JSON),
    "unknown escape": (rb'{"a": "\x41"}', NO_JSON),
    "single quotes": (b"{'a': 1}", NO_JSON),
    "trailing comma": (b'{"a": 1,}', NO_JSON),
    "trailing garbage": (b"{} x", NO_JSON),
    "two documents": (b"{}{}", NO_JSON),
    "cut off": (b'{"type": "email", "leads": [', NO_JSON),
    "nested too deep": (b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}", "is nested too deep."),
}


def require_malformed(answer: httpx2.Response, reason: str) -> None:
    """The answer is one error about the whole body, whose text begins with the reason."""
    detail = answer.json()["_errors"][0]["detail"]
    require_error(answer, "unsupported_value", detail, pointer="")
    assert detail.startswith(f"The request body {reason}")
    assert detail.endswith(".")


async def test_malformed_body_is_refused_with_the_reason(client: Client) -> None:
    list_id = (await create_list(client, "email"))["id"]
    for body, reason in MALFORMED.values():
        require_malformed(await post_text(client, f"/lead-lists/{list_id}/leads", body), reason)


@pytest.mark.parametrize("shift", range(4))
def test_characters_of_several_bytes_are_read_wherever_they_are(shift: int) -> None:
    text = b"a" * shift + "😀".encode() * 400_000
    check = Utf8Check(text)
    assert check.look_on()
    check.finish()
    assert not check.look_on()
    with pytest.raises(NotUtf8) as caught:
        Utf8Check(text + b"\xf0\x9f").finish()
    assert f"byte {len(text)}" in caught.value.faults[0].detail


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_every_endpoint_with_a_body_refuses_a_malformed_one(client: Client) -> None:
    path = f"/lead-lists/{(await create_list(client, 'email'))['id']}"
    headers = {"Content-Type": "application/json"}
    for method, target in (
        ("POST", "/lead-lists"),
        ("PATCH", path),
        ("POST", f"{path}/leads"),
        ("POST", f"{path}/leads?dry_run=true"),
        ("POST", "/credits/grants"),
        ("POST", "/normalize"),
    ):
        for body, reason in MALFORMED.values():
            answer = await client.request(method, target, content=body, headers=headers)
            require_malformed(answer, reason)


async def test_nul_characters_are_refused_or_kept_but_never_a_failure(client: Client) -> None:
    created = await create_list(client, "email")
    path = f"/lead-lists/{created['id']}"
    nul = "a\u0000b"
    leads: list[Any] = [{"email": "jane@acme.example", "title": nul, "x": nul, nul: nul}]
    assert (await add_leads(client, created["id"], "email", leads)).status_code == 202
    (entry,) = (await client.get(path)).json()["leads"]
    assert (entry["title"], entry["data"]) == (nul, {"x": nul, nul: nul})
    urls = [{"linkedin_url": f"linkedin.com/in/{nul}"}, {"linkedin_url": "linkedin.com/in/a%00b"}]
    titles = [{"title": nul, "company_name": nul}, {"title": "CTO", "company_domain": f"{nul}.example"}]
    answers = [
        await client.post("/lead-lists", json=list_body("linkedin", urls)),
        await client.post("/lead-lists", json=list_body("titles_and_company", titles)),
        await client.post("/lead-lists", json=list_body("email", [{"email": f"{nul}@acme.example"}])),
        await client.post("/lead-lists", json=list_body("email", [], name=nul)),
        await client.post("/lead-lists", json=list_body("email", [], owner=f"{nul}@acme.example")),
        await client.post("/lead-lists", json=list_body(nul, [])),
        await client.post("/lead-lists", json={**list_body("email", []), nul: 1}),
        await client.patch(path, json={"name": nul}),
        await client.patch(path, json={"owner": nul}),
        await client.patch(path, json={"status": nul}),
        await client.post("/credits/grants", json={"kind": nul, "amount": nul, "reason": nul}),
        await client.get("/lead-lists/%00"),
        await client.get(f"{path}%00"),
        await client.get(f"{path}/additions/%00"),
        await client.get(f"{path}?page[after]=%00"),
        await client.get("/lead-lists?page[before]=%00"),
        await client.get("/lead-lists?name=%00&owner_email=%00&owner_id=%00&status=%00"),
        await client.get("/users?page[after]=%00"),
        await client.get("/credits/entries?page[after]=%00"),
        await client.get("/credits/entries?page[size]=%00"),
        await client.get("/%00"),
    ]
    assert {answer.status_code for answer in answers} == {400, 404}


async def test_title_and_company_are_told_apart_by_what_is_not_a_control_character(client: Client) -> None:
    created = await create_list(client, "titles_and_company")
    leads = [
        {"title": "C\u0000TO", "company_name": "Ac\u0000me"},
        {"title": "C TO", "company_name": "Ac me"},
    ]
    answer = await add_leads(client, created["id"], "titles_and_company", leads)
    assert answer.json() == {"total": 2, "total_added_to_lead_list": 1}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_error_tells_the_beginning_of_a_long_name(client: Client) -> None:
    long, cut = "~" * 1_000_000, "~" * 100
    for path, body, name, pointer in (
        ("/lead-lists", {"name": "x", "type": "email", long: 1}, cut, "/" + "~0" * 100),
        ("/lead-lists", {"name": "x", "type": "email", "options": {long: True}}, "options.", "/options/"),
        (
            "/excluded-emails",
            {"excluded_emails": [{"email": "a@b.example", long: 1}]},
            "excluded_emails[0].",
            "/excluded_emails/0/",
        ),
    ):
        answer = await client.post(path, json=body)
        assert answer.status_code == 400
        assert len(answer.content) < 2_000
        faults = {error["source"]["pointer"]: error["detail"] for error in answer.json()["_errors"]}
        [(found, detail)] = [item for item in faults.items() if "~" in item[0]]
        assert found == (pointer if pointer.endswith("~0") else pointer + "~0" * 100)
        assert detail == unsupported((name + cut)[:100])


def in_parts(body: bytes, size: int) -> AsyncIterator[bytes]:
    """A body that the client does not have at once."""

    async def cut() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    return cut()


def wide_leads(count: int) -> list[dict[str, str]]:
    """Leads of a kilobyte and more in characters of one to four bytes."""
    return [{"email": f"a{n}@firm.example", "note": f"{n} aéя株🚀[{{" * 60} for n in range(count)]


@pytest.mark.parametrize("size", [100_000, 1_048_576, 5_000_000])
@pytest.mark.parametrize("is_announced", [True, False])
async def test_large_body_is_read_as_it_was_sent(
    service: Service, client: Client, size: int, is_announced: bool
) -> None:
    made = await create_list(client, "email", [])
    leads = wide_leads(3_000)
    body = json.dumps({"type": "email", "leads": leads}, ensure_ascii=False).encode()
    assert len(body) > 2 * LARGE_BYTES
    headers = {"Content-Type": "application/json"}
    if is_announced:
        headers["Content-Length"] = str(len(body))
    answer = await client.post(
        f"/lead-lists/{made['id']}/leads", content=in_parts(body, size), headers=headers
    )
    assert answer.json() == {"total": 3_000, "total_added_to_lead_list": 3_000}
    assert answer.status_code == 202
    async with service.installation.database.read() as tx:
        stored = await tx.conn.execute(text("SELECT lead FROM lead_list_entries ORDER BY sequence"))
        assert list(map(json.loads, stored.scalars())) == leads


async def test_large_body_at_fault_is_told_and_keeps_nobody_waiting(client: Client) -> None:
    made = await create_list(client, "email", [])
    body = json.dumps({"type": "email", "leads": wide_leads(3_000)}).encode()

    async def post(content: bytes, **more: str) -> httpx2.Response:
        headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **more}
        return await client.post(
            f"/lead-lists/{made['id']}/leads", content=in_parts(content, 300_000), headers=headers
        )

    for wrong, reason in (
        (body[:-1], "is not valid JSON ("),
        (body[:-3] + b"\xff}]}", f"is not valid UTF-8 (byte {len(body) - 3})."),
    ):
        require_malformed(await post(wrong), reason)
    answer = await post(body.replace(b"a7@", b"a7"))
    require_error(answer, "unsupported_value", unsupported("leads[7].email"), pointer="/leads/7/email")
    packed = gzip.compress(Random(1).randbytes(2 * LARGE_BYTES))
    require_malformed(await post(packed, **{"Content-Encoding": "gzip"}), "is not valid UTF-8 (byte ")
    answer = await post(body)
    assert answer.json() == {"total": 3_000, "total_added_to_lead_list": 3_000}


@pytest.mark.parametrize("known", [0, 3], ids=["new list", "list with leads"])
async def test_fault_behind_leads_that_were_stored_is_told_and_leaves_nothing_behind(
    service: Service, client: Client, known: int
) -> None:
    leads = [{"email": f"a{number}@firm.example"} for number in range(3_000)]
    made = await create_list(client, "email", leads[:known])
    path = f"/lead-lists/{made['id']}"
    additions = await count_rows(service, "additions")
    for place, wrong in ((600, {"email": "a600"}), (2_999, {"title": "none"}), (2_999, {"email": 7})):
        body = {"type": "email", "leads": [*leads[:place], wrong, *leads[place + 1 :]]}
        for target, headers in (
            ("/leads", {}),
            ("/leads", {"Idempotency-Key": "once"}),
            ("/leads?dry_run=true", {}),
        ):
            answer = await client.post(path + target, json=body, headers=headers)
            assert [pointer for pointer, _ in faults_of(answer)] == [f"/leads/{place}/email"]
    assert (await client.get(path)).json()["progress"]["total"] == known
    assert await count_rows(service, "lead_list_entries") == known
    assert await count_rows(service, "additions") == additions
    answer = await add_leads(client, made["id"], "email", leads, idempotency_key="once")
    assert answer.json() == {"total": 3_000, "total_added_to_lead_list": 3_000 - known}


async def test_what_is_wrong_with_leads_comes_before_whether_the_list_takes_them(client: Client) -> None:
    leads = [{"email": f"a{number}@firm.example"} for number in range(2_000)]
    made = await create_list(client, "email", [])
    await client.patch(f"/lead-lists/{made['id']}", json={"status": "canceled"})
    answer = await add_leads(client, made["id"], "email", [*leads, {"email": "nobody"}])
    assert [pointer for pointer, _ in faults_of(answer)] == ["/leads/2000/email"]
    answer = await add_leads(client, made["id"], "email", leads)
    require_error(answer, "conflict", "Lead list is canceled.")


async def test_duplicates_are_found_however_far_apart_they_are(client: Client) -> None:
    leads = [{"email": f"a{number}@firm.example"} for number in range(1_000)]
    again = [{"email": f"A{number}@Firm.Example"} for number in range(1_000)]
    made = await create_list(client, "email", [])
    answer = await add_leads(client, made["id"], "email", [*leads, *again, leads[7]])
    assert answer.json() == {"total": 2_001, "total_added_to_lead_list": 1_000}
    assert (await client.get(answer.headers["Location"])).json()["leads"] == [
        {"index": at, "outcome": "duplicate_in_batch", "duplicate_of": first}
        for at, first in enumerate([*range(1_000), 7], 1_000)
    ]


def not_utf8(leads: list[dict[str, str]], broken: int) -> tuple[bytes, int]:
    """A large body one of whose leads has a byte that is no UTF-8, and where that is."""
    body = json.dumps({"type": "email", "leads": leads}, ensure_ascii=False).encode()
    position = body.index(f"{broken} aé".encode())
    assert len(body) > LARGE_BYTES
    return body[:position] + b"\xff" + body[position + 1 :], position


def long_leads(count: int, length: int) -> list[dict[str, str]]:
    """Leads that nothing is to be looked into for, but whether they are UTF-8."""
    return [{"email": f"a{n}@firm.example", "note": f"{n} aéя株🚀" * length} for n in range(count)]


async def count_rows(service: Service, table: str) -> int:
    """How many rows there are in a table."""
    async with service.installation.database.read() as tx:
        return int((await tx.conn.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


@pytest.mark.parametrize("known", [0, 3])
async def test_large_body_that_is_no_utf_8_leaves_nothing_behind(
    service: Service, client: Client, known: int
) -> None:
    leads = long_leads(2_000, 60)
    made = await create_list(client, "email", leads[1_996 : 1_996 + known])
    path = f"/lead-lists/{made['id']}"
    for broken in (7, 1_999):
        body, position = not_utf8(leads, broken)
        for headers in ({}, {"Idempotency-Key": "once"}):
            answer = await post_text(client, f"{path}/leads", body, **headers)
            require_malformed(answer, f"is not valid UTF-8 (byte {position}).")
        answer = await post_text(client, f"{path}/leads?dry_run=true", body)
        require_malformed(answer, f"is not valid UTF-8 (byte {position}).")
    assert (await client.get(path)).json()["progress"]["total"] == known
    assert await count_rows(service, "lead_list_entries") == known
    answer = await add_leads(client, made["id"], "email", leads, idempotency_key="once")
    assert answer.json() == {"total": 2_000, "total_added_to_lead_list": 2_000 - known}


@pytest.mark.parametrize(("count", "length"), [(2_000, 60), (20, 6_000)], ids=["many", "few"])
async def test_large_body_that_is_no_utf_8_is_told_so_wherever_its_leads_go(
    service: Service, client: Client, count: int, length: int
) -> None:
    leads = long_leads(count, length)
    canceled, *others = [await create_list(client, "email", each) for each in ([], [], leads, leads[-1:])]
    await client.patch(f"/lead-lists/{canceled['id']}", json={"status": "canceled"})
    additions = await count_rows(service, "additions")
    body, position = not_utf8(leads, count - 1)
    for made in (canceled, *others):
        answer = await post_text(client, f"/lead-lists/{made['id']}/leads", body)
        require_malformed(answer, f"is not valid UTF-8 (byte {position}).")
    assert await count_rows(service, "lead_list_entries") == count + 1
    assert await count_rows(service, "additions") == additions


def resident_bytes() -> int:
    """What this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has in memory is read from /proc")
@pytest.mark.parametrize(
    "kind", ["faulty", "other type", "no utf-8", "no utf-8 in a duplicate", "added", "added but for one"]
)
async def test_large_body_is_forgotten_with_its_answer(
    client: Client, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    # What is logged is kept while a test runs, and with an error all that it came by.
    caplog.set_level(logging.ERROR, "psycopg")
    known = {"email": "known@acme.example", "note": "149 aé" * 2_400}
    leads = [*long_leads(149, 1_500), known, *long_leads(250, 1_500)[150:]]
    body, _ = not_utf8(leads, 149)
    if "utf-8" not in kind:
        told = "linkedin" if kind == "other type" else "email"
        sent = [{"email": "nobody"}, *leads] if kind == "faulty" else leads
        body = json.dumps({"type": told, "leads": sent}, ensure_ascii=False).encode()
    elif kind == "no utf-8 in a duplicate":
        body = body.replace(b"known@acme", b"a148@firm")
    made = await create_list(client, "email", [known])
    answers = []
    gc.disable()
    try:
        for number in range(12):
            if number == 2:
                before = resident_bytes()
            sent_now = body.replace(b"@firm.", b"@firm%d." % number) if kind == "added but for one" else body
            answer = await post_text(client, f"/lead-lists/{made['id']}/leads", sent_now)
            answers.append(answer.status_code)
        grown = resident_bytes() - before
    finally:
        gc.enable()
    assert answers == [202 if "added" in kind else 400] * 12
    assert len(body) > 4_000_000
    assert grown < 3 * len(body)


async def test_ten_thousand_leads_of_forty_long_fields_are_taken_escaped(
    client: Client,
) -> None:
    fields = {f"field_{number}": "Руководитель отдела закупок"[number % 5 :] for number in range(39)}
    leads = [{"email": f"a{number}@firm.example", **fields} for number in range(10_000)]
    body = json.dumps({"type": "email", "leads": leads}).encode()
    assert len(body) > 60_000_000
    made = await create_list(client, "email", [])
    answer = await post_text(client, f"/lead-lists/{made['id']}/leads", body)
    assert answer.json() == {"total": 10_000, "total_added_to_lead_list": 10_000}


async def test_many_leads_are_freed_once_the_answer_is_sent(service: Service, client: Client) -> None:
    created = await create_list(client, "email")
    kept: list[int] = []

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def send_watched(message: Any) -> None:
            kept.append(count_kept())
            await send(message)

        await service.api(scope, receive, send_watched)

    transport = httpx2.ASGITransport(app=watched)
    async with Client(transport=transport, base_url=client.base_url, headers=client.headers) as watcher:
        leads = [{"email": f"a{number}@acme.example"} for number in range(SMALL_CHUNK + 1)]
        answer = await add_leads(watcher, created["id"], "email", leads)
    assert answer.status_code == 202
    assert kept == [1, 1]
    assert count_kept() == 0


def count_kept() -> int:
    return sum(isinstance(each, LazyDrafts) for each in gc.get_objects())
