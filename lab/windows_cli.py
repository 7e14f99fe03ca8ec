"""The command line of the lab of Windows terminals: `python -m lab windows COMMAND`."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from lab import network
from lab.command import CommandLine, become
from lab.errors import LabError
from lab.process import Progress
from lab.windows import CONTROLLER, WindowsLab
from lab.winrm.faults import listing

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

EXAMPLES: Final = """\
examples:
  python -m lab windows up --count 200
  python -m lab windows up --count 12000 --off 0.15 --back-within 600
  python -m lab windows exec -- ansible-playbook -i inventory.yml ...
  python -m lab windows status                     and `status pc00001`
  python -m lab windows state pc00001 updates      all of its state, or one area
  python -m lab windows set pc00001 system.free=0 updates.offered.KB5050001.state=installed
  python -m lab windows fault pc00001 update-fails --text KB5050001=0x80070002 --times 2
  python -m lab windows fault pc00001 update-fails --clear
  python -m lab windows power off pc00001
  python -m lab windows wire pc00001               what arrived there, secrets taken out
  python -m lab windows down
"""


def main(argv: Sequence[str], theirs: Sequence[str]) -> int:
    """Run one command; `theirs` is what stood after `--`."""
    arguments = _parser().parse_args(list(argv))
    lab = WindowsLab(arguments.name)
    match arguments.command:
        case "up":
            _up(lab, arguments)
        case "down":
            print("gone" if lab.down() else "there were none", file=sys.stderr)
        case "exec":
            lab.terminals  # noqa: B018 - an error if the lab is not up
            become(theirs, partial(network.enter, lab.places.netns(CONTROLLER)))
        case _:
            _terminal(lab, arguments)
    return 0


def _terminal(lab: WindowsLab, arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "status":
            _status(lab, arguments)
        case "state":
            _state(lab, arguments)
        case "set":
            lab.terminals.set(arguments.host, dict(map(_assignment, arguments.assignments)))
        case "fault":
            _fault(lab, arguments)
        case "power":
            for host in arguments.hosts:
                lab.terminals.power(host, on=arguments.position == "on")
        case "reboot":
            lab.terminals.reboot(arguments.host)
        case "wire":
            for each in lab.terminals.wire(arguments.host):
                print(json.dumps(each, ensure_ascii=False))


def _up(lab: WindowsLab, arguments: argparse.Namespace) -> None:
    world: dict[str, Any] = {
        "off_share": arguments.off,
        "back_within": arguments.back_within,
        "seed": arguments.seed,
        "boot_seconds": arguments.boot_seconds,
        "task_seconds": arguments.task_seconds,
    }
    lab.up(arguments.count, progress=Progress(), **world)
    print(lab.state)


def _status(lab: WindowsLab, arguments: argparse.Namespace) -> None:
    if arguments.host:
        print(json.dumps(lab.terminals.status(arguments.host), indent=1))
        return
    summary, touched = lab.terminals.summary(), lab.terminals.ask("touched")
    if arguments.output == "json":
        print(json.dumps({**summary, "terminals": touched}, indent=1))
        return
    print(f"{summary['count']} terminals, {summary['up']} of them on")
    row = "{:<9} {:<14} {:<10} {:<6} {:<7} {}".format
    told = [each for each in touched if each["arrived"] or each["faults"]]
    if told:
        print(row("NAME", "ADDRESS", "POWER", "BOOTS", "ARRIVED", "FAULTS"))
    for each in told:
        power = (
            "on" if each["up"] else "off" if each["returns_in"] is None else f"in {each['returns_in']:.0f} s"
        )
        faults = ", ".join(fault["kind"] for fault in each["faults"])
        print(row(each["name"], each["address"], power, each["boots"], each["arrived"], faults or "-"))
    megabytes = summary["memory"] / 1e6
    print(f"{summary['requests']} requests, {megabytes:.0f} MB, {summary['cpu']:.1f} s CPU", file=sys.stderr)


def _state(lab: WindowsLab, arguments: argparse.Namespace) -> None:
    found = lab.terminals.state(arguments.host)
    if arguments.area:
        if arguments.area not in found:
            raise LabError(f"There is no area {arguments.area!r}. There are {', '.join(found)}.")
        found = found[arguments.area]
    print(json.dumps(found, indent=1, ensure_ascii=False))


def _fault(lab: WindowsLab, arguments: argparse.Namespace) -> None:
    if arguments.clear:
        gone = lab.terminals.clear(arguments.host, arguments.kind)
        print(f"{arguments.host}: cleared {', '.join(gone) or 'nothing: it had no fault'}", file=sys.stderr)
        return
    if not arguments.kind:
        raise LabError(f"Which fault?{listing()}")
    facts = {key: getattr(arguments, key) for key in ("text", "seconds", "after", "times")}
    lab.terminals.fault(arguments.host, arguments.kind, **facts)


def _assignment(text: str) -> tuple[str, Any]:
    path, equals, value = text.partition("=")
    if not equals:
        raise LabError(f"{text!r} sets nothing. Write PLACE=VALUE, for example system.free=0.")
    try:
        return path, json.loads(value)
    except ValueError:
        return path, value


def _parser() -> argparse.ArgumentParser:
    line = CommandLine("python -m lab windows", __doc__, EXAMPLES)
    add = line.add
    _describe_up(add("up", "start terminals; prints the directory with what clients need"))
    add("down", "end and remove them")
    add("exec", "run a command where the controller is")
    sub = add("status", "show how many are on, and those that somebody has spoken to")
    sub.add_argument("host", nargs="?")
    sub.add_argument("--output", choices=("table", "json"), default="table")
    sub = add("state", "print the state of a terminal")
    sub.add_argument("host")
    sub.add_argument("area", nargs="?")
    sub = add("set", "change the state of a terminal")
    sub.add_argument("host")
    sub.add_argument("assignments", nargs="+", metavar="PLACE=VALUE", help="the value is JSON, or a text")
    sub = add("power", "switch terminals on or off")
    sub.add_argument("position", choices=("on", "off"))
    sub.add_argument("hosts", nargs="+", metavar="host")
    add("reboot", "start a terminal again").add_argument("host")
    add("wire", "print what arrived at a terminal").add_argument("host")
    _describe_fault(add("fault", "let a terminal misbehave, or put it right again", f"faults:{listing()}"))
    return line.parser


def _describe_up(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--count", type=int, default=20, help="how many (%(default)s)")
    sub.add_argument("--off", type=float, default=0.0, metavar="SHARE", help="this part is off at first")
    sub.add_argument(
        "--back-within",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="and comes back at random within this time; 0: never",
    )
    sub.add_argument("--seed", type=int, default=7, help="of that randomness (%(default)s)")
    sub.add_argument("--boot-seconds", type=float, default=3.0, metavar="SECONDS", help="(%(default)s)")
    sub.add_argument(
        "--task-seconds",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="that every module and script takes",
    )


def _describe_fault(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("host")
    sub.add_argument("kind", nargs="?")
    sub.add_argument("--text", default="", help="what TEXT is in the list below")
    sub.add_argument("--seconds", type=float, default=0.0)
    sub.add_argument("--after", type=int, default=0, metavar="N", help="so many occasions go well first")
    sub.add_argument("--times", type=int, default=0, metavar="N", help="it happens so many times; 0: always")
    sub.add_argument("--clear", action="store_true", help="put right this fault, or all if none is named")
