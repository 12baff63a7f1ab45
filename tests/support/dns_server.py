"""A small authoritative DNS server on loopback, over UDP and TCP, that can also misbehave."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from tests.support.processes import free_port

NEGATIVE_TTL_SECONDS = 60
_SOA = "ns.example. admin.example. 1 3600 600 86400"


class Manner(Enum):
    """How the server treats a question for a name."""

    ANSWER = auto()
    SERVFAIL = auto()
    REFUSED = auto()
    SILENT = auto()
    TRUNCATED_OVER_UDP = auto()


@dataclass(slots=True)
class DnsServer:
    """Records by name and kind; a name without any does not exist.

    `questions` counts what was asked over which transport, `most_open` the most questions that waited for
    an answer at once while `delay_seconds` held each back.
    """

    port: int = 0
    delay_seconds: float = 0.0
    questions: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    most_open: int = 0
    _open: int = 0
    _records: dict[str, dict[str, list[dns.rrset.RRset]]] = field(default_factory=dict)
    _manners: dict[tuple[str, str | None], Manner] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Address and port, as the client's setting takes them."""
        return f"127.0.0.1:{self.port}"

    def add(self, name: str, kind: str, *values: str, ttl: int = 300) -> None:
        """Put a record set in the zone."""
        records = dns.rrset.from_text(f"{name}.", ttl, "IN", kind, *values)
        self._records.setdefault(name, {})[kind] = [records]

    def add_alias(self, name: str, kind: str, target: str, *, alone: bool = False) -> None:
        """Answer one kind of question for a name with an alias and, unless alone, the target's records."""
        alias = dns.rrset.from_text(f"{name}.", 300, "IN", "CNAME", f"{target}.")
        self._records[name] = {kind: [alias] if alone else [alias, *self._records[target][kind]]}

    def add_name(self, name: str) -> None:
        """Let a name exist without any record."""
        self._records.setdefault(name, {})

    def treat(self, name: str, manner: Manner, kind: str | None = None) -> None:
        """Answer the questions for a name, or one kind of them, in this manner."""
        self._manners[name, kind] = manner

    def asked(self, name: str) -> int:
        """How many questions came for a name."""
        return sum(count for (asked, _, _), count in self.questions.items() if asked == name)

    async def answer(self, wire: bytes, transport: str) -> bytes | None:
        """The answer to a question as it came, or None to keep silent."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.questions[name, kind, transport] += 1
        self._open += 1
        self.most_open = max(self.most_open, self._open)
        await asyncio.sleep(self.delay_seconds)
        self._open -= 1
        manner = self._manners.get((name, kind), self._manners.get((name, None), Manner.ANSWER))
        if manner is Manner.SILENT:
            return None
        return self._respond(query, name, kind, manner, transport).to_wire()

    def _respond(
        self, query: dns.message.Message, name: str, kind: str, manner: Manner, transport: str
    ) -> dns.message.Message:
        response = dns.message.make_response(query, recursion_available=True)
        if manner in (Manner.SERVFAIL, Manner.REFUSED):
            response.set_rcode(dns.rcode.from_text(manner.name))
        elif manner is Manner.TRUNCATED_OVER_UDP and transport == "udp":
            response.flags |= dns.flags.TC
        elif found := self._records.get(name, {}).get(kind):
            response.answer.extend(found)
        else:
            if name not in self._records:
                response.set_rcode(dns.rcode.NXDOMAIN)
            soa = f"{_SOA} {NEGATIVE_TTL_SECONDS}"
            response.authority.append(dns.rrset.from_text("example.", NEGATIVE_TTL_SECONDS, "IN", "SOA", soa))
        return response


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server
        self._answering: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.create_task(self._answer(data, addr))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = await self._server.answer(data, "udp")
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


@asynccontextmanager
async def serve_dns() -> AsyncIterator[DnsServer]:
    """An empty zone on a free port of 127.0.0.1, until the block ends."""
    server = DnsServer()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(2), "big")
        answer = await server.answer(await reader.readexactly(length), "tcp")
        if answer is not None:
            writer.write(len(answer).to_bytes(2, "big") + answer)
            await writer.drain()
        writer.close()

    server.port = free_port()
    streams = await asyncio.start_server(talk, "127.0.0.1", server.port)
    loop = asyncio.get_running_loop()
    datagrams, _ = await loop.create_datagram_endpoint(
        lambda: _Datagrams(server), local_addr=("127.0.0.1", server.port)
    )
    try:
        yield server
    finally:
        datagrams.close()
        streams.close()
        await streams.wait_closed()
