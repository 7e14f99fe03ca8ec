"""Real machines that break before, in and after a run through the whole door.

The witnesses are dpkg-query and the journal over OpenSSH, the `sqlite3` command, and a login of our own.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from lab import faults
from tests.doorstep import Doorstep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab import Lab

PACKAGES = ("lab-openssl", "linux-image-lab", "office-suite", "print-agent")
OLD = dict.fromkeys(PACKAGES, "1.0")
# As the role says; it brings the version that was approved, which the next run finds in place.
REPAIR = "sudo dpkg --configure -a && sudo apt-get -q -y --reinstall install lab-openssl"
NEW = dict.fromkeys(PACKAGES, "1.0+security1")


@pytest.fixture
def at(fresh_lab: Lab, tmp_path: Path) -> Iterator[Doorstep]:
    """A site with the lab's three machines, which trust its CA; security updates are published."""
    site = Doorstep.of_machines(tmp_path / "site", fresh_lab.state / "items.yml", fresh_lab.places.netns)
    fresh_lab.trust((site.state / "keys/ssh_ca.pub").read_text(encoding="ascii"))
    fresh_lab.repository.publish("security-2026-11")
    yield site
    site.judge_ended()


def approved(at: Doorstep, **more: Any) -> str:
    """A change over the machines; its name."""
    inputs = {"scope": "security", "reboot": "if_required", "reboot_timeout": 20}
    return at.approved([{"kind": "endpoint"}], **({"waves": ["100%"], "inputs": inputs} | more))


def versions(lab: Lab, machine: str) -> dict[str, str]:
    done = lab.ssh(machine, f"dpkg-query -W {' '.join(PACKAGES)}")
    return dict(row.split("\t") for row in done.stdout.splitlines())


def test_only_the_door_opens_a_machine_and_leaves_no_key(
    fresh_lab: Lab, at: Doorstep, tmp_path: Path
) -> None:
    launched = at.start("sato", "run", approved(at, waves=[1, "100%"]), "--at", "8")
    launched.reached()
    room = at.room_of(min(at.engines()))
    certified = (room / "id-cert.pub").exists()
    launched.go_on()
    end = launched.end()

    assert end["outcomes"] == dict.fromkeys(("ep01", "ep02", "ep03"), "changed")
    assert [versions(fresh_lab, f"ep0{number}") for number in (1, 2, 3)] == [NEW] * 3
    journal = fresh_lab.ssh("ep02", "sudo journalctl --no-pager --quiet --output cat -t sshd")
    assert "ID daicho-R1 (serial 0) CA ED25519 SHA256:" in journal.stdout
    # Neither the key nor a connection that it opened outlives the run.
    assert (certified, room.exists(), at.processes()) == (True, False, [])

    # A key of one's own, and one that is certified by a CA of one's own, open nothing.
    key, authority = tmp_path / "key", tmp_path / "ca"
    for made in (key, authority):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", made], check=True)
    assert login(fresh_lab, key) == (255, "daicho@10.77.0.11: Permission denied (publickey).")
    certify(key, authority)
    assert login(fresh_lab, key) == (255, "daicho@10.77.0.11: Permission denied (publickey).")
    # The site's CA would: it is the key to be kept.
    certify(key, at.state / "keys/ssh_ca")
    assert login(fresh_lab, key) == (0, "")


def certify(key: Path, authority: Path) -> None:
    sign = ["ssh-keygen", "-q", "-I", "daicho-R1", "-n", "daicho", "-V", "+1h", "-s"]
    subprocess.run([*sign, str(authority), f"{key}.pub"], check=True)


def login(lab: Lab, key: Path) -> tuple[int, str]:
    """Status and last word of a login to ep01 with nothing but this key."""
    known = f"UserKnownHostsFile={lab.state}/known_hosts"
    options = [word for option in ("BatchMode=yes", "IdentitiesOnly=yes", known) for word in ("-o", option)]
    command = ["ssh", "-F", "/dev/null", *options, "-i", str(key), "daicho@10.77.0.11", "true"]
    done = lab.execute(command)
    return done.returncode, done.stderr.strip().split("\n")[-1]


def test_what_is_off_is_owed_and_what_has_drifted_drops_out(fresh_lab: Lab, at: Doorstep) -> None:
    change = approved(at)
    fresh_lab.ssh("ep02", "sudo apt-get -q -y install office-suite=1.0+security1", timeout=120)
    faults.apply(fresh_lab, "ep03", "power-off")
    first = at.run(change)
    whys = at.whys("R1")
    mended = versions(fresh_lab, "ep01")
    faults.clear(fresh_lab, "ep03")
    journal = boots(fresh_lab, "ep01")
    second = at.run(change)

    assert (first["state"], first["complete"]) == ("owing", True)
    assert first["outcomes"] == {"ep01": "changed", "ep02": "drifted", "ep03": "unreachable"}
    assert whys["ep02"] == "package:office-suite: 1.0 → 1.0+security1"
    assert mended == NEW
    assert versions(fresh_lab, "ep02") == OLD | {"office-suite": "1.0+security1"}
    # Just the one that was owed; ep01 was left alone.
    assert second["outcomes"] == {"ep01": "changed", "ep02": "drifted", "ep03": "changed"}
    assert second["state"] == "failed"
    assert versions(fresh_lab, "ep03") == NEW
    assert boots(fresh_lab, "ep01") == journal
    waves = at.rows("SELECT text ->> '$.body.targets' AS targets FROM entry WHERE kind = 'run.wave'")
    assert [row["targets"] for row in waves] == ['["ep01","ep02","ep03"]', '["ep03"]']


def boots(lab: Lab, machine: str) -> str:
    """When the machine last came up, and who has logged in since."""
    return lab.ssh(
        machine, "cat /proc/sys/kernel/random/boot_id; sudo grep -c Commandline /var/log/apt/history.log"
    ).stdout


def test_machines_that_die_stay_away_or_fail_in_the_middle(fresh_lab: Lab, at: Doorstep) -> None:
    change = approved(at)
    faults.apply(fresh_lab, "ep01", "dies-in-upgrade")
    faults.apply(fresh_lab, "ep02", "no-return")
    faults.apply(fresh_lab, "ep03", "failing-postinst")
    first = at.run(change)
    whys = at.whys("R1")
    at.judge()
    for machine in ("ep01", "ep02"):
        faults.clear(fresh_lab, machine)
    repaired = fresh_lab.ssh("ep01", REPAIR, timeout=120)
    second = at.run(change)

    # Dead or away: nobody can tell. A script that failed: that is known.
    assert first["outcomes"] == {"ep01": "unknown", "ep02": "unknown", "ep03": "failed"}
    assert first["state"] == "owing"
    assert whys["ep02"] == (
        "ep02 has the approved packages and was told to reboot, but did not come back within 20 s "
        "(Timed out waiting for last boot time check (timeout=20)). Have somebody look at its console; then "
        "`daicho run CHANGE --resume` verifies it."
    )
    assert "post-installation script subprocess returned error exit status 1" in whys["ep03"]
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    # What was half done is looked at and finished, what was done is not done again.
    assert at.whys("R1") == {"ep01": "", "ep02": "", "ep03": whys["ep03"]}
    assert second["outcomes"] == {"ep01": "changed", "ep02": "changed", "ep03": "failed"}
    assert versions(fresh_lab, "ep01") == versions(fresh_lab, "ep02") == NEW


def test_what_breaks_between_plan_and_run_is_not_touched(fresh_lab: Lab, at: Doorstep) -> None:
    change = approved(at)
    faults.apply(fresh_lab, "ep01", "broken-dependencies")
    faults.apply(fresh_lab, "ep02", "disk-full")
    end = at.run(change)
    whys = at.whys("R1")

    assert end["outcomes"] == {"ep01": "failed", "ep02": "failed", "ep03": "changed"}
    look = "patch_endpoints : Debian | Ask apt what an update would change: "
    assert whys["ep01"] == (
        f"{look}Packages with unmet dependencies: lab-broken. Run `apt-get --fix-broken install` on the "
        "machine, then plan again."
    )
    assert whys["ep02"].startswith(look)
    assert "disk" in whys["ep02"]
    assert "target.intended" in at.kinds("R1")
    assert versions(fresh_lab, "ep01") == versions(fresh_lab, "ep02") == OLD
    assert versions(fresh_lab, "ep03") == NEW


def test_a_tampered_signature_stops_the_run_at_its_canary(fresh_lab: Lab, at: Doorstep) -> None:
    change = approved(at, waves=[1, "100%"], budget={"failed": 0})
    faults.apply(fresh_lab, "repository", "tampered-index")
    end = at.run(change)
    whys = at.whys("R1")
    faults.clear(fresh_lab, "repository")
    again = at.run(change)

    used = "the failure budget is used up: 1 target failed, 0 allowed"
    assert end["outcomes"] == {"ep01": "failed", "ep02": "skipped", "ep03": "skipped"}
    assert (end["stopped"], whys["ep02"], whys["ep03"]) == (used, used, used)
    assert "The package index is not signed by a key that this machine trusts" in whys["ep01"]
    # The budget is over all attempts: the same run does not get a second canary.
    assert (again["state"], again["stopped"]) == ("owing", used)
    assert again["outcomes"] == {"ep01": "failed", "ep02": "skipped", "ep03": "skipped"}
    assert [versions(fresh_lab, f"ep0{number}") for number in (1, 2, 3)] == [OLD] * 3
