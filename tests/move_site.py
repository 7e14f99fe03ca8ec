"""A site whose terminals move: the switches of a plane on loopback, outlets wired to their ports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tests.network_site import approved, import_items, requested, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from lab.netcli import Plane
    from tests.desk import Desk, Done

RULES: Final[dict[str, Any]] = {
    "networks": [
        {"vlan": 10, "subnet": "10.1.10.0/24", "first": "10.1.10.50", "last": "10.1.10.250"}
        | {"floors": ["3階"]},
        {"vlan": 20, "subnet": "10.1.20.0/24", "first": "10.1.20.50", "last": "10.1.20.250"}
        | {"floors": ["4階"]},
    ],
    "ports": {"description": "{name}"},
}
SERVICES: Final[dict[str, Any]] = {"printing": []}


def port_of(switch: str, number: int) -> str:
    """A port as the configuration of the lab's switch calls it: the switch's name tells whose it is."""
    kind = {"ax": "gigabitethernet 0/", "ap": "port 1/"}.get(switch[:2], "GigabitEthernet0/")
    return f"{kind}{number}"


def outlet(name: str, switch: str, port: int | str, floor: str) -> dict[str, str]:
    """An outlet that leads to a port of a switch, by its number or as somebody wrote it down."""
    wired = {"switch": switch, "switch_port": port if isinstance(port, str) else port_of(switch, port)}
    return {
        "name": name,
        "kind": "location",
        "building": "本館",
        "floor": floor,
        "room": f"{floor[0]}01",
        **wired,
    }


def terminal(number: int, switch: str, port: int, **more: str) -> dict[str, str]:
    """A terminal of the third floor that hangs on a port."""
    return {
        "name": f"pc-{number}",
        "kind": "endpoint",
        "address": f"10.1.10.{number + 49}",
        "mac": mac(number),
        "building": "本館",
        "floor": "3階",
        "room": "301",
        "switch": switch,
        "switch_port": port_of(switch, port),
        "vlan": "10",
        **more,
    }


def mac(number: int) -> str:
    """The hardware address of a terminal."""
    return f"02:00:5e:01:{number >> 8:02x}:{number & 255:02x}"


def office_of(
    folder: Path,
    plane: Plane,
    items: Iterable[Mapping[str, str]],
    *,
    rules: Mapping[str, Any] = RULES,
    services: Mapping[str, Any] = SERVICES,
) -> Desk:
    """A site with the plane's switches, these items, and its rules for moves."""
    desk = site_of(folder, plane)
    import_items(desk, list(items))
    for name, told in (("moves.yml", rules), ("services.yml", services)):
        (desk.state / "inventory" / name).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return desk


def moving(desk: Desk, *wishes: Mapping[str, Any], work: str = "relocate_terminals", **more: Any) -> str:
    """A change that moves these, asked for."""
    inputs = {"moves": list(wishes), **more}
    targets = [str(wish["item"]) for wish in wishes]
    return requested(desk, work=work, targets=targets, inputs=inputs)


def plans(desk: Desk, change: str) -> dict[str, Any]:
    """Target → its plan, as the ledger has it."""
    shown = desk.expect("show", change, "--output", "json", who="sato").json
    return {each["target"]: each for each in shown["plan"]["targets"]}


def ran(desk: Desk, change: str, *words: str) -> Done:
    """The change, planned, approved and run."""
    return desk.daicho("run", approved(desk, change), "--yes", "--output", "json", *words, who="tanaka")


def items(desk: Desk, names: Sequence[str]) -> dict[str, Any]:
    """Items as the ledger has them now."""
    found = {}
    for name in names:
        shown = desk.expect("item", "show", name, "--output", "json", who="sato").json
        found[name] = {"address": shown["address"], **shown["attributes"]}
    return found
