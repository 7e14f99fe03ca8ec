"""The inventory plugin in real Nornir."""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from nornir import InitNornir
from nornir.core.task import Result, Task

from daicho.errors import LedgerError, NothingMatched
from daicho.items.item import Item
from daicho.items.nornir import DoorClosed
from daicho.items.projection import ItemsProjection
from daicho.items.record import import_items
from daicho.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from nornir.core import Nornir

_ITEMS = [
    Item("sw-1", "network_device", "192.0.2.1", {"site": "本省", "platform": "ios", "port": "8022"}),
    Item("sw-2", "network_device", "", {"site": "別館", "platform": "yamaha", "rack": "A-1"}),
    Item("pc-1", "endpoint", "192.0.2.11", {"site": "本省"}),
]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DAICHO_DOOR", raising=False)
    with Ledger.create(tmp_path / "ledger.db", [ItemsProjection()]) as ledger:
        import_items(ledger, _ITEMS, "sato", "items.csv")
    return tmp_path


def nornir(**options: Any) -> Nornir:
    return InitNornir(
        inventory={"plugin": "DaichoItems", "options": options},
        logging={"enabled": False},
        runner={"plugin": "serial"},
    )


def test_items_become_hosts(state: Path) -> None:
    hosts = nornir(state=str(state)).inventory.hosts
    first, second = hosts["sw-1"], hosts["sw-2"]
    assert sorted(hosts) == ["pc-1", "sw-1", "sw-2"]
    assert (first.hostname, first.port, first.platform) == ("192.0.2.1", 8022, "cisco_ios")
    assert (second.hostname, second.port, second.platform) == ("sw-2", None, "yamaha")
    assert second.data == {"kind": "network_device", "site": "別館", "rack": "A-1"}
    assert [group.name for group in first.groups] == ["kind_network_device", "site_本省"]
    assert (first.username, first.password) == (None, None)


def test_the_state_comes_from_the_environment(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAICHO_STATE", str(state))
    assert len(nornir().inventory.hosts) == 3


def test_targets_and_platforms_are_chosen(state: Path) -> None:
    chosen = nornir(
        state=str(state),
        targets=[{"kind": "network_device"}],
        platforms={"ios": "cisco_xe"},
        grouped_by=["rack"],
    )
    assert {name: host.platform for name, host in chosen.inventory.hosts.items()} == {
        "sw-1": "cisco_xe",
        "sw-2": "yamaha",
    }
    assert list(chosen.inventory.groups) == ["rack_A_1"]
    with pytest.raises(NothingMatched):
        nornir(state=str(state), targets=["sw-9"])


def test_a_task_runs_on_the_hosts_of_a_filter(state: Path) -> None:
    def where(task: Task) -> Result:
        return Result(host=task.host, result=task.host["site"])

    results = nornir(state=str(state)).filter(kind="network_device").run(where)
    assert {name: result[0].result for name, result in results.items()} == {"sw-1": "本省", "sw-2": "別館"}


def test_no_ledger_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAICHO_DOOR", raising=False)
    with pytest.raises(LedgerError) as refused:
        nornir(state=str(tmp_path))
    assert str(refused.value) == (
        f"The ledger cannot be used: there is none at {tmp_path}/ledger.db. `daicho init` makes one."
    )


@pytest.mark.parametrize(
    ("answer", "names", "why"),
    [
        (
            {
                "hosts": {"sw-1": {"ansible_host": "198.51.100.1", "daicho_item": {"platform": "ios"}}},
                "groups": {"wave": ["sw-1"]},
                "vars": {"run": "R1", "ansible_user": "daicho"},
            },
            ["sw-1"],
            "",
        ),
        ({"hosts": {}}, [], "Refused: the door gives no inventory (no hosts)."),
        ({"why": "the permit has ended"}, [], "Refused: the door gives no inventory (the permit has ended)."),
    ],
)
def test_inside_a_run_the_door_decides(
    state: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], names: list[str], why: str
) -> None:
    monkeypatch.setenv("DAICHO_DOOR", str(state / "door"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(state / "door"))
        listening.listen()

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rw") as stream:
                assert json.loads(stream.readline()) == {"ask": "inventory"}
                stream.write(json.dumps(answer) + "\n")
                stream.flush()

        thread = threading.Thread(target=serve)
        thread.start()
        if why:
            with pytest.raises(DoorClosed) as refused:
                nornir(state=str(state))
            assert str(refused.value) == why
        else:
            inventory = nornir(state=str(state)).inventory
            assert list(inventory.hosts) == names
            host = inventory.hosts["sw-1"]
            assert (host.hostname, host.platform, host["run"]) == ("198.51.100.1", "cisco_ios", "R1")
            assert host.username == "daicho"
            assert dict(host.items()) == {"run": "R1"}
            assert [group.name for group in host.groups] == ["wave"]
        thread.join(5)
