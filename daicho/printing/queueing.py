"""Print queues as a part of what moves, comes and goes: where they send their jobs, and what they say.

| key (after `queue:`) | value |
|---|---|
| `cups1 pr-0001` | its address: `ipp://10.1.20.11/ipp/print` |
| `cups1 pr-0001 location` | the place that people read |
| `cups1 pr-0001 info` | the description that people read |
| `cups1 pr-0001 driver` | `everywhere`, `raw` or the server's own name for it |
| `cups1` | the server's default queue: `pr-0001` |
| `win1 pr-0001 share` | the name that a Windows print server shares it by |
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from daicho.craft import Trouble, as_trouble, trouble_of
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.moves.part import Change
from daicho.printing.queue import RAW, Queue
from daicho.printing.wrong import PrintingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.moves.part import Goal
    from daicho.moves.planning import Move, Planned
    from daicho.plan import Scalar, TargetState
    from daicho.printing.server import Server
    from daicho.printing.settings import QueueRules

LOCATION: Final = "location"
_DETAILS: Final = (LOCATION, "info", "driver", "share")


class Queueing:
    """The queues of printers on all print servers of a site."""

    prefix: ClassVar[str] = "queue:"
    title: ClassVar[str] = N_("print queues")

    def __init__(self, servers: Mapping[str, Server], rules: QueueRules, jobs_to: str = "") -> None:
        """Nothing is asked yet.

        Args:
            servers: Print server by its name.
            rules: How queues are described.
            jobs_to: Where jobs go that wait in a queue which is removed; empty: it is not removed then.
        """
        self._servers, self._rules, self._jobs_to = servers, rules, jobs_to

    def plan(self, planned: Planned) -> Mapping[str, Change | Trouble]:
        """The queues of printers that move send their jobs to the new address; what waits in them stays."""
        there = self.queues()
        found: dict[str, Change | Trouble] = {}
        for name, move in planned.moves.items():
            if move.item.kind != "printer":
                continue
            try:
                change = self._change(of_printer(there, name, move.item.address), move, there)
            except (PrintingError, Trouble) as error:
                found[name] = trouble_of(error)
                continue
            if change.after:
                found[name] = change
        return found

    def read(self, goals: Mapping[str, Goal]) -> Mapping[str, TargetState | Trouble]:
        """What the queues say now."""
        there = self.queues()
        states: dict[str, Scalar] = {}
        for server, name in {each for goal in goals.values() for each in queues_in(goal.state)}:
            if (queue := there.get(server, {}).get(name)) and queue.whole:
                states |= state_of(server, queue)
        states |= {server: default_of(queues.values()) for server, queues in there.items()}
        return {name: {key: states.get(key) for key in goal.state} for name, goal in goals.items()}

    def bring(self, goals: Mapping[str, Goal]) -> Mapping[str, Trouble]:
        """Make, change and remove queues."""
        there = self.queues()
        found: dict[str, Trouble] = {}
        for name, goal in goals.items():
            try:
                for server, queue in queues_in(goal.state):
                    self._brought(server, there.get(server, {}).get(queue), queue, goal.state)
                for server, default in defaults_in(goal.state):
                    if default != default_of(there.get(server, {}).values()):
                        self._server(server).set_default(default)
            except (PrintingError, Trouble) as error:
                found[name] = trouble_of(error)
        return found

    def queues(self) -> dict[str, dict[str, Queue]]:
        """All queues of all servers.

        Raises:
            Trouble: A server cannot be asked.
        """
        with as_trouble(PrintingError):
            return {name: server.queues() for name, server in self._servers.items()}

    def _change(
        self,
        queues: Iterable[tuple[str, Queue]],
        move: Move,
        there: Mapping[str, Mapping[str, Queue]],
    ) -> Change:
        before: dict[str, Scalar] = {}
        after: dict[str, Scalar] = {}
        notes: list[str] = []
        for server, queue in queues:
            moved = self._moved(queue, move)
            if moved.uri != queue.uri:
                self._server(server).suited(moved)
            now, wanted = state_of(server, queue), state_of(server, moved)
            before |= {key: now[key] for key in wanted if wanted[key] != now[key]}
            after |= {key: wanted[key] for key in wanted if wanted[key] != now[key]}
            if queue.default and move.wish.default_printer:
                before[server], after[server] = queue.name, _heir(server, there[server], move)
            elif queue.default:
                said = _(
                    "{queue} is the default of {server}: who has chosen no other prints at the new place, "
                    "unless `default_printer:` says another."
                )
                notes.append(said.format(queue=queue.name, server=server))
        return Change(before=before, after=after, notes=tuple(notes))

    def _moved(self, queue: Queue, move: Move) -> Queue:
        old = move.item.address
        uri = queue.uri.replace(old, str(move.address)) if old and old in queue.uri else queue.uri
        place = {"building": move.new.building, "floor": move.new.floor, "room": move.new.room}
        facts = {**move.item.attributes, **place, "outlet": move.new.outlet, "name": move.name}
        known = {key: value for key, value in facts.items() if key != "address"}
        location = self._rules.filled(self._rules.location, {**known, "address": str(move.address)})
        return replace(queue, uri=uri, location=location)

    def _brought(self, server: str, there: Queue | None, name: str, state: TargetState) -> None:
        its = self._server(server)
        uri = state.get(f"{server} {name}", there.uri if there else None)
        if uri is None:
            if there:
                self._removed(its, there)
            return
        told = {key: str(state.get(f"{server} {name} {key}") or "") for key in _DETAILS}
        if there is None or not there.whole:
            driver = told["driver"] or RAW
            made = Queue(name=name, uri=str(uri), location=told[LOCATION], info=told["info"], driver=driver)
            its.put(replace(made, share=told["share"]))
            return
        location = told[LOCATION] if f"{server} {name} {LOCATION}" in state else there.location
        if (there.uri, there.location) != (uri, location):
            its.describe(
                name,
                uri=str(uri) if there.uri != uri else None,
                location=location if there.location != location else None,
            )
        if there.uri != uri:
            # A server stops a queue whose printer was away for a while; one that somebody stopped stays so.
            its.resume(name)

    def _removed(self, its: Server, queue: Queue) -> None:
        if waiting := its.take_away(queue, self._jobs_to):
            why = _("{count} jobs wait in the queue {queue}. Let them print, or say `jobs_to: QUEUE`")
            raise Trouble(why=why.format(count=waiting, queue=queue.name))

    def _server(self, name: str) -> Server:
        if name not in self._servers:
            raise Trouble(why=_("services.yml names no print server {name}").format(name=name))
        return self._servers[name]


def of_printer(there: Mapping[str, Mapping[str, Queue]], name: str, address: str) -> list[tuple[str, Queue]]:
    """The queues of a printer on all servers: those of its name, and those that print to its address."""
    return [
        (server, queue)
        for server, queues in there.items()
        for queue in queues.values()
        if queue.name.casefold() == name.casefold() or host_of(queue.uri) in {address, name.lower()} - {""}
    ]


def default_of(queues: Iterable[Queue]) -> str | None:
    """The default queue of a server; Windows has none."""
    return next((queue.name for queue in queues if queue.default), None)


def defaults_in(state: TargetState) -> list[tuple[str, str]]:
    """Server and default queue, for each server in a state."""
    return [(key, str(value)) for key, value in state.items() if " " not in key and value]


def host_of(uri: str) -> str:
    """The host in a queue's address."""
    return uri.partition("://")[2].partition("/")[0].partition(":")[0].lower()


def state_of(server: str, queue: Queue) -> dict[str, Scalar]:
    """A queue as a target's state has it.

    Raises:
        Trouble: Its name reads like a fact of another queue.
    """
    key = f"{server} {queue.name}"
    if queues_in({key: queue.uri}) != [(server, queue.name)]:
        why = _("the queue {queue} of {server} has a name that ends in {word}: rename it")
        raise Trouble(why=why.format(queue=queue.name, server=server, word=queue.name.rpartition(" ")[2]))
    state: dict[str, Scalar] = {
        key: queue.uri,
        f"{key} location": queue.location or None,
        f"{key} info": queue.info or None,
        f"{key} driver": queue.driver,
    }
    return state | {f"{key} share": queue.share} if queue.share else state


def queues_in(state: TargetState) -> list[tuple[str, str]]:
    """Server and name of each queue that is in a state, and is to be there or is to go."""
    found: dict[tuple[str, str], None] = {}
    for key in state:
        server, _space, name = key.partition(" ")
        if not name:
            continue
        # On Windows a queue's name may have spaces.
        queue, _space, detail = name.rpartition(" ")
        found[server, queue if queue and detail in _DETAILS else name] = None
    return list(found)


def _heir(server: str, queues: Mapping[str, Queue], move: Move) -> str:
    wanted = move.wish.default_printer.casefold()
    for name in queues:
        if name.casefold() == wanted != move.name.casefold():
            return name
    why = _("the print server {server} has no queue {queue} that could become its default")
    raise Trouble(why=why.format(server=server, queue=move.wish.default_printer))
