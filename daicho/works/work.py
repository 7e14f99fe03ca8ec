"""What a work declares about itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from daicho.documents import Document, judge

if TYPE_CHECKING:
    from collections.abc import Mapping


class Inputs(Document):
    """What a work needs to know; each field has its description, as a message to translate."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """A kind of change."""

    name: str
    title: str
    """One line for people, as a message to translate."""
    runner: Literal["ansible", "nornir", "script", "check"]
    """What carries it out: Ansible with `playbooks/NAME.yml`, a craft (daicho.craft) with Nornir or
    without, or a check of our own that only reads."""
    inputs: type[Inputs]
    kinds: frozenset[str]
    """The kinds of items that it is for."""
    command: str = "daicho run"
    """What starts it."""
    craft: str = ""
    """For nornir and script: where its OpenCraft is, `package.module:function`; loaded when it is needed."""
    items: str = ""
    """Where the function is that makes the targets from the inputs (`package.module:function`), if they
    are not recorded items: the people of a personnel file."""
    timed: bool = True
    """Of a check: whether a timer may start it, under a standard change."""
    context: str = ""
    """Where the function is that tells the rehearsal what the target's own item does not say
    (`package.module:function`): all items, the targets, the inputs -> target -> variables."""
    beside: str = ""
    """Where the function is that tells about more than the target, whenever the work is rehearsed, run or
    taken back (`package.module:function`): all items, the targets, the inputs -> target -> variables."""
    updates: str = ""
    """Where the function is that brings a target's own item in line with what was done
    (`package.module:function`): the item, its state after the run -> the item. Recorded as the run is
    closed, of those that are done, and of an undo in the same way."""
    enters: str = ""
    """Where the function is that makes the items which a run has brought into being
    (`package.module:function`): the inputs, target -> its wanted state, of those that are done. They are
    recorded as the run is closed; an undo retires them."""
    retires: bool = False
    """Whether the items of targets that are done are retired as the run is closed; an undo enters them
    again."""
    in_turn: tuple[str, ...] = ()
    """Attributes by which targets go out one group after the other, each with a canary of its own."""

    owes: Literal["", "each", "newest"] = ""
    """Whether a target that did not get it owes it (`daicho debts`): each change for itself, or only the
    newest, which brings all before it."""
    tells: Mapping[str, str] = field(default_factory=dict)
    """Key of a state → the end of the name of the task that changes a target for it, where the state holds a
    rule (`reboot`: `if required`) and only the run knows whether anything had to be done."""

    @property
    def writes(self) -> bool:
        """Whether it changes anything on its targets: what only reads is never planned nor run."""
        return self.runner != "check"

    @property
    def enters_targets(self) -> bool:
        """Whether it logs in to its targets, so that those that are off are left out before; a script works
        on systems that know the targets.
        """
        return self.runner in {"ansible", "nornir"}

    def judge_inputs(self, given: Mapping[str, object], document: str) -> dict[str, object]:
        """The inputs with what was left out filled in.

        Raises:
            DocumentError: An input is unknown, missing or of the wrong shape.
        """
        return judge(self.inputs, dict(given), document, "inputs").model_dump(mode="json")

    def variables(self, inputs: Mapping[str, object]) -> dict[str, object]:
        """The inputs as the role's variables: `patch_endpoints_scope`."""
        return {f"{self.name}_{name}": value for name, value in inputs.items()}
