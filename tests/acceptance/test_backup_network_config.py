"""The nightly backup of devices of five vendors, as a timer starts it; git and the devices are the judges."""

from __future__ import annotations

import hashlib
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from lab.netcli import Plane, loopback_world
from lab.netcli.plane import EVERYBODY
from tests.network_site import approved, requested, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.desk import Desk

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

COUNT: Final = 60


@dataclass(frozen=True)
class Office:
    """The devices, and the desk."""

    plane: Plane
    desk: Desk

    def backup(self, *words: str) -> tuple[int, Any]:
        """What a backup says."""
        done = self.desk.daicho("network", "backup", "--output", "json", *words, who="tanaka")
        return done.code, done.json

    def git(self, *words: str) -> str:
        """What git says of the repository."""
        folder = str(self.desk.state / "configurations")
        return subprocess.run(
            ["git", "-C", folder, *words], capture_output=True, text=True, check=True
        ).stdout.strip()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with Plane(tmp_path_factory.mktemp("plane"), loopback_world(minute=0.5), COUNT, EVERYBODY) as plane:
        yield Office(plane, site_of(tmp_path_factory.mktemp("site") / "desk", plane))


def standard(desk: Desk) -> str:
    return requested(
        desk,
        work="backup_network_config",
        title="Nightly backup of the network",
        targets=[{"kind": "network_device"}],
        **{"class": "standard", "expires": "2099-03-31"},
    )


def test_a_timer_starts_it_under_its_standard_change(office: Office, tmp_path: Path) -> None:
    desk = office.desk
    change = standard(desk)
    words = ("--on-calendar", "03:00", "--scheduler", "systemd", "--to", str(tmp_path), "--yes")
    desk.expect("schedule", "install", "backup_network_config", "--change", change, *words, who="tanaka")
    unit = (tmp_path / "daicho-backup-network-config.service").read_text(encoding="utf-8")
    command = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    typed = shlex.split(command.removeprefix("ExecStart="))
    assert typed[1:] == ["network", "backup", "--change", change]
    if shutil.which("systemd-analyze"):
        verified = subprocess.run(
            ["systemd-analyze", "verify", str(tmp_path / "daicho-backup-network-config.service")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Unknown" not in verified.stderr
    refused = desk.daicho(*typed[1:], who="tanaka")
    assert (refused.code, refused.err) == (
        5,
        f"daicho: refused:\n  - Nobody has approved {change}. Ask for it: `daicho approve {change}`.\n",
    )
    desk.expect("approve", change, "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
    code, found = office.backup("--change", change)
    assert (code, found["read"], found["unsaved"], found["unread"]) == (0, COUNT, [], {})


def test_what_is_kept_is_what_the_device_has_and_the_ledger_knows_its_digest(office: Office) -> None:
    office.backup()
    device = next(iter(office.plane.of("cisco_ios"))).name
    office.plane.edit(device, ["interface GigabitEthernet0/5", "description moved"])
    code, found = office.backup()
    assert (code, list(found["changed"]), found["unsaved"]) == (4, [device], [device])
    kept = office.git("show", f"HEAD:{device}.cfg") + "\n"
    assert f"sha256:{hashlib.sha256(kept.encode()).hexdigest()}" == found["changed"][device]
    told = [line for line in kept.splitlines() if line != "end" and not line.startswith("!")]
    there = [line for line in office.plane.running(device).splitlines() if not line.startswith("!")]
    assert told == there
    assert newest_tree(office.desk) == office.git("rev-parse", "HEAD^{tree}")
    assert office.git("diff", "--name-only", "HEAD~1") == f"{device}.cfg"
    commit = found["commit"]
    assert office.backup()[1]["commit"] is None
    assert office.git("rev-parse", "HEAD") == commit
    office.plane.save(device)


def test_a_wrong_password_locks_no_account(office: Office) -> None:
    desk = office.desk
    desk.expect("secret", "set", "net", who="sato", typed="wrong\n")
    before = sum(office.plane.status(each.name)["refusals"] for each in office.plane.devices)
    try:
        code, found = office.backup()
    finally:
        desk.expect("secret", "set", "net", who="sato", typed=f"{office.plane.world.password}\n")
    after = sum(office.plane.status(each.name)["refusals"] for each in office.plane.devices)
    assert (code, len(found["unread"]), after - before) == (3, COUNT, 3)
    said = sorted(found["unread"].values())
    assert len([each for each in said if "refused the password of daicho" in each]) == 3
    stopped = [each for each in said if "was not tried here: 3 devices in a row refused it" in each]
    assert len(stopped) == COUNT - 3
    assert "wrong" not in str(said)


def test_another_host_key_and_a_device_that_is_off_are_named(office: Office) -> None:
    one, other = (each.name for each in list(office.plane.of("yamaha"))[:2])
    office.plane.fault(one, "new-host-key")
    office.plane.fault(other, "power-off")
    try:
        code, found = office.backup()
    finally:
        office.plane.clear(one)
        office.plane.clear(other)
    assert (code, set(found["unread"])) == (3, {one, other})
    assert found["unread"][one].startswith(f"{one} was not spoken to: its host key at ")
    assert found["unread"][other].startswith(f"{other} did not open an SSH session on ")


def test_a_change_that_is_approved_is_kept_under_its_name(office: Office) -> None:
    desk = office.desk
    device = next(iter(office.plane.of("apresia_aeos"))).name
    lines = {"apresia_aeos": "interface port 1/4\n description printer\n"}
    change = requested(desk, work="configure_network", targets=[device], inputs={"lines": lines})
    desk.expect("run", approved(desk, change), "--yes", who="tanaka")
    assert office.git("show", "-s", "--format=%an|%s") == "Tanaka Minoru|R1: a change"
    assert "description printer" in office.git("show", f"HEAD:{device}.cfg")


def newest_tree(desk: Desk) -> str:
    """Git's name for all configurations, as the newest entry holds it."""
    query = (
        "SELECT text ->> '$.body.tree' FROM entry WHERE kind = 'configuration.kept' ORDER BY seq DESC LIMIT 1"
    )
    words = ["sqlite3", str(desk.state / "ledger.db"), query]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
