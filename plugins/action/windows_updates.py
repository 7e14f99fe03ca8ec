"""What an update of this Windows machine would change."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from typing import Any, ClassVar, Final

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from daicho.craft import Trouble
from daicho.endpoints import patching
from daicho.i18n import use_language
from daicho.runners.winrm import ask

_AGAIN_S: Final = 3


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """Documented in plugins/modules/windows_updates.py."""

    _requires_connection = False
    _supports_check_mode = True

    argument_spec: ClassVar[dict[str, Any]] = {
        "scope": {"type": "str", "choices": ["security", "all"], "default": "security"},
        "categories": {"type": "list", "elements": "str", "default": []},
        "allow": {"type": "list", "elements": "str", "default": []},
        "deny": {"type": "list", "elements": "str", "default": []},
        "packages": {"type": "dict"},
        "reboot": {"type": "str", "choices": ["never", "if_required", "always"], "default": "if_required"},
        "notice": {"type": "int", "default": 0},
        "step": {"type": "str", "choices": ["install", "download"], "default": "install"},
        "source": {
            "type": "str",
            "choices": ["default", "wsus", "windows_update", "offline"],
            "default": "default",
        },
        "folder": {"type": "str", "default": ""},
        "limit": {"type": "int", "default": 900},
        "patience": {"type": "int", "default": 0},
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the machine's state before and after, and what an approver has to read with it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(self.argument_spec)
        given = json.loads(json.dumps(given))
        use_language(os.environ.get("DAICHO_LANG", "en"))
        variables = task_vars or {}
        try:
            result.update(self._found(given, variables))
        except Trouble as trouble:
            kind = AnsibleConnectionFailure if trouble.unreachable else AnsibleActionFail
            # Ansible would add every cause to the sentence.
            raise kind(str(trouble)) from None
        result["changed"] = False
        return result

    def _found(self, given: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        wish = patching.Wish(
            scope=given["scope"],
            categories=tuple(given["categories"]),
            allow=tuple(given["allow"]),
            deny=tuple(given["deny"]),
            reboot=given["reboot"],
            notice=given["notice"],
            step=given["step"],
            offline=given["source"] == "offline",
        )
        wanted = given["packages"]
        present = self._settled(given, variables)
        search: dict[str, Any] = {"hresult": 0, "updates": []}
        if wanted is None or wish.step == "download" or wish.offline:
            told = {"source": given["source"], "folder": given["folder"]}
            search = ask("search_updates", told, variables, limit_s=given["limit"])
        if wanted is None:
            found = patching.planned(present, search, wish)
        else:
            found = patching.continued(present, search, wanted, wish)
        return asdict(found) | {"present": present, "files": patching.files(search), "failed_units": []}

    def _settled(self, given: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """What the machine says when nothing is being installed: who lost their controller goes on there."""
        until = time.monotonic() + given["patience"]
        while True:
            present = ask("get_patch_state", {"online": False}, variables, limit_s=given["limit"])
            if not present["busy"] or not given["patience"]:
                return present
            if time.monotonic() > until:
                raise patching.StillAtWork(seconds=given["patience"])
            time.sleep(_AGAIN_S)
