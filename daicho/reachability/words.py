"""The matters in words: what it is, why we think so, and what to do first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.i18n import N_, few, ngettext
from daicho.i18n import gettext as _
from daicho.reachability.explanation import Certainty, Sort
from daicho.reachability.matters import Kind
from daicho.reachability.verdict import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, tzinfo

    from daicho.reachability.explanation import Failure, Suspect
    from daicho.reachability.matters import Matter
    from daicho.reachability.topology import Place

STATES: Final = {
    State.BACK: N_("back"),
    State.DIFFERENT: N_("back, but different"),
    State.LATE: N_("late"),
    State.DEAD: N_("dead"),
    State.ALREADY_DEAD: N_("was already dead"),
    State.UNREACHABLE: N_("unreachable"),
    State.COULD_NOT_TELL: N_("could not tell"),
}
_SUSPECTS: Final = {
    Sort.NODE: "{name}",
    Sort.LINK: N_("the link {name}"),
    Sort.FEED: N_("the power feed {name}"),
}
NAMED: Final = 3
"""Up to so many single terminals are named instead of counted."""

_STEPS: Final = {
    Kind.BLIND: N_(
        "Nothing answers, so look at this checking machine first: its cable, its port, and {items}. "
        "What the rest is like cannot be told before."
    ),
    Kind.FOREIGN: N_(
        "The baseline belongs to another network or is far out of date. Name the right one; until then "
        "nothing here can be relied on."
    ),
    Kind.DOWN: N_(
        "Look whether {items} has power and its lamps are lit. If so, look at the cable and plugs of its "
        "uplink, and log in at its console."
    ),
    Kind.FEED: N_("Look at the breaker and the panel of this feed. Do not touch the devices before."),
    Kind.CUT: N_(
        "Everything still answers over another way. Look at the cable and the plugs at both ends "
        "before a second fault makes it dark."
    ),
    Kind.MUTE: N_("What is behind it answers. Look at its management address, or log in at its console."),
    Kind.DIFFERENT: N_("Log in and compare it with the baseline: {differences}."),
    Kind.BELOW: N_(
        "{first} answers and nothing on it does. Look at the power of the room and at the device's own "
        "ports and VLANs before going to each terminal."
    ),
    Kind.UNPLACED: N_("The topology shows no way there, so the cause cannot be placed. Give it an uplink."),
    Kind.SCATTERED: N_(
        "Each for itself: switched off or unplugged. Devices and servers come first; "
        "the walk list has these by room."
    ),
    Kind.DIFFERENT_LEAVES: N_("Not urgent. The list of items says what differs."),
    Kind.UNTOLD: N_("Why not: {why}. Look at a few of them by hand."),
}

_STARTING: Final = N_("Wait until {time}: it may still be starting.")
_SETTLING: Final = N_("Wait until {time}: it or the network around it has just come back and still settles.")
_WAITS: Final = dict.fromkeys((Kind.CUT, Kind.MUTE, Kind.DIFFERENT, Kind.DIFFERENT_LEAVES), _SETTLING)

_TITLES: Final = {
    Kind.BLIND: N_("Nothing answers at all"),
    Kind.FOREIGN: N_("The baseline does not fit this network"),
}


def title(matter: Matter) -> str:
    """What it is, in one line."""
    if matter.finding and matter.kind is not Kind.UNPLACED:
        return _(" or ").join(failure_words(each) for each in matter.finding.cause.candidates)
    if matter.kind in _TITLES:
        return _(_TITLES[matter.kind])
    if matter.kind is Kind.BELOW:
        count = len(matter.items) - 1
        return _("All {count} terminals on {device}").format(count=count, device=matter.items[0])
    return _group_title(matter.kind, matter.items) or few(matter.items)


def _group_title(kind: Kind, items: Sequence[str]) -> str:
    count = len(items)
    if kind is Kind.SCATTERED and count <= NAMED:
        return few(items)
    words = {
        Kind.SCATTERED: ngettext("{count} single terminal", "{count} single terminals", count),
        Kind.DIFFERENT_LEAVES: ngettext(
            "{count} terminal is different", "{count} terminals are different", count
        ),
        Kind.UNTOLD: ngettext("{count} item could not be judged", "{count} items could not be judged", count),
    }
    return words.get(kind, "").format(count=count)


def effect(matter: Matter) -> str:
    """What hangs on it."""
    match matter.kind:
        case Kind.CUT:
            return _("Redundancy is lost; nothing is dark.")
        case Kind.MUTE:
            return _("Does not answer, yet passes traffic on.")
        case Kind.DIFFERENT:
            return _("Answers, but is not as it was.")
    if not matter.finding:
        return ""
    count, shared = matter.behind, len(matter.finding.cause.shared)
    if not count:
        return _("Nothing else is behind it.")
    words = ngettext("{count} item behind it is dark.", "{count} items behind it are dark.", count)
    text = words.format(count=count)
    if shared:
        more = ngettext(
            "{count} of them is behind another cause too.",
            "{count} of them are behind other causes too.",
            shared,
        )
        text += " " + more.format(count=shared)
    return text


def reason(matter: Matter) -> str:
    """Why this and nothing else, or why nobody can tell from here."""
    if not matter.finding or matter.kind in (Kind.CUT, Kind.MUTE, Kind.UNPLACED):
        return ""
    cause = matter.finding.cause
    if cause.powered:
        return _("Its neighbour reports the port up: it has power and does not answer.")
    if cause.certainty is Certainty.OPEN:
        return _("Which of them cannot be told from here: each alone explains everything that is dark.")
    if not cause.larger or not cause.larger[0]:
        return ""
    names = [suspect_words(each) for each in cause.larger[0]]
    others = _(" and ").join(names) if len(names) < 4 else few(names, 3)
    return _("Otherwise {others} would have failed together.").format(others=others)


def step(matter: Matter, zone: tzinfo) -> str:
    """What to do first."""
    if matter.waiting_until:
        return _(_WAITS.get(matter.kind, _STARTING)).format(time=clock_time(matter.waiting_until, zone))
    if matter.finding and matter.finding.cause.powered and matter.kind is Kind.DOWN:
        return _("It has power: log in at its console, and restart it if it does not react.")
    return _(_STEPS[matter.kind]).format(
        items=few(matter.items, 3),
        first=matter.items[0] if matter.items else "",
        differences=difference_words(matter),
        # The reasons are sentences of their own, and stand within one here.
        why="; ".join(sorted({_(each.why).rstrip(".。") for each in matter.verdicts if each.why}))
        or _("nothing was asked"),
    )


def difference_words(matter: Matter) -> str:
    """What differs, in one line."""
    return "; ".join(str(each) for verdict in matter.verdicts for each in verdict.differences)


def failure_words(failure: Failure) -> str:
    """Things that fail together: `a and b`."""
    return _(" and ").join(suspect_words(each) for each in failure)


def suspect_words(suspect: Suspect) -> str:
    """One thing that may have failed."""
    return _(_SUSPECTS[suspect.sort]).format(name=suspect.name.replace(" -- ", " – "))


def place_words(place: Place, *, site: bool = False) -> str:
    """`Building 1 3F EPS, rack B-01`; the site only if there are several."""
    rack = _("rack {rack}").format(rack=place.rack) if place.rack else ""
    parts: Iterable[str] = (place.site if site else "", place.building, place.floor, place.room, rack)
    return " ".join(part for part in parts if part)


def where(matter: Matter, *, site: bool = False) -> str:
    """Where to go; of a link both ends."""
    places = matter.ends or (matter.place,)
    return " ⇔ ".join(place_words(place, site=site) for place in places)


def state_words(state: State) -> str:
    """The verdict in words."""
    return _(STATES[state])


def clock_time(moment: datetime, zone: tzinfo) -> str:
    """`23:05`: enough during one night."""
    return f"{moment.astimezone(zone):%H:%M}"
