"""The lab of Windows terminals: thousands that speak WinRM, on a network of their own."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any, Final

import yaml  # type: ignore[import-untyped,unused-ignore]

from lab import daemon, handout, life, network
from lab.errors import LabError
from lab.node_places import NodePlaces
from lab.outage_nodes import batch
from lab.places import write_private
from lab.process import Progress, finished, run
from lab.winrm.plane import ROOT, Windows
from lab.winrm.world import World

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence
    from pathlib import Path

CONTROLLER: Final = "ctl"
PLANE: Final = "plane"
TERMINALS: Final = IPv4Network("10.60.0.0/17")
CONTROLLER_ADDRESS: Final = "10.60.240.1"
PLANE_ADDRESS: Final = "10.60.240.2"
MOST: Final = 32_000


@dataclass(frozen=True)
class WindowsPlaces(NodePlaces):
    """The names and paths of one lab."""

    kind = "windows"

    @property
    def plane(self) -> Path:
        """What belongs to the terminals' process, the authority's certificate among it."""
        return self.root / "plane"


class WindowsLab:
    """One such lab by name; labs of different names know nothing of each other."""

    def __init__(self, name: str = "lab") -> None:
        """Know its places; nothing is started."""
        self.name = name
        self.places = WindowsPlaces.of(name)

    @property
    def state(self) -> Path:
        """The directory with items.yml, ca.crt, inventory.yml and windows.yml."""
        return self.places.root

    def up(self, count: int, *, progress: Progress | None = None, **world: Any) -> None:
        """Bring the lab up; `world` are fields of `lab.winrm.World` (off_share, back_within, task_seconds …).

        Raises:
            LabError: It is up already, or could not be brought up. What was made of it is removed again.
        """
        progress = progress or Progress(quiet=True)
        life.require_programs(("ip", "nsenter"))
        if not 0 < count <= MOST:
            raise LabError(f"{count} terminals are not possible: from 1 to {MOST}.")
        if self.places.plane.exists():
            raise LabError(
                f"The terminals {self.name!r} are up already. `python -m lab windows down` ends them."
            )
        self.down()
        terminals = Windows(self.places.plane, count, World(**{"network": TERMINALS, **world}))
        with life.whole_or_gone(progress, self.down):
            self._make(terminals)
        progress.say(f"{count} Windows terminals answer")

    def down(self) -> bool:
        """Remove the lab, whole or half-made; whether there was any."""
        return life.remove_nodes(self.places)

    @property
    def terminals(self) -> Windows:
        """What they are, and what can be asked of them and done to them.

        Raises:
            LabError: The lab is not up.
        """
        try:
            return Windows.at(self.places.plane)
        except LabError as error:
            raise LabError(
                f"The terminals {self.name!r} are not up. "
                f"`python -m lab windows up --name {self.name}` brings them up."
            ) from error

    def inside[T](self, work: Callable[[], T]) -> T:
        """Run a function where the controller is."""
        return network.inside(self.places.netns(CONTROLLER), work)

    def execute(
        self, argv: Sequence[str | Path], *, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a program where the controller is; its status is the caller's to judge."""
        return self.inside(lambda: finished(argv, timeout=timeout))

    def _make(self, terminals: Windows) -> None:
        places = self.places
        places.root.mkdir(parents=True)
        self._wire()
        words = ["env", f"PYTHONPATH={ROOT}", *terminals.describe()]
        group = places.group / PLANE
        daemon.spawn(words, group=group, netns=places.netns(PLANE), log=places.plane / "log")
        terminals.await_ready(lambda: daemon.alive(group))
        self._hand_out(terminals)

    def _wire(self) -> None:
        near, far = self.places.netns(CONTROLLER), self.places.netns(PLANE)
        for netns in (near, far):
            run(["ip", "netns", "add", netns])
        cable = ["type", "veth", "peer", "name", CONTROLLER, "netns", far]
        run(["ip", "link", "add", PLANE, "netns", near, *cable])
        batch(
            near,
            [
                "link set lo up",
                f"address add {CONTROLLER_ADDRESS}/30 dev {PLANE}",
                f"link set {PLANE} up",
                f"route add {TERMINALS} via {PLANE_ADDRESS}",
            ],
        )
        batch(
            far,
            [
                "link set lo up",
                f"address add {PLANE_ADDRESS}/30 dev {CONTROLLER}",
                f"link set {CONTROLLER} up",
                f"route add local {TERMINALS} dev lo",
            ],
        )

    def _hand_out(self, terminals: Windows) -> None:
        world, state = terminals.world, self.state
        (state / "ca.crt").write_bytes(terminals.ca.read_bytes())
        (state / "items.yml").write_text(handout.as_yaml(terminals.items()), encoding="utf-8")
        site = {"user": world.login, "ca_file": "ca.crt", "port": world.port}
        (state / "windows.yml").write_text(yaml.safe_dump(site, allow_unicode=True), encoding="utf-8")
        for secret, text in (("password", world.password), ("administrator", world.administrator_password)):
            write_private(state / secret, text)
        inventory = terminals.inventory()
        inventory["all"]["vars"]["ansible_winrm_ca_trust_path"] = str(state / "ca.crt")
        dumped = yaml.dump(inventory, Dumper=yaml.CSafeDumper, sort_keys=False)
        write_private(state / "inventory.yml", dumped)
