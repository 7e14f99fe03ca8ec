"""The state before the outage: go or no-go, and the signature under it, on real routers."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.night_office import ministry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.night_office import Office

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with ministry() as office:
        yield office


def test_a_baseline_is_recorded_and_signed(office: Office) -> None:
    done = office.run("baseline", "record", "--output", "json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["go"], found["objections"]) == (0, True, []), done.stderr
    assert found["counts"] == {"alive": len(office.night.everything())}
    text = office.run("baseline", "show", "--to-sign").stdout
    signed = office.run(
        "baseline", "sign", found["baseline"], "--key", "suzuki", "--yes", "--output", "json", person="suzuki"
    )
    assert json.loads(signed.stdout)["signers"] == ["suzuki"], signed.stderr
    # OpenSSH itself has to hold the signature good.
    body = office.bodies("baseline.signed", found["baseline"])[0]
    assert body["statement"] == text
    (office.folder / "signers").write_text(f"suzuki {body['key']}\n", encoding="ascii")
    (office.folder / "signature").write_text(body["signature"], encoding="ascii")
    verified = subprocess.run(
        [
            "ssh-keygen",
            "-Y",
            "verify",
            "-f",
            "signers",
            "-I",
            "suzuki",
            "-n",
            "daicho-baseline",
            "-s",
            "signature",
        ],
        input=text,
        cwd=office.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_switch_that_is_not_saved_is_a_no_go(office: Office) -> None:
    office.night.configure("sw-4", "ip route 10.98.0.0/24 blackhole")
    try:
        done = office.run("baseline", "record", "--output", "json")
    finally:
        office.night.configure("sw-4", "no ip route 10.98.0.0/24 blackhole")
    found = json.loads(done.stdout)
    assert done.returncode == 4
    assert (found["go"], found["objections"]) == (False, [{"kind": "unsaved", "names": ["sw-4"]}])


def test_what_is_dead_already_is_listed_with_its_date(office: Office) -> None:
    first = json.loads(office.run("baseline", "record", "--output", "json").stdout)
    assert first["dead_since"] == {}
    office.night.unplug("pc-3-5")
    try:
        second = json.loads(office.run("baseline", "record", "--output", "json").stdout)
        third = json.loads(office.run("baseline", "record", "--output", "json").stdout)
    finally:
        office.night.plug("pc-3-5")
    assert second["dead_since"] == {"pc-3-5": second["at"]}
    assert third["dead_since"] == second["dead_since"]
    assert third["go"] is True


def test_only_an_approver_signs(office: Office) -> None:
    office.run("baseline", "record")
    check = json.loads(office.run("baseline", "show", "--output", "json").stdout)["baseline"]
    done = office.run("baseline", "sign", check, "--key", "sato", "--yes")
    assert (done.returncode, done.stderr) == (
        5,
        (
            "daicho: sato may not approve 'record_baseline'. "
            "The policy in force lists who may: `daicho policy show`.\n"
        ),
    )
