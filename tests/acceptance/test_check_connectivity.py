"""The post-outage check as the night shift uses it, on real routers whose power and links are cut.

fping says what answers, the ledger's own SQLite file what was recorded, a mail server who was told.
"""

from __future__ import annotations

import json
import mailbox
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from email.header import decode_header, make_header
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from daicho import clock
from daicho.ledger import Draft, Ledger
from daicho.site import projections
from tests.night import CORES, SWITCHES
from tests.night_office import ROUTE, ministry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.night_office import Office

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

FOUR: Final = {"node:sw-5", "node:sw-6", "link:core-2 -- sw-1", "different:sw-2"}
"""The two dead switches, the torn uplink, and the one with an old configuration."""
_WATCH: Final = (
    "check",
    "connectivity",
    "--watch",
    "--until",
    "10m",
    "--every",
    "2",
    "--notify",
    "notify.yml",
)
_TITLES: Final = ("sw-5", "sw-6", "core-2 – sw-1", "sw-2")


@pytest.fixture(scope="module")
def ready() -> Iterator[Office]:
    with ministry() as office:
        done = office.run("baseline", "record")
        assert done.returncode == 0, done.stderr
        yield office


@pytest.fixture
def office(ready: Office) -> Iterator[Office]:
    """The ministry in order, with nobody told of anything, and put in order again."""
    for outbox in (ready.state / "checks").glob("*/outbox.db*"):
        # Else a switch that several tests switch off within the hour is one that comes and goes.
        outbox.unlink()
    yield ready
    ready.night.repair()


@pytest.fixture
def mail(office: Office) -> Iterator[mailbox.Maildir]:
    """A mail server on the checking machine."""
    place = office.folder / f"mail-{time.monotonic_ns()}"
    server = subprocess.Popen(
        [
            *office.night.enter("ops"),
            *(sys.executable, "-m", "aiosmtpd", "-n", "-l", "127.0.0.1:2525"),
            *("-c", "aiosmtpd.handlers.Mailbox", str(place)),
        ]
    )
    channel = {"type": "mail", "name": "duty", "host": "127.0.0.1", "port": 2525, "security": "none"}
    channel |= {"sender": "daicho@ministry.example", "to": ["duty@ministry.example"]}
    (office.folder / "notify.yml").write_text(json.dumps({"channels": [channel]}), encoding="utf-8")
    time.sleep(1)
    try:
        yield mailbox.Maildir(place)
    finally:
        server.terminate()
        server.wait(10)


def subjects(mail: mailbox.Maildir) -> list[str]:
    return sorted(" ".join(str(make_header(decode_header(each["subject"]))).split()) for each in mail)


def test_the_night_shift(office: Office, mail: mailbox.Maildir) -> None:
    night = office.night
    old = night.saved("sw-2").read_text(encoding="utf-8").replace(f"{ROUTE}\n", "")

    # The power is lost, and comes back with four faults.
    night.power_off(*CORES, *SWITCHES)
    assert night.alive() == set()
    night.saved("sw-2").write_text(old, encoding="utf-8")
    night.power_on(*CORES, "sw-1", "sw-2", "sw-3", "sw-4")
    night.cut("core-2", "sw-1")
    behind = {name for name in night.everything() if name.startswith(("pc-5-", "pc-6-"))}
    back = set(night.everything()) - behind - {"sw-5", "sw-6"}
    night.wait(back)
    night.settle("sw-2", "sw-3", "sw-4")

    _watched_and_killed(office, mail)
    check = office.rows("SELECT id FROM inspection ORDER BY number DESC LIMIT 1")[0][0]
    papers = ("--html", "board.html", "--pdf", "sheet.pdf")
    with office.start(*_WATCH, *papers) as watch:
        _until(lambda: bool(office.bodies("check.resumed", check)), 30, lambda: check)
        assert [body["state"] for body in office.bodies("check.closed", check)] == ["interrupted"]
        time.sleep(6)
        faults = [line for line in subjects(mail) if line.startswith("[daicho] Fault: ")]
        assert len(faults) == 4, subjects(mail)
        assert all(any(title in line for line in faults) for title in _TITLES), faults
        _page_and_walk(office)

        # Everything is repaired.
        night.power_on("sw-5", "sw-6")
        night.mend("core-2", "sw-1")
        night.configure("sw-2", ROUTE)
        night.save("sw-2")
        output, _errors = watch.communicate(timeout=120)
    assert watch.returncode == 0, output
    told = subjects(mail)
    assert len(told) == 8, told
    assert office.bodies("check.closed", check)[-1]["exit"] == 0
    sent = office.bodies("check.notified", check)
    assert [body["sent"] for body in sent] == [True] * 8
    assert max(body["seconds"] for body in sent) < 60
    assert (office.folder / "sheet.pdf").read_bytes().startswith(b"%PDF-")
    whole = office.run("ledger", "verify")
    assert whole.returncode == 0, whole.stdout


def _watched_and_killed(office: Office, mail: mailbox.Maildir) -> None:
    """The four faults are named within a minute; then the process is killed in the middle of its watch."""
    began = time.monotonic()
    with office.start(*_WATCH, "--html", "board.html") as watch:
        _until(lambda: office.open_causes() == FOUR, 60, office.open_causes)
        assert time.monotonic() - began < 60
        _until(lambda: len(subjects(mail)) >= 4, 60, lambda: subjects(mail))

        # Another one at the same time is refused.
        second = office.run("check", "connectivity")
        said = (
            "daicho: A check_connectivity is going on in another process. Wait for it: `daicho check list`.\n"
        )
        assert (second.returncode, second.stderr) == (5, said)
        os.killpg(watch.pid, signal.SIGKILL)
        watch.communicate(timeout=10)


def _page_and_walk(office: Office) -> None:
    page = (office.folder / "board.html").read_text(encoding="utf-8")
    assert all(title in page for title in _TITLES)
    newest = office.rows(
        "SELECT item, verdict FROM inspection_item WHERE inspection ="
        " (SELECT id FROM inspection ORDER BY number DESC LIMIT 1)"
    )
    verdicts = dict(newest)
    behind = {name for name in verdicts if name.startswith(("pc-5-", "pc-6-"))}
    assert {name for name, state in verdicts.items() if state == "unreachable"} == behind
    assert {name for name, state in verdicts.items() if state == "dead"} == {"sw-5", "sw-6"}
    assert {name for name, state in verdicts.items() if state == "different"} == {"sw-2"}
    assert {name for name, state in verdicts.items() if state == "back"} == set(verdicts) - behind - {
        "sw-2",
        "sw-5",
        "sw-6",
    }


def test_half_of_the_devices_answer_but_let_nobody_in(office: Office) -> None:
    night = office.night
    shut = ("sw-1", "sw-3", "sw-5")
    for name in shut:
        pids = subprocess.run(
            ["ip", "netns", "pids", night.netns(name)], capture_output=True, text=True, check=True
        ).stdout.split()
        for pid in pids:
            if Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip() == "sshd":
                os.kill(int(pid), signal.SIGKILL)
    try:
        code, found = office.check()
        states = {item["name"]: item for item in found["items"]}
        assert code == 4
        assert {name for name, item in states.items() if item["state"] != "back"} == set(shut)
        kinds = {each["kind"] for name in shut for each in states[name]["differences"]}
        assert kinds == {"login", "services"}
    finally:
        for name in shut:
            night.open_door(name)
    code, found = office.check()
    assert (code, found["all_back"]) == (0, True), found["to_do"]


def test_mail_behind_the_fault_waits_and_another_channel_tells(office: Office) -> None:
    behind = {
        "type": "mail",
        "name": "far",
        "host": "10.90.16.11",
        "port": 587,
        "server_name": "mail.example",
    }
    behind |= {"sender": "daicho@ministry.example", "to": ["duty@ministry.example"]}
    near = {"type": "command", "name": "bell", "argv": ["/bin/sh", "-c", "cat >> rung; echo >> rung"]}
    (office.folder / "two.yml").write_text(json.dumps({"channels": [behind, near]}), encoding="utf-8")
    (office.folder / "rung").unlink(missing_ok=True)
    office.night.power_off("sw-6")
    code, found = office.check("--notify", "two.yml")
    told = office.bodies("check.notified", found["check"])
    assert code == 4
    assert {(body["channel"], body["sent"]) for body in told} == {("far", False), ("bell", True)}
    assert _rung(office) == [("found", ["node:sw-6"])]
    office.night.repair()
    code, found = office.check("--notify", "two.yml")
    assert (code, found["all_back"]) == (0, True), found["to_do"]
    assert _rung(office)[-1] == ("recovered", ["node:sw-6"])


def test_a_new_baseline_ends_what_was_told_before_it(office: Office) -> None:
    """Nobody watched the repair of sw-6: when it fails again another year, people are told again."""
    (office.folder / "rung").unlink(missing_ok=True)
    bell = {"type": "command", "name": "bell", "argv": ["/bin/sh", "-c", "cat >> rung; echo >> rung"]}
    (office.folder / "one.yml").write_text(json.dumps({"channels": [bell]}), encoding="utf-8")
    for _year in range(2):
        office.night.power_off("sw-6")
        office.check("--notify", "one.yml")
        office.check("--notify", "one.yml")
        office.night.repair()
        assert office.run("baseline", "record").returncode == 0
    assert _rung(office) == [("found", ["node:sw-6"])] * 2


def _rung(office: Office) -> list[tuple[str, list[str]]]:
    """What the bell was told: what, and which causes."""
    lines = (office.folder / "rung").read_text(encoding="utf-8").splitlines()
    events = [event for line in lines for event in json.loads(line)["events"]]
    return [(event["what"], event["causes"]) for event in events]


def test_a_schedule_runs_under_its_standard_change_and_never_without(office: Office) -> None:
    change = _requested(office)
    refused = office.run("check", "connectivity", "--change", change)
    assert (refused.returncode, refused.stderr) == (
        5,
        f"daicho: refused:\n  - Nobody has approved {change}. Ask for it: `daicho approve {change}`.\n",
    )
    assert office.bodies("check.refused", change)[0]["causes"][0]["reason"] == "not_approved"
    office.run("approve", change, "--key", "suzuki", "--yes", person="suzuki")
    code, found = office.check("--change", change)
    assert (code, found["all_back"]) == (0, True), found["to_do"]
    opened = office.bodies("check.opened", found["check"])[0]
    assert (opened["change"], opened["permit"]["approvers"]) == (change, ["suzuki"])
    more = office.run("check", "connectivity", "--change", change, "--watch")
    assert (more.returncode, more.stderr) == (
        5,
        f"daicho: {change} allows watch = False; True is more. Ask for less, or for another change.\n",
    )


def _requested(office: Office) -> str:
    document = {
        "work": "check_connectivity",
        "title": "停電後の導通確認",
        "reason": "法定停電",
        "class": "standard",
        "expires": "2099-03-31",
        "targets": [{"kind": ["network_device", "endpoint", "server"]}],
        "inputs": {"until": 5},
    }
    (office.folder / "change.yml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    requested = office.run("request", "change.yml", "--output", "json")
    return str(json.loads(requested.stdout)["change"])


def test_units_that_systemd_accepts(office: Office) -> None:
    change = _requested(office)
    units = office.folder / "units"
    done = office.run(
        *("schedule", "install", "check_connectivity", "--change", change, "--scheduler", "systemd"),
        *("--on-calendar", "Sun 06:00", "--after-boot", "--to", str(units), "--yes"),
    )
    assert done.returncode == 0, done.stderr
    verified = subprocess.run(
        ["systemd-analyze", "verify", *units.iterdir()], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    removed = office.run("schedule", "remove", "check_connectivity", "--to", str(units))
    assert (removed.returncode, list(units.iterdir())) == (0, [])


def test_nothing_to_check_is_never_a_success(office: Office) -> None:
    done = office.run("check", "connectivity", "no-such-*")
    assert (done.returncode, done.stderr) == (
        6,
        "daicho: No item matches no-such-*. Compare it with `daicho item list`.\n",
    )


def test_a_clock_that_is_not_set_yet(office: Office) -> None:
    """After a power cut the clock may be hours behind: the check goes on and says so."""
    ahead = clock.now() + timedelta(hours=3)
    with Ledger.open(office.state / "ledger.db", projections()) as ledger:
        ledger.append(Draft(kind="test.noted", of="clock", by="sato"), at=ahead)
    code, found = office.check()
    assert (code, found["all_back"]) == (0, True), found["to_do"]
    behind = office.bodies("check.opened", found["check"])[0]["clock_behind_seconds"]
    assert 3 * 3600 - 120 < behind <= 3 * 3600
    assert any(note.startswith("The clock was ") for note in found["notes"])


def _until(met: Any, seconds: float, detail: Any) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, detail()
        time.sleep(0.3)
