"""The result as one self-contained HTML page, in both languages, made for a telephone at night."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from daicho.i18n import LANGUAGES, current_language, language, ngettext
from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.reachability.headline import headline, mood
from daicho.reachability.matters import Kind, Matter, matters
from daicho.reachability.picture import SIGNS, picture
from daicho.reachability.verdict import State, Verdict
from daicho.reachability.walk import walk
from daicho.reachability.words import (
    clock_time,
    effect,
    place_words,
    reason,
    state_words,
    step,
    title,
    where,
)
from daicho.times import shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from daicho.reachability.verdict import Judgement

MOST_ROWS: Final = 400
_LISTED: Final = (
    State.DEAD,
    State.DIFFERENT,
    State.LATE,
    State.COULD_NOT_TELL,
    State.UNREACHABLE,
    State.ALREADY_DEAD,
)
_NAMES: Final = {"ja": "日本語", "en": "English"}
_COLOURS: Final = {
    Kind.DIFFERENT: "different",
    Kind.DIFFERENT_LEAVES: "different",
    Kind.MUTE: "different",
    Kind.CUT: "late",
    Kind.UNTOLD: "untold",
    Kind.FOREIGN: "untold",
}


def page(judgement: Judgement, zone: tzinfo, refresh: int | None = None) -> str:
    """The HTML text; the language in force is shown first, the other is one tap away.

    Args:
        judgement: The result.
        zone: The site's time zone.
        refresh: Seconds after which a browser loads it again, while somebody still watches.
    """
    first = current_language()
    views = []
    for name in (first, *(each for each in LANGUAGES if each != first)):
        with language(name):
            views.append(_View(judgement, zone).as_mapping(name))
    # Autoescape everything: names of items come from people's tables.
    environment = Environment(
        loader=PackageLoader("daicho.reachability"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
    )
    style = files("daicho.reachability").joinpath("templates", "result.css").read_text("utf-8")
    template = environment.get_template("result.html.j2")
    return template.render(views=views, style=Markup(style), refresh=refresh)  # noqa: S704 -- our own file


class _View:
    def __init__(self, judgement: Judgement, zone: tzinfo) -> None:
        self.judgement = judgement
        self.zone = zone
        self.todo = matters(judgement)
        self.nodes = judgement.topology.nodes
        self.sites = len({node.place.site for node in self.nodes.values() if node.place.site}) > 1

    def as_mapping(self, name: str) -> dict[str, Any]:
        judgement = self.judgement
        when = _("Judged at {at}, compared with the baseline of {before}").format(
            at=shown(judgement.at, self.zone), before=shown(judgement.baseline_at, self.zone)
        )
        return {
            "lang": name,
            "language": _NAMES[name],
            "title": f"{headline(judgement, self.todo)} · {clock_time(judgement.at, self.zone)}",
            "about": _("Check after the planned power outage"),
            "headline": headline(judgement, self.todo),
            "mood": mood(judgement, self.todo),
            "when": when,
            "notes": [_(note) for note in judgement.notes],
            "counts": [self._count(state) for state in State if judgement.counts[state]],
            "todo": [self._card(matter) for matter in self.todo],
            "picture": Markup(picture(judgement)),  # noqa: S704 -- it escapes its own texts
            "walk": list(self._walk()),
            "lists": [self._list(state) for state in _LISTED if judgement.counts[state]],
            "words": _fixed_words(),
        }

    def _count(self, state: State) -> dict[str, Any]:
        sign, colour = SIGNS[state]
        return {
            "sign": sign,
            "colour": colour,
            "words": state_words(state),
            "number": self.judgement.counts[state],
        }

    def _card(self, matter: Matter) -> dict[str, Any]:
        named = (
            matter.finding.cause.behind if matter.finding else matter.items if len(matter.items) > 1 else ()
        )
        count = len(named)
        summary = ngettext("{count} name", "{count} names", count).format(count=count)
        return {
            "title": title(matter),
            "place": where(matter, site=self.sites),
            "step": step(matter, self.zone),
            "effect": effect(matter),
            "reason": reason(matter),
            "colour": colour_of(matter),
            "names": _(", ").join(named[:MOST_ROWS]) + (" …" if count > MOST_ROWS else ""),
            "summary": summary,
        }

    def _walk(self) -> Iterable[dict[str, Any]]:
        for stop in walk(self.judgement):
            tasks = [
                {
                    "number": task.place_in_list,
                    "item": task.item,
                    "part": task.part,
                    "colour": colour_of(task.matter),
                }
                for task in stop.tasks
            ]
            yield {"place": place_words(stop.place, site=self.sites) or _("place not known"), "tasks": tasks}

    def _list(self, state: State) -> dict[str, Any]:
        found = [each for each in self.judgement.verdicts.values() if each.state is state]
        found.sort(key=lambda each: natural_key(each.name))
        more = _("{count} more are in the CSV file.").format(count=len(found) - MOST_ROWS)
        return {
            **self._count(state),
            "rows": [self._row(each) for each in found[:MOST_ROWS]],
            "more": more if len(found) > MOST_ROWS else "",
        }

    def _row(self, verdict: Verdict) -> dict[str, str]:
        place = place_words(self.nodes[verdict.name].place, site=self.sites)
        return {"name": verdict.name, "place": place, "about": about(verdict, self.judgement, self.zone)}


def about(verdict: Verdict, judgement: Judgement, zone: tzinfo) -> str:
    """What is to be said of one item, in one line."""
    if verdict.differences:
        return "; ".join(str(each) for each in verdict.differences)
    if verdict.expected_by:
        return _("expected by {time}").format(time=clock_time(verdict.expected_by, zone))
    if verdict.since:
        return _("since {date} at the latest").format(date=f"{verdict.since.astimezone(zone):%Y-%m-%d}")
    if verdict.state is State.UNREACHABLE:
        names = [each for cause in verdict.behind if (each := _cause_words(judgement, cause))]
        return _("behind {cause}").format(cause=_(" and ").join(names))
    return _(verdict.why) if verdict.why else ""


def _cause_words(judgement: Judgement, cause: str) -> str:
    finding = judgement.finding(cause)
    return cause.partition(":")[2] if finding else ""


def colour_of(matter: Matter) -> str:
    """The class of its colour: that of the state that it is about."""
    return "late" if matter.waits else _COLOURS.get(matter.kind, "dead")


def _fixed_words() -> dict[str, str]:
    return {
        "todo": _("What to do, in this order"),
        "network": _("The network"),
        "legend": _(
            "From the checking machine down. On the right: the second way, and terminals back / all."
        ),
        "walk": _("Walk list"),
        "verdicts": _("Items by verdict"),
        "footer": _("Everything that is not named here has answered and is as it was before the outage."),
    }
