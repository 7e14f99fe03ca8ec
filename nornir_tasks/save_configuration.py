"""Have a device keep its configuration over a restart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nornir_tasks.devices import Device

_PATIENCE: Final = 60.0
"""Seconds: small switches write their flash slowly."""


def save_configuration(device: Device) -> str:
    """Save; empty, or what the device said against it.

    Raises:
        DeviceError: It stopped answering.
    """
    talk = device.platform.talk
    if talk.saves_in_configuration and talk.configure.line:
        device.step(talk.configure)
    answers = [device.step(step, _PATIENCE) for step in talk.save]
    if talk.saves_in_configuration and talk.end.line:
        device.step(talk.end)
    refused = next((answer.error for answer in answers if answer.error), "")
    said = "\n".join(answer.said for answer in answers)
    if refused or (talk.saved and not re.search(talk.saved, said)):
        words = refused or " ".join(said.split())
        return f"it did not save its configuration ({words})"
    return ""
