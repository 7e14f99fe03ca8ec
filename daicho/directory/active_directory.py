"""Accounts as Active Directory keeps them, Samba's too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.directory import state as keys
from daicho.directory.dialect import Kind
from daicho.directory.names import spelled
from daicho.directory.session import REPLACE, Edit
from daicho.directory.values import NEVER, from_filetime, read, shown, to_filetime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.directory.operations import Change, Create, NewPassword
    from daicho.directory.session import Session
    from daicho.directory.settings import DirectorySettings
    from daicho.directory.state import Account
    from daicho.directory.values import Entry
    from daicho.plan import Scalar

CONTROL: Final = "userAccountControl"
_DISABLED: Final = 0x2
_NOT_REQUIRED: Final = 0x20
_ORDINARY: Final = {Kind.PERSON: 0x200, Kind.COMPUTER: 0x1000}
_CLASSES: Final = {Kind.PERSON: ("user",), Kind.COMPUTER: ("computer",)}
_FILTERS: Final = {
    Kind.PERSON: "(&(objectCategory=person)(objectClass=user))",
    Kind.COMPUTER: "(objectClass=computer)",
}
_CONTROLS: Final = (CONTROL, "accountExpires", "pwdLastSet", "msDS-KeyVersionNumber")
_SHOWN: Final = {
    Kind.PERSON: (
        *("sAMAccountName", "userPrincipalName", "displayName", "sn", "givenName", "initials", "mail"),
        *("msDS-PhoneticDisplayName", "msDS-PhoneticLastName", "msDS-PhoneticFirstName", "description"),
        *("company", "department", "departmentNumber", "title", "manager", "telephoneNumber", "mobile"),
        *("physicalDeliveryOfficeName", "homeDirectory", "homeDrive", "scriptPath", "profilePath"),
        *("proxyAddresses", "altSecurityIdentities"),
    ),
    Kind.COMPUTER: (
        *("sAMAccountName", "dNSHostName", "description", "location", "managedBy", "serialNumber"),
        "operatingSystem",
    ),
}
MULTIPLE: Final = frozenset({"proxyAddresses", "altSecurityIdentities", "serialNumber", "departmentNumber"})
"""Attributes with several values, each a key of its own."""


class ActiveDirectory:
    """How Active Directory keeps accounts."""

    login = "sAMAccountName"
    people = _FILTERS[Kind.PERSON]
    groups = "(objectClass=group)"
    group_name = "sAMAccountName"
    backlinks = True
    multiple = MULTIPLE

    def __init__(self, settings: DirectorySettings) -> None:
        """Take what the site wants to see of an account."""
        self._more = (settings.number, *filter(None, [settings.hidden_attribute]), *settings.more_attributes)

    def filter(self, kind: Kind) -> str:
        """A filter for the accounts of a kind."""
        return _FILTERS[kind]

    def attributes(self, kind: Kind) -> Sequence[str]:
        """What a state shows."""
        return tuple(dict.fromkeys((*_SHOWN[kind], *(self._more if kind is Kind.PERSON else ()))))

    @property
    def asked(self) -> Sequence[str]:
        """What is asked for besides."""
        return _CONTROLS

    def spelled(self, dn: str) -> str:
        """A distinguished name as Active Directory answers it: types in capitals."""
        return spelled(dn, str.upper)

    def flags(self, entry: Entry) -> int:
        """The flags of the account, most of which no state shows."""
        return entry.number(CONTROL)

    def controls(self, entry: Entry) -> dict[str, Scalar]:
        """Whether it is open, until when, and what is known of its password."""
        found: dict[str, Scalar] = {keys.ENABLED: not entry.number(CONTROL) & _DISABLED}
        if when := shown(from_filetime(entry.number("accountExpires"))):
            found[keys.EXPIRES] = when
        found[keys.MUST_CHANGE] = entry.number("pwdLastSet", -1) == 0
        if not entry.number(CONTROL) & _NOT_REQUIRED:
            found[keys.PASSWORD] = keys.SET
        if number := entry.number("msDS-KeyVersionNumber"):
            found[keys.PASSWORD_NUMBER] = number
        return found

    def create(self, session: Session, account: Create, kind: Kind, password: str) -> None:
        """Make an account with its password in one write, so that it never stands without one."""
        values: dict[str, Sequence[str | bytes]] = {
            name: given for name, given in account.attributes.items() if given
        }
        values |= {edit.attribute: edit.values for edit in _edits(account.controls, _ORDINARY[kind])}
        values.setdefault(CONTROL, [str(_ORDINARY[kind] | _DISABLED)])
        values["unicodePwd"] = [quoted(password)]
        session.add(account.dn, _CLASSES[kind], values)

    def edits(self, change: Change, found: Account) -> Sequence[Edit]:
        """The controls of a change as attributes; flags that no state shows stay."""
        return _edits(change.controls, found.control)

    def set_password(self, session: Session, reset: NewPassword, password: str) -> None:
        """Set another password; whether it must be changed is in the same write."""
        must_change = "0" if reset.must_change else "-1"
        edits = [Edit(REPLACE, "unicodePwd", [quoted(password)]), Edit(REPLACE, "pwdLastSet", [must_change])]
        session.modify(reset.dn, edits)


def quoted(password: str) -> bytes:
    """A password as unicodePwd wants it (MS-ADTS 3.1.1.3.1.5.1)."""
    return f'"{password}"'.encode("utf-16-le")


def _edits(controls: Mapping[str, Scalar], flags: int) -> list[Edit]:
    found: list[Edit] = []
    if (enabled := controls.get(keys.ENABLED)) is not None:
        now = flags & ~(_DISABLED | _NOT_REQUIRED) if enabled else flags | _DISABLED
        found.append(Edit(REPLACE, CONTROL, [str(now)]))
    if keys.EXPIRES in controls:
        when = controls[keys.EXPIRES]
        ends = to_filetime(read(str(when))) if when is not None else NEVER
        found.append(Edit(REPLACE, "accountExpires", [str(ends)]))
    if (must_change := controls.get(keys.MUST_CHANGE)) is not None:
        found.append(Edit(REPLACE, "pwdLastSet", ["0" if must_change else "-1"]))
    return found
