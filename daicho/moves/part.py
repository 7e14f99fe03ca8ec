"""What every system does for a move: it is looked at, planned, brought to a state, and back. Pure.

The state of one target runs over all systems; each owns the keys with its prefix:

| prefix | system | example |
|---|---|---|
| `dhcp:` | reservations, by subnet | `dhcp:10.1.20.0/24` = `10.1.20.50 pc-1` |
| `port:` | lines at ports of switches | `port:sw-1 interface GigabitEthernet0/3 | switchport access vlan` |
| `dns:` | names, forward and back | `dns:pc-1.office.example.jp` = `10.1.20.50 ttl 3600` |
| `directory:` | the terminal's account | `directory:attribute:location` = `本館/4階/401` |
| `queue:` | queues on print servers | `queue:print mfp-1 location` = `本館/4階/401` |
| `default:` | whose default a printer is | `default:pc-1` = `mfp-1` |
| `item:` | the ledger's own item | `item:outlet` = `4F-12` |
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

from daicho.craft import Trouble, Unreachable
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.craft import Target
    from daicho.moves.planning import Planned
    from daicho.plan import Scalar, TargetState


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of one target on one system; the keys are without the prefix."""

    before: TargetState = field(default_factory=dict)
    after: TargetState = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One target on its way on one system; the keys are without the prefix."""

    target: Target
    state: TargetState
    """What is wanted."""
    now: TargetState = field(default_factory=dict)
    """As it was looked at before anything was begun: what is neither this nor wanted is somebody else's."""


class Part(Protocol):
    """One system."""

    prefix: ClassVar[str]
    title: ClassVar[str]
    """What it is called in sentences, as a message to translate."""

    def plan(self, planned: Planned) -> Mapping[str, Change | Trouble]:
        """What becomes of each move here; who is left out has nothing to do with this system.

        Raises:
            Trouble: The system cannot be asked.
        """

    def read(self, goals: Mapping[str, Goal]) -> Mapping[str, TargetState | Trouble]:
        """The state now, in the keys that are wanted and those that belong to them.

        Raises:
            Trouble: The system cannot be asked.
        """

    def bring(self, goals: Mapping[str, Goal]) -> Mapping[str, Trouble]:
        """Bring targets to their states, as many as possible at once; what stands already, stands.

        Returns:
            Why some are not there.

        Raises:
            Trouble: The system cannot be asked; some may be there.
        """


def mine(part: Part, state: TargetState) -> dict[str, Scalar]:
    """The keys of a state that are about a system, without its prefix."""
    return {
        key.removeprefix(part.prefix): value for key, value in state.items() if key.startswith(part.prefix)
    }


def marked(part: Part, state: TargetState) -> dict[str, Scalar]:
    """The keys of a system as they stand in the state of a target."""
    return {part.prefix + key: value for key, value in state.items()}


def of_part(part: Part, why: Trouble) -> Trouble:
    """A trouble with the system's name before it."""
    kind = Unreachable if why.unreachable else Trouble
    return kind(why=f"{_(part.title)}: {why}")
