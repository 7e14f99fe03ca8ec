"""Waves: a canary first, then ever more, so that a bad change is met by few."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_waves(sizes: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The sizes, if each is a number of targets or a share such as `10%`.

    Raises:
        ValueError: A size is none of them, with the remedy.
    """
    for size in sizes:
        if not _is_size(size):
            said = _("wave {size!r} is no size; write a number of targets such as 5, or a share such as 10%")
            raise ValueError(said.format(size=size))
    return sizes


def split(targets: Sequence[str], sizes: Sequence[int | str]) -> list[list[str]]:
    """The targets in waves; the last size repeats until all are dealt.

    A share is of all targets, rounded up, so that no wave is empty.
    """
    waves: list[list[str]] = []
    rest = list(targets)
    while rest:
        size = sizes[min(len(waves), len(sizes) - 1)]
        count = size if isinstance(size, int) else ceil(len(targets) * int(size.removesuffix("%")) / 100)
        waves.append(rest[:count])
        rest = rest[count:]
    return waves


def _is_size(size: int | str) -> bool:
    if isinstance(size, int):
        return size > 0
    digits = size.removesuffix("%")
    return size.endswith("%") and digits.isascii() and digits.isdigit() and 0 < int(digits) <= 100
