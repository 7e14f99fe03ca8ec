"""Accounts as OpenLDAP keeps them: inetOrgPerson, with posixAccount where there is a uidNumber.

Closed is `pwdAccountLockedTime: 000001010000Z` of the ppolicy overlay (slapo-ppolicy(5)), and
`expires` its `pwdEndTime`. The overlay obeys them only if the password policy says
`pwdLockout: TRUE`: without that it keeps the lock and lets everybody in.

A directory without the overlay is set to `lock: shadow`: closed is then `shadowExpire: 1` and
`expires` is `shadowExpire` too, so that a closed account cannot also carry an end; only those obey
it who look at shadowExpire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.directory import state as keys
from daicho.directory.dialect import Kind
from daicho.directory.names import components, spelled
from daicho.directory.session import REPLACE, Edit
from daicho.directory.values import (
    from_days,
    from_generalized,
    read,
    shown,
    to_days,
    to_generalized,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.directory.operations import Change, Create, NewPassword
    from daicho.directory.session import Session
    from daicho.directory.settings import DirectorySettings
    from daicho.directory.state import Account
    from daicho.directory.values import Entry
    from daicho.plan import Scalar

_LOCK: Final = "pwdAccountLockedTime"
_LOCKED: Final = "000001010000Z"
_LONG_AGO: Final = 1
_FILTERS: Final = {Kind.PERSON: "(objectClass=inetOrgPerson)", Kind.COMPUTER: "(objectClass=device)"}
_SHOWN: Final = {
    Kind.PERSON: (
        *("uid", "cn", "displayName", "sn", "givenName", "initials", "mail", "description", "title"),
        *("departmentNumber", "ou", "roomNumber", "telephoneNumber", "mobile", "manager", "employeeType"),
        *("uidNumber", "gidNumber", "homeDirectory", "loginShell", "gecos"),
    ),
    Kind.COMPUTER: ("cn", "description", "serialNumber", "l", "owner"),
}
_POSIX: Final = ("posixAccount", "shadowAccount")


class OpenLdap:
    """How OpenLDAP keeps accounts."""

    login = "uid"
    groups = "(objectClass=groupOfNames)"
    group_name = "cn"
    backlinks = False
    multiple: frozenset[str] = frozenset({"mail", "departmentNumber", "ou"})

    def __init__(self, settings: DirectorySettings) -> None:
        """Take what the site wants to see of an account, and how it closes one."""
        self._more = (settings.number, *settings.more_attributes)
        self._overlay = settings.lock == "ppolicy"

    def filter(self, kind: Kind) -> str:
        """A filter for the accounts of a kind."""
        return _FILTERS[kind]

    def attributes(self, kind: Kind) -> Sequence[str]:
        """The attributes that a state shows."""
        return tuple(dict.fromkeys((*_SHOWN[kind], *(self._more if kind is Kind.PERSON else ()))))

    @property
    def asked(self) -> Sequence[str]:
        """The attributes that are asked for besides; never the hash of a password."""
        if self._overlay:
            return ("objectClass", _LOCK, "pwdEndTime", "pwdReset", "pwdChangedTime")
        return ("objectClass", "shadowExpire", "shadowLastChange")

    def spelled(self, dn: str) -> str:
        """A distinguished name as OpenLDAP answers it: types in small letters."""
        return spelled(dn, str.lower)

    def flags(self, entry: Entry) -> int:
        """There are none here."""
        del entry
        return 0

    def controls(self, entry: Entry) -> dict[str, Scalar]:
        """Whether it is open, until when, and whether its password must be changed."""
        return self._by_overlay(entry) if self._overlay else _by_shadow(entry)

    def create(self, session: Session, account: Create, kind: Kind, password: str) -> None:
        """Make an account: closed, then with its password, then as wanted.

        The password goes by the extended operation (RFC 3062), because a server stores what is
        written to userPassword as it stands.
        """
        values = {name: given for name, given in account.attributes.items() if given}
        if kind is Kind.COMPUTER:
            session.add(account.dn, ("device",), values)
            return
        values.setdefault("cn", (components(account.dn)[0][1],))
        closed = self._edits({keys.ENABLED: False})
        classes = ("inetOrgPerson", *(_POSIX if "uidNumber" in values or not self._overlay else ()))
        session.add(account.dn, classes, values | {edit.attribute: edit.values for edit in closed})
        session.set_password(account.dn, password)
        session.modify(account.dn, self._edits(account.controls))

    def edits(self, change: Change, found: Account) -> Sequence[Edit]:
        """The controls of a change as attributes."""
        if self._overlay:
            return self._edits(change.controls)
        return self._edits({keys.ENABLED: found.state.get(keys.ENABLED), **change.controls})

    def set_password(self, session: Session, reset: NewPassword, password: str) -> None:
        """Set another password; the server hashes it. What is closed stays closed."""
        closed = self._overlay and session.one(reset.dn, (_LOCK,)).text(_LOCK) == _LOCKED
        session.set_password(reset.dn, password)
        # The overlay takes a new password for the end of every lock, also of one that an administrator put.
        lock: dict[str, Scalar] = {keys.ENABLED: False} if closed else {}
        session.modify(reset.dn, self._edits({**lock, keys.MUST_CHANGE: reset.must_change}))

    def _by_overlay(self, entry: Entry) -> dict[str, Scalar]:
        found: dict[str, Scalar] = {keys.ENABLED: entry.text(_LOCK) != _LOCKED}
        if ends := entry.text("pwdEndTime"):
            found[keys.EXPIRES] = shown(from_generalized(ends))
        found[keys.MUST_CHANGE] = entry.text("pwdReset") == "TRUE"
        if entry.text("pwdChangedTime"):
            found[keys.PASSWORD] = keys.SET
        return found

    def _edits(self, controls: Mapping[str, Scalar]) -> list[Edit]:
        return list(_for_overlay(controls) if self._overlay else _for_shadow(controls))


def _by_shadow(entry: Entry) -> dict[str, Scalar]:
    ends = entry.number("shadowExpire", -1)
    found: dict[str, Scalar] = {keys.ENABLED: ends != _LONG_AGO}
    if ends > _LONG_AGO:
        found[keys.EXPIRES] = shown(from_days(ends))
    found[keys.MUST_CHANGE] = entry.number("shadowLastChange", -1) == 0
    found[keys.PASSWORD] = keys.SET
    return found


def _for_overlay(controls: Mapping[str, Scalar]) -> list[Edit]:
    found: list[Edit] = []
    if (enabled := controls.get(keys.ENABLED)) is not None:
        found.append(Edit(REPLACE, _LOCK, [] if enabled else [_LOCKED]))
    if keys.EXPIRES in controls:
        when = controls[keys.EXPIRES]
        found.append(Edit(REPLACE, "pwdEndTime", [] if when is None else [to_generalized(read(str(when)))]))
    if (must_change := controls.get(keys.MUST_CHANGE)) is not None:
        found.append(Edit(REPLACE, "pwdReset", ["TRUE"] if must_change else []))
    return found


def _for_shadow(controls: Mapping[str, Scalar]) -> list[Edit]:
    found: list[Edit] = []
    if controls.get(keys.ENABLED) is False:
        found.append(Edit(REPLACE, "shadowExpire", [str(_LONG_AGO)]))
    elif keys.EXPIRES in controls or controls.get(keys.ENABLED):
        when = controls.get(keys.EXPIRES)
        found.append(Edit(REPLACE, "shadowExpire", [] if when is None else [str(to_days(read(str(when))))]))
    if (must_change := controls.get(keys.MUST_CHANGE)) is not None:
        found.append(Edit(REPLACE, "shadowLastChange", ["0"] if must_change else []))
    return found
