"""What it costs to speak to network devices: our sessions beside nornir_netmiko's, in one run.

    python benchmarks/network.py --devices 200 --latency-ms 0 200
    python benchmarks/network.py --job backup --devices 1000 --latency-ms 20

The devices are simulated (`lab/netcli`), on this machine's own addresses, and share its cores; `--latency-ms`
is what a device takes for one line. Each client is a process of its own; its CPU seconds and memory are the
kernel's, Python's start included. Both have the same Nornir, netmiko and paramiko underneath. nornir_netmiko
is measured where it is installed (dependency group `benchmark`), with its own defaults: 20 workers.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import os
import re
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nornir.core import Nornir
from nornir.core.inventory import ConnectionOptions, Defaults, Groups, Host, Hosts, Inventory
from nornir.core.task import Result
from nornir.plugins.runners import ThreadedRunner

from benchmarks.rivals import fetch, playbook
from daicho.network.platforms import PLATFORMS
from daicho.network.tree import commands
from daicho.network.way import typed
from lab.netcli import Plane, loopback_world
from nornir_tasks.devices import Access, session
from nornir_tasks.logins import Login
from nornir_tasks.pace import MOST, Pace
from nornir_tasks.save_configuration import save_configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nornir.core.task import Task

_FIVE: Final = (
    "vlan 30\n name SALES\ninterface GigabitEthernet0/3\n description Sales\n switchport access vlan 30\n"
)
_PORT: Final = (
    " description Sales\n switchport access vlan 20\n switchport mode access\n spanning-tree portfast\n"
)
_FIFTY: Final = "".join(f"interface GigabitEthernet0/{port}\n{_PORT}" for port in range(1, 11))
_JOBS: Final = ("change", "backup", "fifty")
_IOS: Final = PLATFORMS["cisco_ios"]


def _lines(job: str) -> str:
    return {"change": _FIVE, "fifty": _FIFTY, "backup": ""}[job]


def _hosts(site: Mapping[str, Any]) -> Hosts:
    return Hosts(
        {
            name: Host(
                name=name,
                hostname=address,
                port=site["port"],
                username=site["user"],
                password=site["password"],
                platform="cisco_ios",
                defaults=Defaults(),
                connection_options={"netmiko": ConnectionOptions(extras=_netmiko(site))},
            )
            for name, address in site["devices"].items()
        }
    )


def _netmiko(site: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "secret": site["secret"],
        "ssh_strict": True,
        "alt_host_keys": True,
        "alt_key_file": site["known_hosts"],
        "system_host_keys": False,
        "allow_agent": False,
        "conn_timeout": 60,
    }


def _ours(site: Mapping[str, Any], job: str) -> tuple[Callable[[Task], Result], int]:
    login = Login(name="x", user=site["user"], password=site["password"], enable=site["secret"])
    access = Access(
        key=Path("/nonexistent"),
        known_hosts=Path(site["known_hosts"]),
        login=login,
        connect_seconds=60,
        read_seconds=60,
    )
    lines = typed(commands(_lines(job), _IOS.grammar), _IOS.grammar)
    pace = Pace()

    def one(task: Task) -> Result:
        with pace.lane(), session(task.host, _IOS, access) as device:
            pace.measured(device.round_trip)
            text = device.ask(_IOS.talk.running)
            if lines:
                device.step(_IOS.talk.configure)
                answers = device.type(lines, str)
                if any(answer.error for answer in answers):
                    raise RuntimeError(str(answers))
                device.step(_IOS.talk.end)
                if job == "change" and (why := save_configuration(device)):
                    raise RuntimeError(why)
        return Result(host=task.host, result=len(text))

    return one, MOST


def _theirs(_site: Mapping[str, Any], job: str) -> tuple[Callable[[Task], Result], int]:
    from nornir.core.plugins.connections import ConnectionPluginRegister  # noqa: PLC0415
    from nornir_netmiko import netmiko_save_config, netmiko_send_command, netmiko_send_config  # noqa: PLC0415

    ConnectionPluginRegister.auto_register()
    lines = _lines(job).splitlines()

    def one(task: Task) -> Result:
        task.host.get_connection("netmiko", task.nornir.config).enable()
        task.run(netmiko_send_command, command_string="show running-config", read_timeout=60)
        if lines:
            task.run(netmiko_send_config, config_commands=lines, error_pattern="% ", read_timeout=60)
            if job == "change":
                task.run(netmiko_save_config)
        task.host.close_connections()
        return Result(host=task.host)

    return one, 20


def _blob(site: Mapping[str, Any], job: str) -> tuple[Callable[[Task], Result], int]:
    """All lines in one write, nothing looked at: what a checked change is compared with."""
    login = Login(name="x", user=site["user"], password=site["password"], enable=site["secret"])
    access = Access(
        key=Path("/nonexistent"), known_hosts=Path(site["known_hosts"]), login=login, read_seconds=60
    )
    text = "\n".join(line.text for line in typed(commands(_lines(job), _IOS.grammar), _IOS.grammar))

    pace = Pace()

    def one(task: Task) -> Result:
        with pace.lane(), session(task.host, _IOS, access) as device:
            pace.measured(device.round_trip)
            device.ask(_IOS.talk.running)
            device.step(_IOS.talk.configure)
            channel: Any = device._connection.remote_conn  # noqa: SLF001
            channel.sendall(f"{text}\nend\n".encode())
            said = b""
            while not re.search(rb"#end\r\n\S+#$", said):
                said += channel.recv(65536)
        return Result(host=task.host)

    return one, MOST


_ANSIBLE: Final = "cisco.ios"
_CLIENTS: Final = {"daicho": _ours, "nornir_netmiko": _theirs, "blob": _blob}


def _work(client: str, job: str, site: Mapping[str, Any]) -> None:
    """One client's process: does the job on all devices and prints its seconds."""
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    one, workers = _CLIENTS[client](site, job)
    began = time.monotonic()
    nornir = Nornir(
        inventory=Inventory(hosts=_hosts(site), groups=Groups(), defaults=Defaults()),
        runner=ThreadedRunner(num_workers=workers),
    )
    results = nornir.run(task=one)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "seconds": time.monotonic() - began,
                "cpu": used.ru_utime + used.ru_stime,
                "megabytes": used.ru_maxrss / 1024,
                "failed": [str(result[0].exception) for result in results.failed_hosts.values()][:3],
            }
        )
    )


def _measure(client: str, job: str, plane: Plane) -> dict[str, Any]:
    world = plane.world
    site = {
        "devices": {device.name: str(device.address) for device in plane.devices},
        "port": world.port,
        "user": world.user,
        "password": world.password,
        "secret": world.secret,
        "known_hosts": str(plane.folder / "known_hosts"),
    }
    file = plane.folder / "site.json"
    file.write_text(json.dumps(site), encoding="utf-8")
    reader, writer = os.pipe()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, __file__, "--client", client, "--job", job, "--site", str(file)],
        {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1)],
    )
    os.close(writer)
    with os.fdopen(reader) as said:
        figures: dict[str, Any] = json.loads(said.readlines()[-1])
    os.waitpid(pid, 0)
    return figures


def _cisco_ios(job: str, plane: Plane) -> dict[str, Any]:
    """The same with Ansible's cisco.ios: three tasks a device."""
    world = plane.world
    (plane.folder / ".ssh").mkdir(mode=0o700)
    (plane.folder / ".ssh" / "known_hosts").write_bytes((plane.folder / "known_hosts").read_bytes())
    login = {
        "ansible_connection": "ansible.netcommon.network_cli",
        "ansible_network_cli_ssh_type": "paramiko",
        "ansible_network_os": "cisco.ios.ios",
        "ansible_port": world.port,
        "ansible_user": world.user,
        "ansible_password": world.password,
        "ansible_become": True,
        "ansible_become_method": "ansible.netcommon.enable",
        "ansible_become_password": world.secret,
    }
    hosts = {device.name: {"ansible_host": str(device.address), **login} for device in plane.devices}
    tasks: list[dict[str, Any]] = [{"cisco.ios.ios_command": {"commands": ["show running-config"]}}]
    if lines := _lines(job):
        tasks += [{"cisco.ios.ios_config": wanted} for wanted in _as_tasks(lines)]
        tasks += [{"cisco.ios.ios_command": {"commands": ["write memory"]}}] if job == "change" else []
    fetch(plane.folder)
    cost = playbook(plane.folder, hosts, tasks)
    return {"seconds": cost.seconds, "cpu": cost.cpu, "megabytes": 0, "failed": cost.failed}


def _as_tasks(lines: str) -> list[dict[str, Any]]:
    blocks: dict[str, list[str]] = {}
    for line in lines.splitlines():
        if not line.startswith(" "):
            blocks[parent := line] = []
        else:
            blocks[parent].append(line.strip())
    return [{"parents": [parent], "lines": below} for parent, below in blocks.items()]


def _clients(job: str, *, ansible: bool) -> Sequence[str]:
    rival = [_ANSIBLE] if ansible else []
    there = importlib.util.find_spec("nornir_netmiko") is not None
    return ["daicho", *(["nornir_netmiko"] if there else []), *(["blob"] if job == "fifty" else []), *rival]


def main() -> None:
    """Measure, or be one of the measured processes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--latency-ms", type=float, nargs="+", default=[0.0, 200.0])
    parser.add_argument("--job", choices=_JOBS, default="change")
    parser.add_argument("--only", choices=[*sorted(_CLIENTS), _ANSIBLE])
    parser.add_argument(
        "--ansible", action="store_true", help="measure cisco.ios too (fetches Ansible by uv)"
    )
    parser.add_argument("--client", choices=sorted(_CLIENTS), help=argparse.SUPPRESS)
    parser.add_argument("--site", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        _work(given.client, given.job, json.loads(Path(given.site).read_text(encoding="utf-8")))
        return
    print(f"{given.job} on {given.devices} devices")
    print(f"{'latency':>8} {'client':<16} {'seconds':>8} {'CPU s':>7} {'MiB':>6}  failures")
    for latency in given.latency_ms:
        for client in [given.only] if given.only else _clients(given.job, ansible=given.ansible):
            world = loopback_world(line_ms=latency, boot_seconds=0.1)
            with (
                tempfile.TemporaryDirectory() as folder,
                Plane(Path(folder), world, given.devices, "cisco_ios") as plane,
            ):
                found = (
                    _cisco_ios(given.job, plane) if client == _ANSIBLE else _measure(client, given.job, plane)
                )
            print(
                f"{latency:>5.0f} ms {client:<16} {found['seconds']:>8.2f} {found['cpu']:>7.1f} "
                f"{found['megabytes']:>6.0f}  {found['failed'] or 'none'}",
                flush=True,
            )


if __name__ == "__main__":
    main()
