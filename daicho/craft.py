"""How a work is done that Ansible does not serve: directories, file servers, network devices.

An engine of our own (daicho.runners.craft) takes a craft through the same door that Ansible goes
through: it rehearses, and it asks before it touches anything. A craft knows its systems and
nothing of changes, approvals or the ledger.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from daicho.errors import DaichoError
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from daicho.door import Intention
    from daicho.plan import TargetState

SLIPS: Final = "slips"
"""The folder in a run's folder for slips with passwords: the run's report says where they are."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One target as the door serves it."""

    name: str
    facts: Mapping[str, object]
    """What is known of it: the item's address and attributes."""
    wanted: TargetState | None = None
    """In a run the approved state; in the rehearsal of an undo the state to go back to; else None."""


class Trouble(DaichoError):
    """A target cannot be read or changed, in words; the others go on."""

    sentence = N_("{why}")
    unreachable = False
    """Whether nobody answered, so that it stays owing, rather than that something is wrong with it."""


class Unreachable(Trouble):
    """Nobody answered for a target."""

    unreachable = True


def trouble_of(error: Exception) -> Trouble:
    """What a system said, as the trouble of a target."""
    if isinstance(error, Trouble):
        return error
    away = isinstance(error, OSError) or bool(getattr(error, "unreachable", False))
    return Unreachable(why=str(error)) if away else Trouble(why=str(error))


@contextmanager
def as_trouble(*kinds: type[Exception]) -> Iterator[None]:
    """Errors of these kinds that leave the block are the trouble of a target."""
    try:
        yield
    except kinds as error:
        raise trouble_of(error) from error


@dataclass(frozen=True, kw_only=True)
class Told:
    """A target's state read back, with what people have to know of it: "it must be restarted"."""

    state: TargetState
    said: str


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a craft gets to work with; all of it is gone when the run is over, but for `folder`."""

    inputs: Mapping[str, object]
    """The work's inputs, judged."""
    undo: bool
    """Whether this takes an earlier run back."""
    secret: Callable[[str], str]
    """A secret of the site by its name (`daicho secret set NAME`)."""
    content: Path
    """The private copy of the content: `nornir_tasks`, and under `site` the site's own files."""
    folder: Path
    """The run's folder (mode 0700), which stays: a place for what is handed out."""
    key: Path
    """The private SSH key of this run; its certificate lies beside it."""
    known_hosts: Path
    """The host keys of the site; a host that is not in it is not spoken to."""
    language: str


type Begin = Callable[[str, TargetState], bool]
"""Asked with a target's present state right before it is touched, from any thread.

True: the state is as approved and the intent is on disk; go on. False: hands off, and say no more
of this target.
"""


class Craft(Protocol):
    """How one work is done on targets."""

    def rehearse(self, targets: Sequence[Target]) -> Iterable[tuple[str, Intention | Trouble]]:
        """What would be done to each target; reads only. A target that is never named failed."""

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterable[tuple[str, TargetState | Told | Trouble]]:
        """Bring each target to `target.wanted`, and give its state read back, as each is done.

        The states have the keys of the plan. Part of the work may have been done by an attempt that
        was interrupted, so each step is one that can be repeated.
        """


type OpenCraft = Callable[[Bench], AbstractContextManager[Craft]]
"""What a work names: connects to its systems, and leaves them in the end.

Raises Trouble (or Unreachable) when none of the targets can be worked on.
"""
