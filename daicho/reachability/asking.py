"""Ask a list of addresses through one socket, at a pace, again only where nothing came back."""

from __future__ import annotations

import errno
import secrets
import select
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daicho.i18n import N_
from daicho.reachability.answers import (
    Alive,
    Answer,
    CouldNotTell,
    Counts,
    Method,
    Silent,
    Unreachable,
)
from daicho.reachability.echo import Dialogue, Question, sequence
from daicho.reachability.icmp import is_own
from daicho.reachability.pacing import Allowance
from daicho.reachability.services import FORBIDDEN, NO_WAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.reachability.answers import Pace
    from daicho.reachability.icmp import EchoSocket, Report

TABLE_FULL: Final = N_("The neighbour table of this machine was too full to ask it.")
FILTERED: Final = N_("A filter on the way holds the question back (ICMP says: administratively prohibited).")

_TICK_S: Final = 0.001
_MOST_REFUSALS: Final = 2
_REFUSED: Final = {
    errno.ENETUNREACH: NO_WAY,
    errno.EHOSTUNREACH: NO_WAY,
    errno.EINVAL: NO_WAY,
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
}
_PROHIBITED: Final = {(3, 9), (3, 10), (3, 13), (1, 1)}
_ABOUT_REACHING: Final = {4: (3, 11), 6: (1, 3)}


@dataclass
class Asked:
    """What came of asking."""

    answers: dict[str, Answer] = field(default_factory=dict)
    unsent: list[str] = field(default_factory=list)
    """Never asked, because the system had no room to send; worth another attempt when it has."""
    counts: Counts = field(default_factory=Counts)


def ask(socket: EchoSocket, addresses: Sequence[str], pace: Pace) -> Asked:
    """Ask every address once, those that stay silent again; in the order given.

    Takes `len(addresses) / packets_per_second + tries * wait_s` seconds, less if all have answered.
    """
    return _Asking(socket, addresses, pace).run()


class _Asking:
    def __init__(self, socket: EchoSocket, addresses: Sequence[str], pace: Pace) -> None:
        self.socket = socket
        self.addresses = addresses
        self.pace = pace
        self.counts = Counts()
        own = socket.method is Method.ICMP
        self.dialogue = Dialogue(secrets.randbits(16), secrets.token_bytes(8), socket.version, own)
        self.index = {address: place for place, address in enumerate(addresses)}
        self.first = iter(range(len(addresses)))
        self.waiting: deque[tuple[float, Question]] = deque()
        self.sent_at: dict[Question, float] = {}
        self.answered: set[Question] = set()
        self.rtt: dict[int, float] = {}
        self.errors: dict[int, Unreachable] = {}
        self.refused: dict[int, int] = {}
        self.refusals: dict[int, int] = {}
        self.own: dict[str, bool] = {}

    def run(self) -> Asked:
        allowance = Allowance(self.pace.packets_per_second, time.monotonic())
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        more = True
        while True:
            now = time.monotonic()
            for _packet in range(allowance.available(now)):
                question, more = self._next(now)
                if question is None:
                    break
                allowance.spend()
                self._put(question)
            self._listen()
            if more:
                # Not poll: every reply would wake us up, at several times the cost of a tick.
                time.sleep(_TICK_S)
            elif self._drop_answered():
                poll.poll(max(0.0, self.waiting[0][0] - time.monotonic()) * 1000)
            else:
                break
        self._listen()
        return self._asked()

    def _next(self, now: float) -> tuple[Question | None, bool]:
        """What to ask now, and whether there is more to send without waiting for a due time."""
        while self._drop_answered() and self.waiting[0][0] <= now:
            _due, question = self.waiting.popleft()
            again = Question(question.place, question.attempt + 1)
            if again.attempt < self.pace.tries:
                return again, True
        place = next(self.first, None)
        return (None, False) if place is None else (Question(place, 0), True)

    def _drop_answered(self) -> bool:
        """Forget about waiting for those that have answered; whether any is left."""
        while self.waiting and self.waiting[0][1].place in self.rtt:
            self.waiting.popleft()
        return bool(self.waiting)

    def _put(self, question: Question) -> None:
        now = time.monotonic()
        refused = self.socket.send(self.addresses[question.place], self.dialogue.request(question))
        if not refused:
            self.counts.sent += 1
            self.sent_at[question] = now
        elif refused in (errno.ENOBUFS, errno.EAGAIN):
            self.counts.not_sent += 1
            times = self.refusals[question.place] = self.refusals.get(question.place, 0) + 1
            if times > _MOST_REFUSALS:
                return
            # As if not asked yet: the same attempt comes up again after the wait.
            question = Question(question.place, question.attempt - 1)
        else:
            self.refused[question.place] = refused
            return
        self.waiting.append((now + self.pace.wait_s, question))

    def _listen(self) -> None:
        for source, packet in self.socket.replies():
            self._hear(source, packet)
        for report in self.socket.reports():
            self._note(report)

    def _hear(self, source: str, packet: bytes) -> None:
        question = self.dialogue.reply(packet)
        sent = None if question is None else self.sent_at.get(question)
        if question is None or sent is None or self.addresses[question.place] != source:
            self.counts.strange += self.dialogue.concerns(packet, packet[0] if packet else -1)
            return
        if question in self.answered:
            self.counts.duplicates += 1
            return
        self.answered.add(question)
        took = time.monotonic() - sent
        if took > self.pace.wait_s:
            self.counts.late += 1
        self.rtt[question.place] = min(took, self.rtt.get(question.place, took))

    def _note(self, report: Report) -> None:
        place = self.index.get(report.destination)
        number = self.dialogue.quoted(report.quoted)
        if place is None or report.type not in _ABOUT_REACHING[self.socket.version]:
            return
        if number not in {sequence(Question(place, attempt)) for attempt in range(self.pace.tries)}:
            return
        if report.reporter not in self.own:
            self.own[report.reporter] = is_own(report.reporter)
        if self.own[report.reporter]:
            self.counts.self_made += 1
            return
        self.counts.reported += 1
        if report.reporter == report.destination:
            # It refuses to answer pings, in person: so it is there.
            took = time.monotonic() - self.sent_at.get(Question(place, 0), time.monotonic())
            self.rtt.setdefault(place, took)
        self.errors[place] = Unreachable(report.reporter, report.code, report.type)

    def _asked(self) -> Asked:
        asked = Asked(counts=self.counts)
        heard = {question.place for question in self.sent_at}
        for place, address in enumerate(self.addresses):
            if place in self.rtt or place in heard or place in self.refused:
                asked.answers[address] = self._answer(place)
            else:
                asked.unsent.append(address)
        return asked

    def _answer(self, place: int) -> Answer:
        if place in self.rtt:
            return Alive(round(self.rtt[place] * 1000, 3))
        if place in self.refused:
            return CouldNotTell(_REFUSED.get(self.refused[place], NO_WAY))
        error = self.errors.get(place)
        if error is None:
            return Silent()
        return CouldNotTell(FILTERED) if (error.type, error.code) in _PROHIBITED else error
