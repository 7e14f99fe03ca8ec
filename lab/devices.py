"""The lab of network devices: simulated ones by the thousand, and real FRR routers, on one network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lab import daemon, devices_routers, handout, life, network
from lab.devices_places import (
    CONTROLLER,
    CONTROLLER_ADDRESS,
    OPERATORS,
    PLANE,
    PLANE_ADDRESS,
    SIMULATED,
    DevicesPlaces,
)
from lab.devices_routers import Router
from lab.errors import LabError
from lab.netcli.device import World
from lab.netcli.plane import ROOT, Plane
from lab.outage_nodes import batch
from lab.process import Progress, finished, run

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence
    from pathlib import Path

_PROGRAMS: Final = ("ip", "nsenter", "ssh-keygen")


class Devices:
    """One such lab by name; labs of different names know nothing of each other."""

    def __init__(self, name: str = "lab") -> None:
        """Know its places; nothing is started."""
        self.name = name
        self.places = DevicesPlaces.of(name)

    @property
    def state(self) -> Path:
        """The directory with items.yml, known_hosts and the lab's key."""
        return self.places.root

    def up(
        self, count: int, mix: str, *, routers: int = 2, progress: Progress | None = None, **world: Any
    ) -> None:
        """Bring the lab up; `world` are fields of `World` (latency_ms, minute, silent …).

        Raises:
            LabError: It is up already, or could not be brought up. What was made of it is removed again.
        """
        progress = progress or Progress(quiet=True)
        life.require_programs([*_PROGRAMS, *(devices_routers.programs() if routers else ())])
        if self.places.plane.exists():
            raise LabError(
                f"The devices {self.name!r} are up already. `python -m lab devices down` ends them."
            )
        self.down()
        plane = Plane(self.places.plane, World(network=SIMULATED, operators=OPERATORS, **world), count, mix)
        with life.whole_or_gone(progress, self.down):
            self._make(plane, [Router(number + 1) for number in range(routers)], progress)

    def down(self) -> bool:
        """Remove the lab, whole or half-made; whether there was any."""
        there = life.remove_nodes(self.places)
        devices_routers.remove(self.places)
        return there

    @property
    def plane(self) -> Plane:
        """The simulated devices: what they are, what they run, what can be done to them.

        Raises:
            LabError: The lab is not up.
        """
        try:
            return Plane.at(self.places.plane)
        except LabError as error:
            raise LabError(
                f"The devices {self.name!r} are not up. "
                f"`python -m lab devices up --name {self.name}` brings them up."
            ) from error

    @property
    def routers(self) -> list[Router]:
        """The real ones."""
        numbers = [int(folder.name[1:]) for folder in self.state.glob("r[0-9]*")]
        return [Router(number) for number in sorted(numbers)]

    def trust(self, authority: str) -> None:
        """From now on certificates of this SSH CA, and this key itself, are let in everywhere."""
        self.plane.trust(authority)
        with self.places.authorities.open("a", encoding="utf-8") as file:
            file.write(f"{authority.strip()}\n")

    def router_configuration(self, name: str) -> str:
        """What runs on a router, as vtysh says."""
        return devices_routers.configuration(self.places, Router(int(name.removeprefix("r"))))

    def inside[T](self, work: Callable[[], T]) -> T:
        """Run a function where the operators are."""
        return network.inside(self.places.netns(CONTROLLER), work)

    def execute(
        self, argv: Sequence[str | Path], *, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a program where the operators are; its status is the caller's to judge."""
        return self.inside(lambda: finished(argv, timeout=timeout))

    # How it is made

    def _make(self, plane: Plane, routers: list[Router], progress: Progress) -> None:
        places = self.places
        places.root.mkdir(parents=True)
        for key in (places.user_key, places.host_key):
            life.make_key(key, f"devices {self.name}")
        places.authorities.touch()
        self._wire()
        words = plane.describe()
        plane.trust(places.user_key.with_suffix(".pub").read_text(encoding="ascii"))
        group = places.group / PLANE
        argv = ["env", f"PYTHONPATH={ROOT}", *words]
        daemon.spawn(argv, group=group, netns=places.netns(PLANE), log=places.plane / "log")
        plane.await_ready(lambda: daemon.alive(group))
        progress.say(f"{plane.count} simulated devices answer")
        if routers:
            devices_routers.create(places, routers)
            progress.say(f"{len(routers)} FRR routers answer")
        self._hand_out(plane, routers)

    def _wire(self) -> None:
        ctl, far = self.places.netns(CONTROLLER), self.places.netns(PLANE)
        for netns in (ctl, far):
            run(["ip", "netns", "add", netns])
        run(
            [
                "ip",
                "link",
                "add",
                PLANE,
                "netns",
                ctl,
                "type",
                "veth",
                "peer",
                "name",
                CONTROLLER,
                "netns",
                far,
            ]
        )
        batch(
            ctl,
            [
                "link set lo up",
                f"address add {CONTROLLER_ADDRESS}/30 dev {PLANE}",
                f"link set {PLANE} up",
                f"route add {SIMULATED} via {PLANE_ADDRESS}",
            ],
        )
        batch(
            far,
            [
                "link set lo up",
                f"address add {PLANE_ADDRESS}/30 dev {CONTROLLER}",
                f"link set {CONTROLLER} up",
                f"route add local {SIMULATED} dev lo",
            ],
        )

    def _hand_out(self, plane: Plane, routers: list[Router]) -> None:
        kind, key, *_ = self.places.host_key.with_suffix(".pub").read_text(encoding="ascii").split()
        known = plane.known_hosts() + "".join(f"{router.address} {kind} {key}\n" for router in routers)
        (self.state / "known_hosts").write_text(known, encoding="utf-8")
        rows = [*plane.items(), *(router.row() for router in routers)]
        (self.state / "items.yml").write_text(handout.as_yaml(rows), encoding="utf-8")
