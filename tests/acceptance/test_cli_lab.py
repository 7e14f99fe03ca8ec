"""The command against a real machine that is off: it is owed, named, and tried again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.desk import Desk
from tests.labs import machines_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab import Lab

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def machines() -> Iterator[Lab]:
    """Two real machines with security updates waiting."""
    for lab in machines_of(2, "cli"):
        lab.repository.publish("security-2026-11")
        yield lab


@pytest.fixture
def desk(machines: Lab, tmp_path: Path) -> Desk:
    """A site of these machines, with the project's own content."""
    made = Desk.make(tmp_path / "desk", own_content=True)
    made.expect("init", "--policy", "policy.yml")
    made.expect("item", "import", str(machines.state / "items.yml"), who="sato")
    (made.state / "known_hosts").write_bytes((machines.state / "known_hosts").read_bytes())
    machines.trust((made.state / "keys" / "ssh_ca.pub").read_text(encoding="ascii"))
    return made


def test_a_machine_that_is_off_is_owed_and_tried_again(machines: Lab, desk: Desk) -> None:
    inside = desk.within([sys.executable, "-m", "lab", "exec", "--name", machines.name, "--"])
    change = inside.requested(targets='["ep*"]', inputs="{reboot: never}")
    planned = inside.expect("plan", change, who="sato")
    assert (
        "package lab-openssl       1.0    1.0+security1          2   all     security, lab-security\n"
    ) in planned.out
    inside.expect("approve", change, "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
    lab(machines, "fault", "ep02", "power-off")
    owing = inside.daicho("run", change, "--yes", who="tanaka")
    assert owing.code == 3
    assert (
        "1 of 2 machines as approved (50.0 %)\nnot there:\n"
        f"  ep02: unreachable {machines.machine('ep02').address} port 22 did not answer within 3 s\n"
        in owing.out
    )
    assert "`daicho run C1` tries the owed machines again inside the window.\n" in owing.out
    assert inside.expect("status", "--output", "json").json[0]["state"] == "owing"
    lab(machines, "fault", "ep02", "--clear")
    again = inside.expect("run", change, "--yes", who="tanaka")
    assert "2 of 2 machines as approved (100.0 %)\n" in again.out
    assert inside.expect("show", "R1", "--output", "json").json["compliance"] == {
        "total": 2,
        "as_approved": 2,
    }


def lab(machines: Lab, *words: str) -> None:
    """Type a command of the lab."""
    command = [sys.executable, "-m", "lab", words[0], "--name", machines.name, *words[1:]]
    subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[2])
