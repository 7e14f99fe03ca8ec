"""One night for the tests: an office with two buildings whose power came back at 22:00."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from daicho.items.item import Item
from daicho.reachability.baseline import Baseline, DeviceState, Look, Reply, Seen, record
from daicho.reachability.boot import BootTimes
from daicho.reachability.explanation import Sort, Suspect
from daicho.reachability.verdict import Judgement, Situation, judge
from daicho.reachability.wiring import Standpoint, wire
from tests.outages import lit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from daicho.reachability.topology import Topology

TOKYO = ZoneInfo("Asia/Tokyo")
BEFORE = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
POWER = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
LATER = POWER + timedelta(minutes=40)


def office(terminals: int = 4) -> list[Item]:
    """Two buildings of three floors: cores, distribution and access switches, servers, terminals."""
    hall = {"site": "本省", "building": "1号館", "floor": "地下1階", "room": "サーバ室", "rack": "A-01"}
    items = [
        _switch("sw-core-1", hall, {}),
        _switch("sw-core-2", hall | {"rack": "A-02"}, {"uplink": "sw-core-1"}),
        Item("srv-ad1", "server", "192.0.2.10", hall | {"uplink": "sw-core-1", "uplink2": "sw-core-2"}),
        Item("ops-1", "server", "192.0.2.9", hall | {"uplink": "sw-core-1", "uplink2": "sw-core-2"}),
    ]
    for building in (1, 2):
        place = {"site": "本省", "building": f"{building}号館", "floor": "1階", "room": "EPS", "rack": "B-01"}
        both = {"uplink": "sw-core-1", "uplink2": "sw-core-2:Gi1/0/2"}
        items.append(_switch(f"sw-{building}-dist", place, both))
        for floor in (1, 2, 3):
            eps = place | {"floor": f"{floor}階"}
            access = f"sw-{building}-{floor}f"
            items.append(_switch(access, eps, {"uplink": f"sw-{building}-dist Gi1/0/{floor}"}))
            for number in range(1, terminals + 1):
                room = eps | {"room": f"{floor}0{1 + number % 2}", "rack": "", "uplink": access}
                name = f"pc-{building}{floor}{number:02}"
                items.append(Item(name, "endpoint", f"192.0.2.{building}{floor}{number}", room))
    return items


def _switch(name: str, place: Mapping[str, str], links: Mapping[str, str]) -> Item:
    return Item(name, "network_device", "192.0.2.1", {**place, **links, "model": "C9200"})


@dataclass
class Night:
    """What happens in this night; `judgement()` is what the check makes of it."""

    items: list[Item] = field(default_factory=office)
    down: set[str] = field(default_factory=set)
    cut: set[tuple[str, str]] = field(default_factory=set)
    dead_before: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    untold: Mapping[str, str] = field(default_factory=dict)
    at: datetime = LATER
    situation: Situation = field(default_factory=lambda: Situation(power_back={"": POWER}))

    @property
    def topology(self) -> Topology:
        topology, gaps = wire(self.items, Standpoint("ops-1"))
        assert gaps == []
        return topology

    def topology_with_gaps(self) -> Topology:
        return wire(self.items, Standpoint("ops-1"))[0]

    @property
    def failed(self) -> set[Suspect]:
        nodes = {Suspect(Sort.NODE, name) for name in self.down | self.dead_before}
        return nodes | {Suspect(Sort.LINK, f"{min(pair)} -- {max(pair)}") for pair in self.cut}

    def baseline(self) -> Baseline:
        dead = {Suspect(Sort.NODE, name) for name in self.dead_before}
        return record(self._look(BEFORE, dead, ()), self.topology, BootTimes({"C9200": 300, "endpoint": 600}))

    def judgement(self) -> Judgement:
        look = self._look(self.at, self.failed, self.changed, self.unread)
        return judge(self.baseline(), self.topology, look, self.situation)

    def _look(
        self,
        at: datetime,
        failed: Collection[Suspect],
        changed: Collection[str],
        unread: Collection[str] = (),
    ) -> Look:
        topology = self.topology
        alive = lit(topology, failed)
        answers = {
            name: Reply(Seen.COULD_NOT_TELL, self.untold[name])
            if name in self.untold
            else Reply(Seen.ALIVE if name in alive else Seen.SILENT)
            for name in topology.nodes
        }
        devices = {
            name: DeviceState(
                saved=True,
                config="sha256:old" if name in changed else "sha256:new",
                neighbours=frozenset(
                    link.far(name)
                    for link in topology.around[name]
                    if topology.nodes[link.far(name)].passes
                    and link.far(name) in alive
                    and Suspect(Sort.LINK, link.name) not in failed
                ),
            )
            for name, node in topology.nodes.items()
            if node.passes and name in alive and name not in self.untold and name not in unread
        }
        return Look(at=at, answers=answers, devices=devices)


def four_things() -> Night:
    """The night of the acceptance test: two switches dead, an uplink cut, an old configuration."""
    return Night(
        down={"sw-1-3f", "sw-2-dist"},
        cut={("sw-1-dist", "sw-core-2")},
        changed={"sw-1-2f"},
        dead_before={"pc-1101"},
    )
