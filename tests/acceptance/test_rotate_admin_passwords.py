"""Every real machine gets its own password of root: judged by the machine's unix_chkpwd and by openssl."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab.errors import CommandError
from tests.labs import machines_of
from tests.machine_office import MachineOffice
from tests.safe import recipient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab import Lab

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

WORK = "rotate_admin_passwords"
HOSTS = ("ep01", "ep02")


@pytest.fixture(scope="module")
def machines() -> Iterator[Lab]:
    """Two machines whose root has no password, as Debian makes them."""
    yield from machines_of(len(HOSTS), "root")


@pytest.fixture
def office(machines: Lab, tmp_path: Path) -> MachineOffice:
    made = MachineOffice.opened(tmp_path / "desk", machines)
    for name in ("safe", "suzuki"):
        recipient(made.inventory, name)
        shutil.move(made.inventory / f"{name}.key", tmp_path / f"{name}.key")
    (made.inventory / "escrow.yml").write_text(
        "recipients: [safe.pem, suzuki.pem]\npasswords: {length: 24, grouped: 6}\n", encoding="ascii"
    )
    return made


@pytest.fixture(autouse=True)
def locked(machines: Lab) -> None:
    for machine in machines.machines():
        machine.run(["usermod", "--password", "*", "root"])


def is_password(lab: Lab, host: str, password: str) -> bool:
    """What the machine's own PAM helper says."""
    try:
        lab.machine(host).run(["unix_chkpwd", "root", "nonull"], text=f"{password}\0")
    except CommandError:
        return False
    return True


def shown(office: MachineOffice, host: str, key: Path, *more: str) -> str:
    """What `daicho passwords show` prints."""
    words = ["passwords", "show", host, "--why", "INC-4711: no network", "--key", str(key), *more]
    return office.desk.expect(*words, who="tanaka").out.strip()


class Watcher(threading.Thread):
    """Takes down the arguments and environments of all processes, those in the machines, too."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen = set[bytes]()
        self._over = threading.Event()

    def run(self) -> None:
        """Until it is over."""
        while not self._over.wait(0.003):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    for part in ("cmdline", "environ"):
                        try:
                            self.seen.add((entry / part).read_bytes())
                        except OSError:
                            continue

    def end(self) -> None:
        """Stop looking."""
        self._over.set()
        self.join()


@contextmanager
def watching() -> Iterator[Watcher]:
    watcher = Watcher()
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.end()


def test_every_machine_its_own_and_nowhere_in_the_clear(
    office: MachineOffice, machines: Lab, tmp_path: Path
) -> None:
    change = office.requested(WORK)
    plan = office.planned(change)
    assert plan["ep01"]["before"] == {
        "account": "root",
        "password number": None,
        "password opens the account": False,
        "password proven": False,
    }
    assert plan["ep01"]["notes"][0] == "root has no password that opens it; it gets one."
    office.approve(change)
    with watching() as watcher:
        ends = office.ran(change)
    assert {outcome for outcome, _why in ends.values()} == {"changed"}

    passwords = {host: shown(office, host, tmp_path / "safe.key") for host in HOSTS}
    assert passwords["ep01"] != passwords["ep02"]
    for host, password in passwords.items():
        assert [len(group) for group in password.split("-")] == [6, 6, 6, 6]
        assert is_password(machines, host, password)
        assert not is_password(machines, host, password[:-1])
    sealed = office.desk.expect(
        "passwords", "show", "ep02", "--why", "with a card", "--sealed", who="tanaka"
    ).out
    opened = subprocess.run(
        ["openssl", "cms", "-decrypt", "-inform", "PEM", "-inkey", tmp_path / "suzuki.key"],
        input=sealed,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(opened.stdout)["password"] == passwords["ep02"]
    looked = office.rows(
        "SELECT of, text ->> '$.by' AS who, text ->> '$.body.why' AS why FROM entry "
        "WHERE kind = 'password.shown' ORDER BY seq"
    )
    assert [(row["of"], row["who"], row["why"]) for row in looked] == [
        ("ep01", "tanaka", "INC-4711: no network"),
        ("ep02", "tanaka", "INC-4711: no network"),
        ("ep02", "tanaka", "with a card"),
    ]
    _nowhere_in_the_clear(office, machines, watcher, passwords)


def _nowhere_in_the_clear(
    office: MachineOffice, machines: Lab, watcher: Watcher, passwords: dict[str, str]
) -> None:
    assert any(b"chpasswd" in each for each in watcher.seen)
    dump = subprocess.run(
        ["sqlite3", office.desk.state / "ledger.db", ".dump"], capture_output=True, check=True
    ).stdout
    for host, password in passwords.items():
        canary = password.encode()
        assert [each for each in watcher.seen if canary in each] == []
        assert canary not in dump
        written = [path for path in office.desk.folder.rglob("*") if path.is_file()]
        assert [str(path) for path in written if canary in path.read_bytes()] == []
        machine = machines.machine(host)
        journal = machine.run(["journalctl", "--no-pager", "--quiet"])
        assert "su" in journal
        assert password not in journal
        found = machine.run(
            ["sh", "-c", "grep -rlF -f - /etc /var /root /home /tmp || true"], text=f"{password}\n"
        )
        assert found == ""


def test_killed_before_the_proof_it_goes_on_and_back_is_a_fresh_one(
    office: MachineOffice, machines: Lab, tmp_path: Path
) -> None:
    change = office.requested(WORK)
    office.planned(change)
    office.approve(change)
    # The second write of the first machine: its password is set, and nobody has logged on with it.
    words = [*office.desk.before, sys.executable, "-m", "tests.dying", "after", "2", "run", change, "--yes"]
    died = subprocess.run(
        words, cwd=office.desk.folder, env=office.desk.environment("tanaka"), capture_output=True, check=False
    )
    assert died.returncode in {-9, 137}, died
    interrupted = shown(office, "ep01", tmp_path / "safe.key")
    assert is_password(machines, "ep01", interrupted)

    ends = office.ran(change, "--resume")
    assert {outcome for outcome, _why in ends.values()} == {"changed"}
    first = {host: shown(office, host, tmp_path / "safe.key") for host in HOSTS}
    assert all(is_password(machines, host, password) for host, password in first.items())
    assert first["ep01"] != interrupted

    back = office.desk.expect("undo", "R1", "--reason", "one was seen", who="sato").out.strip()
    office.planned(back)
    office.approve(back)
    assert {outcome for outcome, _why in office.ran(back).values()} == {"changed"}
    second = {host: shown(office, host, tmp_path / "safe.key") for host in HOSTS}
    assert all(is_password(machines, host, password) for host, password in second.items())
    assert not set(first.values()) & set(second.values())
    earlier = shown(office, "ep01", tmp_path / "safe.key", "--number", "1")
    assert earlier == first["ep01"]
    listed = office.desk.expect("passwords", "list", "--output", "json", who="tanaka").json
    assert [(row["machine"], row["account"], row["number"]) for row in listed] == [
        ("ep01", "root", 2),
        ("ep02", "root", 2),
    ]


def test_a_password_set_by_hand_is_seen_and_replaced(
    office: MachineOffice, machines: Lab, tmp_path: Path
) -> None:
    change = office.requested(WORK)
    office.planned(change)
    office.approve(change)
    machines.machine("ep02").run(["chpasswd"], text="root:by-hand-4711\n")
    ends = office.ran(change)
    assert (ends["ep01"][0], ends["ep02"][0]) == ("changed", "drifted")
    assert is_password(machines, "ep02", "by-hand-4711")
    again = office.requested(WORK)
    office.planned(again)
    office.approve(again)
    assert {outcome for outcome, _why in office.ran(again).values()} == {"changed"}
    assert is_password(machines, "ep02", shown(office, "ep02", tmp_path / "safe.key"))
    machines.machine("ep02").run(["chpasswd"], text="root:by-hand-4712\n")
    third = office.requested(WORK)
    plan = office.planned(third)
    assert plan["ep02"]["notes"][0] == "The password of root was set without daicho since number 1."
    assert plan["ep02"]["before"]["password proven"] is False
