"""Change what a device is configured to do, so that no failure leaves it cut off or half changed.

Armed with a dead man; line after line, each looked at; what is refused is taken back; the new configuration
is confirmed from a new session only, after the checks, and saved last. Whoever dies in between leaves a
device that goes back by itself.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from daicho.errors import DaichoError, ExitCode
from daicho.i18n import N_
from daicho.network.platform import DeadManKind
from nornir_tasks.dead_man import NotArmed, arm, disarm, go_back
from nornir_tasks.device_errors import DeviceError, NoAnswer, NotReached, SessionLost
from nornir_tasks.read_configuration import read_configuration
from nornir_tasks.save_configuration import save_configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from daicho.network.platform import DeadMan
    from daicho.network.tree import Tree
    from daicho.network.way import Line
    from nornir_tasks.devices import Device
    from nornir_tasks.read_configuration import Configuration

_PAUSE: Final = 1.0
"""Seconds between two attempts to reach a device that may be restarting."""
_SETTLE: Final = 10.0
"""Seconds until lines to the management path have done what they do."""
_RESTART: Final = 600.0
"""Seconds that a device may take to restart; a large switch takes minutes."""
_REVERT: Final = 60.0
_WITHOUT: Final = 30.0
"""Seconds in which to reach a device again that nothing brings back."""


class LineRefused(DeviceError):
    """The device did not take a line; it has its old configuration again."""

    exit_code = ExitCode.FAILED
    sentence = N_("{device} refused `{line}`: {said} It has its old configuration again.")


class NotAsWanted(DeviceError):
    """The device took every line and is not as wanted, or fails a check; it was put back."""

    exit_code = ExitCode.FAILED
    sentence = N_("{device} took the lines, but {why}. It has its old configuration again.")


class CutOff(DeviceError):
    """The change cut us off, and the device came back by itself."""

    exit_code = ExitCode.FAILED
    sentence = N_(
        "{device} could not be reached after the change ({why}). It came back by itself and has its old "
        "configuration again."
    )


class NotTakenBack(DeviceError):
    """Nobody knows what the device has now, or it is half changed."""

    exit_code = ExitCode.FAILED
    sentence = N_("{device}: {why}. The old configuration could not be put back: {trouble} Look at it now.")


FINAL: Final = (LineRefused, NotAsWanted, CutOff, NotTakenBack)
"""After these nothing more can be done for the device."""


@dataclass(frozen=True)
class _Lost:
    """How the session with the lines ended."""

    why: str
    """In words; empty: as it should."""
    began: float
    locked_out: bool = False
    """Whether no new session came about at once."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to become of one device."""

    lines: Sequence[Line]
    inverse: Sequence[Line]
    """The lines that lead back from the wanted configuration."""
    back: Callable[[Tree], Sequence[Line]]
    """The lines that lead from what is there now to what was there before."""
    lacking: Callable[[Tree], str]
    """What a configuration lacks to be as wanted, in words; empty: nothing."""
    before: Callable[[Tree], str]
    """The same for what was there before."""
    hide: Callable[[str], str]
    """Takes the secrets out of a line."""
    again: Callable[[], AbstractContextManager[Device]]
    """A new session with the same device."""
    minutes: int = 5
    """After which the device goes back by itself."""
    minute: float = 60.0
    """Seconds in a minute of the device's timers; less in a laboratory."""
    needs_dead_man: bool = False
    """Whether lines touch the way by which we reach the device."""
    checks: Callable[[Device], str] = field(default=lambda _device: "")
    """What is wrong with the device after the change, in words; empty: nothing."""


def change_configuration(device: Device, found: Configuration, order: Order) -> Configuration:
    """Bring a device to a new configuration; what it has in the end.

    Args:
        device: An open session, in which `found` was read.
        found: Its configuration before.
        order: What is to become of it.

    Raises:
        NotArmed: It was not touched.
        LineRefused, NotAsWanted, CutOff: It has its old configuration.
        NotTakenBack: It has not.
        DeviceError: It stopped answering; an armed dead man brings it back.
    """
    dead_man, why = arm(device, order, saved=found.saved)
    if dead_man is None and order.needs_dead_man:
        raise NotArmed(device=device.name, why=why)
    began = time.monotonic()
    lost = ""
    try:
        _type(device, order, dead_man)
    except FINAL:
        raise
    except DeviceError as error:
        # The lines may have cut the session, or its end cut the lines: a new one will tell.
        lost = str(error)
    finally:
        device.close()
    if order.needs_dead_man:
        # A route or a neighbour goes a while after its line: FRR took a session that its blackhole then cut.
        time.sleep(min(_SETTLE, order.minutes * order.minute / 3))
    return _confirmed(device.name, order, dead_man, _Lost(lost, began))


def _type(device: Device, order: Order, dead_man: DeadMan | None) -> None:
    talk = device.platform.talk
    if talk.configure.line and not (dead_man and dead_man.enters):
        device.step(talk.configure)
    answers = device.type(order.lines, order.hide)
    if talk.end.line:
        device.step(talk.end)
    refused = next((answer for answer in answers if answer.error), None)
    if refused:
        _take_back(device, order, dead_man, f"it refused `{order.hide(refused.line)}` ({refused.error})")
        raise LineRefused(
            device=device.name, line=order.hide(refused.line), said=_sentence(order.hide(refused.error))
        )


def _confirmed(name: str, order: Order, dead_man: DeadMan | None, lost: _Lost) -> Configuration:
    """Look at the device in a new session, and let the new configuration stay if all is well."""
    until = lost.began + (_slack(dead_man) + order.minutes * order.minute if dead_man else _WITHOUT)
    while True:
        try:
            with order.again() as device:
                return _judged(device, order, dead_man, lost)
        except FINAL:
            raise
        except DaichoError as error:
            lost = replace(lost, why=lost.why or str(error), locked_out=True)
            if time.monotonic() > until:
                raise NotTakenBack(device=name, why=lost.why, trouble=str(error)) from error
            # Asking again and again would lock an account: a refusal is asked about once more, at the end.
            patient = isinstance(error, NotReached | NoAnswer | SessionLost)
            time.sleep(_PAUSE if patient else max(_PAUSE, until - time.monotonic() - _PAUSE))


def _judged(device: Device, order: Order, dead_man: DeadMan | None, lost: _Lost) -> Configuration:
    now = read_configuration(device, startup=False)
    wrong = order.lacking(now.running)
    gone_back = bool(wrong) and not order.before(now.running)
    if gone_back and dead_man and time.monotonic() - lost.began > order.minutes * order.minute:
        # The network may have kept our knocking until the device was back.
        lost = replace(lost, why=lost.why or "no new session came about in time", locked_out=True)
    if gone_back and lost.why:
        if lost.locked_out:
            raise CutOff(device=device.name, why=lost.why.rstrip("."))
        raise NotAsWanted(device=device.name, why=lost.why.rstrip("."))
    wrong = (lost.why or wrong) if wrong else order.checks(device)
    wrong = wrong or _kept(device, dead_man, order)
    if wrong:
        _take_back(device, order, dead_man, wrong)
        raise NotAsWanted(device=device.name, why=wrong.rstrip("."))
    # A dead man that is a line of the configuration was still in what was read.
    return read_configuration(device, startup=False) if dead_man and dead_man.written else now


def _slack(dead_man: DeadMan) -> float:
    return _RESTART if dead_man.kind is DeadManKind.RELOAD else _REVERT


def _kept(device: Device, dead_man: DeadMan | None, order: Order) -> str:
    """Disarm and save, in the order in which a death in between does least; what went wrong."""
    first = dead_man is not None and (dead_man.kind is DeadManKind.REVERT or dead_man.written)
    wrong = ""
    if dead_man and first and not disarm(device, dead_man, order.minutes):
        # It was not armed any more: an earlier session disarmed it, or it went off just now.
        wrong = order.lacking(read_configuration(device, startup=False).running)
    if wrong := wrong or save_configuration(device):
        return wrong
    if dead_man and not first:
        disarm(device, dead_man, order.minutes)
    return ""


def _take_back(device: Device, order: Order, dead_man: DeadMan | None, why: str) -> None:
    """Put the old configuration back: line by line, at once if the device can, or by its dead man."""
    try:
        lines = order.back(read_configuration(device, startup=False).running)
        _type_back(device, lines, order)
        trouble = order.before(read_configuration(device, startup=False).running)
    except DaichoError as error:
        trouble = str(error)
    if trouble and dead_man and go_back(device, dead_man):
        trouble = order.before(read_configuration(device, startup=False).running)
        dead_man = None
    if trouble:
        raise NotTakenBack(device=device.name, why=why, trouble=_sentence(trouble))
    if dead_man:
        disarm(device, dead_man, order.minutes)


def _type_back(device: Device, lines: Sequence[Line], order: Order) -> None:
    talk = device.platform.talk
    if not lines:
        return
    if talk.configure.line:
        device.step(talk.configure)
    answers = device.type(lines, order.hide)
    if talk.end.line:
        device.step(talk.end)
    refused = next((answer for answer in answers if answer.error), None)
    if refused:
        raise LineRefused(device=device.name, line=order.hide(refused.line), said=refused.error)


def _sentence(said: str) -> str:
    said = said.strip().rstrip(".")
    return f"{said}."
