"""What a file or folder inherits from the folder above (MS-DTYP 2.5.3.4). Pure.

File servers inherit when something is made, and never again: whoever changes a folder has to work out what
is below. A folder that is protected inherits nothing, and an entry of its own stays whatever is above.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from daicho.fileserver.descriptors import CONTAINER, INHERITED, NO_FURTHER, OBJECT, ONLY_BELOW, Descriptor
from daicho.fileserver.sids import CREATOR_OWNER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from daicho.fileserver.descriptors import Entry

_HOW: Final = OBJECT | CONTAINER | NO_FURTHER | ONLY_BELOW | INHERITED
_GENERIC: Final = {0x80000000: 0x120089, 0x40000000: 0x120116, 0x20000000: 0x1200A0, 0x10000000: 0x1F01FF}
"""What generic rights mean for files: passed on as they are, spelled out where they count."""
_ANY_GENERIC: Final = 0xF0000000


def passed_on(above: Iterable[Entry], *, folder: bool, owner: str) -> tuple[Entry, ...]:
    """The inherited entries of something, in the order of the folder above.

    Args:
        above: The entries of the folder above.
        folder: Whether a folder inherits, or a file.
        owner: Whose it is: the one that CREATOR OWNER stands for.
    """
    return tuple(_folder(above, owner) if folder else _file(above, owner))


def following(present: Descriptor, above: tuple[Entry, ...], *, folder: bool) -> Descriptor:
    """The rights that something has if it follows the folder above: its own entries, then the inherited."""
    if present.protected or present.null:
        return present
    inherited = passed_on(above, folder=folder, owner=present.owner)
    own = tuple(entry for entry in present.entries if not entry.inherited)
    return replace(present, entries=own + inherited, marked=True)


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The canonical order: own denials, own grants, then what is inherited as it came."""

    def rank(entry: Entry) -> int:
        return 2 if entry.inherited else 0 if entry.deny else 1

    return tuple(sorted(entries, key=rank))


def _file(above: Iterable[Entry], owner: str) -> Iterator[Entry]:
    return (_counting(entry, owner) for entry in above if entry.flags & OBJECT)


def _folder(above: Iterable[Entry], owner: str) -> Iterator[Entry]:
    for entry in above:
        further = not entry.flags & NO_FURTHER
        kept = entry.flags & ~_HOW | INHERITED
        if entry.flags & CONTAINER:
            passing = kept | (entry.flags & (OBJECT | CONTAINER) if further else 0)
            if entry.sid == CREATOR_OWNER or entry.mask & _ANY_GENERIC:
                yield _counting(entry, owner)
                if further:
                    yield replace(entry, flags=passing | ONLY_BELOW)
            else:
                yield replace(entry, flags=passing)
        elif entry.flags & OBJECT and further:
            yield replace(entry, flags=kept | OBJECT | ONLY_BELOW)


def _counting(entry: Entry, owner: str) -> Entry:
    """The entry as it counts where it has arrived."""
    mask = entry.mask & ~_ANY_GENERIC
    for generic, meant in _GENERIC.items():
        mask |= meant if entry.mask & generic else 0
    sid = owner if entry.sid == CREATOR_OWNER and owner else entry.sid
    return replace(entry, sid=sid, mask=mask, flags=entry.flags & ~_HOW | INHERITED)
