"""The command line of the lab's directory: `python -m lab domain COMMAND`."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING

from lab import domain_network
from lab.command import CommandLine, become, end_as_interrupted, given
from lab.domain import OPTIONAL, Domain
from lab.domain_plan import CONTROLLER, POPULATIONS
from lab.process import Progress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

EXAMPLES = """\
examples:
  python -m lab domain up --with dc2,fs1,ldap1 --people 300
  python -m lab domain status
  python -m lab domain exec -- kinit administrator   its password: secrets/administrator
  python -m lab domain exec -- ldapsearch -x -LLL -H ldaps://dc1.ad.example.test \\
      -D svc-daicho@ad.example.test -y STATE/secrets/svc-daicho -b DC=ad,DC=example,DC=test '(sn=田中)'
  python -m lab domain exec --at dc1 -- samba-tool user list
  python -m lab domain stop dc1        shut down; `kill`: in the middle; `power-off`: no answer
  python -m lab domain start dc1
  python -m lab domain reset           everything as on the first day
  python -m lab domain down
"""


def main(argv: Sequence[str], theirs: Sequence[str]) -> int:
    """Run one command; `theirs` is what stood after `--`."""
    arguments = _parser().parse_args(list(argv))
    lab = Domain(arguments.name)
    match arguments.command:
        case "up":
            end_as_interrupted()
            parts = [part for part in arguments.parts.split(",") if part]
            lab.up(arguments.people, parts, Progress())
            print(lab.state)
        case "down":
            print("gone" if lab.down() else "there was none", file=sys.stderr)
        case "status":
            _show(lab, arguments.output)
        case "reset":
            lab.reset()
        case "exec":
            return _execute(lab, arguments.at, theirs)
        case word:
            act = {"start": lab.start, "stop": lab.stop, "kill": lab.kill, "power-off": lab.power_off}[word]
            act(arguments.machine)
    return 0


def _show(lab: Domain, output: str) -> None:
    found = lab.describe()
    if output == "json":
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return
    row = "{:<8} {:<22} {:<12} {:<8} {}".format
    print(row("MACHINE", "NAME", "ADDRESS", "SERVERS", "CABLE"))
    for each in found["machines"]:
        servers, cable = "on" if each["running"] else "off", "in" if each["connected"] else "pulled"
        print(row(each["name"], each["fqdn"], each["address"], servers, cable))
    print(f"{found['people']} people; state: {found['state']}; network namespace: {found['netns']}")


def _execute(lab: Domain, node: str, argv: Sequence[str]) -> int:
    if node == CONTROLLER:
        lab.describe()
        become(argv, partial(domain_network.enter, lab.places), lab.environment)
    done = lab.machine(node).execute(given(argv), timeout=3600)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


def _parser() -> argparse.ArgumentParser:
    line = CommandLine("python -m lab domain", __doc__, EXAMPLES)
    add = line.add
    sub = add("up", "bring the directory up; prints its state directory")
    parts = ",".join(OPTIONAL)
    sub.add_argument("--with", dest="parts", default="", metavar=parts, help="machines besides dc1")
    sub.add_argument("--people", type=int, choices=POPULATIONS, default=POPULATIONS[0])
    add("down", "remove it, whole or half-made")
    sub = add("status", "show its machines")
    sub.add_argument("--output", choices=("table", "json"), default="table")
    add("reset", "put everything back to the first day")
    add("start", "give a machine power and start its servers").add_argument("machine")
    add("stop", "shut a machine's servers down").add_argument("machine")
    add("kill", "kill a machine's servers in the middle of what they do").add_argument("machine")
    add("power-off", "cut a machine's power: it does not even refuse").add_argument("machine")
    sub = add("exec", "run a command on the controller, or on a machine")
    sub.add_argument("--at", default=CONTROLLER, metavar="MACHINE")
    return line.parser
