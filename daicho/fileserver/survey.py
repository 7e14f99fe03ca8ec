"""Look at all rights below a folder and keep what does not simply come from above; reads only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import batched
from typing import TYPE_CHECKING, Final

from daicho.fileserver.crew import Crew
from daicho.fileserver.descriptors import Descriptor
from daicho.fileserver.inheritance import following
from daicho.fileserver.sids import NotReadable
from daicho.fileserver.walk import same
from daicho.fileserver.wrong import Absent, FileServerError, LedElsewhere, NoFileServer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.fileserver.descriptors import Entry
    from daicho.fileserver.listings import Child
    from daicho.fileserver.share import Share

_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file or folder whose rights are not just those that come from above."""

    way: str
    folder: bool
    rights: Descriptor
    above: tuple[Entry, ...] | None
    """The entries of the folder above; None: they cannot be seen."""

    @property
    def own(self) -> tuple[Entry, ...]:
        """The entries that were set here."""
        return tuple(entry for entry in self.rights.entries if not entry.inherited)

    @property
    def follows(self) -> bool:
        """Whether its inherited entries are those that the folder above passes on."""
        if self.above is None:
            return True
        return same(self.rights, following(self.rights, self.above, folder=self.folder))


@dataclass(kw_only=True)
class Survey:
    """What a look at a tree found."""

    places: list[Place] = field(default_factory=list)
    """The folder itself, and all below that is not as what is above it says; by way."""
    folders: int = 0
    files: int = 0
    links: int = 0
    """So many links were not followed."""
    refused: list[tuple[str, FileServerError | NotReadable]] = field(default_factory=list)
    """What could not be read, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A folder whose children are to be looked at."""

    way: str
    entries: tuple[Entry, ...]
    above: tuple[int, ...]
    """The server's numbers of the folders on the way."""
    children: tuple[Child, ...] | None = None


class Surveyor:
    """One look at a tree, over some connections to one share."""

    def __init__(self, shares: Sequence[Share]) -> None:
        """Nothing is looked at yet."""
        self._crew = Crew[_Piece](shares, self._look)
        self._found = Survey()
        self._known: dict[Descriptor, Descriptor] = {}
        self._shares = shares

    def below(self, way: str) -> Survey:
        """Look at a folder and at everything below.

        Raises:
            Absent: There is no such folder.
            FileServerError: Its rights cannot be read.
            NoFileServer: The server went away.
        """
        rights = Descriptor.unpacked(self._shares[0].packed_rights(way))
        above = self._above(way)
        self._found.places.append(Place(way=way, folder=True, rights=rights, above=above))
        self._found.folders += 1
        self._crew.work(_Piece(way=way, entries=rights.entries, above=()))
        self._found.places.sort(key=lambda place: place.way.casefold().split("\\") if place.way else [])
        return self._found

    def _above(self, way: str) -> tuple[Entry, ...] | None:
        if not way:
            return None
        try:
            rights = self._shares[0].rights(way.rpartition("\\")[0])
        except NoFileServer:
            raise
        except (FileServerError, NotReadable):
            return None
        return rights.entries if rights else None

    def _look(self, share: Share, piece: _Piece) -> None:
        if piece.children is None:
            self._list(share, piece)
            return
        for child in piece.children:
            if self._crew.ended:
                return
            self._child(share, piece, child)

    def _list(self, share: Share, piece: _Piece) -> None:
        try:
            for some in batched(share.children(piece.way), _AT_ONCE):
                self._crew.put(replace(piece, children=some))
        except Absent:
            return  # it has been removed meanwhile
        except NoFileServer:
            raise
        except FileServerError as error:
            self._refuse(piece.way, error)

    def _child(self, share: Share, piece: _Piece, child: Child) -> None:
        way = f"{piece.way}\\{child.name}" if piece.way else child.name
        if child.link or (child.number and child.number in piece.above):
            self._count(links=1)
            return
        try:
            rights, children = _seen(share, way, child)
        except Absent:
            return
        except LedElsewhere:
            self._count(links=1)
            return
        except NoFileServer:
            raise
        except (FileServerError, NotReadable) as error:
            self._refuse(way, error)
            return
        self._keep(way, child, rights, piece.entries)
        if child.folder and children != ():
            above = (*piece.above, child.number) if child.number else piece.above
            below = _Piece(way=way, entries=rights.entries, above=above)
            for some in batched(children, _AT_ONCE) if children else [None]:
                self._crew.put(replace(below, children=some))

    def _keep(self, way: str, child: Child, rights: Descriptor, above: tuple[Entry, ...]) -> None:
        rights = self._known.setdefault(rights, rights)  # most are alike: a thousand files, one object
        place = Place(way=way, folder=child.folder, rights=rights, above=above)
        with self._crew.turn:
            self._found.folders += child.folder
            self._found.files += not child.folder
            if rights.protected or rights.null or place.own or not place.follows:
                self._found.places.append(place)

    def _count(self, *, links: int) -> None:
        with self._crew.turn:
            self._found.links += links

    def _refuse(self, way: str, error: FileServerError | NotReadable) -> None:
        with self._crew.turn:
            self._found.refused.append((way, error))


def _seen(share: Share, way: str, child: Child) -> tuple[Descriptor, tuple[Child, ...] | None]:
    """The rights of something, and what it holds; None: that has to be asked for."""
    try:
        look = share.look(way, folder=child.folder)
    except NoFileServer:
        raise
    except FileServerError:
        # Perhaps only the right to list it is missing, or its rights are longer than usual.
        return Descriptor.unpacked(share.packed_rights(way)), None
    return look.before, look.children
