"""Personnel's file becomes the changes that are due: one per work, each with its own rows."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from daicho.accounts.forecast import Forecast, forecast
from daicho.accounts.purposes import ACTS
from daicho.accounts.rows import kept
from daicho.accounts.rules import DirectoryFile
from daicho.change import ChangeDocument
from daicho.i18n import gettext as _
from daicho.i18n import ngettext
from daicho.items.reading import bytes_of
from daicho.life.directories import looking
from daicho.life.requesting import request_change
from daicho.people.movement import Kind
from daicho.people.reading import Reading, movements_from
from daicho.records.changes import change_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from daicho.people.movement import Movement
    from daicho.site import Site

_WAITING: Final = "SELECT id FROM change WHERE state IN ('draft', 'planned', 'approved') ORDER BY number"


@dataclass(frozen=True, kw_only=True)
class PersonnelFile:
    """A file of personnel's, and how it is to be taken."""

    path: Path
    on: date | None = None
    """The day that counts as today; None: today."""
    how: Reading = field(default_factory=Reading)
    ticket: str = ""
    only: tuple[str, ...] = tuple(ACTS)
    """Only these works."""
    end_sessions: bool = True


@dataclass(frozen=True, kw_only=True)
class Requested:
    """The changes that came of a file."""

    forecast: Forecast
    changes: Mapping[str, str]
    """Work → change."""


def look_ahead(site: Site, file: PersonnelFile) -> Forecast:
    """What a file means for everybody in it, now and later; nothing is requested.

    Raises:
        UnreadableFile: It is no table.
        ItemsUnusable: Rows have problems, in themselves or against the directory; all are named.
        DirectoryError: The directory cannot be asked.
    """
    day = file.on or datetime.now(UTC).astimezone(site.policy.zone).date()
    data = bytes_of(file.path)
    people = DirectoryFile.read(site.settings.site_inventory).people
    rows = movements_from(data, file.path.name, people, file.how)
    with looking(site) as desk:
        seen = partial(_with_old_sections, before=_sections_left(site))
        return forecast(desk, rows, day, file.path.name, seen)


def request_people(site: Site, file: PersonnelFile, found: Forecast | None = None) -> Requested:
    """Ask for one change for each work that has something due.

    Raises:
        NotAllowed: The policy does not let the acting person request one of them; none is requested then.
        See `look_ahead` for the rest.
    """
    found = found or look_ahead(site, file)
    works = [work for work in found.works if work in file.only]
    for work in works:
        site.actor_who_may("request", work)
    digest = _digest(file)
    changes = {work: request_change(site, _document(file, found, work, digest)) for work in works}
    return Requested(forecast=found, changes=changes)


def asked_before(site: Site, file: PersonnelFile) -> list[str]:
    """The changes that came of just this file and have not been carried out yet."""
    digest = _digest(file)
    waiting = site.ledger.query(_WAITING)
    return [row["id"] for row in waiting if digest in change_record(site.ledger, row["id"]).document.reason]


def _digest(file: PersonnelFile) -> str:
    return hashlib.sha256(bytes_of(file.path)).hexdigest()


def _document(file: PersonnelFile, found: Forecast, work: str, digest: str) -> ChangeDocument:
    people = found.works[work]
    inputs: dict[str, object] = {"as_of": found.day.isoformat(), "rows": kept(found.rows_of(people))}
    if work == "offboard_users":
        inputs["end_sessions"] = file.end_sessions
    reason = _("Personnel's file {name}, SHA-256 {digest}").format(name=file.path.name, digest=digest)
    return ChangeDocument(
        work=work,
        title=f"{found.day}: {_counted(work, len(people))}",
        reason=reason,
        ticket=file.ticket,
        targets=({"kind": "user"},),
        inputs=inputs,
    )


def _counted(work: str, count: int) -> str:
    said = {
        "onboard_users": ngettext("{count} person joins", "{count} people join", count),
        "transfer_users": ngettext("{count} person moves", "{count} people move", count),
        "offboard_users": ngettext("{count} person leaves", "{count} people leave", count),
    }[work]
    return said.format(count=count)


def _sections_left(site: Site) -> Mapping[str, str]:
    """Employee number → the section that the last recorded move led away from."""
    found: dict[str, str] = {}
    for entry in site.ledger.entries(kind="change.requested"):
        if entry.body["document"].get("work") != "transfer_users":
            continue
        for row in entry.body["inputs"]["rows"]:
            if row.get("old_section"):
                found[row["number"]] = row["old_section"]
    return found


def _with_old_sections(
    rows: Iterable[Movement], sections: Mapping[str, str], *, before: Mapping[str, str]
) -> list[Movement]:
    """Rows with the section that is left, which a file need not say: it is known from the directory now,
    and from the record once the move is done.
    """
    at: dict[str, str] = defaultdict(str, sections)
    found: list[Movement] = []
    for row in sorted(rows, key=lambda each: each.effective):
        each = row
        if (row.kind is Kind.MOVE or row.inferred) and row.section and not row.old_section:
            old = at[row.number]
            old = before.get(row.number, "") if old == row.section else old
            each = replace(row, old_section=old)
        if row.kind in {Kind.JOIN, Kind.REHIRE, Kind.MOVE} and row.section:
            at[row.number] = row.section
        found.append(each)
    order = {row.place: number for number, row in enumerate(rows)}
    return sorted(found, key=lambda each: order[each.place])
