"""What is not as it was on an item that answers again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.reachability.baseline import Reply, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daicho.canonical import Json
    from daicho.reachability.baseline import DeviceState, Look
    from daicho.reachability.topology import Link, Topology

_SENTENCES: Final = {
    "config": N_("It runs another configuration than before the outage"),
    "version": N_("It runs another software version: {what}"),
    "unsaved": N_("Its running configuration is not saved"),
    "ports": N_("Ports that were up are down: {what}"),
    "neighbours": N_("Neighbours are gone: {what}"),
    "routes": N_("Routes are gone: {what}"),
    "services": N_("Services no longer answer: {what}"),
    "login": N_("It answers but nobody can log in: {what}"),
    "mute": N_("It passes traffic on but does not answer itself"),
}


class Difference(NamedTuple):
    """One thing that is not as it was; `str()` says it."""

    kind: str
    what: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The sentence in the reader's language, without a full stop."""
        return _(_SENTENCES[self.kind]).format(what=", ".join(self.what))

    def as_json(self) -> dict[str, Json]:
        """As the ledger and the exports hold it."""
        return {"kind": self.kind, "what": list(self.what)}


class Excuse(NamedTuple):
    """What may be missing on an item because a cause elsewhere explains it already."""

    neighbours: frozenset[str] = frozenset()
    """Their links are dark or cut: they may be gone, and as many ports down."""
    routes: bool = False
    """Whether routes may be gone: some device or link of the network is at fault."""


def differences(name: str, before: Look, now: Look, excuse: Excuse) -> tuple[Difference, ...]:
    """What differs on one item that answers; what was not asked on both occasions does not.

    What came in addition (a new neighbour, a new service) is no fault.
    """
    found = []
    if name in now.silent_login and name in before.devices:
        found.append(Difference("login", (now.silent_login[name],)))
    if gone := _gone(before.services.get(name), now.services.get(name)):
        found.append(Difference("services", _ordered(gone)))
    was, is_ = before.devices.get(name), now.devices.get(name)
    if was and is_:
        found += _device(was, is_, excuse)
    return tuple(found)


def _device(was: DeviceState, is_: DeviceState, excuse: Excuse) -> Iterable[Difference]:
    if was.config and is_.config and was.config != is_.config:
        yield Difference("config")
    if was.version and is_.version and was.version != is_.version:
        yield Difference("version", (f"{was.version} → {is_.version}",))
    if was.saved and is_.saved is False:
        yield Difference("unsaved")
    if len(gone := _gone(was.ports_up, is_.ports_up)) > len(excuse.neighbours):
        yield Difference("ports", _ordered(gone))
    short = {_short(name) for name in excuse.neighbours}
    if missed := {name for name in _gone(was.neighbours, is_.neighbours) if _short(name) not in short}:
        yield Difference("neighbours", _ordered(missed))
    if not excuse.routes and (gone := _gone(was.routes, is_.routes)):
        yield Difference("routes", _ordered(gone))


def lost_links(before: Look, now: Look, topology: Topology) -> dict[Link, bool]:
    """The links that a device which answers saw before the outage and sees no more: they are down.

    A neighbour that is still seen proves nothing: devices keep a lost one for two minutes (IEEE 802.1AB).
    """
    lost: dict[Link, bool] = {}
    for name, state in now.devices.items():
        was = before.devices.get(name)
        answer = now.answers.get(name, Reply(Seen.COULD_NOT_TELL))
        if was is None or name not in topology.nodes or answer.seen is not Seen.ALIVE:
            continue
        gone = {_short(neighbour) for neighbour in _gone(was.neighbours, state.neighbours)}
        lost |= {link: False for link in topology.around[name] if _short(link.far(name)) in gone}
    return lost


def _gone(was: frozenset[str] | None, is_: frozenset[str] | None) -> frozenset[str]:
    return frozenset() if was is None or is_ is None else was - is_


def _short(name: str) -> str:
    return name.casefold().partition(".")[0]


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=natural_key))
