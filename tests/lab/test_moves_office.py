"""Terminals move between floors: Kea, BIND and the switches say themselves what became of them."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.move_lab import MoveLab, lab_of, why
from tests.move_site import items, mac, moving, plans, ran
from tests.network_site import approved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desk import Desk


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoveLab]:
    with lab_of(tmp_path_factory.mktemp("moves"), 12, minute=6) as lab:
        yield lab


def test_prepared_cut_over_and_taken_back(office: MoveLab) -> None:
    desk, before = office.desk, office.everything()
    here = items(desk, ["pc-1", "pc-2"])
    wishes = [{"item": "pc-1", "outlet": "4F-1"}, {"item": "pc-2", "outlet": "3F-1"}]
    prepared = ran(desk, moving(desk, *wishes, stage="prepare"))
    assert prepared.json["outcomes"] == {"changed": 2}, prepared.err
    assert office.reserved()[mac(1)] == ["10.79.16.51", "10.79.20.50"]
    assert office.address("pc-1") == "10.79.16.51"
    assert office.ttl("pc-1") == 60
    change = moving(desk, *wishes)
    done = ran(desk, change)
    assert done.json["outcomes"] == {"changed": 2}, done.err + str(plans(desk, change))
    assert office.reserved()[mac(1)] == ["10.79.20.50"]
    assert office.reserved()[mac(2)] == ["10.79.16.52"]
    assert (office.address("pc-1"), office.ttl("pc-1")) == ("10.79.20.50", 3600)
    assert (office.back("10.79.20.50"), office.back("10.79.16.51")) == ("pc-1", "")
    assert items(desk, ["pc-1"])["pc-1"]["address"] == "10.79.20.50"
    for run in (done.json["run"], prepared.json["run"]):
        undone = desk.expect("undo", run, "--reason", "nobody moves", who="sato").out.split()[0]
        back = ran(desk, undone)
        assert back.json["outcomes"] == {"changed": 2}, back.err
    assert office.everything() == before
    assert items(desk, ["pc-1", "pc-2"]) == here


@pytest.mark.parametrize("server", ["dhcp", "dns"])
def test_a_system_that_is_down_leaves_everything_as_it_was(office: MoveLab, server: str) -> None:
    desk, before = office.desk, office.everything()
    change = approved(desk, moving(desk, {"item": "pc-3", "outlet": "4F-3"}))
    office.services.fault(server, "stop")
    done = desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
    office.services.repair(server)
    assert done.json["outcomes"] == {"unreachable": 1}, why(done)
    assert office.everything() == before
    again = desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
    assert again.json["outcomes"] == {"changed": 1}, why(again)
    undone = desk.expect("undo", again.json["run"], "--reason", "a test", who="sato").out.split()[0]
    assert ran(desk, undone).code == 0
    assert office.everything() == before


def test_a_reservation_that_was_edited_by_hand_meanwhile_is_left_alone(office: MoveLab) -> None:
    desk = office.desk
    change = approved(
        desk, moving(desk, {"item": "pc-4", "outlet": "4F-4"}, {"item": "pc-5", "outlet": "4F-5"})
    )
    config = office.services.kea("config-get")["Dhcp4"]
    for each in config["subnet4"][0]["reservations"]:
        if each["hw-address"] == mac(4):
            each["ip-address"] = "10.79.16.200"
    config.pop("hash", None)
    office.services.kea("config-set", {"Dhcp4": config})
    done = desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
    assert done.json["outcomes"] == {"changed": 1, "drifted": 1}, done.err
    assert why(done)["pc-4"] == "dhcp:10.79.16.0/22: 10.79.16.54 pc-4 → 10.79.16.200 pc-4"
    assert office.reserved()[mac(4)] == ["10.79.16.200"]
    assert office.reserved()[mac(5)] == [items(desk, ["pc-5"])["pc-5"]["address"]]


@pytest.mark.parametrize(("moment", "number"), [("before", 3), ("after", 3), ("after", 5), ("after", 9)])
def test_killed_in_between_and_resumed(office: MoveLab, moment: str, number: int) -> None:
    desk, before = office.desk, office.everything()
    wishes = [{"item": "pc-6", "outlet": "4F-6"}, {"item": "pc-7", "outlet": "3F-6"}]
    change = approved(desk, moving(desk, *wishes))
    assert killed(desk, moment, number, "run", change, "--yes") == -signal.SIGKILL
    resumed = desk.daicho("run", change, "--resume", "--yes", "--output", "json", who="tanaka")
    assert resumed.json["outcomes"] == {"changed": 2}, why(resumed)
    address = items(desk, ["pc-6"])["pc-6"]["address"]
    assert address.startswith("10.79.20.")
    assert office.reserved()[mac(6)] == [address]
    assert office.address("pc-6") == address
    assert "description pc-6\n" in office.ports("sw0002")
    assert "description pc-7\n" in office.ports("sw0001")
    assert items(desk, ["pc-6"])["pc-6"]["switch"] == "sw0002"
    undone = desk.expect("undo", resumed.json["run"], "--reason", "a test", who="sato").out.split()[0]
    approved(desk, undone)
    assert killed(desk, moment, number, "run", undone, "--yes") == -signal.SIGKILL
    back = desk.daicho("run", undone, "--resume", "--yes", "--output", "json", who="tanaka")
    assert back.json["outcomes"] == {"changed": 2}, why(back)
    assert office.everything() == before


def killed(desk: Desk, moment: str, number: int, *words: str) -> int:
    """Type a command that is killed around a step; how it ended."""
    done = subprocess.run(
        [*desk.before, sys.executable, "-m", "tests.move_dying", moment, str(number), *words],
        cwd=desk.folder,
        env=desk.environment("tanaka"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode
