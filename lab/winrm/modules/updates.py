"""win_updates 3.8 and what Windows Update does for it.

Its action plugin starts the work (`_operation` start), which goes on by itself on the host, polls what it
says until `exit`, then cancels. With `async` the module waits itself and returns the final result.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lab.winrm.areas import System, Update, Updates
from lab.winrm.arguments import ModuleFailure
from lab.winrm.faults import DISK_FULL
from lab.winrm.host import area
from lab.winrm.modules import Call, Result, module

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lab.winrm.host import Host

_CATEGORIES: Final = {
    "CriticalUpdates": "Critical Updates",
    "DefinitionUpdates": "Definition Updates",
    "DeveloperKits": "Developer Kits",
    "FeaturePacks": "Feature Packs",
    "SecurityUpdates": "Security Updates",
    "ServicePacks": "Service Packs",
    "UpdateRollups": "Update Rollups",
}
_SUCCEEDED: Final = 2
_FAILED: Final = 4
_POLLS: Final = 20.0
"""Seconds that a poll waits for something new."""
type Said = dict[str, Any]


@area("update_runs")
@dataclass
class UpdateRuns:
    """What runs of win_updates have said and nobody has polled yet, by the name of their pipe."""

    said: dict[str, list[Said]] = field(default_factory=dict)
    seconds: float = 0.0
    """What the download and the installation of one update take."""
    going_on: int = 0


@module("ansible.windows.win_updates", internal=("_operation", "_operation_options"))
async def win_updates(host: Host, arguments: Mapping[str, Any], call: Call) -> Result:
    """Search, download, install; reboots are the action plugin's business."""
    options = arguments.get("_operation_options") or {}
    match arguments.get("_operation") or "start":
        case "cancel":
            return _cancelled(host, options)
        case "poll":
            return {"output": await _polled(host, options["pipe_name"])}
        case "start" if not options.get("wait"):
            pipe = f"Ansible.Windows.WinUpdates-{uuid.uuid4()}"
            host.of(UpdateRuns).said[pipe] = []
            host.start(
                pipe, Session(host, arguments, call.check, host.of(UpdateRuns).said[pipe].append).run()
            )
            cancel = {"cancel_id": f"Global\\{pipe}", "task_pid": 777}
            return {"cancel_options": cancel, "poll_options": {"pipe_name": pipe}}
        case "start":
            said: list[Said] = []
            await Session(host, arguments, call.check, said.append).run()
            return _final(said)
        case other:
            raise ModuleFailure(f"the lab has no win_updates operation {other}")


def _cancelled(host: Host, options: Mapping[str, Any]) -> Result:
    pipe = str(options["cancel_id"]).removeprefix("Global\\")
    host.of(UpdateRuns).said.pop(pipe, None)
    if pipe in host.running:
        host.running[pipe].cancel()
    return {}


async def _polled(host: Host, pipe: str) -> list[Said]:
    said = host.of(UpdateRuns).said.get(pipe)
    if said is None or (not said and pipe not in host.running):
        raise ModuleFailure("Timed out waiting for server pipe to be available")
    until = time.monotonic() + _POLLS
    # What is said is plain state; an event beside it would have to outlive a reboot.
    while not said and pipe in host.running and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    found = list(said)
    said.clear()
    return found


@dataclass
class Session:
    """One run of Install-WindowsUpdate on a host, to its `exit`; `say` takes what it writes to its pipe."""

    host: Host
    given: Mapping[str, Any]
    check: bool
    say: Callable[[Said], None]

    async def run(self) -> None:
        """Do it."""
        ended: Said = {"changed": False, "failed": False, "reboot_required": False, "exception": None}
        ended["reboot_required"] = self.host.of(System).pending_reboot
        runs = self.host.of(UpdateRuns)
        runs.going_on += 1
        try:
            await self._work(ended)
        except _Wrong as wrong:
            ended["failed"] = True
            ended["exception"] = {"message": str(wrong), "exception": f"{wrong}\r\n"}
            if wrong.hresult:
                ended["exception"]["hresult"] = signed(wrong.hresult)
        finally:
            runs.going_on -= 1
        self.say({"task": "exit", "result": ended})

    async def _work(self, ended: Said) -> None:
        selected = self._searched()
        state = self.given["state"]
        if self.check or state == "searched" or not selected:
            ended["changed"] = bool(selected) and state != "searched"
            return
        if ended["reboot_required"]:
            raise _Wrong("A reboot is required before more updates can be installed")
        if lacking := [each for each in selected if each.state != "downloaded"]:
            ended["changed"] = True
            await self._downloaded(lacking)
        if state == "downloaded":
            return
        ended["changed"] = True
        await self._installed(selected, ended)
        ended["reboot_required"] = self.host.of(System).pending_reboot

    def _searched(self) -> list[Update]:
        if fault := self.host.spend("search-fails"):
            code = int(fault.text or "0x8024402C", 16)
            raise _Wrong(f"Searching for updates: Exception from HRESULT: 0x{code:08X}", code)
        updates = self.host.of(Updates)
        updates.searched_at = time.time()
        offered = updates.wanting()
        reasons = {each.id: self._filtered(each) for each in offered}
        self.say(
            {
                "task": "search_result",
                "result": {
                    "updates": [_described(each) for each in offered],
                    "filtered": [{"id": each, "reasons": why} for each, why in reasons.items() if why],
                },
            }
        )
        return [each for each in offered if not reasons[each.id]]

    def _filtered(self, update: Update) -> list[str]:
        categories = [_CATEGORIES.get(each, each).lower() for each in self.given["category_names"] or ()]
        mine = {each.lower() for each in update.categories}
        accepted, rejected = self.given["accept_list"], self.given["reject_list"]
        reasons = {
            "accept_list": bool(accepted) and not _listed(update, accepted),
            "reject_list": bool(rejected) and _listed(update, rejected),
            "hidden": update.hidden,
            "category_names": bool(categories) and "*" not in categories and mine.isdisjoint(categories),
            "skip_optional": bool(self.given["skip_optional"]) and update.optional,
        }
        return [reason for reason, holds in reasons.items() if holds]

    async def _downloaded(self, updates: list[Update]) -> None:
        results = []
        for number, update in enumerate(updates, 1):
            await asyncio.sleep(self.host.of(UpdateRuns).seconds)
            code = self._code(update, "download-fails") or self._room(update)
            if not code:
                update.state = "downloaded"
            self.say(_progress("download", update, number * 100 // len(updates)))
            results.append(_outcome(update, code))
        self.say({"task": "download_result", "result": {"info": results}})
        if any(each["hresult"] for each in results):
            raise _Wrong("Failed to download all updates - see updates for more information")

    async def _installed(self, updates: list[Update], ended: Said) -> None:
        results = []
        for number, update in enumerate(updates, 1):
            await asyncio.sleep(self.host.of(UpdateRuns).seconds)
            code = self._code(update, "update-fails")
            self.say(_progress("install", update, number * 100 // len(updates)))
            results.append(_outcome(update, code) | {"reboot_required": update.reboot and not code})
            if not code:
                self._in_place(update)
                ended["reboot_required"] |= update.reboot
        self.say({"task": "install_result", "result": {"info": results}})
        if any(each["hresult"] for each in results):
            raise _Wrong("Failed to install all updates - see updates for more information")

    def _in_place(self, update: Update) -> None:
        update.state, update.hresult = "pending" if update.reboot else "installed", 0
        if update.reboot:
            self.host.of(System).pending_reboot = True
        self.host.tell("installed", update.kb)

    def _code(self, update: Update, kind: str) -> int:
        """The error that this update ends with, by a fault or a full disk; 0: none."""
        if self.host.fault("disk-full"):
            update.hresult = DISK_FULL
            return DISK_FULL
        for fault in [each for each in self.host.faults if each.kind == kind]:
            code = fault.names(update.kb)
            if code and self.host.spent(fault):
                update.hresult = code
                return code
        return 0

    def _room(self, update: Update) -> int:
        system = self.host.of(System)
        if update.size > system.free:
            update.hresult = DISK_FULL
            return DISK_FULL
        system.free -= update.size
        return 0


class _Wrong(Exception):
    def __init__(self, message: str, hresult: int = 0) -> None:
        super().__init__(message)
        self.hresult = hresult


def signed(code: int) -> int:
    """An HRESULT as PowerShell shows it."""
    return code - (1 << 32) if code >= 1 << 31 else code


def _listed(update: Update, patterns: list[str]) -> bool:
    """Test-InList: patterns are looked for in title and KB number, so `KB505` hits `KB5050001` too."""
    return any(re.search(pattern, update.title + update.kb, re.IGNORECASE) for pattern in patterns)


def _described(update: Update) -> Said:
    return {
        "id": update.id,
        "title": update.title,
        "description": "",
        "kb": [update.kb],
        "type": "software",
        "deployment_action": "installation",
        "browse_only": update.optional,
        "categories": update.categories,
        "is_installed": False,
        "is_hidden": update.hidden,
        "is_present": False,
        "reboot_required": False,
        "impact": "normal",
        "reboot_behaviour": "can_request_reboot" if update.reboot else "never_reboots",
        "is_downloaded": update.state == "downloaded",
        "is_mandatory": False,
        "is_uninstallable": True,
    }


def _outcome(update: Update, code: int) -> Said:
    return {"id": update.id, "result_code": _FAILED if code else _SUCCEEDED, "hresult": signed(code)}


def _progress(task: str, update: Update, percent: int) -> Said:
    progress = {"CurrentUpdateId": update.id, "PercentComplete": percent, "CurrentUpdatePercentComplete": 100}
    if task == "download":
        progress |= {
            "CurrentUpdateDownloadPhase": 3,
            "TotalBytesDownloaded": update.size,
            "TotalBytesToDownload": update.size,
            "CurrentUpdateBytesDownloaded": update.size,
            "CurrentUpdateBytesToDownload": update.size,
        }
    return {"task": task, "result": {"progress": progress}}


def _final(said: list[Said]) -> Result:
    """What the module makes of it all when it has waited itself."""
    result: Result = {"reboot_required": False, "rebooted": False, "updates": {}, "filtered_updates": {}}
    updates: dict[str, Said] = {}
    for each in said:
        facts = each["result"]
        match each["task"]:
            case "search_result":
                updates = {found["id"]: _short(found) for found in facts["updates"]}
                for filtered in facts["filtered"]:
                    updates[filtered["id"]]["filtered_reasons"] = filtered["reasons"]
            case "download_result" | "install_result" as task:
                for outcome in facts["info"]:
                    if outcome["result_code"] != _SUCCEEDED:
                        updates[outcome["id"]]["failure_hresult_code"] = outcome["hresult"]
                    else:
                        updates[outcome["id"]]["downloaded" if task[0] == "d" else "installed"] = True
            case "exit":
                result |= {key: facts[key] for key in ("changed", "reboot_required", "failed")}
                if facts["exception"]:
                    result |= {"msg": facts["exception"]["message"]}
    for identity, found in updates.items():
        result["filtered_updates" if "filtered_reasons" in found else "updates"][identity] = found
    chosen = result["updates"].values()
    failed = [found for found in chosen if "failure_hresult_code" in found]
    installed = [found for found in chosen if found["installed"] and found not in failed]
    counts = {"found": len(chosen), "failed": len(failed), "installed": len(installed)}
    return result | {f"{name}_update_count": count for name, count in counts.items()}


def _short(found: Said) -> Said:
    short = {key: found[key] for key in ("categories", "id", "title")}
    return short | {
        "installed": False,
        "downloaded": False,
        "kb": [kb.removeprefix("KB") for kb in found["kb"]],
    }
