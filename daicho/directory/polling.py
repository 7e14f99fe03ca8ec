"""What was written in the directory since we last looked, whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final
from uuid import UUID

from daicho.clock import moment, stamp
from daicho.directory.metadata import attribute_number, written
from daicho.directory.names import common_name, either, every, joined, own, parent, present
from daicho.directory.session import Query
from daicho.directory.settings import Flavour
from daicho.directory.values import from_generalized, to_generalized

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daicho.directory.session import Control, Session
    from daicho.directory.values import Entry

_DELETED_TOO: Final[Control] = ("1.2.840.113556.1.4.417", True, None)
_MARGIN: Final = timedelta(minutes=10)
"""How far the clocks of two servers may be apart, and how long replication may take."""
MEMBER: Final = "member"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Up to where the directory has been looked through."""

    numbers: Mapping[str, int] = field(default_factory=dict)
    """Active Directory's highest sequence number by server: each server counts by itself."""
    when: datetime

    @classmethod
    def from_json(cls, body: Mapping[str, object]) -> Mark:
        """A mark as the ledger keeps it."""
        numbers = body["numbers"]
        if not isinstance(numbers, dict):
            raise TypeError(numbers)
        return cls(
            numbers={str(server): int(usn) for server, usn in numbers.items()}, when=moment(str(body["when"]))
        )

    def as_json(self) -> dict[str, object]:
        """The mark for the ledger."""
        return {"numbers": dict(self.numbers), "when": stamp(self.when)}


@dataclass(frozen=True, kw_only=True)
class Write:
    """One attribute that was written."""

    dn: str
    attribute: str
    """Its name; `member` for a group whose members changed; empty: the directory does not tell which."""
    when: datetime
    server: str = ""
    """The server that accepted it first; empty: not told."""
    who: str = ""
    """Who wrote it, where the directory keeps that: OpenLDAP does, Active Directory only in its event log."""
    deleted: bool = False
    """Whether the object is gone."""


def since(session: Session, mark: Mark | None, now: datetime) -> tuple[Mark, list[Write]]:
    """Everything written since a mark, and the next mark.

    Args:
        session: An open session.
        mark: Where the last look ended; None: only the mark for the next look is wanted.
        now: The present moment, for the next mark.
    """
    if session.settings.flavour is Flavour.LDAP:
        return Mark(when=now), list(_by_timestamp(session, mark)) if mark else []
    watch = _Watch(session)
    number, server = watch.highest, watch.server
    next_mark = Mark(numbers={**(mark.numbers if mark else {}), server: number}, when=now)
    return next_mark, list(watch.writes(mark)) if mark else []


def _by_timestamp(session: Session, mark: Mark) -> Iterator[Write]:
    when = to_generalized(mark.when)
    wanted = every(f"(modifyTimestamp>={when})", "(|(objectClass=inetOrgPerson)(objectClass=groupOfNames))")
    asked = ("modifyTimestamp", "modifiersName")
    for entry in session.search(Query(session.settings.base, wanted, asked)):
        yield Write(
            dn=entry.dn,
            attribute="",
            when=from_generalized(entry.text("modifyTimestamp")),
            who=entry.text("modifiersName"),
        )


class _Watch:
    """One look through Active Directory."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._root = session.one(
            "", ("highestCommittedUSN", "dsServiceName", "configurationNamingContext", "schemaNamingContext")
        )

    @property
    def highest(self) -> int:
        return self._root.number("highestCommittedUSN")

    @cached_property
    def server(self) -> str:
        """Our server's invocation ID: a server that was restored has another, and counts anew."""
        itself = self._session.one(self._root.text("dsServiceName"), ("invocationId",))
        return str(UUID(bytes_le=bytes(itself.values["invocationid"][0])))

    def writes(self, mark: Mark) -> Iterator[Write]:
        known = mark.numbers.get(self.server)
        after = mark.when - _MARGIN
        begin = f"(uSNChanged>={known + 1})" if known is not None else f"(whenChanged>={_moment(after)})"
        asked = ("whenChanged", "replPropertyMetaData", "objectClass", "isDeleted", "lastKnownParent")
        query = Query(
            self._session.settings.base, every(begin, either(_objects())), asked, controls=(_DELETED_TOO,)
        )
        for entry in self._session.search(query):
            yield from self._of(entry, known, after)

    def _of(self, entry: Entry, known: int | None, after: datetime) -> Iterator[Write]:
        blob = entry.values.get("replpropertymetadata")
        fresh = [
            Write(
                dn=entry.dn,
                attribute=self._names.get(each.attribute, f"{each.attribute:#x}"),
                when=each.when,
                server=self._servers.get(each.server, str(each.server)),
            )
            for each in (written(bytes(blob[0])) if blob else ())
            if (each.usn > known if known is not None else each.when >= after)
        ]
        if entry.text("isDeleted") == "TRUE":
            yield _deletion(entry, fresh)
        elif fresh:
            yield from fresh
        else:
            # Links have no place in the metadata: a group that was written and has no newer attribute
            # has other members.
            what = MEMBER if "group" in entry.texts("objectClass") else ""
            yield Write(dn=entry.dn, attribute=what, when=from_generalized(entry.text("whenChanged")))

    @cached_property
    def _names(self) -> Mapping[int, str]:
        asked = ("lDAPDisplayName", "attributeID", "msDS-IntId")
        query = Query(self._root.text("schemaNamingContext"), "(objectClass=attributeSchema)", asked)
        found: dict[int, str] = {}
        for entry in self._session.search(query):
            number = attribute_number(entry.text("attributeID"))
            own = entry.number("msDS-IntId") % (1 << 32)
            if (key := own or number) is not None:
                found[key] = entry.text("lDAPDisplayName")
        return found

    @cached_property
    def _servers(self) -> Mapping[UUID, str]:
        base = "CN=Sites," + self._root.text("configurationNamingContext")
        query = Query(base, every("(objectClass=nTDSDSA)", present("invocationId")), ("invocationId",))
        return {
            UUID(bytes_le=bytes(entry.values["invocationid"][0])): common_name(parent(entry.dn))
            for entry in self._session.search(query)
        }


def _deletion(entry: Entry, fresh: Sequence[Write]) -> Write:
    # A tombstone is called by its old name, a line feed and `DEL:` with its GUID.
    name = common_name(entry.dn).partition("\n")[0]
    kind = own(entry.dn).partition("=")[0]
    said = next((write for write in fresh if write.attribute == "isDeleted"), None)
    return Write(
        dn=joined((kind, name), entry.text("lastKnownParent")),
        attribute="",
        when=said.when if said else from_generalized(entry.text("whenChanged")),
        server=said.server if said else "",
        deleted=True,
    )


def _objects() -> Sequence[str]:
    # A tombstone keeps its class and loses its category.
    return ("(objectClass=user)", "(objectClass=group)")


def _moment(when: datetime) -> str:
    return to_generalized(when).removesuffix("Z") + ".0Z"
