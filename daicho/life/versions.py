"""Previous versions of files: which there are, and asking for one of them back."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.accounts.rules import DirectoryFile
from daicho.change import ChangeDocument
from daicho.clock import stamp
from daicho.credentials import Keys
from daicho.fileserver.connections import Connections
from daicho.fileserver.contents import Contents
from daicho.fileserver.policy import located
from daicho.fileserver.share_craft import account_of
from daicho.fileserver.wrong import Absent
from daicho.i18n import gettext as _
from daicho.i18n import ngettext
from daicho.life.checking import recorded
from daicho.life.requesting import request_change
from daicho.life.shares import NotLookedAt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from daicho.fileserver.contents import Seen
    from daicho.site import Site

WORK: Final = "restore_files"


@dataclass(frozen=True, kw_only=True)
class Version:
    """A file or folder at the moment of one version."""

    at: datetime
    seen: Seen | None
    """None: it was not there."""
    gone: Sequence[str] = ()
    """Of a folder: what it held and does not hold now."""


@dataclass(frozen=True, kw_only=True)
class Versions:
    """A file or folder, now and before."""

    check: str
    path: str
    now: Seen | None
    versions: Sequence[Version]
    """Newest first."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants back."""

    paths: Sequence[str]
    version: datetime | None
    """None: of each path the newest version that has it."""
    overwrite: bool
    reason: str


def look_versions(site: Site, path: str) -> Versions:
    """The previous versions of a file or folder, as a recorded check.

    Raises:
        NotAllowed: The acting person may not operate `restore_files`.
        NotLookedAt: The path is none of a share.
        FileServerError: The server refuses, or offers no previous versions.
    """
    with recorded(site, WORK, {"paths": [path]}) as (check, told):
        with _contents(site, path) as (contents, way):
            here = contents.seen(way)
            found = [_version(contents, way, at) for at in contents.versions()]
        told.update({"versions": sum(each.seen is not None for each in found)})
    return Versions(check=check, path=path, now=here, versions=found)


def request_restore(site: Site, wish: Wish) -> str:
    """Ask for files and folders to come back; the change.

    Raises:
        NotLookedAt: A path is none of a share, or in no version.
        DocumentError: The change cannot be asked for like this.
    """
    files = []
    for path in wish.paths:
        at = _chosen(site, path, wish.version)
        files.append({"path": path, "version": stamp(at), "overwrite": wish.overwrite})
    counted = ngettext("{count} comes back: {first}", "{count} come back: {first} …", len(files))
    document = ChangeDocument(
        work=WORK,
        title=counted.format(count=len(files), first=wish.paths[0].rpartition("/")[2]),
        reason=wish.reason,
        targets=({"kind": "share"},),
        inputs={"files": files},
    )
    return request_change(site, document)


def _chosen(site: Site, path: str, wanted: datetime | None) -> datetime:
    """The version of a moment, which people write to the minute; without one, the newest that has it."""
    with _contents(site, path) as (contents, way):
        for at in contents.versions():
            if wanted is None and contents.seen(way, at):
                return at
            if wanted is not None and at in {wanted, wanted.replace(second=at.second)}:
                return at
    if wanted is not None:
        raise NotLookedAt(path=path, why=_("there is no version of this moment; see `daicho share versions`"))
    raise NotLookedAt(path=path, why=_("no version has it; `daicho share versions` of its folder shows more"))


def _version(contents: Contents, way: str, at: datetime) -> Version:
    seen = contents.seen(way, at)
    if seen is None or not seen.folder:
        return Version(at=at, seen=seen)
    try:
        present = {each.name.casefold() for each in contents.children(way)}
    except Absent:
        present = set()
    was = contents.children(way, at)
    return Version(at=at, seen=seen, gone=[each.name for each in was if each.name.casefold() not in present])


@contextmanager
def _contents(site: Site, path: str) -> Iterator[tuple[Contents, str]]:
    server, share, way = located(path)
    if not server:
        raise NotLookedAt(path=path, why=_("write it like //fs1.example.jp/dept/folder"))
    rules = DirectoryFile.read(site.settings.site_inventory)
    account = account_of(Keys.of(site.settings).secret, rules)
    with Connections(account, rules.directory.addresses) as connections:
        yield Contents(connections.one(server, share)), way
