"""What dpkg, systemd and needrestart are understood to say; on their recorded words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from plugins.module_utils import dpkg_state
from plugins.module_utils.dpkg_state import (
    Needrestart,
    ask,
    parse_failed_units,
    parse_needrestart,
    parse_versions,
)

ROOT = Path(__file__).parent.parent.parent
RECORDED = ROOT / "tests" / "data" / "apt"


def test_versions_are_named_as_apt_names_them() -> None:
    text = (RECORDED / "dpkg-query.txt").read_text(encoding="utf-8")

    assert parse_versions(text, "amd64") == {
        "gcc-12-base": "12.2.0-14+deb12u1",
        "lab-openssl": "1.0",
        "libc6": "2.36-9+deb12u14",
        "libssl3": "3.0.22-1~deb12u2",
        "mail-client": "1.0",
    }


def test_only_what_is_really_installed_counts() -> None:
    text = "gone\trc \t1\nhalf\tiF \t2\nheld\thi \t3\nforeign:i386\tii \t4\nabsent\tun \t\n"

    assert parse_versions(text, "amd64") == {"held": "3", "foreign:i386": "4"}


def test_failed_units() -> None:
    text = (RECORDED / "failed-units.txt").read_text(encoding="utf-8")

    assert parse_failed_units(text) == ["broken-thing.service"]
    assert parse_failed_units("\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # README.batch.md of needrestart names the values: 1 no pending upgrade, 2 ABI compatible, 3 version.
        pytest.param(
            "NEEDRESTART-VER: 3.6\n", Needrestart(kernel_pending=False, services=[]), id="container"
        ),
        pytest.param(
            "NEEDRESTART-VER: 3.6\nNEEDRESTART-KCUR: 6.1.0-40-amd64\nNEEDRESTART-KEXP: 6.1.0-40-amd64\n"
            "NEEDRESTART-KSTA: 1\n",
            Needrestart(kernel_pending=False, services=[]),
            id="current kernel",
        ),
        pytest.param(
            "NEEDRESTART-VER: 3.6\nNEEDRESTART-KCUR: 6.1.0-40-amd64\nNEEDRESTART-KEXP: 6.1.0-41-amd64\n"
            "NEEDRESTART-KSTA: 3\nNEEDRESTART-SVC: dbus.service\nNEEDRESTART-SVC: cron.service\n",
            Needrestart(kernel_pending=True, services=["cron.service", "dbus.service"]),
            id="newer kernel, stale services",
        ),
        pytest.param(
            "NEEDRESTART-KSTA: 2\n", Needrestart(kernel_pending=True, services=[]), id="ABI compatible"
        ),
        pytest.param("", Needrestart(kernel_pending=False, services=[]), id="not installed"),
    ],
)
def test_needrestart(text: str, expected: Needrestart) -> None:
    assert parse_needrestart(text) == expected


def test_an_interrupted_dpkg_is_found_by_its_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")  # no dpkg to audit
    journal = tmp_path / "updates"
    assert dpkg_state.dpkg_trouble(tmp_path) is None
    journal.mkdir()
    assert dpkg_state.dpkg_trouble(tmp_path) is None
    (journal / "tmp.i").touch()
    assert dpkg_state.dpkg_trouble(tmp_path) is None
    (journal / "0001").touch()
    assert dpkg_state.dpkg_trouble(tmp_path) == (
        "An earlier dpkg run was interrupted. Run `dpkg --configure -a` on the machine, then plan again."
    )


def test_half_done_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dpkg = tmp_path / "dpkg"
    dpkg.write_text(f"#!/bin/sh\nexec cat {RECORDED / 'audit-half-configured.txt'}\n", encoding="utf-8")
    dpkg.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert dpkg_state.dpkg_trouble(tmp_path) == (
        "dpkg reports half-done packages (lab-openssl). Run `dpkg --configure -a` and, for what it leaves, "
        "`apt-get --reinstall install lab-openssl` on the machine, then plan again."
    )


def test_a_program_that_is_missing_or_hangs_is_an_answer_too() -> None:
    assert ask("/nonexistent/program").code == 127
    assert ask("sleep", "5", seconds=0.1) == (124, "", "sleep did not end within 0 s")


def test_services_that_systemd_does_not_know_count_as_inactive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")

    assert dpkg_state.inactive(["ssh"]) == {"ssh": "unknown"}
    assert dpkg_state.inactive([]) == {}


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob("plugins/modules/*.py"), *ROOT.glob("plugins/module_utils/*.py")]),
    ids=lambda path: path.name,
)
def test_what_runs_on_targets_is_python_of_their_age(path: Path) -> None:
    # Debian 11 has 3.9, the oldest that ansible-core 2.21 serves.
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
