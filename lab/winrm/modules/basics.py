"""Whether a host is there, what it is, its name, asynchronous tasks."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lab.winrm.areas import System
from lab.winrm.arguments import ModuleFailure
from lab.winrm.modules import Call, Jobs, Result, module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host


@module("ansible.windows.win_ping")
def win_ping(_host: Host, arguments: Mapping[str, Any], _call: Call) -> Result:
    """It is there."""
    if arguments["data"] == "crash":
        raise ModuleFailure("Unhandled exception while executing module: boom")
    return {"ping": arguments["data"]}


@module("ansible.windows.setup")
def setup(host: Host, arguments: Mapping[str, Any], _call: Call) -> Result:
    """The facts that a Windows host tells of itself."""
    system = host.of(System)
    now = datetime.fromtimestamp(time.time() + system.clock_offset, UTC)
    name = system.name.upper()
    fqdn = f"{system.name}.{system.domain}" if system.domain else system.name
    facts = {
        "hostname": name,
        "fqdn": fqdn,
        "nodename": fqdn,
        "netbios_name": name[:15],
        "domain": system.domain,
        "windows_domain": system.domain or "WORKGROUP",
        "windows_domain_member": bool(system.domain),
        "windows_domain_role": "Member workstation" if system.domain else "Stand-alone workstation",
        "os_family": "Windows",
        "os_name": system.caption,
        "os_product_type": "workstation",
        "os_installation_type": "Client",
        "distribution": system.caption,
        "distribution_version": f"{system.version}.0",
        "distribution_major_version": system.version.partition(".")[0],
        "architecture": "64 ビット" if system.language == "ja-JP" else "64-bit",
        "system": "Win32NT",
        "kernel": f"{system.version}.0",
        "powershell_version": 5,
        "user_id": host.world.user,
        "ip_addresses": [host.address],
        "interfaces": [],
        "memtotal_mb": 16_384,
        "processor_cores": 4,
        "reboot_pending": system.pending_reboot,
        "lastboot": datetime.fromtimestamp(host.booted_at, UTC).strftime("%Y-%m-%d %H:%M:%SZ"),
        "uptime_seconds": int(time.time() - host.booted_at),
        "date_time": {
            "iso8601": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "epoch": str(now.timestamp()),
            "epoch_int": int(now.timestamp()),
        },
        "env": {"COMPUTERNAME": name, "SystemRoot": r"C:\WINDOWS", "SystemDrive": "C:"},
        "system_vendor": "Lab",
        "product_serial": f"5CG{host.index + 1:07d}",
    }
    named = {f"ansible_{key}": value for key, value in facts.items()}
    return {"ansible_facts": named | {"gather_subset": arguments["gather_subset"], "module_setup": True}}


@module("ansible.windows.win_hostname")
def win_hostname(host: Host, arguments: Mapping[str, Any], call: Call) -> Result:
    """Another name, from the next reboot on."""
    system = host.of(System)
    changed = arguments["name"].lower() != system.name.lower()
    if changed and not call.check:
        system.pending_name, system.pending_reboot = arguments["name"], True
    return {"old_name": system.name, "reboot_required": changed, "changed": changed}


@module("ansible.windows.win_reboot_info")
def win_reboot_info(host: Host, _arguments: Mapping[str, Any], _call: Call) -> Result:
    """Whether something waits for a reboot."""
    return {
        "reboot_required": host.of(System).pending_reboot,
        "reboot_pending": host.of(System).pending_reboot,
    }


@module("ansible.windows.async_status", internal=("_async_dir",))
def async_status(host: Host, arguments: Mapping[str, Any], _call: Call) -> Result:
    """How an asynchronous task stands."""
    jobs, job = host.of(Jobs).results, str(arguments["jid"])
    if job not in jobs:
        raise ModuleFailure("could not find job", ansible_job_id=job, started=True, finished=True)
    if arguments["mode"] == "cleanup":
        del jobs[job]
        return {"ansible_job_id": job, "erased": job}
    return dict(jobs[job])
