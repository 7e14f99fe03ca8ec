"""Arm a device so that it comes back to its old configuration by itself, and disarm it again."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from daicho.errors import ExitCode
from daicho.i18n import N_
from daicho.network.platform import DeadManKind
from nornir_tasks.device_errors import DeviceError

if TYPE_CHECKING:
    from daicho.network.platform import DeadMan, Step
    from nornir_tasks.change_configuration import Order
    from nornir_tasks.devices import Device

_SECONDS_TO_SPARE: Final = 20


class NotArmed(DeviceError):
    """Nothing would bring the device back, and the change could cut us off."""

    exit_code = ExitCode.FAILED
    sentence = N_(
        "{device} was not touched: the change reaches its management path, and it could not be told to come "
        "back by itself ({why})."
    )


class NotDisarmed(DeviceError):
    """The device will go back although all is well."""

    exit_code = ExitCode.FAILED
    sentence = N_(
        "{device} has the new configuration, but did not take `{command}` ({said}): it will go back by "
        "itself within {minutes} minutes."
    )


def arm(device: Device, order: Order, *, saved: bool | None) -> tuple[DeadMan | None, str]:
    """The dead man that is armed now, or None and why there is none.

    Args:
        device: Privileged, outside its configuration mode.
        order: What is going to be done.
        saved: Whether a restart would change nothing: what others have not saved must not be lost.
    """
    why = "its platform has nothing for it"
    for dead_man in device.platform.dead_men:
        if dead_man.kind is DeadManKind.RELOAD and saved is False:
            why = "it holds changes that nobody saved, and a restart would lose them"
            continue
        why = _armed_beside(device, dead_man, order) if dead_man.beside else _said(device, dead_man, order)
        if not why:
            return dead_man, ""
    return None, why


def disarm(device: Device, dead_man: DeadMan, minutes: int) -> bool:
    """Let the new configuration stay; False when it was not armed any more.

    Raises:
        NotDisarmed: The device did not take it.
    """
    for step in dead_man.disarm:
        error, said = _done(device, dead_man, step)
        if dead_man.unarmed and re.search(dead_man.unarmed, said):
            return False
        if error:
            raise NotDisarmed(device=device.name, command=step.line, said=error, minutes=minutes)
    return True


def go_back(device: Device, dead_man: DeadMan) -> bool:
    """Have the device put its old configuration back at once; whether it can and did."""
    errors = [_done(device, dead_man, step)[0] for step in dead_man.back]
    return bool(errors) and not any(errors)


def _done(device: Device, dead_man: DeadMan, step: Step) -> tuple[str, str]:
    """What speaks against a step, and all that was said."""
    if dead_man.beside:
        status, said = device.fetch(step.line)
        return (said.strip() or f"status {status}") if status else "", said
    answer = device.step(step)
    return answer.error, answer.said


def _armed_beside(device: Device, dead_man: DeadMan, order: Order) -> str:
    lines = "".join(f"{line.text}\n" for line in order.inverse)
    for step in dead_man.arm:
        status, said = device.fetch(_filled(step, order, "").line, lines)
        if status:
            return " ".join(said.split()) or f"`{step.line.split()[0]}` is not there for this account"
    return ""


def _said(device: Device, dead_man: DeadMan, order: Order) -> str:
    """Arm it; empty when it is armed, else what speaks against it."""
    at = _device_time(device, order.minutes) if dead_man.needs_clock else ""
    if at is None:
        return "it does not show the time"
    for step in dead_man.arm:
        answer = device.step(_filled(step, order, at))
        if answer.error:
            return answer.error
        wrong = dead_man.armed and not re.search(dead_man.armed, answer.said)
        if wrong or (dead_man.enters and "(" not in answer.prompt):
            return answer.said.strip().splitlines()[-1] if answer.said.strip() else "it said nothing"
    return ""


def _filled(step: Step, order: Order, at: str) -> Step:
    seconds = round(order.minutes * order.minute)
    return replace(step, line=step.line.format(minutes=order.minutes, seconds=seconds, at=at))


def _device_time(device: Device, minutes: int) -> str | None:
    """The device's own time in so many minutes, to the second that is over."""
    found = re.search(device.platform.talk.now, device.ask(device.platform.talk.clock))
    if found is None:
        return None
    hours, mins, seconds = (int(part) for part in found[1].split(":"))
    at = timedelta(hours=hours, minutes=mins + minutes, seconds=seconds + _SECONDS_TO_SPARE)
    total = int(at.total_seconds()) % 86400
    return f"{total // 3600:02}:{total // 60 % 60:02}:{total % 60:02}"
