"""One address, one machine: before anything is sent there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.errors import Refused
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.items.item import Item


class OneAddress(Refused):
    """Items that stand for different machines have one address: one of them is wrong."""

    sentence = N_(
        "These items have the same address, so one of them is another machine:\n{places}\n"
        "Correct or retire the wrong one (`daicho item import`); then plan again."
    )


def one_each(
    items: Iterable[Item],
    targets: Iterable[Item],
    inputs: Mapping[str, object],  # noqa: ARG001 -- the shape of a work's context
) -> dict[str, dict[str, object]]:
    """Nothing more is told of targets whose addresses are theirs alone.

    Raises:
        OneAddress: A target shares its address with another item.
    """
    meant = {target.address.casefold() for target in targets if target.address}
    there: dict[str, list[str]] = {}
    for item in items:
        if (address := item.address.casefold()) in meant:
            there.setdefault(address, []).append(item.name)
    if twice := {address: names for address, names in there.items() if len(names) > 1}:
        places = "\n".join(
            f"  {address}: {', '.join(sorted(names))}" for address, names in sorted(twice.items())
        )
        raise OneAddress(places=places)
    return {}
