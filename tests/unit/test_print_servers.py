"""Queues of both kinds of print servers as states, and what services.yml may say of the servers."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Final

import pytest

from daicho.craft import Trouble
from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.items.item import Item
from daicho.moves.part import Change
from daicho.moves.planning import Move, Planned
from daicho.moves.rules import MoveRules
from daicho.moves.wish import Port, Spot, Wish
from daicho.printing.cups import Cups
from daicho.printing.queue import Job, Queue
from daicho.printing.queueing import Queueing, queues_in, state_of
from daicho.printing.settings import PrintServer, QueueRules
from daicho.printing.windows import _port, _uri
from daicho.services import ServicesFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.printing.server import Server

PRINTER: Final = Item("pr-1", "printer", "10.1.10.11", {"mac": "02:00:00:00:00:01", "room": "301"})
NETWORK: Final = MoveRules.model_validate(
    {
        "networks": [
            {"vlan": 20, "subnet": "10.1.20.0/24", "first": "10.1.20.50", "last": "10.1.20.99"}
            | {"floors": ["4F"]}
        ]
    }
).networks[0]


class Desk:
    """A print server that has these queues and suits all but those of a kind."""

    host = "desk"

    def __init__(self, *queues: Queue) -> None:
        self._queues = {queue.name: queue for queue in queues}

    def queues(self) -> Mapping[str, Queue]:
        return self._queues

    def suited(self, queue: Queue) -> Queue:
        if queue.uri.startswith("port:"):
            raise Trouble(why=f"{queue.name} cannot follow")
        return queue


def queueing(*queues: Queue) -> Queueing:
    desk: Any = Desk(*queues)
    servers: dict[str, Server] = {"win1": desk}
    return Queueing(servers, QueueRules())


def move(default_printer: str = "") -> Planned:
    port = Port("sw-1", "Gi0/2")
    its = Move(
        item=PRINTER,
        wish=Wish(item="pr-1", outlet="4F-1", default_printer=default_printer),
        mac="02:00:00:00:00:01",
        old=Spot(None, "", "", "", "301"),
        port=port,
        new=Spot(port, "4F-1", "本館", "4F", "401"),
        network=NETWORK,
        address=IPv4Address("10.1.20.50"),
    )
    return Planned(moves={"pr-1": its})


def test_a_printer_that_moves_takes_all_its_queues_along_whatever_their_names() -> None:
    queues = [
        Queue(name="複合機 3F", uri="socket://10.1.10.11:9100", location="本館 3F", share="2F-B"),
        Queue(name="other", uri="socket://10.1.10.111:9100"),
    ]
    [change] = queueing(*queues).plan(move()).values()
    assert change == Change(
        before={"win1 複合機 3F": "socket://10.1.10.11:9100", "win1 複合機 3F location": "本館 3F"},
        after={"win1 複合機 3F": "socket://10.1.20.50:9100", "win1 複合機 3F location": "本館 4F 401"},
    )


def test_whose_default_moves_is_told_who_prints_there_from_then_on() -> None:
    [change] = queueing(Queue(name="pr-1", uri="ipp://10.1.10.11/ipp", default=True)).plan(move()).values()
    assert isinstance(change, Change)
    assert change.notes == (
        (
            "pr-1 is the default of win1: who has chosen no other prints at the new place, unless "
            "`default_printer:` says another."
        ),
    )


def test_the_default_of_a_server_goes_to_the_queue_that_the_plan_names() -> None:
    queues = [
        Queue(name="pr-1", uri="ipp://10.1.10.11/ipp", default=True),
        Queue(name="PR-2", uri="ipp://10.1.10.12/ipp"),
    ]
    [change] = queueing(*queues).plan(move(default_printer="pr-2")).values()
    assert isinstance(change, Change)
    assert (change.before["win1"], change.after["win1"], change.notes) == ("pr-1", "PR-2", ())
    assert queues_in(change.after) == [("win1", "pr-1")]
    [why] = queueing(queues[0]).plan(move(default_printer="pr-2")).values()
    assert str(why) == "the print server win1 has no queue pr-2 that could become its default"


def test_a_queue_that_cannot_follow_is_found_at_plan_time() -> None:
    [why] = queueing(Queue(name="q", uri="port:http://10.1.10.11:631/ipp")).plan(move()).values()
    assert str(why) == "q cannot follow"


def test_a_state_names_its_queues() -> None:
    state = state_of("win1", Queue(name="複合機 3F", uri="socket://10.0.0.1:9100", share="x"))
    state |= state_of("cups1", Queue(name="pr-1", uri="ipp://10.0.0.1/ipp/print"))
    assert queues_in(state) == [("win1", "複合機 3F"), ("cups1", "pr-1")]
    assert queues_in({"win1 複合機 3F share": None}) == [("win1", "複合機 3F")]


def test_a_queue_whose_name_reads_like_a_fact_of_another_is_refused() -> None:
    queues = [
        Queue(name="3F", uri="socket://10.0.0.1:9100"),
        Queue(name="3F location", uri="socket://10.1.10.11:9100"),
    ]
    [why] = queueing(*queues).plan(move()).values()
    assert str(why) == "the queue 3F location of win1 has a name that ends in location: rename it"


@pytest.mark.parametrize(
    "uri", ["socket://10.1.20.11:9100", "socket://printer.example:9101", "lpd://10.1.20.11/lp"]
)
def test_an_address_becomes_a_port_and_back(uri: str) -> None:
    assert _uri("any", _port(uri)) == uri


def test_a_port_of_another_kind_keeps_its_name_and_cannot_be_made() -> None:
    assert _uri("LPT1:", {"host": "", "number": 0, "lpr": ""}) == "port:LPT1:"
    with pytest.raises(Trouble, match="a port for port:LPT1: cannot be made on a Windows print server"):
        _port("port:LPT1:")


@pytest.mark.parametrize(("kind", "field"), [("windows", "host"), ("cups", "url")])
def test_a_print_server_that_cannot_be_found_is_refused(kind: str, field: str) -> None:
    said = {"printing": [{"name": "p1", "kind": kind}]}
    with pytest.raises(DocumentError, match=f"a print server of the kind {kind} needs `{field}`"):
        judge(ServicesFile, said, "services.yml")


class Recorded(Cups):
    """CUPS with a job that waits, and a list of what it was told."""

    def __init__(self) -> None:
        super().__init__(PrintServer(name="cups1", url="https://print.example:631/"), str)
        self.told: list[str] = []

    def accept(self, name: str, yes: bool) -> None:
        self.told.append(f"accept {name} {yes}")

    def jobs(self, name: str, which: str = "not-completed") -> list[Job]:
        del name, which
        return [Job(id=7, name="letter", user="sato", state="held", why="", pages=0)]

    def move_jobs(self, name: str, to: str) -> None:
        self.told.append(f"move {name} {to}")

    def remove(self, name: str) -> None:
        self.told.append(f"remove {name}")


@pytest.mark.parametrize(
    ("jobs_to", "waiting", "told"),
    [
        ("", 1, ["accept q False", "accept q True"]),
        ("other", 0, ["accept q False", "move q other", "remove q"]),
    ],
)
def test_cups_keeps_a_queue_with_jobs_unless_they_have_somewhere_to_go(
    jobs_to: str, waiting: int, told: list[str]
) -> None:
    cups = Recorded()
    assert cups.host == "print.example"
    assert cups.take_away(Queue(name="q", uri="ipp://10.0.0.1/ipp/print"), jobs_to) == waiting
    assert cups.told == told
