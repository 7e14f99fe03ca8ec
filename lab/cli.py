"""The command line: `python -m lab COMMAND`. Data goes to standard output, talk to standard error."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from lab import devices_cli, domain_cli, faults, network, outage_cli, services_cli, windows_cli
from lab.command import CommandLine, become, end_as_interrupted, read
from lab.errors import LabError
from lab.lab import Lab
from lab.life import require_root
from lab.packages import PUBLICATIONS
from lab.process import Progress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

EXAMPLES = """\
examples:
  python -m lab up --machines 6              bring up ep01 .. ep06 at 10.77.0.11 ..
  python -m lab status --output json
  python -m lab ssh ep01 -- systemctl is-system-running
  python -m lab exec -- ping -c 1 10.77.0.11
  python -m lab trust ca.pub                 the machines accept certificates of this SSH CA
  python -m lab publish security-2026-11     security updates appear in the repository
  python -m lab fault ep02 power-off         and `--clear` puts it right again
  python -m lab reset                        all machines and the repository as on the first day
  python -m lab down
  python -m lab outage --help                another lab: an office network whose links and power can be cut
  python -m lab domain --help                another lab: domain controllers, a file server, OpenLDAP
  python -m lab devices --help               another: network devices by the thousand, and real routers
  python -m lab windows --help               another: Windows terminals by the thousand, over WinRM
  python -m lab services --help              another: DHCP, DNS, a print server and printers

Every command takes --name NAME (or DAICHO_LAB_NAME): labs of different names do not see each other.
State is in DAICHO_LAB_STATE/NAME (/var/lib/daicho-lab), base images in DAICHO_LAB_CACHE
(/var/cache/daicho-lab).
"""
_OTHERS: Final = {
    "outage": outage_cli.main,
    "domain": domain_cli.main,
    "devices": devices_cli.main,
    "windows": windows_cli.main,
    "services": services_cli.main,
}


def main(argv: Sequence[str]) -> int:
    """Run one command; returns its exit status."""
    # What follows `--` is another program's business; everything before it is ours, in any order.
    ours, theirs = list(argv), []
    if "--" in ours:
        mark = ours.index("--")
        ours, theirs = ours[:mark], ours[mark + 1 :]
    try:
        if other := _OTHERS.get(ours[0] if ours else ""):
            require_root()
            return other(ours[1:], theirs)
        arguments = _parser().parse_args(ours)
        arguments.argv = [*getattr(arguments, "argv", []), *theirs]
        require_root()
        status: int = arguments.command(Lab(arguments.name), arguments)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted", file=sys.stderr)
        return 130
    return status


def up(lab: Lab, arguments: argparse.Namespace) -> int:
    progress = Progress()
    end_as_interrupted()
    lab.up(arguments.machines, progress)
    print(lab.state)
    name = "" if lab.name == "lab" else f" --name {lab.name}"
    progress.say(
        f"the lab is up; `python -m lab status{name}` shows it, `python -m lab down{name}` removes it"
    )
    return 0


def down(lab: Lab, _arguments: argparse.Namespace) -> int:
    progress = Progress()
    progress.say(f"the lab {lab.name!r} is gone" if lab.down() else f"there was no lab {lab.name!r}")
    return 0


def status(lab: Lab, arguments: argparse.Namespace) -> int:
    found = lab.describe()
    if arguments.output == "json":
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    row = "{:<8} {:<12} {:<6} {:<9} {:<6} {:<14} {}".format
    print(row("MACHINE", "ADDRESS", "POWER", "SYSTEMD", "RING", "SITE", "FAULTS"))
    for m in found["machines"]:
        seat = f"{m['attributes']['site']} {m['attributes']['building']}"
        cells = (m["name"], m["address"], m["power"], m["systemd"], m["attributes"]["ring"], seat)
        print(row(*cells, ", ".join(m["faults"]) or "-"))
    repository = found["repository"]
    serving = "serving" if repository["serving"] else "not answering"
    print(f"repository: {serving}; published: {', '.join(repository['published'])}", end="")
    print(f"; faults: {', '.join(repository['faults'])}" if repository["faults"] else "")
    return 0


def execute(lab: Lab, arguments: argparse.Namespace) -> NoReturn:
    """Become the given program, inside the lab's network."""
    lab.machines()
    become(arguments.argv, partial(network.enter, lab.places.netns))


def ssh(lab: Lab, arguments: argparse.Namespace) -> NoReturn:
    """Become an ssh client on a machine; `BatchMode` stays, for there is no password to ask for."""
    lab.machine(arguments.machine)
    words = ["ssh", "-F", str(lab.state / "ssh_config"), arguments.machine, *arguments.argv]
    become(words, partial(network.enter, lab.places.netns))


def trust(lab: Lab, arguments: argparse.Namespace) -> int:
    lab.trust(read(arguments.key))
    print(f"{len(lab.machines())} machines trust {arguments.key}", file=sys.stderr)
    return 0


def publish(lab: Lab, arguments: argparse.Namespace) -> int:
    lab.machines()
    for line in lab.repository.publish(arguments.publication):
        print(line)
    return 0


def fault(lab: Lab, arguments: argparse.Namespace) -> int:
    if arguments.clear:
        cleared = faults.clear(lab, arguments.object, arguments.kind)
        print(
            f"{arguments.object}: cleared {', '.join(cleared) or 'nothing: it had no fault'}", file=sys.stderr
        )
        return 0
    if not arguments.kind:
        raise LabError(f"Which fault?\n{faults.listing()}")
    faults.apply(lab, arguments.object, arguments.kind, arguments.after)
    print(f"{arguments.object}: {arguments.kind}", file=sys.stderr)
    return 0


def reset(lab: Lab, arguments: argparse.Namespace) -> int:
    progress = Progress()
    lab.reset(arguments.machine)
    progress.say(f"as on the first day: {', '.join(arguments.machine) or 'all machines and the repository'}")
    return 0


def _parser() -> argparse.ArgumentParser:
    line = CommandLine("python -m lab", __import__("lab").__doc__, EXAMPLES)

    def add(word: str, command: object, summary: str, epilog: str = "") -> argparse.ArgumentParser:
        sub = line.add(word, summary, epilog)
        sub.set_defaults(command=command)
        return sub

    sub = add("up", up, "bring a lab up; prints its state directory")
    machines = int(os.environ.get("DAICHO_LAB_MACHINES", "6"))
    sub.add_argument("--machines", type=int, default=machines, metavar="N", help="how many (%(default)s)")
    add("down", down, "remove a lab, whole or half-made")
    sub = add("status", status, "show machines, power, systemd's state, faults")
    sub.add_argument("--output", choices=("table", "json"), default="table")
    sub = add("exec", execute, "run a command in the lab's network, where 10.77.0.1 is this side")
    sub.add_argument("argv", nargs="*", metavar="COMMAND")
    sub = add("ssh", ssh, "log in to a machine as daicho, or run a command there")
    sub.add_argument("machine")
    sub.add_argument("argv", nargs="*", metavar="COMMAND")
    sub = add("trust", trust, "make all machines trust an SSH certificate authority")
    sub.add_argument("key", type=Path, metavar="CA.pub")
    sub = add("publish", publish, "put newer packages into the repository; prints them")
    sub.add_argument("publication", choices=tuple(PUBLICATIONS))
    sub = add("fault", fault, "break something, or put it right again", f"faults {faults.listing()}")
    sub.add_argument("object", metavar="MACHINE|repository")
    sub.add_argument("kind", nargs="?", metavar="FAULT")
    sub.add_argument("--clear", action="store_true", help="put right this fault, or all if none is named")
    sub.add_argument(
        "--after", type=float, default=0, metavar="SECONDS", help="delay of power-cut, slow-boot"
    )
    sub = add("reset", reset, "put machines back to their first day")
    sub.add_argument("machine", nargs="*", help="default: all, and the repository")
    return line.parser
