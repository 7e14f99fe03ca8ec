"""Rings: who gets a change first, and how long it must do them good before the next ones get it. Pure.

A ring lets the next one go when every terminal of it that could be reached has been tried, enough of them are
as approved, and nothing has gone wrong in it for a set time. Who is off holds nobody up: it owes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from pydantic import Field, field_validator

from daicho.documents import Document
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ORDER: Final = ("pilot", "early", "broad", "late")
ATTRIBUTE: Final = "ring"
_BAD: Final = frozenset({Outcome.FAILED, Outcome.DRIFTED, Outcome.UNKNOWN})


class Rings(Document):
    """When a ring lets the next one go."""

    order: tuple[str, ...] = Field(default=ORDER, min_length=1)
    """The rings, as the items' attribute `ring` names them, the first first."""
    wait_hours: int = Field(default=24, ge=0, le=24 * 60)
    """How long a ring must have been healthy."""
    succeeded: int = Field(default=95, ge=1, le=100)
    """Per cent of the tried terminals of a ring that must be as approved."""

    @field_validator("order")
    @classmethod
    def _each_once(cls, order: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(order)) < len(order):
            raise ValueError(_("a ring is there twice"))
        return order


@dataclass(frozen=True, kw_only=True)
class Trial:
    """How a change has gone on one terminal so far."""

    ring: str
    outcome: Outcome | None
    """The newest; None: it was not tried."""
    first_at: datetime | None = None
    """When it was first tried, or first found off."""
    bad_at: datetime | None = None
    """When it last went wrong there."""


@dataclass(frozen=True, kw_only=True)
class Ring:
    """How a ring stands with a change."""

    name: str
    total: int
    good: int
    bad: int
    off: int
    waiting: int
    """Not tried yet."""
    healthy_from: datetime | None
    """Since when it has been healthy; None: it is not."""

    @property
    def why(self) -> str:
        """In words, what it lacks; a message to translate with the ring's numbers to fill in."""
        if self.waiting:
            return N_("{name} is not through: {waiting} of {total} wait for their turn")
        if not self.good:
            return N_("nobody of {name} has it: {bad} failed, {off} are off")
        return N_("too few of {name} are as approved: {good}, and {bad} are not")


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A ring waits for the one before it."""

    ring: str
    before: Ring
    until: datetime | None
    """When it may go, if nothing goes wrong; None: not before somebody has seen to it."""

    def __str__(self) -> str:
        """In the reader's language, without the moment: whoever shows it knows the time zone."""
        if self.until is not None:
            said = _("ring {ring} waits: {name} is healthy, but not for long enough yet")
            return said.format(ring=self.ring, name=self.before.name)
        lack = _(self.before.why).format(**vars(self.before))
        return _("ring {ring} waits: {lack}").format(ring=self.ring, lack=lack)


def ring_of(value: str | None, order: Sequence[str] = ORDER) -> str:
    """The ring of a terminal: its own; the last, where most care is taken, for one that names none."""
    return value if value is not None and value in order else order[-1]


def standing(trials: Iterable[Trial], rules: Rings) -> tuple[Ring, ...]:
    """How each ring stands that has any terminal, in their order."""
    found: dict[str, list[Trial]] = {}
    for trial in trials:
        found.setdefault(trial.ring, []).append(trial)
    return tuple(_ring(name, found[name], rules) for name in rules.order if name in found)


def wait_of(ring: str, rings: Iterable[Ring], rules: Rings, now: datetime) -> Wait | None:
    """What a ring still waits for; None when it may go."""
    by_name: Mapping[str, Ring] = {each.name: each for each in rings}
    for name in rules.order[: rules.order.index(ring)]:
        before = by_name.get(name)
        if before is None:
            continue
        if before.healthy_from is None:
            return Wait(ring=ring, before=before, until=None)
        until = before.healthy_from + timedelta(hours=rules.wait_hours)
        if now < until:
            return Wait(ring=ring, before=before, until=until)
    return None


def _ring(name: str, trials: Sequence[Trial], rules: Rings) -> Ring:
    good = sum(trial.outcome is not None and trial.outcome.settled for trial in trials)
    bad = sum(trial.outcome in _BAD for trial in trials)
    off = sum(trial.outcome is Outcome.UNREACHABLE for trial in trials)
    waiting = len(trials) - good - bad - off
    enough = good and good * 100 >= rules.succeeded * (good + bad)
    moments = [when for trial in trials for when in (trial.first_at, trial.bad_at) if when]
    return Ring(
        name=name,
        total=len(trials),
        good=good,
        bad=bad,
        off=off,
        waiting=waiting,
        healthy_from=max(moments) if enough and not waiting and moments else None,
    )
