"""A craft for Windows endpoints at work without a site: the door is a list, all else is real."""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from daicho.craft import Bench, Target, Told, Trouble
from daicho.door import Intention
from daicho.items.groups import host_variables
from daicho.items.item import Item
from daicho.runners.craft import opened
from tests.windows import site_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from daicho.craft import Craft
    from daicho.works.work import Work
    from lab.winrm import Windows


@dataclass
class WindowsBench:
    """One work on some terminals."""

    terminals: Windows
    work: Work
    folder: Path
    inputs: Mapping[str, Any]
    names: list[str]
    begun: list[str] = field(default_factory=list)

    @contextmanager
    def craft(self, *, undo: bool = False) -> Iterator[Craft]:
        """The work's craft, with the inputs judged as in a change."""
        site_file(self.terminals, self.folder / "content" / "site")
        bench = Bench(
            inputs=self.work.judge_inputs(self.inputs, "change.yml"),
            undo=undo,
            secret=lambda name: {"windows": self.terminals.world.password}[name],
            content=self.folder / "content",
            folder=self.folder,
            key=self.folder / "id",
            known_hosts=self.folder / "known_hosts",
            language="en",
        )
        with opened(self.work, bench) as craft:
            yield craft

    def target(self, name: str, wanted: Mapping[str, Any] | None = None) -> Target:
        """A terminal as the door tells of it."""
        item = Item(name, "endpoint", self.terminals.address(name), {"os": "windows"})
        return Target(name=name, facts={**host_variables(item)}, wanted=wanted)

    def planned(self, wanted: Mapping[str, Any] | None = None) -> dict[str, Intention | str]:
        """What would be done to each; a sentence where nothing can be."""
        with self.craft(undo=wanted is not None) as craft:
            found = craft.rehearse([self.target(name, wanted) for name in self.names])
            return {name: str(each) if isinstance(each, Trouble) else each for name, each in found}

    def plan(self, wanted: Mapping[str, Any] | None = None) -> Intention:
        """The same of one terminal, for which it has to be possible."""
        [intention] = self.planned(wanted).values()
        assert isinstance(intention, Intention), intention
        return intention

    def ran(self, wanted: Mapping[str, Any], *, undo: bool = False) -> Any:
        """One terminal brought to a state: the state read back, that with words, or the trouble in words."""
        with self.craft(undo=undo) as craft:
            targets = [self.target(name, wanted) for name in self.names]
            [(_name, now)] = craft.carry_out(targets, self._begin)
        return now if isinstance(now, Told) else str(now) if isinstance(now, Trouble) else dict(now)

    def _begin(self, name: str, _present: Mapping[str, Any]) -> bool:
        self.begun.append(name)
        return True


def lets_in(terminals: Windows, host: str, source: str) -> bool:
    """Whether a connection from an address of this machine gets as far as TLS."""
    context = ssl.create_default_context(cafile=terminals.ca)
    place = (terminals.address(host), terminals.world.port)
    try:
        with (
            socket.create_connection(place, 3, source_address=(source, 0)) as plain,
            context.wrap_socket(plain, server_hostname=place[0]),
        ):
            return True
    except OSError:
        return False
