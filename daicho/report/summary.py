"""A plan summed up over its machines: what would change from what to what, on how many. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daicho.plan import Difference, Plan, Scalar, TargetPlan


@dataclass(frozen=True, kw_only=True)
class Common:
    """One difference that many targets have in common."""

    key: str
    before: Scalar
    after: Scalar
    targets: tuple[str, ...]
    note: str = ""
    """What the work says of it: `security, stable-security`."""


def common_differences(plan: Plan) -> tuple[Common, ...]:
    """Every difference of the plan with the targets that have it, by key, most targets first."""
    where: dict[tuple[str, Scalar, Scalar], list[str]] = defaultdict(list)
    remarks: dict[tuple[str, Scalar, Scalar], str] = {}
    for target in plan.taking_part:
        notes = _by_subject(target.notes)
        for each in target.differences:
            identity = (each.key, each.before, each.after)
            where[identity].append(target.target)
            remarks.setdefault(identity, remark(each, notes))
    found = [
        Common(key=key, before=before, after=after, targets=tuple(names), note=remarks[key, before, after])
        for (key, before, after), names in where.items()
    ]
    # What is not about a thing but about the whole machine (a restart) comes last.
    return tuple(sorted(found, key=lambda each: (":" not in each.key, each.key, -len(each.targets))))


def other_notes(targets: Iterable[TargetPlan]) -> list[tuple[str, int]]:
    """The notes that are not about one difference, each with how many targets have it."""
    counts: Counter[str] = Counter()
    for target in targets:
        told = {bare(each.key) for each in target.differences}
        counts.update(note for note in target.notes if note.partition(": ")[0] not in told)
    return counts.most_common()


def remark(difference: Difference, notes: dict[str, str]) -> str:
    """What the work says of a difference: the brackets at the end of the note that begins with its name."""
    note = notes.get(bare(difference.key), "")
    return note.rpartition("(")[2].removesuffix(")") if note.endswith(")") else ""


def remarks_of(target: TargetPlan) -> dict[str, str]:
    """Key → what the work says of that difference."""
    notes = _by_subject(target.notes)
    return {each.key: remark(each, notes) for each in target.differences}


def bare(key: str) -> str:
    """`openssl` of `package:openssl`."""
    return key.partition(":")[2] or key


def _by_subject(notes: Iterable[str]) -> dict[str, str]:
    return {note.partition(": ")[0]: note for note in notes}
