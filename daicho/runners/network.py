"""The craft of network devices: a session with each, many at once, Nornir in between.

A device is read, asked about at the door, changed and looked at again in its own thread. How many go at once
follows from how fast they answer.
"""

from __future__ import annotations

import hashlib
import logging
import re
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from nornir.core import Nornir
from nornir.core.inventory import Defaults, Groups, Host, Hosts, Inventory
from nornir.core.task import Result
from nornir.plugins.runners import ThreadedRunner

from daicho.craft import Trouble, Unreachable
from daicho.documents import judge
from daicho.errors import DaichoError
from daicho.i18n import gettext as _
from daicho.items.groups import ITEM_VARIABLE
from daicho.network.guards import Reach
from daicho.network.intent import Intent, wanted_lines
from daicho.network.planning import Planned, Site, Wish, only_these_unsaved
from daicho.network.platforms import platform_of
from daicho.network.secrets import Mask
from daicho.network.state import SAVED
from daicho.network.templates import Templates, Wanting
from daicho.runners.nornir import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from nornir.core.task import Task

    from daicho.craft import Begin, Bench, Target
    from daicho.door import Intention
    from daicho.network.platform import Platform
    from daicho.network.tree import Tree
    from daicho.plan import TargetState

THREADS: Final = 100
_SALT: Final = b"daicho configuration"


@dataclass(frozen=True, kw_only=True)
class _Case:
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
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
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
        self._devices = load(bench.content, "devices")
        self._reading = load(bench.content, "read_configuration")
        self._changing = load(bench.content, "change_configuration")
        self._pace = load(bench.content, "pace").Pace()
        self._access = self._devices.Access(
            key=bench.key, known_hosts=bench.known_hosts, user=self._intent.user, login=self._login()
        )

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

    # One device

    def _rehearsed(self, case: _Case) -> Intention:
        with self._session(case) as device:
            found = self._reading.read_configuration(device)
        return self._planned(case, found.running).intention(saved=found.saved)

    def _carried_out(self, case: _Case, begin: Begin) -> TargetState | None:
        with self._session(case) as device:
            found = self._reading.read_configuration(device)
            planned = self._planned(case, found.running)
            saved = self._saved(case, found)
            if not begin(case.target.name, {**planned.before, SAVED: saved}):
                return None
            if planned.before == planned.after and found.saved:
                return {**planned.after, SAVED: found.saved}
            planned.guard()
            order = self._changing.Order(
                lines=planned.lines,
                back=planned.back,
                lacking=planned.lacking,
                before=planned.not_as_found,
                hide=case.site.mask,
                again=partial(self._session, case, lane=False),
                minutes=self._intent.minutes,
                minute=self._minute,
                needs_dead_man=bool(planned.dangers),
                checks=self._checked,
            )
            now = self._changing.change_configuration(device, found, order)
        return {**planned.state(now.running), SAVED: True}

    def _planned(self, case: _Case, running: Tree) -> Planned:
        wish = Wish(
            commands=case.commands,
            exact=self._intent.exact,
            state=case.target.wanted,
            back=self._bench.undo,
            allow_management=self._intent.allow_management,
        )
        return Planned(case.site, running, wish)

    def _saved(self, case: _Case, found: Any) -> bool | None:
        """Whether nobody else has changes that are not saved; ours, of an attempt that died, do not count."""
        if found.saved is not False or case.target.wanted is None:
            return None if found.saved is None else bool(found.saved)
        return only_these_unsaved(case.site, found.running, found.startup, case.target.wanted)

    def _checked(self, device: Any) -> str:
        for check in self._intent.checks:
            said = device.ask(check.ask)
            if not re.search(check.expect, said, re.MULTILINE):
                return _("`{ask}` shows nothing that matches `{expect}`").format(
                    ask=check.ask, expect=check.expect
                )
        return ""

    # Many devices

    def _cases(self, targets: Iterable[Target]) -> tuple[list[_Case], list[tuple[str, Trouble]]]:
        cases: list[_Case] = []
        troubles: list[tuple[str, Trouble]] = []
        for target in targets:
            try:
                cases.append(self._case(target))
            except DaichoError as error:
                troubles.append((target.name, Trouble(why=str(error))))
        return cases, troubles

    def _case(self, target: Target) -> _Case:
        host = _host(target)
        platform = platform_of(target.name, host.platform or "")
        attributes = {key: str(value) for key, value in host.data.items()}
        wanting = Wanting(device=target.name, platform=platform.name, attributes=attributes)
        address = host.hostname or target.name
        uplinks = tuple(filter(None, (attributes.get("uplink_port", "").split(","))))
        site = Site(
            device=target.name,
            platform=platform,
            mask=Mask(platform.grammar, self._salt),
            reach=Reach(address=address, ours=_our_addresses(address), uplinks=uplinks),
        )
        commands = wanted_lines(self._intent, wanting, platform, self._templates)
        return _Case(target=target, host=host, platform=platform, site=site, commands=commands)

    def _each[T](self, cases: Sequence[_Case], do: Callable[[_Case], T]) -> Iterator[tuple[str, T | Trouble]]:
        """What comes of each device, as each is done."""
        done: SimpleQueue[tuple[str, T | Trouble | BaseException]] = SimpleQueue()
        by_name = {case.target.name: case for case in cases}

        def one(task: Task) -> Result:
            done.put((task.host.name, _outcome(do, by_name[task.host.name])))
            return Result(host=task.host)

        run = threading.Thread(target=_run, args=([case.host for case in cases], one), daemon=True)
        run.start()
        for _case in cases:
            name, outcome = done.get()
            if isinstance(outcome, Trouble) or not isinstance(outcome, BaseException):
                yield name, outcome
            else:
                raise outcome
        run.join()

    @contextmanager
    def _session(self, case: _Case, *, lane: bool = True) -> Iterator[Any]:
        with self._lane(lane), self._devices.session(case.host, case.platform, self._access) as device:
            self._pace.measured(device.round_trip)
            yield device

    @contextmanager
    def _lane(self, wanted: bool) -> Iterator[None]:
        if not wanted:
            yield
            return
        place: AbstractContextManager[None] = self._pace.lane()
        with place:
            yield

    def _login(self) -> Any:
        intent = self._intent
        if not intent.credential:
            return None
        return load(self._bench.content, "logins").Login(
            name=intent.credential,
            user=intent.user,
            password=self._bench.secret(intent.credential),
            enable=self._bench.secret(intent.enable) if intent.enable else "",
            enable_name=intent.enable,
        )


def _outcome[T](do: Callable[[_Case], T], case: _Case) -> T | Trouble | BaseException:
    try:
        return do(case)
    except Trouble as error:
        return error
    except DaichoError as error:
        kind = Unreachable if _nobody_answered(error) else Trouble
        return kind(why=str(error))
    except BaseException as error:  # noqa: BLE001 -- the edge of a thread: whoever waits gets it
        return error


def _nobody_answered(error: DaichoError) -> bool:
    # Content's classes are loaded from the run's copy, so that only their names are known here.
    return type(error).__name__ in {"NotReached", "LoginsStopped"}


def _run(hosts: Iterable[Host], one: Callable[[Task], Result]) -> None:
    inventory = Inventory(
        hosts=Hosts({host.name: host for host in hosts}), groups=Groups(), defaults=Defaults()
    )
    Nornir(inventory=inventory, runner=ThreadedRunner(num_workers=THREADS)).run(task=one)


def _host(target: Target) -> Host:
    facts: Mapping[str, Any] = target.facts
    attributes = dict(facts.get(ITEM_VARIABLE, {}))
    return Host(
        name=target.name,
        hostname=str(facts.get("ansible_host") or target.name),
        port=facts.get("ansible_port"),
        platform=attributes.get("platform"),
        username=attributes.get("login"),
        data=attributes,
        defaults=Defaults(),
    )


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
