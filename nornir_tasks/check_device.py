"""See whether a device is after a change as the change declared it."""

from __future__ import annotations

import re
import socket
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.network.checks import Sight, lacks, lost, pings
from daicho.network.observing.questions import Topic
from daicho.network.observing.reading import telling_ports
from daicho.network.platform import Step
from daicho.network.tree import parse
from daicho.reachability.answers import Alive
from daicho.reachability.sweep import sweep
from nornir_tasks import frr
from nornir_tasks.observe import observe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.network.checks import Check, Kept
    from nornir_tasks.devices import Device

_PAUSE: Final = 1.0
"""Seconds between two looks."""
_PATIENCE: Final = 15.0
"""Seconds that a device may take for a ping nobody answers."""
_KNOCK: Final = 3.0
_SERVICE: Final = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]+)):(\d+)")


def sight(device: Device, *, stations: bool = False) -> Sight:
    """What a device shows of its ports and neighbours. Changes nothing.

    Raises:
        DeviceError: It stopped answering.
    """
    if device.platform.name == "frr":
        facts = frr.read(device)
        up = frozenset(facts["ports_up"])
        heard = facts["neighbours"]
        return Sight(up=up, joining=up, neighbours=None if heard is None else frozenset(heard))
    topics = {Topic.PORTS, Topic.HEARD} | ({Topic.STATIONS} if stations else set())
    seen = observe(device, frozenset(topics))
    running = parse(device.ask(device.platform.talk.running), device.platform.grammar)
    return Sight(
        up=frozenset(port.name for port in seen.ports if port.up),
        joining=telling_ports(seen, running),
        neighbours=None if seen.heard is None else frozenset(each.name for each in seen.heard),
        stations=frozenset(each.mac for each in seen.stations),
    )


def wrong(device: Device, checks: Sequence[Check], keep: Sequence[Kept], before: Sight) -> str:
    """What is wrong with a device now, in words; empty: nothing.

    Args:
        device: An open session.
        checks: What has to be true of it.
        keep: What must not have gone.
        before: What it showed before the change.

    Raises:
        DeviceError: It stopped answering.
    """
    seen = None
    if keep or any(check.interface or check.neighbour or check.station for check in checks):
        seen = sight(device, stations=any(check.station for check in checks))
    found = [lost(keep, before, seen)] if seen else []
    found += [_asked(device, check) or (lacks(check, seen) if seen else "") for check in checks]
    return "; ".join(filter(None, found))


def wrong_in_the_end(
    device: Device, checks: Sequence[Check], keep: Sequence[Kept], before: Sight, seconds: float
) -> str:
    """The same, looked at again and again until nothing is wrong, for so many seconds at most."""
    until = time.monotonic() + seconds
    while (found := wrong(device, checks, keep, before)) and time.monotonic() < until:
        time.sleep(_PAUSE)
    return found


def _asked(device: Device, check: Check) -> str:
    if check.ask and not re.search(check.expect, device.ask(check.ask), re.MULTILINE):
        said = _("`{ask}` shows nothing that matches `{expect}`")
        return said.format(ask=check.ask, expect=check.expect)
    if check.reach and not _pinged(device, check.reach):
        return _("it does not reach {address}").format(address=check.reach)
    if check.from_here and not _reached(check.from_here):
        return _("{address} is not reached from here").format(address=check.from_here)
    return ""


def _pinged(device: Device, address: str) -> bool:
    command, answered = pings(device.platform.name) or ("", "")
    said = device.step(Step(line=command.format(address=address)), _PATIENCE).said if command else ""
    return bool(command) and re.search(answered, said) is not None


def _reached(target: str) -> bool:
    service = _SERVICE.fullmatch(target)
    if service is None:
        return isinstance(sweep([target]).answers.get(target), Alive)
    try:
        with closing(socket.create_connection((service[1] or service[2], int(service[3])), _KNOCK)):
            return True
    except OSError:
        return False
