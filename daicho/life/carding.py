"""Cards become changes: one that registers them, and one for each day on which temporary ones end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from daicho.change import ChangeDocument, Window
from daicho.i18n import ngettext
from daicho.life.requesting import request_change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.accounts.card_list import CardRow
    from daicho.site import Site

WORK: Final = "register_cards"
_DAYS_TO_END: Final = 30
"""How long after a card's last day its end may be carried out; after that it is to be asked for again."""


@dataclass(frozen=True, kw_only=True)
class Why:
    """What all changes of a list say of themselves."""

    reason: str
    ticket: str = ""


@dataclass(frozen=True, kw_only=True)
class CardChanges:
    """The changes that a list of cards came to."""

    register: str
    ends: Mapping[date, str]
    """By the last day of the cards that they end."""


def request_cards(site: Site, cards: Sequence[CardRow], why: Why) -> CardChanges:
    """Ask for the registration of cards, and for the end of those that are temporary.

    Raises:
        NotAllowed: The policy does not let the acting person request this work.
    """
    title = ngettext("Register {count} card", "Register {count} cards", len(cards)).format(count=len(cards))
    register = request_change(site, _document(title, cards, why, "register", None))
    by_day: dict[date, list[CardRow]] = defaultdict(list)
    for card in cards:
        if until := card.get("until"):
            by_day[date.fromisoformat(str(until))].append(card)
    ends = {}
    for day, ended in sorted(by_day.items()):
        count = len(ended)
        said = ngettext(
            "{count} temporary card ends with {day}", "{count} temporary cards end with {day}", count
        )
        begins = datetime.combine(day + timedelta(days=1), time(), site.policy.zone)
        window = Window.model_validate({"from": begins, "until": begins + timedelta(days=_DAYS_TO_END)})
        title = said.format(count=count, day=day)
        ends[day] = request_change(site, _document(title, ended, why, "remove", window))
    return CardChanges(register=register, ends=ends)


def _document(
    title: str, cards: Sequence[CardRow], why: Why, act: str, window: Window | None
) -> ChangeDocument:
    return ChangeDocument(
        work=WORK,
        title=title,
        reason=why.reason,
        ticket=why.ticket,
        targets=({"kind": "user"},),
        inputs={"cards": [dict(card) for card in cards], "act": act},
        window=window,
    )
