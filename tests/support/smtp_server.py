"""Mail hosts on addresses of this machine, all on one port, that behave well or badly."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

HANG_UP = ""
"""In the place of a reply: closes the connection."""

Decide = Callable[["Talk", str], str]


def accept_all(_talk: Talk, _recipient: str) -> str:
    """Every mailbox is there."""
    return "250 2.1.5 Ok"


def accept_known(_talk: Talk, recipient: str) -> str:
    """Mailboxes that begin with `known` are there."""
    if recipient.startswith("known"):
        return "250 2.1.5 Ok"
    return f"550 5.1.1 <{recipient}>: Recipient address rejected: User unknown in virtual mailbox table"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a mail host behaves; by default as a good one that accepts the mailboxes it has.

    `greeting`, `ehlo` and `mail` are replies, HANG_UP to close and None for silence; `decide` gives the reply
    to a recipient. Delays are in seconds. With `loses_pipelined` it reads one command and forgets what came
    with it.
    """

    greeting: str | None = "220 mx.example ESMTP"
    greeting_delay: float = 0.0
    ehlo: str | None = None
    mail: str | None = "250 2.1.0 Ok"
    decide: Decide = accept_known
    recipient_delay: float = 0.0
    features: tuple[str, ...] = ("PIPELINING", "SIZE 10240000", "8BITMIME")
    tls: ssl.SSLContext | None = None
    byte_by_byte: bool = False
    loses_pipelined: bool = False

    def but(self, **changes: object) -> Manner:
        """The same, but for something."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(slots=True)
class Talk:
    """One connection: what was asked on it."""

    recipients: list[str] = field(default_factory=list)
    is_encrypted: bool = False


@dataclass(slots=True)
class MailHost:
    """A mail host and what happened at it: how many connections at once at most, recipients, commands."""

    address: str
    manner: Manner
    talks: list[Talk] = field(default_factory=list)
    commands: Counter[str] = field(default_factory=Counter)
    running: set[asyncio.Task[None] | None] = field(default_factory=set)
    open: int = 0
    most_open: int = 0

    @property
    def recipients(self) -> list[str]:
        """Every recipient that was asked for, in order."""
        return [recipient for talk in self.talks for recipient in talk.recipients]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talks on one connection until it ends."""
        talk = Talk()
        self.talks.append(talk)
        self.running.add(task := asyncio.current_task())
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            # Canceled when the test ends, which is no event for the server that started it.
            with contextlib.suppress(OSError, ValueError, asyncio.CancelledError):
                await self._talk(talk, reader, writer)
        finally:
            self.open -= 1
            self.running.discard(task)
            writer.close()

    async def rest(self) -> None:
        """Ends what is still going on."""
        tasks = [task for task in self.running if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)

    async def _talk(self, talk: Talk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.manner.greeting_delay)
        is_on = await self._say(writer, self.manner.greeting)
        while is_on and (line := await self._hear(reader)):
            command = line.decode().strip()
            verb = command.split(" ")[0].split(":")[0].upper()
            self.commands[verb] += 1
            if verb == "STARTTLS" and self.manner.tls is not None:
                await _say(writer, "220 2.0.0 Ready")
                await writer.start_tls(self.manner.tls)
                talk.is_encrypted = True
            else:
                if verb == "RCPT" and self.manner.recipient_delay:
                    await asyncio.sleep(self.manner.recipient_delay)
                is_on = await self._say(writer, self._reply(talk, verb, command)) and verb != "QUIT"

    async def _hear(self, reader: asyncio.StreamReader) -> bytes:
        if self.manner.loses_pipelined:
            return (await reader.read(65_536)).partition(b"\n")[0]
        return await reader.readline()

    async def _say(self, writer: asyncio.StreamWriter, reply: str | None) -> bool:
        if not self.manner.byte_by_byte or not reply:
            return await _say(writer, reply)
        for byte in f"{reply}\r\n".encode():
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        return True

    def _reply(self, talk: Talk, verb: str, command: str) -> str | None:
        manner = self.manner
        if verb == "EHLO":
            features = (*manner.features, "STARTTLS") if manner.tls else manner.features
            lines = ["mx.example", *features]
            plain = [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]
            return "\r\n".join(plain) if manner.ehlo is None else manner.ehlo
        if verb == "MAIL":
            must_encrypt = manner.tls is not None and not talk.is_encrypted
            return "530 5.7.0 Must issue a STARTTLS command first" if must_encrypt else manner.mail
        if verb == "RCPT":
            recipient = command.partition("<")[2].partition(">")[0]
            talk.recipients.append(recipient)
            return manner.decide(talk, recipient)
        return {"HELO": "250 mx.example", "QUIT": "221 2.0.0 Bye"}.get(verb, "502 5.5.2 Not known here")


async def _say(writer: asyncio.StreamWriter, reply: str | None) -> bool:
    """Says something, or nothing; False if the connection is over by that."""
    if reply is None:
        return True
    if reply == HANG_UP:
        return False
    writer.write(f"{reply}\r\n".encode())
    await writer.drain()
    return True


class MailHosts:
    """Mail hosts that listen on addresses of 127.0.0.0/8, each with its manner."""

    def __init__(self, port: int, stack: AsyncExitStack) -> None:
        self.port = port
        self._stack = stack
        self.hosts: list[MailHost] = []
        self.kind: type[MailHost] = MailHost

    async def add(self, manner: Manner, address: str | None = None) -> MailHost:
        """A mail host on an address of its own, or on this one."""
        number = len(self.hosts) + 1
        host = self.kind(address or f"127.0.{number // 250 + 1}.{number % 250 + 1}", manner)
        server = await asyncio.start_server(host.serve, host.address, self.port, backlog=256)
        self._stack.push_async_callback(host.rest)
        self._stack.callback(server.close)
        self.hosts.append(host)
        return host


@asynccontextmanager
async def serve_mail() -> AsyncIterator[MailHosts]:
    """Mail hosts until the block ends; they listen on a port that was free on all addresses."""
    with socket.create_server(("0.0.0.0", 0)) as any_address:
        port = any_address.getsockname()[1]
    async with AsyncExitStack() as stack:
        yield MailHosts(port, stack)
