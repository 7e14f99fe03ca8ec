"""The logon by Kerberos ticket instead of a password, where the extra `kerberos` is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from daicho.directory.reading import Reader
from daicho.directory.session import Session
from daicho.directory.wrong import LogonImpossible
from tests.directories import active

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = pytest.mark.changes()
needs_gssapi = pytest.mark.skipif(find_spec("gssapi") is None, reason="the extra `kerberos` is not installed")


def no_password() -> str:
    raise AssertionError("a ticket needs no password")


def tickets(domain: Domain, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    """Point Kerberos at the lab's domain and a cache of tickets."""
    monkeypatch.setenv("KRB5_CONFIG", str(domain.krb5_config))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{cache}")


@needs_gssapi
@pytest.mark.parametrize("encryption", ["ldaps", "starttls"])
def test_a_ticket_opens_the_directory(
    domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encryption: str
) -> None:
    tickets(domain, monkeypatch, tmp_path / "cache")
    done = domain.execute(
        ["kinit", "-c", f"FILE:{tmp_path}/cache", "svc-daicho"], text=domain.secret() + "\n"
    )
    assert done.returncode == 0, done.stderr
    settings = active(domain, "dc1", logon="kerberos", bind_name="", encryption=encryption)
    with Session(settings, no_password) as session:
        found = Reader(session).by_login(["k.tanaka"])
    assert found["k.tanaka"].attribute("employeeID") == "11000001"


@needs_gssapi
def test_without_a_ticket_it_is_said(domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets(domain, monkeypatch, tmp_path / "none")
    settings = active(domain, "dc1", logon="kerberos", bind_name="")
    with pytest.raises(LogonImpossible) as found, Session(settings, no_password):
        pass
    said = str(found.value)
    assert said.startswith("dc1.ad.example.test cannot be logged on to: no usable Kerberos ticket (")
    assert said.endswith("). Get one with kinit")


@pytest.mark.skipif(find_spec("gssapi") is not None, reason="the extra `kerberos` is installed")
def test_without_the_extra_its_name_is_said(domain: Domain) -> None:
    settings = active(domain, "dc1", logon="kerberos", bind_name="")
    with pytest.raises(LogonImpossible) as found, Session(settings, no_password):
        pass
    assert str(found.value) == (
        "dc1.ad.example.test cannot be logged on to: "
        "Kerberos needs the extra `kerberos`: `uv sync --extra kerberos`."
    )
