"""The compliance board: per update, ring, building and age; and where the ledger and the world differ."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from rich.console import Group
from rich.text import Text

from daicho.clock import moment, stamp
from daicho.endpoints.patch_state import DEFINITIONS, PATCHES
from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.report.facts import facts_block
from daicho.report.listing import Column, Listing, table
from daicho.report.registers import TerminalsReport
from daicho.report.words import CAREFUL, GOOD, heading, share, some
from daicho.rings import ATTRIBUTE, ORDER, ring_of
from daicho.times import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from rich.console import RenderableType

    from daicho.life.compliance import Compliance, Terminal
    from daicho.policy import Policy
    from daicho.report.listing import Row

type By = Literal["terminal", "kb", "ring", "building", "age", "definitions"]
BY: Final[tuple[By, ...]] = ("terminal", "kb", "ring", "building", "age", "definitions")
NEVER: Final = N_("never read")
_AGES: Final = (
    *((1, N_("up to 1 day")), (7, N_("up to 7 days"))),
    *((14, N_("up to 14 days")), (30, N_("up to 30 days"))),
)
_OLDER: Final = N_("older")
_MOST: Final = 10


@dataclass(frozen=True, kw_only=True)
class ComplianceReport:
    """Who has what, at one moment."""

    found: Compliance
    policy: Policy
    by: By = "terminal"

    def as_json(self) -> object:
        """All sums, every terminal, the differences to the directory."""
        compared = self.found.compared
        return {
            "at": stamp(self.found.at),
            "sums": self.sums(),
            "tables": {by: self.section(by).as_json() for by in BY},
            "directory": TerminalsReport(found=compared).as_json() if compared else None,
        }

    def listing(self) -> Listing:
        """One row per terminal, or per group."""
        return self.section(self.by)

    def screen(self) -> RenderableType:
        """Sums first; then per ring, building, update and age, or what was asked for."""
        parts: list[RenderableType] = [self.title(), facts_block(self._facts())]
        sections: tuple[By, ...] = ("ring", "building", "kb", "age", "definitions")
        for by in sections if self.by == "terminal" else (self.by,):
            listing = self.section(by)
            if listing.rows:
                parts += [heading(_(TITLES[by])), table(listing)]
        if self.found.compared is not None:
            parts += [heading(_("Ledger and directory")), TerminalsReport(found=self.found.compared).screen()]
        return Group(*parts)

    def title(self) -> Text:
        """One sentence, as of which moment."""
        sums, when = self.sums(), shown(self.found.at, self.policy.zone)
        said = _("{share} of the Windows endpoints miss nothing ({current} of {total}), {when}").format(
            share=share(sums["current"], sums["total"]), when=when, **sums
        )
        return Text(said, f"bold {GOOD if sums['current'] == sums['total'] else CAREFUL}")

    def sums(self) -> dict[str, int]:
        """Of all terminals."""
        return _sums(self.found.terminals)

    def section(self, by: By) -> Listing:
        """One table of the board."""
        match by:
            case "terminal":
                return self._terminals()
            case "kb":
                return _updates(self.found.terminals)
            case "age":
                return _counted(self._ages(PATCHES), TITLES[by])
            case "definitions":
                return _counted(self._ages(DEFINITIONS), TITLES[by])
        return _groups(self.found.terminals, by)

    def _facts(self) -> Iterable[tuple[str, RenderableType]]:
        sums = self.sums()
        yield _("missing some"), _machines(sums["missing"])
        yield _("restart pending"), _machines(sums["restart"])
        yield _("never read"), _machines(sums["never"])
        yield _("owing"), _machines(sums["owing"])
        doubtful = [each.item.name for each in self.found.terminals if each.in_doubt]
        if doubtful:
            said = _("{machines} have it by the record, and nothing on them has changed: {names}")
            text = said.format(machines=_machines(len(doubtful)), names=some(doubtful, _MOST))
            yield _("in doubt"), Text(text, CAREFUL)

    def _ages(self, what: str) -> Counter[str]:
        """How old the reading is, or, of definitions, how old they themselves are."""
        return Counter(_age(_stamp_of(each, what), self.found.at) for each in self.found.terminals)

    def _terminals(self) -> Listing:
        day: Callable[[str], Callable[[Row], str]] = lambda key: lambda row: self._day(row[key])  # noqa: E731
        columns = [
            Column(key="name", heading=N_("name")),
            Column(key="ring", heading=N_("ring"), optional=True),
            Column(key="building", heading=N_("building"), optional=True),
            Column(key="build", heading=N_("build")),
            Column(key="missing", heading=N_("missing"), show=_joined("missing")),
            Column(key="restart", heading=N_("restart pending"), show=_yes("restart")),
            Column(key="read_at", heading=N_("read"), show=day("read_at")),
            Column(key="definitions", heading=N_("definitions"), optional=True),
            Column(key="updated", heading=N_("definitions of"), show=day("updated"), optional=True),
            Column(key="owes", heading=N_("owes"), show=_joined("owes")),
            Column(key="unread", heading=N_("why not read"), optional=True),
        ]
        rows = [_row(each) for each in self.found.terminals]
        return Listing(columns=columns, rows=sorted(rows, key=lambda row: natural_key(str(row["name"]))))

    def _day(self, value: object) -> str:
        return shown(moment(str(value)), self.policy.zone)[:16] if value else ""


TITLES: Final[dict[By, str]] = {
    "terminal": N_("Terminals"),
    "kb": N_("Per update that somebody misses"),
    "ring": N_("Per ring"),
    "building": N_("Per building"),
    "age": N_("Age of the reading"),
    "definitions": N_("Age of the virus definitions"),
}


def _sums(terminals: Sequence[Terminal]) -> dict[str, int]:
    return {
        "total": len(terminals),
        "current": sum(each.current for each in terminals),
        "missing": sum(bool(each.missing) for each in terminals),
        "restart": sum(each.restart for each in terminals),
        "never": sum(each.patches is None for each in terminals),
        "owing": sum(bool(each.owes) for each in terminals),
    }


def _groups(terminals: Iterable[Terminal], by: By) -> Listing:
    groups: dict[str, list[Terminal]] = {}
    for each in terminals:
        value = each.item.value(ATTRIBUTE if by == "ring" else by)
        groups.setdefault(ring_of(value) if by == "ring" and not value else value or "-", []).append(each)
    names = sorted(groups, key=lambda name: (ORDER.index(name) if name in ORDER else -1, natural_key(name)))
    rows: list[Row] = []
    for name in names:
        sums = _sums(groups[name])
        rows.append({"group": name, **sums, "share": share(sums["current"], sums["total"])})
    columns = [
        Column(key="group", heading=N_("ring") if by == "ring" else N_("building")),
        Column(key="total", heading=N_("machines"), right=True),
        Column(key="current", heading=N_("miss nothing"), right=True),
        Column(key="share", heading=N_("share"), right=True),
        Column(key="missing", heading=N_("missing some"), right=True),
        Column(key="restart", heading=N_("restart pending"), right=True),
        Column(key="never", heading=N_("never read"), right=True),
        Column(key="owing", heading=N_("owing"), right=True),
    ]
    return Listing(columns=columns, rows=rows)


def _updates(terminals: Sequence[Terminal]) -> Listing:
    missing = Counter(kb for each in terminals for kb in each.missing)
    installed = Counter(kb for each in terminals for kb in each.installed if kb in missing)
    rows: list[Row] = [
        {
            "kb": kb,
            "installed": installed[kb],
            "missing": missing[kb],
            "unread": sum(each.patches is None for each in terminals),
            "share": share(installed[kb], installed[kb] + missing[kb]),
        }
        for kb in sorted(missing, key=natural_key)
    ]
    columns = [
        Column(key="kb", heading=N_("update")),
        Column(key="installed", heading=N_("have it"), right=True),
        Column(key="missing", heading=N_("miss it"), right=True),
        Column(key="unread", heading=NEVER, right=True),
        Column(key="share", heading=N_("share"), right=True),
    ]
    return Listing(columns=columns, rows=rows, empty=_("Nobody misses an update."))


def _counted(counts: Counter[str], title: str) -> Listing:
    order = [words for _days, words in _AGES] + [_OLDER, NEVER]
    rows: list[Row] = [{"age": words, "machines": counts[words]} for words in order if counts[words]]
    columns = [
        Column(key="age", heading=title, show=lambda row: _(str(row["age"]))),
        Column(key="machines", heading=N_("machines"), right=True),
    ]
    return Listing(columns=columns, rows=rows)


def _age(text: str | None, now: datetime) -> str:
    if text is None:
        return NEVER
    days = (now - moment(text)).total_seconds() / 86_400
    return next((words for most, words in _AGES if days <= most), _OLDER)


def _stamp_of(each: Terminal, what: str) -> str | None:
    if what == PATCHES:
        return each.patches.read_at if each.patches else None
    updated: str | None = each.of(DEFINITIONS).get("updated")
    return updated


def _row(each: Terminal) -> Row:
    patches, definitions = each.of(PATCHES), each.of(DEFINITIONS)
    return {
        "name": each.item.name,
        "ring": each.item.value(ATTRIBUTE) or "",
        "building": each.item.value("building") or "",
        "build": patches.get("build"),
        "missing": list(each.missing),
        "restart": each.restart if each.patches else None,
        "disk_free_gb": patches.get("disk_free_gb"),
        "clock_off_min": patches.get("clock_off_min"),
        "read_at": each.patches.read_at if each.patches else None,
        "definitions": definitions.get("definitions"),
        "updated": definitions.get("updated"),
        "real_time": definitions.get("real_time"),
        "owes": list(each.owes),
        "in_doubt": list(each.in_doubt),
        "unread": each.unread,
    }


def _joined(key: str) -> Callable[[Row], str]:
    def show(row: Row) -> str:
        values = row[key]
        return " ".join(values) if isinstance(values, list) else ""

    return show


def _yes(key: str) -> Callable[[Row], str]:
    return lambda row: "" if row[key] is None else _("yes") if row[key] else _("no")


def _machines(count: int) -> str:
    return ngettext("{count} machine", "{count} machines", count).format(count=count)
