"""When each terminal last logged on to the domain: it is switched on then, whatever else is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Final

from daicho.directory.dialect import Kind
from daicho.directory.names import ASKED_AT_ONCE, either, equals, every
from daicho.directory.reading import Reader
from daicho.directory.session import Query
from daicho.directory.values import from_filetime
from daicho.directory.wrong import Interrupted, NoServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from daicho.directory.session import Session

_LOGONS: Final = ("lastLogon", "lastLogonTimestamp")
"""What a server has seen itself, and what all servers know, up to 14 days late (MS-ADA1)."""
_FEW: Final = 1000
"""So many terminals are asked for by name; of more all that the directory has are read."""


@dataclass(frozen=True, kw_only=True)
class Logons:
    """What the servers of a directory have seen."""

    last: Mapping[str, datetime]
    """Item → the last logon of the account of its name, where Active Directory tells one."""
    silent: Mapping[str, str]
    """Server that could not be asked → why: what it alone has seen is not known."""


def last_logons(session: Session, items: Iterable[str]) -> Logons:
    """The last logons of terminals. Every server is asked: each keeps for itself whom it let in.

    Raises:
        NoServer: No server answers.
        DirectoryError: One refuses.
    """
    names = {item.partition(".")[0].casefold(): item for item in items}
    last: dict[str, datetime] = {}
    silent: dict[str, str] = {}
    for server in session.settings.servers:
        try:
            with session.alone(server) as alone:
                for name, when in _seen_by(alone, names):
                    last[name] = max(when, last.get(name, when))
        except NoServer as error:
            silent[server] = str(error.facts["reasons"])
        except Interrupted as error:
            silent[server] = str(error)
    if len(silent) == len(session.settings.servers):
        raise NoServer(reasons="; ".join(silent.values()))
    return Logons(last=last, silent=silent)


def _seen_by(session: Session, names: Mapping[str, str]) -> Iterator[tuple[str, datetime]]:
    dialect = Reader(session, Kind.COMPUTER).dialect
    computers = dialect.filter(Kind.COMPUTER)
    wanted = [computers]
    if len(names) <= _FEW:
        wanted = [
            every(computers, either(equals(dialect.login, f"{name}$") for name in some))
            for some in batched(names, ASKED_AT_ONCE)
        ]
    for condition in wanted:
        for entry in session.search(Query(session.settings.base, condition, (dialect.login, *_LOGONS))):
            name = names.get(entry.text(dialect.login).removesuffix("$").casefold())
            moments = [when for each in _LOGONS if (when := from_filetime(entry.number(each)))]
            if name and moments:
                yield name, max(moments)
