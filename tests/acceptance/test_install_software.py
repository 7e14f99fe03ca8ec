"""Programs on request, as operators bring them: onto Windows over WinRM and onto Debian over OpenSSH.

The judges are the endpoint's own state, dpkg-query over ssh, sha256sum and the `sqlite3` command.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.desk import Desk
from tests.labs import machines_of
from tests.network_site import approved, requested
from tests.windows import windows
from tests.windows_desk import asked_and_run, desk_of, entries, planned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab import Lab
    from lab.winrm import Windows

SEVEN_ZIP: Final = "{23170F69-40C1-2702-2600-000001000000}"
SOURCE: Final = "https://packages.ad.example.test/7z2600-x64.msi"
SUM: Final = "5b" * 32
PROGRAM: Final = {
    "name": "7-Zip",
    "kind": "msi",
    "version": "26.00",
    "product": SEVEN_ZIP,
    "source": SOURCE,
    "sha256": SUM,
    "processes": ["7zFM.exe"],
}
OFFER: Final = {"sha256": SUM, "product": SEVEN_ZIP, "name": "7-Zip", "version": "26.00"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=4, boot_seconds=0.3) as terminals:
        for name in terminals.names:
            terminals.set(name, {"installers.at": {SOURCE: OFFER}, "system.logged_on": ""})
        yield terminals


@pytest.fixture
def desk(world: Windows, tmp_path: Path) -> Desk:
    return desk_of(tmp_path / "desk", world)


def there(world: Windows) -> list[str]:
    return [name for name in world.names if SEVEN_ZIP in world.state(name)["software"]["products"]]


@pytest.mark.patient
@pytest.mark.timeout(600)
def test_windows_gets_it_owes_it_and_gives_it_back(desk: Desk, world: Windows) -> None:
    first, in_use, asks, off = world.names
    world.set(in_use, {"installers.running": ["7zFM"], "system.logged_on": "AD\\k.mori"})
    world.set(asks, {"installers.at": {SOURCE: OFFER | {"exit_code": 3010}}})
    change = requested(desk, work="install_software", targets=["pc*"], inputs={"software": [PROGRAM]})
    plan = planned(desk, change)
    assert {name: each["standing"] for name, each in plan.items()} == dict.fromkeys(
        (first, asks, off), "changes"
    ) | {in_use: "failed"}
    assert plan[in_use]["why"] == (
        "install_software: 7-Zip is in use (7zFM). Ask AD\\k.mori to close it, then plan again"
    )
    desk.expect("approve", change, "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
    world.fault(off, "off")
    done = desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
    assert {each["target"]: each["outcome"] for each in done.json["targets"]} == {
        first: "changed",
        asks: "changed",
        off: "unreachable",
    }
    assert there(world) == [first, asks]
    said = {each["target"]: each["why"] for each in done.json["targets"]}
    assert said[asks] == "7-Zip is complete once the machine has been restarted."
    assert world.clear(off) == ["off"]
    again = desk.daicho("run", change, "--yes", "--output", "json", who="tanaka").json
    assert {each["outcome"] for each in again["targets"]} == {"changed"}
    assert there(world) == [first, asks, off]
    undo = desk.expect("undo", "R1", "--reason", "no longer needed", who="sato").out.split()[0]
    assert asked_and_run(desk, undo) == dict.fromkeys((first, asks, off), "changed")
    assert there(world) == []
    intended = entries(desk, "target.intended", "R1")
    assert sorted(intended) == [first, asks, off]


@pytest.mark.patient
@pytest.mark.timeout(600)
def test_two_items_with_one_address_are_refused_at_the_plan(desk: Desk, world: Windows) -> None:
    row = {"name": "pc-old", "kind": "endpoint", "os": "windows", "address": world.address("pc00001")}
    (desk.folder / "twice.yml").write_text(f"items:\n  - {row}\n", encoding="utf-8")
    desk.expect("item", "import", "twice.yml", who="sato")
    change = requested(desk, work="install_software", targets=["pc00001"], inputs={"software": [PROGRAM]})
    done = desk.daicho("plan", change, who="sato")
    assert (done.code, done.out) == (5, "")
    assert done.err.endswith(
        "These items have the same address, so one of them is another machine:\n"
        f"  {world.address('pc00001')}: pc-old, pc00001\n"
        "Correct or retire the wrong one (`daicho item import`); then plan again.\n"
    )
    assert there(world) == []


@pytest.fixture(scope="module")
def machines() -> Iterator[Lab]:
    """Two real machines."""
    yield from machines_of(2, "software")


@pytest.fixture
def office(machines: Lab, tmp_path: Path) -> Desk:
    """A site of them."""
    desk = Desk.make(tmp_path / "office", own_content=True)
    desk.expect("init", "--policy", "policy.yml")
    desk.expect("item", "import", str(machines.state / "items.yml"), who="sato")
    (desk.state / "known_hosts").write_bytes((machines.state / "known_hosts").read_bytes())
    machines.trust((desk.state / "keys" / "ssh_ca.pub").read_text(encoding="ascii"))
    return desk.within([sys.executable, "-m", "lab", "exec", "--name", machines.name, "--"])


def version(lab: Lab, host: str) -> str:
    done = lab.ssh(host, "dpkg-query -W -f '${db:Status-Status} ${Version}' mail-client || true")
    return done.stdout.strip()


@pytest.mark.lab
@pytest.mark.timeout(600)
def test_debian_gets_the_very_package_and_gives_it_back(machines: Lab, office: Desk) -> None:
    machines.repository.publish("security-2026-11")
    for host in ("ep01", "ep02"):
        machines.ssh(host, "sudo apt-get remove -q -y mail-client")
    [file] = machines.repository.www.glob("**/mail-client_1.1_*.deb")
    witness = machines.execute(["sha256sum", str(file)]).stdout.split()[0]

    def package(**more: Any) -> dict[str, Any]:
        return {"name": "Mail", "kind": "apt", "version": "1.1", "product": "mail-client", **more}

    wrong = requested(
        office, work="install_software", targets=["ep01"], inputs={"software": [package(sha256="5b" * 32)]}
    )
    assert planned(office, wrong)["ep01"]["why"] == (
        f"install_software: its archives have another mail-client 1.1: its SHA-256 is {witness}"
    )
    software = [package(sha256=witness, needs_mb=1)]
    change = requested(office, work="install_software", targets=["ep*"], inputs={"software": software})
    assert asked_and_run(office, change) == dict.fromkeys(("ep01", "ep02"), "changed")
    assert [version(machines, host) for host in ("ep01", "ep02")] == ["installed 1.1"] * 2
    again = requested(office, work="install_software", targets=["ep*"], inputs={"software": software})
    approved(office, again)
    assert asked_and_run(office, again, sign=False) == dict.fromkeys(("ep01", "ep02"), "unchanged")
    undo = office.expect("undo", "R1", "--reason", "no longer needed", who="sato").out.split()[0]
    assert asked_and_run(office, undo) == dict.fromkeys(("ep01", "ep02"), "changed")
    assert not any(version(machines, host).startswith("installed") for host in ("ep01", "ep02"))
