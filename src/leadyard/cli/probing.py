"""Tells at the start whether mail hosts can be asked from here."""

from __future__ import annotations

import structlog

from leadyard.app import make_probing
from leadyard.settings import Settings

log = structlog.get_logger()


async def tell_probing(settings: Settings) -> None:
    """Logs what keeps mail hosts from answering us, if they are to be asked at all.

    The validator finds out by itself, and says unknown until nothing does any more.
    """
    probing = make_probing(settings)
    if probing is None:
        return
    # Most services ask no mail host, and load nothing of it until the first e-mail is to be checked.
    from leadyard.providers.mailcheck.lookup import Lookup  # noqa: PLC0415
    from leadyard.providers.mailcheck.selftest import find_faults  # noqa: PLC0415

    lookup = Lookup(settings.dns_servers.split(",") if settings.dns_servers else None)
    faults = await find_faults(probing, lookup)
    for fault in faults:
        log.error("mail_hosts_not_asked", fault=str(fault))
    if not faults:
        log.info("mail_hosts_asked", helo=probing.introduction.helo)
