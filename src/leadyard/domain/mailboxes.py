"""Which mailbox an address leads to, for finding people; when two leads are the same is `email_key`."""

from __future__ import annotations


def mailbox_key(email_key: str) -> str:
    """The address without a plus tag: ada+news@b.example is ada@b.example (RFC 5233)."""
    local_part, _, domain = email_key.rpartition("@")
    mailbox = local_part.partition("+")[0]
    return f"{mailbox}@{domain}" if mailbox else email_key
