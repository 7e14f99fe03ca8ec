"""Clients that nobody here wrote drive the endpoint: pywinrm and pypsrp, sealed and bound, or refused."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import requests
from pypsrp.client import Client
from pypsrp.exceptions import AuthenticationError
from requests_ntlm import HttpNtlmAuth
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError
from winrm.protocol import Protocol

from daicho.endpoints.script import command, text_of
from lab.errors import LabError
from lab.winrm.plane import free_port
from lab.winrm.world import World
from tests.windows import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.winrm import Windows

ONE, TWO, THREE = "pc00001", "pc00002", "pc00003"
BOOTED = (
    "(Get-CimInstance -ClassName Win32_OperatingSystem -Property LastBootUpTime).LastBootUpTime.ToFileTime()"
)


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    plain = free_port(World().network)
    with windows(tmp_path_factory.mktemp("windows"), hosts=3, plain_port=plain) as found:
        yield found


@pytest.fixture(autouse=True)
def without_faults(terminals: Windows) -> Iterator[None]:
    yield
    for host in terminals.names:
        terminals.clear(host)


def encoded(script: str) -> str:
    return base64.b64encode(script.encode("utf-16-le")).decode()


def pywinrm(terminals: Windows, host: str = ONE, **changes: Any) -> Protocol:
    world = terminals.world
    facts: dict[str, Any] = {
        "endpoint": f"https://{terminals.address(host)}:{world.port}/wsman",
        "transport": "ntlm",
        "username": world.login,
        "password": world.password,
        "ca_trust_path": str(terminals.ca),
        "message_encryption": "always",
        "read_timeout_sec": 5,
        "operation_timeout_sec": 3,
        "proxy": None,
    }
    return Protocol(**{**facts, **changes})


def plain(terminals: Windows) -> str:
    return f"http://{terminals.address(ONE)}:{terminals.world.plain_port}/wsman"


def ran(protocol: Protocol, line: str, *words: str) -> tuple[int, str, str]:
    """One command as pywinrm runs it: its status, what it said, what it complained of."""
    shell = protocol.open_shell()
    try:
        process = protocol.run_command(shell, line, list(words))
        out, err, status = protocol.get_command_output(shell, process)
        protocol.cleanup_command(shell, process)
    finally:
        protocol.close_shell(shell)
        protocol.transport.close_session()
    return status, out.decode(), err.decode()


def pypsrp(terminals: Windows, host: str = ONE, **changes: Any) -> Client:
    world = terminals.world
    facts: dict[str, Any] = {
        "port": world.port,
        "username": world.login,
        "password": world.password,
        "auth": "ntlm",
        "encryption": "always",
        "cert_validation": str(terminals.ca),
        "no_proxy": True,
        "operation_timeout": 3,
        "read_timeout": 5,
    }
    return Client(terminals.address(host), **{**facts, **changes})


def powershell(terminals: Windows, script: str, host: str = ONE, **changes: Any) -> tuple[str, str, int]:
    with closing(pypsrp(terminals, host, **changes)) as client:
        out, err, status = client.execute_cmd(
            f"powershell -EncodedCommand {encoded(script)}", encoding="utf-8"
        )
        return str(out), str(err), int(status)


def test_pywinrm_sealed_or_not_over_tls(terminals: Windows) -> None:
    words = ("-NoProfile", "-EncodedCommand", encoded(BOOTED))
    for sealing in ("always", "never"):
        status, out, _err = ran(pywinrm(terminals, message_encryption=sealing), "powershell", *words)
        assert status == 0
        assert out.strip().isdigit()
    assert terminals.arrived(ONE, "bare")[-2:] == ["boot_time", "boot_time"]


def test_pypsrp_gets_the_same(terminals: Windows) -> None:
    out, _err, status = powershell(terminals, BOOTED)
    assert status == 0
    assert out.strip().isdigit()


def test_without_tls_only_sealed_messages_are_taken(terminals: Windows) -> None:
    sealed = pywinrm(terminals, endpoint=plain(terminals))
    assert ran(sealed, "powershell", "-EncodedCommand", encoded(BOOTED))[0] == 0
    bare = pywinrm(terminals, endpoint=plain(terminals), message_encryption="never")
    with pytest.raises(WinRMTransportError) as caught:
        bare.open_shell()
    assert caught.value.code == 400


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"username": "AD\\somebody"}, {"username": "OTHER\\svc-daicho"}]
)
def test_who_is_not_known_is_not_let_in(terminals: Windows, wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidCredentialsError):
        pywinrm(terminals, **wrong).open_shell()
    with pytest.raises(AuthenticationError):
        powershell(terminals, BOOTED, **wrong)


def test_basic_is_refused(terminals: Windows) -> None:
    with pytest.raises(InvalidCredentialsError):
        pywinrm(terminals, transport="basic", message_encryption="never").open_shell()


def test_a_logon_that_is_not_bound_to_the_channel_is_refused(terminals: Windows) -> None:
    world = terminals.world
    answer = {}
    for bound in (True, False):
        with requests.Session() as session:
            session.trust_env, session.verify = False, str(terminals.ca)
            session.auth = HttpNtlmAuth(world.login, world.password, send_cbt=bound)
            address = f"https://{terminals.address(ONE)}:{world.port}/wsman"
            answer[bound] = session.post(address, data=b"", headers={"Content-Length": "0"}).status_code
    assert answer == {True: 200, False: 401}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("certificate-expired", "certificate has expired"),
        ("certificate-future", "certificate is not yet valid"),
        ("certificate-other-name", "IP address mismatch"),
        ("certificate-other-ca", "unable to get local issuer certificate"),
    ],
)
def test_a_certificate_that_does_not_fit_is_noticed(terminals: Windows, kind: str, said: str) -> None:
    terminals.fault(TWO, kind)
    with pytest.raises(requests.exceptions.SSLError, match=said):
        pywinrm(terminals, TWO).open_shell()
    terminals.clear(TWO)
    assert ran(pywinrm(terminals, TWO), "powershell", "-EncodedCommand", encoded(BOOTED))[0] == 0


def test_a_script_that_is_not_ours_is_not_run(terminals: Windows) -> None:
    _out, err, status = powershell(terminals, "Remove-Everything")
    assert status == 1
    assert (
        "the lab cannot run this script: &apos;Remove-Everything&apos;" in err or "Remove-Everything" in err
    )
    with closing(pypsrp(terminals)) as client:
        out, err, status = client.execute_cmd("format c:")
    assert (out, status) == ("", 1)
    assert err == "'format' is not recognized as an internal or external command,\r\n"


def errand(terminals: Windows, host: str, name: str, text: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A script over our bootstrap, by pywinrm's own means."""
    protocol = pywinrm(terminals, host)
    shell = protocol.open_shell()
    first, *words = command()
    process = protocol.run_command(shell, first, words, console_mode_stdin=False)
    given = json.dumps({"name": name, "script": text, "arguments": arguments}).encode()
    half = len(given) // 2
    protocol.send_command_input(shell, process, given[:half])
    protocol.send_command_input(shell, process, given[half:], end=True)
    out, _err, status = protocol.get_command_output(shell, process)
    protocol.close_shell(shell)
    protocol.transport.close_session()
    assert status == 0
    answer: dict[str, Any] = json.loads(out)
    return answer


def test_ours_are_known_by_their_text(terminals: Windows) -> None:
    text = text_of("get_patch_state")
    answer = errand(terminals, TWO, "get_patch_state", text, {"online": True})
    assert answer["ok"] is True
    assert answer["result"]["name"] == "PC00002"
    assert "KB5050001" in answer["result"]["missing"]
    changed = errand(terminals, TWO, "get_patch_state", f"{text}\n# changed", {"online": True})
    assert (changed["ok"], changed["kind"]) == (False, "no_model")
    assert changed["message"] == "the lab cannot run get_patch_state: it is not one that daicho ships"


def test_no_secret_reaches_the_log(terminals: Windows) -> None:
    given = {"account": "", "password": "correct horse battery staple"}
    errand(terminals, THREE, "set_admin_password", text_of("set_admin_password"), given)
    assert "correct horse" not in json.dumps([terminals.wire(THREE), terminals.state(THREE)])
    assert "correct horse" not in (terminals.folder / "log").read_text(encoding="utf-8")


def test_requests_fail_as_often_as_they_are_told_to(terminals: Windows) -> None:
    terminals.fault(TWO, "http-500", times=1)
    with pytest.raises(WinRMTransportError, match="500"):
        pywinrm(terminals, TWO).open_shell()
    terminals.fault(TWO, "reset", times=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        pywinrm(terminals, TWO).open_shell()
    assert ran(pywinrm(terminals, TWO), "powershell", "-EncodedCommand", encoded(BOOTED))[0] == 0


def test_off_is_off_and_kerberos_only_is_no_way_in(terminals: Windows) -> None:
    terminals.fault(TWO, "ntlm-off")
    with pytest.raises(ValueError, match="Server responded with the auth protocol 'Kerberos'"):
        powershell(terminals, BOOTED, TWO)
    terminals.power(TWO, on=False)
    with pytest.raises(requests.exceptions.ConnectionError):
        pywinrm(terminals, TWO).open_shell()
    terminals.power(TWO, on=True)
    terminals.clear(TWO)
    assert powershell(terminals, BOOTED, TWO)[2] == 0
    with pytest.raises(LabError, match="There is no terminal 'pc00004'"):
        terminals.power("pc00004", on=True)


def test_a_long_task_is_asked_for_until_it_ends(terminals: Windows) -> None:
    terminals.fault(TWO, "slow", seconds=1.5)
    slow = pywinrm(terminals, TWO, operation_timeout_sec=1)
    shell = slow.open_shell()
    first, *words = command()
    process = slow.run_command(shell, first, words, console_mode_stdin=False)
    given = {"script": text_of("get_patch_state"), "arguments": {"online": False}}
    slow.send_command_input(shell, process, json.dumps(given).encode(), end=True)
    before = terminals.summary()["requests"]
    out, _err, _status = slow.get_command_output(shell, process)
    assert json.loads(out)["ok"] is True
    assert terminals.summary()["requests"] - before == 2, "a Receive that saw nothing, one more"
    slow.close_shell(shell)
    slow.transport.close_session()


def test_a_reboot_in_the_middle_cuts_who_waits(terminals: Windows) -> None:
    terminals.fault(THREE, "reboot-in-task", text="patch_state", times=1)
    # It is back before pywinrm asks again, over a new connection that nobody has logged on.
    with pytest.raises((requests.exceptions.ConnectionError, WinRMTransportError)):
        errand(terminals, THREE, "x", text_of("get_patch_state"), {"online": False})
    assert terminals.wire(THREE)[-1]["code"] is None, "it never ended"
    assert terminals.status(THREE)["boots"] == 1
    answer = errand(terminals, THREE, "x", text_of("get_patch_state"), {"online": False})
    assert answer["ok"] is True
