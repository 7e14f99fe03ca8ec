"""The words that all screens share: people, moments, outcomes and their colours."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from rich.text import Text

from daicho.change import State
from daicho.clock import stamp
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.outcome import Outcome
from daicho.plan import Standing
from daicho.times import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from daicho.change import Window
    from daicho.policy import Policy

RED: Final = "bold red"
GOOD: Final = "green"
CAREFUL: Final = "yellow"

_OUTCOMES: Final = {
    Outcome.CHANGED: GOOD,
    Outcome.UNCHANGED: "dim",
    Outcome.FAILED: RED,
    Outcome.UNREACHABLE: CAREFUL,
    Outcome.SKIPPED: CAREFUL,
    Outcome.DRIFTED: "magenta",
    Outcome.UNKNOWN: RED,
}
_STATES: Final = {
    State.APPROVED: GOOD,
    State.DONE: GOOD,
    State.RUNNING: "cyan",
    State.INTERRUPTED: RED,
    State.OWING: CAREFUL,
    State.FAILED: RED,
}
_STANDINGS: Final = {
    Standing.CHANGES: "",
    Standing.IN_ORDER: "dim",
    Standing.UNREACHABLE: CAREFUL,
    Standing.FAILED: RED,
}


def person(policy: Policy, name: str) -> str:
    """`Sato Hanako (sato)`, or the bare name of somebody whom the policy does not know."""
    known = policy.person(name)
    return f"{known.display} ({name})" if known and known.display else name


def people(policy: Policy, names: list[str] | tuple[str, ...]) -> str:
    """Several people; a dash for nobody."""
    return ", ".join(person(policy, name) for name in names) or "-"


def window(policy: Policy, bounds: Window | None) -> str:
    """`2026-11-21 20:00 JST to 22:00 JST` in site time."""
    if bounds is None:
        return _("any time while the approval is valid")
    begin, end = shown(bounds.begin, policy.zone), shown(bounds.end, policy.zone)
    if begin[:10] == end[:10]:
        end = end[11:]
    return _("{begin} to {end}").format(begin=begin, end=end)


def when(policy: Policy, moment: datetime) -> str:
    """A moment in site time with seconds: what the morning after is asked about."""
    return f"{moment.astimezone(policy.zone):%Y-%m-%d %H:%M:%S %Z}"


def kind_text(kind: str) -> Text:
    """The class of a change; an emergency is red wherever it is shown."""
    words = {"normal": _("normal"), "standard": _("standard"), "emergency": _("EMERGENCY")}
    return Text(words.get(kind, kind), style=f"{RED} reverse" if kind == "emergency" else "")


def outcome_text(outcome: Outcome | None) -> Text:
    """The word for an outcome in its colour; a target without one has not been tried."""
    return Text(_("not tried yet"), "dim") if outcome is None else Text(_(outcome.label), _OUTCOMES[outcome])


def state_text(state: State) -> Text:
    """The word for a change's state in its colour."""
    return Text(_(state.label), _STATES.get(state, ""))


def standing_text(standing: Standing) -> Text:
    """The word for what the rehearsal found, in its colour."""
    return Text(_(standing.label), _STANDINGS[standing])


def heading(text: str) -> RenderableType:
    """The heading of a part of a screen, with an empty line before it."""
    return Text(f"\n{text}", style="bold")


def key_words(key: str) -> str:
    """`package:openssl` as people say it: `package openssl`."""
    kind, colon, name = key.partition(":")
    if not colon:
        return _("restart of the machine") if key == "reboot" else key.replace("_", " ")
    if kind == "line":
        return name
    return f"{_(_KINDS[kind]) if kind in _KINDS else kind.replace('_', ' ')} {name}"


_KINDS: Final = {
    "package": N_("package"),
    "update": N_("update"),
    "download": N_("download"),
    "dhcp": N_("dhcp"),
    "dns": N_("dns"),
    "port": N_("port"),
    "queue": N_("queue"),
    "listed": N_("listed"),
    "directory": N_("directory"),
    "default": N_("default printer of"),
    "item": N_("item"),
}
"""What keys of states are of, in words."""
_VALUES: Final = (
    *(N_("not done"), N_("if required"), N_("always")),
    *(N_("installed"), N_("not installed"), N_("downloaded"), N_("not downloaded")),
)
"""What works say of a state in words."""


def value_words(value: object) -> str:
    """A value of a target's state: nothing is said as such."""
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _(value) if value in _VALUES else str(value)


def share(part: int, whole: int) -> str:
    """A share in per cent, never rounded up: 100.0 % means all."""
    return f"{part * 1000 // whole / 10:.1f} %" if whole else "-"


def some(names: Sequence[str], most: int) -> str:
    """The first few names, and how many more there are."""
    shown_ = ", ".join(names[:most])
    more = len(names) - most
    return shown_ if more <= 0 else _("{names} and {more} more").format(names=shown_, more=more)


def reason_words(why: str) -> str:
    """A reason without what the engine wraps around it; JSON keeps it whole."""
    # Ansible 2.21: "Task failed: Data could not be sent to remote host "…". Make sure this host can be
    # reached over ssh: ssh: connect to host … port 22: No route to host"
    _before, wrapped, told = why.rpartition("can be reached over ssh: ")
    return told if wrapped else why.replace("Task failed: ", "")


def iso_stamp(moment: object) -> str | None:
    """A moment of a table beside the chain, written as the ledger writes moments."""
    return stamp(datetime.fromisoformat(str(moment))) if moment else None
