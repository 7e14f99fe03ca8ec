"""What a Windows machine says of itself after an update: not the tool that made it."""

from __future__ import annotations

import json
import os
from typing import Any, ClassVar

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from daicho.craft import Trouble
from daicho.endpoints import patched, patching
from daicho.i18n import use_language
from daicho.runners.winrm import ask

_RUNNING = "Running"


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """Documented in plugins/modules/windows_updates_present.py."""

    _requires_connection = False
    _supports_check_mode = True

    argument_spec: ClassVar[dict[str, Any]] = {
        "state": {"type": "dict", "default": {}},
        "reboot": {"type": "str", "default": "if_required"},
        "services": {"type": "list", "elements": "str", "default": []},
        "source": {"type": "str", "default": "default"},
        "limit": {"type": "int", "default": 900},
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the state with the keys of what was wanted, and what else is to be judged."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(self.argument_spec)
        given = json.loads(json.dumps(given))
        use_language(os.environ.get("DAICHO_LANG", "en"))
        variables = task_vars or {}
        try:
            result.update(self._read(given, variables))
        except Trouble as trouble:
            kind = AnsibleConnectionFailure if trouble.unreachable else AnsibleActionFail
            # Ansible would add every cause to the sentence.
            raise kind(str(trouble)) from None
        result["changed"] = False
        return result

    def _read(self, given: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        wanted = given["state"]
        present = ask("get_patch_state", {"online": False}, variables, limit_s=given["limit"])
        names = patching.articles(wanted)
        # The machine's own list is short of Office and others: those, only the update service knows.
        if any(value == "installed" and name not in present["installed"] for name, value in names.items()):
            present = ask("get_patch_state", {"online": True}, variables, limit_s=given["limit"])
            present["asked_online"] = True
        now = patched.now(wanted, present, given["reboot"])
        if any(key.startswith("download:") for key in wanted):
            search = ask("search_updates", {"source": given["source"]}, variables, limit_s=given["limit"])
            now |= patching.downloads(search, wanted)
        return {
            "now": now,
            "inactive": self._inactive(given, variables),
            "failed_units": [],
            "reboot_required": bool(present["reboot_pending"]),
            "user": str(present.get("user") or ""),
        }

    def _inactive(self, given: dict[str, Any], variables: dict[str, Any]) -> dict[str, str]:
        if not given["services"]:
            return {}
        told = ask("get_services", {"names": given["services"]}, variables, limit_s=given["limit"])
        return {name: state for name, state in sorted(told["states"].items()) if state != _RUNNING}
