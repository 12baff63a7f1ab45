"""What the name of a mailbox or of its domain tells without asking anyone."""

from __future__ import annotations

from disposable_email_domains import blocklist

_ROLE_MAILBOXES = """
abuse admin administrator ftp hostmaster info listserv mailerdaemon majordomo marketing news noc postmaster
root sales security support usenet uucp webmaster www
accounting accounts accountspayable billing booking bookings careers compliance contact contactus
customercare customerservice customersupport desk donotreply dpo enquiries enquiry events feedback finance
frontdesk gdpr hello help helpdesk hi hr humanresources inquiries inquiry invoice invoices invoicing it
itsupport jobs legal list mail media newsletter noreply office orders partners payments payroll pr press
privacy procurement purchasing reception recruiting recruitment registration reservations sysadmin team tech
techsupport welcome
bewerbung buchhaltung kontakt rechnung vertrieb
administracion contacto facturacion ventas
accueil commercial comptabilite compta facturation
amministrazione contatti vendite
comercial contato financeiro
"""
"""Mailboxes of a task, not of a person, without dots, hyphens and underscores.

First those that servers and standards name (RFC 2142 3 to 6 among them), then custom in English, German,
Spanish, French, Italian and Portuguese.
"""

_ROLES = frozenset(_ROLE_MAILBOXES.split())
_DISPOSABLE_DOMAINS: frozenset[str] = frozenset(blocklist)
_SEPARATORS = str.maketrans("", "", ".-_")


def is_role_account(local_part: str) -> bool:
    """Whether the mailbox is a task's (RFC 2142 and custom); a plus tag and separators do not count."""
    return local_part.partition("+")[0].translate(_SEPARATORS) in _ROLES


def is_disposable(domain: str) -> bool:
    """Whether the domain, or one that it is below, hands out mailboxes that are thrown away after use."""
    while "." in domain:
        if domain in _DISPOSABLE_DOMAINS:
            return True
        domain = domain.partition(".")[2]
    return False
