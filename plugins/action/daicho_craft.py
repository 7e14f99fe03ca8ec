"""Do the work of a craft on all targets of the wave, through the door of the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from daicho.errors import DaichoError
from daicho.runners.remote import Task, failures, work_here
from daicho.runners.wire import DoorError
from daicho.works import work_named


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """Documented in plugins/modules/daicho_craft.py."""

    _requires_connection = False
    _supports_check_mode = True

    argument_spec: ClassVar[dict[str, Any]] = {"work": {"type": "str", "required": True}}

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what went wrong with which target; the door has heard everything else."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(self.argument_spec)
        variables = task_vars or {}
        try:
            work = work_named(given["work"])
            inputs = {name: _plain(variables.get(f"{work.name}_{name}")) for name in work.inputs.model_fields}
            task = Task(
                work=work,
                inputs={name: value for name, value in inputs.items() if value is not None},
                undo=bool(variables.get(f"{work.name}_undo")),
                check=bool(self._task.check_mode),
            )
            results = work_here(task, Path(variables["playbook_dir"]).parent)
        except (DaichoError, DoorError) as error:
            raise AnsibleActionFail(str(error)) from error
        result.update(changed=any(each.status == "changed" for each in results), failures=failures(results))
        return result


def _plain(value: object) -> object:
    # Ansible's texts carry tags that a ledger does not.
    return json.loads(json.dumps(value))
