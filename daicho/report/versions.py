"""Previous versions of a file or folder as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from daicho.clock import moment, stamp
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.report.listing import Column, Listing
from daicho.report.words import when

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from daicho.life.versions import Version, Versions
    from daicho.policy import Policy
    from daicho.report.listing import Row

_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class VersionsReport:
    """The versions of one path."""

    found: Versions
    policy: Policy

    def as_json(self) -> object:
        """What is there now, and every version."""
        return {
            "check": self.found.check,
            "path": self.found.path,
            "there_now": self.found.now is not None,
            "versions": self.listing().as_json(),
        }

    def listing(self) -> Listing:
        """One row per version, newest first."""
        columns = [
            Column(key="version", heading=N_("version"), show=self._moment("version")),
            Column(key="written", heading=N_("last changed"), show=self._moment("written")),
            Column(key="size", heading=N_("bytes"), right=True, show=_size, optional=True),
            Column(key="state", heading=N_("against now"), show=lambda row: _(str(row["state"]))),
            Column(key="gone", heading=N_("not there any more"), show=_gone, optional=True),
        ]
        rows = [self._row(each) for each in self.found.versions]
        empty = _("The server keeps no previous version of {path}.").format(path=self.found.path)
        return Listing(columns=columns, rows=rows, empty=empty)

    def screen(self) -> RenderableType:
        """The table, and what to type next."""
        listing = self.listing()
        if not any(each.seen for each in self.found.versions):
            return listing.screen()
        step = _('Next: `daicho share restore {path} --reason "…"` asks for the newest of them')
        return Group(listing.screen(), Text("\n" + step.format(path=self.found.path), "bold"))

    def _row(self, each: Version) -> Row:
        seen = each.seen
        return {
            "version": stamp(each.at),
            "written": stamp(seen.written) if seen else None,
            "size": seen.size if seen and not seen.folder else None,
            "state": self._state(each),
            "gone": list(each.gone),
        }

    def _state(self, each: Version) -> str:
        if each.seen is None:
            return N_("was not there")
        if self.found.now is None:
            return N_("is not there now")
        if each.seen.folder:
            return N_("something is missing now") if each.gone else N_("nothing is missing")
        same = (each.seen.size, each.seen.written) == (self.found.now.size, self.found.now.written)
        return N_("the same") if same else N_("another")

    def _moment(self, key: str) -> Callable[[Row], str]:
        return lambda row: when(self.policy, moment(str(row[key]))) if row[key] else ""


def _size(row: Row) -> str:
    return "" if row["size"] is None else f"{row['size']:,}"


def _gone(row: Row) -> str:
    names = row["gone"]
    if not isinstance(names, list):
        return ""
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
