"""What crafts of endpoints have in common: a session with each, its state, the approved one, read back."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from daicho.concurrent import several
from daicho.craft import Told, Trouble, Unreachable
from daicho.endpoints import fleet, script
from daicho.endpoints.session import Session, endpoint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from daicho.craft import Begin, Bench, Target
    from daicho.door import Intention
    from daicho.endpoints.session import Access, Endpoint
    from daicho.plan import TargetState

_PAUSE_S: Final = 2.0


class Host(Protocol):
    """An endpoint in a session."""

    @property
    def endpoint(self) -> Endpoint:
        """Which it is, and where."""

    @property
    def os(self) -> str:
        """What it runs: `windows`, `debian`."""

    def run(self, name: str, arguments: Mapping[str, object], *, limit_s: float = 300) -> dict[str, Any]:
        """What one of our scripts makes of its arguments there.

        Raises:
            Trouble: It cannot be done, or nobody answers.
        """


type Reach = Callable[[Endpoint], AbstractContextManager[Host]]
"""Logs on to an endpoint."""


class Purpose(Protocol):
    """What one work means for one endpoint. Used by several threads at once."""

    def rehearsed(self, host: Host, target: Target) -> Intention:
        """What would become of it; reads only.

        Raises:
            Trouble: It cannot be done there.
        """

    def present(self, host: Host, wanted: TargetState) -> TargetState:
        """Its state now, in the keys that are wanted."""

    def bring(self, host: Host, wanted: TargetState, present: TargetState) -> str:
        """Take the steps that are due, each repeatable; what people have to know of it, or nothing.

        Raises:
            Trouble: A step could not be taken.
        """


@dataclass(frozen=True, kw_only=True)
class EndpointCraft:
    """Rehearses and carries out a work on endpoints, as many at once as the site allows."""

    purpose: Purpose
    reach: Reach
    at_once: int
    patience_s: float = 300
    """So long a machine may be away once it has been changed."""

    def rehearse(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        """What would be done to each."""
        by_name = {target.name: target for target in targets}

        def one(endpoint: Endpoint) -> Intention:
            with self.reach(endpoint) as host:
                return self.purpose.rehearsed(host, by_name[endpoint.name])

        yield from several([_endpoint(target) for target in targets], one, self.at_once, only_reads=True)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterator[tuple[str, TargetState | Told | Trouble]]:
        """Bring each to its approved state, and read it in a new session."""
        by_name = {target.name: target for target in targets}

        def one(endpoint: Endpoint) -> TargetState | Told | None:
            return self._carried_out(endpoint, by_name[endpoint.name], begin)

        for name, now in several([_endpoint(target) for target in targets], one, self.at_once):
            if now is not None:
                yield name, now

    def _carried_out(self, endpoint: Endpoint, target: Target, begin: Begin) -> TargetState | Told | None:
        wanted = target.wanted or {}
        with self.reach(endpoint) as host:
            present = self.purpose.present(host, wanted)
            if not begin(target.name, present):
                return None
            said = "" if present == wanted else self.purpose.bring(host, wanted, present)
        now = self._read_back(endpoint, wanted)
        return Told(state=now, said=said) if said else now

    def _read_back(self, endpoint: Endpoint, wanted: TargetState) -> TargetState:
        """The state in a session of its own; an installer may have restarted the machine meanwhile."""
        deadline = time.monotonic() + self.patience_s
        while True:
            try:
                with self.reach(endpoint) as host:
                    return self.purpose.present(host, wanted)
            except Unreachable:
                if time.monotonic() + _PAUSE_S > deadline:
                    raise
            time.sleep(_PAUSE_S)


@dataclass(frozen=True, kw_only=True)
class WindowsHost:
    """A Windows endpoint that is logged on to."""

    session: Session
    os: str = "windows"

    @property
    def endpoint(self) -> Endpoint:
        """Which it is, and where."""
        return self.session.endpoint

    def run(self, name: str, arguments: Mapping[str, object], *, limit_s: float = 300) -> dict[str, Any]:
        """What `scripts/NAME.ps1` makes of its arguments there."""
        return script.run(self.session, name, arguments, limit_s=limit_s)


def windows(access: Access) -> Reach:
    """How Windows endpoints are logged on to."""

    @contextmanager
    def reach(endpoint: Endpoint) -> Iterator[Host]:
        with Session(endpoint, access) as session:
            yield WindowsHost(session=session)

    return reach


@contextmanager
def open_windows(bench: Bench, purpose: Purpose) -> Iterator[EndpointCraft]:
    """The craft of a work for Windows endpoints.

    Raises:
        DocumentError: `windows.yml` cannot be used.
        Trouble: The password was never set.
    """
    access = fleet.access_of(bench)
    yield EndpointCraft(purpose=purpose, reach=windows(access), at_once=access.site.at_once)


def _endpoint(target: Target) -> Endpoint:
    return endpoint_of(target.name, target.facts)
