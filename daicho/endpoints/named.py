"""Works whose inputs say something of each terminal: every one that is named is a target of the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from daicho.endpoints.places import one_each
from daicho.errors import UsageError
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from daicho.items.item import Item

type Context = dict[str, dict[str, object]]


class NamedButNoTarget(UsageError):
    """The inputs are about machines that the change is not for."""

    sentence = N_("The inputs name {names}, which are no targets of the change. Add them to `targets`.")


def terminals_of_devices(
    items: Iterable[Item], targets: Iterable[Item], inputs: Mapping[str, object]
) -> Context:
    """See that the terminals of all devices are targets, each with an address of its own.

    Raises:
        NamedButNoTarget: Some are not.
        OneAddress: See `daicho.endpoints.places`.
    """
    devices = cast("Sequence[Mapping[str, Sequence[str]]]", inputs.get("devices", ()))
    return _seen([name for each in devices for name in each["terminals"]], items, list(targets))


def terminals(items: Iterable[Item], targets: Iterable[Item], inputs: Mapping[str, object]) -> Context:
    """See that the terminals are targets, each with an address of its own.

    Raises:
        NamedButNoTarget: Some are not.
        OneAddress: See `daicho.endpoints.places`.
    """
    wishes = cast("Sequence[Mapping[str, str]]", inputs.get("terminals", ()))
    return _seen([each["terminal"] for each in wishes], items, list(targets))


def _seen(names: Iterable[str], items: Iterable[Item], targets: Sequence[Item]) -> Context:
    there = {target.name for target in targets}
    if missing := [name for name in dict.fromkeys(names) if name not in there]:
        raise NamedButNoTarget(names=", ".join(missing))
    return one_each(items, targets, {})
