"""What a change wants of network devices, as its document says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from daicho.documents import Document
from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.network.checks import Check, Kept, NotAskable, pings
from daicho.network.secrets import Mask, is_marked
from daicho.network.templates import NotRendered, untypable
from daicho.network.tree import commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from daicho.network.grammar import Grammar
    from daicho.network.platform import Platform
    from daicho.network.templates import Templates, Wanting
    from daicho.network.tree import Tree

_SECRET: Final = re.compile(r"\{\{\s*secret\(['\"]([a-z][a-z0-9_-]*)['\"]\)\s*\}\}")
EVERY: Final = "all"
"""Lines under this name are for every platform that has none of its own."""


class NothingWanted(UsageError):
    """The change has no lines for a device."""

    sentence = N_("{device} has the platform {platform}, and the change has no lines for it.")


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
    data: dict[str, Any] = Field(
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
    keep: tuple[Kept, ...] = Field(
        default=(),
        description=N_(
            "What must be there as before: `interfaces` that join the device to others, `neighbours`."
        ),
    )
    settle: int = Field(
        default=10, ge=0, le=300, description=N_("Seconds within which the checks have to come true.")
    )
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
        text = with_secrets(intent.lines.get(wanting.platform, intent.lines.get(EVERY, "")), wanting.secret)
        if problems := untypable(text):
            raise NotRendered(device=wanting.device, problems="\n".join(problems))
    tree = commands(text, platform.grammar)
    if not tree:
        raise NothingWanted(device=wanting.device, platform=wanting.platform)
    return tree


def with_secrets(text: str, secret: Callable[[str], str]) -> str:
    """Lines with the secrets that they name: `snmp-server community {{ secret('snmp') }} RO`."""
    return _SECRET.sub(lambda found: secret(found[1]), text)


def bare_secrets(text: str, grammar: Grammar) -> list[str]:
    """The lines of a text that hold a secret themselves instead of naming one, without the secret."""
    hide = Mask(grammar)
    rows = (_SECRET.sub("<secret>", row.strip()) for row in text.splitlines())
    return [hide(row) for row in rows if not is_marked(row) and is_marked(hide(row))]


def check_askable(intent: Intent, device: str, platform: str) -> None:
    """See that a device can be asked what the change declares.

    Raises:
        NotAskable: It cannot.
    """
    for check in intent.checks:
        if check.reach and check.concerns(device, platform) and pings(platform) is None:
            raise NotAskable(device=device, platform=platform, what=f"reach: {check.reach}")
