"""Where an engine works: the run's folder, the private copy of the content, the door's room."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from daicho.code import copy_code
from daicho.credentials import Keys, issue
from daicho.errors import LedgerUnwritable
from daicho.i18n import N_
from daicho.ledger.database import unwritable
from daicho.ledger.entry import Draft
from daicho.life.orphans import Occupied, occupied
from daicho.network.kept import LEFT
from daicho.runners.job import Job
from daicho.runners.leftovers import door_room
from daicho.works import work_named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daicho.code import Code
    from daicho.records.changes import ChangeRecord
    from daicho.site import Site


class NoPlace(LedgerUnwritable):
    """The folder of a run cannot be made or filled."""

    sentence = N_("{path} cannot be written ({why}). Nothing was started. {remedy}")


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """One engine's place, gone when the work is over; its log stays in the folder."""

    site: Site
    name: str
    """What the credentials are made out to: `R7`, or `C7-plan`."""
    folder: Path
    room: Path
    code: Code
    lock: int
    """The open lock on the folder."""

    def release(self) -> None:
        """Make the SSH certificate of this run."""
        issue(Keys.of(self.site.settings).ssh_ca, self.name, self.room)

    def secret(self, name: str) -> str:
        """A secret that the engine may have while this place exists."""
        return Keys.of(self.site.settings).secret(name)

    def job(self, record: ChangeRecord, *, check: bool, targets: int) -> Job:
        """The start of a change's engine here."""
        return Job(
            work=work_named(record.document.work),
            inputs=record.inputs,
            undo=record.document.undo_of is not None,
            code=self.folder / "code",
            folder=self.folder,
            room=self.room,
            check=check,
            forks=max(1, min(targets, 10 * (os.cpu_count() or 1))),
            known_hosts=self.site.settings.known_hosts,
            lock=self.lock,
            language=self.site.settings.language,
        )


@contextmanager
def workplace(site: Site, name: str) -> Iterator[Workplace]:
    """A place for one engine: the content is copied and its digest taken of the copy.

    Raises:
        Occupied: Another process, or an engine that outlived its launcher, is at the same work.
        NoPlace: The disk does not take it; nothing was started.
        UnsafeContent: The content holds a link.
    """
    folder = site.settings.runs / name
    with ExitStack() as made:
        try:
            _sweep(site.settings.runs)
            lock = made.enter_context(occupied(folder))
            for part in ("code", LEFT):
                made.callback(shutil.rmtree, folder / part, ignore_errors=True)
            code = copy_code(site.settings, folder / "code")
            room = made.enter_context(door_room())
        except OSError as error:
            raise NoPlace(None, **unwritable(folder, error).facts) from error
        yield Workplace(site=site, name=name, folder=folder, room=room, code=code, lock=lock)


def _sweep(runs: Path) -> None:
    """Remove the copies of the content, and of configurations, that killed launchers left."""
    for code in runs.glob("*/code"):
        with contextlib.suppress(Occupied), occupied(code.parent):
            for part in ("code", LEFT):
                shutil.rmtree(code.with_name(part), ignore_errors=True)


def code_drafts(site: Site, code: Code, by: str) -> list[Draft]:
    """The entry that names every file of this content, if none does yet."""
    if next(site.ledger.entries(of=code.digest, kind="code.seen", limit=1), None):
        return []
    body: dict[str, object] = {"files": dict(code.files), "versions": versions()}
    return [Draft(kind="code.seen", of=code.digest, by=by, body=body)]


def seen_files(site: Site, digest: str) -> dict[str, str]:
    """The files of a content that was seen before."""
    entry = next(site.ledger.entries(of=digest, kind="code.seen", limit=1), None)
    return dict(entry.body["files"]) if entry else {}


def versions() -> dict[str, str]:
    """What the content runs on."""
    return {
        "python": platform.python_version(),
        "daicho": version("daicho"),
        "ansible-core": version("ansible-core"),
    }
