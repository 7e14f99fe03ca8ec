"""The door of a rehearsal: it lets the engine look, records what it found, and changes nothing."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from daicho.door import Answer, Verdict
from daicho.errors import Refused
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.groups import inventory_of
from daicho.plan import Standing, TargetPlan, differences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from daicho.door import Intention, TaskResult, Watch
    from daicho.items.item import Item
    from daicho.plan import TargetState


class OnlyRehearsing(Refused):
    """The engine was about to do it in earnest."""

    sentence = N_("This is a rehearsal: only check mode is allowed.")


class Rehearsal:
    """Collects the plan of every target."""

    def __init__(
        self,
        items: Sequence[Item],
        *,
        variables: Mapping[str, Mapping[str, object]],
        release: Callable[[], None],
        secret: Callable[[str], str],
        watch: Watch,
    ) -> None:
        """Rehearse on these items.

        Args:
            items: The resolved targets.
            variables: Further variables by target: the inverse of an undo.
            release: Makes the credentials, once the recorder is alive.
            secret: Gives a secret by name.
            watch: Sees the progress.
        """
        self._items = items
        self._variables = variables
        self._release = release
        self._secret = secret
        self._watch = watch
        self._plans: dict[str, TargetPlan] = {}
        self._troubles: dict[str, tuple[Standing, str]] = {}
        self._lock = Lock()

    def plans(self, said: str) -> tuple[TargetPlan, ...]:
        """A plan for every target; one that the engine never spoke of failed, for what it said last."""
        return tuple(self._plan_of(item.name, said) for item in self._items)

    def leave_out(self, silent: Mapping[str, str]) -> int:
        """Note the targets that do not answer; how many are left for the engine."""
        for name, why in silent.items():
            self._troubles[name] = (Standing.UNREACHABLE, why)
            self._watch.target(name, Standing.UNREACHABLE.label, why)
        return len(self._items) - len(silent)

    def may_start(self, *, check: bool) -> str | None:
        """Only in check mode."""
        return None if check else str(OnlyRehearsing())

    def inventory(self) -> Answer:
        """All targets."""
        return served([item for item in self._items if item.name not in self._troubles], self._variables)

    def alive(self) -> None:
        """Release the credentials: reading needs them too."""
        self._release()

    def secret(self, name: str) -> str:
        """A secret by name."""
        return self._secret(name)

    def task_starts(self, task: str, path: str) -> None:  # noqa: ARG002 -- the door's shape
        """Show it."""
        self._watch.task(task)

    def task_ended(self, task: str, results: Sequence[TaskResult]) -> None:
        """Note the targets that did not answer or failed."""
        for result in results:
            standing = {"failed": Standing.FAILED, "unreachable": Standing.UNREACHABLE}.get(result.status)
            if standing:
                with self._lock:
                    self._troubles[result.target] = (standing, f"{task}: {result.message}")
                self._watch.target(result.target, standing.label, result.message)

    def intend(self, intention: Intention) -> Verdict:
        """Keep what would be done."""
        differs = bool(differences(intention.before, intention.after))
        plan = TargetPlan(
            target=intention.target,
            standing=Standing.CHANGES if differs else Standing.IN_ORDER,
            before=dict(intention.before),
            after=dict(intention.after),
            inverse=intention.inverse if differs else None,
            irreversible=intention.irreversible,
            notes=intention.notes,
        )
        with self._lock:
            self._plans[intention.target] = plan
        self._watch.target(plan.target, plan.standing.label, "")
        return Verdict(
            verdict="planned", approved={"before": dict(plan.before), "after": dict(plan.after), "inputs": {}}
        )

    def confirm(self, target: str, now: TargetState, *, lost: str = "", said: str = "") -> Answer:  # noqa: ARG002 -- the door's shape
        """Nothing was done, so nothing is confirmed."""
        return {"outcome": "unchanged", "why": ""}

    def _plan_of(self, target: str, said: str) -> TargetPlan:
        if target in self._troubles:
            standing, why = self._troubles[target]
            return TargetPlan(target=target, standing=standing, why=why)
        if target in self._plans:
            return self._plans[target]
        return TargetPlan(target=target, standing=Standing.FAILED, why=said or _("it was never reported"))


def served(items: Sequence[Item], variables: Mapping[str, Mapping[str, object]]) -> Answer:
    """The inventory that the engine sees: these targets and what is known of them."""
    inventory = inventory_of(items)
    hosts = {name: dict(known) | dict(variables.get(name, {})) for name, known in inventory["hosts"].items()}
    return {"hosts": hosts, "groups": inventory["groups"], "vars": {"ansible_user": "daicho"}}
