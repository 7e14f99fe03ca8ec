"""Administrators' passwords of Windows terminals: judged by pypsrp's own client and by the wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pypsrp.exceptions import AuthenticationError
from pypsrp.shell import WinRS
from pypsrp.wsman import WSMan

from daicho.door import Intention
from daicho.endpoints.escrow import Escrow
from daicho.works import WORKS
from tests.safe import opened_by_openssl, recipient
from tests.windows import windows
from tests.windows_bench import WindowsBench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.winrm import Windows

NAMES = ["pc00001", "pc00002", "pc00003"]
FIRST = {
    "account": "Administrator",
    "password number": 1,
    "password proven": True,
    "password opens the account": True,
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Windows]:
    with windows(tmp_path / "windows", hosts=3) as terminals:
        yield terminals


@pytest.fixture
def at(world: Windows, tmp_path: Path) -> WindowsBench:
    folder = tmp_path / "state/runs/R1"
    site = folder / "content/site"
    site.mkdir(parents=True)
    recipient(site, "safe")
    (site / "escrow.yml").write_text("recipients: [safe.pem]\n", encoding="ascii")
    return WindowsBench(world, WORKS["rotate_admin_passwords"], folder, {}, list(NAMES))


def carried(at: WindowsBench, wanted: dict[str, Any]) -> dict[str, Any]:
    with at.craft() as craft:
        targets = [at.target(name, wanted) for name in at.names]
        told = craft.carry_out(targets, lambda _name, _present: True)
        return {name: dict(now) if isinstance(now, dict) else str(now) for name, now in told}


def escrowed(at: WindowsBench, name: str) -> list[str]:
    kept = Escrow(at.folder.parents[1] / "escrow").of(name)
    key = at.folder / "content/site/safe.key"
    return [json.loads(opened_by_openssl(each.envelope, key))["password"] for each in kept]


def lets_in(terminals: Windows, name: str, user: str, password: str) -> bool:
    """Whether somebody can log on over the network."""
    wsman = WSMan(
        terminals.address(name),
        port=terminals.world.port,
        username=user,
        password=password,
        auth="ntlm",
        cert_validation=str(terminals.ca),  # type: ignore[arg-type] # a path is taken, too
    )
    try:
        with wsman, WinRS(wsman):
            return True
    except AuthenticationError:
        return False


def test_each_terminal_gets_its_own_which_opens_it(at: WindowsBench, world: Windows) -> None:
    old = world.world.administrator_password
    assert lets_in(world, "pc00001", "PC00001\\Administrator", old)
    plans = at.planned()
    assert all(isinstance(plan, Intention) and dict(plan.after) == FIRST for plan in plans.values())
    assert carried(at, FIRST) == dict.fromkeys(NAMES, FIRST)

    passwords = {name: escrowed(at, name) for name in NAMES}
    assert len({each for [each] in passwords.values()}) == 3
    for name, [password] in passwords.items():
        assert lets_in(world, name, f"{name.upper()}\\Administrator", password)
        assert not lets_in(world, name, f"{name.upper()}\\Administrator", old)
        arrived = world.wire(name)
        assert password not in str(arrived)
        mine = [(each["user"], each["name"]) for each in arrived if each["form"] == "script"]
        assert [script for _user, script in mine][-3:] == [
            "get_admin_account",
            "set_admin_password",
            "get_admin_account",
        ]
        # The proof came from the account itself.
        assert mine[-1][0].endswith("Administrator")
        assert not mine[-2][0].endswith("Administrator")


def test_what_cannot_be_proven_is_told_and_stops_the_others(at: WindowsBench, world: Windows) -> None:
    world.set("pc00001", {"accounts.users.Administrator.administrator": False})
    assert carried(at, FIRST) == {
        "pc00001": (
            "The new password of Administrator was set on pc00001, and a logon with it was refused: wrong "
            "name or password, or NTLM is switched off there. Passwords 1 and before are in the escrow. No "
            "further machine was begun."
        )
    }
    assert [escrowed(at, name) for name in NAMES[1:]] == [[], []]
    assert len(escrowed(at, "pc00001")) == 1


def test_a_disabled_account_and_a_rule_of_windows_are_told(at: WindowsBench, world: Windows) -> None:
    world.set("pc00002", {"accounts.users.Administrator.enabled": False})
    world.fault("pc00003", "off")
    planned = at.planned()
    assert isinstance(planned["pc00001"], Intention)
    assert planned["pc00002"] == (
        "the account Administrator is disabled, so that a new password could not be proven. Enable it, or "
        "name another account"
    )
    assert "does not answer" in str(planned["pc00003"])
    refusal = "パスワードがパスワードのポリシーの要件を満たしていません。"
    world.set("pc00001", {"accounts.refuse": refusal})
    at.names = ["pc00001"]
    assert carried(at, FIRST) == {"pc00001": f"set_admin_password: {refusal}"}
    # What was refused is in the escrow and never proven; the old password still opens the terminal.
    assert lets_in(world, "pc00001", "PC00001\\Administrator", world.world.administrator_password)
