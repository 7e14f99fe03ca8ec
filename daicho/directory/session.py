"""A conversation with the directory that survives the loss of a server. The only place that knows ldap3.

Reading goes on with the next server where it was interrupted. A write is never repeated here: only
whoever reads the account again can tell whether it was done.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import ldap3
from ldap3.core.exceptions import LDAPCommunicationError, LDAPExceptionError, LDAPResponseTimeoutError

from daicho.directory.logon import open_connection
from daicho.directory.refusals import refusal
from daicho.directory.values import Entry
from daicho.directory.wrong import DirectoryError, Interrupted, NoServer, NotFound
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from daicho.directory.settings import DirectorySettings

type Values = Mapping[str, Sequence[str | bytes]]
type Control = tuple[str, bool, bytes | None]

_PAGED: Final = "1.2.840.113556.1.4.319"
_NO_SUCH_OBJECT: Final = 32
BASE: Final = ldap3.BASE
ADD: Final = ldap3.MODIFY_ADD
DELETE: Final = ldap3.MODIFY_DELETE
REPLACE: Final = ldap3.MODIFY_REPLACE


class Edit(NamedTuple):
    """One change of one attribute."""

    action: str
    """ADD, DELETE or REPLACE."""
    attribute: str
    values: Sequence[str | bytes]


class Query(NamedTuple):
    """What to look for."""

    base: str
    filter: str
    attributes: Sequence[str]
    scope: str = ldap3.SUBTREE
    controls: Sequence[Control] = ()


class Session:
    """One logon to the directory; several threads may use it, one at a time."""

    def __init__(self, settings: DirectorySettings, password: Callable[[], str]) -> None:
        """Nothing is opened yet.

        Args:
            settings: Where the directory is.
            password: Gives the secret when it is needed; it is not kept.
        """
        self.settings = settings
        self._password = password
        self._turn = threading.RLock()
        self._next = 0
        self._broke = ""
        self._connection: ldap3.Connection | None = None
        self.writes = 0
        """How many writes the directory has accepted."""

    def __enter__(self) -> Self:
        """Open a connection, so that what is wrong with the settings is said at once."""
        with self._turn:
            self._opened()
        return self

    def __exit__(self, *_: object) -> None:
        """Log off."""
        with self._turn:
            self._drop()

    def twin(self) -> Session:
        """Another logon to the same directory, to read two things at once."""
        return Session(self.settings, self._password)

    def alone(self, server: str) -> Session:
        """Another logon, to this server and no other: for what each server keeps for itself."""
        return Session(self.settings.model_copy(update={"servers": (server,)}), self._password)

    @property
    def server(self) -> str:
        """The server that is being talked to, or the one that would be asked next."""
        return self.settings.servers[self._next % len(self.settings.servers)]

    def search(self, query: Query) -> Iterator[Entry]:
        """The entries that a query finds, page by page; none if its base does not exist.

        Raises:
            NoServer: None is left to ask.
            DirectoryError: The directory refuses.
        """
        seen = set[str]()
        left = len(self.settings.servers) + 1
        while True:
            try:
                for entry in self._pages(query):
                    if entry.dn not in seen:
                        seen.add(entry.dn)
                        yield entry
            except Interrupted:
                left -= 1
                if left < 0:
                    raise
            else:
                return

    def one(self, dn: str, attributes: Sequence[str]) -> Entry:
        """One entry by its name.

        Raises:
            NotFound: There is none of this name.
        """
        query = Query(dn, "(objectClass=*)", attributes, ldap3.BASE)
        for entry in self.search(query):
            return entry
        raise NotFound(kind=_("entry"), name=dn)

    def exists(self, dn: str) -> bool:
        """Whether there is an entry of this name."""
        return any(True for _ in self.search(Query(dn, "(objectClass=*)", ("1.1",), ldap3.BASE)))

    def add(self, dn: str, classes: Sequence[str], values: Values) -> None:
        """Make an entry."""
        self._write(
            "add", dn, lambda its: its.add(dn, list(classes), {k: list(v) for k, v in values.items()})
        )

    def modify(self, dn: str, edits: Iterable[Edit]) -> None:
        """Change attributes of an entry, all or none."""
        changes: dict[str, list[tuple[str, list[str | bytes]]]] = {}
        for edit in edits:
            changes.setdefault(edit.attribute, []).append((edit.action, list(edit.values)))
        self._write("change", dn, lambda its: its.modify(dn, changes))

    def move(self, dn: str, own: str, under: str) -> None:
        """Give an entry another name of its own, another place, or both."""
        self._write("move", dn, lambda its: its.modify_dn(dn, own, new_superior=under))

    def delete(self, dn: str) -> None:
        """Take an entry away."""
        self._write("delete", dn, lambda its: its.delete(dn))

    def set_password(self, dn: str, password: str) -> None:
        """Set a password by the extended operation (RFC 3062), so that the server hashes it."""
        self._write(
            "password", dn, lambda its: its.extend.standard.modify_password(dn, new_password=password)
        )

    def _pages(self, query: Query) -> Iterator[Entry]:
        cookie: bytes | None = b""
        while cookie is not None:
            page, cookie = self._page(query, cookie)
            yield from page

    def _page(self, query: Query, cookie: bytes) -> tuple[list[Entry], bytes | None]:
        with self._turn:
            its = self._opened()
            size = None if query.scope == ldap3.BASE else self.settings.page_size
            self._talk(
                lambda: its.search(
                    query.base,
                    query.filter,
                    query.scope,
                    attributes=list(query.attributes),
                    paged_size=size,
                    paged_cookie=cookie or None,
                    controls=list(query.controls) or None,
                )
            )
            result, response, its.response = its.result, its.response or (), None
            if result["result"] == _NO_SUCH_OBJECT:
                return [], None
            if result["result"] != 0:
                raise refusal("search", query.base, result)
            entries = [
                Entry(each["dn"], each["raw_attributes"])
                for each in response
                if each["type"] == "searchResEntry"  # others point elsewhere
            ]
            answered = (result.get("controls") or {}).get(_PAGED)
            return entries, (answered["value"]["cookie"] or None) if answered else None

    def _write(self, what: str, dn: str, send: Callable[[ldap3.Connection], object]) -> None:
        with self._turn:
            its = self._opened()
            self._talk(lambda: send(its))
            result = its.result
            its.request = its.response = None  # ldap3 keeps what was sent, passwords too
            if result["result"] != 0:
                raise refusal(what, dn, result)
            self.writes += 1

    def _talk(self, send: Callable[[], object]) -> None:
        server = self.server
        try:
            send()
        except (LDAPCommunicationError, LDAPResponseTimeoutError, OSError) as error:
            self._drop()
            # Servers end connections that were idle: the same one is asked again first, because it
            # knows what was written to it. Twice in a row is no accident.
            if self._broke == server:
                self._next += 1
            self._broke = server
            raise Interrupted(server=server, why=str(error)) from error
        except LDAPExceptionError as error:
            raise DirectoryError(why=str(error)) from error
        self._broke = ""

    def _opened(self) -> ldap3.Connection:
        if self._connection is not None:
            return self._connection
        reasons: list[str] = []
        for _server in self.settings.servers:
            try:
                self._connection = open_connection(self.settings, self.server, self._password)
            except Interrupted as error:
                reasons.append(f"{error.facts['server']} ({error.facts['why']})")
                self._next += 1
            else:
                return self._connection
        raise NoServer(reasons="; ".join(reasons))

    def _drop(self) -> None:
        its, self._connection = self._connection, None
        if its is None:
            return
        try:
            its.unbind()
        except (LDAPExceptionError, OSError):
            its.strategy.close()
