"""How a node of the outage lab can misbehave although it is reachable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab import cgroup, outage_nodes
from lab.errors import LabError
from lab.process import run

if TYPE_CHECKING:
    from lab.outage_places import OutagePlaces
    from lab.outage_plan import Node

_REQUESTS: Final = "icmp type echo-request"
_RULES: Final = {
    "filter-icmp": f"{_REQUESTS} drop",
    "reject-icmp": f"{_REQUESTS} reject with icmp type admin-prohibited",
    "limit-icmp": f"{_REQUESTS} limit rate over 1000/second burst 50 packets drop",
    "lose-icmp": f"{_REQUESTS} numgen random mod 100 < 30 drop",
}
KINDS: Final = {
    "filter-icmp": "it drops pings and serves all else",
    "reject-icmp": "it says that pings are prohibited",
    "limit-icmp": "it answers at most 1,000 pings a second",
    "lose-icmp": "it loses three pings of ten",
    "no-login": "it answers pings, but its ssh server has ended",
    "unsaved": "its running configuration is not the saved one; a power cut loses it",
}


def apply(places: OutagePlaces, node: Node, kind: str, *, on: bool) -> None:
    """Break a node, or mend it."""
    if kind in _RULES:
        _filter(places, node, kind, on=on)
    elif kind == "no-login":
        cgroup.destroy(places.group / node.name)
        if on:
            return
        outage_nodes.boot(places, node)
    elif kind == "unsaved":
        folder = places.node(node.name)
        saved = (folder / "startup-config").read_text(encoding="ascii")
        (folder / "running-config").write_text(saved + ("vlan 30\n" if on else ""), encoding="ascii")
    else:
        lines = "".join(f"\n  {name:<14} {summary}" for name, summary in KINDS.items())
        raise LabError(f"There is no fault {kind!r}. There are:{lines}")


def _filter(places: OutagePlaces, node: Node, kind: str, *, on: bool) -> None:
    table = f"inet {kind}"
    # Adding before deleting: deleting what is not there would be an error.
    rules = f"add table {table}\ndelete table {table}\n"
    if on:
        hook = "type filter hook input priority 0"
        rules += f"table {table} {{\n chain input {{\n  {hook};\n  {_RULES[kind]}\n }}\n}}\n"
    run(["ip", "netns", "exec", places.netns(node.name), "nft", "-f", "-"], text=rules)
