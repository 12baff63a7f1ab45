"""Which addresses a mail host may have: those of the internet, not of the network we stand in."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052


def may_call(address: str, also: Sequence[Network] = ()) -> bool:
    """Whether an address is one of the internet, or in one of these networks.

    Private, loopback, link-local, shared, reserved and multicast addresses are not, and neither is an IPv6
    address that stands for such an IPv4 address: whoever owns a domain can let its MX name any of them.
    """
    found: Address = ipaddress.ip_address(address)
    if any(found in network for network in also):
        return True
    meant = _embedded(found) or found
    return meant.is_global and not meant.is_multicast


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to, if it is one of those."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
