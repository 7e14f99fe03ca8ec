"""The network devices are asked what hangs where, and the ledger's items are brought up to date.

What is as recorded is not recorded again: a night in which nothing was moved adds two entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho import clock
from daicho.errors import ExitCode
from daicho.i18n import gettext as _
from daicho.items.record import all_items, plan_import
from daicho.life.checking import alone, close_check, close_orphans, grant, open_check
from daicho.life.devices import devices_of
from daicho.network.observing.questions import QUESTIONS
from daicho.network.whereabouts import find_out
from daicho.runners.states import observe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.door import Watch
    from daicho.items.record import ImportPlan
    from daicho.life.checking import Grant, Order
    from daicho.network.observing.observed import Observed
    from daicho.network.whereabouts import Findings
    from daicho.runners.states import Brought
    from daicho.site import Site

WORK: Final = "collect_network_state"


@dataclass(frozen=True, kw_only=True)
class CollectEnd:
    """What a collection found."""

    check: str
    seen: Mapping[str, Observed]
    """Device → what it said."""
    unread: Mapping[str, str]
    """Device → why it could not be asked."""
    findings: Findings
    recorded: ImportPlan
    """What went into the ledger."""

    @property
    def exit_code(self) -> ExitCode:
        """Whether every device could be asked."""
        return ExitCode.INCOMPLETE if self.unread else ExitCode.DONE


def collect(site: Site, order: Order, watch: Watch) -> CollectEnd:
    """Ask every device, and record what the items say otherwise.

    Raises:
        GateRefused, NotAllowed, NothingMatched: See `daicho.life.checking.grant`.
        AlreadyChecking: Another process is at it.
    """
    given = grant(site, order)
    with alone(site, WORK):
        close_orphans(site, WORK)
        name = open_check(site, given, deadline=None, baseline=None)
        code, facts = ExitCode.INTERRUPTED, dict[str, object]()
        try:
            end = _recorded(site, given, name, _asked(site, given, name, watch))
            code, facts = end.exit_code, {"collected": _numbers(end), "unread": dict(end.unread)}
        finally:
            close_check(site, name, given.operator, code, facts)
    return end


def _asked(site: Site, given: Grant, name: str, watch: Watch) -> Brought[Observed]:
    items = [item for item in given.items if item.attributes.get("platform") in QUESTIONS]
    watch.phase(_("asking devices what hangs on them"), len(items))
    with devices_of(site, name) as fleet:
        return observe(fleet, items, lambda device: watch.target(device, _("asked"), ""))


def _recorded(site: Site, given: Grant, name: str, brought: Brought[Observed]) -> CollectEnd:
    day = clock.now().astimezone(site.policy.zone).date().isoformat()
    findings = find_out(all_items(site.ledger), brought.facts, day)
    plan = plan_import(site.ledger, findings.items, given.operator, name)
    if plan.drafts:
        site.ledger.append(*plan.drafts)
    return CollectEnd(
        check=name, seen=brought.facts, unread=brought.failures, findings=findings, recorded=plan
    )


def _numbers(end: CollectEnd) -> dict[str, int]:
    return {
        "devices": len(end.seen),
        "placed": len(end.findings.placed),
        "several": len(end.findings.several),
        "strangers": len(end.findings.strangers),
        "changed": end.recorded.summary.changed,
    }
