"""Walk what is below a folder and let it inherit, over several connections at once.

Servers inherit when something is made and never again, so whoever changes a folder walks what is below. One
that was interrupted is simply walked again: what follows already is read and left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import batched
from typing import TYPE_CHECKING, Final

from daicho.fileserver import sddl
from daicho.fileserver.crew import Crew
from daicho.fileserver.descriptors import Descriptor
from daicho.fileserver.inheritance import following, passed_on
from daicho.fileserver.share import Look
from daicho.fileserver.sids import NotReadable
from daicho.fileserver.wrong import Absent, FileServerError, LedElsewhere, NoFileServer
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from daicho.fileserver.descriptors import Entry
    from daicho.fileserver.listings import Child
    from daicho.fileserver.share import Share

_AT_ONCE: Final = 50
"""So many children of one folder are one piece of work: a flat folder keeps all connections busy too."""
MOST_TOLD: Final = 500


@dataclass(frozen=True, kw_only=True)
class Order:
    """How to walk."""

    write: bool
    replacing: Mapping[str, bool] = field(default_factory=dict)
    """For folders by their way in small letters: whether own entries and protection below are lost."""
    exact: Mapping[str, Descriptor] = field(default_factory=dict)
    """Rights that some of what is below is to have whatever is above it, by the way in small letters."""
    leaving: Collection[str] = ()
    """What is below these folders is not looked at; by their way in small letters."""
    first_only: bool = False
    """Whether the walk ends at the first thing that does not follow."""


@dataclass(kw_only=True)
class Walked:
    """What a walk came by."""

    seen: int = 0
    changed: int = 0
    """So many did not follow; a walk that writes has changed them."""
    protected: int = 0
    """So many are protected, and what is below them was left alone."""
    own: int = 0
    """So many keep entries of their own."""
    named: set[str] = field(default_factory=set)
    """The SIDs in entries that stay whatever is above."""
    links: int = 0
    """So many links were not followed."""
    refused: list[tuple[str, FileServerError | NotReadable]] = field(default_factory=list)
    """What could not be read or changed, and why."""
    told: dict[str, tuple[Descriptor, Descriptor]] = field(default_factory=dict)
    """What the way back has to put right by itself, before and after, by its way: at most MOST_TOLD."""
    untold: int = 0
    """So many more there would be in `told`."""
    met: set[str] = field(default_factory=set)
    """Which of the exact ones were come by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A folder whose children are to be looked at."""

    way: str
    was: tuple[Entry, ...]
    """Its entries before."""
    now: tuple[Entry, ...]
    """The entries that its children are to inherit from."""
    above: tuple[int, ...]
    """The server's numbers of the folders on the way: who meets one of them again goes round in circles."""
    replacing: bool
    """Whether what is below loses its own entries and its protection."""
    children: tuple[Child, ...] | None = None
    """Some of its children; None: they have not been listed."""


class Walk:
    """One walk over some connections to one share."""

    def __init__(self, shares: Sequence[Share], order: Order) -> None:
        """Nothing is walked yet.

        Args:
            shares: Connections, logged on; each is used by one thread.
            order: How to walk.
        """
        self._order = order
        self._found = Walked()
        self._changing = False
        self._crew = Crew[_Place](shares, self._look)
        self._turn = self._crew.turn

    def below(self, way: str, was: Descriptor, now: Descriptor) -> Walked:
        """Walk everything below a folder.

        Args:
            way: Where the folder is in the share.
            was: Its rights before.
            now: The rights that it has or is to have.

        Raises:
            NoFileServer: The server went away; what was done stays done.
        """
        if now.null or way.casefold() in self._order.leaving:
            return self._found
        replacing = self._order.replacing.get(way.casefold(), False)
        begin = _Place(way=way, was=was.entries, now=now.entries, above=(), replacing=replacing)
        self._crew.work(begin)
        return self._found

    def _look(self, share: Share, place: _Place) -> None:
        if place.children is None:
            self._list(share, place)
            return
        for child in place.children:
            if self._crew.ended:
                return
            self._child(share, place, child)

    def _list(self, share: Share, place: _Place) -> None:
        try:
            for some in batched(share.children(place.way), _AT_ONCE):
                self._crew.put(replace(place, children=some))
        except Absent:
            return  # it has been removed meanwhile
        except NoFileServer:
            raise
        except FileServerError as error:
            self._refuse(place.way, error)

    def _child(self, share: Share, place: _Place, child: Child) -> None:
        way = f"{place.way}\\{child.name}" if place.way else child.name
        if child.link or (child.number and child.number in place.above):
            self._count(links=1)
            return
        try:
            present, wanted, children = self._brought(share, place, way, child)
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
        skipped = wanted.protected and way.casefold() not in self._order.exact
        skipped |= way.casefold() in self._order.leaving
        if child.folder and children != () and not skipped and not wanted.null:
            below = _Place(
                way=way,
                was=present.entries,
                now=wanted.entries,
                above=(*place.above, child.number) if child.number else place.above,
                replacing=self._order.replacing.get(way.casefold(), place.replacing),
            )
            for some in batched(children, _AT_ONCE) if children else [None]:
                self._crew.put(replace(below, children=some))

    def _brought(
        self, share: Share, place: _Place, way: str, child: Child
    ) -> tuple[Descriptor, Descriptor, tuple[Child, ...] | None]:
        """What something had, what it has or is to have, and what it holds."""
        exact = self._order.exact.get(way.casefold())
        follows = _replaced if place.replacing else following

        def wish(present: Descriptor) -> Descriptor:
            return exact or follows(present, place.now, folder=child.folder)

        found = self._looked(share, way, child, wish)
        present, wanted = found.before, wish(found.before)
        if not self._order.write and not exact:
            back = follows(present, place.was, folder=child.folder)
            self._tell(way, present, wanted, back=back)
        changes = not same(present, wanted)
        # What is next to something that changes mostly changes, too: it is opened for that at once.
        self._changing = changes
        self._count(seen=1, protected=int(wanted.protected and not exact), changed=int(changes))
        if exact:
            self._found.met.add(way.casefold())
        if changes and self._order.first_only:
            self._crew.end()
        return present, wanted, found.children

    def _looked(self, share: Share, way: str, child: Child, wish: Callable[[Descriptor], Descriptor]) -> Look:
        """Look at something; if it is to be changed, it is."""
        if self._order.write and self._changing:
            try:
                return _changed(share, way, child, wish)
            except NoFileServer:
                raise
            except FileServerError:
                pass  # perhaps only the right to change it is missing, and nothing has to be changed
        try:
            found = share.look(way, folder=child.folder)
        except NoFileServer:
            raise
        except FileServerError:
            # Perhaps only the right to list it is missing, or its rights are longer than usual.
            before = Descriptor.unpacked(share.packed_rights(way))
            found = Look(before=before, kept=None, children=None)
        wanted = wish(found.before)
        if self._order.write and not same(found.before, wanted):
            put(share, way, found.before, wanted)
        return found

    def _tell(self, way: str, present: Descriptor, wanted: Descriptor, *, back: Descriptor) -> None:
        """Keep what a plan says of something below; `back`: what a way back makes of it by following."""
        own = {entry.sid for entry in wanted.entries if not entry.inherited}
        with self._turn:
            self._found.own += bool(own)
            self._found.named |= own
            if same(present, back):
                return
            if len(self._found.told) < MOST_TOLD:
                self._found.told[way] = present, wanted
            else:
                self._found.untold += 1

    def _count(self, **more: int) -> None:
        with self._turn:
            for name, number in more.items():
                setattr(self._found, name, getattr(self._found, name) + number)

    def _refuse(self, way: str, error: FileServerError | NotReadable) -> None:
        with self._turn:
            self._found.refused.append((way, error))


def put(share: Share, way: str, present: Descriptor, wanted: Descriptor) -> None:
    """Give something its rights, and make sure that the server has kept them.

    Raises:
        FileServerError: It refuses, or kept something else.
    """
    _kept(share, way, wanted, share.give(way, _setting(present, wanted)))


def _changed(share: Share, way: str, child: Child, wish: Callable[[Descriptor], Descriptor]) -> Look:
    """Look at something, and give it what is wished for while it is open."""

    def decide(present: Descriptor) -> Descriptor | None:
        wanted = wish(present)
        given = _setting(present, wanted)
        return None if same(present, wanted) or given.owner else given

    found = share.look(way, folder=child.folder, decide=decide)
    wanted = wish(found.before)
    if found.kept:
        _kept(share, way, wanted, replace(found.kept, owner=found.kept.owner or found.before.owner))
    elif not same(found.before, wanted):
        put(share, way, found.before, wanted)  # an owner takes another right to open it
    return found


def _setting(present: Descriptor, wanted: Descriptor) -> Descriptor:
    """What has to be set: the owner only if it is another."""
    return replace(wanted, owner=wanted.owner if wanted.owner != present.owner else "")


def _kept(share: Share, way: str, wanted: Descriptor, kept: Descriptor) -> None:
    if not same(kept, wanted):
        why = _("it was given {given} and kept {kept}").format(
            given=sddl.to_text(wanted), kept=sddl.to_text(kept)
        )
        raise FileServerError(server=share.server, path=way, why=why)


def _replaced(present: Descriptor, above: tuple[Entry, ...], *, folder: bool) -> Descriptor:
    """The rights of something that has none of its own."""
    inherited = passed_on(above, folder=folder, owner=present.owner)
    return Descriptor(entries=inherited, owner=present.owner, protected=False)


def same(one: Descriptor, other: Descriptor) -> bool:
    """Whether nothing has to be written; an owner that is not told does not count."""
    return one == (other if other.owner else replace(other, owner=one.owner))
