"""The command line: `python -m lab COMMAND`. Data goes to standard output, talk to standard error."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from lab import devices_cli, domain_cli, faults, network, outage_cli
from lab.errors import LabError
from lab.lab import Lab, require_root
from lab.packages import PUBLICATIONS
from lab.process import Progress

if TYPE_CHECKING:
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

Every command takes --name NAME (or DAICHO_LAB_NAME): labs of different names do not see each other.
State is in DAICHO_LAB_STATE/NAME (/var/lib/daicho-lab), base images in DAICHO_LAB_CACHE
(/var/cache/daicho-lab).
"""


def main(argv: Sequence[str]) -> int:
    """Run one command; returns its exit status."""
    # What follows `--` is another program's business; everything before it is ours, in any order.
    ours, theirs = list(argv), []
    if "--" in ours:
        mark = ours.index("--")
        ours, theirs = ours[:mark], ours[mark + 1 :]
    try:
        if ours[:1] == ["outage"]:
            require_root()
            return outage_cli.main(ours[1:], theirs)
        if ours[:1] == ["domain"]:
            require_root()
            return domain_cli.main(ours[1:], theirs)
        if ours[:1] == ["devices"]:
            require_root()
            return devices_cli.main(ours[1:], theirs)
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
    for ending in (signal.SIGTERM, signal.SIGHUP):
        # A closed terminal or a `kill` cleans up as Ctrl-C does.
        signal.signal(ending, signal.default_int_handler)
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
    network.enter(lab.places.netns)
    _become(arguments.argv)


def ssh(lab: Lab, arguments: argparse.Namespace) -> NoReturn:
    """Become an ssh client on a machine; `BatchMode` stays, for there is no password to ask for."""
    lab.machine(arguments.machine)
    network.enter(lab.places.netns)
    _become(["ssh", "-F", str(lab.state / "ssh_config"), arguments.machine, *arguments.argv])


def _become(words: list[str]) -> NoReturn:
    if not words:
        raise LabError("No command was given. Write it after `--`.")
    try:
        os.execvp(words[0], words)  # noqa: S606 - the whole point
    except OSError as error:
        raise LabError(f"`{words[0]}` cannot be run: {error.strerror}.") from error


def trust(lab: Lab, arguments: argparse.Namespace) -> int:
    try:
        authority = arguments.key.read_text(encoding="utf-8")
    except OSError as error:
        raise LabError(f"{arguments.key} cannot be read: {error.strerror}.") from error
    lab.trust(authority)
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
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m lab", description=__import__("lab").__doc__, epilog=EXAMPLES, formatter_class=raw
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    name = argparse.ArgumentParser(add_help=False)
    name.add_argument(
        "--name", default=os.environ.get("DAICHO_LAB_NAME", "lab"), help="which lab (%(default)s)"
    )

    def add(word: str, command: object, summary: str, epilog: str = "") -> argparse.ArgumentParser:
        sub = commands.add_parser(
            word, help=summary, description=summary, parents=[name], epilog=epilog, formatter_class=raw
        )
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
    return parser
