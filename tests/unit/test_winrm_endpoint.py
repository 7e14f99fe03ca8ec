"""The endpoint's parts by themselves: arguments, envelopes, state, population, the log without secrets."""

from __future__ import annotations

import asyncio
import base64
import re
from typing import TYPE_CHECKING, Any

import pytest

from lab.errors import LabError
from lab.winrm import modules
from lab.winrm.areas import Accounts, System, Updates
from lab.winrm.arguments import ModuleFailure, documented, redacted
from lab.winrm.auth import accounts
from lab.winrm.control import Control, put
from lab.winrm.faults import KINDS, Fault
from lab.winrm.models import load
from lab.winrm.payload import Payload
from lab.winrm.plane import ROOT
from lab.winrm.population import Population
from lab.winrm.server import Server
from lab.winrm.shipped import Shipped
from lab.winrm.tls import Certificates
from lab.winrm.world import World
from lab.winrm.wsman import TIMED_OUT, Process, Shell, answer

if TYPE_CHECKING:
    from lab.winrm.host import Host

WORLD = World(password="pw", administrator_password="first", began=1_000.0)  # noqa: S106 - of nobody
NOTHING = Shipped("", {}, {})
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"


@pytest.fixture
def host() -> Host:
    return Population(WORLD, 3).host(0)


@pytest.fixture(autouse=True, scope="module")
def models() -> None:
    modules.load()


async def never(_host: Host, _process: Process) -> None:
    """A command that does nothing."""


def envelope(action: str, body: str, shell: str = "", **options: str) -> bytes:
    header = "".join(f"<w:{name}>{value}</w:{name}>" for name, value in options.items())
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        f'xmlns:w="{WSMAN}" xmlns:r="http://schemas.microsoft.com/wbem/wsman/1/windows/shell"><s:Header>'
        f"<a:Action>http://example/{action}</a:Action><a:MessageID>uuid:7</a:MessageID>{header}"
        f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet></s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def asked(host: Host, action: str, body: str, shell: str = "", **options: str) -> tuple[bool, str]:
    well, data = asyncio.run(answer(host, "AD\\me", envelope(action, body, shell, **options), never))
    return well, data.decode()


def module(host: Host, name: str, **arguments: Any) -> dict[str, Any]:
    called = Payload("module", f"ansible.windows.{name}", arguments)
    return asyncio.run(modules.run(host, called, NOTHING))[1]


# Envelopes


def test_output_that_does_not_fit_comes_in_several_answers(host: Host) -> None:
    process, shell = Process("x", "me"), Shell("me")
    shell.processes[process.id], host.shells[shell.id] = process, shell
    whole = bytes(range(256)) * 1000
    process.end(3, whole)
    desired = f'<r:Receive><r:DesiredStream CommandId="{process.id}">stdout</r:DesiredStream></r:Receive>'
    received, answers = b"", 0
    while True:
        _well, text = asked(host, "Receive", desired, shell.id, MaxEnvelopeSize="51200")
        assert len(text) <= 51_200
        received += b"".join(
            base64.b64decode(each) for each in re.findall(r"CommandId=\"[^\"]+\">([^<]*)<", text)
        )
        answers += 1
        if "CommandState/Done" in text:
            break
    assert received == whole
    assert answers == 8
    assert "<rsp:ExitCode>3</rsp:ExitCode>" in text


def test_an_answer_names_its_request_and_silence_is_a_fault(host: Host) -> None:
    process, shell = Process("x", "me"), Shell("me")
    shell.processes[process.id], host.shells[shell.id] = process, shell
    desired = f'<r:Receive><r:DesiredStream CommandId="{process.id}">stdout</r:DesiredStream></r:Receive>'
    well, text = asked(host, "Receive", desired, shell.id, OperationTimeout="PT0.01S")
    assert not well
    assert f'Code="{TIMED_OUT}"' in text
    assert "<a:RelatesTo>uuid:7</a:RelatesTo>" in text


@pytest.mark.parametrize(
    ("action", "expected"),
    [("Receive", 'Code="2150858843"'), ("Enumerate", 'Code="2150858819"'), ("Create", 'Code="2150858819"')],
)
def test_what_is_not_there_is_a_fault(host: Host, action: str, expected: str) -> None:
    well, text = asked(host, action, "")
    assert not well
    assert expected in text


def test_no_entities_are_expanded(host: Host) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    well, data = asyncio.run(answer(host, "me", bomb, never))
    assert not well
    assert b"A document type is not allowed here." in data


# Arguments


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"stat": "x"},
            "Unsupported parameters for (win_updates) module: stat. Supported parameters include: ",
        ),
        ({"state": "instaled"}, "value of state must be one of: "),
        ({"skip_optional": "perhaps"}, "argument for skip_optional is of type System.Str and we were unable"),
    ],
)
def test_what_the_documentation_does_not_allow_fails(given: dict[str, Any], said: str) -> None:
    known = documented("ansible.windows.win_updates")
    assert known is not None
    with pytest.raises(ModuleFailure, match=re.escape(said)):
        known.read(given)


def test_defaults_aliases_and_fragments() -> None:
    updates, package = documented("ansible.windows.win_updates"), documented("ansible.windows.win_package")
    assert updates is not None
    assert package is not None
    read = (
        updates.read({"whitelist": "KB1, KB2"}) if "whitelist" in str(updates.options) else updates.read({})
    )
    assert read["state"] == "installed"
    assert read["category_names"] == ["CriticalUpdates", "SecurityUpdates", "UpdateRollups"]
    assert "url_timeout" in package.options, "of the fragment web_request"
    assert package.read({"path": "x", "url_timeout": "5"})["url_timeout"] == 5


def test_a_module_without_a_model_fails_loudly(host: Host) -> None:
    assert module(host, "win_timezone")["msg"] == (
        "the lab cannot run ansible.windows.win_timezone: it has no model of it"
    )
    assert module(host, "win_shell", _raw_params="dir")["msg"] == "the lab runs no commands: dir"


# State


def test_a_value_is_put_where_it_belongs(host: Host) -> None:
    put(host, "updates.offered.KB5050001.state", "installed")
    put(host, "system.free", "12")
    put(host, "software.products", {"{1}": {"name": "Viewer", "version": "2.0"}})
    assert [each.kb for each in host.of(Updates).wanting()] == ["KB5049622", "KB890830", "KB2267602"]
    assert host.state()["system"]["free"] == 12
    assert host.state()["software"]["products"]["{1}"]["version"] == "2.0"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("weather.rain", 1, "Hosts have no 'weather'."),
        ("system.fre", 1, "There is no 'system.fre': nothing is called 'fre' there."),
        ("updates.offered.KB1.state", "x", "There is no 'updates.offered.KB1.state'"),
        ("system.free", "much", "system.free cannot be 'much'"),
    ],
)
def test_a_value_that_belongs_nowhere_is_refused(host: Host, path: str, value: Any, said: str) -> None:
    with pytest.raises(LabError, match=re.escape(said)):
        put(host, path, value)


def test_state_and_log_hold_no_password(host: Host) -> None:
    host.of(Accounts).change_password("Administrator", "hush-hush")
    assert "hush" not in str(host.state())
    given = {"name": "x", "password": "hush", "list": [{"api_token": "hush"}], "update_password": "always"}
    shown = redacted(given, ("extra",))
    assert "hush" not in str(shown)
    assert shown["name"] == "x"


def test_accounts_are_the_domains_and_the_hosts_own(host: Host) -> None:
    names = {line.partition(":")[0] for line in accounts(host).splitlines()}
    assert {
        "AD\\svc-daicho",
        "svc-daicho@ad.example.test",
        "PC00001\\Administrator",
        ".\\Administrator",
    } <= names
    assert not [name for name in names if "Guest" in name]
    host.of(Accounts).users["Administrator"].enabled = False
    assert "Administrator" not in accounts(host)


def test_updates_need_a_reboot_then_are_there(host: Host) -> None:
    put(host, "updates.offered.KB5050001.reboot", value=True)
    host.faults.append(Fault("update-fails", text="KB890830=0x80070002", times=1))
    given = {"category_names": "*", "_operation": "start", "_operation_options": {"wait": True}}
    first = module(host, "win_updates", **given)
    assert first["msg"] == "Failed to install all updates - see updates for more information"
    assert (first["installed_update_count"], first["failed_update_count"]) == (3, 1)
    again = module(host, "win_updates", **given)
    assert again["msg"] == "A reboot is required before more updates can be installed"
    host.reboot()
    last = module(host, "win_updates", **given)
    assert (last["installed_update_count"], last["reboot_required"]) == (1, False)
    assert {each.state for each in host.of(Updates).offered} == {"installed"}


def test_a_name_that_is_another_and_power_that_comes_back(host: Host) -> None:
    control = Control(Population(WORLD, 3), Server(Population(WORLD, 3), Certificates(), never))
    control.do({"do": "fault", "host": "pc00001", "kind": "renamed", "text": "other"})
    assert control.do({"do": "state", "host": "pc00001"})["system"]["name"] == "other"
    assert control.do({"do": "clear", "host": "pc00001"}) == ["renamed"]
    assert control.do({"do": "state", "host": "pc00001"})["system"]["name"] == "pc00001"
    host.of(System).pending_reboot = True
    host.switch(on=True)
    assert (host.boots, host.of(System).pending_reboot) == (0, True), "it was on"
    host.switch(on=False)
    assert not host.up
    host.switch(on=True)
    assert (host.up, host.boots, host.of(System).pending_reboot) == (True, 1, False)


def test_a_disk_without_room_fails_the_download(host: Host) -> None:
    host.of(System).free = 100
    found = module(host, "win_updates", _operation="start", _operation_options={"wait": True})
    assert found["msg"] == "Failed to download all updates - see updates for more information"
    assert {each["failure_hresult_code"] for each in found["updates"].values()} == {-2147024784}


# Population


def test_addresses_and_names_lead_to_the_same_host() -> None:
    population = Population(WORLD, 12_000)
    host = population.named("pc00251")
    assert host is not None
    assert host.address == "127.86.1.1"
    assert population.at("127.86.1.1") is host
    assert population.named("PC00251.ad.example.test".lower()) is host
    assert population.at("127.86.0.255") is None
    assert population.named("pc12001") is None


def test_the_same_seed_has_the_same_hosts_off() -> None:
    world = World(seed=3, off_share=0.15, back_within=600, began=0)
    away = [index for index, host in enumerate(Population(world, 2000)) if host._woken_at > 0]
    assert 250 <= len(away) <= 350
    assert away == [index for index, host in enumerate(Population(world, 2000)) if host._woken_at > 0]


def test_every_shipped_script_has_a_model() -> None:
    shipped = Shipped.read(ROOT, load())
    assert shipped.bootstrap
    assert {name for name in shipped.names.values() if name not in shipped.models} == set()


@pytest.mark.parametrize("page", ["windows.md", "windows.ja.md"])
def test_the_page_names_all_faults_and_modules(page: str) -> None:
    text = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    names = {*KINDS, *(name.rpartition(".")[2] for name in modules.MODULES)}
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_every_fault_is_known_and_others_are_not() -> None:
    assert all(Fault(kind).kind == kind for kind in KINDS)
    with pytest.raises(LabError, match="There is no fault 'rain'"):
        Fault("rain")


def test_a_fault_after_some_occasions_happens_some_times(host: Host) -> None:
    host.faults.append(Fault("http-500", after=2, times=2))
    assert [bool(host.spend("http-500")) for _ in range(5)] == [False, False, True, True, False]
