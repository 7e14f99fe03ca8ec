"""Ask a network device about itself: ports, neighbours, hardware addresses, routes, version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.network.observing.questions import EVERYTHING, questions
from daicho.network.observing.reading import observed

if TYPE_CHECKING:
    from daicho.network.observing.observed import Observed
    from daicho.network.observing.questions import Question, Topic
    from nornir_tasks.devices import Device


def observe(device: Device, topics: frozenset[Topic] = EVERYTHING) -> Observed:
    """What a device says about these topics. Changes nothing.

    A command that it refuses is one that this model does not have, or that is about something switched off.

    Raises:
        NotUnderstood: It printed something that has no place in the template.
        DeviceError: It stopped answering.
    """
    platform = device.platform.name
    said: dict[Question, str | None] = {}
    for question in questions(platform, topics):
        text = device.ask(question.command)
        said[question] = None if device.refuses(text) else text
    return observed(platform, said)
