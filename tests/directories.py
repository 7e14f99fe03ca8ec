"""What tests of the directory core share: settings for the lab's directories, and a few states."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from daicho.directory import state as keys
from daicho.directory.case import Work
from daicho.directory.session import Session
from daicho.directory.settings import DirectorySettings, Flavour
from daicho.directory.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from daicho.directory.reading import Reader
    from daicho.directory.state import Account
    from daicho.directory.writing import Outcome
    from daicho.plan import Scalar
    from lab.domain import Domain

INITIAL = "Kx7-mWh4+pRtn3"


def active(domain: Domain, *servers: str, **more: object) -> DirectorySettings:
    """The lab's Active Directory, asked in this order."""
    base = domain.base
    return DirectorySettings.model_validate(
        {
            "servers": [domain.fqdn(server) for server in servers or ("dc1", "dc2")],
            "base": base,
            "bind_name": "svc-daicho@ad.example.test",
            "ca_file": domain.ca,
            "people": f"OU=職員,{base}",
            "groups": f"OU=グループ,{base}",
            "disabled": f"OU=無効化,{base}",
            "computers": f"OU=端末,{base}",
            "hidden_attribute": "",
            **more,
        }
    )


def plain(domain: Domain, **more: object) -> DirectorySettings:
    """The lab's OpenLDAP."""
    base = domain.ldap_base
    return DirectorySettings.model_validate(
        {
            "servers": [domain.fqdn("ldap1")],
            "base": base,
            "flavour": Flavour.LDAP,
            "bind_name": domain.ldap_bind_dn,
            "ca_file": domain.ca,
            "people": f"ou=people,{base}",
            "groups": f"ou=groups,{base}",
            "disabled": f"ou=disabled,{base}",
            **more,
        }
    )


def session(domain: Domain, settings: DirectorySettings) -> Session:
    """A session as daicho opens it; the password is asked for when it is needed."""
    name = "svc-daicho" if settings.flavour is Flavour.AD else "ldap1"
    return Session(settings, lambda: domain.secret(name))


def hanako(base: str, **more: Scalar) -> dict[str, Scalar]:
    """A person whose name is awkward for a directory."""
    return {
        keys.DN: rf"CN=鈴木\, 花子 (臨時)*,OU=職員,{base}",
        "attribute:sAMAccountName": "h.suzuki99",
        "attribute:employeeID": "H0000001",
        "attribute:displayName": "鈴木, 花子 (臨時)*",
        "attribute:sn": "鈴木",
        keys.ENABLED: True,
        keys.MUST_CHANGE: True,
        keys.PASSWORD: keys.SET,
        **more,
    }


def carry_out(
    reader: Reader, wanted: Mapping[str, Mapping[str, Scalar]], found: Mapping[str, Account] | None = None
) -> dict[str, Outcome]:
    """Bring accounts to their states; what was found is read now unless it is given."""
    before = reader.by_number(wanted) if found is None else found
    works = [Work(key=key, found=before.get(key), wanted=state) for key, state in wanted.items()]
    return dict(Writer(reader, lambda _key: INITIAL).carry_out(works))


def logons(domain: Domain, names: Iterable[str], password: str = INITIAL) -> dict[str, str]:
    """What OpenLDAP's own client is told when people log on at dc1."""
    found: dict[str, str] = {}
    for name in names:
        who = ["-D", f"{name}@ad.example.test", "-w", password]
        done = domain.execute(["ldapsearch", "-x", "-H", domain.uri(), *who, "-s", "base", "-b", "", "1.1"])
        found[name] = done.stderr.strip().splitlines()[-1] if done.returncode else "logged on"
    return found


def join(domain: Domain, terminal: str) -> None:
    """Give a terminal an account, as when it joins."""
    domain.samba_tool("computer", "create", terminal.upper(), "--computerou=OU=端末")
    domain.samba_tool("user", "setpassword", f"{terminal.upper()}$", f"--newpassword={INITIAL}")
    domain.samba_tool("user", "enable", f"{terminal.upper()}$")


def log_on(domain: Domain, terminal: str, server: str, folder: Path) -> None:
    """Let a terminal log on at one controller, as soon as that knows it. `folder`: for kinit's files."""
    others = [domain.address(each) for each in ("dc1", "dc2") if each != server]
    known = domain.krb5_config.read_text(encoding="utf-8").splitlines(keepends=True)
    config = folder / f"krb5-{server}.conf"
    config.write_text(
        "".join(line for line in known if not any(each in line for each in others)), encoding="utf-8"
    )
    who = f"{terminal.upper()}$@AD.EXAMPLE.TEST"
    words = ["env", f"KRB5_CONFIG={config}", "kinit", "-c", str(folder / "ticket"), who]
    until = time.monotonic() + 60
    while (done := domain.execute(words, text=f"{INITIAL}\n")).returncode:
        assert time.monotonic() < until, done.stderr
        time.sleep(0.5)


def has_let_in(domain: Domain, terminal: str, server: str) -> bool:
    """Whether a controller has seen a terminal log on: each keeps that for itself."""
    [(_dn, found)] = domain.ldapsearch(f"(sAMAccountName={terminal}$)", "lastLogon", server=server)
    return found.get("lastLogon", ["0"]) != ["0"]
