"""What is to be known of a platform: its text, its conversation, and what brings it back by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from daicho.errors import UsageError
from daicho.i18n import N_

if TYPE_CHECKING:
    from daicho.network.grammar import Grammar


class PlatformUnknown(UsageError):
    """Nobody has taught us this platform's command line."""

    sentence = N_(
        "{device} has the platform {platform!r}, whose configuration cannot be changed yet. "
        "There are: {known}."
    )


class DeadManKind(StrEnum):
    """How a device gets back to its old configuration when nobody confirms the new one."""

    REVERT = "revert"
    """It puts the old running configuration back, without a restart."""
    RELOAD = "reload"
    """It restarts into the saved configuration, and the new one is not saved yet."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of a conversation and what the device may ask before it gives its prompt again."""

    line: str
    answers: tuple[tuple[str, str], ...] = ()
    """(what it asks, as a pattern; what we say)."""


@dataclass(frozen=True, kw_only=True)
class DeadMan:
    """What is said to a device so that it comes back by itself; `{minutes}`, `{seconds}`, `{at}` vary."""

    kind: DeadManKind
    arm: tuple[Step, ...]
    """In privileged mode, before the configuration mode."""
    disarm: tuple[Step, ...]
    """In a new session, after the checks."""
    back: tuple[Step, ...] = ()
    """Brings the old configuration back at once; () when there is no quicker way than waiting."""
    beside: bool = False
    """Whether these are programs beside the command line; the one that arms reads the lines back."""
    enters: bool = False
    """Whether arming already enters the configuration mode."""
    written: bool = False
    """Whether arming is a line of the configuration, which must not be saved along."""
    unarmed: str = ""
    """What the device says to `disarm` when it was not armed."""
    armed: str = ""
    """What shows that it is armed; empty: the absence of an error."""
    needs_clock: bool = False
    """Whether it goes by the device's own clock, so that `{at}` is reckoned from what the device shows."""


@dataclass(frozen=True, kw_only=True)
class Talk:
    """How a conversation with a platform goes."""

    device_type: str
    """How netmiko calls it."""
    prompt: str = r"[\w.\-/:@+]{1,63}(?:\([^()\r\n]{1,60}\))?[>#]"
    """Anything that the device may show when it waits for a line."""
    bare_modes: bool = False
    """Whether the configuration mode's prompt leaves the device's name out."""
    privileged: str = r"#"
    """How the prompt ends when everything may be asked."""
    quiet: tuple[str, ...] = ("terminal length 0",)
    """Turns paging off, once per session, as soon as the device lets us."""
    quiet_when_privileged: bool = False
    quiet_in_configuration: bool = False
    enable: str = "enable"
    enable_asks: str = r"[Pp]assword:\s*$"
    configure: Step = Step(line="configure terminal")
    end: Step = Step(line="end")
    save: tuple[Step, ...] = (Step(line="write memory"),)
    saves_in_configuration: bool = False
    saved: str = r""
    """What shows that it was saved; empty: the absence of an error."""
    busy: str = ""
    """What the device says instead of letting us in while somebody else configures it."""
    farewell: str = ""
    """Typed before the session is closed, so that the device lets others in at once."""
    running: str = "show running-config"
    startup: str = "show startup-config"
    """Empty: it cannot be shown."""
    clock: str = "show clock"
    now: str = r"\b(\d{1,2}:\d{2}:\d{2})\b"
    """The time of day in what that shows."""
    errors: str = r"^\s*%\s*(?:Invalid|Incomplete|Ambiguous|Unknown|Unrecognized|Error|Bad|Cannot|Failed).*$"
    """What refuses a line, matched within each line of what the device says."""
    pager: str = r" ?--\s?[Mm]ore\s?--"
    encoding: str = "utf-8"
    widest: int = 0
    """Longer lines need `widen` before; 0: the width asked for with the terminal is kept to."""


@dataclass(frozen=True, kw_only=True)
class Management:
    """Lines by which we reach a device and are let in: beside what follows from its address."""

    lines: tuple[str, ...] = ()
    """Patterns over `SECTION | LINE`, or the line alone at the top; each guards what begins so."""
    harmless: tuple[str, ...] = (r".*\| (description|name)\b", r".*\| remark\b")
    """Lines that cannot cut anybody off, wherever they stand."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A kind of network device."""

    name: str
    """As the item's attribute `platform` says it."""
    title: str
    grammar: Grammar
    talk: Talk
    management: Management = Management()
    dead_men: tuple[DeadMan, ...] = ()
    """The first that can be armed is used; (): nothing brings it back by itself, and changes to its
    management path are refused."""
