"""The command line of the lab's office services: `python -m lab services COMMAND`."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING

from lab import network
from lab.command import CommandLine, become, end_as_interrupted
from lab.process import Progress
from lab.services import FAULTS, Services

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

EXAMPLES = """\
examples:
  python -m lab services up --printers 4
  python -m lab services up --join domain.lab.ctl      in the network of the lab's directory
  python -m lab services status
  python -m lab services exec -- dig +short @10.79.0.3 pr-0001.office.example.test
  python -m lab services exec -- lpstat -h 10.79.0.4:631 -v
  python -m lab services plug 02:50:52:00:00:01 30     a printer or terminal asks for an address there
  python -m lab services fault pr-0001 no-ipp          and `repair pr-0001`
  python -m lab services down
"""


def main(argv: Sequence[str], theirs: Sequence[str]) -> int:
    """Run one command; `theirs` is what stood after `--`."""
    arguments = _parser().parse_args(list(argv))
    lab = Services(arguments.name)
    match arguments.command:
        case "up":
            end_as_interrupted()
            lab.up(arguments.printers, controller=arguments.join, progress=Progress())
            print(lab.state)
        case "down":
            print("gone" if lab.down() else "there were none", file=sys.stderr)
        case "status":
            _show(lab, arguments.output)
        case "plug":
            print(lab.plug(arguments.mac, arguments.vlan))
        case "unplug":
            lab.unplug([arguments.mac])
        case "fault":
            lab.fault(arguments.node, arguments.kind)
        case "repair":
            lab.repair(arguments.node)
        case "exec":
            become(theirs, partial(network.enter, lab.netns))
    return 0


def _show(lab: Services, output: str) -> None:
    found = lab.describe()
    if output == "json":
        print(json.dumps(found, indent=1))
        return
    row = "{:<9} {:<13} {}".format
    print(row("NODE", "ADDRESS", "SERVERS"))
    for each in found["nodes"]:
        print(row(each["name"], each["address"] or "-", "on" if each["running"] else "off"))
    print(
        f"{found['plugged_in']} plugged in; state: {found['state']}; network namespace: {found['controller']}"
    )


def _parser() -> argparse.ArgumentParser:
    line = CommandLine("python -m lab services", __doc__, EXAMPLES)
    add = line.add
    sub = add("up", "bring the services up; prints their state directory")
    sub.add_argument("--printers", type=int, default=3, help="how many (%(default)s)")
    sub.add_argument("--join", default="", metavar="NETNS", help="a namespace whose operators shall see them")
    add("down", "remove them, whole or half-made")
    sub = add("status", "show servers and printers")
    sub.add_argument("--output", choices=("table", "json"), default="table")
    sub = add("plug", "let a terminal or printer ask for an address in a VLAN; prints it")
    sub.add_argument("mac")
    sub.add_argument("vlan", type=int)
    add("unplug", "take its address away").add_argument("mac")
    faults = "; ".join(f"{kind}: {summary}" for kind, summary in FAULTS.items())
    sub = add("fault", f"break a server or printer ({faults})")
    sub.add_argument("node")
    sub.add_argument("kind", choices=tuple(FAULTS))
    add("repair", "put a server or printer right again").add_argument("node")
    add("exec", "run a command where the operators are")
    return line.parser
