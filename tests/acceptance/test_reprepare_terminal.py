"""A terminal goes to its next user, planned with sizes, refused while somebody is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.network_site import requested
from tests.windows import windows
from tests.windows_desk import asked_and_run, desk_of, planned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.winrm import Windows
    from tests.desk import Desk

pytestmark = [pytest.mark.patient, pytest.mark.timeout(600)]
HOST: Final = "pc00002"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=2) as terminals:
        yield terminals


@pytest.fixture
def desk(world: Windows, tmp_path: Path) -> Desk:
    return desk_of(tmp_path / "desk", world)


def test_from_one_user_to_the_next(desk: Desk, world: Windows) -> None:
    wishes = [
        {
            "terminal": name,
            "next_user": "AD\\y.abe",
            "owner": "阿部 陽子",
            "administrators": [],
            "printers": ["\\\\prt1\\3F-A"],
        }
        for name in world.names
    ]
    world.set("pc00001", {"system.logged_on": "AD\\t.sato"})
    change = requested(
        desk,
        work="reprepare_terminal",
        targets=["pc*"],
        inputs={"terminals": wishes, "profiles": "remove"},
    )
    plan = planned(desk, change)
    assert plan["pc00001"]["why"] == (
        "reprepare_terminal: AD\\t.sato is logged on; it is done when nobody is"
    )
    assert plan[HOST]["irreversible"] == "1 profile (12.3 GB) is deleted for good"
    assert plan[HOST]["notes"] == [
        "The profile of AD\\t.sato (C:\\Users\\t.sato, 12.3 GB, last used 2026-11-01) is deleted.",
        "120.0 GB are free on the system drive.",
    ]
    shown = " ".join(desk.expect("show", change, who="sato").out.split())
    assert "1 profile (12.3 GB) is deleted for good" in shown
    for who in ("suzuki", "yamada"):
        desk.expect("approve", change, "--key", str(desk.key(who)), "--yes", who=who)
    assert asked_and_run(desk, change, sign=False) == {HOST: "changed"}
    state = world.state(HOST)["terminal"]
    assert [each["account"] for each in state["profiles"]] == ["AD\\svc-daicho", "Administrator"]
    assert [each["name"] for each in state["groups"]["S-1-5-32-544"]] == ["AD\\Domain Admins"]
    assert (state["printers"], state["owner"], state["archives"]) == (["\\\\prt1\\3F-A"], "阿部 陽子", [])
    assert len(world.state("pc00001")["terminal"]["profiles"]) == 3
    refused = desk.daicho("undo", "R1", "--reason", "wrong terminal", who="sato")
    assert (refused.code, refused.out) == (5, "")
    assert refused.err.endswith("R1 left nothing that can be taken back: what it changed has no way back.\n")
