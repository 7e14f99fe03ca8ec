"""What stands in the DNS about a name, what is to stand there, and the messages that make it so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import dns.name
import dns.reversename
import dns.update

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BATCH: Final = 200
"""Names of one message: it has to stay below 64 KiB."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What one name stands for."""

    address: str
    ttl: int
    back: bool = True
    """Whether the address gives this name."""

    def __str__(self) -> str:
        """`10.1.33.50 (ttl 3600)`."""
        way = "" if self.back else ", " + _("the address does not give the name")
        return f"{self.address} (ttl {self.ttl}{way})"


@dataclass(frozen=True, kw_only=True)
class NameEdit:
    """What is to become of one name."""

    name: str
    """In full, without the dot at the end."""
    before: Standing | None
    """As it was looked at; None: there was no such name."""
    after: Standing | None
    """As it is to be; None: it is to go."""


@dataclass(frozen=True)
class Looked:
    """What the server says about names and addresses."""

    addresses: Mapping[str, tuple[str, ...]]
    """Name → its addresses."""
    ttls: Mapping[str, int]
    names: Mapping[str, tuple[str, ...]]
    """Address → the names that it gives."""

    def standing(self, name: str) -> Standing | None:
        """What one name stands for; of several addresses the first, for nobody moves such a name."""
        found = self.addresses.get(name, ())
        if not found:
            return None
        return Standing(address=found[0], ttl=self.ttls[name], back=name in self.names.get(found[0], ()))

    def several(self, name: str) -> bool:
        """Whether a name has more than one address."""
        return len(self.addresses.get(name, ())) > 1


def pointer(address: str) -> dns.name.Name:
    """The name under which an address gives its name."""
    return dns.reversename.from_address(address)


def zone_of(name: dns.name.Name, zones: Iterable[str]) -> str:
    """The zone that a name is in, the longest if several; empty: in none."""
    fitting = [zone for zone in zones if name.is_subdomain(absolute(zone))]
    return max(fitting, key=len, default="")


def absolute(name: str) -> dns.name.Name:
    """A name in full."""
    return dns.name.from_text(name if name.endswith(".") else f"{name}.")


def forward(zone: str, edits: Sequence[NameEdit]) -> dns.update.UpdateMessage:
    """The message that changes names; it is taken whole, and only if all are as they were looked at."""
    message = dns.update.UpdateMessage(absolute(zone))
    for edit in edits:
        name = absolute(edit.name)
        if edit.before:
            message.present(name, "A", edit.before.address)
        else:
            message.absent(name, "A")
    for edit in edits:
        name = absolute(edit.name)
        if edit.before:
            message.delete(name, "A")
        if edit.after:
            message.add(name, edit.after.ttl, "A", edit.after.address)
    return message


@dataclass(frozen=True, kw_only=True)
class PointerEdit:
    """What is to become of the name that one address gives."""

    address: str
    before: str
    """The name that it gave; empty: none."""
    after: str
    ttl: int


def pointers(edits: Iterable[NameEdit]) -> list[PointerEdit]:
    """What becomes of the addresses of these names: a swap is one edit of each address."""
    gave = {each.before.address: each.name for each in edits if each.before and each.before.back}
    gives = {
        each.after.address: (each.name, each.after.ttl) for each in edits if each.after and each.after.back
    }
    return [
        PointerEdit(
            address=address,
            before=gave.get(address, ""),
            after=gives.get(address, ("", 0))[0],
            ttl=gives.get(address, ("", 0))[1],
        )
        for address in dict.fromkeys([*gave, *gives])
    ]


def backward(zone: str, edits: Sequence[PointerEdit]) -> dns.update.UpdateMessage:
    """The message that changes what addresses give."""
    message = dns.update.UpdateMessage(absolute(zone))
    for edit in edits:
        if edit.before:
            message.present(pointer(edit.address), "PTR", f"{edit.before}.")
        else:
            message.absent(pointer(edit.address), "PTR")
    for edit in edits:
        message.delete(pointer(edit.address), "PTR")
        if edit.after:
            message.add(pointer(edit.address), edit.ttl, "PTR", f"{edit.after}.")
    return message
