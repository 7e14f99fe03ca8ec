"""Logging on where there is nothing to log on to, or not the means."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from daicho.directory import logon
from daicho.directory.session import Session
from daicho.directory.settings import DirectorySettings
from daicho.directory.wrong import LogonImpossible, NoServer, NotTrusted
from daicho.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path


def settings(*servers: str, **more: object) -> DirectorySettings:
    return DirectorySettings.model_validate(
        {
            "servers": servers,
            "base": "DC=example,DC=jp",
            "bind_name": "svc-daicho@example.jp",
            "people": "OU=職員,DC=example,DC=jp",
            "groups": "OU=グループ,DC=example,DC=jp",
            "disabled": "OU=無効化,DC=example,DC=jp",
            "timeout_s": 1,
            **more,
        }
    )


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def never() -> str:
    return "Kx7-mWh4+pRtn3"


def test_every_server_that_does_not_answer_is_named() -> None:
    one, other = f"127.0.0.1:{closed_port()}", f"localhost:{closed_port()}"
    with pytest.raises(NoServer) as refused, Session(settings(one, other), never):
        pass
    said = str(refused.value)
    assert said.startswith(f"No directory server answers: {one} (")
    assert f"; {other} (" in said
    assert said.endswith("Check the servers and `servers:` in directory.yml.")
    assert "refused" in said
    assert refused.value.exit_code is ExitCode.INCOMPLETE
    assert never() not in said


@pytest.mark.parametrize("encryption", ["ldaps", "starttls"])
def test_a_server_that_says_nothing_is_given_up_in_time(encryption: str) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NoServer), Session(settings(address, encryption=encryption), never):
            pass


def test_a_missing_authority_is_named(tmp_path: Path) -> None:
    absent = tmp_path / "ca.crt"
    with pytest.raises(NotTrusted) as refused, Session(settings("dc1.example.jp", ca_file=absent), never):
        pass
    assert str(refused.value) == (
        f"The certificate of dc1.example.jp is not trusted (there is no file {absent}). Nothing was sent to "
        "it. Check `ca_file:` in directory.yml, and that the certificate carries this name."
    )


def test_kerberos_without_its_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logon, "find_spec", lambda _name: None)
    with (
        pytest.raises(LogonImpossible) as refused,
        Session(settings("dc1.example.jp", logon="kerberos", bind_name=""), never),
    ):
        pass
    assert str(refused.value) == (
        "dc1.example.jp cannot be logged on to: Kerberos needs the extra `kerberos`: "
        "`uv sync --extra kerberos`."
    )
