"""Asks mail hosts about addresses: a few conversations a host, each about many addresses of a domain."""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections import deque
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from leadyard.domain.fair_queue import FairQueue
from leadyard.providers.mailcheck.addresses import may_call
from leadyard.providers.mailcheck.asking import Probing
from leadyard.providers.mailcheck.conversation import (
    Conversation,
    ConversationFailed,
    open_conversation,
)
from leadyard.providers.mailcheck.kept import AskedOnce, Clock, Kept
from leadyard.providers.mailcheck.lookup import MailHost
from leadyard.providers.mailcheck.mapping import Heard
from leadyard.providers.mailcheck.places import CONNECTIONS_A_HOST, Places
from leadyard.providers.mailcheck.reasons import Reason
from leadyard.providers.mailcheck.replies import Reply, classify, is_doubtful, sanitize

SESSION_SECONDS = 60.0
WAIT_SECONDS = 900.0
"""What an address waits for its turn at most."""

RECIPIENTS_A_SESSION = 25
POSTMASTER = "postmaster"
"""The mailbox that every host has (RFC 5321 4.5.1). A session keeps room for it."""

MAX_HOSTS = 4
MAX_ADDRESSES = 2
MAX_CUT_OFFS = 3
FEW_ANSWERS = 5
"""After so many conversations that ended with fewer answers than these, a domain is left alone."""

CATCH_ALL_SECONDS = 6 * 3600.0
REFUSED_SECONDS = 1800.0
AWAY_SECONDS = 300.0
BUSY_SECONDS = 60.0
MAX_KEPT = 20_000
PROBE_CHARACTERS = 20

_RANKS = (
    Reason.NO_MAIL_HOST,
    Reason.PRIVATE_MAIL_HOST,
    Reason.DNS_UNAVAILABLE,
    Reason.UNREACHABLE,
    Reason.TIMED_OUT,
)
"""Of what several hosts came to, the one that says least of the domain comes first."""

_PASSING = frozenset(
    {
        Reason.BUSY,
        Reason.GREYLISTED,
        Reason.RATE_LIMITED,
        Reason.TEMPORARY_FAILURE,
        Reason.DNS_UNAVAILABLE,
    }
)
_ABOUT_US = frozenset({Reason.BLOCKED, Reason.RATE_LIMITED, Reason.GREYLISTED})


class _Recipient(msgspec.Struct, frozen=True, eq=False):
    """An address that is asked for, and the line that it stands in."""

    email: str
    line: int
    answer: asyncio.Future[Heard]

    def tell(self, heard: Heard) -> None:
        if not self.answer.done():
            self.answer.set_result(heard)


class _Desk(msgspec.Struct):
    """The addresses of one domain that wait to be asked for, and how many conversations see to that."""

    domain: str
    hosts: tuple[str, ...]
    waiting: FairQueue[_Recipient] = msgspec.field(default_factory=FairQueue)
    sessions: int = 0
    cut_offs: int = 0
    one_by_one: bool = False

    def take(self, most: int) -> list[_Recipient]:
        """The next to be asked for; those that nobody waits for any more are dropped."""
        taken: list[_Recipient] = []
        while self.waiting and len(taken) < most:
            recipient = self.waiting.take()
            if not recipient.answer.done():
                taken.append(recipient)
        return taken

    def put_back(self, recipients: Iterable[_Recipient]) -> None:
        for recipient in reversed(list(recipients)):
            self.waiting.put_back(recipient.line, [recipient])

    @property
    def line(self) -> int:
        """The line whose turn it is."""
        return next(iter(self.waiting.lines), 0)


class _Session(msgspec.Struct):
    """One conversation about one domain: what it has room for, and what was said."""

    desk: _Desk
    host: str
    catch_all: Reason | None
    room: int = RECIPIENTS_A_SESSION - 1
    heard: list[Heard] = msgspec.field(default_factory=list)
    doubtful: list[tuple[_Recipient, Heard]] = msgspec.field(default_factory=list)


class Prober:
    """Asks mail hosts: at most two connections to each at once, at most 25 recipients a session.

    It serves one event loop.
    """

    def __init__(
        self,
        probing: Probing,
        hosts: AskedOnce[MailHost],
        clock: Clock,
    ) -> None:
        self._probing = probing
        self._hosts = hosts
        self._desks: dict[str, _Desk] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._catch_all: Kept[Reason] = Kept(MAX_KEPT, clock)
        self._address_trouble: Kept[Heard] = Kept(MAX_KEPT, clock)
        self._domain_trouble: Kept[Heard] = Kept(MAX_KEPT, clock)
        self._places = Places(probing.places)

    async def ask(self, email: str, hosts: tuple[str, ...], line: int) -> Heard:
        """What the mail hosts of its domain, best first, say of an address. It is normalized.

        It is asked for in one of the next conversations about its domain, with others that wait; lines
        have their turns one after another.
        """
        domain = email.rpartition("@")[2]
        trouble = self._domain_trouble.find(domain)
        if trouble is not None:
            return trouble
        recipient = _Recipient(email, line, asyncio.get_running_loop().create_future())
        desk = self._desks.setdefault(domain, _Desk(domain, hosts))
        desk.hosts = hosts
        desk.waiting.add(line, recipient)
        self._staff(desk)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await recipient.answer
        except TimeoutError:
            return Heard(Reason.BUSY)

    def _staff(self, desk: _Desk) -> None:
        """Starts conversations for those who wait; only one until the catch-all probe is answered."""
        is_probed = any(self._catch_all.find(_pair(desk, host)) for host in desk.hosts)
        most = CONNECTIONS_A_HOST if is_probed else 1
        wanted = min(most, math.ceil(len(desk.waiting) / RECIPIENTS_A_SESSION))
        for _ in range(wanted - desk.sessions):
            desk.sessions += 1
            task = asyncio.create_task(self._attend(desk))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _attend(self, desk: _Desk) -> None:
        """One conversation, and whatever follows from it for those who wait."""
        trouble: Heard | None = Heard(Reason.BUSY)
        try:
            trouble = await self._visit(desk)
            if trouble is not None:
                self._domain_trouble.keep(desk.domain, trouble, _seconds_of(trouble.reason))
        finally:
            desk.sessions -= 1
            if trouble is not None:
                for recipient in desk.take(len(desk.waiting)):
                    recipient.tell(trouble)
            if desk.waiting:
                self._staff(desk)
            elif not desk.sessions:
                self._desks.pop(desk.domain, None)

    async def _visit(self, desk: _Desk) -> Heard | None:
        """Tries the hosts in their order; None if one answered, else why none did."""
        troubles: list[Heard] = []
        tried = 0
        for host in desk.hosts:
            trouble = await self._visit_host(desk, host)
            if trouble is None:
                return None
            troubles.append(trouble)
            tried += trouble.reason is not Reason.NO_MAIL_HOST
            if tried == MAX_HOSTS:
                break
        return max(troubles, key=_rank)

    async def _visit_host(self, desk: _Desk, host: str) -> Heard | None:
        found = await self._hosts.get(host)
        if found.fault is not None:
            return Heard(found.fault, host)
        trouble: Heard | None = Heard(Reason.PRIVATE_MAIL_HOST, host)
        addresses = [address for address in found.addresses if may_call(address, self._probing.networks)]
        for address in addresses[:MAX_ADDRESSES]:
            trouble = self._address_trouble.find(address) or await self._visit_address(desk, host, address)
            # Other addresses of a host that answered would not say anything else.
            if trouble is None or trouble.reason not in (Reason.UNREACHABLE, Reason.TIMED_OUT):
                break
        return trouble and replace(trouble, host=host)

    async def _visit_address(self, desk: _Desk, host: str, address: str) -> Heard | None:
        try:
            async with self._places.place(host, address, desk.line):
                # What others came to while this one waited for its turn.
                known = self._address_trouble.find(address) or self._domain_trouble.find(desk.domain)
                return known or await self._converse(desk, host, address)
        except TimeoutError:
            return Heard(Reason.BUSY, host)

    async def _converse(self, desk: _Desk, host: str, address: str) -> Heard | None:
        """One conversation; None if it came to answers, else why not."""
        session = _Session(desk, host, self._catch_all.find(_pair(desk, host)))
        probing, has_begun = self._probing, False
        try:
            conversing = open_conversation(host, address, probing.port, probing.introduction, probing.seconds)
            async with conversing as conversation:
                has_begun = True
                async with asyncio.timeout(SESSION_SECONDS):
                    await self._ask_those_who_wait(session, conversation)
                    await self._settle_doubts(session, conversation)
        except (ConversationFailed, TimeoutError) as error:
            failure = error if isinstance(error, ConversationFailed) else ConversationFailed(Reason.TIMED_OUT)
            reply = None if failure.reply is None else sanitize(failure.reply)
            trouble = Heard(failure.reason, host, reply)
            if not has_begun:
                self._address_trouble.keep(address, trouble, _seconds_of(failure.reason))
            # A host that cannot do the pipelining that it offers is often one that loses commands.
            desk.one_by_one = True
            for recipient, heard in session.doubtful:
                recipient.tell(replace(heard, reason=Reason.UNCLEAR))
            desk.cut_offs += len(session.heard) < FEW_ANSWERS
            return None if session.heard and desk.cut_offs < MAX_CUT_OFFS else trouble
        desk.cut_offs = 0
        return self._trouble_of(session)

    async def _ask_those_who_wait(self, session: _Session, conversation: Conversation) -> None:
        desk = session.desk
        while session.room > 0:
            probe = self._probe_for(desk.domain) if session.catch_all is None else None
            batch = desk.take(session.room - (probe is not None))
            if not conversation.takes_international:
                batch = _refuse_international(batch, session.host)
            if not batch:
                break
            emails = [*([] if probe is None else [probe]), *(recipient.email for recipient in batch)]
            session.room -= len(emails)
            left = deque(batch)
            try:
                at_once = conversation.takes_pipelines and not desk.one_by_one
                async for reply in conversation.ask(emails, at_once=at_once):
                    if session.catch_all is None:
                        self._note_probe(session, reply)
                    elif not self._tell(session, left[0], reply):
                        break
                    else:
                        left.popleft()
            finally:
                desk.put_back(left)
            if left:
                break

    async def _settle_doubts(self, session: _Session, conversation: Conversation) -> None:
        """Asks for the postmaster where all that was heard are refusals that may be meant for us.

        A host that does not take even its postmaster, whom every host has, tells nothing of other mailboxes.
        """
        is_believed = any(heard.reason is not Reason.NO_SUCH_MAILBOX for heard in session.heard)
        if session.doubtful and not is_believed:
            async for reply in conversation.ask([f"{POSTMASTER}@{session.desk.domain}"], at_once=False):
                is_believed = classify(reply) is Reason.ACCEPTED
        for recipient, heard in session.doubtful:
            recipient.tell(heard if is_believed else replace(heard, reason=Reason.BLOCKED))
        session.doubtful.clear()

    def _probe_for(self, domain: str) -> str:
        """A mailbox that nobody has. It is the same each time: a greylisting host wants to see it again."""
        seed = f"{self._probing.introduction.sender} {domain}"
        return f"{hashlib.sha256(seed.encode()).hexdigest()[:PROBE_CHARACTERS]}@{domain}"

    def _note_probe(self, session: _Session, reply: Reply) -> None:
        """What the answer for a mailbox that cannot exist says of the domain."""
        reason = classify(reply)
        verdict, seconds = Reason.CATCH_ALL_UNKNOWN, BUSY_SECONDS
        if reason is Reason.ACCEPTED:
            verdict, seconds = Reason.CATCH_ALL, CATCH_ALL_SECONDS
        elif reason is Reason.GREYLISTED:
            verdict, seconds = Reason.GREYLISTED, 0.0
        elif reply.code // 100 == 5 and reason not in _ABOUT_US:
            verdict, seconds = Reason.ACCEPTED, CATCH_ALL_SECONDS
        session.catch_all = verdict
        self._catch_all.keep(_pair(session.desk, session.host), verdict, seconds)
        session.heard.append(Heard(reason, session.host, sanitize(reply)))

    def _tell(self, session: _Session, recipient: _Recipient, reply: Reply) -> bool:
        """Hands on what was said of a recipient; False if this session is not going to say any more."""
        reason = classify(reply)
        if reason is Reason.RATE_LIMITED and any(heard.reason is not reason for heard in session.heard):
            return False
        if reason is Reason.ACCEPTED:
            # Whether that means anything, the answer to the probe says.
            reason = session.catch_all or Reason.CATCH_ALL_UNKNOWN
        heard = Heard(reason, session.host, sanitize(reply, recipient.email))
        session.heard.append(heard)
        if reason is Reason.NO_SUCH_MAILBOX and is_doubtful(reply):
            session.doubtful.append((recipient, heard))
        else:
            recipient.tell(heard)
        return True

    def _trouble_of(self, session: _Session) -> Heard | None:
        """Whether all that was said was the same refusal of us, which the others need not hear too."""
        first = session.heard[0] if len(session.heard) > 1 else None
        if first is None or first.reason not in (Reason.BLOCKED, Reason.RATE_LIMITED):
            return None
        return first if all(heard.reason is first.reason for heard in session.heard) else None


def _rank(trouble: Heard) -> int:
    return _RANKS.index(trouble.reason) if trouble.reason in _RANKS else len(_RANKS)


def _refuse_international(batch: list[_Recipient], host: str) -> list[_Recipient]:
    for recipient in batch:
        if not recipient.email.isascii():
            recipient.tell(Heard(Reason.NO_INTERNATIONAL_MAIL, host))
    return [recipient for recipient in batch if recipient.email.isascii()]


def _pair(desk: _Desk, host: str) -> str:
    """The catch-all verdict is one host's: a second one often takes what the first would refuse."""
    return f"{desk.domain} {host}"


def _seconds_of(reason: Reason) -> float:
    """For how long a host that came to this is not asked again."""
    if reason in _PASSING:
        return BUSY_SECONDS
    return REFUSED_SECONDS if reason is Reason.BLOCKED else AWAY_SECONDS
