"""The shapes on the wire. What is documented in OpenAPI is made from these, so the two cannot differ."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from leadyard.domain.emails import EmailResult
from leadyard.domain.people import PhoneNumber

CreditNumber = Annotated[int | float, Meta(description="Credits, up to three decimals.")]


class ErrorSource(Struct, frozen=True):
    """Where in the request the error is: one of the three."""

    pointer: str | UnsetType = UNSET
    parameter: str | UnsetType = UNSET
    header: str | UnsetType = UNSET


class ErrorItem(Struct, frozen=True):
    """One thing wrong."""

    code: str
    title: str
    detail: str
    source: ErrorSource | UnsetType = UNSET


class Errors(Struct, frozen=True):
    """Every answer that is not 2xx."""

    errors: Annotated[list[ErrorItem], Meta(max_length=100)] = field(name="_errors")
    object: Literal["error"] = "error"


class Link(Struct, frozen=True):
    """A link relative to the base URL."""

    href: str


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

    total: int
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
    """A lead of a list. What is not known is null. `data` holds every other key the caller sent, as sent."""

    id: str
    email: str | None
    person_id: str | None
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
    data: dict[str, Raw]
    object: Literal["lead_list_entry"] = "lead_list_entry"


class LeadListView(Struct, frozen=True):
    """A lead list; `leads` only when a single list is read."""

    id: str
    name: str
    status: Literal["queued", "processing", "completed", "canceled"]
    shared: bool
    visible: bool
    owner: str
    options: OptionsView
    type: Literal["linkedin", "email", "titles_and_company"]
    url: str
    created_at: datetime
    updated_at: datetime
    progress: ProgressView
    links: Links = field(name="_links")
    object: Literal["lead_list"] = "lead_list"
    leads: list[EntryView] | UnsetType = UNSET


class LeadListsView(Struct, frozen=True):
    """A page of lists, newest first."""

    lead_lists: list[LeadListView]
    links: Links = field(name="_links")


class AddedView(Struct, frozen=True):
    """What an add answers: exactly these two members."""

    total: int
    total_added_to_lead_list: int


class OutcomeCounts(Struct, frozen=True):
    """Leads of one addition by what became of them."""

    added: int
    duplicate_in_batch: int
    duplicate_in_list: int
    over_capacity: int
    suppressed: int


class LeftOutView(Struct, frozen=True):
    """A lead that was not added.

    `duplicate_of` is the index of the earlier lead of the request, or the id of the entry that the list
    had already; null where it is no duplicate.
    """

    index: int
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

    id: str
    lead_list_id: str
    created_at: datetime
    total: int
    total_added_to_lead_list: int
    counts: OutcomeCounts
    credits: SpentCredits
    caller: AskerView
    leads: list[LeftOutView]
    links: Links = field(name="_links")
    object: Literal["addition"] = "addition"


class CostRange(Struct, frozen=True):
    """The least and the most that something can cost."""

    least: CreditNumber
    most: CreditNumber


class CostRanges(Struct, frozen=True):
    """Costs in both kinds of credits."""

    email: CostRange
    phone: CostRange


class PreviewView(Struct, frozen=True):
    """What an addition would come to."""

    total: int
    total_added_to_lead_list: int
    counts: OutcomeCounts
    cost: CostRanges
    object: Literal["addition_preview"] = "addition_preview"


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

    id: str
    kind: Literal["email", "phone"]
    amount: CreditNumber
    reason: str
    note: str | None
    user: str | None
    lead_list_id: str | None
    entry_id: str | None
    created_at: datetime
    object: Literal["credit_entry"] = "credit_entry"


class CreditEntriesView(Struct, frozen=True):
    """A page of the ledger, newest first."""

    entries: list[CreditEntryView]
    links: Links = field(name="_links")


class AccountView(Struct, frozen=True):
    """The caller's account."""

    id: str
    name: str


class UserView(Struct, frozen=True):
    """A user of the account."""

    id: str
    name: str
    email: str
    status: Literal["active", "disabled"]
    role: Literal["admin", "member"]


class UsersView(Struct, frozen=True):
    """A page of users, oldest first."""

    users: list[UserView]
    links: Links = field(name="_links")


class NormalizedLead(Struct, frozen=True):
    """The key of a lead, or what is wrong with it."""

    index: int
    key: str | UnsetType = UNSET
    error: ErrorItem | UnsetType = UNSET


class NormalizedView(Struct, frozen=True):
    """One result a lead, in the order sent."""

    results: list[NormalizedLead]


class LeadBody(Struct, frozen=True):
    """A lead to add. Other members are kept in `data`."""

    linkedin_url: str | None = None
    email: str | None = None
    title: str | None = None
    company_name: str | None = None
    company_domain: str | None = None


class AddLeadsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Leads to add, and the type of the list they are for."""

    type: Literal["linkedin", "email", "titles_and_company"]
    leads: list[LeadBody]


class CreateListBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A new list and its first leads."""

    shared: bool
    owner: Annotated[str, Meta(description="E-mail of an active user of the account.")]
    type: Literal["linkedin", "email", "titles_and_company"]
    leads: list[LeadBody]
    name: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    visible: bool | None = True
    options: OptionsView | None = None


class UpdateListBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a list."""

    name: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    shared: bool | None = None
    visible: bool | None = None
    owner: str | None = None
    options: OptionsView | None = None
    status: Literal["canceled"] | None = None


class GrantBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Credits to add to a balance."""

    kind: Literal["email", "phone"]
    amount: Annotated[float, Meta(gt=0, le=1_000_000_000, description="Up to three decimals.")]
    reason: Annotated[str, Meta(min_length=1, max_length=255)]


class HealthView(Struct, frozen=True):
    """Whether the process can serve."""

    status: Literal["ok"] = "ok"
