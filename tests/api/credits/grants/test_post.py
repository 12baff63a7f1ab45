"""Granting credits."""

from __future__ import annotations

from tests.api.support import faults_of, member, missing, post_text, require_error, unsupported
from tests.support.installation import ADMIN_EMAIL, Client, Service


async def test_grant_is_a_line_of_the_ledger_and_can_be_spent_at_once(client: Client) -> None:
    body = {"kind": "phone", "amount": 12.5, "reason": "invoice 7"}
    answer = await client.post("/credits/grants", json=body)
    assert answer.status_code == 201
    entry = answer.json()
    assert entry == {
        "object": "credit_entry",
        "id": entry["id"],
        "kind": "phone",
        "amount": 12.5,
        "reason": "grant",
        "note": "invoice 7",
        "user": ADMIN_EMAIL,
        "lead_list_id": None,
        "entry_id": None,
        "created_at": entry["created_at"],
    }
    assert (await client.get("/credits/entries?page[size]=1")).json()["entries"] == [entry]
    balances = (await client.get("/credits")).json()
    assert (balances["phone"]["available"], balances["email"]["available"]) == (100_012.5, 100_000)


async def test_amount_has_at_most_three_decimals_however_it_is_written(client: Client) -> None:
    shown = {
        "0.001": "0.001",
        "1": "1",
        "1.0": "1",
        "1.5e1": "15",
        "2E-3": "0.002",
        "0.1230000000000000000000000000000000000": "0.123",
        "999999999.999": "999999999.999",
        "1000000000": "1000000000",
    }
    for amount, text in shown.items():
        body = f'{{"kind": "email", "amount": {amount}, "reason": "more"}}'
        answer = await post_text(client, "/credits/grants", body)
        assert answer.status_code == 201, (amount, answer.text)
        assert f'"amount":{text},' in answer.text


async def test_amount_that_is_none_is_refused(client: Client) -> None:
    amounts = (
        *(
            "0",
            "-1",
            "0.0",
            "0.0005",
            "1.0001",
            "1000000000.001",
            "1000000001",
            '"1"',
            "true",
            "[1]",
            "{}",
            '""',
        ),
        *("1e400", "1e-400", "1e999999999999", "1e-999999999999", "1e99999999999999999999", "9" * 5_000),
        *("0.12300000000000000000000000000000001", "[" * 500 + "]" * 500),
    )
    for amount in amounts:
        body = f'{{"kind": "email", "amount": {amount}, "reason": "more"}}'
        answer = await post_text(client, "/credits/grants", body)
        require_error(answer, "unsupported_value", unsupported("amount"), pointer="/amount")
    assert (await client.get("/credits")).json()["email"]["balance"] == 100_000


async def test_every_fault_is_told(client: Client) -> None:
    assert faults_of(await client.post("/credits/grants", json={})) == [
        ("/kind", missing("kind")),
        ("/amount", missing("amount")),
        ("/reason", missing("reason")),
    ]
    body = {"extra": 1, "reason": "\u0000", "amount": None, "kind": "fax"}
    assert faults_of(await client.post("/credits/grants", json=body)) == [
        ("/extra", unsupported("extra")),
        ("/reason", unsupported("reason")),
        ("/amount", missing("amount")),
        ("/kind", "'fax' is not a supported kind."),
    ]


async def test_key_of_a_member_may_not_grant(client: Client, service: Service) -> None:
    async with member(service) as mia:
        for body in ({"kind": "email", "amount": 1, "reason": "more"}, {}):
            answer = await mia.post("/credits/grants", json=body)
            require_error(answer, "forbidden", "This key lacks the scope credits:grant.")
        assert (await mia.get("/credits/entries")).status_code == 200
    assert (await client.get("/credits")).json()["email"]["balance"] == 100_000
