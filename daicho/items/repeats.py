"""Items that stand twice in a list, contradict each other, or share what only one machine can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.items.columns import Findings
    from daicho.items.item import Item

_UNIQUE: Final = ("address", "mac")
_MACHINES: Final = frozenset({"endpoint", "network_device", "printer", "server"})


class Repeats:
    """Compares each item with all before it."""

    def __init__(self, findings: Findings, heading: Mapping[str, str]) -> None:
        """Note problems in the findings under the file's own headings."""
        self._findings = findings
        self._heading = heading
        self._seen: dict[str, tuple[int, Item]] = {}
        self._taken: dict[tuple[str, str, str], tuple[int, str]] = {}

    def compare(self, number: int, item: Item) -> None:
        """Note what is wrong between this row and those before it."""
        number_before, earlier = self._seen.setdefault(item.name.casefold(), (number, item))
        if earlier is not item:
            why = self._repeated(item, self._findings.place(number_before), earlier)
            self._findings.tell(number, self._heading["name"], why)
        elif item.kind in _MACHINES:
            for attribute in _UNIQUE:
                self._unique(number, item, attribute)

    def _unique(self, number: int, item: Item, attribute: str) -> None:
        value = item.value(attribute)
        if value is None:
            return
        # Behind one address several devices may answer, each on a port of its own.
        port = item.attributes.get("port", "") if attribute == "address" else ""
        row, other = self._taken.setdefault((attribute, value.casefold(), port), (number, item.name))
        if row != number:
            why = _("{value} already belongs to {other} ({place}). Correct one of the two.")
            place = self._findings.place(row)
            self._findings.tell(
                number, self._heading[attribute], why.format(value=value, other=other, place=place)
            )

    def _repeated(self, item: Item, place: str, earlier: Item) -> str:
        if item.name != earlier.name:
            why = _("{name} differs from {other} in {place} only by the case of its letters. Delete one.")
            return why.format(name=item.name, other=earlier.name, place=place)
        attributes = sorted({"kind", "address", *item.attributes, *earlier.attributes})
        unlike = [self._heading.get(a, a) for a in attributes if item.value(a) != earlier.value(a)]
        if not unlike:
            return _("{name} stands in {place} too. Delete one of the two.").format(
                name=item.name, place=place
            )
        why = _("{name} stands in {place} too, and contradicts it in {columns}. Keep the row that is right.")
        return why.format(name=item.name, place=place, columns=", ".join(unlike))
