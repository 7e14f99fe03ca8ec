"""Home folders: made with the rights of their owner and of nobody else's but the administrators'."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, Self

from daicho.directory.names import either, equals
from daicho.directory.session import Query
from daicho.directory.wrong import DirectoryError
from daicho.errors import ExitCode
from daicho.fileserver.descriptors import FULL, Descriptor, Entry
from daicho.fileserver.share import Account, Share, parted
from daicho.fileserver.sids import ADMINISTRATORS, SYSTEM, sid_text
from daicho.fileserver.wrong import FileServerError, NoFileServer
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from daicho.accounts.rules import HomeRules
    from daicho.directory.session import Session

_KNOWN: Final = {SYSTEM: "SYSTEM", ADMINISTRATORS: "Administrators"}
_POLL_S: Final = 0.5
_NAME: Final = "sAMAccountName"
_SID: Final = "objectSid"


class NotKnownYet(DirectoryError):
    """The server that is asked now does not know an account that another one has just made."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_("{server} does not know {name} yet, so the home folder cannot be made. Run it again.")
    unreachable = True


class Homes:
    """The home folders of a site's file servers. Use it as a context manager."""

    def __init__(self, rules: HomeRules, session: Session, account: Account) -> None:
        """Nothing is opened yet.

        Args:
            rules: The site's.
            session: The directory, which knows whose a SID is.
            account: Who logs on to the file servers.
        """
        self._rules = rules
        self._session = session
        self._account = account
        self._shares: dict[tuple[str, str], Share] = {}
        self._down: dict[tuple[str, str], FileServerError] = {}
        self._sids: dict[str, str] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Log off from all of them."""
        self._open.close()

    def wanted(self, owner: str) -> str:
        """Who is to have a new folder, in words: what `found` says of it afterwards."""
        full = [_KNOWN[ADMINISTRATORS], _KNOWN[SYSTEM], *filter(None, [self._rules.administrators]), owner]
        return f"full control: {', '.join(full)}"

    def found(self, path: str, names: Mapping[str, str]) -> str | None:
        r"""Who may do what in a folder; None: there is no such folder.

        Args:
            path: `\\fs1\home\sato`.
            names: SID → name, for those who are known.

        Raises:
            FileServerError: It cannot be asked.
        """
        share, below = self._at(path)
        rights = share.rights(below)
        return None if rights is None else _words(rights, {**_KNOWN, **names})

    def make(self, path: str, owner: str) -> None:
        """Make a folder, and give it its rights whether it was there or not.

        Raises:
            FileServerError: It is refused.
        """
        share, below = self._at(path)
        who = [*filter(None, [self._rules.administrators]), owner]
        sids = [ADMINISTRATORS, SYSTEM, *(self._sid(name) for name in who)]
        rights = Descriptor(entries=tuple(Entry(sid=sid) for sid in sids))
        share.make(below, rights)
        now = share.rights(below)
        if now is None or (now.entries, now.protected) != (rights.entries, rights.protected):
            share.give(below, rights)

    def names(self, owners: Iterable[str]) -> Mapping[str, str]:
        """SID → logon name of these accounts and of the site's administrators of home folders."""
        self._learn([*owners, *filter(None, [self._rules.administrators])])
        return {sid: name for name, sid in self._sids.items()}

    def _sid(self, name: str) -> str:
        until = time.monotonic() + self._session.settings.replication_wait_s
        while name not in self._sids:
            self._learn([name])
            if name in self._sids:
                break
            if time.monotonic() > until:
                raise NotKnownYet(server=self._session.server, name=name)
            time.sleep(_POLL_S)
        return self._sids[name]

    def _learn(self, names: Iterable[str]) -> None:
        asked = {name.casefold(): name for name in names if name not in self._sids}
        if not asked:
            return
        wanted = either(equals(_NAME, name) for name in asked.values())
        for entry in self._session.search(Query(self._session.settings.base, wanted, (_NAME, _SID))):
            if name := asked.get(entry.text(_NAME).casefold()):
                self._sids[name] = sid_text(entry.values[_SID.lower()][0])

    def _at(self, path: str) -> tuple[Share, str]:
        server, share, below = parted(path)
        if not server:
            said = _("{path!r} is no path of a folder on a share; write it like \\\\fs1\\home\\{{account}}")
            raise FileServerError(server="-", path=path, why=said.format(path=path))
        key = (server.casefold(), share.casefold())
        if key in self._down:
            raise self._down[key]
        if key not in self._shares:
            address = self._session.settings.addresses.get(server, "")
            opened = Share(server, share, self._account, address)
            try:
                self._shares[key] = self._open.enter_context(opened)
            except NoFileServer as error:
                self._down[key] = error  # three hundred people must not wait for it one by one
                raise
        return self._shares[key], below


def _words(rights: Descriptor, names: Mapping[str, str]) -> str:
    full, other = list[str](), list[str]()
    for entry in rights.entries:
        name = names.get(entry.sid, entry.sid)
        if entry.allow and entry.mask == FULL and not entry.inherited:
            full.append(name)
        else:
            kind = "" if entry.allow else "not "
            other.append(f"{name} {kind}{entry.mask:#x}{' inherited' if entry.inherited else ''}")
    told = [f"full control: {', '.join(full)}"] if full else []
    told += [f"also: {', '.join(sorted(other))}"] if other else []
    told += [] if rights.protected else ["inherits"]
    return "; ".join(told)
