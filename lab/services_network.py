"""The network of a lab of office services: a router, a cable to everybody, and who hangs where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab import network
from lab.outage_nodes import batch
from lab.process import run
from lab.services_plan import (
    CONTROLLER,
    CONTROLLER_ADDRESS,
    CORE,
    CORE_ADDRESS,
    MANY,
    MANY_ADDRESS,
    MANY_NETWORK,
    NETWORK,
    SERVERS,
    TERMINALS,
    TERMINALS_ADDRESS,
    VLANS,
    gateway,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lab.services_places import ServicesPlaces

_PORT: Final = "offices"
"""The cable in the controller's namespace."""


def create(places: ServicesPlaces, printers: Iterable[str], controller: str) -> None:
    """Namespaces and cables; `controller` is a namespace that exists, or the lab's own."""
    own = places.netns(CONTROLLER)
    printers = list(printers)
    fixed = {**SERVERS, TERMINALS: TERMINALS_ADDRESS, MANY: MANY_ADDRESS}
    names = [CORE, *fixed, *printers, *([CONTROLLER] if controller == own else [])]
    run(["ip", "-batch", "-"], text="".join(f"netns add {places.netns(name)}\n" for name in names))
    core = places.netns(CORE)
    run(
        ["ip", "-batch", "-"],
        text="".join(
            f"link add name {name} netns {core} type veth peer name core netns {places.netns(name)}\n"
            for name in (*fixed, *printers)
        )
        + f"link add name {CONTROLLER} netns {core} type veth peer name {_PORT} netns {controller}\n",
    )
    lines = ["link set lo up", *(f"address add {gateway(vlan)}/32 dev lo" for vlan in VLANS)]
    for name, address in {**fixed, CONTROLLER: CONTROLLER_ADDRESS}.items():
        lines += [f"address add {CORE_ADDRESS} peer {address} dev {name}", f"link set {name} up"]
    lines += [f"link set {name} up" for name in printers]
    lines += [f"route add {MANY_NETWORK} via {MANY_ADDRESS} dev {MANY} onlink"]
    batch(core, lines)
    network.inside(core, _forward)
    for name, address in fixed.items():
        batch(places.netns(name), _ends(address))
    for name in printers:
        batch(places.netns(name), ["link set lo up", "link set core up", *_way()])
    batch(places.netns(MANY), [f"route add local {MANY_NETWORK} dev lo"])
    join = [f"address add {CONTROLLER_ADDRESS} peer {CORE_ADDRESS} dev {_PORT}", f"link set {_PORT} up"]
    batch(controller, ["link set lo up", *join, f"route add {NETWORK} via {CORE_ADDRESS} dev {_PORT}"])


def _forward() -> None:
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1", encoding="ascii")


def _ends(address: str) -> list[str]:
    return ["link set lo up", f"address add {address}/32 dev core", "link set core up", *_way()]


def _way() -> list[str]:
    return [f"route add {CORE_ADDRESS}/32 dev core", f"route add default via {CORE_ADDRESS} dev core"]


def cable(places: ServicesPlaces, node: str, *, connected: bool) -> None:
    """Put a node's cable in or pull it: whoever asks waits in vain."""
    core = places.netns(CORE)
    run(["ip", "-n", core, "link", "set", node, "up" if connected else "down"])
    if connected and node in SERVERS:
        # The routes of a cable go with it.
        batch(core, [f"address replace {CORE_ADDRESS} peer {SERVERS[node]} dev {node}"], force=True)


def give_printer(places: ServicesPlaces, name: str, old: str, new: str) -> None:
    """A printer has another address; empty: it had none, or has none any more."""
    its, core = places.netns(name), places.netns(CORE)
    if old:
        batch(its, [f"address del {old}/32 dev core"], force=True)
        batch(core, [f"route del {old}/32 dev {name}"], force=True)
    if new:
        batch(its, [f"address add {new}/32 dev core"])
        batch(its, _way(), force=True)
        batch(core, [f"route replace {new}/32 dev {name}"])


def give_terminals(places: ServicesPlaces, gone: Iterable[str], new: Iterable[str]) -> None:
    """Terminals answer at new addresses, and at the old ones no more."""
    gone, new = list(gone), list(new)
    batch(places.netns(TERMINALS), [f"address del {each}/32 dev lo" for each in gone], force=True)
    batch(places.netns(TERMINALS), [f"address add {each}/32 dev lo" for each in new])
    core = places.netns(CORE)
    batch(core, [f"route del {each}/32 dev {TERMINALS}" for each in gone], force=True)
    batch(core, [f"route replace {each}/32 via {TERMINALS_ADDRESS} dev {TERMINALS}" for each in new])
