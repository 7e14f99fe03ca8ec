"""Each fault of a machine really bites and really clears, judged by ping, ssh, apt and dpkg."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from lab import LabError, faults

if TYPE_CHECKING:
    from lab import Lab

UPDATE = "sudo apt-get -q -o APT::Update::Error-Mode=any update"
UPGRADE = "sudo DEBIAN_FRONTEND=noninteractive apt-get -q -y dist-upgrade"


def pings(lab: Lab, machine: str) -> bool:
    return lab.execute(["ping", "-c1", "-W1", lab.machine(machine).address]).returncode == 0


def answers(lab: Lab, machine: str) -> bool:
    return lab.ssh(machine, "true", "-o", "ConnectTimeout=1").returncode == 0


@pytest.mark.parametrize("kind", ["power-off", "power-cut"])
def test_without_power_a_machine_is_dark(fresh_lab: Lab, kind: str) -> None:
    boot = fresh_lab.machine("ep01").boot_id()
    faults.apply(fresh_lab, "ep01", kind)
    dark = (pings(fresh_lab, "ep01"), answers(fresh_lab, "ep01"), fresh_lab.machine("ep01").power())
    neighbour = pings(fresh_lab, "ep02")
    cleared = faults.clear(fresh_lab, "ep01")

    assert (dark, neighbour, cleared) == ((False, False, "off"), True, [kind])
    assert answers(fresh_lab, "ep01")
    assert fresh_lab.machine("ep01").boot_id() != boot


def test_power_can_be_cut_later(fresh_lab: Lab) -> None:
    faults.apply(fresh_lab, "ep01", "power-cut", after=4)
    before = answers(fresh_lab, "ep01")
    fresh_lab.machine("ep01").wait_off(timeout=30)
    faults.clear(fresh_lab, "ep01")

    assert before
    assert answers(fresh_lab, "ep01")


def test_a_machine_may_not_come_back_from_its_reboot(fresh_lab: Lab) -> None:
    faults.apply(fresh_lab, "ep01", "no-return")
    still = answers(fresh_lab, "ep01")
    fresh_lab.ssh("ep01", "sudo systemctl reboot")
    fresh_lab.machine("ep01").wait_off()
    dark = pings(fresh_lab, "ep01")
    faults.clear(fresh_lab, "ep01")

    assert (still, dark) == (True, False)
    assert answers(fresh_lab, "ep01")


def test_a_slow_boot_takes_its_time(fresh_lab: Lab) -> None:
    machine = fresh_lab.machine("ep01")
    boot = machine.boot_id()
    faults.apply(fresh_lab, "ep01", "slow-boot", after=4)
    start = time.monotonic()
    fresh_lab.ssh("ep01", "sudo systemctl reboot")
    time.sleep(2)
    dark = pings(fresh_lab, "ep01")
    machine.wait_ready()
    faults.clear(fresh_lab, "ep01")

    assert (dark, machine.boot_id() != boot, machine.faults()) == (False, True, [])
    assert time.monotonic() - start > 4


def test_an_unplugged_machine_runs_on(fresh_lab: Lab) -> None:
    machine = fresh_lab.machine("ep01")
    boot = machine.boot_id()
    faults.apply(fresh_lab, "ep01", "unplugged")
    dark = (pings(fresh_lab, "ep01"), machine.systemd())
    faults.clear(fresh_lab, "ep01")

    assert dark == (False, "running")
    assert answers(fresh_lab, "ep01")
    assert machine.boot_id() == boot


def test_a_machine_dies_in_the_middle_of_its_upgrade(fresh_lab: Lab) -> None:
    fresh_lab.repository.publish("security-2026-11")
    faults.apply(fresh_lab, "ep01", "dies-in-upgrade")
    fresh_lab.ssh("ep01", f"{UPDATE} && {UPGRADE}", "-o", "ServerAliveInterval=1")
    fresh_lab.machine("ep01").wait_off()
    faults.clear(fresh_lab, "ep01")
    refused = fresh_lab.ssh("ep01", UPGRADE)
    repaired = fresh_lab.ssh("ep01", f"sudo dpkg --configure -a && {UPGRADE}")

    assert refused.returncode == 100
    assert "dpkg was interrupted, you must manually run 'sudo dpkg --configure -a'" in refused.stderr
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    assert fresh_lab.ssh("ep01", "dpkg --audit").stdout == ""


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("interrupted-dpkg", "dpkg was interrupted, you must manually run 'sudo dpkg --configure -a'"),
        ("broken-dependencies", "Unmet dependencies. Try 'apt --fix-broken install'"),
        ("failing-postinst", "the post-installation script fails on purpose (lab fault)"),
        ("disk-full", "You don't have enough free space in /var/cache/apt/archives/."),
    ],
)
def test_an_upgrade_fails_until_the_fault_is_cleared(fresh_lab: Lab, kind: str, sentence: str) -> None:
    fresh_lab.repository.publish("security-2026-11")
    assert fresh_lab.ssh("ep01", UPDATE).returncode == 0
    faults.apply(fresh_lab, "ep01", kind)
    broken = fresh_lab.ssh("ep01", UPGRADE)
    recorded = fresh_lab.machine("ep01").faults()
    faults.clear(fresh_lab, "ep01")
    mended = fresh_lab.ssh("ep01", f"sudo dpkg --configure -a && {UPGRADE}")

    assert (broken.returncode, recorded) == (100, [kind]), broken.stdout + broken.stderr
    assert sentence in broken.stdout + broken.stderr
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert fresh_lab.ssh("ep01", "dpkg-query -W office-suite").stdout == "office-suite\t1.0+security1\n"


def test_on_a_full_disk_dpkg_and_the_index_have_no_space(fresh_lab: Lab) -> None:
    faults.apply(fresh_lab, "ep01", "disk-full")
    write = fresh_lab.ssh("ep01", "sudo touch /var/lib/dpkg/x; echo x | sudo tee /var/lib/dpkg/x")
    fresh_lab.repository.publish("security-2026-11")
    update = fresh_lab.ssh("ep01", UPDATE)
    faults.clear(fresh_lab, "ep01", "disk-full")
    mended = fresh_lab.ssh("ep01", f"{UPDATE} && {UPGRADE}")

    assert "No space left on device" in write.stderr
    assert update.returncode == 100
    assert "No space left on device" in update.stderr or "free space" in update.stderr, update.stderr
    assert mended.returncode == 0, mended.stdout + mended.stderr


def test_an_unknown_fault_is_refused_with_the_list(lab_machines: Lab) -> None:
    with pytest.raises(LabError) as caught:
        faults.apply(lab_machines, "repository", "on-fire")
    assert str(caught.value) == (
        "There is no fault 'on-fire' there. "
        "There are: tampered-index, expired-index, tampered-packages, unreachable."
    )
