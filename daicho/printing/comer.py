"""Printers that come: what a change says of them, and the items that they become."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, StringConstraints, field_validator

from daicho.dhcp.reservations import plain_mac
from daicho.documents import Document
from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.item import Item
from daicho.printing.queue import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from daicho.plan import TargetState

KIND: Final = "printer"
_MAC: Final = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
_PLACE: Final = ("site", "building", "floor", "room", "outlet", "model", "serial", "mac")

type Word = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]


class PrinterThere(UsageError):
    """The ledger has one of them already."""

    sentence = N_("These printers cannot come:\n{problems}")


class NewPrinter(Document):
    """One printer that comes."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$",
        description=N_("Its name in the DNS, and the name of its queue."),
    )
    mac: str = Field(description=N_("Its hardware address."))
    subnet: Word = Field(default="", description=N_("The subnet that it gets an address of: `10.1.20.0/24`."))
    address: Word = Field(default="", description=N_("Its address; without one a free one of the subnet."))
    driver: Word = Field(
        default=EVERYWHERE, description=N_("`everywhere` (it describes itself), `raw`, or the server's name.")
    )
    servers: tuple[Word, ...] = Field(
        default=(), description=N_("The print servers that get its queue; none: all of them.")
    )
    model: Word = Field(default="", description=N_("Its model."))
    serial: Word = Field(default="", description=N_("Its serial number."))
    site: Word = Field(default="", description=N_("The site."))
    building: Word = Field(default="", description=N_("The building."))
    floor: Word = Field(default="", description=N_("The floor."))
    room: Word = Field(default="", description=N_("The room."))
    outlet: Word = Field(default="", description=N_("The outlet that it hangs on."))

    @field_validator("mac")
    @classmethod
    def _is_a_hardware_address(cls, text: str) -> str:
        if not _MAC.fullmatch(plain := plain_mac(text)):
            raise ValueError(
                _("{text!r} is no hardware address; write it like 00:11:22:aa:bb:cc").format(text=text)
            )
        return plain

    @property
    def item(self) -> Item:
        """The item that it becomes; its address stands in the plan."""
        told = {name: str(getattr(self, name)) for name in _PLACE}
        return Item(self.name, KIND, self.address, {name: text for name, text in told.items() if text})


def printers_of(inputs: Mapping[str, object]) -> list[NewPrinter]:
    """The printers of a change."""
    given = inputs.get("printers", [])
    return [NewPrinter.model_validate(each) for each in given] if isinstance(given, list | tuple) else []


def items_of(inputs: Mapping[str, object]) -> list[Item]:
    """The targets of a change; where they have no address yet the plan gives them one."""
    return [printer.item for printer in printers_of(inputs)]


def not_there_yet(
    items: Iterable[Item], _targets: Iterable[Item], inputs: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    """See that the ledger has no such printer yet; tell which addresses are its items'.

    Raises:
        PrinterThere: It has, with the same name, address or hardware address, or two are alike.
    """
    items = list(items)
    seen: dict[str, str] = {}
    for item in items:
        seen |= dict.fromkeys(_marks(item), item.name)
    problems: list[str] = []
    for item in items_of(inputs):
        problems += _met(item, seen)
        seen |= dict.fromkeys(_marks(item), item.name)
    if problems:
        raise PrinterThere(problems="\n".join(f"  {problem}" for problem in problems))
    taken = [item.address for item in items if item.address]
    return {item.name: {TAKEN: taken} for item in items_of(inputs)}


TAKEN: Final = "daicho_taken"
"""The variable with the addresses of all items."""


def in_service(inputs: Mapping[str, object], states: Mapping[str, TargetState]) -> list[Item]:
    """The items of the printers that have come, each with the address that it got."""
    found: list[Item] = []
    for item in items_of(inputs):
        if (state := states.get(item.name)) is not None:
            address = str(state.get("item:address") or item.address)
            found.append(Item(item.name, item.kind, address, item.attributes))
    return found


def _marks(item: Item) -> Iterator[str]:
    yield f"name {item.name.casefold()}"
    if item.address:
        yield f"address {item.address}"
    for mac in item.attributes.get("mac", "").split():
        yield f"mac {plain_mac(mac)}"


def _met(item: Item, seen: Mapping[str, str]) -> Iterator[str]:
    for mark in _marks(item):
        if other := seen.get(mark):
            what = mark.partition(" ")[2]
            yield _("{name}: {what} is {other}'s already").format(name=item.name, what=what, other=other)
            return
