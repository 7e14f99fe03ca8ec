"""kill -9 around every script that changes a terminal: the run goes on, and nothing happens twice."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.network_site import approved, requested
from tests.windows import windows
from tests.windows_desk import desk_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab.winrm import Windows
    from tests.desk import Desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STICK: Final = "USBSTOR\\DISK&VEN_BUFFALO&PROD_RUF3&REV_1.00\\0123456789AB&0"
PRODUCT: Final = "{23170F69-40C1-2702-2600-000001000000}"
SOURCE: Final = "https://packages.ad.example.test/7z.msi"
PROGRAM: Final = {"name": "7-Zip", "version": "26.00", "product": PRODUCT, "sha256": "5b" * 32}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=12) as terminals:
        for name in terminals.names:
            offer = {key: PROGRAM[key] for key in ("name", "version", "product", "sha256")}
            terminals.set(name, {"system.logged_on": "", "installers.at": {SOURCE: offer}})
        yield terminals


@pytest.fixture(scope="module")
def desk(world: Windows, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_of(tmp_path_factory.mktemp("desk") / "desk", world)


@pytest.fixture(scope="module")
def fresh(world: Windows) -> Iterator[str]:
    return iter(world.names)


def inputs_of(work: str, host: str) -> dict[str, Any]:
    device = {"what": "U-1", "terminals": [host], "until": "2099-03-31", "asked_by": "森", "instance": STICK}
    handover = {"terminal": host, "next_user": "AD\\y.abe", "printers": [], "owner": "阿部 陽子"}
    given: dict[str, dict[str, Any]] = {
        "install_software": {"software": [PROGRAM | {"kind": "msi", "source": SOURCE}]},
        "allow_device": {"devices": [device]},
        "isolate_endpoint": {"management": ["127.0.0.1"]},
        "reprepare_terminal": {"terminals": [handover], "archive": "D:\\profiles"},
    }
    return given[work]


def software(state: dict[str, Any]) -> object:
    return [each["version"] for each in state["software"]["products"].values()]


def devices(state: dict[str, Any]) -> object:
    return list(state["devices"]["allowed"].values()), state["devices"]["until"]


def firewall(state: dict[str, Any]) -> object:
    return len(state["firewall"]["rules"]), state["firewall"]["trial_until"], state["firewall"]["kept"]


def terminal(state: dict[str, Any]) -> object:
    its = state["terminal"]
    return len(its["profiles"]), len(its["archives"]), its["printers"], its["owner"]


type Case = tuple[str, str, Callable[[dict[str, Any]], object], object]

CASES: Final[list[Case]] = [
    ("install_software", "install_software", software, ["26.00"]),
    ("allow_device", "set_device_policy", devices, ([STICK], {STICK: "2099-03-31"})),
    ("isolate_endpoint", "isolate", firewall, (4, 0.0, ["127.0.0.1/32"])),
    ("isolate_endpoint", "end_isolation_trial", firewall, (4, 0.0, ["127.0.0.1/32"])),
    ("reprepare_terminal", "remove_profile", terminal, (2, 1, [], "阿部 陽子")),
    ("reprepare_terminal", "set_terminal", terminal, (2, 1, [], "阿部 陽子")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[1])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_a_script_the_run_goes_on(
    desk: Desk, world: Windows, fresh: Iterator[str], case: Case, moment: str
) -> None:
    work, script, told, wanted = case
    host = next(fresh)
    change = requested(desk, work=work, targets=[host], inputs=inputs_of(work, host))
    approved(desk, change, ("suzuki", "yamada"))
    words = [sys.executable, "-m", "tests.dying_script", moment, script, "run", change, "--yes"]
    died = subprocess.run(
        words,
        cwd=desk.folder,
        env=desk.environment("tanaka"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert died.returncode == -9, died.stderr
    over = moment == "after" and script not in {"isolate", "remove_profile"}
    assert (told(world.state(host)) == wanted) is over
    resumed = desk.expect("run", change, "--resume", "--yes", "--output", "json", who="tanaka").json
    assert [each["outcome"] for each in resumed["targets"]] == ["changed"]
    assert told(world.state(host)) == wanted
    if moment == "after" and script != "isolate":
        assert world.arrived(host, "script").count(script) == 1
