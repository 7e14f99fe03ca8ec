"""A file server for tests: folders made and judged with Samba's own programs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from daicho.fileserver import sddl
from daicho.fileserver.share import Account, Share
from lab.domain_build import login_file
from lab.errors import CommandError

if TYPE_CHECKING:
    from lab.domain import Domain

SHARE = "//fs1.ad.example.test/dept"


def cacls(domain: Domain, place: str, *words: str) -> str:
    """What smbcacls says of a folder of the share `dept`."""
    with login_file(domain.places, "svc-daicho", "svc-daicho") as login:
        start = ["smbcacls", f"//{domain.fqdn('fs1')}/dept", place]
        done = domain.execute([*start, *words, f"--authentication-file={login}"])
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def rights(domain: Domain, place: str) -> str:
    """The SDDL that smbcacls shows of a folder, without its group; it spells masks out."""
    text = re.sub(r"G:[^:]*?D:", "D:", cacls(domain, place, "--sddl"))
    return text.replace("0x001f01ff", "FA").replace("0x00", "0x")


def set_rights(domain: Domain, **texts: str) -> None:
    """Give folders of `dept` lists by SDDL, in this order: smbcacls cannot mark what is inherited."""
    account = Account(name="svc-daicho@ad.example.test", secret=domain.secret)
    with Share(domain.fqdn("fs1"), "dept", account) as share:
        for place, text in texts.items():
            share.give(place.replace("/", "\\"), sddl.from_text(text))


def sid(domain: Domain, name: str, kind: str = "group") -> str:
    """What samba-tool says."""
    out = domain.samba_tool(kind, "show", name, "--attributes=objectSid")
    return next(line.split(": ")[1] for line in out.splitlines() if line.startswith("objectSid"))


def may(domain: Domain, who: str, commands: str) -> bool:
    """Whether somebody can do it, really."""
    try:
        domain.smbclient("dept", commands, user=who, password="people")  # noqa: S106 -- a secret's name
    except CommandError as error:
        if "NT_STATUS_ACCESS_DENIED" not in str(error):
            raise
        return False
    return True
