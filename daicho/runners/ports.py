"""The craft of ports: configure_network's, with lines that follow from what is wanted of each port."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from daicho.errors import UsageError
from daicho.network.intent import NothingWanted
from daicho.network.ports import HANGING, PortsRefused, PortWish, lines_of, problems_of, strangers
from daicho.network.tree import commands
from daicho.runners.network import NetworkCraft

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daicho.craft import Bench, Target
    from daicho.network.platform import Platform
    from daicho.network.templates import Wanting
    from daicho.network.tree import Tree


@contextmanager
def open_ports(bench: Bench) -> Iterator[PortCraft]:
    """The craft that changes ports of switches.

    Raises:
        DocumentError: The inputs are not what is wanted of ports.
    """
    yield PortCraft(bench)


class PortCraft(NetworkCraft):
    """Plans and changes ports."""

    def __init__(self, bench: Bench, *, minute: float = 60.0) -> None:
        """Take what is wanted of the ports; see `NetworkCraft`."""
        inputs = dict(bench.inputs)
        self._allow_trunks = bool(inputs.get("allow_trunks"))
        self._wishes = [PortWish.model_validate(wish) for wish in cast("Sequence[object]", inputs["ports"])]
        # Its guard sees to uplinks, too, and wants to be told in its own word.
        inputs |= {"allow_management": self._allow_trunks}
        super().__init__(replace(bench, inputs=inputs), minute=minute)

    def wanted(self, wanting: Wanting, platform: Platform) -> Tree:
        """The lines of every port of a device."""
        text, problems = "", []
        for wish in self._of(wanting.device):
            try:
                text += lines_of(wish, platform.name)
            except UsageError as error:
                problems.append(f"  {error}")
        if problems:
            raise PortsRefused(device=wanting.device, problems="\n".join(problems))
        if not text:
            raise NothingWanted(device=wanting.device, platform=platform.name)
        return commands(text, platform.grammar)

    def judge(self, target: Target, platform: Platform, running: Tree) -> None:
        """See that VLANs are there, and that no trunk and no other people's port is touched."""
        hanging = cast("Mapping[str, Sequence[str]]", target.facts.get(HANGING, {}))
        problems = [
            f"  {wish.port}: {problem}."
            for wish in self._of(target.name)
            for problem in (
                *problems_of(wish, running, platform.name, allow_trunks=self._allow_trunks),
                *strangers(wish, platform.name, hanging),
            )
        ]
        if problems:
            raise PortsRefused(device=target.name, problems="\n".join(problems))

    def _of(self, device: str) -> list[PortWish]:
        return [wish for wish in self._wishes if wish.switch == device]
