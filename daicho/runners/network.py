"""The craft of network devices: a session with each, many at once, Nornir in between.

A device is read, asked about at the door, changed and looked at again in its own thread. How many go at once
follows from how fast they answer.
"""

from __future__ import annotations

import hashlib
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from daicho.craft import Trouble
from daicho.documents import judge
from daicho.errors import DaichoError
from daicho.i18n import gettext as _
from daicho.items.groups import ITEM_VARIABLE
from daicho.network.checks import Sight
from daicho.network.guards import Reach
from daicho.network.intent import Intent, check_askable, wanted_lines
from daicho.network.kept import LEFT, file_name, kept
from daicho.network.logins import LoginRule, only, read_logins
from daicho.network.planning import Planned, Site, Wish, only_these_unsaved
from daicho.network.platforms import platform_of
from daicho.network.secrets import Mask
from daicho.network.state import SAVED
from daicho.network.templates import Templates, Wanting
from daicho.runners.fleet import Entrance, Fleet, device_host
from daicho.runners.nornir import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from nornir.core.inventory import Host

    from daicho.craft import Begin, Bench, Target
    from daicho.door import Intention
    from daicho.network.platform import Platform
    from daicho.network.tree import Tree
    from daicho.plan import TargetState

_SALT: Final = b"daicho configuration"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One device and what is wanted of it."""

    target: Target
    host: Host
    platform: Platform
    site: Site
    commands: Tree


@contextmanager
def open_network(bench: Bench) -> Iterator[NetworkCraft]:
    """The craft that brings network devices to a configuration.

    Raises:
        DocumentError: The inputs are not an intent.
        Trouble: A secret that the intent names was never set.
    """
    yield NetworkCraft(bench)


class NetworkCraft:
    """Plans and changes the configuration of network devices."""

    def __init__(self, bench: Bench, *, minute: float = 60.0) -> None:
        """Take the inputs of the change and the secrets that they name.

        Args:
            bench: The run's.
            minute: Seconds in a minute of the devices' timers; less in a laboratory.
        """
        intent = {name: value for name, value in bench.inputs.items() if name in Intent.model_fields}
        self._intent = judge(Intent, intent, "inputs")
        self._bench, self._minute = bench, minute
        self._templates = Templates(bench.content / "site" / "network")
        self._salt = _salt(bench)
        self._reading = load(bench.content, "read_configuration")
        self._changing = load(bench.content, "change_configuration")
        self._checking = load(bench.content, "check_device")
        self._fleet = Fleet(bench.content, _entrance(bench, self._intent))

    def rehearse(self, targets: Sequence[Target]) -> Iterable[tuple[str, Intention | Trouble]]:
        """What would be sent to each device, and the way back; only reads.

        Holes in templates, and whatever else can be known without asking a device, are found for all
        devices before the first is asked.
        """
        cases, troubles = self._cases(targets)
        yield from troubles
        if cases and not troubles:
            yield from self._each(cases, self._rehearsed)
            return
        why = _("The change has to be whole for every device before any is asked.")
        yield from ((case.target.name, Trouble(why=why)) for case in cases)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterable[tuple[str, TargetState | Trouble]]:
        """Change each device as approved; see `nornir_tasks.change_configuration`."""
        cases, troubles = self._cases(targets)
        yield from troubles
        if not cases:
            return
        for name, state in self._each(cases, partial(self._carried_out, begin=begin)):
            if state is not None:
                yield name, state

    # What a craft of something more particular says otherwise

    def wanted(self, wanting: Wanting, platform: Platform) -> Tree:
        """The lines to enter on one device. Raises what `wanted_lines` does."""
        return wanted_lines(self._intent, wanting, platform, self._templates)

    def judge(self, target: Target, platform: Platform, running: Tree) -> None:
        """See at the rehearsal whether the device, as it is, is one for this change. Raises DaichoError."""

    # One device

    def _rehearsed(self, case: Case) -> Intention:
        with self._session(case) as device:
            found = self._reading.read_configuration(device)
        if not self._bench.undo:
            self.judge(case.target, case.platform, found.running)
        return self._planned(case, found.running).intention(saved=found.saved)

    def _carried_out(self, case: Case, begin: Begin) -> TargetState | None:
        with self._session(case) as device:
            found = self._reading.read_configuration(device)
            planned = self._planned(case, found.running)
            saved = self._saved(case, found)
            if not begin(case.target.name, {**planned.before, SAVED: saved}):
                return None
            # Nothing to send; unless an attempt died before it saved what was to be saved.
            if planned.before == planned.after and found.saved == (case.target.wanted or {}).get(SAVED):
                return {**planned.after, SAVED: found.saved}
            planned.guard()
            before = self._checking.sight(device) if self._intent.keep else Sight()
            order = self._changing.Order(
                lines=planned.lines,
                inverse=planned.inverse,
                back=planned.back,
                lacking=planned.lacking,
                before=planned.not_as_found,
                hide=case.site.mask,
                again=partial(self._session, case, lane=False),
                minutes=self._intent.minutes,
                minute=self._minute,
                needs_dead_man=bool(planned.dangers),
                checks=partial(self._checked, case, before),
            )
            now = self._changing.change_configuration(device, found, order)
        self._leave(case, now.text)
        return {**planned.state(now.running), SAVED: True}

    def _leave(self, case: Case, text: str) -> None:
        """Have what it is configured to do now kept with the backups, when the run is over."""
        folder = self._bench.folder / LEFT
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / file_name(case.target.name)
        path.write_text(kept(text, case.platform.grammar), encoding="utf-8")

    def _planned(self, case: Case, running: Tree) -> Planned:
        wish = Wish(
            commands=case.commands,
            exact=self._intent.exact,
            state=case.target.wanted,
            back=self._bench.undo,
            allow_management=self._intent.allow_management,
        )
        return Planned(case.site, running, wish)

    def _saved(self, case: Case, found: Any) -> bool | None:
        """Whether nobody else has changes that are not saved; ours, of an attempt that died, do not count."""
        if found.saved is not False or case.target.wanted is None:
            return None if found.saved is None else bool(found.saved)
        return only_these_unsaved(case.site, found.running, found.startup, case.target.wanted)

    def _checked(self, case: Case, before: Sight, device: Any) -> str:
        name, intent = case.target.name, self._intent
        checks = [check for check in intent.checks if check.concerns(name, case.platform.name)]
        wrong: str = self._checking.wrong_in_the_end(device, checks, intent.keep, before, intent.settle)
        return wrong

    # Many devices

    def _cases(self, targets: Iterable[Target]) -> tuple[list[Case], list[tuple[str, Trouble]]]:
        cases: list[Case] = []
        troubles: list[tuple[str, Trouble]] = []
        for target in targets:
            try:
                cases.append(self._case(target))
            except DaichoError as error:
                troubles.append((target.name, Trouble(why=str(error))))
        return cases, troubles

    def _case(self, target: Target) -> Case:
        host = _host(target)
        platform = platform_of(target.name, host.platform or "")
        attributes = {key: str(value) for key, value in host.data.items()}
        wanting = Wanting(
            device=target.name, platform=platform.name, attributes=attributes, secret=self._bench.secret
        )
        address = host.hostname or target.name
        uplinks = tuple(filter(None, (attributes.get("uplink_port", "").split(","))))
        site = Site(
            device=target.name,
            platform=platform,
            mask=Mask(platform.grammar, self._salt),
            reach=Reach(address=address, ours=_our_addresses(address), uplinks=uplinks),
        )
        check_askable(self._intent, target.name, platform.name)
        commands = self.wanted(wanting, platform)
        return Case(target=target, host=host, platform=platform, site=site, commands=commands)

    def _each[T](self, cases: Sequence[Case], do: Callable[[Case], T]) -> Iterator[tuple[str, T | Trouble]]:
        by_name = {case.target.name: case for case in cases}
        return self._fleet.each([case.host for case in cases], lambda host: do(by_name[host.name]))

    def _session(self, case: Case, *, lane: bool = True) -> AbstractContextManager[Any]:
        return self._fleet.session(case.host, case.platform, lane=lane)


def _entrance(bench: Bench, intent: Intent) -> Entrance:
    rules = read_logins(bench.content / "site" / "network")
    if intent.credential:
        rules = only([LoginRule(user=intent.user, credential=intent.credential, enable=intent.enable)])
    return Entrance(
        key=bench.key,
        known_hosts=bench.known_hosts,
        secret=bench.secret,
        logins=rules,
        user=intent.user,
    )


def _host(target: Target) -> Host:
    facts = target.facts
    attributes = dict(cast("Mapping[str, Any]", facts.get(ITEM_VARIABLE, {})))
    return device_host(target.name, facts.get("ansible_host"), facts.get("ansible_port"), attributes)


def _our_addresses(address: str) -> tuple[str, ...]:
    """The address that we come from when we speak to a device; asks the routing table, sends nothing."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 22))
            return (str(probe.getsockname()[0]),)
    except OSError:
        return ()


def _salt(bench: Bench) -> bytes:
    """Of the site, for the marks of secrets; empty when the site has no vault password."""
    secret = bench.secret("vault")
    return hashlib.sha256(_SALT + secret.encode()).digest() if secret else b""
