"""What a directory does not take, said before anything is written. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.directory import state as keys
from daicho.directory.names import components
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daicho.plan import TargetState

# rangeUpper of the attributes in Active Directory's schema, and for sAMAccountName what logons take.
LONGEST: Final[Mapping[str, int]] = {
    "sAMAccountName": 20,
    "cn": 64,
    "ou": 64,
    "company": 64,
    "department": 64,
    "description": 1024,
    "displayName": 256,
    "employeeID": 16,
    "employeeNumber": 512,
    "givenName": 64,
    "initials": 6,
    "mail": 256,
    "mobile": 64,
    "msDS-PhoneticDisplayName": 256,
    "msDS-PhoneticFirstName": 64,
    "msDS-PhoneticLastName": 64,
    "physicalDeliveryOfficeName": 128,
    "sn": 64,
    "telephoneNumber": 64,
    "title": 128,
    "userPrincipalName": 1024,
}
_FORBIDDEN: Final = frozenset('"/\\[]:;|=,+*?<>@')
"""What sAMAccountName cannot hold (MS-SAMR 3.1.1.6), and @, which makes it read as a principal name."""


def problems(wanted: TargetState) -> tuple[str, ...]:
    """Everything that Active Directory would refuse about an account, each as a sentence."""
    return tuple(_problems(wanted))


def _problems(wanted: TargetState) -> Iterator[str]:
    values = [(name, each) for name, given in keys.attributes(wanted).items() for each in given]
    if dn := wanted.get(keys.DN):
        values += [
            (kind.lower(), value) for kind, value in components(str(dn)) if kind.upper() in {"CN", "OU"}
        ]
    for name, value in values:
        longest = LONGEST.get(name)
        if name == "sAMAccountName" and value.endswith("$"):
            longest = 16  # a computer: the NetBIOS name and its mark
        if longest and len(value) > longest:
            said = _("{name} has {count} characters and may have {longest}: {value:.40}…")
            yield said.format(name=name, count=len(value), longest=longest, value=value)
        if "\x00" in value:
            yield _("{name} holds a NUL character").format(name=name)
        if not value.strip():
            yield _("{name} is empty; leave it out instead").format(name=name)
        if name == "sAMAccountName" and (bad := sorted(_FORBIDDEN.intersection(value))):
            said = _("sAMAccountName {value!r} holds {bad}, which logon names cannot hold")
            yield said.format(value=value, bad=" ".join(bad))
