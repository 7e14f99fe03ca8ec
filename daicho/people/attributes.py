"""Under which name a directory keeps a fact about a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

type Flavour = Literal["ad", "ldap"]

_COMMON: Final = {
    "family": "sn",
    "given": "givenName",
    "display_name": "displayName",
    "section": "departmentNumber",
    "post": "title",
    "phone": "telephoneNumber",
}
_NAMES: Final[Mapping[Flavour, Mapping[str, str]]] = {
    "ad": {
        **_COMMON,
        "number": "employeeID",
        "section_name": "department",
        "room": "physicalDeliveryOfficeName",
        "family_kana": "msDS-PhoneticLastName",
        "given_kana": "msDS-PhoneticFirstName",
        "kana": "msDS-PhoneticDisplayName",
    },
    # inetOrgPerson has no readings; a site that has a schema of its own names its attributes.
    "ldap": {**_COMMON, "number": "employeeNumber", "section_name": "ou", "room": "roomNumber"},
}
FACTS: Final = (*_NAMES["ad"], "card")
"""The facts that a directory can keep."""


def attribute_names(flavour: Flavour, own: Mapping[str, str]) -> dict[str, str]:
    """Fact → attribute; what a site gives an empty name is not written.

    Args:
        flavour: Which kind of directory.
        own: What the site keeps elsewhere (`people.attributes`).
    """
    return {fact: name for fact, name in {**_NAMES[flavour], **own}.items() if name}
