"""What each tool takes. The schemas that agents see are made from these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from leadyard.api.schemas import ListTypeWord

EstimateToken = Annotated[
    str,
    Meta(
        description="The token that `estimate_cost` gave for this tool with exactly these arguments. It then "
        "costs no more than was estimated. Good for 15 minutes."
    ),
]
Leads = Annotated[
    list[dict[str, Any]],
    Meta(
        description="A lead needs `linkedin_url` in a linkedin list, `email` in an email list, `title` and "
        "one of `company_domain` and `company_name` in a titles_and_company list. Others are kept as sent."
    ),
]
ListId = Annotated[str, Meta(description="The `id` of a lead list.")]
PageSize = Annotated[int, Meta(ge=1, le=100, description="Items on a page.")]
After = Annotated[str, Meta(description="The `id` of the last item of the page before.")]
ListTypeArgument = Annotated[ListTypeWord, Meta(description="What identifies a lead of the list.")]


class ListLeadLists(Struct, forbid_unknown_fields=True):
    """Which lists."""

    name: Annotated[str, Meta(description="Only lists whose name contains this.")] | None = None
    status: Literal["queued", "processing", "completed", "canceled"] | None = None
    page_size: PageSize = 20
    after: After | None = None


class GetLeadList(Struct, forbid_unknown_fields=True):
    """Which list, and which of its leads."""

    list_id: ListId
    page_size: PageSize = 20
    after: After | None = None


class CreateLeadList(Struct, forbid_unknown_fields=True):
    """A new list and its first leads."""

    type: ListTypeArgument
    owner: Annotated[str, Meta(description="E-mail of the user who is to own the list.")]
    leads: Leads
    name: str | None = None
    shared: Annotated[bool, Meta(description="Whether all of the account see the list.")] = True
    enrich: Annotated[bool, Meta(description="Look for each person. Costs credits.")] = False
    validate_email: Annotated[bool, Meta(description="Check each e-mail. Costs credits.")] = False
    reveal_phone_numbers: Annotated[bool, Meta(description="Look for phone numbers. Costs credits.")] = False


class AddLeads(Struct, forbid_unknown_fields=True):
    """Leads for a list that is there; its settings say what is done with them."""

    list_id: ListId
    type: ListTypeArgument
    leads: Leads


class FindPerson(Struct, forbid_unknown_fields=True):
    """Clues to one person: a profile, or an e-mail, or a name or title with a company."""

    linkedin_url: str | None = None
    email: str | None = None
    name: str | None = None
    title: str | None = None
    company_name: str | None = None
    company_domain: str | None = None
    reveal_email: Annotated[bool, Meta(description="Show the person's e-mail. Costs credits.")] = False
    reveal_phone_numbers: Annotated[bool, Meta(description="Show phone numbers. Costs credits.")] = False


class VerifyEmail(Struct, forbid_unknown_fields=True):
    """The address."""

    email: str


class EstimateCost(Struct, forbid_unknown_fields=True):
    """The tool that is to be called, and what it is to be called with."""

    tool: Literal["create_lead_list", "add_leads_to_lead_list", "find_person", "verify_email"]
    arguments: Annotated[
        dict[str, Any], Meta(description="The arguments of that tool, without `estimate_token`.")
    ]


class GetCredits(Struct, forbid_unknown_fields=True):
    """Nothing."""
