"""Tell the door what this target has become; the door compares it with what was approved."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from daicho.runners.wire import DoorError, Message, door_of, sentence


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """Documented in plugins/modules/daicho_confirm.py."""

    _requires_connection = False
    _supports_check_mode = True

    argument_spec: ClassVar[dict[str, Any]] = {"now": {"type": "dict"}, "lost": {"type": "str"}}

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the recorded outcome; fail where the target is not what was approved."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(
            self.argument_spec, mutually_exclusive=[("now", "lost")], required_one_of=[("now", "lost")]
        )
        variables = task_vars or {}
        message: Message = {
            "ask": "confirm",
            "target": variables["inventory_hostname"],
            "now": json.loads(json.dumps(given["now"] or {})),
        }
        if given["lost"]:
            message["lost"] = str(given["lost"])
        try:
            door = door_of(variables.get("daicho_door"))
            answer = door.ask(message)
            door.close()
        except DoorError as error:
            raise AnsibleActionFail(str(error)) from error
        outcome, why = answer.get("outcome") or "unknown", answer.get("why") or ""
        if outcome not in {"changed", "unchanged"}:
            raise AnsibleActionFail(sentence(outcome, why), result={"outcome": outcome})
        result.update(changed=False, outcome=outcome, msg=why)
        return result
