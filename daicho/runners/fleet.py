"""Many network devices at once: a session with each, each in a thread of its own, as many as pay."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from nornir.core import Nornir
from nornir.core.inventory import Defaults, Groups, Host, Hosts, Inventory
from nornir.core.task import Result
from nornir.plugins.runners import ThreadedRunner

from daicho.concurrent import carried
from daicho.craft import Trouble, Unreachable
from daicho.errors import DaichoError
from daicho.network.logins import LoginRule
from daicho.runners.nornir import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from nornir.core.task import Task

    from daicho.items.item import Item
    from daicho.network.logins import LoginRules
    from daicho.network.platform import Platform

type DeviceHost = Host
"""A device to speak to, for those above, who know no Nornir."""

THREADS: Final = 100


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """What opens the devices of a site."""

    key: Path
    """The private key of the run; its certificate lies beside it."""
    known_hosts: Path
    secret: Callable[[str], str]
    """A secret of the site by its name."""
    logins: LoginRules
    user: str = "daicho"
    """The account where neither a rule nor the item names one."""


class Fleet:
    """The devices of one errand."""

    def __init__(self, content: Path, entrance: Entrance) -> None:
        """Load the tasks of the content; no device is asked.

        Raises:
            TaskMissing: The content has none.
        """
        logging.getLogger("paramiko").addHandler(logging.NullHandler())
        self.content = content
        """The folder that holds `nornir_tasks`."""
        self._entrance = entrance
        self._devices = load(content, "devices")
        self._pace = load(content, "pace").Pace()
        self._accesses: dict[tuple[str, str, str], Any] = {}
        self._making = threading.Lock()

    @contextmanager
    def session(self, host: Host, platform: Platform, *, lane: bool = True) -> Iterator[Any]:
        """An open session (`nornir_tasks.devices.Device`).

        Args:
            host: The device.
            platform: Its platform.
            lane: Wait for a place among those that go at once; not for a second session with a device.

        Raises:
            DeviceError: There is none.
        """
        access = self._access(host, platform)
        with (
            self._pace.lane() if lane else nullcontext(),
            self._devices.session(host, platform, access) as device,
        ):
            self._pace.measured(device.round_trip)
            yield device

    def each[T](self, hosts: Iterable[Host], do: Callable[[Host], T]) -> Iterator[tuple[str, T | Trouble]]:
        """What comes of each device, as each is done.

        Raises:
            BaseException: What is no trouble with a device ends it all: a record that failed.
        """
        hosts = list(hosts)
        done: SimpleQueue[tuple[str, T | Trouble | BaseException]] = SimpleQueue()

        def one(task: Task) -> Result:
            done.put((task.host.name, _outcome(do, task.host)))
            return Result(host=task.host)

        run = threading.Thread(target=_run, args=(hosts, carried(one)), daemon=True)
        run.start()
        for _host in hosts:
            name, outcome = done.get()
            if isinstance(outcome, BaseException) and not isinstance(outcome, Trouble):
                raise outcome
            yield name, outcome
        run.join()

    def _access(self, host: Host, platform: Platform) -> Any:
        rule = self._entrance.logins.of(host.name, platform.name) or LoginRule()
        user = rule.user or host.username or self._entrance.user
        with self._making:
            known = (user, rule.credential, rule.enable)
            if known not in self._accesses:
                self._accesses[known] = self._made(rule, user)
            return self._accesses[known]

    def _made(self, rule: LoginRule, user: str) -> Any:
        entrance, login = self._entrance, None
        if rule.credential:
            login = load(self.content, "logins").Login(
                name=rule.credential,
                user=user,
                password=entrance.secret(rule.credential),
                enable=entrance.secret(rule.enable) if rule.enable else "",
                enable_name=rule.enable,
            )
        return self._devices.Access(
            key=entrance.key, known_hosts=entrance.known_hosts, user=user, login=login
        )


def host_of(item: Item) -> Host:
    """An item as a device to speak to."""
    return device_host(item.name, item.address, item.attributes.get("port"), item.attributes)


def device_host(name: str, address: object, port: object, attributes: Mapping[str, Any]) -> Host:
    """A device to speak to; all that is known of it is its data."""
    return Host(
        name=name,
        hostname=str(address or name),
        port=int(str(port)) if port else None,
        platform=attributes.get("platform"),
        username=attributes.get("login"),
        data=dict(attributes),
        defaults=Defaults(),
    )


def _outcome[T](do: Callable[[Host], T], host: Host) -> T | Trouble | BaseException:
    try:
        return do(host)
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
