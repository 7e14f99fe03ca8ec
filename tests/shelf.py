"""A work whose targets are files, done by a craft: what is left of Ansible's place at the door.

A target is a file of `effects/`, its state the first word of its last line, as in `tests.doorstep`.
The craft stops at places that a test names, so that it can be killed there.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from daicho.craft import Bench, Target, Told, Trouble, Unreachable
from daicho.door import Intention

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from daicho.craft import Begin
    from daicho.plan import TargetState


@contextmanager
def open_shelf(bench: Bench) -> Iterator[Shelf]:
    """The craft of these tests; `closed` in the folder keeps it shut."""
    place = bench.content.parents[3]
    if (place / "closed").exists():
        raise Unreachable(why=(place / "closed").read_text(encoding="utf-8"))
    assert bench.secret("shelf") == "open sesame"
    yield Shelf(place)


class Shelf:
    """Files on a shelf."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def rehearse(self, targets: Sequence[Target]) -> Iterable[tuple[str, Intention | Trouble]]:
        for target in targets:
            if (self.place / "torn" / target.name).exists():
                yield target.name, Trouble(why=f"{target.name} is torn")
                continue
            before = self.state(target)
            after = target.wanted or {"line": "new"}
            yield target.name, Intention(target=target.name, before=before, after=after, inverse=before)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterable[tuple[str, TargetState | Told | Trouble]]:
        for target in targets:
            self.passing("look", target)
            if not begin(target.name, self.state(target)):
                continue
            self.passing("begun", target)
            if (self.place / "fail" / target.name).exists():
                yield target.name, Trouble(why=f"{target.name} was told to fail")
                continue
            assert target.wanted is not None
            if self.state(target) != target.wanted:
                moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
                with self.file(target).open("a", encoding="ascii") as file:
                    file.write(f"{target.wanted['line']} {moment}\n")
            self.passing("written", target)
            said = self.place / "say" / target.name
            state = self.state(target)
            yield (
                target.name,
                Told(state=state, said=said.read_text(encoding="utf-8")) if said.exists() else state,
            )
            self.passing("told", target)

    def state(self, target: Target) -> TargetState:
        file = self.file(target)
        return {
            "line": file.read_text(encoding="ascii").splitlines()[-1].split()[0] if file.exists() else None
        }

    def file(self, target: Target) -> Path:
        return self.place / "effects" / target.name

    def passing(self, where: str, target: Target) -> None:
        """Die here if the test wants it."""
        sign = self.place / "die" / f"{where}-{target.name}"
        if sign.exists():
            sign.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
