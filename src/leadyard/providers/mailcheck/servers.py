"""The DNS servers of the settings, and how long they may take."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

QUERY_SECONDS = 5.0
LOOKUP_SECONDS = 10.0

_DNS_PORT = 53
_SERVER = re.compile(r"(?:\[([^\]]+)\]|([^:]+))(?::([0-9]{1,5}))?")


def read_servers(servers: Sequence[str]) -> list[tuple[str, int]]:
    """DNS servers by their address, with a port other than 53 as in 192.0.2.1:5353 or [2001:db8::1]:5353.

    A text may hold several, separated by commas. Raises ValueError for what is no address, or none at all.
    """
    return [_read_server(text.strip()) for text in ",".join(servers).split(",")]


def _read_server(text: str) -> tuple[str, int]:
    match = _SERVER.fullmatch(text)
    address, port = (match[1] or match[2], int(match[3] or _DNS_PORT)) if match else (text, _DNS_PORT)
    if not 0 < port < 65536:
        raise ValueError(f"{text!r} has a port that does not exist")
    return str(ipaddress.ip_address(address)), port
