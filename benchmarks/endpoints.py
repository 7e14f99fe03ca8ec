"""What it costs to ask Windows terminals for their patches: our sessions beside Ansible's, in one run.

    python benchmarks/endpoints.py --hosts 200
    python benchmarks/endpoints.py --hosts 12000 --off 0.15 --only ours

The terminals are simulated (`lab/winrm`: HTTPS, NTLM with sealed messages, bound to the channel), on
loopback, and share this machine's cores. Ours is the whole of `daicho endpoints read`: it asks two scripts
of each terminal and records the answers in a ledger. Ansible's is `ansible -m win_ping`, which asks for less
and records nothing, and the same as a playbook. CPU seconds and memory are the kernel's, Python's start
included.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from daicho.credentials import Keys
from daicho.door import Unwatched
from daicho.items.item import Item
from daicho.items.record import import_items
from daicho.life.checking import Order
from daicho.life.endpoints import WORK, read_endpoints
from daicho.policy import Policy
from daicho.records.checks import check_records
from daicho.settings import Settings
from daicho.site import Site, account_name
from lab.winrm import Windows, loopback_world

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PLAYBOOK: Final = "- hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.windows.win_ping:\n"
_CLIENTS: Final = ("ours", "playbook", "adhoc")


def main() -> None:
    """Measure each client against the same terminals."""
    asked = _asked()
    if asked.client:
        _ours(asked.folder)
        return
    with tempfile.TemporaryDirectory(prefix="daicho-") as name:
        folder = Path(name)
        world = loopback_world(off_share=asked.off)
        with Windows(folder / "windows", asked.hosts, world) as terminals:
            _site(folder, terminals, asked.at_once)
            (folder / "ansible.cfg").touch()
            (folder / "play.yml").write_text(_PLAYBOOK, encoding="utf-8")
            (folder / "inventory.json").write_text(json.dumps(terminals.inventory()), encoding="utf-8")
            print(f"{'client':<10}{'hosts':>7}{'wall s':>9}{'CPU s':>9}{'ms CPU/host':>13}{'MB':>7}")
            for client in asked.only or _CLIENTS:
                for _run in range(asked.repeat):
                    _measure(client, folder, asked)


def _measure(client: str, folder: Path, asked: argparse.Namespace) -> None:
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        _command(client, folder, asked.forks),
        env=_environment(folder),
        stdout=(folder / f"{client}.log").open("ab"),
        stderr=subprocess.STDOUT,
    )
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    row = f"{client:<10}{asked.hosts:>7}{wall:>9.1f}{cpu:>9.1f}{cpu / asked.hosts * 1000:>13.1f}"
    print(f"{row}{used.ru_maxrss / 1024:>7.0f}")
    if process.returncode not in {0, 3}:
        sys.exit((folder / f"{client}.log").read_text(encoding="utf-8", errors="replace")[-3000:])
    if client == "ours":
        with Site.open(_settings(folder), read_only=True) as site:
            print(f"          {_found(site)}")


def _command(client: str, folder: Path, forks: int) -> list[str]:
    inventory = ["-i", str(folder / "inventory.json"), "--forks", str(forks)]
    python = [sys.executable, "-m", "ansible"]
    return {
        "ours": [sys.executable, __file__, "--client", "--folder", str(folder)],
        "playbook": [*python, "playbook", *inventory, str(folder / "play.yml")],
        "adhoc": [*python, "adhoc", *inventory, "-m", "ansible.windows.win_ping", "all"],
    }[client]


def _environment(folder: Path) -> Mapping[str, str]:
    root = Path(__file__).parents[1]
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")},
        "PYTHONPATH": str(root),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "LC_ALL": "C.UTF-8",
    }


def _ours(folder: Path) -> None:
    with Site.open(_settings(folder)) as site:
        read_endpoints(site, Order(work=WORK), Unwatched())


def _found(site: Site) -> Any:
    newest = check_records(site.ledger, WORK, limit=1)[0]
    (closed,) = site.ledger.entries(of=newest.id, kind="check.closed")
    return closed.body["read"]


def _site(folder: Path, terminals: Windows, at_once: int) -> None:
    settings = _settings(folder)
    (folder / "content").mkdir()
    me = {"name": "operator", "accounts": [account_name()], "may": {"operate": ["*"], "administer": True}}
    with Site.create(settings, Policy.model_validate({"site": "benchmark", "principals": [me]})) as site:
        import_items(site.ledger, _items(terminals), "operator", "benchmark")
    (settings.site_inventory / "ca.pem").write_bytes(terminals.ca.read_bytes())
    rules = {"user": terminals.world.login, "ca_file": "ca.pem", "port": terminals.world.port}
    (settings.site_inventory / "windows.yml").write_text(json.dumps(rules | {"at_once": at_once}))
    Keys.of(settings).keep_secret("windows", terminals.world.password)


def _items(terminals: Windows) -> Sequence[Item]:
    fixed = {"name", "kind", "address"}
    return [
        Item(row["name"], row["kind"], row["address"], {k: str(v) for k, v in row.items() if k not in fixed})
        for row in terminals.items()
    ]


def _settings(folder: Path) -> Settings:
    return Settings(state=folder / "state", content=folder / "content", language="en", person="operator")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--off", type=float, default=0.0, help="this part of them is off")
    parser.add_argument("--forks", type=int, default=20, help="of Ansible")
    parser.add_argument("--at-once", type=int, default=50, help="sessions of ours")
    parser.add_argument("--only", nargs="*", choices=_CLIENTS)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--client", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
