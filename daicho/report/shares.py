"""The audit of folders, and who reaches what, as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from daicho.fileserver import sddl
from daicho.fileserver.access import LABELS
from daicho.fileserver.audit import Flaw, of_another_domain
from daicho.fileserver.planning import told
from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.report.listing import Column, Listing
from daicho.report.words import CAREFUL, GOOD, RED

if TYPE_CHECKING:
    from rich.console import RenderableType

    from daicho.fileserver.audit import Finding, Named
    from daicho.life.share_audit import Audit
    from daicho.life.shares import Reach, WhoCan
    from daicho.report.listing import Row

GRAVE = frozenset({Flaw.POLICY, Flaw.RECORD, Flaw.OPEN, Flaw.EVERYBODY})
_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class AuditReport:
    """One audit of folders."""

    audit: Audit

    def as_json(self) -> object:
        """The check, the counts, every finding, and who is named where."""
        return {
            "check": self.audit.check,
            "paths": list(self.audit.paths),
            "counts": dict(self.audit.counts),
            "findings": self.listing().as_json(),
            "named": self.named().as_json(),
        }

    def listing(self) -> Listing:
        """One row per finding."""
        columns = [
            Column(key="path", heading=N_("folder")),
            Column(key="flaw", heading=N_("finding"), show=_flaw),
            Column(key="who", heading=N_("who"), optional=True),
            Column(key="may", heading=N_("may"), show=_may, optional=True),
            Column(key="why", heading=N_("more about it"), optional=True),
        ]
        rows = [self._row(each) for each in self.audit.findings]
        return Listing(columns=columns, rows=rows, empty=_("Nothing is worth a look."), style=_style)

    def named(self) -> Listing:
        """Who is named where; what is not named has the rights of the folder above."""
        columns = [
            Column(key="path", heading=N_("folder")),
            Column(key="owner", heading=N_("owner")),
            Column(key="who", heading=N_("who")),
            Column(key="may", heading=N_("may"), show=_may),
            Column(key="from", heading=N_("from"), show=_from),
            Column(key="people", heading=N_("people"), right=True),
        ]
        return Listing(columns=columns, rows=[_named(each) for each in self.audit.named])

    def screen(self) -> RenderableType:
        """The table, then how many there are of each."""
        return Group(self.listing().screen(), Text(f"\n{self.audit.check}: {self.summary()}", "bold"))

    def summary(self) -> str:
        """`1,204 folders, 8,312 files; 3 open to everybody, …`."""
        counts = self.audit.counts
        seen = _("{folders} folders, {files} files").format(
            folders=f"{counts.get('folders', 0):,}", files=f"{counts.get('files', 0):,}"
        )
        found = [f"{counts[flaw.value]} {_(flaw.label)}" for flaw in Flaw if counts.get(flaw.value)]
        return f"{seen}; {', '.join(found) or _('nothing is worth a look')}"

    def _row(self, each: Finding) -> Row:
        return {
            "path": each.path,
            "flaw": each.flaw.value,
            "who": each.who,
            "sid": each.sid,
            "may": each.may,
            "why": self._why(each),
            "found": sddl.to_text(each.change.before) if each.change else None,
            "wanted": sddl.to_text(each.change.after) if each.change else None,
        }

    def _why(self, each: Finding) -> str:
        everybody = self.audit.everybody
        if each.change:
            said = list(told(each.change, everybody))
            more = _("and {count} more").format(count=len(said) - _SHOWN)
            plain = [line.removeprefix(f"{each.path}: ") for line in said[:_SHOWN]]
            shown = " ".join([*plain, *([more] if len(said) > _SHOWN else [])])
            return _("Put right: {changes}").format(changes=shown) if said else _("nobody's access differs")
        if each.flaw is Flaw.ORPHAN and of_another_domain(each.sid, everybody):
            return _("of another domain, or the server's own")
        if each.flaw is Flaw.ORPHAN:
            return _("deleted from the directory")
        if each.flaw is Flaw.DEEP:
            return _("{count} folders deep").format(count=each.why)
        return each.why


@dataclass(frozen=True, kw_only=True)
class WhoCanReport:
    """Who may do what in one folder."""

    found: WhoCan

    def as_json(self) -> object:
        """Everybody who may do anything."""
        return {
            "check": self.found.check,
            "path": self.found.path,
            "people": self.listing().as_json(),
        }

    def listing(self) -> Listing:
        """One row per person."""
        columns = [
            Column(key="login", heading=N_("logon name")),
            Column(key="name", heading=N_("name")),
            Column(key="may", heading=N_("may"), show=_may),
            Column(key="through", heading=N_("through"), show=_through),
        ]
        rows: list[Row] = [
            {
                "login": each.person.login,
                "name": each.person.name,
                "may": each.after,
                "through": list(each.way),
            }
            for each in self.found.gains
        ]
        return Listing(columns=columns, rows=rows, empty=_("Nobody of the directory may do anything there."))

    def screen(self) -> RenderableType:
        """The table, and how many."""
        count = len(self.found.gains)
        said = ngettext("{count} person", "{count} people", count).format(count=count)
        return Group(
            self.listing().screen(), Text(f"\n{self.found.check}: {self.found.path}: {said}", "bold")
        )


@dataclass(frozen=True, kw_only=True)
class ReachReport:
    """What one person may do in trees."""

    found: Reach

    def as_json(self) -> object:
        """Every place where it begins, changes or ends."""
        person = self.found.person
        return {
            "check": self.found.check,
            "login": person.login,
            "name": person.name,
            "places": self.listing().as_json(),
        }

    def listing(self) -> Listing:
        """One row per place; below it the same holds, as far as no other row says otherwise."""
        columns = [
            Column(key="path", heading=N_("folder")),
            Column(key="may", heading=N_("may"), show=_may),
            Column(key="through", heading=N_("through"), show=_through),
        ]
        rows: list[Row] = [
            {"path": each.path, "folder": each.folder, "may": each.may, "through": list(each.way)}
            for each in self.found.places
        ]
        said = _("{person} may do nothing there.").format(person=self.found.person)
        return Listing(columns=columns, rows=rows, empty=said)

    def screen(self) -> RenderableType:
        """The table, and how to read it."""
        said = _("{check}: {person}. The same holds below a folder, where no other line says otherwise.")
        said = said.format(check=self.found.check, person=self.found.person)
        return Group(self.listing().screen(), Text(f"\n{said}", "bold"))


def _named(each: Named) -> Row:
    return {
        "path": each.path,
        "folder": each.folder,
        "owner": each.owner,
        "who": each.who,
        "sid": each.sid,
        "may": each.may,
        "deny": each.deny,
        "inherited": each.inherited,
        "people": each.people,
    }


def _flaw(row: Row) -> Text:
    flaw = Flaw(str(row["flaw"]))
    return Text(_(flaw.label), RED if flaw in GRAVE else CAREFUL)


def _style(_row: Row) -> str:
    return ""


def _may(row: Row) -> str:
    may = str(row["may"])
    said = _("owner") if may == "owner" else _(LABELS[may]) if may else ""
    return _("denied: {what}").format(what=said) if row.get("deny") else said


def _from(row: Row) -> str:
    return _("the folder above") if row["inherited"] else _("set here")


def _through(row: Row) -> Text:
    way = row["through"]
    if row["may"] == "none":
        return Text("")
    return Text(" → ".join(way)) if isinstance(way, list) and way else Text(_("named directly"), GOOD)
