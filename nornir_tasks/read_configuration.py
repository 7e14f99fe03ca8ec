"""Read what a device is configured to do, and what it would do after a restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daicho.errors import ExitCode
from daicho.i18n import N_
from daicho.network.tree import parse
from nornir_tasks import frr
from nornir_tasks.device_errors import DeviceError

if TYPE_CHECKING:
    from daicho.network.tree import Tree
    from nornir_tasks.devices import Device


class NoConfiguration(DeviceError):
    """The device answered, but not with a configuration."""

    exit_code = ExitCode.FAILED
    sentence = N_("{device} shows no configuration for `{command}`: {said}")


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What a device is configured to do."""

    text: str
    running: Tree
    startup: Tree | None = None
    """After a restart; None: the device does not show it, or it was not asked."""

    @property
    def saved(self) -> bool | None:
        """Whether a restart would change nothing; None: nobody knows."""
        return None if self.startup is None else self.running == self.startup


def read_configuration(device: Device, *, startup: bool = True) -> Configuration:
    """Ask a device for its configuration. Changes nothing.

    Raises:
        NoConfiguration: It gave none.
        DeviceError: It stopped answering.
    """
    grammar, talk = device.platform.grammar, device.platform.talk
    text = device.ask(talk.running)
    running = parse(text, grammar)
    if not running or device.refuses(text):
        raise NoConfiguration(device=device.name, command=talk.running, said=text.strip()[:200])
    return Configuration(text=text, running=running, startup=_startup(device) if startup else None)


def _startup(device: Device) -> Tree | None:
    grammar, talk = device.platform.grammar, device.platform.talk
    if talk.startup:
        said = device.ask(talk.startup)
        return None if device.refuses(said) else parse(said, grammar)
    if device.platform.name == "frr":
        status, kept = device.fetch(frr.SAVED)
        return parse(kept, grammar) if status == 0 else None
    return None
