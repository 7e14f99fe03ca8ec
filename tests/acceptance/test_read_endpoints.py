"""Windows terminals are read; one that is off owes, comes back, is tried again, and the board agrees."""

from __future__ import annotations

import json
import shlex
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final
from zipfile import ZipFile

import pytest

from daicho.errors import ExitCode
from tests.network_site import requested
from tests.windows import windows
from tests.windows_desk import desk_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.winrm import Windows
    from tests.desk import Desk

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

OFF: Final = "pc00003"
KBS: Final = ["KB2267602", "KB5049622", "KB5050001", "KB890830"]


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=5) as made:
        yield made


@pytest.fixture(scope="module")
def desk(terminals: Windows, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = desk_of(tmp_path_factory.mktemp("site") / "desk", terminals)
    terminals.power(OFF, on=False)
    terminals.set("pc00002", {"system.clock_offset": 7200.0})
    return made


def standard(desk: Desk, work: str, **more: Any) -> str:
    change = requested(desk, work=work, **{"class": "standard", "expires": "2099-03-31", **more})
    # Patches cannot always be taken back: two people agree.
    for person in ("suzuki", "yamada"):
        desk.expect("approve", change, "--key", str(desk.key(person)), "--yes", who=person)
    return change


def board(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = desk.expect("compliance", "--output", "json", who="tanaka").json
    return found


def a_timer_reads_what_everybody_has_and_misses(desk: Desk, terminals: Windows, tmp_path: Path) -> None:
    change = standard(desk, "read_endpoints", targets=[{"kind": "endpoint"}])
    words = ("--on-calendar", "05:00", "--scheduler", "systemd", "--to", str(tmp_path), "--yes")
    desk.expect("schedule", "install", "read_endpoints", "--change", change, *words, who="tanaka")
    unit = (tmp_path / "daicho-read-endpoints.service").read_text(encoding="utf-8")
    command = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    typed = shlex.split(command.removeprefix("ExecStart="))[1:]
    assert typed == ["endpoints", "read", "--change", change]
    done = desk.expect(*typed, who="tanaka")
    assert done.out.splitlines()[:4] == [
        "K1  everybody who is on was read",
        "read           4 machines",
        "recorded anew  4 machines",
        "off            1 machine",
    ]
    assert "Their clock is wrong\n  pc00002: 120 min" in done.out
    # The terminals say the same: two scripts of ours came to those that are on, none to the other.
    for name in terminals.names:
        came = [] if name == OFF else ["get_patch_state", "get_definition_age"]
        assert terminals.arrived(name, "script") == came
    told = {each["name"]: each for each in board(desk)["tables"]["terminal"]}
    assert told["pc00001"]["missing"] == KBS
    assert told[OFF]["missing"] == []
    assert told[OFF]["read_at"] is None


def a_night_in_which_nothing_happened_adds_no_state(desk: Desk) -> None:
    done = desk.expect("endpoints", "read", "--output", "json", who="tanaka").json
    assert (done["asked"], done["same"], done["changed"]) == (5, 4, {})
    with closing(sqlite3.connect(f"file:{desk.state / 'ledger.db'}?mode=ro", uri=True)) as ledger:
        rows = ledger.execute(
            "SELECT text FROM entry WHERE kind = 'endpoint.read' AND of = ?", (done["check"],)
        )
        bodies = [json.loads(text)["body"] for (text,) in rows]
    assert [sorted(body["same"]) for body in bodies] == [["pc00001", "pc00002", "pc00004", "pc00005"]] * 2
    assert [body["states"] for body in bodies] == [{}, {}]


def who_is_off_owes_its_patches_until_it_has_been_seen_and_tried(desk: Desk, terminals: Windows) -> None:
    change = standard(desk, "patch_endpoints", targets=["pc*"], inputs={"reboot": "never"})
    ran = desk.daicho("run", change, "--yes", who="tanaka")
    assert ran.code == ExitCode.INCOMPLETE, ran
    shown = desk.expect("debts", who="tanaka").out
    first = shown.splitlines()[0]
    assert first.startswith(f"{change}  ")
    assert "80.0 %, 1 owing: 1 off since " in first
    # One that is off here takes a connection and cuts it, so that a knock may not tell; it goes on owing.
    desk.daicho("retry", who="tanaka")
    assert [
        each["target"] for each in desk.expect("debts", "--output", "json", who="tanaka").json["debtors"]
    ] == [OFF]
    terminals.power(OFF, on=True)
    (tried,) = desk.expect("retry", "--output", "json", who="tanaka").json
    assert (tried["due"], tried["outcomes"]) == (1, {"changed": 1})
    assert desk.expect("debts", who="tanaka").out.strip() == "Nobody owes anything."
    for name in terminals.names:
        states = {each["kb"]: each["state"] for each in terminals.state(name)["updates"]["offered"]}
        assert states["KB5050001"] in {"pending", "installed"}, name


def the_board_follows_and_comes_as_page_and_workbook(desk: Desk, tmp_path: Path) -> None:
    desk.expect("endpoints", "read", who="tanaka")
    found = board(desk)
    assert {row["kb"]: row["missing"] for row in found["tables"]["kb"]}.get("KB5050001", 0) == 0
    assert found["sums"]["never"] == 0
    page, book = tmp_path / "board.html", tmp_path / "board.xlsx"
    desk.expect("compliance", "--by", "ring", "--html", str(page), "--xlsx", str(book), who="tanaka")
    text = page.read_text(encoding="utf-8")
    assert text.count("<h2>") == 6
    assert "pc00001" in text
    with ZipFile(book) as opened:
        assert "xl/worksheets/sheet1.xml" in opened.namelist()
    desk.expect("ledger", "verify", who="tanaka")


def a_lease_is_a_sign_of_life(desk: Desk, tmp_path: Path) -> None:
    leases = tmp_path / "kea.csv"
    leases.write_text(
        "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state\n"
        "127.86.0.3,02:00:00:00:00:03,,3600,4102444800,1,0,0,pc00003.ad.example.test,0\n",
        encoding="utf-8",
    )
    done = desk.expect("endpoints", "seen", "--leases", str(leases), "--output", "json", who="tanaka").json
    assert list(done["seen"]["lease"]) == [OFF]


def test_terminals_are_read_one_owes_comes_back_and_is_tried_again(
    desk: Desk, terminals: Windows, tmp_path: Path
) -> None:
    a_timer_reads_what_everybody_has_and_misses(desk, terminals, tmp_path)
    a_night_in_which_nothing_happened_adds_no_state(desk)
    who_is_off_owes_its_patches_until_it_has_been_seen_and_tried(desk, terminals)
    the_board_follows_and_comes_as_page_and_workbook(desk, tmp_path)
    a_lease_is_a_sign_of_life(desk, tmp_path)
