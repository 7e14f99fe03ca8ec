"""The probes that log on: what an employee does first in the morning, done by an account of its own."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from daicho.directory.logon import WRONG_PASSWORD, open_connection
from daicho.directory.wrong import Interrupted, LogonImpossible, LogonRefused, NotTrusted
from daicho.fileserver.refusals import ALIKE
from daicho.fileserver.share import Account, Share
from daicho.fileserver.wrong import FileServerError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.reachability.passwords import PasswordRefused
from daicho.reachability.wrong import CannotTell, Wrong

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    from daicho.reachability.checks import LogonWorks, ShareOpens

MOST_OF_FILE: Final = 1 << 16

_MAY_NOT: Final = N_("{account} may not log on: {why}")


@dataclass(frozen=True, kw_only=True)
class _Entrance:
    """One directory server, as daicho.directory.logon wants it."""

    addresses: Mapping[str, str]
    bind_name: str
    ca_file: Path | None
    timeout_s: int
    encryption: Literal["ldaps", "starttls"] = "ldaps"
    logon: Literal["password", "kerberos"] = "password"


async def logon_works(check: LogonWorks, password: str) -> str:
    """Log on once, and off again."""
    if check.ca_file is not None and not check.ca_file.is_file():
        raise CannotTell(N_("there is no file {path}"), path=check.ca_file)
    await _knock(check)
    return await asyncio.to_thread(_log_on, check, password)


async def share_opens(check: ShareOpens, password: str) -> str:
    """Open the share, list its top, read the file that is named."""
    await _knock(check)
    return await asyncio.to_thread(_open, check, password)


async def _knock(check: LogonWorks | ShareOpens) -> None:
    """Connect and hang up: what the system says is clearer than what the libraries make of it."""
    async with asyncio.timeout(check.timeout_s):
        _reader, writer = await asyncio.open_connection(check.address, check.port)
    writer.close()


def _log_on(check: LogonWorks, password: str) -> str:
    entrance = _Entrance(
        addresses={check.server: check.address},
        bind_name=check.account,
        ca_file=check.ca_file,
        timeout_s=math.ceil(check.timeout_s),
    )
    began = time.monotonic()
    with _explained(check):
        its = open_connection(entrance, f"{check.server}:{check.port}", lambda: password)
    took = (time.monotonic() - began) * 1000
    its.unbind()
    return _("{account} logged on in {ms:.0f} ms").format(account=check.account, ms=took)


@contextmanager
def _explained(check: LogonWorks) -> Iterator[None]:
    try:
        yield
    except LogonRefused as error:
        if error.facts["data"] in WRONG_PASSWORD:
            raise PasswordRefused(account=check.account, secret=check.secret) from error
        raise Wrong(_MAY_NOT, account=check.account, why=error.facts["why"]) from error
    except NotTrusted as error:
        text = N_("the certificate of {server} is not trusted ({why}); the password was not sent")
        raise Wrong(text, server=check.server, why=error.facts["why"]) from error
    except (Interrupted, LogonImpossible) as error:
        raise Wrong(seen=str(error.facts["why"])) from error


def _open(check: ShareOpens, password: str) -> str:
    account = Account(name=check.account, secret=lambda: password, protocol="ntlm")
    server = check.server or check.address
    visited = Share(server, check.share, account, check.address, check.port)
    try:
        with visited.within(check.timeout_s), visited:
            count = visited.count()
            size = len(visited.head(check.file, MOST_OF_FILE)) if check.file else 0
    except FileServerError as error:
        raise _share_refused(check, error) from error
    said = _("{count} entries at the top").format(count=count)
    if check.file:
        said += _(", {bytes} bytes of {file} read").format(bytes=size, file=check.file)
    return said


def _share_refused(check: ShareOpens, error: FileServerError) -> Wrong:
    status, why = error.facts.get("status"), error.facts["why"]
    if status in ALIKE:
        return PasswordRefused(account=check.account, secret=check.secret)
    path = str(error.facts.get("path") or "")
    return Wrong(N_("{path}: {why}"), path=path, why=why) if path else Wrong(seen=str(why))


PROBES: Final[Mapping[str, Callable[[Any, str], Awaitable[str]]]] = {
    probe.__name__: probe for probe in (logon_works, share_opens)
}
