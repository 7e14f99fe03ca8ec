"""The role patch_endpoints and its modules on real machines, without the door.

dpkg-query and apt's history, asked over OpenSSH, are the witnesses.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lab import faults

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

    from lab import Lab

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
PLAYBOOK = "- hosts: all\n  gather_facts: false\n  roles: [patch_endpoints]\n"
PACKAGES = ("lab-openssl", "linux-image-lab", "mail-client", "office-suite", "print-agent")
FIRST_DAY = dict.fromkeys(PACKAGES, "1.0")
NOVEMBER = FIRST_DAY | dict.fromkeys(set(PACKAGES) - {"mail-client"}, "1.0+security1")


class Engine:
    """Ansible with the repository's plugins against one lab, as a role's developer has it."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self._inventory = ["-i", str(lab.state / "inventory.yml")]
        (folder / "empty.cfg").touch()
        self._playbook = folder / "play.yml"
        self._playbook.write_text(PLAYBOOK, encoding="utf-8")
        plugins = ROOT / "plugins"
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "DAICHO_"))
        }
        self._environment = kept | {
            "ANSIBLE_CONFIG": str(folder / "empty.cfg"),
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_LIBRARY": str(plugins / "modules"),
            "ANSIBLE_MODULE_UTILS": str(plugins / "module_utils"),
            "ANSIBLE_ACTION_PLUGINS": str(plugins / "action"),
            "ANSIBLE_ROLES_PATH": str(ROOT / "roles"),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_RETRY_FILES_ENABLED": "false",
        }

    def _start(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return self.lab.execute(
            [str(BIN / argv[0]), *self._inventory, *argv[1:]], env=self._environment, timeout=300
        )

    def role(self, host: str, *options: str, **inputs: object) -> dict[str, Any]:
        """Run the role on one machine; returns the failure's result, or the recap's counts."""
        variables = {"daicho_door": "none"} | inputs
        done = self._start(
            "ansible-playbook", str(self._playbook), "-l", host, "-e", json.dumps(variables), *options
        )
        failures = re.findall(rf"^fatal: \[{host}\]: \S+! => (.*)$", done.stdout, re.MULTILINE)
        if failures:
            result: dict[str, Any] = json.loads(failures[-1])
            return result
        assert done.returncode == 0, done.stdout + done.stderr
        recap = re.search(rf"^{host} .*", done.stdout, re.MULTILINE)
        assert recap, done.stdout
        return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", recap[0])}

    def module(self, host: str, name: str, *options: str, **arguments: object) -> dict[str, Any]:
        """Run one module as root; returns its result."""
        done = self._start("ansible", host, "-m", name, "-a", json.dumps(arguments), "--become", *options)
        result: dict[str, Any] = json.loads(done.stdout.partition("=> ")[2])
        return result


@pytest.fixture
def engine(fresh_lab: Lab, tmp_path: Path) -> Engine:
    return Engine(fresh_lab, tmp_path)


def versions(lab: Lab, host: str) -> dict[str, str]:
    done = lab.ssh(host, f"dpkg-query -W {' '.join(PACKAGES)}")
    return dict(row.split("\t") for row in done.stdout.splitlines())


def history(lab: Lab, host: str) -> list[str]:
    done = lab.ssh(
        host, "sudo grep -hE '^(Commandline: daicho|Upgrade: |Downgrade: )' /var/log/apt/history.log"
    )
    return done.stdout.splitlines()


def states(
    before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> dict[str, dict[str, str | None]]:
    return {
        "before": {f"package:{name}": version for name, version in before.items()},
        "after": {f"package:{name}": version for name, version in after.items()},
    }


def test_what_was_published_after_the_plan_is_not_installed(engine: Engine) -> None:
    lab = engine.lab
    lab.repository.publish("security-2026-11")
    plan = engine.module("ep01", "apt_updates", "--check", scope="security")
    lab.repository.publish("security-2026-12")

    done = engine.role("ep01", daicho_wanted=plan["after"], daicho_run="daicho R7")

    assert done["failed"] == 0
    assert versions(lab, "ep01") == NOVEMBER  # not 1.0+security2
    assert history(lab, "ep01")[0] == "Commandline: daicho R7"


def test_the_plan_tells_everything_that_an_approver_needs(engine: Engine) -> None:
    engine.lab.repository.publish("security-2026-11")
    engine.lab.ssh("ep01", "sudo apt-mark hold office-suite")

    plan = engine.module("ep01", "apt_updates", "--check", scope="all", deny=["linux-*"])

    expected = {name: NOVEMBER[name] for name in ("lab-openssl", "print-agent")} | {"mail-client": "1.1"}
    assert plan["before"] == {f"package:{name}": "1.0" for name in expected} | {"reboot": "not done"}
    assert plan["after"] == {f"package:{name}": value for name, value in expected.items()} | {
        "reboot": "if required"
    }
    assert plan["inverse"] == {f"package:{name}": "1.0" for name in expected}
    assert plan["irreversible"] is None
    assert plan["notes"] == [
        "lab-openssl: 1.0 → 1.0+security1 (security, lab-security)",
        "mail-client: 1.0 → 1.1 (lab)",
        "print-agent: 1.0 → 1.0+security1 (security, lab-security)",
        "linux-image-lab stays at 1.0, 1.0+security1 is offered: denied by linux-*.",
        "office-suite stays at 1.0, 1.0+security1 is offered: held on the machine.",
        "The machine is rebooted if an update requires it.",
    ]
    assert versions(engine.lab, "ep01") == FIRST_DAY


def test_an_interrupted_run_goes_on_where_it_stopped(engine: Engine) -> None:
    lab = engine.lab
    lab.repository.publish("security-2026-11")
    plan = engine.module("ep01", "apt_updates", "--check", scope="security")
    lab.ssh("ep01", "sudo apt-get -qq update && sudo apt-get -qq install -y lab-openssl print-agent")

    again = engine.module("ep01", "apt_transaction", before=plan["before"], after=plan["after"])

    assert [package["name"] for package in again["packages"]] == ["linux-image-lab", "office-suite"]
    assert again["reboot_required"] == ["linux-image-lab"]
    assert versions(lab, "ep01") == NOVEMBER


DRIFTS = {
    "another version": (
        "sudo apt-get -qq install -y mail-client=1.1",
        {"mail-client": "1.0"},
        {"mail-client": "1.0+security1"},
        "drifted: mail-client is 1.1, approved from 1.0. Nothing was changed; plan again.",
    ),
    "removed": (
        "sudo dpkg --remove mail-client",
        {"mail-client": "1.0"},
        {"mail-client": "1.1"},
        "drifted: mail-client is not installed, approved from 1.0. Nothing was changed; plan again.",
    ),
    "held": (
        "sudo apt-mark hold mail-client",
        {"mail-client": "1.0"},
        {"mail-client": "1.1"},
        "drifted: held on the machine since it was approved: mail-client.",
    ),
    "gone from the archive": (
        "true",
        {"mail-client": "1.0"},
        {"mail-client": "1.0.9"},
        (
            "The archive no longer offers mail-client 1.0.9, which is what was approved. "
            "Plan again and have that approved."
        ),
    ),
    "would break others": (
        "true",
        {"lab-openssl": "1.0"},
        {"lab-openssl": None},
        (
            "drifted: exactly what was approved would leave mail-client, print-agent "
            "with unmet dependencies. Plan again."
        ),
    ),
}


@pytest.mark.parametrize(("meanwhile", "before", "after", "message"), DRIFTS.values(), ids=DRIFTS)
def test_a_transaction_is_the_approved_one_or_none(
    engine: Engine, meanwhile: str, before: dict[str, str], after: dict[str, str], message: str
) -> None:
    lab = engine.lab
    lab.repository.publish("security-2026-11")
    lab.ssh("ep01", f"sudo apt-get -qq update && {meanwhile}")
    found = lab.ssh("ep01", "dpkg-query -W").stdout

    refused = engine.module("ep01", "apt_transaction", **states(before, after))

    assert refused["msg"] == message
    assert lab.ssh("ep01", "dpkg-query -W").stdout == found


def test_an_update_goes_back_only_as_an_undo(engine: Engine) -> None:
    lab = engine.lab
    lab.repository.publish("security-2026-11")
    engine.role("ep01")
    inverse = {f"package:{name}": "1.0" for name in PACKAGES}

    refused = engine.role("ep01", "--check", daicho_wanted=inverse)
    undone = engine.role("ep01", daicho_wanted=inverse, patch_endpoints_undo=True)

    assert refused["msg"] == (
        "Older than what is installed: lab-openssl 1.0, linux-image-lab 1.0, office-suite 1.0, "
        "print-agent 1.0. Only an undo may go back: `daicho undo RUN`."
    )
    assert undone["failed"] == 0
    assert versions(lab, "ep01") == FIRST_DAY
    assert [row.partition(":")[0] for row in history(lab, "ep01")] == [
        *("Commandline", "Upgrade"),
        *("Commandline", "Downgrade"),
    ]


MACHINE_FAULTS = {
    "interrupted-dpkg": (
        "An earlier dpkg run was interrupted. Run `dpkg --configure -a` on the machine, then plan again."
    ),
    "broken-dependencies": (
        "Packages with unmet dependencies: lab-broken. "
        "Run `apt-get --fix-broken install` on the machine, then plan again."
    ),
    "disk-full": (
        "The package index could not be written, the disk is full: Failed to fetch "
        "http://10.77.0.1:8080/dists/lab/InRelease: Error writing to file - write "
        "(28: No space left on device) [IP: 10.77.0.1 8080]. Make room, then plan again."
    ),
}


@pytest.mark.parametrize(("fault", "message"), MACHINE_FAULTS.items(), ids=MACHINE_FAULTS)
def test_a_machine_that_cannot_be_patched_says_why_when_it_is_planned(
    engine: Engine, fault: str, message: str
) -> None:
    engine.lab.repository.publish("security-2026-11")
    faults.apply(engine.lab, "ep01", fault)

    assert engine.role("ep01", "--check")["msg"] == message


def test_an_index_that_was_tampered_with_is_refused(engine: Engine) -> None:
    engine.lab.repository.publish("security-2026-11")
    faults.apply(engine.lab, "repository", "tampered-index")

    message = engine.role("ep01", "--check")["msg"]

    assert re.sub(r"BADSIG [0-9A-F]{16}", "BADSIG KEY", message) == (
        "The package index is not signed by a key that this machine trusts: Failed to fetch "
        "http://10.77.0.1:8080/dists/lab/InRelease: The following signatures were invalid: BADSIG KEY "
        "Lab repository. Nothing from it may be installed. "
        "Find out who changed the repository before anything else."
    )


def test_packages_that_were_tampered_with_are_refused_whole(engine: Engine) -> None:
    lab = engine.lab
    lab.repository.publish("security-2026-11")
    faults.apply(lab, "repository", "tampered-packages")

    message = engine.role("ep01")["msg"]

    pool = "http://10.77.0.1:8080/pool/lab-security"
    names = [name for name in PACKAGES if name != "mail-client"]
    assert message == (
        "The packages could not be fetched whole: "
        + "; ".join(f"{pool}/{name}_1.0%2bsecurity1_all.deb: Hash Sum mismatch" for name in names)
        + ". Nothing was changed; see to the repository, then run the change again."
    )
    assert versions(lab, "ep01") == FIRST_DAY


def test_a_script_that_fails_leaves_a_sentence_and_dpkgs_own_words(engine: Engine) -> None:
    engine.lab.repository.publish("security-2026-11")
    faults.apply(engine.lab, "ep01", "failing-postinst")

    failed = engine.role("ep01", patch_endpoints_allow=["office-suite"])

    assert failed["msg"] == (
        "dpkg failed: office-suite: installed office-suite package post-installation script subprocess "
        "returned error exit status 1. The machine may be half-way: run `dpkg --configure -a` there "
        "and look at /var/log/apt/term.log, then plan again."
    )
    assert "office-suite: the post-installation script fails on purpose (lab fault)" in failed["log"]


def test_a_machine_that_does_not_come_back_is_named(engine: Engine) -> None:
    lab = engine.lab
    lab.repository.publish("security-2026-11")
    faults.apply(lab, "ep01", "no-return")

    lost = engine.role("ep01", patch_endpoints_reboot_timeout=10)

    assert lost["msg"] == (
        "unknown: ep01 has the approved packages and was told to reboot, but did not come back within 10 s "
        "(Timed out waiting for last boot time check (timeout=10)). Have somebody look at its console; then "
        "`daicho run CHANGE --resume` verifies it."
    )
    faults.clear(lab, "ep01")
    assert versions(lab, "ep01") == NOVEMBER


def test_a_dead_service_is_no_success(engine: Engine) -> None:
    engine.lab.repository.publish("security-2026-11")

    failed = engine.role("ep01", patch_endpoints_reboot="never", patch_endpoints_services=["ssh", "no-such"])

    assert failed["msg"] == (
        "The packages on ep01 are as approved, and services are not well. Not active: no-such inactive. "
        "Failed since: none. Look at `systemctl status` there; `daicho undo RUN` goes back."
    )


def test_a_reboot_that_is_owed_is_made_up_for(engine: Engine) -> None:
    lab = engine.lab
    lab.repository.publish("security-2026-11")
    booted = lab.machine("ep01").boot_id()
    engine.role("ep01", patch_endpoints_reboot="never")
    assert lab.machine("ep01").boot_id() == booted

    made_up = engine.role("ep01")
    after = lab.machine("ep01").boot_id()
    again = engine.role("ep01")

    assert made_up["changed"] == 1
    assert after != booted
    assert again["changed"] == 0
    assert lab.machine("ep01").boot_id() == after
