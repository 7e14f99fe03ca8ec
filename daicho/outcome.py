"""How the work ended on one target. Failed is never mixed with "could not tell"."""

from __future__ import annotations

from enum import StrEnum

from daicho.i18n import N_


class Outcome(StrEnum):
    """The closed list of outcomes of design.md section 2."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    SKIPPED = "skipped"
    DRIFTED = "drifted"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The word for people, as a message to translate."""
        return _LABELS[self]

    @property
    def settled(self) -> bool:
        """Whether the target is as approved, so that a resume leaves it alone."""
        return self in {Outcome.CHANGED, Outcome.UNCHANGED}

    @property
    def owed(self) -> bool:
        """Whether the next run of the same change tries this target again."""
        return self in {Outcome.UNREACHABLE, Outcome.SKIPPED, Outcome.UNKNOWN}


_LABELS = {
    Outcome.CHANGED: N_("changed"),
    Outcome.UNCHANGED: N_("unchanged"),
    Outcome.FAILED: N_("failed"),
    Outcome.UNREACHABLE: N_("unreachable"),
    Outcome.SKIPPED: N_("skipped"),
    Outcome.DRIFTED: N_("drifted"),
    Outcome.UNKNOWN: N_("unknown"),
}
