"""The command line of the outage lab: `python -m lab outage COMMAND`."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING

from lab import network
from lab.command import CommandLine, become
from lab.outage import Outage
from lab.outage_faults import KINDS
from lab.outage_plan import CONTROLLER
from lab.process import Progress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

EXAMPLES = """\
examples:
  python -m lab outage up
  python -m lab outage cut "dist-b -- acc-b3" "core1 -- core2"
  python -m lab outage restore                     all cables
  python -m lab outage power off all               the building's yearly outage
  python -m lab outage power on A B/1F pc-b2-1     buildings, floors, single nodes
  python -m lab outage fault acc-a1 filter-icmp    and `--clear`
  python -m lab outage plane --dead 600            prints 12,000 addresses; `truth` names the dead ones
  python -m lab outage exec -- fping core1 10.90.0.1
  python -m lab outage truth
  python -m lab outage down
"""


def main(argv: Sequence[str], theirs: Sequence[str]) -> int:
    """Run one command; `theirs` is what stood after `--`."""
    arguments = _parser().parse_args(list(argv))
    lab = Outage(arguments.name)
    match arguments.command:
        case "up":
            lab.up(Progress())
            print(lab.state)
        case "down":
            print("gone" if lab.down() else "there was none", file=sys.stderr)
        case "cut":
            lab.cut(*arguments.link)
        case "restore":
            lab.restore(*arguments.link)
        case "power":
            lab.power(*arguments.node, on=arguments.what == "on")
        case "fault":
            lab.fault(arguments.node, arguments.kind, on=not arguments.clear)
        case "plane":
            addresses, _dead = lab.plane(arguments.count, arguments.dead, onlink=arguments.onlink)
            print("\n".join(addresses))
        case "truth":
            print(json.dumps(lab.truth(), indent=1))
        case "exec":
            lab.truth()
            become(theirs, partial(network.enter, lab.places.netns(arguments.at)))
    return 0


def _parser() -> argparse.ArgumentParser:
    line = CommandLine("python -m lab outage", __doc__, EXAMPLES)
    add = line.add
    add("up", "make the network, everything on; prints its directory")
    add("down", "remove it")
    add("truth", "print as JSON what is cut and off, and what is dark for it")
    add("cut", "pull cables").add_argument("link", nargs="+", metavar="'A -- B'")
    add("restore", "plug cables in again").add_argument("link", nargs="*", metavar="'A -- B'")
    sub = add("power", "switch nodes, floors (B/3F), buildings (B) or all off or on")
    sub.add_argument("what", choices=("on", "off"))
    sub.add_argument("node", nargs="+")
    sub = add("fault", "let a node misbehave: " + "; ".join(f"{k}: {v}" for k, v in KINDS.items()))
    sub.add_argument("node")
    sub.add_argument("kind", choices=tuple(KINDS))
    sub.add_argument("--clear", action="store_true")
    sub = add("plane", "print thousands of addresses that answer, but for the dead")
    sub.add_argument("--count", type=int, default=12_000)
    sub.add_argument("--dead", type=int, default=600)
    sub.add_argument("--onlink", action="store_true", help="those on the controller's own network")
    sub = add("exec", "run a command on the controller, or at another node")
    sub.add_argument("--at", default=CONTROLLER, metavar="NODE")
    return line.parser
