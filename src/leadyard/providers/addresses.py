"""Which addresses may be called: public ones only, unless the operator allows others.

A web address that a user sets must not lead into the network that Leadyard stands in. So a name is
resolved, every address that it has is checked, and the connection goes to a checked address.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_AZURE_HOST = IPv4Address("168.63.129.16")
"""The platform under a machine in Azure answers there, with settings and keys of that machine."""
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052 2.1
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291 2.4, as far as it is given out
_LOW_32_BITS = 0xFFFF_FFFF


class ForbiddenAddress(OSError):
    """An address that must not be called; the text names no host."""

    def __init__(self) -> None:
        super().__init__("the address is not public")


class AllowedHosts:
    """The names, addresses and networks that may be called although they are not public."""

    def __init__(self, entries: Iterable[str] = ()) -> None:
        """`entries` are host names, IP addresses, or networks such as 10.1.0.0/16."""
        self._names: set[str] = set()
        self._networks: list[Network] = []
        for entry in entries:
            try:
                self._networks.append(ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                self._names.add(_host_name(entry))

    def allow_name(self, host: str) -> bool:
        """Whether whatever address this name has may be called."""
        return _host_name(host) in self._names

    def allow_address(self, address: Address) -> bool:
        """Whether an address may be called."""
        return is_public(address) or any(address in network for network in self._networks)

    def is_listed(self, host: str) -> bool:
        """Whether the operator names this host, as a name or by its address."""
        address = _read_address(host)
        is_within = address is not None and any(address in network for network in self._networks)
        return is_within or self.allow_name(host)

    def is_forbidden(self, host: str) -> bool:
        """Whether this host is an address that must not be called; names are looked up when they are."""
        address = _read_address(host)
        return address is not None and not (self.allow_name(host) or self.allow_address(address))

    def require_host(self, host: str) -> None:
        """Raises ForbiddenAddress for a host that is an IP address and must not be called."""
        if self.is_forbidden(host):
            raise ForbiddenAddress


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet; one that carries another is as public as that."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and address != _AZURE_HOST
    carried = _carried_address(address)
    if carried is not None:
        return is_public(carried)
    return address.is_global and address in _GLOBAL_UNICAST


def _carried_address(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this one end at."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & _LOW_32_BITS)
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return None


def _read_address(host: str) -> Address | None:
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _host_name(host: str) -> str:
    return host.strip().strip("[]").lower().removesuffix(".")
