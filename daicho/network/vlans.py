"""Lines that hold VLAN numbers: `switchport trunk allowed vlan 10,20-22`, with `add` and `remove`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from daicho.errors import UsageError
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterable

HIGHEST: Final = 4094
_PART: Final = re.compile(r"(\d+)(?:-(\d+))?")


class VlanListUnread(UsageError):
    """What stands there is no list of VLAN numbers."""

    sentence = N_("`{line}` holds no list of VLAN numbers such as 10,20-22 (1 to 4094).")


def numbers(text: str) -> frozenset[int]:
    """The numbers of a list such as `10,20-22`; `all` and `none` are lists, too.

    Raises:
        VlanListUnread: It is none.
    """
    said = text.replace(" ", "")
    if said in {"all", "none", ""}:
        return frozenset(range(1, HIGHEST + 1)) if said == "all" else frozenset()
    found: set[int] = set()
    for part in said.split(","):
        bounds = _PART.fullmatch(part)
        low, high = (int(bounds[1]), int(bounds[2] or bounds[1])) if bounds else (0, 0)
        if not 1 <= low <= high <= HIGHEST:
            raise VlanListUnread(line=text)
        found.update(range(low, high + 1))
    return frozenset(found)


def written(found: Iterable[int]) -> str:
    """The shortest list of these numbers, in one way only."""
    parts: list[list[int]] = []
    for number in sorted(found):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    if parts == [[1, HIGHEST]]:
        return "all"
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in parts) or "none"


def applied(slot: str, present: str | None, line: str, unlisted: str = "all") -> str:
    """The line that stands there after a line was entered.

    Args:
        slot: What both begin with.
        present: The line before, or None.
        line: `SLOT 10,20`, `SLOT add 30` or `SLOT remove 20`.
        unlisted: What holds without a line: `all` or `none`.

    Raises:
        VlanListUnread: It holds something else.
    """
    said = line.removeprefix(slot).strip()
    verb, _space, rest = said.partition(" ")
    known = numbers(present.removeprefix(slot)) if present is not None else numbers(unlisted)
    match verb:
        case "add":
            return f"{slot} {written(known | numbers(rest))}"
        case "remove":
            return f"{slot} {written(known - numbers(rest))}"
    return f"{slot} {written(numbers(said))}"


def steps(slot: str, before: str, after: str) -> list[str]:
    """The lines that lead from one list to another and never drop a number that stays."""
    had, wanted = numbers(before.removeprefix(slot)), numbers(after.removeprefix(slot))
    if not wanted or not had or len(wanted) == HIGHEST:
        return [after]
    lines = [f"{slot} add {written(wanted - had)}"] if wanted - had else []
    return lines + ([f"{slot} remove {written(had - wanted)}"] if had - wanted else [])
