"""One conversation with a mail host, up to RCPT and never further (RFC 5321, 2920, 3207)."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache

from leadyard.providers.mailcheck.asking import Introduction
from leadyard.providers.mailcheck.reasons import Reason
from leadyard.providers.mailcheck.replies import Reply, classify, make_reply

MAX_LINE_BYTES = 4096
MAX_LINES = 100

_LINE = re.compile(r"([2-5]\d\d)([ -]|$)(.*)", re.DOTALL)
_UNKNOWN_COMMAND = frozenset({500, 501, 502, 504})
_NEEDS_TLS = frozenset({530, 454, 554})


class ConversationFailed(Exception):
    """A conversation that came to no answers: why, and what the host said last, if it did."""

    def __init__(self, reason: Reason, reply: Reply | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.reply = reply


class Conversation:
    """A connection to a mail host. Every reply may take `seconds`."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, seconds: float
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._host = host
        self._seconds = seconds
        self._features: frozenset[str] = frozenset()

    @property
    def takes_international(self) -> bool:
        """Whether local parts need not be ASCII (RFC 6531)."""
        return "SMTPUTF8" in self._features

    async def begin(self, introduction: Introduction) -> None:
        """Everything before the recipients. Raises ConversationFailed where the host does not go along."""
        await self._require(await self._read())
        await self._greet(introduction.helo)
        reply = await self._mail_from(introduction.sender)
        if reply.code in _NEEDS_TLS and "STARTTLS" in self._features and _asks_for_tls(reply):
            await self._start_tls()
            await self._greet(introduction.helo)
            reply = await self._mail_from(introduction.sender)
        await self._require(reply)

    @property
    def takes_pipelines(self) -> bool:
        """Whether many commands may be sent at once (RFC 2920)."""
        return "PIPELINING" in self._features

    async def ask(self, recipients: Sequence[str], *, at_once: bool) -> AsyncIterator[Reply]:
        """The replies to these recipients, in their order, as they come.

        They are sent all at once or, else, each after the reply to the one before. Raises
        ConversationFailed when the host tells no more.
        """
        commands = [f"RCPT TO:<{recipient}>\r\n".encode() for recipient in recipients]
        if at_once:
            self._send(b"".join(commands))
            for _ in commands:
                yield await self._read_answer()
        else:
            for command in commands:
                self._send(command)
                yield await self._read_answer()

    async def leave(self) -> None:
        """Takes leave, without waiting to hear it."""
        with suppress(ConversationFailed):
            self._send(b"QUIT\r\n")

    async def _greet(self, helo: str) -> None:
        reply = await self._say(f"EHLO {helo}")
        if reply.code in _UNKNOWN_COMMAND:
            await self._require(await self._say(f"HELO {helo}"))
            self._features = frozenset()
        else:
            await self._require(reply)
            self._features = frozenset(line.split(" ")[0] for line in reply.text.upper().split("\n"))

    async def _mail_from(self, sender: str) -> Reply:
        international = " SMTPUTF8" if self.takes_international else ""
        return await self._say(f"MAIL FROM:<{sender}>{international}")

    async def _start_tls(self) -> None:
        """Encrypts."""
        await self._require(await self._say("STARTTLS"))
        try:
            async with asyncio.timeout(self._seconds):
                await self._writer.start_tls(_any_certificate(), server_hostname=self._host)
        except OSError as error:
            raise ConversationFailed(Reason.CLOSED) from error

    async def _require(self, reply: Reply) -> None:
        """Raises ConversationFailed unless the host agrees."""
        if reply.code // 100 == 2:
            return
        reason = classify(reply)
        # Before a recipient was named, no reply can be about one.
        known = (Reason.GREYLISTED, Reason.RATE_LIMITED, Reason.TEMPORARY_FAILURE, Reason.NOT_SMTP)
        raise ConversationFailed(reason if reason in known else Reason.BLOCKED, reply)

    async def _say(self, command: str) -> Reply:
        self._send(f"{command}\r\n".encode())
        return await self._read()

    def _send(self, data: bytes) -> None:
        if self._writer.is_closing():
            raise ConversationFailed(Reason.CLOSED)
        self._writer.write(data)

    async def _read_answer(self) -> Reply:
        """A reply about a recipient. Raises ConversationFailed for one that ends the conversation."""
        reply = await self._read()
        if reply.code == 421:
            raise ConversationFailed(classify(reply), reply)
        return reply

    async def _read(self) -> Reply:
        """One reply, its lines joined. Raises ConversationFailed if there is none that can be read."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._read_lines()
        except TimeoutError:
            raise ConversationFailed(Reason.TIMED_OUT) from None
        except ValueError:
            raise ConversationFailed(Reason.NOT_SMTP) from None
        except OSError:
            raise ConversationFailed(Reason.CLOSED) from None

    async def _read_lines(self) -> Reply:
        texts: list[str] = []
        for _ in range(MAX_LINES):
            line = await self._reader.readline()
            if not line.endswith(b"\n"):
                raise ConversationFailed(Reason.NOT_SMTP if line else Reason.CLOSED)
            match = _LINE.fullmatch(line.decode("utf-8", "replace").rstrip("\r\n"))
            if match is None:
                raise ConversationFailed(Reason.NOT_SMTP)
            texts.append(match[3])
            if match[2] != "-":
                return make_reply(int(match[1]), "\n".join(texts))
        raise ConversationFailed(Reason.NOT_SMTP)


@asynccontextmanager
async def open_conversation(
    host: str, address: str, port: int, introduction: Introduction, seconds: float
) -> AsyncIterator[Conversation]:
    """A conversation that has come as far as the recipients; ended with the block.

    Connecting and each reply may take `seconds`. Raises ConversationFailed.
    """
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address, port, limit=MAX_LINE_BYTES)
    except TimeoutError:
        raise ConversationFailed(Reason.TIMED_OUT) from None
    except OSError:
        raise ConversationFailed(Reason.UNREACHABLE) from None
    conversation = Conversation(reader, writer, host, seconds)
    try:
        await conversation.begin(introduction)
        yield conversation
        await conversation.leave()
    finally:
        writer.close()


@cache
def _any_certificate() -> ssl.SSLContext:
    """Encryption without a look at the certificate: hosts that take mail have any (RFC 7672 1.3)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _asks_for_tls(reply: Reply) -> bool:
    said = reply.text.lower()
    return reply.code == 530 or "tls" in said or "encrypt" in said
