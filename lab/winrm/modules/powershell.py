"""win_powershell with scripts that daicho ships; no other PowerShell, and no command of cmd.exe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.winrm.arguments import ModuleFailure
from lab.winrm.models import ScriptError
from lab.winrm.modules import Call, Result, module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host


@module("ansible.windows.win_powershell")
async def win_powershell(host: Host, arguments: Mapping[str, Any], call: Call) -> Result:
    """The model of the script gets `parameters`, or what is in their only one, `arguments`.

    What it returns is `result` if the script sets `$Ansible.Result`, else the only `output`. One that knows
    the check mode finds it in its arguments under `_check`; what it sets as `$Ansible.Changed`, its model
    returns under `_changed`.
    """
    text = str(arguments["script"] or "")
    name, model = call.shipped.find(text)
    if model is None:
        raise ModuleFailure(
            f"the lab cannot run the script {name}: it has no model" if name else "the lab runs no PowerShell"
        )
    given = dict(arguments["parameters"] or {})
    given = dict(given["arguments"]) if set(given) == {"arguments"} else given
    told: Result = {"host_out": "", "host_err": "", "output": [], "error": [], "result": {}, "changed": True}
    told |= {stream: [] for stream in ("warning", "verbose", "debug", "information")}
    if call.check and "$Ansible.CheckMode" not in text:
        return told | {"changed": True, "msg": "skipped, running in check mode", "skipped": True}
    try:
        result = await model.run(host, given | {"_check": call.check})
    except ScriptError as error:
        raise ModuleFailure(str(error), error=[{"exception": {"message": str(error)}}]) from error
    if isinstance(result, dict):
        told["changed"] = result.pop("_changed", True)
    whole = "$Ansible.Result" in text
    return told | ({"result": result} if whole else {"output": [result]})


@module("ansible.windows.win_shell", internal=("_uses_shell",))
@module("ansible.windows.win_command", internal=("_uses_shell",))
def win_command(_host: Host, arguments: Mapping[str, Any], _call: Call) -> Result:
    """No command at all."""
    line = str(arguments["cmd"])
    raise ModuleFailure(f"the lab runs no commands: {line[:200]}", rc=1)
