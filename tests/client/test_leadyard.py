"""Every method, against a service behind a real socket."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO

import pytest
from tests.support.installation import ADMIN_EMAIL, TEST_KEY
from tests.support.served import Served

from leadyard_client import (
    Added,
    ConfigurationError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    Gone,
    Leadyard,
    LeadyardError,
    ListFull,
    NotFound,
    PersonNotFound,
    ProviderOrder,
    Unauthorized,
    UnsupportedValue,
    WaitTimedOut,
)
from leadyard_client.errors import make_error
from leadyard_client.faults import Fault


def emails(*names: str) -> list[dict[str, str]]:
    return [{"email": f"{name}@acme.example"} for name in names]


def test_list_is_made_filled_waited_for_and_read(leadyard: Leadyard) -> None:
    made = leadyard.create_list(
        "email", [{"email": "ann@acme.example", "campaign": "spring"}], name="Spring", enrich=True
    )
    assert (made.name, made.type, made.owner, made.options.enrich) == ("Spring", "email", ADMIN_EMAIL, True)
    added = leadyard.add_leads(made.id, "email", emails("joe", "ANN", "joe"))
    assert (added.total, added.total_added_to_lead_list) == (3, 1)
    seen: list[int] = []
    ended = leadyard.wait(
        made, on_progress=lambda told: seen.append(told.progress.finished), poll_seconds=0.05
    )
    assert (ended.status, ended.has_ended, seen[-1]) == ("completed", True, 2)
    ann, joe = leadyard.list_entries(made.id, page_size=1)
    assert (ann.data, joe.status) == ({"campaign": "spring"}, "done")
    assert ann.first_name
    assert ann.phone_numbers == ()
    detail = leadyard.get_entry(made.id, ann.id)
    assert detail.steps.enrich == "found"
    assert detail.history[0].provider == detail.provenance["first_name"].provider == "sandbox"
    addition = leadyard.get_addition(made.id, added.addition_ids[0])
    assert (addition.counts.duplicate_in_list, addition.counts.duplicate_in_batch) == (1, 1)
    assert [lead.index for lead in addition.leads] == [1, 2]
    assert addition.credits.email.spent == 0.5


def test_lists_are_found_and_changed(leadyard: Leadyard) -> None:
    made = [leadyard.create_list("linkedin", name=f"Autumn {number}").id for number in range(3)]
    found = leadyard.list_lists(name="autumn", type="linkedin", shared=True, page_size=2)
    assert [each.id for each in found] == made[::-1]
    changed = leadyard.update_list(made[0], name="Winter", validate_email=True, shared=False)
    assert (changed.name, changed.shared) == ("Winter", False)
    assert (changed.options.validate_email, changed.options.enrich) == (True, False)
    assert leadyard.retry_list(made[0], dry_run=True).total == 0
    assert leadyard.refresh_list(made[0], older_than_days=0).cost.email.most == 0
    leadyard.delete_list(made[0])
    with pytest.raises(Gone):
        leadyard.get_list(made[0])


def many(count: int, bad: int | None = None) -> Iterable[dict[str, str]]:
    for number in range(count):
        yield {"email": "bad" if number == bad else f"p{number}@acme.example"}


def test_more_leads_than_a_request_takes_go_in_batches(leadyard: Leadyard) -> None:
    told: list[Added] = []
    made = leadyard.create_list("email", many(20_001), on_progress=told.append)
    assert [each.total for each in told] == [20_000, 20_001]
    assert made.progress.total == 20_001
    preview = leadyard.preview_leads(made.id, "email", many(10_002))
    assert (preview.total, preview.counts.duplicate_in_list) == (10_002, 10_002)
    again = leadyard.add_leads(made.id, "email", many(10_001))
    assert (again.total, again.total_added_to_lead_list, len(again.addition_ids)) == (10_001, 0, 2)
    leadyard.delete_list(made.id)


def test_same_call_with_the_same_key_adds_nothing_and_tells_the_same(leadyard: Leadyard) -> None:
    made = leadyard.create_list("email")
    first = leadyard.add_leads(made.id, "email", many(10_001), idempotency_key="import-1")
    again = leadyard.add_leads(made.id, "email", many(10_001), idempotency_key="import-1")
    assert (first.replayed, again.replayed) == (0, 10_001)
    assert replace(again, replayed=0) == first
    assert leadyard.get_list(made.id).progress.total == first.total_added_to_lead_list == 10_001
    leadyard.delete_list(made.id)


def test_refused_batch_tells_the_place_among_all_leads_and_what_was_added_before(leadyard: Leadyard) -> None:
    made = leadyard.create_list("email")
    with pytest.raises(UnsupportedValue) as caught:
        leadyard.add_leads(made.id, "email", many(10_020, bad=10_007))
    assert caught.value.pointer == "/leads/10007/email"
    assert caught.value.detail == "Unsupported value provided for field: leads[10007].email"
    assert caught.value.partial is not None
    assert caught.value.partial.total_added_to_lead_list == 10_000
    leadyard.delete_list(made.id)


def test_preview_tells_what_leads_would_come_to_and_cost(leadyard: Leadyard) -> None:
    made = leadyard.create_list("email", emails("ann"), validate_email=True)
    preview = leadyard.preview_leads(made.id, "email", emails("ann", "joe", "joe"))
    assert (preview.total, preview.total_added_to_lead_list) == (3, 1)
    assert (preview.counts.duplicate_in_list, preview.counts.duplicate_in_batch) == (1, 1)
    assert preview.cost.email.most == 1
    assert leadyard.preview_leads(made.id, "email", []).total == 0
    assert leadyard.get_list(made.id).progress.total == 1


def test_emails_are_validated(leadyard: Leadyard) -> None:
    started = leadyard.start_validation(["ann@acme.example", "risky@acme.example"])
    assert leadyard.get_validation(started.id).id == started.id
    assert leadyard.wait(started, poll_seconds=0.05).status == "completed"
    results = leadyard.list_validation_results(started.id, page_size=1)
    assert [result.result for result in results] == ["deliverable", "risky"]
    with pytest.raises(Conflict):
        leadyard.cancel_validation(started.id)


def test_people_are_enriched_in_a_batch(leadyard: Leadyard) -> None:
    leads = [{"email": "ann@acme.example"}, {"email": "notfound@acme.example"}]
    started = leadyard.start_enrichment(leads, reveal_phone_numbers=True)
    assert leadyard.get_enrichment(started.id).id == started.id
    leadyard.wait(started, poll_seconds=0.05)
    ann, nobody = leadyard.list_enrichment_results(started.id)
    assert ann.result
    assert ann.result.phone_numbers[0].number.startswith("+")
    assert (ann.status, nobody.status, nobody.result) == ("enriched", "not_found", None)
    with pytest.raises(Conflict):
        leadyard.cancel_enrichment(started.id)


def test_one_person_and_one_company_are_found(leadyard: Leadyard) -> None:
    person = leadyard.find_person(email="ann@acme.example")
    assert person.company.name
    assert leadyard.find_person(linkedin_url="https://linkedin.com/in/ann", reveal_email=True).email
    with pytest.raises(PersonNotFound):
        leadyard.find_person(email="notfound@acme.example")
    assert leadyard.find_company(domain="acme.example").domain == "acme.example"


def test_credits_are_granted_and_told(leadyard: Leadyard) -> None:
    before = leadyard.get_credits().phone.balance
    granted = leadyard.grant_credits("phone", 2.5, "a gift", idempotency_key="gift-1")
    assert leadyard.grant_credits("phone", 2.5, "a gift", idempotency_key="gift-1") == granted
    assert leadyard.get_credits().phone.balance == before + 2.5
    newest = next(leadyard.list_credit_entries(page_size=1))
    assert (newest.amount, newest.note, newest.kind) == (2.5, "a gift", "phone")


def test_emails_and_domains_are_kept_out(leadyard: Leadyard) -> None:
    assert leadyard.exclude_emails(["out@acme.example"]) == {"out@acme.example": "success"}
    assert [each.email for each in leadyard.list_excluded_emails()] == ["out@acme.example"]
    assert leadyard.include_emails(["out@acme.example"]) == {"out@acme.example": "success"}
    assert leadyard.exclude_domains(["out.example", "out.example"]) == {"out.example": "success"}
    assert [each.domain for each in leadyard.list_excluded_domains()] == ["out.example"]
    assert leadyard.include_domains(["out.example"]) == {"out.example": "success"}


def test_providers_and_their_order_are_told(leadyard: Leadyard) -> None:
    assert "sandbox" in [provider.name for provider in leadyard.list_providers()]
    assert leadyard.get_waterfall().order.person == ("sandbox",)
    made = leadyard.create_list("email")
    assert leadyard.get_list_waterfall(made.id) == ProviderOrder()
    for change in (
        lambda: leadyard.set_provider("hunter", api_key="x"),
        lambda: leadyard.remove_provider("hunter"),
        lambda: leadyard.set_waterfall(order=ProviderOrder(person=("sandbox",))),
        lambda: leadyard.set_list_waterfall(made.id, ProviderOrder()),
    ):
        with pytest.raises(Forbidden):
            change()


def test_account_and_users_are_told(leadyard: Leadyard) -> None:
    assert leadyard.get_account().name == "Leadyard"
    assert [user.email for user in leadyard.list_users()] == [ADMIN_EMAIL]


def test_list_is_written_to_a_file(leadyard: Leadyard) -> None:
    made = leadyard.create_list("email", emails("ann", "joe"))
    file = BytesIO()
    leadyard.export_list(made.id, file, "ndjson", columns=["email", "status"], search="joe")
    (line,) = file.getvalue().splitlines()
    assert json.loads(line)["email"] == "joe@acme.example"
    with pytest.raises(UnsupportedValue) as caught:
        leadyard.export_list(made.id, file, columns=["shoe_size"])
    assert (caught.value.parameter, len(file.getvalue().splitlines())) == ("columns", 1)


def test_identity_of_leads_is_told(leadyard: Leadyard) -> None:
    fine, bad = leadyard.normalize("email", [{"email": " ANN@acme.example"}, {"email": "nobody"}])
    assert (fine.index, fine.key, fine.error) == (0, "ann@acme.example", None)
    assert bad.error
    assert (bad.index, bad.error.pointer) == (1, "/leads/1/email")


def test_anything_else_can_be_asked(leadyard: Leadyard) -> None:
    assert leadyard.request("GET", "/webhooks", query={"page[size]": 1})["webhooks"] == []
    made = leadyard.request("post", "/erasures", {"email": "gone@acme.example"})
    assert made["object"] == "erasure"
    listed = leadyard.create_list("email")
    assert leadyard.request("DELETE", f"/lead-lists/{listed.id}") is None


def test_list_is_paused_and_goes_on(leadyard: Leadyard) -> None:
    made = leadyard.create_list("email", emails("unavailable"), enrich=True)
    paused = leadyard.pause_list(made.id).paused
    assert paused
    assert (paused.reason, paused.until) == ("requested", None)
    with pytest.raises(WaitTimedOut):
        leadyard.wait(made, timeout=0.05, poll_seconds=0.02)
    assert leadyard.resume_list(made.id).paused is None


def test_list_is_canceled(leadyard: Leadyard) -> None:
    made = leadyard.create_list("email", emails("unavailable"), enrich=True)
    leadyard.pause_list(made.id)
    assert leadyard.cancel_list(made.id).status == "canceled"
    with pytest.raises(Conflict, match="Lead list is canceled"):
        leadyard.add_leads(made.id, "email", emails("ann"))


def test_strangers_and_bad_ids_are_told_so(served: Served, leadyard: Leadyard) -> None:
    with Leadyard(served.url, TEST_KEY[:-1] + "x") as stranger, pytest.raises(Unauthorized) as caught:
        stranger.get_account()
    assert caught.value.request_id
    with pytest.raises(NotFound):
        leadyard.get_list("../account-info?x=")


def test_nobody_at_the_address_is_told_after_trying_again() -> None:
    with Leadyard("http://127.0.0.1:1", TEST_KEY, max_retries=1) as leadyard:
        began = time.monotonic()
        with pytest.raises(ConnectionFailed):
            leadyard.get_account()
        assert time.monotonic() - began > 0.2


def test_address_and_key_come_from_the_environment(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADYARD_URL", served.url + "/")
    monkeypatch.setenv("LEADYARD_API_KEY", TEST_KEY)
    with Leadyard() as leadyard:
        assert leadyard.get_account().id
        assert TEST_KEY not in repr(leadyard) + repr(vars(leadyard))
    monkeypatch.delenv("LEADYARD_API_KEY")
    with pytest.raises(ConfigurationError, match="LEADYARD_API_KEY"):
        Leadyard()
    with pytest.raises(ConfigurationError, match="LEADYARD_URL"):
        Leadyard("leads.acme.example", TEST_KEY)


def test_full_list_is_told_from_other_conflicts() -> None:
    full = Fault("conflict", "Conflict", "The maximum of 60,000 leads per list has been reached.", "/leads")
    assert isinstance(make_error([full], 409), ListFull)
    assert issubclass(ListFull, Conflict)
    assert issubclass(Conflict, LeadyardError)
