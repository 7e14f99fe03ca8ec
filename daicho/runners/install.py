"""The craft of new devices: configure_network's, from base settings and an unknown host key to in service.

The host key that a device presents at the plan is shown there and approved; at the run it has to present the
same one. Only what is approved and in service gets into the site's known hosts.
"""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from daicho.craft import Trouble
from daicho.errors import DaichoError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.network.install import FACTS, HOST_KEY, devices_of, not_heard
from daicho.network.logins import LoginRule, LoginRules, only, read_logins
from daicho.network.observing.questions import Topic
from daicho.runners import host_keys
from daicho.runners.fleet import Entrance, Fleet, device_host
from daicho.runners.network import NetworkCraft
from daicho.runners.nornir import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from daicho.craft import Begin, Bench, Target
    from daicho.door import Intention
    from daicho.network.checks import Sight
    from daicho.network.install import NewDevice
    from daicho.network.platform import Platform
    from daicho.network.tree import Tree
    from daicho.plan import TargetState
    from daicho.runners.network import Case

_PAUSE: Final = 1.0


class OtherDevice(Trouble):
    """It is not the device that was meant."""

    sentence = N_("{device}: the serial number is {found}, not {wanted}. It was not touched.")


class OtherHostKey(Trouble):
    """Between plan and run the host key became another one."""

    sentence = N_(
        "{device} presents the host key {found}; approved was {wanted}. It was not spoken to. If the device "
        "was replaced, plan again."
    )


@contextmanager
def open_install(bench: Bench) -> Iterator[InstallCraft]:
    """The craft that brings devices into service.

    Raises:
        DocumentError: The inputs are not what is said of new devices.
    """
    yield InstallCraft(bench)


class InstallCraft(NetworkCraft):
    """Plans and enters the settings of new devices."""

    def __init__(self, bench: Bench, *, minute: float = 60.0) -> None:
        """Take what is said of the devices; see `NetworkCraft`."""
        inputs = dict(bench.inputs)
        self._devices = {device.name: device for device in devices_of(inputs)}
        # Where the settings of the first day are exchanged for others, the way to the device always changes.
        inputs |= {"allow_management": True}
        super().__init__(replace(bench, inputs=inputs), minute=minute)
        self._hosts = bench.key.parent / "first_hosts"
        self._observing = load(bench.content, "observe")
        self._seen: dict[str, dict[str, str]] = {}
        self._keys: dict[str, str] = {}
        self._writing = threading.Lock()
        rule = LoginRule(
            user=str(inputs["base_user"]),
            credential=str(inputs["base_credential"]),
            enable=str(inputs.get("base_enable") or ""),
        )
        self._base = self._fleet_with(bench, only([rule]))
        self._service = self._fleet_with(bench, read_logins(bench.content / "site" / "network"))

    def rehearse(self, targets: Sequence[Target]) -> Iterable[tuple[str, Intention | Trouble]]:
        """See `NetworkCraft.rehearse`; the host keys are asked for first."""
        self._meet([target.name for target in targets])
        yield from super().rehearse(targets)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterable[tuple[str, TargetState | Trouble]]:
        """See `NetworkCraft.carry_out`; a device with another host key than approved is left alone."""
        self._meet([target.name for target in targets])
        going: list[Target] = []
        for target in targets:
            found = self._keys.get(target.name, "")
            approved = (target.wanted or {}).get(HOST_KEY)
            if found and approved not in {None, host_keys.fingerprint(found)}:
                shown = host_keys.fingerprint(found)
                yield target.name, OtherHostKey(device=target.name, found=shown, wanted=approved)
            else:
                going.append(target)
        yield from super().carry_out(going, begin)

    def judge(self, target: Target, platform: Platform, running: Tree) -> None:  # noqa: ARG002 -- the seam
        """See that it is the device that was meant."""
        wanted, found = self._devices[target.name].serial, self._seen[target.name].get("serial", "")
        if wanted and wanted != found:
            raise OtherDevice(device=target.name, found=found or _("unknown"), wanted=wanted)

    def _rehearsed(self, case: Case) -> Intention:
        name = case.target.name
        intention = super()._rehearsed(case)
        trusted, key = self._trusted(name), host_keys.fingerprint(self._keys[name])
        back = {} if intention.inverse is None else {**intention.inverse, HOST_KEY: trusted}
        notes = () if trusted else (_("Its host key is trusted from now on: {key}").format(key=key),)
        return replace(
            intention,
            before={**intention.before, **self._seen[name], HOST_KEY: trusted},
            after={**intention.after, **self._seen[name], HOST_KEY: None if self._bench.undo else key},
            inverse=back or None,
            notes=(*notes, *intention.notes),
        )

    def _carried_out(self, case: Case, begin: Begin) -> TargetState | None:
        name = case.target.name

        def with_key(device: str, state: TargetState) -> bool:
            return begin(device, {**state, **self._seen[device], HOST_KEY: self._trusted(device)})

        state = super()._carried_out(case, with_key)
        if state is None:
            return None
        self._trust(name)
        return {**state, **self._seen[name], HOST_KEY: self._trusted(name)}

    def _checked(self, case: Case, before: Sight, device: Any) -> str:
        wrong = super()._checked(case, before, device)
        return wrong if wrong or self._bench.undo else self._awaited(case, device)

    def _awaited(self, case: Case, device: Any) -> str:
        """What is wrong with its neighbours, once they had the time to speak."""
        planned = self._devices[case.target.name]
        until = time.monotonic() + self._intent.settle
        while planned.neighbours:
            heard = self._observing.observe(device, frozenset({Topic.HEARD})).heard
            if not (wrong := not_heard(planned, heard or ())) or time.monotonic() > until:
                return wrong
            time.sleep(_PAUSE)
        return ""

    # The way to a device: with its base settings, or in service

    @contextmanager
    def _session(self, case: Case, *, lane: bool = True) -> Iterator[Any]:
        """A session with a device, whichever settings it has: those that it should have now come first."""
        first, last = self._hosts_of(case)
        # The base settings may hold after the address of service was given to the device, and before.
        at_base = [first] if first.hostname == last.hostname and first.port == last.port else [first, last]
        ways = [*((self._base, host) for host in at_base), (self._service, last)]
        if lane == self._bench.undo:
            ways.reverse()
        with ExitStack() as open_:
            device: Any = None
            for number, (fleet, host) in enumerate(ways, 1):
                try:
                    device = open_.enter_context(fleet.session(host, case.platform, lane=lane))
                    break
                except DaichoError:
                    if number == len(ways):
                        raise
            self._look(case.target.name, device)
            yield device

    def _look(self, name: str, device: Any) -> None:
        if name in self._seen:
            return
        seen = self._observing.observe(device, frozenset({Topic.FACTS}))
        told = {"serial": seen.serial, "model": seen.model, "software": seen.version}
        self._seen[name] = {key: told[key] for key in FACTS if told[key]}

    def _hosts_of(self, case: Case) -> tuple[Any, Any]:
        """The device where it answers first, and in service."""
        device, data = self._devices[case.target.name], dict(case.host.data)
        return (
            device_host(device.name, *device.first, data),
            device_host(device.name, device.address, device.port, data),
        )

    def _fleet_with(self, bench: Bench, logins: LoginRules) -> Fleet:
        entrance = Entrance(key=bench.key, known_hosts=self._hosts, secret=bench.secret, logins=logins)
        return Fleet(bench.content, entrance)

    # Host keys

    def _meet(self, names: Sequence[str]) -> None:
        """Learn the host keys; those that the site knows already are held to."""
        devices = [self._devices[name] for name in names]
        site = host_keys.known(self._bench.known_hosts)
        found = host_keys.presented(place for device in devices for place in self._places(device))
        keys: dict[str, str] = {}
        for device in devices:
            key = site.get(host_keys.name(device.address, device.port)) or next(
                (found[place] for place in self._places(device) if place in found), ""
            )
            if key:
                self._keys[device.name] = key
                keys |= {host_keys.name(*place): key for place in self._places(device)}
        host_keys.put(self._hosts, keys)

    def _places(self, device: NewDevice) -> list[tuple[str, int]]:
        return list(dict.fromkeys([device.first, (device.address, device.port)]))

    def _trusted(self, name: str) -> str | None:
        """The fingerprint by which the site knows a device."""
        device = self._devices[name]
        key = host_keys.known(self._bench.known_hosts).get(host_keys.name(device.address, device.port))
        return host_keys.fingerprint(key) if key else None

    def _trust(self, name: str) -> None:
        """Have the site know a device from now on, or no more."""
        device = self._devices[name]
        where = host_keys.name(device.address, device.port)
        with self._writing:
            if self._bench.undo:
                host_keys.put(self._bench.known_hosts, {}, [where])
            else:
                host_keys.put(self._bench.known_hosts, {where: self._keys[name]})
