"""The lab of Windows terminals by its command: a network of their own, 12,000 of them, some of them off."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab.errors import LabError
from lab.windows import WindowsLab

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.lab
ROOT = Path(__file__).resolve().parents[2]
COUNT = 12_000


@pytest.fixture(scope="module")
def lab() -> Iterator[WindowsLab]:
    name = "t-windows"
    found = WindowsLab(name)
    found.up(COUNT, off_share=0.15, back_within=0.0)
    yield found
    found.down()


def command(lab: WindowsLab, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "lab", "windows", words[0], "--name", lab.name, *words[1:]]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_curl_finds_them_on_their_own_network(lab: WindowsLab) -> None:
    on = next(host for host in lab.terminals.names if lab.terminals.status(host)["up"])
    off = next(host for host in lab.terminals.names if not lab.terminals.status(host)["up"])
    words: list[str | Path] = [
        "curl",
        "--noproxy",
        "*",
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "--cacert",
        lab.state / "ca.crt",
    ]
    said = {
        host: lab.execute(
            [*words, "-X", "POST", "-d", "", f"https://{lab.terminals.address(host)}:5986/wsman"]
        )
        for host in (on, off)
    }
    assert (said[on].returncode, said[on].stdout) == (0, "401")
    assert said[off].returncode in {7, 35, 56}, "the connection is refused or reset"


def test_twelve_thousand_idle_terminals_cost_little(lab: WindowsLab) -> None:
    summary = lab.terminals.summary()
    assert summary["count"] == COUNT
    assert 0.83 * COUNT < summary["up"] < 0.87 * COUNT
    assert summary["memory"] < 100e6


def test_the_command_shows_changes_and_breaks(lab: WindowsLab) -> None:
    assert command(lab, "set", "pc00003", "system.free=0", 'system.logged_on="AD\\\\a"').returncode == 0
    assert (
        command(lab, "fault", "pc00003", "update-fails", "--text", "KB890830", "--times", "1").returncode == 0
    )
    shown = json.loads(command(lab, "state", "pc00003", "system").stdout)
    assert (shown["free"], shown["logged_on"]) == (0, "AD\\a")
    [fault] = json.loads(command(lab, "status", "pc00003").stdout)["faults"]
    assert (fault["kind"], fault["times"]) == ("update-fails", 1)
    assert command(lab, "fault", "pc00003", "--clear").stderr == "pc00003: cleared update-fails\n"
    wrong = command(lab, "set", "pc00003", "system.free")
    assert wrong.returncode == 1
    assert wrong.stderr == (
        "lab: 'system.free' sets nothing. Write PLACE=VALUE, for example system.free=0.\n"
    )


def test_a_second_lab_of_a_name_is_refused(lab: WindowsLab) -> None:
    with pytest.raises(LabError, match="The terminals 't-windows' are up already"):
        WindowsLab(lab.name).up(1)
