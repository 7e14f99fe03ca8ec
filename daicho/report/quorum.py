"""Quorums that nobody can reach: a site finds out when it writes its policy, not when a change is urgent."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from daicho.policy import Act, Policy, Principal
    from daicho.works.work import Work


def out_of_reach(policy: Policy, works: Iterable[Work], today: date) -> list[str]:
    """One sentence for each rule that no change can fulfil, however requester and operator are chosen.

    A work that nobody may request or operate is not used at the site and left out.
    """
    found: dict[tuple[str, int, str], list[str]] = {}
    asked: Counter[str] = Counter()
    for work in works:
        reached = _most_approvers(policy, work.name, today)
        if reached is None:
            continue
        names = ", ".join(reached) or _("nobody")
        for rule, needed in _rules(policy, work):
            asked[rule] += 1
            if needed > len(reached):
                found.setdefault((rule, needed, names), []).append(work.name)
    said = _(
        "{rule} ({works}) cannot be approved: {needed} must agree, and besides its requester and its "
        "operator there are with the right and a valid key: {names}."
    )
    return [
        said.format(
            rule=rule,
            works=_("all works") if len(held) == asked[rule] else ", ".join(held),
            needed=needed,
            names=names,
        )
        for (rule, needed, names), held in found.items()
    ]


def _rules(policy: Policy, work: Work) -> Iterator[tuple[str, int]]:
    quorum = policy.quorum
    yield _("A standard change"), quorum.standard
    if not work.writes:
        return
    yield _("A normal change"), quorum.normal
    yield _("A change that cannot be taken back"), quorum.irreversible
    for wide in quorum.wide:
        yield _("A change on more than {over} machines").format(over=wide.over), wide.approvers


def _most_approvers(policy: Policy, work: str, today: date) -> list[str] | None:
    """The approvers that are left when requester and operator are chosen best; None: nobody can be either."""
    approvers = {each.name for each in _able(policy, "approve", work) if _signs(each, today)}
    pairs = product(_able(policy, "request", work), _able(policy, "operate", work))
    left = [sorted(approvers - {requester.name, operator.name}) for requester, operator in pairs]
    return max(left, key=len, default=None)


def _able(policy: Policy, act: Act, work: str) -> list[Principal]:
    return [each for each in policy.principals if policy.may(each.name, act, work)]


def _signs(person: Principal, today: date) -> bool:
    return any(not key.revoked and (not key.valid_until or key.valid_until >= today) for key in person.keys)
