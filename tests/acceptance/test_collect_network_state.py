"""Terminals on switches of three vendors: the ledger learns where they hang, and that one moved."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final

import pytest

from lab.netcli import Plane, loopback_world
from lab.netcli.plane import EVERYBODY
from tests.devices import talking
from tests.network_site import import_items, requested, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.netcli.device import Device
    from tests.desk import Desk

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

COUNT: Final = 40
PORTS: Final = (1, 2, 4, 5, 7, 8)
"""Ports of the simulated switches in which something lives."""


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with Plane(tmp_path_factory.mktemp("plane"), loopback_world(latency_ms=5), COUNT, EVERYBODY) as plane:
        yield plane


@pytest.fixture(scope="module")
def desk(plane: Plane, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    terminals = [
        {"name": f"pc-{device.index}-{number}", "kind": "endpoint", "mac": device.mac(1000 + number).hex("-")}
        for device in plane.devices
        if device.personality.ports
        for number in PORTS
    ]
    return site_of(tmp_path_factory.mktemp("site") / "desk", plane, terminals)


def places(desk: Desk) -> dict[str, dict[str, str]]:
    shown: list[dict[str, Any]] = desk.expect(
        "item", "list", "kind=endpoint", "--output", "json", who="sato"
    ).json
    return {item["name"]: item["attributes"] for item in shown}


def learnt(plane: Plane, device: Device) -> str:
    """What a switch says to somebody who has nothing to do with daicho."""
    with talking(plane, device) as witness:
        witness.enable()
        return str(witness.send_command("show mac address-table"))


def test_a_timer_collects_and_the_ledger_knows_every_port(desk: Desk, plane: Plane, tmp_path: Path) -> None:
    change = requested(
        desk,
        work="collect_network_state",
        targets=[{"kind": "network_device"}],
        **{"class": "standard", "expires": "2099-03-31"},
    )
    desk.expect("approve", change, "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
    words = ("--on-calendar", "04:00", "--scheduler", "systemd", "--to", str(tmp_path), "--yes")
    desk.expect("schedule", "install", "collect_network_state", "--change", change, *words, who="tanaka")
    unit = (tmp_path / "daicho-collect-network-state.service").read_text(encoding="utf-8")
    command = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    typed = shlex.split(command.removeprefix("ExecStart="))[1:]
    assert typed == ["network", "collect", "--change", change]
    desk.expect(*typed, who="tanaka")
    found = places(desk)
    switches = [device for device in plane.devices if device.personality.ports]
    assert len(found) == len(PORTS) * len(switches)
    for device in switches:
        for number in PORTS:
            place = found[f"pc-{device.index}-{number}"]
            assert (place["switch"], place["switch_port"]) == (
                device.name,
                device.personality.ports[number - 1],
            )
    said = learnt(plane, plane.devices[0])
    assert "  10    0200.0000.03e9    DYNAMIC     Gi0/1" in said


def test_a_move_is_in_the_history_of_the_terminal(desk: Desk, plane: Plane) -> None:
    desk.expect("network", "collect", who="tanaka")
    there, elsewhere = plane.devices[0], plane.devices[1]
    # Another machine is delivered under its name: its card is now the one in a port of the other switch.
    import_items(
        desk, [{"name": "pc-0-1", "kind": "endpoint", "mac": elsewhere.mac(1000 + 10).hex(), "floor": "7"}]
    )
    done = desk.expect("network", "collect", who="tanaka")
    assert "pc-0-1   ax0002   gigabitethernet 0/10   10" in done.out
    history = desk.expect("item", "history", "pc-0-1", "--output", "json", who="sato").json
    moved = [(row["before"], row["after"]) for row in history if row["attribute"] == "switch"]
    assert moved[-1][1] == "ax0002"
    assert there.name in {before or after for before, after in moved}
    import_items(desk, [{"name": "pc-0-1", "kind": "endpoint", "mac": there.mac(1000 + 1).hex("-")}])
