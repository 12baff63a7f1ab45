"""What is shown of a lead: what the caller sent, and where that is silent, what was found and paid for."""

from __future__ import annotations

import msgspec

from leadyard.domain.emails import EmailVerdict
from leadyard.domain.entries import Entry
from leadyard.domain.leads import other_members, read_fields, sent_email
from leadyard.domain.people import Person, PhoneNumber

_NOBODY = Person(id="")
_NAMES = ("name", "full_name")


class ShownLead(msgspec.Struct, frozen=True, dict=True):
    """The values of a lead as they are known now; None is unknown.

    `raw` is all that was sent. What was found shows once the entry is done, when it has been paid for; it
    stays while the entry is taken up again.
    """

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
    verdict: EmailVerdict | None
    raw: bytes | str
    sent_unusable_email: bool

    @property
    def data(self) -> dict[str, msgspec.Raw]:
        """Every other member that was sent. An e-mail that cannot be used is kept there too."""
        known: dict[str, msgspec.Raw] | None = self.__dict__.get("members")
        if known is None:
            known = self.__dict__["members"] = other_members(self.raw, with_email=self.sent_unusable_email)
        return known

    @property
    def name(self) -> str | None:
        """The name that was found, else the one that was sent, under the names that callers use for it."""
        found = " ".join(filter(None, (self.first_name, self.last_name)))
        return found or self._sent_name()

    @property
    def parts_of_name(self) -> tuple[str | None, str | None]:
        """First and last name: as found, else as sent, else the first word of the name and the rest."""
        data = self.data
        sent = (read_text(data.get("first_name")), read_text(data.get("last_name")))
        known = next(filter(any, ((self.first_name, self.last_name), sent)), None)
        if known is not None:
            return known
        first, _, last = " ".join((self._sent_name() or "").split()).partition(" ")
        return first or None, last or None

    @property
    def label(self) -> str | None:
        """What the lead is called: its name, else the best that is known."""
        profile = (self.linkedin_url or "").rstrip("/").rpartition("/")[2]
        return self.name or self.email or profile or self.title

    def _sent_name(self) -> str | None:
        data = self.data
        whole = next(filter(None, (read_text(data.get(name)) for name in _NAMES)), None)
        parts = (read_text(data.get("first_name")), read_text(data.get("last_name")))
        return whole or " ".join(filter(None, parts)) or None


def show_lead(entry: Entry) -> ShownLead:
    """What is shown of an entry."""
    lead, shown = read_fields(entry.raw), entry.shown
    person = shown.person or _NOBODY
    company = person.company
    is_usable = sent_email(lead.email) is not None
    return ShownLead(
        email=lead.email if is_usable else person.email,
        person_id=person.id or None,
        linkedin_url=lead.linkedin_url or person.linkedin_url,
        first_name=person.first_name,
        last_name=person.last_name,
        title=lead.title or person.title,
        company_name=lead.company_name or company.name,
        company_domain=lead.company_domain or company.domain,
        industry=company.industry,
        phone_numbers=person.phone_numbers,
        verdict=shown.verdict,
        raw=entry.raw,
        sent_unusable_email=bool(lead.email) and not is_usable,
    )


def read_text(value: msgspec.Raw | None) -> str | None:
    """The text in a raw JSON value, stripped; None for anything else and for an empty one."""
    if value is None or bytes(value)[:1] != b'"':
        return None
    return str(msgspec.json.decode(value)).strip() or None
