"""A file of leads from its upload to its list."""

from __future__ import annotations

from tests.api.imports.support import check, start, upload
from tests.support.installation import ADMIN_EMAIL, Client, Service, add_leads, create_list

MESSY = (
    "Quarterly export\n"
    "\n"
    "Work Email;Full Name;Note\n"
    "anna@acme.example;Anna Müller;'=1+1\n"
    "ANNA@acme.example ;Anna again;\n"
    "\n"
    "ben(at)acme.example;Ben;call\n"
    ";Nobody;\n"
    "cem@acme.example;Cem;x;beyond\n"
    "dora@acme.example;Dora;\n"
    "eve@gone.example;Eve;\n"
)


async def test_messy_file_becomes_a_list(service: Service, client: Client) -> None:
    await client.post("/excluded-domains", json={"excluded_domains": ["gone.example"]})
    uploaded = await upload(client, MESSY.encode("cp1252"), "C:\\files\\Q3 outbound.csv")
    assert uploaded["status"] == "uploaded"
    assert (uploaded["header_row"], uploaded["type"], uploaded["encoding"]) == (3, "email", "cp1252")
    assert (uploaded["file_name"], uploaded["new_list"]["name"]) == ("Q3 outbound.csv", "Q3 outbound")
    columns = [(column["name"], column["field"]) for column in uploaded["columns"]]
    assert columns[:3] == [("Work Email", "email"), ("Full Name", "full_name"), ("Note", "data")]
    assert uploaded["columns"][1]["samples"] == ["Anna Müller", "Anna again", "Ben"]

    plan = {"name": "Q3", "owner": ADMIN_EMAIL, "shared": True, "options": {"validate_email": True}}
    checked = await check(service, client, uploaded["id"], new_list=plan)
    counts = {name: count for name, count in checked["counts"].items() if count}
    assert counts == {"ready": 3, "faulty": 2, "duplicate_in_file": 1, "suppressed": 1}
    assert checked["cost"]["email"] == {"least": 3, "most": 3}

    faulty = (await client.get(f"/imports/{uploaded['id']}/rows?verdict=faulty")).json()["rows"]
    assert [(row["row"], row["faults"]) for row in faulty] == [
        (7, [{"field": "email", "column": "Work Email", "detail": "email cannot be used"}]),
        (8, [{"field": "email", "column": "Work Email", "detail": "no email"}]),
    ]
    mended = await client.patch(
        f"/imports/{uploaded['id']}/rows/7", json={"cells": {"Work Email": "ben@acme.example"}}
    )
    assert (mended.json()["verdict"], mended.json()["faults"]) == ("ready", [])
    left_out = await client.patch(f"/imports/{uploaded['id']}/rows/10", json={"left_out": True})
    assert left_out.json()["verdict"] == "left_out"

    done = await start(service, client, uploaded["id"])
    counts = {name: count for name, count in done["counts"].items() if count}
    assert (done["status"], done["lead_list_name"]) == ("completed", "Q3")
    assert counts == {"added": 3, "faulty": 1, "left_out": 1, "duplicate_in_file": 1, "suppressed": 1}
    made = await service.until_completed(client, done["lead_list_id"])
    assert [lead["email"] for lead in made["leads"]] == [
        "anna@acme.example",
        "ben@acme.example",
        "cem@acme.example",
    ]
    assert made["leads"][0]["data"] == {"full_name": "Anna Müller", "Note": "=1+1"}

    refused = (await client.get(f"/imports/{uploaded['id']}/refused")).text.splitlines()
    assert refused[0].startswith("Import row,Import problem,Work Email,Full Name,Note")
    assert [line.split(",")[:3] for line in refused[1:]] == [
        ["5", "is there twice in the file", "ANNA@acme.example "],
        ["8", "no email", ""],
        ["10", "was left out", "dora@acme.example"],
        ["11", "is excluded", "eve@gone.example"],
    ]
    again = await upload(client, "\n".join(refused), "refused.csv")
    assert [column["field"] for column in again["columns"]][:3] == ["skip", "skip", "email"]


async def test_rows_join_a_list_that_is_there(service: Service, client: Client) -> None:
    there = await create_list(client, "email", [{"email": "anna@acme.example"}])
    uploaded = await upload(client, "Email\nanna@acme.example\nben@acme.example\n")
    checked = await check(service, client, uploaded["id"], lead_list_id=there["id"])
    assert (checked["counts"]["duplicate_in_list"], checked["counts"]["ready"]) == (1, 1)
    await add_leads(client, there["id"], "email", [{"email": "ben@acme.example"}])
    done = await start(service, client, uploaded["id"])
    assert (done["counts"]["duplicate_in_list"], done["counts"]["added"]) == (2, 0)
