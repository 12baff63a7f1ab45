"""The shapes on the wire. What is documented in OpenAPI is made from these, so the two cannot differ."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from leadyard.domain.credits import Reason
from leadyard.domain.emails import EmailResult
from leadyard.domain.people import PhoneNumber

CreditNumber = Annotated[float, Meta(description="Credits, up to three decimals.")]
Id = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339, UTC.")]
ListTypeWord = Literal["linkedin", "email", "titles_and_company"]


class ErrorSource(Struct, frozen=True):
    """Where in the request the error is: one of the three."""

    pointer: Annotated[str, Meta(description="JSON pointer (RFC 6901) into the body.")] | UnsetType = UNSET
    parameter: Annotated[str, Meta(description="Name of a query parameter.")] | UnsetType = UNSET
    header: Annotated[str, Meta(description="Name of a request header.")] | UnsetType = UNSET


class ErrorItem(Struct, frozen=True):
    """One thing wrong."""

    code: Annotated[str, Meta(description="One of the codes of the table above: what programs go by.")]
    title: Annotated[str, Meta(description="The code in words.")]
    detail: Annotated[str, Meta(description="What is wrong in this request, for people.")]
    source: ErrorSource | UnsetType = UNSET


class Errors(Struct, frozen=True):
    """Every answer that is not 2xx. `_links` is part of the compatible schema; this service sends none."""

    errors: Annotated[list[ErrorItem], Meta(max_length=100)] = field(name="_errors")
    object: Literal["error"] = "error"
    links: Links | UnsetType = field(name="_links", default=UNSET)


class Link(Struct, frozen=True):
    """A link relative to the base URL."""

    href: Annotated[str, Meta(description="Path and query, brackets not escaped.")]


class Links(Struct, frozen=True):
    """`prev` and `next` only when there is something there."""

    self: Link
    prev: Link | UnsetType = UNSET
    next: Link | UnsetType = UNSET


class OptionsView(Struct, frozen=True):
    """The paid steps that the leads of a list go through."""

    reveal_phone_numbers: bool = False
    validate_email: bool = False
    enrich: bool = False


class ProgressView(Struct, frozen=True):
    """Leads of a list by state."""

    total: Annotated[int, Meta(description="All leads, canceled ones included.")]
    queued: int
    processing: int
    done: int
    failed: int


class EmailValidationResult(Struct, frozen=True):
    """The verdict on an e-mail."""

    email: str
    result: EmailResult
    catch_all: bool
    object: Literal["email_validation_result"] = "email_validation_result"


class EntryView(Struct, frozen=True):
    """A lead of a list. What is not known is null."""

    id: Annotated[Id, Meta(description="Also the cursor of the page parameters.")]
    email: str | None
    person_id: Annotated[str, Meta(description="The same each time the same person is found.")] | None
    linkedin_url: str | None
    first_name: str | None
    last_name: str | None
    title: str | None
    company_name: str | None
    company_domain: str | None
    industry: str | None
    phone_numbers: tuple[PhoneNumber, ...]
    email_validation_result: EmailValidationResult | None
    status: Literal["queued", "processing", "done", "failed", "canceled"]
    data: Annotated[dict[str, Raw], Meta(description="Every other member that was sent, as sent.")]
    object: Literal["lead_list_entry"] = "lead_list_entry"


Outcome = Literal["found", "not_found", "skipped", "unavailable", "ambiguous"]


class StepsView(Struct, frozen=True):
    """What each step came to; null while it is to come."""

    enrich: Outcome | None
    validate: Outcome | None
    reveal: Outcome | None


class ProvenanceView(Struct, frozen=True):
    """Where a value came from: the provider, when it said so, how sure it is (0 to 1), and its own price."""

    provider: str
    fetched_at: Moment
    confidence: Annotated[float, Meta(ge=0, le=1)]
    cost: float
    cached: Annotated[bool, Meta(description="Whether it was known from before, and cost nothing this time.")]


class VisitView(Struct, frozen=True):
    """One provider that was asked in one step, and what it answered."""

    step: Literal["enrich", "validate", "reveal"]
    provider: str
    at: Moment
    outcome: Annotated[
        str,
        Meta(description="found, missing, ambiguous, erased, lost, deferred, unavailable or other_person."),
    ]
    cost: float
    cached: bool


class EmailVerificationView(Struct, frozen=True):
    """The verdict on an e-mail with the evidence for it. What is not known is null."""

    result: EmailResult
    reason: Annotated[str, Meta(description="Why, in one word, such as `accepted` or `no_such_mailbox`.")]
    is_complete: Annotated[bool, Meta(description="False if it could not be checked; then it costs nothing.")]
    catch_all: Annotated[bool, Meta(description="The mail host takes any mailbox of the domain.")]
    disposable: Annotated[bool, Meta(description="The domain gives out mailboxes to be thrown away.")]
    role: Annotated[bool, Meta(description="The mailbox is a task's, not a person's.")]
    free: Annotated[bool, Meta(description="Anybody can have a mailbox at the domain.")]
    mx: Annotated[tuple[str, ...], Meta(description="The mail hosts of the domain, best first.")]
    smtp_host: Annotated[str, Meta(description="The mail host whose answer decided.")] | None
    smtp_reply: Annotated[str, Meta(description="Its reply, without addresses and names.")] | None
    checked_at: Moment | None


class EntryDetailView(EntryView, frozen=True, kw_only=True):
    """A lead with the outcome of each step, the source of each value not sent, and the e-mail's evidence."""

    steps: StepsView
    email_verification: EmailVerificationView | None
    provenance: dict[str, ProvenanceView]
    history: Annotated[list[VisitView], Meta(description="The providers that were asked, in order.")]
    links: Links = field(name="_links")


class PauseView(Struct, frozen=True):
    """Why and since when a list does not go on.

    Where a provider or a limit is the reason, it names the provider that is to be asked next.
    """

    reason: Literal["requested", "spending_limit", "provider_unavailable"]
    since: Moment
    provider: str | UnsetType = UNSET
    failure: Annotated[str | UnsetType, Meta(description="Why the provider takes no calls.")] = UNSET
    limit: Annotated[str | UnsetType, Meta(description="The limit without room.")] = UNSET
    needs: Annotated[float | UnsetType, Meta(description="The room that the next question needs.")] = UNSET
    until: Annotated[Moment | UnsetType, Meta(description="When it is looked at again, if known.")] = UNSET


class LeadListView(Struct, frozen=True):
    """A lead list; `leads` only when a single list is read."""

    id: Id
    name: str
    status: Literal["queued", "processing", "completed", "canceled"]
    shared: bool
    visible: bool
    owner: Annotated[str, Meta(description="E-mail of the owner.")]
    options: OptionsView
    type: ListTypeWord
    url: Annotated[str, Meta(description="The list's page in the dashboard.")]
    created_at: Moment
    updated_at: Moment
    progress: ProgressView
    links: Links = field(name="_links")
    object: Literal["lead_list"] = "lead_list"
    leads: list[EntryView] | UnsetType = UNSET
    paused: Annotated[PauseView | UnsetType, Meta(description="Only while the list is paused.")] = UNSET


class LeadListsView(Struct, frozen=True):
    """A page of lists, newest first."""

    lead_lists: list[LeadListView]
    links: Links = field(name="_links")


class AddedView(Struct, frozen=True):
    """What an add answers: exactly these two members."""

    total: Annotated[int, Meta(description="Leads in the request.")]
    total_added_to_lead_list: Annotated[int, Meta(description="Leads of the request that the list took.")]


class OutcomeCounts(Struct, frozen=True):
    """Leads of one addition by what became of them."""

    added: int
    duplicate_in_batch: Annotated[int, Meta(description="The same lead came earlier in the request.")]
    duplicate_in_list: Annotated[int, Meta(description="The list had the lead already.")]
    over_capacity: Annotated[int, Meta(description="The list had no room left.")]
    suppressed: Annotated[int, Meta(description="The lead may not be stored.")]


class LeftOutView(Struct, frozen=True):
    """A lead that was not added.

    `duplicate_of` is the index of the earlier lead of the request, or the id of the entry that the list
    had already; null where it is no duplicate.
    """

    index: Annotated[int, Meta(description="Place in the request, from 0.")]
    outcome: Literal["duplicate_in_batch", "duplicate_in_list", "over_capacity", "suppressed"]
    duplicate_of: int | str | None


class SpentView(Struct, frozen=True):
    """Credits of one kind that an addition holds now and has spent."""

    held: CreditNumber
    spent: CreditNumber


class SpentCredits(Struct, frozen=True):
    """Credits of both kinds."""

    email: SpentView
    phone: SpentView


class AskerView(Struct, frozen=True):
    """Who asked: the name of the key and the e-mail of its user."""

    key: str | None
    user: str | None


class AdditionView(Struct, frozen=True):
    """One POST of leads, and the fate of every lead that was not added."""

    id: Id
    lead_list_id: Id
    created_at: Moment
    total: int
    total_added_to_lead_list: int
    counts: OutcomeCounts
    credits: SpentCredits
    caller: AskerView
    leads: list[LeftOutView]
    links: Links = field(name="_links")
    object: Literal["addition"] = "addition"


class BalanceView(Struct, frozen=True):
    """One balance: what there is, what is held for work not finished, and the rest."""

    balance: CreditNumber
    held: CreditNumber
    available: CreditNumber


class CreditsView(Struct, frozen=True):
    """Both balances."""

    email: BalanceView
    phone: BalanceView
    object: Literal["credits"] = "credits"


class CreditEntryView(Struct, frozen=True):
    """A line of the ledger: a grant is positive, a charge negative."""

    id: Annotated[str, Meta(description="Also the cursor of the page parameters.")]
    kind: Literal["email", "phone"]
    amount: CreditNumber
    reason: Annotated[str, Meta(extra_json_schema={"enum": [reason.value for reason in Reason]})]
    note: Annotated[str, Meta(description="The reason that a grant was given.")] | None
    user: Annotated[str, Meta(description="E-mail of the user who asked.")] | None
    lead_list_id: Id | None
    entry_id: Id | None
    created_at: Moment
    object: Literal["credit_entry"] = "credit_entry"


class CreditEntriesView(Struct, frozen=True):
    """A page of the ledger, newest first."""

    entries: list[CreditEntryView]
    links: Links = field(name="_links")


class AccountView(Struct, frozen=True):
    """The caller's account."""

    id: Id
    name: str


class UserView(Struct, frozen=True):
    """A user of the account."""

    id: Annotated[Id, Meta(description="Also the cursor of the page parameters.")]
    name: str
    email: str
    status: Literal["active", "disabled"]
    role: Literal["admin", "member", "read_only"]


class UsersView(Struct, frozen=True):
    """A page of users, oldest first."""

    users: list[UserView]
    links: Links = field(name="_links")


class NormalizedLead(Struct, frozen=True):
    """The key of a lead, or what is wrong with it."""

    index: Annotated[int, Meta(description="Place in the request, from 0.")]
    key: Annotated[str, Meta(description="Leads with the same key are the same lead.")] | UnsetType = UNSET
    error: ErrorItem | UnsetType = UNSET


class NormalizedView(Struct, frozen=True):
    """One result a lead, in the order sent."""

    results: list[NormalizedLead]


class HealthView(Struct, frozen=True):
    """The process can serve."""

    status: Literal["ok"] = "ok"
