"""The e-mails of a validation request: leads of an email list, of which nothing else is known."""

from __future__ import annotations

import msgspec

from leadyard.domain.capacity import Limits
from leadyard.domain.drafting import RawLeads, draft_leads
from leadyard.domain.errors import MAX_FAULTS, ErrorCode, Fault, unsupported_field
from leadyard.domain.leads import LeadDraft, ListType, explain_lead, is_text_or_absent, sent_email

MAX_EMAILS = 100_000
"""The most e-mails of one validation (contract §3)."""

VALIDATION_LIMITS = Limits(leads_per_request=MAX_EMAILS, leads_per_list=MAX_EMAILS)

TOO_MANY_EMAILS = Fault(
    ErrorCode.UNSUPPORTED_VALUE, f"Number of emails exceeds {MAX_EMAILS} limit", "/emails"
)


def draft_emails(emails: RawLeads) -> tuple[list[LeadDraft], list[Fault]]:
    """Checks the e-mails of a request: either all drafts, or the faults, at most MAX_FAULTS.

    A bare string stands for an object with that e-mail.
    """
    drafts, faults = draft_leads(ListType.EMAIL, _as_objects(emails))
    return (drafts, []) if not faults else ([], _explain(emails))


def _as_objects(emails: RawLeads) -> RawLeads:
    if not any(map(_is_bare, emails.each)):
        return emails
    objects = [b'{"email":%b}' % bytes(raw) if _is_bare(raw) else bytes(raw) for raw in emails.each]
    return RawLeads(msgspec.Raw(b"[%b]" % b",".join(objects)), list(map(msgspec.Raw, objects)))


def _explain(emails: RawLeads) -> list[Fault]:
    faults: list[Fault] = []
    for place, raw in enumerate(emails.each):
        if not _is_bare(raw):
            faults.extend(fault.at(place, "emails") for fault in explain_lead(ListType.EMAIL, raw))
        elif sent_email(msgspec.json.decode(raw, type=str)) is None:
            faults.append(unsupported_field(f"emails[{place}]", f"/emails/{place}"))
        if len(faults) >= MAX_FAULTS:
            break
    return faults[:MAX_FAULTS]


def _is_bare(raw: msgspec.Raw) -> bool:
    return is_text_or_absent(raw) and bytes(raw)[:1] != b"n"
