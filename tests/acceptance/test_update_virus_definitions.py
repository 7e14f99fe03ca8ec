"""ClamAV on real machines gets its definitions from our own mirror: judged by sigtool and clamscan."""

from __future__ import annotations

import shutil
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from lab.definitions import DefinitionMirror, container, install_clamav
from lab.errors import CommandError
from tests.labs import machines_of
from tests.machine_office import MachineOffice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab import Lab

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

WORK = "update_virus_definitions"
HOSTS = ("ep01", "ep02")
BOTH = ("suzuki", "yamada")
# The test file of EICAR, in two halves: no scanner of this machine shall take this file for a virus.
TEST_FILE = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture(scope="module")
def machines() -> Iterator[Lab]:
    """Two machines with ClamAV."""
    if shutil.which("sigtool") is None:
        pytest.skip("`sigtool` is not installed. Run `make setup` first.")
    for lab in machines_of(len(HOSTS), "av"):
        install_clamav(lab)
        yield lab


@pytest.fixture
def mirror(machines: Lab) -> Iterator[DefinitionMirror]:
    """A mirror with definitions of three hours ago; the machines have none."""
    mirror = DefinitionMirror(machines)
    mirror.publish(27501, hours_old=3)
    mirror.serve()
    for machine in machines.machines():
        machine.run(["sh", "-c", "rm -f /var/lib/clamav/*"])
    yield mirror
    mirror.stop()


@pytest.fixture
def office(machines: Lab, mirror: DefinitionMirror, tmp_path: Path) -> MachineOffice:
    made = MachineOffice.opened(tmp_path / "desk", machines)
    text = f"clamav:\n  files: [{mirror.url}]\n"
    (made.inventory / "definitions.yml").write_text(text, encoding="ascii")
    return made


def version(lab: Lab, host: str) -> str:
    """What sigtool says of the machine's own file."""
    try:
        told = lab.machine(host).run(["sigtool", "--info", "/var/lib/clamav/lab.cud"])
    except CommandError:
        return ""
    return next(line.split(": ")[1] for line in told.splitlines() if line.startswith("Version"))


def finds(lab: Lab, host: str) -> bool:
    """Whether clamscan on the machine knows the test file."""
    database = "--database=/var/lib/clamav/lab.cud"
    scan = f"cat > /tmp/sample && clamscan --no-summary {database} /tmp/sample || [ $? = 1 ]"
    return "Lab.Eicar.UNOFFICIAL FOUND" in lab.machine(host).run(["sh", "-c", scan], text=TEST_FILE)


def through(office: MachineOffice, **more: Any) -> dict[str, tuple[str, str]]:
    change = office.requested(WORK, **more)
    office.planned(change)
    office.approve(change, *BOTH)
    return office.ran(change)


def test_definitions_come_from_the_mirror_and_every_day_under_one_approval(
    office: MachineOffice, machines: Lab, mirror: DefinitionMirror
) -> None:
    daily = {"class": "standard", "expires": "2099-03-31", "inputs": {"hours": 24}}
    change = office.requested(WORK, **daily)
    office.approve(change, *BOTH)
    first = office.ran(change)

    assert {host: outcome for host, (outcome, _why) in first.items()} == dict.fromkeys(HOSTS, "changed")
    assert [version(machines, host) for host in HOSTS] == ["27501", "27501"]
    assert all(finds(machines, host) for host in HOSTS)
    # The same day again: they are new enough, and the mirror is not asked.
    asked = (mirror.folder / "access.log").read_text(encoding="ascii").count("lab.cud")
    again = office.ran(change)
    assert {outcome for outcome, _why in again.values()} == {"unchanged"}
    assert (mirror.folder / "access.log").read_text(encoding="ascii").count("lab.cud") == asked
    # Another day, another version: under the same approval.
    for host in HOSTS:
        age(machines, host)
    mirror.publish(27502)
    third = office.ran(change)
    assert {outcome for outcome, _why in third.values()} == {"changed"}
    assert [version(machines, host) for host in HOSTS] == ["27502", "27502"]
    assert len(office.rows("SELECT seq FROM entry WHERE kind = 'run.opened'")) == 3
    assert len(office.rows("SELECT seq FROM entry WHERE kind = 'change.approved'")) == 1


def age(lab: Lab, host: str) -> None:
    """Three days pass for a machine: its database is of an earlier day."""
    text = b64encode(container(27501, hours_old=72)).decode("ascii")
    # freshclam asks its mirror for what is newer than the file, in whole seconds.
    put = "base64 -d > /var/lib/clamav/lab.cud && touch -d '3 days ago' /var/lib/clamav/lab.cud"
    lab.machine(host).run(["sh", "-c", put], text=text)


def test_a_broken_file_on_the_mirror_keeps_the_old_definitions(
    office: MachineOffice, machines: Lab, mirror: DefinitionMirror
) -> None:
    assert {outcome for outcome, _why in through(office).values()} == {"changed"}
    for host in HOSTS:
        age(machines, host)
    mirror.publish(27502)
    mirror.break_off()
    ends = through(office)
    assert {outcome for outcome, _why in ends.values()} == {"failed"}
    said = ends["ep01"][1]
    assert said.startswith(
        "update_virus_definitions: The definitions stay as they were: what its mirror has is broken: it "
        "could not be loaded. freshclam: "
    )
    assert [version(machines, host) for host in HOSTS] == ["27501", "27501"]
    assert all(finds(machines, host) for host in HOSTS)


def test_what_the_mirror_lacks_or_has_too_old_is_told(
    office: MachineOffice, machines: Lab, mirror: DefinitionMirror
) -> None:
    mirror.publish(27400, hours_old=72)
    change = office.requested(WORK)
    plan = office.planned(change)
    assert plan["ep01"]["before"] == {**plan["ep01"]["after"], "definitions new enough": False}
    assert plan["ep01"]["notes"][0].endswith(" has no definitions.")
    office.approve(change, *BOTH)
    ends = office.ran(change)
    assert {outcome for outcome, _why in ends.values()} == {"failed"}
    assert "are not renewed there. The machine has the newest there are." in ends["ep01"][1]
    assert [version(machines, host) for host in HOSTS] == ["27400", "27400"]
    (mirror.www / "lab.cud").unlink()
    ends = through(office)
    assert "its mirror does not have the file" in ends["ep01"][1]
    mirror.stop()
    ends = through(office)
    assert "its mirror does not answer" in ends["ep01"][1]
    assert [version(machines, host) for host in HOSTS] == ["27400", "27400"]
    # There is no way back, in words.
    refused = office.desk.daicho("undo", "R1", "--reason", "x", who="sato")
    assert refused.code == 5
