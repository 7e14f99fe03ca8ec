"""The site policy as people read it."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from daicho import sshsig
from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.report.facts import facts_block
from daicho.report.listing import Column, Listing, table
from daicho.report.planned import budget_words
from daicho.report.words import CAREFUL, GOOD, RED, heading, person
from daicho.times import shown

if TYPE_CHECKING:
    from rich.console import RenderableType

    from daicho.policy import Policy, Principal
    from daicho.report.listing import Row


@dataclass(frozen=True)
class PolicyReport:
    """Who is who, who may do what, how many must agree, when nothing may move."""

    policy: Policy

    def as_json(self) -> object:
        """The policy as the ledger keeps it, and its digest."""
        return {"digest": self.policy.digest, "policy": self.policy.model_dump(mode="json", by_alias=True)}

    def listing(self) -> Listing:
        """One row per person."""
        return Listing(columns=self._columns(), rows=[_row(each) for each in self.policy.principals])

    def screen(self) -> RenderableType:
        """The rules, then the people."""
        return Group(
            facts_block(self._rules()), heading(_("Who may do what")), table(self.listing()), *self._freezes()
        )

    def _rules(self) -> list[tuple[str, RenderableType]]:
        policy, quorum = self.policy, self.policy.quorum
        needed = _("normal {normal}, standard {standard}, cannot be taken back {irreversible}").format(
            normal=quorum.normal, standard=quorum.standard, irreversible=quorum.irreversible
        )
        for wide in quorum.wide:
            needed += ", " + _("over {over} machines {approvers}").format(
                over=wide.over, approvers=wide.approvers
            )
        return [
            (_("site"), policy.site),
            (_("time zone"), policy.time_zone),
            (_("language"), policy.language),
            (_("approvers needed"), needed),
            (_("an approval is valid"), _days(policy.approval_valid_days)),
            (_("waves"), ", ".join(str(size) for size in policy.waves)),
            (_("stops"), budget_words(policy.budget, 100) + " " + _("of 100 machines")),
            (_("digest"), policy.digest),
        ]

    def _columns(self) -> list[Column]:
        return [
            Column(key="name", heading=N_("person"), show=lambda row: person(self.policy, str(row["name"]))),
            Column(key="accounts", heading=N_("accounts"), show=lambda row: _joined(row["accounts"])),
            Column(key="request", heading=N_("may request"), show=lambda row: _joined(row["request"])),
            Column(key="approve", heading=N_("may approve"), show=lambda row: _joined(row["approve"])),
            Column(key="operate", heading=N_("may operate"), show=lambda row: _joined(row["operate"])),
            Column(
                key="administer",
                heading=N_("administers"),
                show=lambda row: _("yes") if row["administer"] else "-",
            ),
            Column(key="keys", heading=N_("keys"), show=lambda row: _joined(row["keys"], "\n")),
        ]

    def _freezes(self) -> list[RenderableType]:
        zone = self.policy.zone
        lines = [
            Text(
                _("  {name}: {begin} to {end}, {works}. {reason}").format(
                    name=each.name,
                    begin=shown(each.begin, zone),
                    end=shown(each.end, zone),
                    works=" ".join(each.works),
                    reason=each.reason,
                ),
                CAREFUL,
            )
            for each in self.policy.freezes
        ]
        return [heading(_("When nothing may move")), *lines] if lines else []


def policy_differences(before: Policy, after: Policy) -> Text:
    """What another policy would change, line by line."""
    said = Text()
    lines = difflib.unified_diff(_lines(before), _lines(after), lineterm="", n=2)
    for line in list(lines)[2:]:
        style = GOOD if line.startswith("+") else RED if line.startswith("-") else "dim"
        said.append(line + "\n", style)
    return said


def _days(count: int) -> str:
    return ngettext("{days} day", "{days} days", count).format(days=count)


def _lines(policy: Policy) -> list[str]:
    return json.dumps(
        policy.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=2
    ).splitlines()


def _row(person_: Principal) -> Row:
    may = person_.may
    return {
        "name": person_.name,
        "display": person_.display,
        "accounts": list(person_.accounts),
        "request": list(may.request),
        "approve": list(may.approve),
        "operate": list(may.operate),
        "administer": may.administer,
        "keys": [_key_words(each.key, str(each.revoked or "")) for each in person_.keys],
    }


def _key_words(key: str, revoked: str) -> str:
    mark = sshsig.fingerprint(key)
    return _("{key} (revoked {date})").format(key=mark, date=revoked) if revoked else mark


def _joined(values: object, separator: str = " ") -> str:
    return separator.join(str(each) for each in values) or "-" if isinstance(values, list) else "-"
