"""Read a network device: interfaces, neighbours, routes, and whether its configuration is saved."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from daicho.errors import ExitCode
from daicho.i18n import N_
from daicho.network.observing.questions import QUESTIONS, STATE
from daicho.network.observing.reading import telling_ports
from daicho.network.tree import text_of
from nornir_tasks import frr
from nornir_tasks.device_errors import DeviceError
from nornir_tasks.observe import observe
from nornir_tasks.read_configuration import read_configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nornir_tasks.devices import Device

type DeviceFacts = dict[str, Any]
"""`{"ports_up": [name], "neighbours": [name or address]|None, "routes": [text], "config": digest,
"saved": bool|None, "version": text|None}`; None: the device does not tell."""


class PlatformUnread(DeviceError):
    """Nobody has taught us this platform's words."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_(
        "{device} has the platform {platform!r}, whose state cannot be read yet. There are: {known}."
    )


def read_state(device: Device) -> DeviceFacts:
    """The state of one device. Changes nothing.

    Raises:
        PlatformUnread: It cannot be asked.
        DeviceError: It stopped answering.
    """
    platform = device.platform.name
    if platform not in READERS:
        raise PlatformUnread(device=device.name, platform=platform, known=", ".join(READERS))
    return READERS[platform](device)


def _read(device: Device) -> DeviceFacts:
    configuration = read_configuration(device)
    seen = observe(device, STATE)
    return {
        "ports_up": sorted(telling_ports(seen, configuration.running)),
        "neighbours": None if seen.heard is None else sorted({each.name for each in seen.heard}),
        "routes": list(seen.routes),
        # The text itself holds secrets and stays on the device.
        "config": hashlib.sha256(text_of(configuration.running).encode()).hexdigest(),
        "saved": configuration.saved,
        "version": seen.version or None,
    }


READERS: Mapping[str, Callable[[Device], DeviceFacts]] = {"frr": frr.read} | dict.fromkeys(QUESTIONS, _read)
"""Platform of the item → who reads it."""
