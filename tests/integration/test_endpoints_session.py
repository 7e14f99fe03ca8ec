"""A session with a Windows terminal whose endpoint speaks the real protocol, and what goes wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from daicho.craft import Trouble
from daicho.endpoints import fleet
from daicho.endpoints.fleet import each
from daicho.endpoints.script import command, run
from daicho.endpoints.session import Access, Endpoint, Session, item_endpoint
from daicho.endpoints.site import WindowsFile
from daicho.endpoints.wrong import LogonRefused, Lost, NotInTime, NotTried, OtherMachine
from daicho.items.item import Item
from tests.windows import site_file, windows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.winrm import Windows

HOST = "pc00001"


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=12, boot_seconds=1.0) as made:
        yield made


@pytest.fixture
def healthy(terminals: Windows) -> Iterator[Windows]:
    yield terminals
    for name in terminals.names:
        terminals.clear(name)
    terminals.power(HOST, on=True)


def access_to(terminals: Windows, folder: Path, **more: Any) -> Access:
    site = WindowsFile.read(site_file(terminals, folder).parent)
    given = {"connect_timeout_s": 1, "operation_timeout_s": 2, **more}
    return Access(site=site.model_copy(update=given), password=terminals.world.password)


def endpoints(terminals: Windows) -> list[Endpoint]:
    made = []
    for row in terminals.items():
        attributes = {key: str(value) for key, value in row.items() if key not in {"name", "kind", "address"}}
        made.append(item_endpoint(Item(row["name"], row["kind"], row["address"], attributes)))
    return made


def read_one(terminals: Windows, access: Access, *, limit_s: float = 60) -> dict[str, Any]:
    endpoint = endpoints(terminals)[0]
    with Session(endpoint, access) as session:
        return run(session, "get_patch_state", {"online": False}, limit_s=limit_s)


def said(terminals: Windows, access: Access, **how: Any) -> str:
    with pytest.raises(Trouble) as trouble:
        read_one(terminals, access, **how)
    return str(trouble.value).replace(terminals.address(HOST), "ADDRESS")


def test_a_script_gets_its_argument_and_gives_its_result(healthy: Windows, tmp_path: Path) -> None:
    found = read_one(healthy, access_to(healthy, tmp_path))
    assert found["name"] == "PC00001"
    assert found["missing"] == ["KB5050001", "KB5049622", "KB890830", "KB2267602"]
    last = healthy.wire(HOST)[-1]
    assert (last["form"], last["name"], last["arguments"]) == (
        "script",
        "get_patch_state",
        {"online": False},
    )


def test_a_command_line_holds_nothing_but_the_constant_and_fits_into_cmd() -> None:
    words = command()
    assert words[:4] == ("powershell", "-NoProfile", "-NonInteractive", "-EncodedCommand")
    assert len(" ".join(words)) < 8191


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (
            "certificate-expired",
            (
                "The certificate of ADDRESS is not trusted: it has expired. Nothing was sent to it. Is "
                "the clock of this machine right? It may be ahead; else the certificate is to be issued anew."
            ),
        ),
        (
            "certificate-future",
            (
                "The certificate of ADDRESS is not trusted: it is not valid yet. Nothing was sent to it. Is "
                "the clock of this machine right? It may be behind; else the certificate is to be issued "
                "anew."
            ),
        ),
        (
            "certificate-other-name",
            (
                "The certificate of ADDRESS is not trusted: it is for another address. Nothing was sent to "
                "it. Give the item the address that the certificate carries."
            ),
        ),
        (
            "certificate-other-ca",
            (
                "The certificate of ADDRESS is not trusted: its authority is not the one that windows.yml "
                "names. Nothing was sent to it. Check `ca_file:` in windows.yml, and who answers there."
            ),
        ),
        (
            "ntlm-off",
            (
                r"ADDRESS does not let AD\svc-daicho log on: it offers no NTLM (it offers: Kerberos). It was "
                "tried once. Allow Negotiate for WinRM there."
            ),
        ),
        (
            "logon-refused",
            (
                r"ADDRESS does not let AD\svc-daicho log on: wrong name or password, or NTLM is switched off "
                "there. It was tried once. Check the secret `windows` and `user:` in windows.yml."
            ),
        ),
        ("off", "ADDRESS does not answer (it broke the connection off)."),
        ("silent", "ADDRESS does not answer (nothing came back in time)."),
        (
            "reboot-in-task",
            (
                "ADDRESS went away while get_patch_state ran; whether it was done is not known. It may be "
                "restarting: read its state before you go on."
            ),
        ),
    ],
)
def test_what_goes_wrong_is_said_in_words(
    healthy: Windows, tmp_path: Path, fault: str, sentence: str
) -> None:
    healthy.fault(HOST, fault)
    assert said(healthy, access_to(healthy, tmp_path, operation_timeout_s=1)) == sentence


def test_a_service_that_is_overloaded_is_asked_again_and_then_said_so(
    healthy: Windows, tmp_path: Path
) -> None:
    access = access_to(healthy, tmp_path)
    healthy.fault(HOST, "http-500", times=1)
    assert read_one(healthy, access)["name"] == "PC00001"
    healthy.fault(HOST, "http-500")
    assert said(healthy, access) == "ADDRESS answers but cannot work now (HTTP 500). Try again later."


def test_a_script_that_is_slow_is_waited_for_and_one_that_hangs_is_stopped(
    healthy: Windows, tmp_path: Path
) -> None:
    access = access_to(healthy, tmp_path)
    healthy.fault(HOST, "slow", seconds=2.5, times=1)  # longer than OperationTimeout
    assert read_one(healthy, access)["name"] == "PC00001"
    healthy.clear(HOST)
    healthy.fault(HOST, "hang")
    with pytest.raises(NotInTime) as late:
        read_one(healthy, access, limit_s=1)
    assert str(late.value).endswith("after 1 s and was stopped.")


def test_another_machine_under_this_address_is_left_alone(healthy: Windows, tmp_path: Path) -> None:
    access = access_to(healthy, tmp_path)
    wrong = replace(endpoints(healthy)[0], name="pc00002")
    with Session(wrong, access) as session, pytest.raises(OtherMachine) as other:
        run(session, "get_patch_state", {"online": False})
    assert str(other.value).startswith(
        f"Under {wrong.address} answers PC00001, not PC00002. Nothing was done there."
    )


def test_output_in_cp932_is_understood(healthy: Windows, tmp_path: Path) -> None:
    healthy.fault(HOST, "cp932")
    assert read_one(healthy, access_to(healthy, tmp_path))["name"] == "PC00001"


def test_a_wrong_password_is_tried_three_times_and_not_on_every_machine(
    healthy: Windows, tmp_path: Path
) -> None:
    access = replace(access_to(healthy, tmp_path), password="wrong")  # noqa: S106 -- it is wrong
    healthy.power("pc00003", on=False)
    found = dict(each(endpoints(healthy), lambda _session: None, access))
    healthy.power("pc00003", on=True)
    kinds = sorted(type(each).__name__ for each in found.values())
    refused, untried = kinds.count(LogonRefused.__name__), kinds.count(NotTried.__name__)
    assert refused == fleet._REFUSALS
    assert untried >= 12 - 2 - fleet._REFUSALS  # one is off, one may still be starting from another test


def test_one_that_hangs_holds_up_nobody(healthy: Windows, tmp_path: Path) -> None:
    healthy.fault(HOST, "hang")
    access = access_to(healthy, tmp_path)
    found = each(
        endpoints(healthy),
        lambda session: run(session, "get_patch_state", {"online": False}, limit_s=2),
        access,
    )
    names = [name for name, _found in found]
    assert names[-1] == HOST
    assert len(names) == 12


def test_no_secret_is_written_anywhere(healthy: Windows, tmp_path: Path) -> None:
    access = access_to(healthy, tmp_path)
    read_one(healthy, access)
    told = json.dumps(healthy.wire(HOST)) + repr(access) + repr(Lost(address="a", script="b"))
    assert access.password not in told
