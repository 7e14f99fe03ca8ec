"""What was changed in the directory without a run of ours, as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from daicho.directory.names import common_name
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.report.listing import Column, Listing, table
from daicho.report.words import GOOD, heading, key_words, value_words, when

if TYPE_CHECKING:
    from rich.console import RenderableType

    from daicho.directory.outside import Outside
    from daicho.directory.polling import Write
    from daicho.life.outside import Look
    from daicho.policy import Policy
    from daicho.report.listing import Row


@dataclass(frozen=True, kw_only=True)
class OutsideReport:
    """One look."""

    look: Look
    policy: Policy

    def as_json(self) -> object:
        """Everything."""
        return {
            "first": self.look.first,
            "differences": [self._row(each) for each in self.look.found],
            "others": [_written(each) for each in self.look.others],
        }

    def listing(self) -> Listing:
        """One row per difference."""
        columns = ("number", "name", "key", "recorded", "found", "when", "server", "who")
        return Listing(
            columns=[Column(key=key, heading=key) for key in columns],
            rows=[self._row(each) for each in self.look.found],
        )

    def screen(self) -> RenderableType:
        """First the accounts that the record knows, then the rest."""
        parts: list[RenderableType] = []
        if self.look.found:
            parts += [heading(_("Other than the record says")), table(self._differences())]
        else:
            parts.append(Text(_("Every account that a run has touched is as the record says."), GOOD))
        if self.look.others:
            parts += [
                heading(_("Written on other accounts and groups since the last look")),
                table(self._others()),
            ]
        if self.look.first:
            said = _("This was the first look: the next one also tells what was written on other accounts.")
            parts.append(Text("\n" + said, "dim"))
        return Group(*parts)

    def _differences(self) -> Listing:
        columns = [
            Column(key="number", heading=N_("number")),
            Column(key="name", heading=N_("name")),
            Column(key="key", heading=N_("what"), show=lambda row: key_words(str(row["key"]))),
            Column(key="recorded", heading=N_("recorded"), show=lambda row: value_words(row["recorded"])),
            Column(key="found", heading=N_("found"), show=lambda row: value_words(row["found"])),
            Column(key="moment", heading=N_("when")),
            Column(key="server", heading=N_("at"), optional=True),
            Column(key="who", heading=N_("who"), optional=True),
        ]
        rows = [{**self._row(each), "moment": self._moment(each)} for each in self.look.found]
        return Listing(columns=columns, rows=rows)

    def _others(self) -> Listing:
        columns = [
            Column(key="object", heading=N_("account or group")),
            Column(key="attribute", heading=N_("what")),
            Column(key="moment", heading=N_("when")),
            Column(key="server", heading=N_("at"), optional=True),
            Column(key="who", heading=N_("who"), optional=True),
        ]
        rows = [_written(each) | {"moment": when(self.policy, each.when)} for each in self.look.others]
        return Listing(columns=columns, rows=rows)

    def _moment(self, each: Outside) -> str:
        return when(self.policy, each.when) if each.when else ""

    def _row(self, each: Outside) -> Row:
        return {
            "number": each.account,
            "name": self.look.names.get(each.account, ""),
            "key": each.key,
            "recorded": each.recorded,
            "found": each.found,
            "when": each.when.isoformat() if each.when else None,
            "server": each.server,
            "who": each.who,
        }


def _written(write: Write) -> dict[str, object]:
    return {
        "object": common_name(write.dn),
        "dn": write.dn,
        "attribute": _("deleted") if write.deleted else write.attribute,
        "when": write.when.isoformat(),
        "server": write.server,
        "who": write.who,
    }
