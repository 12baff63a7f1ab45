"""Whether mail hosts can be asked from here, and what is missing for it."""

from __future__ import annotations

import asyncio
import ipaddress
from enum import StrEnum

from leadyard.providers.mailcheck.asking import Probing
from leadyard.providers.mailcheck.lookup import Lookup, LookupFailed


class Fault(StrEnum):
    """What keeps mail hosts from answering us, in one sentence."""

    PORT_25_BLOCKED = "Outgoing port 25 is blocked: no mail host can be reached from here."
    HELO_UNKNOWN = "The name in LEADYARD_SMTP_HELO has no address in the DNS."
    NO_REVERSE_NAME = "The address of LEADYARD_SMTP_HELO has no reverse name (PTR)."


async def find_faults(probing: Probing, lookup: Lookup) -> list[Fault]:
    """All that is wrong, at most one of a kind. What could not be learned is not called a fault.

    But for port 25: a witness that cannot be reached is what a blocked port looks like.
    """
    is_open, helo = await asyncio.gather(_is_port_open(probing, lookup), _test_helo(probing, lookup))
    faults = [] if is_open else [Fault.PORT_25_BLOCKED]
    return faults if helo is None else [*faults, helo]


async def _test_helo(probing: Probing, lookup: Lookup) -> Fault | None:
    try:
        addresses = await lookup.list_addresses(probing.introduction.helo)
        if not addresses:
            return Fault.HELO_UNKNOWN
        named = await asyncio.gather(*map(lookup.has_reverse_name, addresses))
    except LookupFailed:
        return None
    return None if all(named) else Fault.NO_REVERSE_NAME


async def _is_port_open(probing: Probing, lookup: Lookup) -> bool:
    for address in await _witness_addresses(probing.witness or "", lookup):
        try:
            async with asyncio.timeout(probing.seconds):
                _, writer = await asyncio.open_connection(address, probing.port)
        except OSError:
            continue
        writer.close()
        return True
    return False


async def _witness_addresses(witness: str, lookup: Lookup) -> list[str]:
    try:
        return [str(ipaddress.ip_address(witness))]
    except ValueError:
        pass
    try:
        return await lookup.list_addresses(witness)
    except LookupFailed:
        return []
