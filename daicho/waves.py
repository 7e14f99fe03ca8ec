"""Waves: a canary first, then ever more, so that a bad change is met by few."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class Apart:
    """Which targets are not to be in one wave."""

    turn: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    """Target → its group: groups go out one after the other, in their order, each with its own canary.
    A target that is not named is in the first."""
    partner: Mapping[str, str] = field(default_factory=dict)
    """Target → the one that does its work while it is away."""


def check_waves(sizes: Sequence[int | str]) -> tuple[int | str, ...]:
    """The sizes, if each is a number of targets or a share such as `10%`.

    Raises:
        ValueError: A size is none of them, with the remedy.
    """
    for size in sizes:
        if not _is_size(size):
            said = _(
                "wave {size!r:.60} is no size; write a number of targets such as 5, or a share such as 10%"
            )
            raise ValueError(said.format(size=size))
    return tuple(sizes)


def split(targets: Sequence[str], sizes: Sequence[int | str], apart: Apart = Apart()) -> list[list[str]]:
    """The targets in waves; the last size repeats until all are dealt.

    A share is of all targets of a group, rounded up, so that no wave is empty. There is at least one
    size. Where a wave would hold both of a pair, the second follows in a wave of its own.
    """
    groups: dict[tuple[object, ...], list[str]] = {}
    for target in targets:
        groups.setdefault(apart.turn.get(target, ()), []).append(target)
    dealt = (wave for group in sorted(groups) for wave in _dealt(groups[group], sizes))
    return [each for wave in dealt for each in _parted(wave, apart.partner)]


def _dealt(targets: Sequence[str], sizes: Sequence[int | str]) -> Iterator[list[str]]:
    rest, number = list(targets), 0
    while rest:
        size = sizes[min(number, len(sizes) - 1)]
        count = size if isinstance(size, int) else -(-len(targets) * int(size.removesuffix("%")) // 100)
        yield rest[:count]
        rest, number = rest[count:], number + 1


def _parted(wave: Sequence[str], partner: Mapping[str, str]) -> Iterator[list[str]]:
    rest = list(wave)
    while rest:
        going: list[str] = []
        staying: list[str] = []
        missed: set[str] = set()
        for name in rest:
            stays = name in missed or partner.get(name) in going
            (staying if stays else going).append(name)
            if not stays and name in partner:
                missed.add(partner[name])
        yield going
        rest = staying


_SHARE: Final = re.compile(r"([0-9]{1,3})%")


def _is_size(size: object) -> bool:
    match size:
        case bool():
            return False
        case int():
            return size > 0
        case str() if found := _SHARE.fullmatch(size):
            return 0 < int(found[1]) <= 100
    return False
