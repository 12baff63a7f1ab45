"""Keys: who is let in, and that every kind of bad key is answered the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.api.support import (
    UNKNOWN_ID,
    add_key,
    add_user,
    call_raw,
    error_body,
    execute,
    member,
    require_error,
    stranger,
)
from tests.support.installation import LIVE_KEY, TEST_KEY, Client, Service, create_list, make_settings
from tests.support.outage import until_threads_have_answered

from leadyard.actions.access import Doorkeeper, make_digest
from leadyard.app import build
from leadyard.domain.accounts import Mode, Role
from leadyard.domain.api_keys import compose_key
from leadyard.domain.errors import DatabaseAway, Unauthorized
from leadyard.settings import InvalidSetting
from leadyard.storage import accounts as account_rows
from leadyard.storage import api_keys as key_rows
from leadyard.storage.database import Database
from leadyard.worker.embedded import EmbeddedDispatcher

UNAUTHORIZED = error_body("unauthorized", "Missing or invalid API key.")
ENDPOINTS = [
    ("POST", "/lead-lists"),
    ("GET", "/lead-lists"),
    ("GET", f"/lead-lists/{UNKNOWN_ID}"),
    ("PATCH", f"/lead-lists/{UNKNOWN_ID}"),
    ("DELETE", f"/lead-lists/{UNKNOWN_ID}"),
    ("POST", f"/lead-lists/{UNKNOWN_ID}/leads"),
    ("POST", f"/lead-lists/{UNKNOWN_ID}/leads?dry_run=true"),
    ("GET", f"/lead-lists/{UNKNOWN_ID}/additions/{UNKNOWN_ID}"),
    ("GET", f"/lead-lists/{UNKNOWN_ID}/entries/{UNKNOWN_ID}"),
    ("GET", "/credits"),
    ("GET", "/credits/entries"),
    ("POST", "/credits/grants"),
    ("POST", "/normalize"),
    ("GET", "/account-info"),
    ("GET", "/users"),
]
BAD_HEADERS = {
    "missing": None,
    "empty": "",
    "scheme alone": "Bearer",
    "scheme and space": "Bearer ",
    "scheme and spaces": "Bearer    ",
    "key alone": TEST_KEY,
    "other scheme": f"Basic {TEST_KEY}",
    "scheme with a suffix": f"Bearerx {TEST_KEY}",
    "unknown key": "Bearer ly_test_" + "x" * 38,
    "unknown prefix": "Bearer " + "x" * 46,
    "key cut off": f"Bearer {TEST_KEY[:-1]}",
    "key with more": f"Bearer {TEST_KEY}t",
    "key in capitals": f"Bearer {TEST_KEY.upper()}",
    "two keys": f"Bearer {TEST_KEY} {LIVE_KEY}",
    "two headers in one": f"Bearer {TEST_KEY}, Bearer {LIVE_KEY}",
    "latin": f"Bearer {TEST_KEY[:-1]}é",
    "ten kilobytes": "Bearer ly_test_" + "x" * 10_000,
    "quoted": f'Bearer "{TEST_KEY}"',
}


async def status_of(service: Service, key: str) -> int:
    """How a key that nobody has remembered is answered."""
    async with Service(service.installation).client(key) as client:
        return (await client.get("/account-info")).status_code


async def test_every_kind_of_bad_key_is_answered_the_same(service: Service) -> None:
    for name, value in BAD_HEADERS.items():
        headers = {} if value is None else {"Authorization": value}
        answer = await call_raw(service, "GET", "/account-info", headers=headers)
        assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED), name
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_every_endpoint_asks_for_a_key_before_anything_else(service: Service) -> None:
    async with service.client(None) as nobody:
        for method, path in ENDPOINTS:
            answer = await nobody.request(method, path, content=b"{", headers={"Content-Type": "text/plain"})
            assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED), path


async def test_scheme_may_be_written_in_any_letter_case_and_spaces_do_not_count(service: Service) -> None:
    for value in (f"bearer {TEST_KEY}", f"BEARER {TEST_KEY}", f"Bearer   {TEST_KEY} "):
        answer = await call_raw(service, "GET", "/account-info", headers={"Authorization": value})
        assert answer.status_code == 200, value


async def test_revoked_key_is_not_let_in(service: Service) -> None:
    key = "ly_test_" + "r" * 38
    async with service.installation.database.write() as tx:
        account = await account_rows.find_first_account(tx)
        assert account is not None
        workspace_id = await account_rows.get_workspace_id(tx, account.row_id, Mode.TEST)
        user = await add_user(tx, "mia@acme.example")
        key_id = await add_key(tx, service, workspace_id, user, key, Role.MEMBER)
    assert await status_of(service, key) == 200
    async with service.installation.database.write() as tx:
        found = await key_rows.find_key(tx, workspace_id, key_id)
        assert found is not None
        assert await key_rows.revoke_key(tx, found.row_id)
    assert await status_of(service, key) == 401
    assert await status_of(service, TEST_KEY) == 200


async def test_mistyped_key_is_refused_before_the_database_is_asked(tmp_path: Path) -> None:
    nowhere = Database(f"sqlite+aiosqlite:///{tmp_path}/missing/leadyard.db", EmbeddedDispatcher())
    doorkeeper = Doorkeeper(nowhere, make_digest(b"secret"))
    key = compose_key(Mode.TEST, "r" * 32)
    with pytest.raises(Unauthorized):
        await doorkeeper.admit(key[:8] + "R" + key[9:])
    for sound in (key, TEST_KEY):
        with pytest.raises(DatabaseAway):
            await doorkeeper.admit(sound)
    await nowhere.close()
    await until_threads_have_answered()


def test_mistyped_key_in_the_settings_stops_the_start(tmp_path: Path) -> None:
    key = compose_key(Mode.TEST, "r" * 32)
    build(make_settings(tmp_path, API_KEY=key))
    with pytest.raises(InvalidSetting, match="LEADYARD_API_KEY"):
        build(make_settings(tmp_path, API_KEY=key[:8] + "R" + key[9:]))


async def test_key_of_a_disabled_user_is_not_let_in(service: Service) -> None:
    async with member(service):
        pass
    key = "ly_test_" + "m" * 38
    assert await status_of(service, key) == 200
    await execute(service, "UPDATE users SET status = 'disabled' WHERE email = 'mia@acme.example'")
    assert await status_of(service, key) == 401


async def test_keys_are_not_stored(service: Service) -> None:
    stored = await service.query("SELECT * FROM api_keys")
    assert len(stored) == 2
    assert not any(key in str(value) for key in (TEST_KEY, LIVE_KEY) for row in stored for value in row)


async def test_health_and_metrics_need_no_key(service: Service) -> None:
    async with service.client(None) as nobody:
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await nobody.get(path)).status_code == 200


async def test_what_is_not_there_is_not_found_without_a_key_too(service: Service) -> None:
    async with service.client(None) as nobody:
        require_error(await nobody.get("/nothing"), "not_found", "Could not find this resource.")


async def test_nothing_of_another_account_or_workspace_is_found(
    client: Client, live_client: Client, service: Service
) -> None:
    path = f"/lead-lists/{(await create_list(client, 'email', [{'email': 'j@acme.example'}]))['id']}"
    leads = {"type": "email", "leads": []}
    added = await client.post(f"{path}/leads", json=leads)
    async with stranger(service) as foreign:
        for caller in (live_client, foreign):
            for answer in (
                await caller.get(path),
                await caller.patch(path, json={}),
                await caller.delete(path),
                await caller.post(f"{path}/leads", json=leads),
                await caller.post(f"{path}/leads?dry_run=true", json=leads),
                await caller.get(added.headers["location"]),
            ):
                require_error(answer, "not_found", "Could not find lead list.")
            assert (await caller.get("/lead-lists")).json()["lead_lists"] == []
