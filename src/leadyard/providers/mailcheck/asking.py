"""How mail hosts are to be asked: who we say we are, and where they listen."""

from __future__ import annotations

import re

import msgspec

from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.domain.mail_hosts import MailHostPlaces
from leadyard.providers.mailcheck.addresses import Network

SMTP_PORT = 25
REPLY_SECONDS = 10.0
MAX_HOST_NAME_CHARACTERS = 253

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST_NAME = re.compile(rf"(?:{_LABEL}\.)+(?!\d+\Z){_LABEL}")


class Introduction(msgspec.Struct, frozen=True):
    """How we introduce ourselves: a host name, and the address that mail would come from."""

    helo: str
    sender: str


def make_introduction(helo: str, sender: str) -> Introduction:
    """Raises ValueError, naming which of the two it is, for what mail hosts would not take."""
    name = helo.strip().rstrip(".").lower()
    if _HOST_NAME.fullmatch(name) is None or len(name) > MAX_HOST_NAME_CHARACTERS:
        raise ValueError("HELO: not a host name in full, such as probe.example.com.")
    try:
        address = email_key(sender)
    except InvalidIdentity:
        raise ValueError("SENDER: not a valid e-mail.") from None
    if not address.isascii():
        raise ValueError("SENDER: must be ASCII, which every mail host takes.")
    return Introduction(name, address)


class Probing(msgspec.Struct, frozen=True):
    """How mail hosts are asked.

    `port` and `networks`, to call beside the internet, are for tests on one machine: mail hosts of the world
    listen on 25, and one with a private address would be a way into the network that the service stands in.
    `witness` is a host that takes mail at all times, by which the self-test sees whether port 25 is open;
    None leaves the self-test out. `places` are those at mail hosts that several processes share.
    """

    introduction: Introduction
    port: int = SMTP_PORT
    networks: tuple[Network, ...] = ()
    seconds: float = REPLY_SECONDS
    witness: str | None = "gmail-smtp-in.l.google.com"
    places: MailHostPlaces | None = None
