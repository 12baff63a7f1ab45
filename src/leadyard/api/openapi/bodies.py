"""The bodies of requests as they are documented.

Handlers read bodies member by member (`fields.py`), for the order of checks and the texts of the faults. That
these shapes are what handlers take is tested by asking for what they allow and for what they do not.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from leadyard.api.fields import MAX_TEXT_LENGTH
from leadyard.api.import_schemas import ColumnWord
from leadyard.api.schemas import Id, ListTypeWord
from leadyard.domain.email_batches import MAX_EMAILS

CleanText = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_LENGTH, pattern="^[^\\x00-\\x1f\\x7f]+$")]

_EMAIL = Meta(description="Required in an email list.", extra_json_schema={"format": "email"})
_COMPANY = Meta(description="A titles_and_company list needs company_name or company_domain.")


class LeadBody(Struct, frozen=True):
    """A lead to add. Null and "" count as absent; members other than these are kept in `data`."""

    linkedin_url: Annotated[str, Meta(description="Required in a linkedin list.")] | None = None
    email: Annotated[str, _EMAIL] | None = None
    title: Annotated[str, Meta(description="Required in a titles_and_company list.")] | None = None
    company_name: Annotated[str, _COMPANY] | None = None
    company_domain: Annotated[str, _COMPANY] | None = None


class AddLeadsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Leads to add, and the type of the list they are for."""

    type: Annotated[ListTypeWord, Meta(description="The type of the list.")]
    leads: list[LeadBody]


class NothingBody(Struct, frozen=True, forbid_unknown_fields=True):
    """An empty object; no body at all does as well."""


class RefreshBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Which leads are stale."""

    older_than_days: (
        Annotated[int, Meta(ge=0, le=3650, description="Days since anything was heard.")] | None
    ) = 90


class OptionsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The paid steps that the leads of a new list go through."""

    reveal_phone_numbers: bool = False
    validate_email: bool = False
    enrich: bool = False


class CreateListBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A new list and its first leads."""

    shared: bool
    owner: Annotated[CleanText, Meta(description="E-mail of an active user of the account.")]
    type: Annotated[ListTypeWord, Meta(description="What identifies the leads of the list.")]
    leads: list[LeadBody]
    name: Annotated[CleanText, Meta(description="Type and date if there is none.")] | None = None
    visible: bool | None = True
    options: OptionsBody | None = None


class OptionsChanges(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of the paid steps; holds for leads added from now on."""

    reveal_phone_numbers: bool | UnsetType = UNSET
    validate_email: bool | UnsetType = UNSET
    enrich: bool | UnsetType = UNSET


class UpdateListBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a list; what is absent or null stays as it is."""

    name: CleanText | None = None
    shared: bool | None = None
    visible: bool | None = None
    owner: Annotated[CleanText, Meta(description="E-mail of an active user of the account.")] | None = None
    options: OptionsChanges | None = None
    status: (
        Annotated[Literal["canceled"], Meta(description="Stops what has not begun. A list stays canceled.")]
        | None
    ) = None


class EmailBody(Struct, frozen=True):
    """An e-mail to validate. Other members are ignored."""

    email: Annotated[str, Meta(extra_json_schema={"format": "email"})]


class EmailValidationBody(Struct, frozen=True, forbid_unknown_fields=True):
    """E-mails to validate; a bare string stands for an object with that e-mail."""

    emails: Annotated[list[EmailBody | str], Meta(max_length=MAX_EMAILS)]


class CluesBody(Struct, frozen=True):
    """A person to find: `linkedin_url`, else `email`, else a name or title and a company.

    Null and "" count as absent; other members are ignored.
    """

    linkedin_url: str | None = None
    email: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    company_name: str | None = None
    company_domain: str | None = None


class EnrichmentBody(Struct, frozen=True, forbid_unknown_fields=True):
    """People to find, and what to reveal of them."""

    leads: list[CluesBody]
    reveal_email: bool | None = False
    reveal_phone_numbers: bool | None = False


class CancelBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Stops what has not begun; nothing is charged after the answer."""

    status: Literal["canceled"]


class GrantBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Credits to add to a balance."""

    kind: Literal["email", "phone"]
    amount: Annotated[float, Meta(gt=0, le=1_000_000_000, description="Up to three decimals.")]
    reason: Annotated[CleanText, Meta(description="Why; becomes the `note` of the ledger's entry.")]


class NormalizeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Leads to normalize, as they would be added. One that cannot be used gets an error in its place."""

    type: Annotated[ListTypeWord, Meta(description="The type of list that the leads are for.")]
    leads: list[Any]


class NewListBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A list to be made when the import starts."""

    name: CleanText
    owner: CleanText
    shared: bool = False
    options: OptionsBody | None = None


class ImportChangesBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What to say of an import; what is absent or null stays as it is. `status` stands alone."""

    header_row: Annotated[int, Meta(ge=0, le=2_147_483_647)] | None = None
    columns: Annotated[list[ColumnWord], Meta(max_length=500)] | None = None
    type: ListTypeWord | None = None
    lead_list_id: Id | None = None
    new_list: NewListBody | None = None
    status: Literal["canceled"] | None = None


class ImportRowChangesBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Cells to write, by the names of their columns, and whether to leave the row out."""

    cells: dict[str, str] | None = None
    left_out: bool | None = None
