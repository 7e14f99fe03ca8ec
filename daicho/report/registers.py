"""The list of users and the comparison of terminals as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from daicho.accounts.terminal_compare import Gap
from daicho.accounts.user_list import Finding
from daicho.clock import moment, stamp
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.report.listing import Column, Listing, table
from daicho.report.words import CAREFUL

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from rich.console import RenderableType

    from daicho.life.registers import TerminalComparison, UserList
    from daicho.policy import Policy
    from daicho.report.listing import Row


@dataclass(frozen=True, kw_only=True)
class UsersReport:
    """The users of the domain; with `only`, those with one of these findings."""

    found: UserList
    policy: Policy
    only: Collection[Finding] = ()

    def as_json(self) -> object:
        """The check, the counts of all, and the chosen users."""
        return {"check": self.found.check, "counts": dict(self.found.counts), "users": self._rows()}

    def listing(self) -> Listing:
        """One row per user."""
        columns = [
            Column(key="login", heading=N_("logon name")),
            Column(key="name", heading=N_("name")),
            Column(key="number", heading=N_("number")),
            Column(key="section", heading=N_("section")),
            Column(key="mail", heading=N_("mail"), optional=True),
            Column(key="last_logon", heading=N_("last logon"), show=self._day("last_logon")),
            Column(key="expires", heading=N_("ends"), show=self._day("expires"), optional=True),
            Column(key="findings", heading=N_("worth a look"), show=_findings),
            Column(key="privileges", heading=N_("privileges through"), show=_privileges, optional=True),
        ]
        return Listing(columns=columns, rows=self._rows(), empty=_("No account is like that."))

    def screen(self) -> RenderableType:
        """The table, then how many there are of each."""
        said = [
            f"{self.found.counts[each.value]} {_(each.label)}"
            for each in Finding
            if self.found.counts.get(each.value)
        ]
        total = _("{count} accounts").format(count=self.found.counts["accounts"])
        return Group(
            self.listing().screen(), Text(f"\n{self.found.check}: {', '.join([total, *said])}", "bold")
        )

    def _rows(self) -> list[Row]:
        return [
            {
                "login": user.login,
                "name": user.name,
                "number": user.number,
                "section": user.section,
                "mail": user.mail,
                "enabled": user.enabled,
                "last_logon": _stamp(user.last_logon),
                "expires": _stamp(user.expires),
                "created": _stamp(user.created),
                "findings": [each.value for each in user.findings],
                "privileges": list(user.privileges),
            }
            for user in self.found.users
            if not self.only or not set(self.only).isdisjoint(user.findings)
        ]

    def _day(self, key: str) -> Callable[[Row], str]:
        return lambda row: _shown(row[key], self.policy)


@dataclass(frozen=True, kw_only=True)
class TerminalsReport:
    """Terminals about which the ledger and the directory differ."""

    found: TerminalComparison

    def as_json(self) -> object:
        """The check and every difference."""
        return {"check": self.found.check, "differences": self.listing().as_json()}

    def listing(self) -> Listing:
        """One row per terminal; as CSV it can be completed and imported with `daicho item import`."""
        columns = [
            Column(key="name", heading=N_("name")),
            Column(
                key="gap",
                heading=N_("difference"),
                show=_gap,
            ),
            Column(key="description", heading=N_("description"), optional=True),
            Column(key="os", heading=N_("system"), optional=True),
            Column(key="dn", heading=N_("place in the directory"), optional=True),
        ]
        rows: list[Row] = [
            {
                "name": each.name,
                "gap": each.gap.value,
                "description": each.description,
                "os": each.system,
                "dn": each.dn,
            }
            for each in self.found.differences
        ]
        return Listing(columns=columns, rows=rows, empty=_("The ledger and the directory agree."))

    def screen(self) -> RenderableType:
        """The table, and the check's name."""
        listing = self.listing()
        shown = table(listing) if listing.rows else Text(listing.empty)
        count = _("{count} differences").format(count=len(listing.rows))
        return Group(shown, Text(f"\n{self.found.check}: {count}", "bold"))


def _gap(row: Row) -> Text:
    return Text(_(Gap(str(row["gap"])).label), CAREFUL)


def _findings(row: Row) -> str:
    values = row["findings"]
    return ", ".join(_(Finding(each).label) for each in values) if isinstance(values, list) else ""


def _privileges(row: Row) -> str:
    values = row["privileges"]
    return ", ".join(values) if isinstance(values, list) else ""


def _stamp(when: datetime | None) -> str | None:
    return stamp(when) if when else None


def _shown(value: object, policy: Policy) -> str:
    return moment(str(value)).astimezone(policy.zone).strftime("%Y-%m-%d") if value else ""
