"""What the database itself refuses, whatever the code above it does."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from tests.support.workbench import Workbench, linkedin_leads

REFUSED = {
    "a list over its capacity": "UPDATE lead_lists SET entry_count = capacity + 1",
    "fewer leads than none": "UPDATE lead_lists SET entry_count = -1",
    "more leads in work than there are": "UPDATE lead_lists SET queued = 1, processing = 1, done = 1",
    "a counter below zero": "UPDATE lead_lists SET processing = -1",
    "an unknown list status": "UPDATE lead_lists SET status = 'finished'",
    "an unknown list type": "UPDATE lead_lists SET type = 'people'",
    "the same key twice in a list": "UPDATE lead_list_entries SET key = 'same'",
    "an unknown entry status": "UPDATE lead_list_entries SET status = 'finished'",
    "a balance below zero": "UPDATE credit_balances SET balance = -1, held = -1",
    "a hold below zero": "UPDATE credit_balances SET held = -1",
    "more held than there is": "UPDATE credit_balances SET held = balance + 1",
    "a third kind of credit": "UPDATE credit_balances SET kind = 'gold' WHERE kind = 'email'",
    "an addition that holds less than nothing": "UPDATE additions SET phone_held = -1",
    "the same charge twice": "UPDATE credit_entries SET charge_key = 'same'",
    "a charge of nobody": "UPDATE credit_entries SET admin_id = NULL",
    "a second workspace of one kind": "UPDATE workspaces SET mode = 'live'",
    "a third role": "UPDATE users SET role = 'owner'",
    "a key of a user that is not there": "UPDATE api_keys SET user_id = 987654321",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
async def test_database_refuses(bench: Workbench, statement: str) -> None:
    await bench.create(linkedin_leads("a", "b"))
    with pytest.raises(IntegrityError):
        await bench.write(statement)
