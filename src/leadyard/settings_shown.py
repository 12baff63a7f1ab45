"""The settings that people see on a page: those that say how the service behaves, none that is secret."""

from __future__ import annotations

from leadyard.settings import PREFIX, Settings

Fact = tuple[str, str, str, str, str]
"""Group, title, value, variable, and what there is to say."""

_SHOWN = (
    ("Prices", "Person found", "price_person_found", "E-mail credits, once per person in 24 hours."),
    ("Prices", "E-mail revealed", "price_email_revealed", "E-mail credits, once per person."),
    ("Prices", "E-mail validated", "price_email_validated", "E-mail credits."),
    ("Prices", "Phone revealed", "price_phone_revealed", "Phone credits, once per person."),
    ("Prices", "Warning of low credits", "low_credits", "A balance below this is shown in amber."),
    ("Limits", "Leads in a list", "max_leads_per_list", ""),
    ("Limits", "Leads in a request", "max_leads_per_request", ""),
    ("Limits", "Bytes of a request", "max_body_bytes", ""),
    ("Limits", "Requests a minute", "rate_limit", "Of each key and each session; 0 is no limit."),
    ("What is known", "Found stays known, in days", "cache_found_days", "Then providers are asked anew."),
    ("What is known", "Not found stays known, in days", "cache_not_found_days", ""),
    (
        "What is known",
        "Leads are kept, in days",
        "keep_leads_days",
        "After their list ended; none is forever.",
    ),
    ("What is known", "Deleted leads are kept, in days", "keep_deleted_leads_days", ""),
    ("E-mail checks", "DNS is asked", "email_dns", ""),
    ("E-mail checks", "Mail hosts are asked", "smtp_probe", ""),
    ("Service", "Public address", "public_url", "Links begin with it."),
    ("Service", "Chunks at once", "worker_concurrency", "In each process that works."),
)


def list_facts(settings: Settings) -> list[Fact]:
    """The settings in force, in the order of the page."""
    return [
        (group, title, _write(getattr(settings, name)), PREFIX + name.upper(), hint)
        for group, title, name, hint in _SHOWN
    ]


def _write(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:,}" if isinstance(value, int | float) else str(value)
