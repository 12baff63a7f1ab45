"""The shapes of erasures and of what is stored of a person on the wire; `schemas.py` has the others."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct, field

from leadyard.api.exclusion_schemas import ExcludedEmailView
from leadyard.api.fields import MAX_TEXT_LENGTH
from leadyard.api.schemas import CreditEntryView, Id, Links, Moment


class ErasureBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to erase: one of the two, or both if they are of one person."""

    email: (
        Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_LENGTH, extra_json_schema={"format": "email"})]
        | None
    ) = None
    linkedin_url: (
        Annotated[
            str,
            Meta(min_length=1, max_length=MAX_TEXT_LENGTH, description="The address of a person's profile."),
        ]
        | None
    ) = None


class ErasureView(Struct, frozen=True):
    """An erasure. It does not tell who was erased."""

    id: Annotated[Id, Meta(description="Also the cursor of the page parameters.")]
    created_at: Moment
    entries: Annotated[int, Meta(description="Leads of lists that were emptied.")]
    directory_people: Annotated[int, Meta(description="People of the directory that were removed.")]
    exclusions: Annotated[int, Meta(description="Excluded e-mails that were removed.")]
    credit_entries: Annotated[int, Meta(description="Lines of the ledger that named the person.")]
    object: Literal["erasure"] = "erasure"


class ErasuresView(Struct, frozen=True):
    """A page of erasures, newest first."""

    erasures: list[ErasureView]
    links: Links = field(name="_links")


class ExportedListView(Struct, frozen=True):
    """The list that a lead is in."""

    id: Id
    name: str
    deleted: Annotated[bool, Meta(description="Deleted lists answer 410 and are stored all the same.")]


class ExportedLeadView(Struct, frozen=True):
    """A lead of a list, as it is stored."""

    lead_list: ExportedListView
    entry_id: Id
    status: Literal["queued", "processing", "done", "failed", "canceled"]
    lead: Annotated[Raw, Meta(description="The lead as it was sent.")]
    found: Annotated[Raw, Meta(description="What was found, with the source of each value.")]


class HeldAnswerView(Struct, frozen=True):
    """What a paid provider told of the person is kept; the lead shows what."""

    provider: str
    outcome: str
    fetched_at: Moment


class PersonExportView(Struct, frozen=True):
    """Everything that is stored of a person."""

    person_id: str
    emails: list[str]
    linkedin_keys: Annotated[list[str], Meta(description="Normalized, as `/normalize` tells them.")]
    leads: list[ExportedLeadView]
    directory: Annotated[list[Raw], Meta(description="Their rows in the directory.")]
    excluded_emails: list[ExcludedEmailView]
    credit_entries: list[CreditEntryView]
    provider_answers: Annotated[list[HeldAnswerView], Meta(description="Answers kept from paid providers.")]
    is_complete: Annotated[bool, Meta(description="False if there are more than 1,000 leads.")]
    links: Links = field(name="_links")
    object: Literal["person_export"] = "person_export"
