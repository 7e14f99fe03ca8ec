"""What a change wants of network devices, as its document says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from daicho.documents import Document
from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.network.templates import NotRendered, untypable
from daicho.network.tree import commands

if TYPE_CHECKING:
    from daicho.network.platform import Platform
    from daicho.network.templates import Templates, Wanting
    from daicho.network.tree import Tree

EVERY = "all"
"""Lines under this name are for every platform that has none of its own."""


class NothingWanted(UsageError):
    """The change has no lines for a device."""

    sentence = N_("{device} has the platform {platform}, and the change has no lines for it.")


class Check(Document):
    """What has to be true of a device after the change."""

    ask: str = Field(description=N_("A command that shows something."))
    expect: str = Field(description=N_("A regular expression that what it shows has to match."))

    @field_validator("expect")
    @classmethod
    def _is_expression(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(str(error)) from error
        return value


class Intent(Document):
    """Lines to enter, or templates that make them; what may be touched; what has to hold afterwards."""

    lines: dict[str, str] = Field(
        default_factory=dict,
        description=N_(
            "Platform → lines as they stand in a configuration, indented; `all`: every other one."
        ),
    )
    template: str = Field(
        default="", description=N_("The template that makes the lines, instead of `lines`.")
    )
    data: dict[str, object] = Field(
        default_factory=dict, description=N_("Data for the template, before all other.")
    )
    exact: bool = Field(
        default=False,
        description=N_("Each section that is named becomes exactly what stands there; else lines are added."),
    )
    allow_management: bool = Field(
        default=False, description=N_("Lines may touch the way by which the device is reached.")
    )
    minutes: int = Field(
        default=5, ge=1, le=60, description=N_("After which an unconfirmed device goes back by itself.")
    )
    checks: tuple[Check, ...] = Field(default=(), description=N_("What has to be true afterwards."))
    credential: str = Field(
        default="",
        description=N_("The secret with the devices' password; empty: the certificate of the run."),
    )
    user: str = Field(default="daicho", description=N_("The account on the devices."))
    enable: str = Field(default="", description=N_("The secret with the password of the privileged mode."))


def wanted_lines(intent: Intent, wanting: Wanting, platform: Platform, templates: Templates) -> Tree:
    """The lines to enter on one device.

    Raises:
        NotRendered: The template has holes, or a line cannot be typed.
        NothingWanted: There are none for its platform.
    """
    if intent.template:
        text = templates.text(intent.template, wanting, intent.data)
    else:
        text = intent.lines.get(wanting.platform, intent.lines.get(EVERY, ""))
        if problems := untypable(text):
            raise NotRendered(device=wanting.device, problems="\n".join(problems))
    tree = commands(text, platform.grammar)
    if not tree:
        raise NothingWanted(device=wanting.device, platform=wanting.platform)
    return tree
