"""Printers on a Windows print server whose endpoint speaks the real protocol, judged by its state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from daicho.craft import Target, Trouble
from daicho.door import Intention
from daicho.items.groups import host_variables
from daicho.moves.part import Goal
from daicho.printing.comer import items_of
from daicho.works import WORKS
from tests.windows import windows
from tests.windows_bench import WindowsBench

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from daicho.printing.queueing import Queueing
    from lab.winrm import Windows

HOST: Final = "pc00001"
NAME: Final = "pr-0001"
DRIVER: Final = "Microsoft PCL6 Class Driver"
COMING: Final = {
    "name": NAME,
    "mac": "02:50:52:00:00:01",
    "address": "10.1.20.11",
    "model": "Lab P1",
    "building": "本館",
    "floor": "3F",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("print"), hosts=1) as made:
        yield made


@pytest.fixture
def server(world: Windows, tmp_path: Path) -> Windows:
    empty: dict[str, Any] = {"queues": {}, "ports": {}, "silent": [], "printed": []}
    world.set(HOST, {f"print_server.{name}": value for name, value in empty.items()})
    (tmp_path / "content" / "site").mkdir(parents=True)
    its = {"name": "win1", "kind": "windows", "host": f"{HOST}.office.example.test"}
    services = {"printing": [its | {"address": world.address(HOST)}]}
    (tmp_path / "content" / "site" / "services.yml").write_text(json.dumps(services), encoding="utf-8")
    return world


class Printers(WindowsBench):
    """One work on printers; the Windows machine is where they are printed through."""

    def target(self, name: str, wanted: Mapping[str, Any] | None = None) -> Target:
        [item] = items_of({"printers": [COMING]})
        return Target(name=name, facts={**host_variables(item)}, wanted=wanted)


def coming(server: Windows, folder: Path, **more: Any) -> Printers:
    return Printers(server, WORKS["install_printer"], folder, {"printers": [COMING | more]}, [NAME])


def going(server: Windows, folder: Path, **inputs: Any) -> Printers:
    return Printers(server, WORKS["retire_printer"], folder, inputs, [NAME])


def shown(server: Windows) -> dict[str, Any]:
    found: dict[str, Any] = server.state(HOST)["print_server"]
    return found


def test_a_printer_comes_prints_a_page_goes_and_comes_back(server: Windows, tmp_path: Path) -> None:
    at = coming(server, tmp_path)
    plan = at.plan()
    assert plan.after == {
        "queue:win1 pr-0001": "socket://10.1.20.11:9100",
        "queue:win1 pr-0001 location": "本館 3F",
        "queue:win1 pr-0001 info": "Lab P1",
        "queue:win1 pr-0001 driver": DRIVER,
        "queue:win1 pr-0001 share": NAME,
        "item:address": "10.1.20.11",
    }
    assert at.ran(plan.after) == plan.after
    made = shown(server)
    assert made["queues"] == {
        NAME: {
            "port": "IP_10.1.20.11",
            "driver": DRIVER,
            "location": "本館 3F",
            "comment": "Lab P1",
            "share": NAME,
            "jobs": [],
            "paused": False,
        }
    }
    assert made["ports"] == {"IP_10.1.20.11": {"host": "10.1.20.11", "number": 9100, "lpr": ""}}
    assert made["printed"] == [["10.1.20.11", "Test Page"]]

    gone = going(server, tmp_path).plan()
    assert going(server, tmp_path).ran(gone.after) == gone.after
    assert (shown(server)["queues"], shown(server)["ports"]) == ({}, {})
    assert gone.inverse is not None
    assert going(server, tmp_path).ran(gone.inverse, undo=True) == gone.inverse
    assert {key: shown(server)[key] for key in ("queues", "ports")} == {
        key: made[key] for key in ("queues", "ports")
    }


def test_what_waits_in_a_queue_is_counted_kept_or_printed_elsewhere(server: Windows, tmp_path: Path) -> None:
    port = {"number": 9100, "lpr": ""}
    queue = {"driver": DRIVER, "location": "", "comment": "", "jobs": [], "paused": False}
    server.set(
        HOST,
        {
            "print_server.silent": ["10.1.20.11"],
            "print_server.ports": {
                "IP_10.1.20.11": {"host": "10.1.20.11", **port},
                "next": {"host": "10.1.20.12", **port},
            },
            "print_server.queues": {
                NAME: {**queue, "port": "IP_10.1.20.11", "share": NAME, "jobs": ["letter"]},
                "pr-0002": {**queue, "port": "next", "share": "pr-0002"},
            },
            "print_server.printed": [],
        },
    )
    before, gone = shown(server), going(server, tmp_path).plan()
    assert "1 jobs wait in the queue pr-0001. Let them print, or say `jobs_to: QUEUE`" in str(
        going(server, tmp_path).ran(gone.after)
    )
    assert shown(server) == before
    assert going(server, tmp_path, jobs_to="pr-0002").ran(gone.after) == gone.after
    after = shown(server)
    assert (list(after["queues"]), list(after["ports"])) == (["pr-0002"], ["next"])
    assert after["printed"] == [["10.1.20.12", "letter"]]


def test_a_queue_whose_printer_has_moved_prints_what_waited_at_the_new_place(
    server: Windows, tmp_path: Path
) -> None:
    at = coming(server, tmp_path)
    at.ran(at.plan().after)
    server.set(HOST, {"print_server.silent": ["10.1.20.11"], "print_server.printed": []})
    server.set(HOST, {f"print_server.queues.{NAME}.jobs": ["letter"]})
    key = f"win1 {NAME}"
    wanted = {key: "socket://10.1.30.5:9100", f"{key} location": "別館 1F"}
    goals = {NAME: Goal(target=at.target(NAME), state=wanted)}
    with at.craft() as craft:
        queueing: Queueing = craft.systems.queueing  # type: ignore[attr-defined]
        assert queueing.bring(goals) == {}
        assert queueing.read(goals) == {NAME: wanted}
    after = shown(server)
    assert (after["printed"], list(after["ports"])) == ([["10.1.30.5", "letter"]], ["IP_10.1.30.5"])
    assert after["queues"][NAME]["share"] == NAME


def test_a_driver_that_is_not_there_is_found_at_plan_time(server: Windows, tmp_path: Path) -> None:
    [said] = coming(server, tmp_path, driver="Vendor X").planned().values()
    assert said == "the print server win1 has no driver Vendor X: install it there first"
    assert shown(server)["queues"] == {}


def test_a_test_page_that_stays_in_the_queue_is_no_success(server: Windows, tmp_path: Path) -> None:
    server.set(HOST, {"print_server.silent": ["10.1.20.11"]})
    at = coming(server, tmp_path)
    said = at.ran(at.plan().after)
    assert said == "the test page on pr-0001 did not come out: processing (Error, Printing)"


def test_a_server_that_is_off_is_unreachable_and_asked_anew_when_it_is_back(
    server: Windows, tmp_path: Path
) -> None:
    at = coming(server, tmp_path)
    assert isinstance(at.plan(), Intention)
    with at.craft() as craft:
        queueing: Queueing = craft.systems.queueing  # type: ignore[attr-defined]
        assert queueing.queues() == {"win1": {}}
        server.power(HOST, on=False)
        try:
            with pytest.raises(Trouble) as trouble:
                queueing.queues()
            assert trouble.value.unreachable
        finally:
            server.power(HOST, on=True)
        assert queueing.queues() == {"win1": {}}
