"""Tell the door what this target is and what it will become, before anything is touched."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from daicho.runners.wire import DoorError, door_of, sentence


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """Documented in plugins/modules/daicho_intend.py."""

    _requires_connection = False
    _supports_check_mode = True

    argument_spec: ClassVar[dict[str, Any]] = {
        "before": {"type": "dict", "required": True},
        "after": {"type": "dict", "required": True},
        "inverse": {"type": "dict"},
        "irreversible": {"type": "str"},
        "notes": {"type": "list", "elements": "str", "default": []},
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the verdict and the approved state; fail where the door does not say planned or go."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(self.argument_spec)
        facts = json.loads(json.dumps({key: value for key, value in given.items() if value is not None}))
        variables = task_vars or {}
        message = {
            "ask": "intend",
            "target": variables["inventory_hostname"],
            "check": bool(self._task.check_mode),
            **facts,
        }
        try:
            door = door_of(variables.get("daicho_door"))
            answer = door.ask(message)
            door.close()
        except DoorError as error:
            raise AnsibleActionFail(str(error)) from error
        verdict, why = answer.get("verdict") or "stop", answer.get("why") or ""
        if verdict not in {"planned", "go"}:
            raise AnsibleActionFail(sentence(verdict, why), result={"verdict": verdict})
        approved = answer.get("approved") or {
            "before": facts["before"],
            "after": facts["after"],
            "inputs": {},
        }
        result.update(verdict=verdict, msg=why, approved=approved)
        # A rehearsal predicts the change; in a run the tasks that make it will say so themselves.
        result["changed"] = verdict == "planned" and facts["before"] != facts["after"]
        result["diff"] = {"before": _lines(facts["before"]), "after": _lines(facts["after"])}
        return result


def _lines(state: dict[str, Any]) -> str:
    return "".join(f"{key}: {value}\n" for key, value in sorted(state.items()))
