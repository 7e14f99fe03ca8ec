"""A check is put on a timer, under its standard change, and taken off again; both are recorded."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING

from daicho.errors import DaichoError, Refused, UnknownObject
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.ledger.entry import Draft
from daicho.life.checking import OtherWork
from daicho.records.changes import change_record
from daicho.schedule import unit_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from daicho.records.changes import ChangeRecord
    from daicho.site import Site


class NotStandard(Refused):
    """Only what was agreed in advance may run by itself."""

    sentence = N_(
        "{change} is {kind}: a timer runs only under a standard change, which was agreed in advance."
    )


class NotWritten(DaichoError):
    """A file could not be put in its place."""

    sentence = N_("{path} could not be written: {why}. Run this as root, or name a folder with --to.")


def change_for(site: Site, work: str, change: str) -> ChangeRecord:
    """The standard change that a timer may run this work under.

    Raises:
        NotStandard, OtherWork: It is none.
    """
    record = change_record(site.ledger, change)
    if record.document.work != work:
        raise OtherWork(change=change, work=record.document.work, wanted=work)
    if record.document.kind != "standard":
        raise NotStandard(change=change, kind=_(record.document.kind))
    return record


def install(site: Site, work: str, change: str, files: Mapping[Path, str]) -> None:
    """Write the files and record them.

    Raises:
        NotAllowed: The acting person may not operate this work.
        NotWritten: A file could not be written; those before it are there.
    """
    by = site.actor_who_may("operate", work)
    site.ledger.append(
        Draft(
            kind="schedule.installed",
            of=change,
            by=by,
            body={
                "work": work,
                "files": {
                    str(path): f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
                    for path, text in files.items()
                },
            },
        )
    )
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o644)  # cron ignores files that others may write
        except OSError as error:
            raise NotWritten(path=str(path), why=error.strerror or str(error)) from error


def installed(work: str | None, folders: Mapping[str, Path]) -> list[Path]:
    """The files that are there, of one work or of all."""
    name = unit_name(work) if work else "daicho-*"
    found = []
    for folder in folders.values():
        with contextlib.suppress(OSError):
            found += sorted(
                path for path in folder.glob(f"{name}*") if path.suffix in {".service", ".timer", ""}
            )
    return found


def remove(site: Site, work: str, folders: Mapping[str, Path]) -> list[Path]:
    """Remove the files of a work and record it; what was removed.

    Raises:
        NotAllowed: The acting person may not operate this work.
        UnknownObject: There are none.
    """
    by = site.actor_who_may("operate", work)
    found = installed(work, folders)
    if not found:
        raise UnknownObject(kind=_("schedule"), name=work, listing="daicho schedule show")
    body = {"work": work, "files": [str(path) for path in found]}
    site.ledger.append(Draft(kind="schedule.removed", of=work, by=by, body=body))
    for path in found:
        try:
            path.unlink()
        except OSError as error:
            raise NotWritten(path=str(path), why=error.strerror or str(error)) from error
    return found
