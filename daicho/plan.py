"""The recorded rehearsal: what would happen, to which target, and the way back. Pure.

A target's state is a flat mapping from a key that people understand (`package:openssl`) to a
plain value. The difference, the fingerprint, the staleness check and the default inverse all
follow from the two mappings `before` and `after`, whatever the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from daicho import canonical
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

type Scalar = str | int | bool | None
type TargetState = Mapping[str, Scalar]


class Standing(StrEnum):
    """What the rehearsal found out about a target."""

    CHANGES = "changes"
    """The work would change it."""
    IN_ORDER = "in_order"
    """It is already as wanted."""
    UNREACHABLE = "unreachable"
    """It did not answer: not part of what is approved; it stays owing."""
    FAILED = "failed"
    """The rehearsal failed on it: not part of what is approved."""

    @property
    def label(self) -> str:
        """The words for people, as a message to translate."""
        return _LABELS[self]


_LABELS = {
    Standing.CHANGES: N_("would change"),
    Standing.IN_ORDER: N_("already in order"),
    Standing.UNREACHABLE: N_("did not answer"),
    Standing.FAILED: N_("could not be rehearsed"),
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One key of a target's state that would change."""

    key: str
    before: Scalar
    after: Scalar


@dataclass(frozen=True, kw_only=True)
class TargetPlan:
    """What the work would do to one target."""

    target: str
    standing: Standing
    before: TargetState = field(default_factory=dict)
    after: TargetState = field(default_factory=dict)
    inverse: Mapping[str, object] | None = None
    """What the work needs to take it back; None: it cannot be taken back."""
    irreversible: str = ""
    """Why it cannot be taken back."""
    notes: tuple[str, ...] = ()
    why: str = ""
    """Why it could not be rehearsed."""

    @classmethod
    def from_json(cls, body: Mapping[str, object]) -> TargetPlan:
        """The plan of a target as the ledger keeps it."""
        values = dict(body)
        notes = values.pop("notes", ())
        return cls(
            standing=Standing(str(values.pop("standing"))),
            notes=tuple(notes),  # type: ignore[arg-type]
            **values,  # type: ignore[arg-type]
        )

    def as_json(self) -> dict[str, object]:
        """The plan of this target for the ledger."""
        return {
            "target": self.target,
            "standing": self.standing.value,
            "before": dict(self.before),
            "after": dict(self.after),
            "inverse": None if self.inverse is None else dict(self.inverse),
            "irreversible": self.irreversible,
            "notes": list(self.notes),
            "why": self.why,
        }

    @property
    def takes_part(self) -> bool:
        """Whether an approval covers this target."""
        return self.standing in {Standing.CHANGES, Standing.IN_ORDER}

    @property
    def reversible(self) -> bool:
        """Whether there is a way back, or nothing to take back."""
        return self.standing is not Standing.CHANGES or self.inverse is not None

    @property
    def fingerprint(self) -> str:
        """The digest of the state that the plan was made on; null is the same as absent."""
        return canonical.digest({key: value for key, value in self.before.items() if value is not None})

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The keys that would change, sorted."""
        return differences(self.before, self.after)


def differences(before: TargetState, after: TargetState) -> tuple[Difference, ...]:
    """The keys that differ between two states, sorted. A key that is absent has the value null."""
    return tuple(
        Difference(key=key, before=before.get(key), after=after.get(key))
        for key in sorted({*before, *after})
        if not _same(before.get(key), after.get(key))
    )


def _same(one: Scalar, other: Scalar) -> bool:
    # In Python True == 1; on a target they are two values, and their digests differ.
    return type(one) is type(other) and one == other


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One key that is no longer as the plan found it."""

    key: str
    planned: Scalar
    found: Scalar

    def __str__(self) -> str:
        """`package:openssl was 3.0.1 in the plan and is 3.0.2 now`."""
        return f"{self.key}: {self.planned} → {self.found}"


def drift(plan: TargetPlan, present: TargetState, *, resumed: bool = False) -> tuple[Drift, ...]:
    """What changed on a target since the plan was made.

    Args:
        plan: The approved plan of the target.
        present: Its state now.
        resumed: An interrupted run may have done part of the work: each key may also have the
            value that the plan wanted.
    """

    def fits(key: str) -> bool:
        found = present.get(key)
        return _same(found, plan.before.get(key)) or (resumed and _same(found, plan.after.get(key)))

    keys = sorted({*plan.before, *present})
    return tuple(
        Drift(key=key, planned=plan.before.get(key), found=present.get(key)) for key in keys if not fits(key)
    )


def missed(plan: TargetPlan, present: TargetState) -> tuple[Drift, ...]:
    """The wanted values that a target does not have after the work; what was to go has to be gone."""
    return tuple(
        Drift(key=key, planned=plan.after.get(key), found=present.get(key))
        for key in sorted({*plan.before, *plan.after})
        if not _same(present.get(key), plan.after.get(key))
    )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A rehearsal of a change on all its targets."""

    change: str
    number: int
    """1 for a change's first plan, counted up."""
    code: str
    """The digest of the code that made it and will run."""
    targets: tuple[TargetPlan, ...]

    @cached_property
    def digest(self) -> str:
        """What an approval binds: every target's plan and the code."""
        return plan_digest(self.change, self.number, self.code, self.targets)

    @property
    def taking_part(self) -> tuple[TargetPlan, ...]:
        """The targets that an approval covers."""
        return tuple(target for target in self.targets if target.takes_part)

    @property
    def in_going_order(self) -> tuple[TargetPlan, ...]:
        """Those that change first: a canary that was in order already would prove nothing."""
        return tuple(sorted(self.taking_part, key=lambda target: target.standing is Standing.IN_ORDER))

    @property
    def left_out(self) -> tuple[TargetPlan, ...]:
        """The targets that could not be rehearsed: they stay owing."""
        return tuple(target for target in self.targets if not target.takes_part)

    @property
    def irreversible(self) -> tuple[TargetPlan, ...]:
        """The targets with no way back."""
        return tuple(target for target in self.targets if not target.reversible)

    def returnable(self, names: Iterable[str]) -> tuple[TargetPlan, ...]:
        """Those of some targets that have a way back: what an undo would be about."""
        wanted = frozenset(names)
        return tuple(target for target in self.targets if target.target in wanted and target.inverse)

    def of(self, name: str) -> TargetPlan | None:
        """The plan of one target."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> Mapping[str, TargetPlan]:
        return {target.target: target for target in self.targets}


def plan_digest(change: str, number: int, code: str, targets: Iterable[TargetPlan]) -> str:
    """The digest over a plan: of each target's digest, so that one target can be shown alone."""
    parts = [[target.target, canonical.digest(target.as_json())] for target in targets]
    return canonical.digest({"change": change, "plan": number, "code": code, "targets": parts})


def targets_digest(names: Sequence[str]) -> str:
    """The digest of a resolved target list."""
    return canonical.digest(sorted(names))
