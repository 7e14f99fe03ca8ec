"""The outage lab: an office network whose links and power can be cut, and put back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from lab import handout, life, network, outage_faults, outage_nodes, outage_plane
from lab.errors import LabError
from lab.outage_places import PLANE, OutagePlaces
from lab.outage_plan import CONTROLLER, Link, Node, plan
from lab.process import Progress, finished

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

PROGRAMS: Final = ("ip", "nft", "nsenter", "ssh-keygen", "/usr/sbin/sshd")
_SEED: Final = 12


class Outage:
    """One outage lab by name; labs of different names know nothing of each other."""

    def __init__(self, name: str = "lab") -> None:
        self.name = name
        self.places = OutagePlaces.of(name)
        self.plan = plan()

    @property
    def state(self) -> Path:
        """The directory with items.yml, known_hosts, ssh_config and the lab's key."""
        return self.places.root

    def up(self, progress: Progress | None = None) -> None:
        """Bring the lab up with everything on; does nothing if it is up.

        Raises:
            LabError: it could not be brought up. What was made of it is removed again.
        """
        progress = progress or Progress(quiet=True)
        life.require_programs(PROGRAMS)
        if self.places.state.exists():
            progress.say(f"the outage lab {self.name!r} is up already")
            return
        self.down()
        with life.whole_or_gone(progress, self.down):
            self._make(progress)

    def down(self) -> bool:
        """Remove the lab, whole or half-made; whether there was any."""
        return life.remove_nodes(self.places)

    # What can happen to it

    def cut(self, *links: Link | str) -> None:
        """Pull these cables; a link is `("core1", "dist-b")` or `"core1 -- dist-b"`."""
        found = self._now()
        found["cut"] = sorted({*map(tuple, found["cut"]), *map(self._link, links)})
        self._become(found)

    def restore(self, *links: Link | str) -> None:
        """Plug these cables in again; all that are cut if none is named."""
        found = self._now()
        mended = {self._link(link) for link in links} or {tuple(link) for link in found["cut"]}
        found["cut"] = sorted({tuple(link) for link in found["cut"]} - mended)
        self._become(found)

    def power(self, *names: str, on: bool) -> None:
        """Switch nodes, or everything behind a feed (`B`, `B/3F`), or `all`, off or on."""
        found = self._now()
        chosen = {node for name in names for node in self._powered_by(name)}
        found["off"] = sorted(set(found["off"]) - chosen if on else set(found["off"]) | chosen)
        self._become(found)

    def fault(self, name: str, kind: str, *, on: bool = True) -> None:
        """Let a node misbehave, or behave again; `outage_faults.KINDS` lists how."""
        found = self._now()
        outage_faults.apply(self.places, self._node(name), kind, on=on)
        kinds = [each for each in found["faults"].get(name, []) if each != kind]
        found["faults"][name] = [*kinds, kind] if on else kinds
        self._write(found)

    def plane(
        self, live: int = 12_000, dead: int = 600, *, onlink: bool = False
    ) -> tuple[list[str], list[str]]:
        """Addresses of a plane to ask, and those among them that are dead from now on (no others are)."""
        found = self._now()
        which = "onlink" if onlink else "routed"
        addresses = outage_plane.onlink(live) if onlink else outage_plane.routed(live)
        chosen = outage_plane.chosen(addresses, dead, _SEED)
        outage_plane.revive(self.places, found["plane"][which])
        outage_plane.kill(self.places, chosen)
        found["plane"][which] = chosen
        self._write(found)
        return addresses, chosen

    # What there is

    def truth(self) -> dict[str, Any]:
        """What is so, whatever anybody measures: nodes, links, what is cut, and what is dark for it."""
        found = self._now()
        cut = {tuple(link) for link in found["cut"]}
        dark = self.plan.dark(found["off"], cut)
        return {
            "controller": CONTROLLER,
            "nodes": [
                {
                    **node.row(),
                    "on": node.name not in found["off"],
                    "dark": node.name in dark,
                    "faults": found["faults"].get(node.name, []),
                }
                for node in self.plan.nodes.values()
            ],
            "links": [{"ends": list(link), "cut": link in cut} for link in self.plan.links],
            "cut": [" -- ".join(link) for link in sorted(cut)],
            "off": found["off"],
            "dark": sorted(dark),
            "plane": found["plane"],
        }

    def addresses(self) -> dict[str, str]:
        """Node → address, without the controller."""
        return {node.name: node.address for node in self.plan.nodes.values() if node.name != CONTROLLER}

    def inside[T](self, work: Callable[[], T], node: str = CONTROLLER) -> T:
        """Run a function on the controller, or in another node's place."""
        return network.inside(self.places.netns(node), work)

    def execute(
        self, argv: Sequence[str | Path], *, node: str = CONTROLLER, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on the controller, or at another node; its status is the caller's to judge."""
        return self.inside(lambda: finished(argv, timeout=timeout), node)

    # How it is made

    def _make(self, progress: Progress) -> None:
        places = self.places
        places.root.mkdir(parents=True)
        for key in (places.user_key, places.host_key):
            life.make_key(key, f"outage lab {self.name}")
        outage_nodes.create(places, self.plan)
        outage_plane.create(places)
        progress.say(f"{len(self.plan.nodes) + 1} namespaces on {len(self.plan.links) + 1} cables")
        for node in self.plan.nodes.values():
            outage_nodes.write_files(places, node)
        self._hand_out()
        nothing = {"cut": [], "off": [], "faults": {}, "plane": {"routed": [], "onlink": []}, "applied": {}}
        for node in self.plan.nodes.values():
            outage_nodes.boot(places, node)
        self._apply(nothing)
        progress.say("all routes set, all switches serve ssh")

    def _hand_out(self) -> None:
        places = self.places
        kind, key, *_comment = places.host_key.with_suffix(".pub").read_text(encoding="ascii").split()
        nodes = [node for node in self.plan.nodes.values() if node.name != CONTROLLER]
        known = "".join(f"{node.name},{node.address} {kind} {key}\n" for node in nodes if node.serves_ssh)
        hosts = "".join(f"Host {node.name}\n  HostName {node.address}\n" for node in nodes if node.serves_ssh)
        options = handout.ssh_options(places, "root", patience=3)
        (places.root / "known_hosts").write_text(known, encoding="utf-8")
        (places.root / "ssh_config").write_text(hosts + options, encoding="utf-8")
        (places.root / "items.yml").write_text(
            handout.as_yaml([node.row() for node in nodes]), encoding="utf-8"
        )

    def _become(self, wanted: dict[str, Any]) -> None:
        """Take the lab from what it is to what it should be."""
        before, after = set(self._now()["off"]), set(wanted["off"])
        for name in sorted(after - before):
            outage_nodes.halt(self.places, self.plan.nodes[name])
        self._apply(wanted)
        for name in sorted(before - after):
            outage_nodes.boot(self.places, self.plan.nodes[name])

    def _apply(self, wanted: dict[str, Any]) -> None:
        cut = [self._link(tuple(link)) for link in wanted["cut"]]
        settings = outage_nodes.settings(self.plan, wanted["off"], cut)
        changed = [name for name, setting in settings.items() if wanted["applied"].get(name) != list(setting)]
        for name in changed:
            outage_nodes.configure(self.places, self.plan, name, *settings[name])
            wanted["applied"][name] = list(settings[name])
        beside = {far for name in changed for far in self.plan.around(name)}
        for name in sorted({*changed, *beside}):
            ports = settings[name][0]
            both = {far: up and settings[far][0][name] for far, up in ports.items()}
            outage_nodes.settle(self.places, name, both)
        self._write(wanted)

    def _now(self) -> dict[str, Any]:
        return life.described(
            self.places.state,
            f"The outage lab {self.name!r} is not up. "
            f"`python -m lab outage up --name {self.name}` brings it up.",
        )

    def _write(self, found: dict[str, Any]) -> None:
        self.places.state.write_text(json.dumps(found), encoding="utf-8")

    def _node(self, name: str) -> Node:
        if name not in self.plan.nodes and name != PLANE:
            raise LabError(f"The outage lab has no node {name!r}. `python -m lab outage truth` lists them.")
        return self.plan.nodes.get(name) or Node(PLANE, "server", "")

    def _link(self, link: Link | str) -> Link:
        ends = tuple(part.strip() for part in link.split("--")) if isinstance(link, str) else tuple(link)
        for each in (ends, ends[::-1]):
            if each in self.plan.links:
                return each[0], each[1]
        joined = " -- ".join(ends)
        raise LabError(f"The outage lab has no link {joined!r}. `python -m lab outage truth` lists them.")

    def _powered_by(self, name: str) -> Iterable[str]:
        nodes = [node for node in self.plan.nodes.values() if node.name != CONTROLLER]
        if name == "all":
            return [node.name for node in nodes]
        fed = [node.name for node in nodes if f"{node.feed}/".startswith(f"{name}/")]
        return fed or [self._node(name).name]
