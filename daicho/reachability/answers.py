"""What the network said about each address that was asked, and how the question was put."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Alive:
    """It answered; the shortest time that an answer took, in milliseconds."""

    rtt_ms: float


@dataclass(frozen=True, slots=True)
class Silent:
    """It was asked as often as the pace says, and nothing came back."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Something on the way says that it cannot be reached; the address itself said nothing."""

    reported_by: str
    """The address of the router that says so; empty where the system does not tell."""
    code: int
    """ICMP code (RFC 792): 0 no way to the network, 1 the host does not answer its neighbour ..."""
    type: int = 3
    """ICMP type: 3 unreachable, 11 the packet went round in a loop (RFC 4443: 1 and 3)."""


@dataclass(frozen=True, slots=True)
class CouldNotTell:
    """Nothing follows about the address: the question could not be put, or the answer was held back."""

    why: str
    """A sentence in English; `daicho.i18n.gettext` shows it in the reader's language."""


type Answer = Alive | Silent | Unreachable | CouldNotTell


class Method(StrEnum):
    """How the questions were put."""

    ICMP = "icmp"
    ICMP_UNPRIVILEGED = "icmp-unprivileged"
    TCP = "tcp"
    NONE = "none"


class PaceUnusable(UsageError):
    """A pace with which nobody can be asked."""

    sentence = N_("The pace cannot be used: {what} must be {bounds}, not {given}.")


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast and how often to ask.

    20,000 packets a second are 13 Mbit/s on the wire at the checking machine. What a switch or a router
    sees is far less, for the addresses are asked across the networks in turn: with 48 networks of 250
    hosts each network sees about 400 packets a second, each host one.
    """

    packets_per_second: int = 20_000
    tries: int = 2
    wait_s: float = 0.45
    """After each try; an answer counts however late, as long as the sweep lasts."""
    wait_for_room_s: float = 30.0
    """The longest to wait, all in all, until a full neighbour table has room for the next addresses."""

    def __post_init__(self) -> None:
        """Refuse what would ask nobody or forever."""
        for what, given, least, most in (
            ("packets_per_second", self.packets_per_second, 1, 1_000_000),
            ("tries", self.tries, 1, 10),
            ("wait_s", self.wait_s, 0.01, 60),
            ("wait_for_room_s", self.wait_for_room_s, 0, 3600),
        ):
            if not least <= given <= most:
                raise PaceUnusable(what=what, bounds=f"{least} – {most:,}", given=given)


@dataclass(slots=True)
class Counts:
    """What came along while asking."""

    sent: int = 0
    duplicates: int = 0
    """Further answers to one question: two hosts with one address, or a loop."""
    late: int = 0
    """Answers that came after the question had been put again."""
    strange: int = 0
    """Echo replies with our identifier that nobody asked for: wrong content or wrong sender."""
    reported: int = 0
    """ICMP errors from the network about our questions."""
    self_made: int = 0
    """ICMP errors that this machine made itself, because a neighbour did not answer ARP."""
    not_sent: int = 0
    """Questions that the system refused to send because its neighbour table or a queue was full."""

    def add(self, other: Counts) -> None:
        """Count another part of the same sweep."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True)
class Sweep(Mapping[str, Answer]):
    """Address → answer, in the order asked for; with it how the sweep went."""

    answers: Mapping[str, Answer]
    method: Method
    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()
    """Sentences (English, for gettext) on what limits the result: no permission, a full table."""

    def __getitem__(self, address: str) -> Answer:
        """The answer of one address."""
        return self.answers[address]

    def __iter__(self) -> Iterator[str]:
        """The addresses."""
        return iter(self.answers)

    def __len__(self) -> int:
        """How many addresses."""
        return len(self.answers)

    def words(self) -> list[str]:
        """The remarks in the reader's language."""
        return [_(remark) for remark in self.remarks]
