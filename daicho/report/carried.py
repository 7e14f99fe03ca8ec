"""What a run did for a rule: a state says `restart: if required`, and only the run knows whether it was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.ledger.entry import Entry


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What the entries of one task tell, over all attempts of a run."""

    done: frozenset[str]
    """The targets that it changed."""
    doubtful: frozenset[str]
    """The targets that were lost in it."""
    cut: bool
    """Whether an attempt ended in the middle of it: then nothing follows from silence."""

    def out(self, target: str) -> bool | None:
        """Whether it was done on a target; None where nobody can tell."""
        if target in self.done:
            return True
        return None if self.cut or target in self.doubtful else False


def carried(entries: Iterable[Entry], tells: Mapping[str, str]) -> dict[str, Carried]:
    """Key → what was done for it, from the `task.` entries of a run.

    Args:
        entries: `task.started` and `task.ended`, in any order.
        tells: Key → the end of the name of the task that carries it out.
    """
    kept = list(entries)
    return {
        key: _carried([entry for entry in kept if _name(entry).endswith(end)]) for key, end in tells.items()
    }


def _name(entry: Entry) -> str:
    return str(entry.body["task"])


def _carried(entries: Iterable[Entry]) -> Carried:
    done: set[str] = set()
    doubtful: set[str] = set()
    kinds: Counter[str] = Counter()
    for entry in entries:
        kinds[entry.kind] += 1
        done.update(entry.body.get("changed", ()))
        doubtful.update(entry.body.get("failed", ()), entry.body.get("unreachable", ()))
    cut = kinds["task.started"] > kinds["task.ended"]
    return Carried(done=frozenset(done), doubtful=frozenset(doubtful), cut=cut)
