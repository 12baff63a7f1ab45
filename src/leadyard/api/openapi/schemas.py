"""The schemas of the document: made from the shapes on the wire, under the names that clients see."""

from __future__ import annotations

from enum import EnumType
from typing import Any

import msgspec

from leadyard.api import (
    access_schemas,
    erasure_schemas,
    estimate_schemas,
    exclusion_schemas,
    import_schemas,
    person_schemas,
    provider_schemas,
    schemas,
    webhook_schemas,
)
from leadyard.api.openapi import bodies
from leadyard.domain.capacity import Limits
from leadyard.domain.emails import EmailResult
from leadyard.domain.entries import EntryStatus
from leadyard.domain.lead_lists import ListStatus
from leadyard.domain.leads import ListType
from leadyard.domain.people import PhoneNumber

Shape = type[msgspec.Struct] | EnumType
Schema = dict[str, Any]

NAMES: dict[Shape, str] = {
    bodies.AddLeadsBody: "add_leads_body",
    bodies.CreateListBody: "create_lead_list_body",
    bodies.UpdateListBody: "update_lead_list_body",
    bodies.OptionsBody: "lead_list_options_body",
    bodies.OptionsChanges: "lead_list_options_changes",
    bodies.LeadBody: "lead",
    bodies.NormalizeBody: "normalize_body",
    bodies.GrantBody: "grant_credits_body",
    bodies.EmailBody: "email_to_validate",
    bodies.EmailValidationBody: "email_validation_body",
    bodies.CluesBody: "person_to_find",
    bodies.EnrichmentBody: "person_enrichment_body",
    bodies.CancelBody: "cancel_body",
    schemas.AddedView: "added_leads",
    estimate_schemas.PreviewView: "addition_preview",
    schemas.AdditionView: "addition",
    schemas.OutcomeCounts: "outcome_counts",
    schemas.LeftOutView: "left_out_lead",
    schemas.SpentView: "spent_amount",
    schemas.SpentCredits: "spent_credits",
    schemas.AskerView: "asker",
    estimate_schemas.CostRange: "cost_range",
    estimate_schemas.CostRanges: "cost_ranges",
    estimate_schemas.EstimateView: "estimate",
    schemas.LeadListView: "lead_list",
    schemas.LeadListsView: "lead_lists_page",
    schemas.OptionsView: "lead_list_options",
    schemas.ProgressView: "lead_list_progress",
    schemas.EntryView: "lead_list_entry",
    schemas.EntryDetailView: "lead_list_entry_detail",
    provider_schemas.ProviderBody: "provider_body",
    provider_schemas.OrderBody: "provider_order_body",
    provider_schemas.LimitsBody: "spending_limits_body",
    provider_schemas.WaterfallBody: "waterfall_body",
    provider_schemas.ListOrderBody: "lead_list_waterfall_body",
    provider_schemas.ProviderView: "provider",
    provider_schemas.ProvidersView: "providers",
    provider_schemas.ProviderHealthView: "provider_health",
    provider_schemas.ProviderStatisticsView: "provider_statistics",
    provider_schemas.OrderView: "provider_order",
    provider_schemas.LimitsView: "spending_limits",
    provider_schemas.WaterfallView: "waterfall",
    provider_schemas.ListOrderView: "lead_list_waterfall",
    schemas.StepsView: "lead_steps",
    schemas.VisitView: "provider_visit",
    schemas.PauseView: "lead_list_pause",
    estimate_schemas.ReopeningView: "reopened_leads",
    bodies.NothingBody: "nothing_body",
    bodies.RefreshBody: "refresh_leads_body",
    schemas.ProvenanceView: "provenance",
    PhoneNumber: "phone_number",
    schemas.EmailValidationResult: "email_validation_result",
    schemas.EmailVerificationView: "email_verification",
    EmailResult: "email_verdict",
    person_schemas.EmailValidationView: "email_validation",
    person_schemas.PersonView: "person",
    person_schemas.CompanyView: "company",
    person_schemas.EnrichmentRequestView: "person_enrichment",
    person_schemas.EnrichmentResultView: "person_enrichment_result",
    estimate_schemas.WorkEstimateView: "work_estimate",
    schemas.BalanceView: "credit_balance",
    schemas.CreditsView: "credits",
    schemas.CreditEntryView: "credit_entry",
    schemas.CreditEntriesView: "credit_entries_page",
    schemas.AccountView: "account",
    schemas.UserView: "user",
    schemas.UsersView: "users_page",
    schemas.NormalizedLead: "normalized_lead",
    schemas.NormalizedView: "normalized_leads",
    exclusion_schemas.ExcludedEmailsBody: "excluded_emails_body",
    exclusion_schemas.ExcludedEmailBody: "excluded_email_body",
    exclusion_schemas.ExcludedDomainsBody: "excluded_domains_body",
    exclusion_schemas.ExcludedDomainBody: "excluded_domain_body",
    exclusion_schemas.ExcludedEmailsView: "excluded_emails_page",
    exclusion_schemas.ExcludedEmailView: "excluded_email",
    exclusion_schemas.ExcludedDomainsView: "excluded_domains_page",
    exclusion_schemas.ExcludedDomainView: "excluded_domain",
    erasure_schemas.ErasureBody: "erasure_body",
    erasure_schemas.ErasureView: "erasure",
    erasure_schemas.ErasuresView: "erasures_page",
    erasure_schemas.HeldAnswerView: "held_answer",
    erasure_schemas.PersonExportView: "person_export",
    erasure_schemas.ExportedLeadView: "exported_lead",
    erasure_schemas.ExportedListView: "exported_lead_list",
    access_schemas.NewApiKeyBody: "new_api_key_body",
    access_schemas.RotateApiKeyBody: "rotate_api_key_body",
    access_schemas.ApiKeyView: "api_key",
    access_schemas.NewApiKeyView: "new_api_key",
    access_schemas.ApiKeysView: "api_keys_page",
    access_schemas.AuditKeyView: "audit_key",
    access_schemas.AuditEntryView: "audit_entry",
    access_schemas.AuditEntriesView: "audit_entries_page",
    webhook_schemas.WebhookBody: "webhook_body",
    webhook_schemas.WebhookChangesBody: "webhook_changes",
    webhook_schemas.WebhookView: "webhook",
    webhook_schemas.WebhooksView: "webhooks_page",
    webhook_schemas.DeliveryView: "webhook_delivery",
    webhook_schemas.DeliveriesView: "webhook_deliveries_page",
    import_schemas.ImportView: "import",
    import_schemas.ImportDetailView: "import_detail",
    import_schemas.ImportColumnView: "import_column",
    import_schemas.ImportCountsView: "import_counts",
    import_schemas.ImportProgressView: "import_progress",
    import_schemas.NewListView: "import_new_lead_list",
    import_schemas.ImportsView: "imports_page",
    import_schemas.ImportRowView: "import_row",
    import_schemas.RowFaultView: "import_row_fault",
    import_schemas.ImportRowsView: "import_rows_page",
    bodies.NewListBody: "import_new_lead_list_body",
    bodies.ImportChangesBody: "import_changes",
    bodies.ImportRowChangesBody: "import_row_changes",
    schemas.HealthView: "health",
    schemas.Errors: "response_errors_object",
    schemas.ErrorItem: "response_error_object",
    schemas.ErrorSource: "response_error_source_object",
    schemas.Links: "response_links_object",
    schemas.Link: "response_link_object",
}
"""Every shape of the document. Those of errors and links have their names from the compatible API."""

_TEXTS: dict[Shape, str] = {
    EmailResult: "Whether mail to the address arrives.",
    PhoneNumber: "A phone number, in E.164 where it could be parsed, and its kind (mobile, work, unknown).",
}
_WORDS = {
    frozenset(kind): [word.value for word in kind]
    for kind in (ListType, ListStatus, EntryStatus, EmailResult)
}
"""The order that the contract gives to words; msgspec sorts them."""


def reference(shape: Shape) -> Schema:
    """A schema that points to a shape's."""
    return {"$ref": f"#/components/schemas/{NAMES[shape]}"}


def schema_components(limits: Limits) -> dict[str, Schema]:
    """All schemas by name, with the limits in force."""
    shapes = {shape.__name__: shape for shape in NAMES}
    _, made = msgspec.json.schema_components(NAMES, ref_template="{name}")
    components = {NAMES[shapes[name]]: _finish(shapes[name], schema) for name, schema in made.items()}
    for body in (bodies.AddLeadsBody, bodies.CreateListBody, bodies.NormalizeBody, bodies.EnrichmentBody):
        leads = components[NAMES[body]]["properties"]["leads"]
        leads.setdefault("items", {})
        leads["maxItems"] = limits.leads_per_request
        leads["description"] = _leads_text(body, limits)
    return components


def _leads_text(body: Shape, limits: Limits) -> str:
    text = f"Up to {limits.leads_per_request:,} leads. "
    if body is bodies.EnrichmentBody:
        return text + "Each gets a result; those that are the same are looked for, and paid for, once."
    if body is bodies.NormalizeBody:
        return text + "One that is no object, or cannot be used, is no fault of the request."
    return text + (
        f"A list holds up to {limits.leads_per_list:,}: near that, leads are taken in the order sent until "
        "it is full, and a full list answers 409. What becomes of a lead is decided by the settings of its "
        "list, and what is found is paid for with the credits of the account's admin."
    )


def _finish(shape: Shape, made: Schema) -> Schema:
    schema: Schema = _tidy(made, {kind.__name__: name for kind, name in NAMES.items()})
    schema.pop("title", None)
    schema["description"] = _TEXTS.get(shape) or " ".join((shape.__doc__ or "").split())
    if shape in (bodies.LeadBody, bodies.EmailBody, bodies.CluesBody):
        schema["additionalProperties"] = True
    elif isinstance(shape, type(msgspec.Struct)) and not shape.__struct_config__.forbid_unknown_fields:
        _close_answer(shape, schema)
    if not schema.get("required"):
        schema.pop("required", None)
    return schema


def _close_answer(shape: type[msgspec.Struct], schema: Schema) -> None:
    """An answer's member is always sent, unless it can be unset; no other members are."""
    fields = msgspec.structs.fields(shape)
    schema["required"] = [field.encode_name for field in fields if field.default is not msgspec.UNSET]
    schema["additionalProperties"] = False
    for member in schema["properties"].values():
        member.pop("default", None)


def _tidy(node: Any, names: dict[str, str]) -> Any:
    """References to public names; nullable members and words in the form that readers know best."""
    if isinstance(node, list):
        return [_tidy(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    tidied = {key: _tidy(value, names) for key, value in node.items()}
    if "$ref" in tidied:
        tidied["$ref"] = f"#/components/schemas/{names[tidied['$ref']]}"
    if "enum" in tidied:
        words = tidied.pop("enum")
        tidied.update(type="string", enum=_WORDS.get(frozenset(words), words))
    if "default" in tidied and tidied["default"] is None:
        del tidied["default"]
    return _merge_null(tidied)


def _merge_null(node: Schema) -> Schema:
    match node.get("anyOf"):
        case [{"type": str(kind), **inner}, {"type": "null"}] if "enum" not in inner:
            outer = {key: value for key, value in node.items() if key != "anyOf"}
            return {**node["anyOf"][0], "type": [kind, "null"], **outer}
    return node
