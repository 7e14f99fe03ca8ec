"""The package repository, judged by apt and dpkg-query on a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab import LabError, faults

if TYPE_CHECKING:
    import subprocess

    from lab import Lab

UPDATE = "sudo apt-get -q -o APT::Update::Error-Mode=any update"
UPGRADE = "sudo DEBIAN_FRONTEND=noninteractive apt-get -q -y dist-upgrade"
NAMES = "lab-openssl linux-image-lab mail-client office-suite print-agent"
RELEASE = dict.fromkeys(NAMES.split(), "1.0")


def versions(lab: Lab, machine: str) -> dict[str, str]:
    done = lab.ssh(machine, f"dpkg-query --show {NAMES}")
    return dict(line.split("\t") for line in done.stdout.splitlines())


def apt(lab: Lab, command: str) -> subprocess.CompletedProcess[str]:
    return lab.ssh("ep01", command, timeout=90)


def test_nothing_is_pending_on_the_first_day(fresh_lab: Lab) -> None:
    assert versions(fresh_lab, "ep01") == RELEASE
    for command in (f"{UPDATE} && {UPGRADE} --simulate", f"{UPGRADE} --simulate"):
        assert (
            "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded." in apt(fresh_lab, command).stdout
        )


def test_published_security_updates_install_and_ask_for_a_reboot(fresh_lab: Lab) -> None:
    added = fresh_lab.repository.publish("security-2026-11")
    done = apt(fresh_lab, f"{UPDATE} && {UPGRADE}")

    assert done.returncode == 0, done.stdout + done.stderr
    assert added[-1] == "lab: mail-client 1.1"
    assert versions(fresh_lab, "ep01") == {**dict.fromkeys(RELEASE, "1.0+security1"), "mail-client": "1.1"}
    assert versions(fresh_lab, "ep02") == RELEASE
    assert apt(fresh_lab, "cat /run/reboot-required.pkgs").stdout == "linux-image-lab\n"
    outdated = apt(fresh_lab, "sudo needrestart -b -r l")
    assert "NEEDRESTART-SVC: mail-notifier.service\n" in outdated.stdout


def test_the_origin_tells_security_updates_from_others(fresh_lab: Lab) -> None:
    fresh_lab.repository.publish("security-2026-11")
    fresh_lab.repository.publish("security-2026-12")
    listing = apt(fresh_lab, f"{UPDATE} >/dev/null && apt list --upgradable 2>/dev/null").stdout

    assert listing.splitlines()[1:] == [
        "lab-openssl/lab-security 1.0+security2 all [upgradable from: 1.0]",
        "linux-image-lab/lab-security 1.0+security1 all [upgradable from: 1.0]",
        "mail-client/lab 1.1 all [upgradable from: 1.0]",
        "office-suite/lab-security 1.0+security2 all [upgradable from: 1.0]",
        "print-agent/lab-security 1.0+security1 all [upgradable from: 1.0]",
    ]


def test_the_versions_before_stay_in_the_archive(fresh_lab: Lab) -> None:
    fresh_lab.repository.publish("security-2026-11")
    back = "sudo apt-get -q -y --allow-downgrades install office-suite=1.0"
    done = apt(fresh_lab, f"{UPDATE} && {UPGRADE} && {back}")

    assert done.returncode == 0, done.stdout + done.stderr
    assert versions(fresh_lab, "ep01")["office-suite"] == "1.0"


def test_an_unknown_publication_is_refused(lab_machines: Lab) -> None:
    with pytest.raises(LabError) as caught:
        lab_machines.repository.publish("security-1999-01")
    assert str(caught.value) == (
        "There is no publication 'security-1999-01'. There are: release, security-2026-11, security-2026-12."
    )


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("tampered-index", "The following signatures were invalid: BADSIG"),
        ("expired-index", "is expired (invalid since"),
        ("unreachable", "Could not connect to 10.77.0.1:8080"),
    ],
)
def test_a_broken_index_fails_the_update_until_it_is_cleared(
    fresh_lab: Lab, kind: str, sentence: str
) -> None:
    faults.apply(fresh_lab, "repository", kind)
    broken = apt(fresh_lab, UPDATE)
    recorded = fresh_lab.repository.faults()
    faults.clear(fresh_lab, "repository")
    mended = apt(fresh_lab, UPDATE)

    assert (broken.returncode, recorded, mended.returncode) == (100, [kind], 0), broken.stdout + broken.stderr
    assert sentence in broken.stderr
    assert fresh_lab.repository.faults() == []


def test_tampered_packages_are_not_installed_until_it_is_cleared(fresh_lab: Lab) -> None:
    fresh_lab.repository.publish("security-2026-11")
    faults.apply(fresh_lab, "repository", "tampered-packages")
    broken = apt(fresh_lab, f"{UPDATE} && {UPGRADE}")
    after = versions(fresh_lab, "ep01")
    faults.clear(fresh_lab, "repository")
    mended = apt(fresh_lab, UPGRADE)

    assert (broken.returncode, mended.returncode) == (100, 0)
    assert "Hash Sum mismatch" in broken.stderr
    assert after == RELEASE
    assert versions(fresh_lab, "ep01")["office-suite"] == "1.0+security1"


def test_nothing_is_published_over_a_fault(fresh_lab: Lab) -> None:
    faults.apply(fresh_lab, "repository", "tampered-index")
    with pytest.raises(LabError) as caught:
        fresh_lab.repository.publish("security-2026-11")
    assert str(caught.value) == (
        "The repository has faults: clear them first (`python -m lab fault repository --clear`)."
    )
