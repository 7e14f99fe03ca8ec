"""Passwords and virus definitions of Windows terminals through the whole door, judged by the endpoint."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.network_site import requested
from tests.safe import recipient
from tests.windows import windows
from tests.windows_desk import asked_and_run, desk_of, planned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.winrm import Windows
    from tests.desk import Desk

pytestmark = [pytest.mark.patient, pytest.mark.timeout(600)]
NAMES = ("pc00001", "pc00002", "pc00003")
WORK = "rotate_admin_passwords"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Windows]:
    with windows(tmp_path / "windows", hosts=3) as terminals:
        yield terminals


@pytest.fixture
def desk(world: Windows, tmp_path: Path) -> Desk:
    made = desk_of(tmp_path / "desk", world)
    inventory = made.state / "inventory"
    recipient(inventory, "safe")
    shutil.move(inventory / "safe.key", tmp_path / "safe.key")
    (inventory / "escrow.yml").write_text("recipients: [safe.pem]\n", encoding="ascii")
    (inventory / "definitions.yml").write_text("defender: {sources: [wsus]}\n", encoding="ascii")
    return made


def shown(desk: Desk, host: str) -> str:
    key = desk.folder.parent / "safe.key"
    return desk.expect(
        "passwords", "show", host, "--why", "a test", "--key", str(key), who="tanaka"
    ).out.strip()


def changed_at(world: Windows, host: str) -> list[str]:
    """Who asked for what of a terminal's account, as it arrived there."""
    return [
        f"{each['user'].rpartition('\\')[2]}: {each['name']}"
        for each in world.wire(host)
        if each["form"] == "script" and "admin" in each["name"]
    ]


@pytest.mark.parametrize("write", [2, 3])
def test_killed_at_any_write_it_goes_on(desk: Desk, world: Windows, write: int) -> None:
    change = requested(desk, work=WORK, targets=["pc*"])
    planned(desk, change)
    desk.expect("approve", change, "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
    words = [sys.executable, "-m", "tests.dying", "after", str(write), "run", change, "--yes"]
    died = subprocess.run(
        words, cwd=desk.folder, env=desk.environment("tanaka"), capture_output=True, check=False
    )
    assert died.returncode == -9, died.stderr
    kept = shown(desk, "pc00001")
    before = changed_at(world, "pc00001")
    assert "svc-daicho: set_admin_password" in before

    done = desk.daicho("run", change, "--resume", "--yes", "--output", "json", who="tanaka")
    ends = {each["target"]: each["outcome"] for each in done.json["targets"]}
    assert ends == dict.fromkeys(NAMES, "changed")
    assert shown(desk, "pc00001") != kept
    for host in NAMES:
        # The last word is the account's own: it was logged on with, by the password that is kept.
        assert changed_at(world, host)[-1].startswith(("Administrator: get_admin", "svc-daicho: get_admin"))
        assert "Administrator: get_admin_account" in changed_at(world, host)
    assert len({shown(desk, host) for host in NAMES}) == 3
    said = str([world.wire(host) for host in NAMES])
    assert not [host for host in NAMES if shown(desk, host) in said]


def test_definitions_of_terminals_that_are_too_old(desk: Desk, world: Windows) -> None:
    world.set("pc00001", {"defender.age_s": 3600.0})
    world.set("pc00002", {"defender.age_s": 3 * 86_400.0})
    world.set("pc00003", {"defender.age_s": 3 * 86_400.0})
    world.fault("pc00003", "off")
    change = requested(desk, work="update_virus_definitions", targets=["pc*"])
    plan = planned(desk, change)
    assert {host: each["standing"] for host, each in plan.items()} == {
        "pc00001": "in_order",
        "pc00002": "changes",
        "pc00003": "unreachable",
    }
    for who in ("suzuki", "yamada"):
        desk.daicho("approve", change, "--key", str(desk.key(who)), "--yes", who=who)
    ends = asked_and_run(desk, change, sign=False)
    assert ends == {"pc00001": "unchanged", "pc00002": "changed"}
    assert world.state("pc00002")["defender"]["definitions"] == "1.421.999.0"
    assert world.state("pc00001")["definition_sources"]["asked"] == []
