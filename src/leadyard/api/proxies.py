"""Where a request came from, as far as those who pass it on can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import msgspec

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


class Peer(msgspec.Struct, frozen=True):
    """Who sent a request: the address, if there is one, and whether it came by HTTPS."""

    address: str | None
    is_https: bool


class TrustedProxies:
    """The networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; nobody's by default."""

    def __init__(self, networks: Sequence[Network] = ()) -> None:
        self._networks = tuple(networks)

    def find_peer(self, scope: Any) -> Peer:
        """Who sent a request: the last address that no trusted proxy has."""
        client = scope.get("client")
        address = _parse(client[0]) if client else None
        is_https = scope.get("scheme") == "https"
        if not self._networks or address is None or not self._is_trusted(address):
            return Peer(None if address is None else str(address), is_https)
        headers = scope["headers"]
        for told in reversed(_values(headers, b"x-forwarded-for")):
            found = _parse(told)
            if found is None:
                break
            address = found
            if not self._is_trusted(address):
                break
        protocols = _values(headers, b"x-forwarded-proto")
        return Peer(str(address), protocols[-1].lower() == "https" if protocols else is_https)

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def parse_networks(text: str) -> list[Network]:
    """Networks and addresses separated by commas. Raises ValueError for what is neither."""
    return [ip_network(part.strip()) for part in text.split(",") if part.strip()]


def _values(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> list[str]:
    """What a header says, which may come several times and hold several values each time."""
    parts = [value.decode("latin-1") for header, value in headers if header == name]
    return [item.strip() for part in parts for item in part.split(",")]


@lru_cache(maxsize=1_000)
def _parse(text: str) -> Address | None:
    """An address, without the port and the brackets that some proxies write; IPv4 as itself."""
    host = text
    if text.startswith("["):
        host = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        host = text.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
