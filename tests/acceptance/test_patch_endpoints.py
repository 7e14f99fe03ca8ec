"""Patching endpoints as operators and approvers do it, through the real command on real machines.

sato asks, suzuki approves, tanaka runs. The judges are dpkg-query over ssh, the machines' own logs, the
`sqlite3` command and `ssh-keygen -Y verify`.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from lab import Lab, faults
from tests import pages
from tests.desk import Desk
from tests.labs import machines_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

ROOT: Final = Path(__file__).parents[2]
HOSTS: Final = ("ep01", "ep02", "ep03")
PACKAGES: Final = ("lab-openssl", "linux-image-lab", "mail-client", "office-suite", "print-agent")
FIRST_DAY: Final = dict.fromkeys(PACKAGES, "1.0")
NOVEMBER: Final = FIRST_DAY | dict.fromkeys(set(PACKAGES) - {"mail-client"}, "1.0+security1")
DECEMBER: Final = NOVEMBER | dict.fromkeys(("lab-openssl", "office-suite"), "1.0+security2")
ASKED: Final = {"targets": "[{kind: endpoint, os: debian}]", "waves": '[1, "100%"]'}


@dataclass(frozen=True)
class Office:
    """Three machines, and the desk from which they are changed."""

    lab: Lab
    desk: Desk

    def approved(self, **edited: str) -> str:
        """A change that is asked for, planned and approved."""
        change = self.desk.requested(**(ASKED | edited))
        self.desk.expect("plan", change, who="sato")
        self.approve(change)
        return change

    def approve(self, change: str) -> None:
        """Have suzuki sign."""
        self.desk.expect("approve", change, "--key", str(self.desk.key("suzuki")), "--yes", who="suzuki")

    def run(self, change: str, *options: str) -> tuple[int, dict[str, str], Any]:
        """Have tanaka run it: exit code, outcome of each machine, everything that was said as data."""
        done = self.desk.daicho("run", change, "--yes", "--output", "json", *options, who="tanaka")
        assert done.out, done.err
        return done.code, {each["target"]: each["outcome"] for each in done.json["targets"]}, done.json

    def versions(self, host: str) -> dict[str, str]:
        """What dpkg says is installed."""
        done = self.lab.ssh(host, f"dpkg-query -W {' '.join(PACKAGES)}")
        return dict(row.split("\t") for row in done.stdout.splitlines())

    def all_have(self, versions: dict[str, str]) -> bool:
        """Whether every machine has these."""
        return all(self.versions(host) == versions for host in HOSTS)

    def answers(self, host: str) -> bool:
        """Whether a machine's sshd can be reached."""
        address = next(each.address for each in self.lab.machines() if each.name == host)
        return self.lab.execute(["timeout", "1", "bash", "-c", f"</dev/tcp/{address}/22"]).returncode == 0

    def rows(self, query: str) -> list[list[str]]:
        """What the `sqlite3` command finds in the ledger."""
        command = ["sqlite3", "-readonly", "-separator", "\t", str(self.desk.state / "ledger.db"), query]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def targets_of(self, kind: str, of: str) -> list[str]:
        """The machines that entries of this kind name, in order."""
        query = "SELECT json_extract(text, '$.body.target'), kind, of FROM entry ORDER BY seq"
        return [target for target, *about in self.rows(query) if about == [kind, of]]


@pytest.fixture(scope="module")
def machines() -> Iterator[Lab]:
    """Three real machines."""
    yield from machines_of(len(HOSTS), "patch")


@pytest.fixture
def office(machines: Lab, tmp_path: Path) -> Office:
    """A new site, machines as on their first day, November's updates waiting."""
    machines.reset()
    machines.repository.publish("security-2026-11")
    desk = Desk.make(tmp_path / "desk", own_content=True)
    desk.expect("init", "--policy", "policy.yml")
    desk.expect("item", "import", str(machines.state / "items.yml"), who="sato")
    (desk.state / "known_hosts").write_bytes((machines.state / "known_hosts").read_bytes())
    machines.trust((desk.state / "keys" / "ssh_ca.pub").read_text(encoding="ascii"))
    return Office(machines, desk.within([sys.executable, "-m", "lab", "exec", "--name", machines.name, "--"]))


def test_from_the_request_to_the_account(office: Office) -> None:
    desk = office.desk
    asked = desk.daicho("request", "-", who="sato", typed=_document())
    assert (asked.code, asked.out) == (0, "C1\n")

    planned = desk.expect("plan", "C1", "--output", "json", who="sato").json
    assert planned["state"] == "planned"
    assert office.all_have(FIRST_DAY)

    refused = desk.daicho("run", "C1", "--yes", who="tanaka")
    assert (refused.code, refused.out, refused.err) == (
        *(5, ""),
        "daicho: refused:\n  - Nobody has approved C1. Ask for it: `daicho approve C1`.\n",
    )
    own = desk.daicho("approve", "C1", "--key", str(desk.key("sato")), "--yes", who="sato")
    assert own.code == 5
    assert office.targets_of("target.intended", "R1") == []

    office.approve("C1")
    code, outcomes, said = office.run("C1")

    assert (code, outcomes) == (0, dict.fromkeys(HOSTS, "changed"))
    assert (said["state"], said["waves"]) == ("done", [["ep01"], ["ep02", "ep03"]])
    restart = {"key": "reboot", "before": "not done", "after": "if required", "done": True}
    assert all(restart in each["planned"] for each in said["targets"])
    assert office.all_have(NOVEMBER)
    written_ahead = office.rows(
        "SELECT a.seq < b.seq FROM entry a JOIN entry b ON b.of = a.of AND b.kind = 'target.outcome'"
        " AND json_extract(b.text, '$.body.target') = json_extract(a.text, '$.body.target')"
        " WHERE a.kind = 'target.intended' AND a.of = 'R1'"
    )
    assert written_ahead == [["1"]] * len(HOSTS)


def test_the_record_the_machines_and_openssh_agree(office: Office, tmp_path: Path) -> None:
    office.run(office.approved())
    (tmp_path / "export").mkdir()
    desk, export = office.desk, tmp_path / "export" / "ledger"
    desk.expect("ledger", "export", str(export), who="sato")

    ((text, signature, digest),) = [
        [json.loads(each) for each in row]
        for row in office.rows(
            "SELECT json_quote(json_extract(text, '$.body.statement')),"
            " json_quote(json_extract(text, '$.body.signature')),"
            " (SELECT json_quote(json_extract(text, '$.body.permit.subject')) FROM entry"
            "  WHERE kind = 'run.opened')"
            " FROM entry WHERE kind = 'approval.given'"
        )
    ]
    (tmp_path / "signature").write_text(signature)
    verified = subprocess.run(
        [
            *("ssh-keygen", "-Y", "verify", "-f", str(export / "allowed_signers"), "-I", "suzuki"),
            *("-n", "daicho-approval", "-s", str(tmp_path / "signature")),
        ],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.stdout.startswith('Good "daicho-approval" signature for suzuki with ED25519 key')
    assert text.splitlines()[-1] == f"digest: {digest}"
    for host in HOSTS:
        log = office.lab.ssh(host, "sudo journalctl -t sshd -o cat").stdout
        assert "ID daicho-R1 (serial 0) CA ED25519" in log
        history = office.lab.ssh(host, "sudo cat /var/log/apt/history.log").stdout
        assert re.search("^Commandline: R1$", history, re.MULTILINE)
    assert not list(desk.state.rglob("id-cert.pub"))
    assert not (desk.state / "runs" / "R1" / "code").exists()


def test_a_machine_that_is_off_is_owed_and_done_alone_when_it_is_back(office: Office) -> None:
    change = office.approved(budget="{failed: 0, unreachable: 1, drifted: 0, unverified: 0}")
    faults.apply(office.lab, "ep03", "power-off")

    code, outcomes, said = office.run(change)

    assert (code, said["state"]) == (3, "owing")
    assert outcomes == {"ep01": "changed", "ep02": "changed", "ep03": "unreachable"}
    assert office.targets_of("target.intended", "R1") == ["ep01", "ep02"]

    faults.clear(office.lab, "ep03")
    boots = {host: office.lab.machine(host).boot_id() for host in ("ep01", "ep02")}
    code, outcomes, said = office.run(change)

    assert (code, said["state"], said["run"]) == (0, "done", "R1")
    assert outcomes == dict.fromkeys(HOSTS, "changed")
    assert office.targets_of("target.intended", "R1") == ["ep01", "ep02", "ep03"]
    assert office.all_have(NOVEMBER)
    assert boots == {host: office.lab.machine(host).boot_id() for host in boots}


def test_a_machine_that_somebody_changed_drops_out_alone(office: Office) -> None:
    change = office.approved()
    office.lab.ssh("ep02", "sudo apt-get -qq update && sudo apt-get -qq install -y office-suite")
    by_hand = office.versions("ep02")

    code, outcomes, said = office.run(change)

    assert (code, said["state"]) == (4, "failed")
    assert outcomes == {"ep01": "changed", "ep02": "drifted", "ep03": "changed"}
    why = {each["target"]: each["why"] for each in said["targets"]}["ep02"]
    assert why == "package:office-suite: 1.0 → 1.0+security1"
    assert office.targets_of("target.intended", "R1") == ["ep01", "ep03"]
    assert (office.versions("ep02"), office.versions("ep03")) == (by_hand, NOVEMBER)


def test_a_run_is_taken_back_to_what_was_there(office: Office) -> None:
    office.run(office.approved())
    asked = office.desk.expect("undo", "R1", "--reason", "The office suite does not start.", who="sato")
    assert asked.out == "C2\n"
    unapproved = office.desk.daicho("run", "C2", "--yes", who="tanaka")
    assert unapproved.code == 5
    office.desk.expect("plan", "C2", who="sato")
    office.approve("C2")

    code, outcomes, _said = office.run("C2")

    assert (code, outcomes) == (0, dict.fromkeys(HOSTS, "changed"))
    assert office.all_have(FIRST_DAY)


def test_a_standard_change_is_approved_once_and_runs_every_day(office: Office) -> None:
    change = office.desk.requested(
        **ASKED, **{"class": "standard"}, expires="2036-03-31", inputs="{scope: security, reboot: never}"
    )
    early = office.desk.daicho("run", change, "--yes", who="tanaka")
    assert early.code == 5
    office.approve(change)

    assert office.run(change)[:2] == (0, dict.fromkeys(HOSTS, "changed"))
    assert office.run(change)[:2] == (0, dict.fromkeys(HOSTS, "unchanged"))
    office.lab.repository.publish("security-2026-12")
    assert office.run(change)[:2] == (0, dict.fromkeys(HOSTS, "changed"))

    assert office.all_have(DECEMBER)
    runs = office.rows("SELECT of FROM entry WHERE kind = 'run.opened' ORDER BY seq")
    assert runs == [["R1"], ["R2"], ["R3"]]
    assert office.rows("SELECT count(*) FROM entry WHERE kind = 'approval.given'") == [["1"]]


def test_an_emergency_runs_at_once_and_its_review_is_owed(office: Office) -> None:
    desk = office.desk
    change = desk.requested(**{"class": "emergency"}, targets="[ep01]", title="Close the hole")
    waiting = office.approved(targets="[ep02]")

    code, outcomes, said = office.run(change)

    assert (code, outcomes, said["approvers"]) == (0, {"ep01": "changed"}, [])
    assert (office.versions("ep01"), office.versions("ep02")) == (NOVEMBER, FIRST_DAY)

    refused = desk.daicho("run", waiting, "--yes", who="tanaka")
    assert refused.code == 5
    assert refused.err == (
        "daicho: refused:\n  - tanaka owes the review of emergency R1. Another person does it: "
        "`daicho review R1`.\n"
    )
    own = desk.daicho("review", "R1", "--key", str(desk.key("sato")), "--yes", who="tanaka")
    assert own.code == 5
    desk.expect("review", "R1", "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
    assert office.run(waiting)[:2] == (0, {"ep02": "changed"})
    reviewed = office.rows("SELECT json_extract(text, '$.by') FROM entry WHERE kind = 'run.reviewed'")
    assert reviewed == [["suzuki"]]


def test_an_interrupted_run_goes_on_and_does_nothing_twice(office: Office) -> None:
    change = office.approved()
    faults.apply(office.lab, "ep01", "slow-boot", 60)
    running = subprocess.Popen(
        [*office.desk.before, sys.executable, "-m", "daicho.cli", "run", change, "--yes"],
        cwd=office.desk.folder,
        env=office.desk.environment("tanaka"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while office.answers("ep01") or not office.targets_of("target.intended", "R1"):
        assert time.monotonic() < deadline
        time.sleep(0.2)  # it installs, then reboots and is away
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)

    assert (running.returncode, out) == (130, "")
    assert err == (
        "wave 1 of 2: 1 machine\n"
        "R1 was interrupted and is closed as such. Go on with it: `daicho run C1 --resume`\n"
        "\ndaicho: interrupted\n"
    )
    plain = office.desk.daicho("run", change, "--yes", who="tanaka")
    assert plain.code == 5
    faults.clear(office.lab, "ep01")
    office.lab.machine("ep01").wait_ready()

    code, outcomes, said = office.run(change, "--resume")

    assert (code, said["run"], outcomes) == (0, "R1", dict.fromkeys(HOSTS, "changed"))
    # It was cut in the middle of the first machine's restart, and what nobody saw is not said.
    assert [each["planned"][-1].get("done") for each in said["targets"]] == [None, True, True]
    assert office.all_have(NOVEMBER)
    history = office.lab.ssh("ep01", "sudo cat /var/log/apt/history.log").stdout
    assert len(re.findall(r"^Upgrade: .*office-suite", history, re.MULTILINE)) == 1


@pytest.mark.parametrize("suffix", [".md", ".ja.md"])
def test_the_pages_say_what_the_commands_say(machines: Lab, tmp_path: Path, suffix: str) -> None:
    machines.reset()
    environment = pages.surroundings(tmp_path) | {"DAICHO_LAB_NAME": machines.name}
    inside = (sys.executable, "-m", "lab", "exec", "--name", machines.name, "--")
    with pages.Terminal(ROOT, environment, inside) as terminal:
        for page in pages.CARRIED_ON:
            pages.walk(terminal, ROOT / "docs" / f"{page}{suffix}", lab=True)


def _document() -> str:
    return (
        "work: patch_endpoints\ntitle: November security updates\nreason: The contract asks for it.\n"
        f"targets: {ASKED['targets']}\nwaves: {ASKED['waves']}\ninputs: {{scope: security}}\n"
    )
