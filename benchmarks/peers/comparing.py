"""Adding 10,000 leads to Leadyard and to each of the peers, in turns, so that all see the same machine."""

from __future__ import annotations

import statistics
from contextlib import AsyncExitStack

from benchmarks.adding import make_floor
from benchmarks.leads import make_leads
from benchmarks.peers.contenders import PEERS, Peer
from benchmarks.peers.environment import set_up
from benchmarks.peers.running import run_peer
from benchmarks.report import Line, Target, at_least
from benchmarks.rig import Rig

SUBJECT = "peers"
TAUGHT = at_least(8)
ANY = at_least(2)


async def measure(rig: Rig) -> list[Line]:
    """How many times as long as Leadyard each takes for the same."""
    set_up()
    return await compare(rig, rig.options.rounds(7))


async def compare(rig: Rig, rounds: int) -> list[Line]:
    """The same, with an environment that is there. The first round is not counted."""
    body = make_leads(0, rig.options.body_size, rig.options.data)
    peers = [peer for peer in PEERS if rig.is_sqlite or not peer.is_sqlite_only]
    times: dict[str, list[float]] = {peer.title: [] for peer in peers}
    ours, floors = [], []
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(rig.serve())
        contenders = [await stack.enter_async_context(run_peer(rig, peer, body)) for peer in peers]
        floor = make_floor(rig)
        for number in range(rounds + 1):
            floors.append(floor(body, number))
            ours.append(await service.add_to_new_list(body))
            for contender in contenders:
                times[contender.peer.title].append(await contender.add(body))
    own = statistics.median(ours[1:])
    medians = {title: statistics.median(seconds[1:]) for title, seconds in times.items()}
    lines = [rig.line(SUBJECT, "Leadyard, p50", own * 1000, "ms")]
    lines.append(rig.line(SUBJECT, "the floor, p50", statistics.median(floors[1:]) * 1000, "ms"))
    for peer in peers:
        lines.append(rig.line(SUBJECT, f"{peer.title}, p50", medians[peer.title] * 1000, "ms"))
        lines.append(
            rig.line(SUBJECT, f"  {peer.title}, over Leadyard", medians[peer.title] / own, "×", _target(peer))
        )
    return lines


def _target(peer: Peer) -> Target:
    """Those that work as their documentation teaches are left further behind than those that we made fast."""
    return TAUGHT if peer.is_taught else ANY
