"""Domain objects as wire shapes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET

from leadyard.actions.leads import AdditionPreview
from leadyard.actions.list_control import Reopening
from leadyard.api.estimate_schemas import CostRange, CostRanges, EstimateView, PreviewView, ReopeningView
from leadyard.api.paging import self_link
from leadyard.api.schemas import (
    AdditionView,
    AskerView,
    BalanceView,
    CreditEntryView,
    CreditsView,
    EmailValidationResult,
    EmailVerificationView,
    EntryDetailView,
    EntryView,
    LeadListView,
    LeftOutView,
    Links,
    OptionsView,
    OutcomeCounts,
    PauseView,
    ProgressView,
    ProvenanceView,
    SpentCredits,
    SpentView,
    StepsView,
    UserView,
    VisitView,
)
from leadyard.domain.accounts import User
from leadyard.domain.additions import Addition, Fate, LeftOut, count_outcomes
from leadyard.domain.credits import MILLI, NOTHING, Balance, Cost, CreditEntry, CreditKind
from leadyard.domain.emails import EmailVerdict
from leadyard.domain.entries import Entry, Provenance, Visit
from leadyard.domain.lead_lists import LeadList, Pause, entry_id
from leadyard.domain.people import Person
from leadyard.domain.shown import show_lead


def credits_of(milli: int) -> int | float:
    """Milli-credits as credits: a whole number where it is one, else up to three decimals."""
    whole, rest = divmod(milli, MILLI)
    return milli / MILLI if rest else whole


def list_view(lead_list: LeadList, public_url: str, links: Links | None = None) -> LeadListView:
    """A list without its leads."""
    options, progress = lead_list.options, lead_list.progress
    return LeadListView(
        id=lead_list.id,
        name=lead_list.name,
        status=lead_list.status.value,
        shared=lead_list.shared,
        visible=lead_list.visible,
        owner=lead_list.owner_email,
        options=OptionsView(options.reveal_phone_numbers, options.validate_email, options.enrich),
        type=lead_list.type.value,
        url=f"{public_url.rstrip('/')}/lists/{lead_list.id}",
        created_at=lead_list.created_at,
        updated_at=lead_list.updated_at,
        progress=ProgressView(
            progress.total, progress.queued, progress.processing, progress.done, progress.failed
        ),
        links=links or self_link(f"/lead-lists/{lead_list.id}"),
        paused=UNSET
        if lead_list.pause is None or lead_list.status.is_terminal
        else _pause_view(lead_list.pause),
    )


def entry_view(lead_list: LeadList, entry: Entry) -> EntryView:
    """A lead as it is known now."""
    lead = show_lead(entry)
    verdict = lead.verdict
    return EntryView(
        id=entry_id(lead_list.id, entry.sequence),
        email=lead.email,
        person_id=lead.person_id,
        linkedin_url=lead.linkedin_url,
        first_name=lead.first_name,
        last_name=lead.last_name,
        title=lead.title,
        company_name=lead.company_name,
        company_domain=lead.company_domain,
        industry=lead.industry,
        phone_numbers=lead.phone_numbers,
        email_validation_result=None
        if verdict is None
        else EmailValidationResult(verdict.email, verdict.result, verdict.catch_all),
        status=entry.status.value,
        data=lead.data,
    )


def entry_detail_view(lead_list: LeadList, entry: Entry) -> EntryDetailView:
    """A lead with how it came to be what it is."""
    view, findings, shown = entry_view(lead_list, entry), entry.findings, entry.shown
    # A value that the caller sent is theirs, whatever a provider said too.
    found = [name for name in shown.provenance if _is_found(name, view, shown.person)]
    return EntryDetailView(
        **msgspec.structs.asdict(view),
        steps=StepsView(
            *(
                None if step is None else step.value
                for step in (findings.enrich, findings.validate, findings.reveal)
            )
        ),
        email_verification=verification_view(shown.verdict) if shown.verdict else None,
        provenance={name: provenance_view(shown.provenance[name]) for name in found},
        history=[visit_view(visit) for visit in shown.history],
        links=self_link(f"/lead-lists/{lead_list.id}/entries/{view.id}"),
    )


def _is_found(name: str, view: EntryView, person: Person | None) -> bool:
    if name == "email_validation_result":
        return True
    shown = getattr(view, name, None)
    return shown is not None and person is not None and shown == _value_of(person, name)


def _value_of(person: Person, name: str) -> object:
    company = {
        "company_name": person.company.name,
        "company_domain": person.company.domain,
        "industry": person.company.industry,
    }
    return company[name] if name in company else getattr(person, name, None)


def verification_view(verdict: EmailVerdict) -> EmailVerificationView:
    """A verdict with its evidence."""
    return EmailVerificationView(
        result=verdict.result,
        reason=verdict.reason,
        is_complete=verdict.is_complete,
        catch_all=verdict.catch_all,
        disposable=verdict.is_disposable,
        role=verdict.is_role,
        free=verdict.is_free,
        mx=verdict.mail_hosts,
        smtp_host=verdict.smtp_host,
        smtp_reply=verdict.smtp_reply,
        checked_at=verdict.checked_at,
    )


def provenance_view(source: Provenance) -> ProvenanceView:
    """The source of a value."""
    return ProvenanceView(
        source.provider, source.fetched_at, source.confidence, source.cost, source.is_cached
    )


def visit_view(visit: Visit) -> VisitView:
    """One provider that was asked."""
    return VisitView(visit.step.value, visit.provider, visit.at, visit.outcome, visit.cost, visit.is_cached)


def outcome_counts(added: int, left_out: Sequence[Fate]) -> OutcomeCounts:
    """Leads by what became of them."""
    counts = {outcome.value: count for outcome, count in count_outcomes(left_out).items()}
    return OutcomeCounts(added=added, **counts)


def addition_view(addition: Addition) -> AdditionView:
    """The record of one addition."""
    return AdditionView(
        id=addition.id,
        lead_list_id=addition.list_id,
        created_at=addition.created_at,
        total=addition.total,
        total_added_to_lead_list=addition.added,
        counts=outcome_counts(addition.added, addition.left_out),
        credits=SpentCredits(
            email=SpentView(credits_of(addition.held.email), credits_of(addition.spent.email)),
            phone=SpentView(credits_of(addition.held.phone), credits_of(addition.spent.phone)),
        ),
        caller=AskerView(addition.key_name, addition.user_email),
        leads=[left_out_view(addition.list_id, fate) for fate in addition.left_out],
        links=self_link(f"/lead-lists/{addition.list_id}/additions/{addition.id}"),
    )


def left_out_view(list_id: str, fate: Fate) -> LeftOutView:
    """The fate of one lead."""
    duplicate_of: int | str | None = fate.duplicate_of
    if fate.outcome is LeftOut.DUPLICATE_IN_LIST and fate.duplicate_of is not None:
        duplicate_of = entry_id(list_id, fate.duplicate_of)
    return LeftOutView(fate.place, fate.outcome.value, duplicate_of)


def preview_view(preview: AdditionPreview, estimate: EstimateView) -> PreviewView:
    """What a request would come to, with the token of its estimate."""
    added, least, most = len(preview.selection.accepted), preview.least, preview.most
    return PreviewView(
        total=preview.total,
        total_added_to_lead_list=added,
        counts=outcome_counts(added, preview.selection.left_out),
        cost=cost_view(least, most),
        estimate=estimate,
    )


def cost_view(least: Cost, most: Cost) -> CostRanges:
    """The least and the most of both kinds of credits."""
    return CostRanges(
        email=CostRange(credits_of(least.email), credits_of(most.email)),
        phone=CostRange(credits_of(least.phone), credits_of(most.phone)),
    )


def reopening_view(told: Reopening) -> ReopeningView:
    """What taking leads up again comes to."""
    return ReopeningView(told.total, cost_view(NOTHING, told.most))


def balance_view(balance: Balance) -> BalanceView:
    """One balance in credits."""
    return BalanceView(credits_of(balance.balance), credits_of(balance.held), credits_of(balance.available))


def credits_view(balances: dict[CreditKind, Balance]) -> CreditsView:
    """Both balances."""
    return CreditsView(balance_view(balances[CreditKind.EMAIL]), balance_view(balances[CreditKind.PHONE]))


def credit_entry_view(entry: CreditEntry) -> CreditEntryView:
    """A line of the ledger."""
    return CreditEntryView(
        id=str(entry.id),
        kind=entry.kind.value,
        amount=credits_of(entry.amount),
        reason=entry.reason.value,
        note=entry.note,
        user=entry.user_email,
        lead_list_id=entry.list_id,
        entry_id=entry.entry_id,
        created_at=entry.created_at,
    )


def user_view(user: User) -> UserView:
    """A user of the account."""
    return UserView(user.id, user.name, user.email, user.status.value, user.role.value)


def _pause_view(pause: Pause) -> PauseView:
    if not pause.causes:
        return PauseView(pause.reason.value, pause.since)
    first = pause.causes[0]
    return PauseView(
        pause.reason.value,
        pause.since,
        first.provider,
        first.failure or UNSET,
        first.limit or UNSET,
        first.needs / MILLI if first.limit else UNSET,
        pause.until or UNSET,
    )
