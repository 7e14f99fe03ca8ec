"""Read a network device: interfaces, neighbours, routes, and whether its configuration is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nornir.core.task import Result

from daicho.errors import ExitCode
from daicho.i18n import N_
from daicho.network.platforms import PLATFORMS
from nornir_tasks import frr
from nornir_tasks.devices import DeviceError, session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nornir.core.task import Task

    from nornir_tasks.devices import Access, Device

type DeviceFacts = dict[str, Any]
"""`{"ports_up": [name], "neighbours": [name or address]|None, "routes": [text], "config": digest,
"saved": bool|None, "version": text|None}`; None: the device does not tell."""

READERS: Mapping[str, Callable[[Device], DeviceFacts]] = {"frr": frr.read}
"""Platform of the item → who reads it."""


class PlatformUnread(DeviceError):
    """Nobody has taught us this platform's words."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_(
        "{device} has the platform {platform!r}, whose state cannot be read yet. There are: {known}."
    )


def read_state(task: Task, access: Access) -> Result:
    """The state of one device, as `DeviceFacts`. Changes nothing.

    Raises:
        DeviceError: The device could not be asked, and why.
    """
    platform = task.host.platform or ""
    if platform not in READERS:
        known = ", ".join(READERS)
        raise PlatformUnread(device=task.host.name, platform=platform, known=known)
    read = READERS[platform]
    with session(task.host, PLATFORMS[platform], access) as device:
        return Result(host=task.host, result=read(device), changed=False)
