"""The craft of `isolate_endpoint`: on trial first, for good once a new session has proved the way in."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from daicho.craft import Trouble
from daicho.door import Intention
from daicho.endpoints import fleet
from daicho.endpoints.endpoint_craft import EndpointCraft, windows
from daicho.endpoints.isolation import (
    NETWORK,
    addresses,
    dangers,
    kept,
    off,
    others,
    outside,
    state_of,
    written,
)
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from ipaddress import IPv4Network

    from daicho.craft import Bench, Craft, Target
    from daicho.endpoints.endpoint_craft import Host, Reach
    from daicho.plan import TargetState

_PAUSE_S: Final = 3.0


@contextmanager
def open_craft(bench: Bench) -> Iterator[Craft]:
    """The craft of `isolate_endpoint`."""
    access = fleet.access_of(bench)
    inputs = bench.inputs
    reach = windows(access)
    purpose = Isolation(
        management=cast("Sequence[str]", inputs["management"]),
        probes=cast("Sequence[str]", inputs["probes"]),
        minutes=int(str(inputs["minutes"])),
        proof_s=float(str(inputs["proof_seconds"])),
        port=access.site.port,
        reach=reach,
    )
    yield EndpointCraft(purpose=purpose, reach=reach, at_once=access.site.at_once)


@dataclass(frozen=True, kw_only=True)
class Isolation:
    """Machines that talk to nobody but a few."""

    management: Sequence[str]
    probes: Sequence[str]
    minutes: int
    """After which a machine that was not proved reachable goes back by itself."""
    proof_s: float
    """Within which a new session has to be possible."""
    port: int
    reach: Reach

    def rehearsed(self, host: Host, target: Target) -> Intention:
        """Who stays reachable; or the way back."""
        read = self._read(host)
        before = state_of(read)
        keep = kept(self.management, read)
        cut_off: TargetState = {**dict.fromkeys(before, True), NETWORK: written(keep)}
        after = target.wanted or cut_off
        cut = addresses(str(after[NETWORK]))
        if cut and before != after and (said := list(dangers(cut, read))):
            raise Trouble(why="; ".join(said))
        return Intention(
            target=target.name,
            before=before,
            after=after,
            inverse=before,
            notes=tuple(self._notes(read, cut)) if cut else (),
        )

    def present(self, host: Host, wanted: TargetState) -> TargetState:
        """Whether it is cut off, and how its firewall stands."""
        found = state_of(self._read(host))
        return {key: found.get(key) for key in wanted}

    def bring(self, host: Host, wanted: TargetState, present: TargetState) -> str:
        """Cut it off and prove it, or connect it again."""
        keep = addresses(str(wanted[NETWORK]))
        if keep is None:
            on = {key.partition(":")[2]: True for key, value in wanted.items() if key != NETWORK and value}
            host.run("end_isolation", {"profiles": {**on, **dict.fromkeys(off(wanted), False)}})
            return ""
        if said := list(dangers(keep, self._read(host))):
            raise Trouble(why="; ".join(said))
        order = {
            "keep": [str(each) for each in keep],
            "others": others(keep),
            "port": host.endpoint.port or self.port,
            "minutes": self.minutes,
            "profiles": off(present),
        }
        host.run("isolate", order)
        self._prove(host, keep)
        return ""

    def _prove(self, host: Host, keep: Sequence[IPv4Network]) -> None:
        """A new session has to get in, and the machine must reach nobody that it tries."""
        deadline = time.monotonic() + self.proof_s
        while True:
            try:
                with self.reach(host.endpoint) as fresh:
                    reached = outside(self._read(fresh)["reached"], keep)
                    if not reached:
                        fresh.run("end_isolation_trial", {})
                        return
                said = _("it still reaches {places}").format(places=", ".join(reached))
            except Trouble as error:
                said = _("no new session with it is possible: {why}").format(why=error)
            if time.monotonic() + _PAUSE_S > deadline:
                back = _("{said}. It goes back by itself within {minutes} minutes; isolate it at the switch.")
                raise Trouble(why=back.format(said=said.rstrip("."), minutes=self.minutes))
            time.sleep(_PAUSE_S)

    def _read(self, host: Host) -> dict[str, Any]:
        return host.run(
            "get_isolation", {"probes": list(self.probes), "port": host.endpoint.port or self.port}
        )

    def _notes(self, read: Mapping[str, Any], keep: Sequence[IPv4Network]) -> Iterator[str]:
        if user := read["user"]:
            yield _("{user} is logged on and will lose every connection.").format(user=user)
        for server in read["dhcp"]:
            said = _("{address} stays reachable, too: the machine has its address from there.")
            yield said.format(address=server)
        if unproved := [each for each in outside(read["probes"], keep) if each not in read["reached"]]:
            said = _("It does not reach {places} even now: that these are blocked proves nothing.")
            yield said.format(places=", ".join(unproved))
