"""The gate inside Ansible: without the door of a run, nothing starts, whatever was typed.

A vars plugin is the one place from which an error stops ansible-playbook, ansible and
ansible-inventory before any host, under every flag. An ImportError here would only be skipped,
so whatever fails to load becomes a refusal.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ansible.errors import AnsibleError
from ansible.plugins.vars import BaseVarsPlugin

try:
    from daicho.runners.wire import Door, DoorError
except Exception as error:  # noqa: BLE001 -- whatever it is, it must fail closed
    _missing: str | None = f"The gate cannot load its door client ({error}): run `make setup`."
else:
    _missing = None

DOCUMENTATION = """
    name: change_gate
    short_description: Refuses to start unless the door of an approved run says yes
    description:
        - Asks the process that C(daicho run) or C(daicho plan) started whether this may go on.
        - It takes no options and cannot be switched off by C(vars_plugins_enabled).
    author: The daicho authors
    options: {}
"""


class VarsModule(BaseVarsPlugin):  # type: ignore[misc]  # ansible-core ships no types
    """Asks once per process; the answer stands for every host and task of it."""

    REQUIRES_ENABLED = False
    # Otherwise Ansible looks the plugin up and makes it anew six times for each host and task.
    is_stateless = True
    _answer: ClassVar[str | None] = None
    _asked: ClassVar[bool] = False

    def get_vars(self, loader: Any, path: str, entities: Any, cache: bool = True) -> dict[str, Any]:  # noqa: ARG002
        """Give no variables; raise AnsibleError with the sentence when the door says no."""
        if not VarsModule._asked:
            VarsModule._answer, VarsModule._asked = _refusal(), True
        if VarsModule._answer:
            raise AnsibleError(VarsModule._answer)
        return {}


def _refusal() -> str | None:
    if _missing:
        return _missing
    from ansible import context  # noqa: PLC0415 -- it is filled only once the command line is read

    try:
        with Door.connect() as door:
            answer = door.ask({"ask": "gate", "check": bool(context.CLIARGS.get("check"))})
    except DoorError as error:
        return str(error)
    return None if answer.get("ok") is True else str(answer.get("why") or "The door refused.")
