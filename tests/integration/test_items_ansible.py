"""The inventory plugin in real Ansible: the ledger's items outside a run, the door's targets inside."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from daicho.items.item import Item
from daicho.items.projection import ItemsProjection
from daicho.items.record import import_items
from daicho.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path(__file__).parents[2]
_BIN = Path(sys.executable).parent
_TEMPLATE = "{{ lookup('ansible.builtin.pipe', 'id') }}"
_ITEMS = [
    Item("pc-1", "endpoint", "192.0.2.1", {"site": "本省", "os": "debian 12", "note": _TEMPLATE}),
    Item("pc-2", "endpoint", "192.0.2.2", {"site": "別館", "ring": "canary", "serial": "S2"}),
    Item("sw-1", "network_device", "192.0.2.201", {"site": "本省", "port": "8022"}),
]
_PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: "{{ inventory_hostname }} is {{ daicho_item }}"
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    with Ledger.create(folder / "ledger.db", [ItemsProjection()]) as ledger:
        import_items(ledger, _ITEMS, "sato", "items.csv")
        import_items(ledger, [*_ITEMS[:2], Item("pc-3", "endpoint")], "sato", "items.csv")
        import_items(ledger, _ITEMS, "sato", "items.csv", retire_missing=True)
    return folder


def ansible(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program of Ansible with nothing but our inventory plugin, and no setting that helps it."""
    given = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(_ROOT / "tests" / "integration" / "no_such.cfg"),
        "ANSIBLE_INVENTORY_PLUGINS": str(_ROOT / "plugins" / "inventory"),
        "ANSIBLE_NOCOLOR": "1",
        **environment,
    }
    return subprocess.run(
        [str(_BIN / program), "-i", str(_ROOT / "inventory" / "daicho.yml"), *arguments],
        env=given,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def door(folder: Path, answer: dict[str, Any] | None) -> Iterator[tuple[str, list[Any]]]:
    """A door that gives one answer (None: hangs up) to everybody, and remembers what it was asked."""
    path = folder / "door"
    asked: list[Any] = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, connection.makefile("rw") as stream:
                    asked.append(json.loads(stream.readline()))
                    if answer is not None:
                        stream.write(json.dumps(answer) + "\n")
                        stream.flush()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield str(path), asked
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def test_the_items_are_hosts_in_groups(state: Path) -> None:
    graph = ansible("ansible-inventory", "--graph", DAICHO_STATE=str(state))
    assert (graph.returncode, graph.stderr) == (0, "")
    assert graph.stdout.splitlines() == [
        "@all:",
        "  |--@ungrouped:",
        "  |--@kind_endpoint:",
        "  |  |--pc-1",
        "  |  |--pc-2",
        "  |--@kind_network_device:",
        "  |  |--sw-1",
        "  |--@os_debian_12:",
        "  |  |--pc-1",
        "  |--@ring_canary:",
        "  |  |--pc-2",
        "  |--@site_別館:",
        "  |  |--pc-2",
        "  |--@site_本省:",
        "  |  |--pc-1",
        "  |  |--sw-1",
    ]


def test_a_host_has_its_address_and_its_item(state: Path) -> None:
    host = ansible("ansible-inventory", "--host", "sw-1", DAICHO_STATE=str(state))
    assert json.loads(host.stdout) == {
        "ansible_host": "192.0.2.201",
        "ansible_port": 8022,
        "daicho_item": {"kind": "network_device", "site": "本省", "port": "8022"},
    }


def test_an_attribute_is_never_a_template(state: Path, tmp_path: Path) -> None:
    play = tmp_path / "play.yml"
    play.write_text(_PLAY)
    run = ansible("ansible-playbook", str(play), "--limit", "pc-1", DAICHO_STATE=str(state))
    assert run.returncode == 0, run.stderr
    assert _TEMPLATE in run.stdout
    assert "uid=" not in run.stdout


def test_a_door_is_asked_and_served_exactly(state: Path, tmp_path: Path) -> None:
    answer = {
        "hosts": {
            "pc-2": {"ansible_host": "198.51.100.2", "daicho_item": {"note": _TEMPLATE}, "list": [1, None]},
            "pc-9": {},
        },
        "groups": {"wave": ["pc-2"]},
        "vars": {"daicho_run": "R1"},
    }
    with door(tmp_path, answer) as (path, asked):
        listed = ansible("ansible-inventory", "--list", "--yaml", DAICHO_DOOR=path, DAICHO_STATE=str(state))
        host = ansible("ansible-inventory", "--host", "pc-2", DAICHO_DOOR=path, DAICHO_STATE=str(state))
        play = tmp_path / "play.yml"
        play.write_text(_PLAY)
        run = ansible("ansible-playbook", str(play), DAICHO_DOOR=path)
    assert asked == [{"ask": "inventory"}] * 3
    assert "192.0.2" not in listed.stdout
    assert json.loads(host.stdout) == {
        "ansible_host": "198.51.100.2",
        "daicho_item": {"note": _TEMPLATE},
        "daicho_run": "R1",
        "list": [1, None],
    }
    assert _TEMPLATE in run.stdout
    assert "uid=" not in run.stdout


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            None,
            (
                "The door {path} closed without an answer (it hung up): the launcher has ended. "
                "Nothing more may happen; type `daicho run CHANGE --resume`."
            ),
        ),
        ({"hosts": {}, "groups": {}, "vars": {}}, "The door gives no targets: its list is empty."),
        ({"why": "the permit has ended"}, "The door gives no targets: the permit has ended."),
    ],
)
def test_a_door_that_does_not_serve_ends_the_command(
    state: Path, tmp_path: Path, answer: dict[str, Any] | None, why: str
) -> None:
    play = tmp_path / "play.yml"
    play.write_text(_PLAY)
    with door(tmp_path, answer) as (path, _):
        run = ansible("ansible-playbook", str(play), DAICHO_DOOR=path, DAICHO_STATE=str(state))
    assert (run.returncode, run.stdout) == (97, "")
    assert run.stderr == f"[ERROR]: daicho: {why.format(path=path)}\n"


def test_a_door_that_is_gone_ends_the_command(state: Path, tmp_path: Path) -> None:
    listed = ansible("ansible-inventory", "--list", DAICHO_DOOR=f"{tmp_path}/gone", DAICHO_STATE=str(state))
    assert (listed.returncode, listed.stdout) == (97, "")
    assert listed.stderr == (
        f"[ERROR]: daicho: The door {tmp_path}/gone does not answer (No such file or directory): the "
        "`daicho run` that opened it has ended. Nothing more may happen; type `daicho run CHANGE --resume`.\n"
    )


def test_a_ledger_that_cannot_be_read_ends_the_command(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("no ledger")
    listed = ansible("ansible-inventory", "--list", DAICHO_STATE=str(tmp_path))
    assert (listed.returncode, listed.stdout) == (97, "")
    assert listed.stderr.startswith("[ERROR]: daicho: The items cannot be read. The ledger ")


def test_without_a_ledger_there_are_no_items_and_it_says_so(tmp_path: Path) -> None:
    listed = ansible("ansible-inventory", "--graph", DAICHO_STATE=str(tmp_path))
    assert (listed.returncode, listed.stdout) == (0, "@all:\n  |--@ungrouped:\n")
    assert listed.stderr == (
        f"[WARNING]: There is no ledger at {tmp_path}/ledger.db, so there are no items. "
        "`daicho init` makes one; DAICHO_STATE says where it is.\n"
    )


def test_only_its_own_file_is_the_plugins(state: Path, tmp_path: Path) -> None:
    other = tmp_path / "hosts.yml"
    other.write_text("plugin: daicho_items\n")
    listed = ansible("ansible-inventory", "-i", str(other), "--graph", DAICHO_STATE=str(state))
    assert "hosts.yml as an inventory source" in listed.stderr


def test_the_manual_is_complete() -> None:
    manual = subprocess.run(
        [str(_BIN / "ansible-doc"), "-t", "inventory", "--json", "daicho_items"],
        env={**os.environ, "ANSIBLE_INVENTORY_PLUGINS": str(_ROOT / "plugins" / "inventory")},
        capture_output=True,
        check=True,
        cwd="/",
    )
    document = json.loads(manual.stdout)["daicho_items"]
    assert set(document["doc"]["options"]) == {"plugin", "state", "grouped_by"}
    assert "plugin: daicho_items" in document["examples"]
