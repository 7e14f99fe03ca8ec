"""The command line of the lab of network devices: `python -m lab devices COMMAND`."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab import network
from lab.command import CommandLine, become, read
from lab.devices import Devices
from lab.devices_places import CONTROLLER
from lab.errors import LabError
from lab.netcli.control import KINDS
from lab.netcli.plane import EVERYBODY
from lab.process import Progress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

EXAMPLES = """\
examples:
  python -m lab devices up --count 200 --latency-ms 20
  python -m lab devices up --count 50 --mix cisco_ios=3,yamaha --minute 5
  python -m lab devices status                     and `status sw0001`
  python -m lab devices trust ca.pub               certificates of this SSH CA are let in
  python -m lab devices exec -- ssh -o UserKnownHostsFile=... daicho@10.50.0.1
  python -m lab devices config sw0001              what runs; `--startup`: what was saved
  python -m lab devices fault sw0001 drop --after 3
  python -m lab devices fault sw0001 refuse --text "vlan 30"
  python -m lab devices fault sw0001 drop --clear
  python -m lab devices edit sw0001 "interface GigabitEthernet0/1" "description by somebody else"
  python -m lab devices replug 02:00:00:00:03:e9 sw0002 GigabitEthernet0/3
  python -m lab devices down
"""


def main(argv: Sequence[str], theirs: Sequence[str]) -> int:
    """Run one command; `theirs` is what stood after `--`."""
    arguments = _parser().parse_args(list(argv))
    lab = Devices(arguments.name)
    match arguments.command:
        case "up":
            _up(lab, arguments)
        case "down":
            print("gone" if lab.down() else "there were none", file=sys.stderr)
        case "status":
            _status(lab, arguments)
        case "trust":
            lab.trust(read(arguments.key))
        case "config":
            which = lab.plane.startup if arguments.startup else lab.plane.running
            print(which(arguments.device), end="")
        case "typed":
            print("\n".join(lab.plane.typed(arguments.device)))
        case "edit" | "replug" | "fault":
            _interfere(lab, arguments)
        case "exec":
            become(theirs, partial(network.enter, lab.places.netns(CONTROLLER)))
    return 0


def _up(lab: Devices, arguments: argparse.Namespace) -> None:
    world: dict[str, Any] = {
        "latency_ms": arguments.latency_ms,
        "line_ms": arguments.line_ms,
        "minute": arguments.minute,
        "silent": arguments.silent,
    }
    lab.up(arguments.count, arguments.mix, routers=arguments.routers, progress=Progress(), **world)
    print(lab.state)


def _status(lab: Devices, arguments: argparse.Namespace) -> None:
    if arguments.device:
        print(json.dumps(lab.plane.status(arguments.device), indent=1))
        return
    found = lab.plane.ask("devices")
    if arguments.output == "json":
        print(json.dumps(found, indent=1))
        return
    row = "{:<9} {:<14} {:<14} {:<8} {:<9} {}".format
    print(row("DEVICE", "ADDRESS", "PLATFORM", "SESSIONS", "UNSAVED", "STATE"))
    for each in found["devices"]:
        state = ", ".join([each["lost"] or "reachable", *each["timers"], *each["faults"]])
        saved = "unsaved" if each["unsaved"] else "-"
        print(row(each["name"], each["address"], each["platform"], each["sessions"], saved, state))
    for router in lab.routers:
        print(row(router.name, router.address, "frr", "-", "-", "a real router"))
    megabytes = found["memory"] / 1e6
    print(f"{len(found['devices'])} devices, {megabytes:.0f} MB, {found['cpu']:.1f} s CPU", file=sys.stderr)


def _interfere(lab: Devices, arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "edit":
            lab.plane.edit(arguments.device, arguments.line)
        case "replug":
            lab.plane.replug((arguments.mac, arguments.device, arguments.port))
        case _:
            _fault(lab, arguments)


def _fault(lab: Devices, arguments: argparse.Namespace) -> None:
    if arguments.clear:
        lab.plane.clear(arguments.device, arguments.kind)
        return
    if not arguments.kind:
        listing = "".join(f"\n  {kind:<13} {summary}" for kind, summary in KINDS.items())
        raise LabError(f"Which fault?{listing}")
    facts = {"after": arguments.after, "text": arguments.text, "seconds": arguments.seconds}
    lab.plane.fault(arguments.device, arguments.kind, **facts)


def _parser() -> argparse.ArgumentParser:
    line = CommandLine("python -m lab devices", __doc__, EXAMPLES)
    add = line.add
    _describe_up(add("up", "start simulated devices and routers; prints their directory"))
    add("down", "end and remove them")
    sub = add("status", "show what is up, reachable, unsaved, timed, faulty")
    sub.add_argument("device", nargs="?")
    sub.add_argument("--output", choices=("table", "json"), default="table")
    add("trust", "let certificates of an SSH CA in, or a key").add_argument(
        "key", type=Path, metavar="CA.pub"
    )
    sub = add("config", "print what runs on a device")
    sub.add_argument("device")
    sub.add_argument("--startup", action="store_true", help="what was saved")
    add("typed", "print every line that was typed on a device").add_argument("device")
    sub = add("edit", "change the running configuration as a second operator")
    sub.add_argument("device")
    sub.add_argument("line", nargs="+")
    sub = add("replug", "move a station's cable to another port; without one it is pulled out")
    sub.add_argument("mac", metavar="MAC")
    sub.add_argument("device", nargs="?", default="")
    sub.add_argument("port", nargs="?", default="")
    sub = add("fault", "let a device misbehave: " + "; ".join(f"{k}: {v}" for k, v in KINDS.items()))
    sub.add_argument("device")
    sub.add_argument("kind", nargs="?")
    sub.add_argument("--after", type=int, default=0, metavar="LINES")
    sub.add_argument("--text", default="")
    sub.add_argument("--seconds", type=float, default=0.0)
    sub.add_argument("--clear", action="store_true")
    add("exec", "run a command where the operators are")
    return line.parser


def _describe_up(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--count", type=int, default=20, help="simulated devices (%(default)s)")
    sub.add_argument("--mix", default=EVERYBODY, help="NAME[=SHARE],… (%(default)s)")
    sub.add_argument("--routers", type=int, default=2, help="real FRR routers (%(default)s)")
    sub.add_argument("--latency-ms", type=float, default=0.0, help="round trip of the network, login too")
    sub.add_argument("--line-ms", type=float, default=0.0, help="what a device takes for one line")
    sub.add_argument("--minute", type=float, default=60.0, help="seconds of a minute of their timers")
    sub.add_argument("--silent", action="store_true", help="who is cut off is silent instead of refusing")
