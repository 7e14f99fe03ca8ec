"""The list of the domain's users, and what is worth a look about each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from daicho.clock import moment
from daicho.directory import state as keys
from daicho.directory.settings import Flavour
from daicho.directory.values import from_filetime, from_generalized
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from daicho.directory.reading import Reader
    from daicho.directory.state import Account

_LAST: Final = {Flavour.AD: "lastLogonTimestamp", Flavour.LDAP: "authTimestamp"}
_CREATED: Final = {Flavour.AD: "whenCreated", Flavour.LDAP: "createTimestamp"}
_PRIMARY: Final = "primaryGroupID"
# Well-known relative identifiers (MS-DTYP 2.4.2.4): a group can be somebody's primary group, and is then
# not among the groups that the account tells.
_BY_NUMBER: Final = {"512": "Domain Admins", "518": "Schema Admins", "519": "Enterprise Admins"}


class Finding(StrEnum):
    """What is worth a look about an account."""

    STALE = "stale"
    """Nobody has logged on with it for long."""
    NEVER = "never"
    """Nobody has ever logged on with it, though it is not new."""
    EXPIRING = "expiring"
    """It ends soon."""
    EXPIRED = "expired"
    """It has ended and is still open."""
    DISABLED = "disabled"
    """It is closed."""
    PRIVILEGED = "privileged"
    """It may do more than others, directly or through other groups."""
    NUMBERLESS = "numberless"
    """It has no employee number, so nobody can say whose it is."""

    @property
    def label(self) -> str:
        """The words for people, as a message to translate."""
        return _LABELS[self]


_LABELS: Final = {
    Finding.STALE: N_("not used for long"),
    Finding.NEVER: N_("never used"),
    Finding.EXPIRING: N_("ends soon"),
    Finding.EXPIRED: N_("has ended"),
    Finding.DISABLED: N_("closed"),
    Finding.PRIVILEGED: N_("has privileges"),
    Finding.NUMBERLESS: N_("no employee number"),
}


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """From when on something is worth a look."""

    now: datetime
    stale_days: int
    expiring_days: int
    privileged: Collection[str]
    """The names of the groups that give privileges."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedUser:
    """One account as the list shows it."""

    login: str
    name: str
    number: str
    section: str
    mail: str
    enabled: bool
    expires: datetime | None
    last_logon: datetime | None
    """When somebody last logged on; Active Directory replicates it up to 14 days late."""
    created: datetime | None
    privileges: tuple[str, ...]
    findings: tuple[Finding, ...]


def attributes(flavour: Flavour) -> tuple[str, ...]:
    """What has to be read of an account beside the usual."""
    found = (_LAST[flavour], _CREATED[flavour])
    return (*found, _PRIMARY) if flavour is Flavour.AD else found


def list_users(reader: Reader, criteria: Criteria) -> Iterator[ListedUser]:
    """Every account of a person."""
    groups = reader.groups
    # Names of groups differ in case between the rules and the directory, and nobody means anything by it.
    meant = {name.casefold() for name in criteria.privileged}
    privileged = {name for name in groups.places if name.casefold() in meant}
    flavour = reader.session.settings.flavour
    for account in reader.everyone():
        direct = {*account.groups, *_primary(account)}
        effective = privileged & groups.nesting.effective(direct) if direct else set()
        yield _listed(account, reader, flavour, criteria, tuple(sorted(effective)))


def _listed(
    account: Account, reader: Reader, flavour: Flavour, criteria: Criteria, privileges: tuple[str, ...]
) -> ListedUser:
    state = account.state
    ends = state.get(keys.EXPIRES)
    facts: Mapping[str, datetime | None] = {
        "expires": moment(str(ends)) if ends else None,
        "last_logon": _moment(account.attribute(_LAST[flavour]), flavour),
        "created": _moment(account.attribute(_CREATED[flavour])),
    }
    number, enabled = account.attribute(reader.number), bool(state.get(keys.ENABLED))
    findings = _findings(facts, criteria, enabled=enabled, number=number, privileged=bool(privileges))
    return ListedUser(
        login=account.attribute(reader.dialect.login),
        name=account.attribute("displayName"),
        number=number,
        section=account.attribute("department") or account.attribute("ou"),
        mail=account.attribute("mail"),
        enabled=enabled,
        **facts,
        privileges=privileges,
        findings=tuple(findings),
    )


def _findings(
    facts: Mapping[str, datetime | None], criteria: Criteria, *, enabled: bool, number: str, privileged: bool
) -> Iterator[Finding]:
    if not enabled:
        yield Finding.DISABLED
    else:
        yield from _of_open(facts, criteria)
    if privileged:
        yield Finding.PRIVILEGED
    if not number:
        yield Finding.NUMBERLESS


def _of_open(facts: Mapping[str, datetime | None], criteria: Criteria) -> Iterator[Finding]:
    ends, last, created = facts["expires"], facts["last_logon"], facts["created"]
    if ends is not None and ends <= criteria.now:
        yield Finding.EXPIRED
    elif ends is not None and ends <= criteria.now + timedelta(days=criteria.expiring_days):
        yield Finding.EXPIRING
    long_ago = criteria.now - timedelta(days=criteria.stale_days)
    if last is not None and last < long_ago:
        yield Finding.STALE
    elif last is None and (created is None or created < long_ago):
        yield Finding.NEVER


def _primary(account: Account) -> Iterator[str]:
    if name := _BY_NUMBER.get(account.attribute(_PRIMARY)):
        yield name


def _moment(text: str, flavour: Flavour | None = None) -> datetime | None:
    if not text:
        return None
    try:
        return from_filetime(int(text)) if flavour is Flavour.AD else from_generalized(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)  # unreadable: as old as can be, so that it is looked at
