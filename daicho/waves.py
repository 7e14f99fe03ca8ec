"""Waves: a canary first, then ever more, so that a bad change is met by few."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence


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


def split(targets: Sequence[str], sizes: Sequence[int | str]) -> list[list[str]]:
    """The targets in waves; the last size repeats until all are dealt.

    A share is of all targets, rounded up, so that no wave is empty. There is at least one size.
    """
    waves: list[list[str]] = []
    rest = list(targets)
    while rest:
        size = sizes[min(len(waves), len(sizes) - 1)]
        count = size if isinstance(size, int) else -(-len(targets) * int(size.removesuffix("%")) // 100)
        waves.append(rest[:count])
        rest = rest[count:]
    return waves


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
