"""Tell the door every task before it starts and every result after it.

Ansible goes on when a callback raises, so this one ends the process: SystemExit at the start of a
task stops it before any host runs that task.
"""

from __future__ import annotations

from typing import Any

from ansible import __version__
from ansible.plugins.callback import CallbackBase

from daicho.runners.wire import Door, DoorError, Json, Message

DOCUMENTATION = """
    name: daicho_ledger
    type: notification
    short_description: Records tasks and results in the ledger through the door of a run
    description:
        - Says that it is alive, which releases the run's credentials.
        - Writes each task ahead; where that fails no host starts it and the process ends with 97.
    author: The daicho authors
    options: {}
"""

_STOPPED = 97
_LONGEST = 500
_APART = frozenset({"free", "host_pinned"})


class CallbackModule(CallbackBase):  # type: ignore[misc]  # ansible-core ships no types
    """One per ansible-playbook process."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "daicho_ledger"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        """Hold no connection yet: the door is reached when a playbook starts."""
        super().__init__()
        self._door: Door | None = None
        self._apart = False
        self._begun = set[tuple[str, str]]()
        self._results: list[tuple[str, Message]] = []
        self._sent = 0

    def v2_playbook_on_start(self, playbook: Any) -> None:  # noqa: ARG002
        """Say that the recorder is there."""
        self._ask({"ask": "alive", "ansible": __version__})

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Note whether the hosts of this play wait for each other."""
        self._apart = str(play.strategy).rpartition(".")[2] in _APART
        self._begun.clear()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:  # noqa: ARG002
        """Write the task ahead, after the results of the one before.

        Where hosts do not wait for each other it is told for each of them, and written for the first.
        """
        self._hand_over()
        name, path = _name(task), _place(task)
        if self._apart and (name, path) in self._begun:
            return
        self._begun.add((name, path))
        self._ask({"ask": "task", "task": name, "path": path})

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """Write a handler ahead like any task."""
        self.v2_playbook_on_task_start(task, is_conditional=False)

    def v2_runner_on_ok(self, result: Any) -> None:
        """Keep a result that went well."""
        self._keep(result, "changed" if result.is_changed() else "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Keep a failure; an ignored one is no failure of the target."""
        self._keep(result, "ok" if ignore_errors else "failed", str(result.result.get("msg", "")))

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Keep that a task did not apply."""
        self._keep(result, "skipped")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Keep that a target did not answer."""
        self._keep(result, "unreachable", str(result.result.get("msg", "")))

    def v2_playbook_on_stats(self, stats: Any) -> None:  # noqa: ARG002
        """Hand over the last results and say how many there were."""
        self._hand_over()
        self._ask({"ask": "end", "sent": self._sent})

    def _keep(self, result: Any, status: str, message: str = "") -> None:
        kept: Message = {"target": result.host.get_name(), "status": status, "message": message[:_LONGEST]}
        self._results.append((_name(result.task), kept))
        if status in {"failed", "unreachable"}:
            # The budget needs to know at once; everything else travels with its task.
            self._hand_over()

    def _hand_over(self) -> None:
        if self._results:
            results, self._results = self._results, []
            self._sent += len(results)
            for task in dict.fromkeys(name for name, _result in results):
                ended: list[Json] = [kept for name, kept in results if name == task]
                self._ask({"ask": "results", "task": task, "results": ended})

    def _ask(self, message: Message) -> None:
        try:
            self._door = self._door or Door.connect()
            answer = self._door.ask(message)
        except DoorError as error:
            self._stop(str(error))
        else:
            if answer.get("ok") is not True:
                self._stop(str(answer.get("why")))

    def _stop(self, why: str) -> None:
        self._display.error(f"Stopped, because it cannot be recorded: {why}")
        raise SystemExit(_STOPPED)


def _name(task: Any) -> str:
    return str(task.get_name(include_role_fqcn=False))


def _place(task: Any) -> str:
    path = task.get_path() or ""
    for folder in ("roles/", "playbooks/", "site/"):
        if folder in path:
            return str(path[path.rindex(folder) :])
    return str(path)
