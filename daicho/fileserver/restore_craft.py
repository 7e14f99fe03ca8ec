"""The craft of `restore_files`: files and folders come back from a previous version of their share."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daicho.accounts.rules import DirectoryFile
from daicho.craft import Trouble, Unreachable
from daicho.documents import judge
from daicho.door import Intention
from daicho.fileserver import sddl
from daicho.fileserver.connections import Connections
from daicho.fileserver.contents import Contents
from daicho.fileserver.policy import located
from daicho.fileserver.restoring import FILE, FOLDER, RIGHTS, Past, Return, shown, way_of
from daicho.fileserver.share_craft import account_of
from daicho.fileserver.sids import NotReadable
from daicho.fileserver.version_policy import RestoreList
from daicho.fileserver.wrong import FileServerError
from daicho.i18n import gettext as _
from daicho.i18n import ngettext
from daicho.items.item import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daicho.craft import Begin, Bench, Craft, Target
    from daicho.fileserver.version_policy import FileVersion
    from daicho.plan import Scalar, TargetState

_SHOWN = 5


def items_of(inputs: Mapping[str, object]) -> list[Item]:
    """One item per file or folder that comes back."""
    return [Item(each.path, "share", located(each.path)[0]) for each in _list(inputs).files]


@contextmanager
def open_restoring(bench: Bench) -> Iterator[Craft]:
    """The craft of `restore_files`."""
    rules = DirectoryFile.read(bench.content / "site")
    with Connections(account_of(bench.secret, rules), rules.directory.addresses) as connections:
        files = {each.path: each for each in _list(bench.inputs).files}
        yield RestoreCraft(files=files, connections=connections)


def _list(inputs: Mapping[str, object]) -> RestoreList:
    return judge(RestoreList, dict(inputs), "inputs")


@dataclass(frozen=True, kw_only=True)
class RestoreCraft:
    """Rehearses and carries out what is to come back."""

    files: Mapping[str, FileVersion]
    """By target."""
    connections: Connections

    def rehearse(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        """What would come back for each target."""
        for target in targets:
            try:
                yield target.name, self._rehearsed(target)
            except (FileServerError, NotReadable, Trouble) as error:
                yield target.name, _trouble(error)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterator[tuple[str, TargetState | Trouble]]:
        """Bring back what was approved."""
        for target in targets:
            wishes = target.wanted or {}
            try:
                past = self._past(target.name)
                if not begin(target.name, _present(past, wishes)):
                    continue
                self._carried_out(target.name, past, wishes)
                yield target.name, _present(past, wishes)
            except (FileServerError, NotReadable, Trouble) as error:
                yield target.name, _trouble(error)

    def _past(self, name: str) -> Past:
        server, share, _way = located(name)
        opened = self.connections.one(server, share)
        return Past(opened, Contents(opened), self.files[name].version)

    def _rehearsed(self, target: Target) -> Intention:
        server, share, way = located(target.name)
        version = self.files[target.name]
        past = self._past(target.name)
        if target.wanted is not None:
            return _back(target.name, past, target.wanted)
        contents = Contents(self.connections.one(server, share))
        kept = contents.versions()
        if version.version not in kept:
            listed = ", ".join(f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in kept[:_SHOWN]) or _("none")
            why = _("the server keeps no version of {moment}; it keeps {listed}")
            raise Trouble(why=why.format(moment=f"{version.version:%Y-%m-%dT%H:%M:%SZ}", listed=listed))
        found = past.wanted(way, overwrite=version.overwrite)
        if found.unlike and not version.overwrite and not found.after:
            why = _("it is there now, with another content; write overwrite: true if that is to be lost")
            raise Trouble(why=why)
        lost = _lost(found) if version.overwrite else ""
        return Intention(
            target=target.name,
            before=found.before,
            after=found.after,
            inverse=None if lost else found.before,
            irreversible=lost,
            notes=tuple(_notes(found, overwrite=version.overwrite)),
        )

    def _carried_out(self, name: str, past: Past, wishes: TargetState) -> None:
        server, share, _way = located(name)
        opened = self.connections.one(server, share)
        for key in sorted(wishes, key=lambda each: each.count("/")):
            way, wish = way_of(key), wishes[key]
            if key.startswith(FOLDER) and wish == past.whole:
                past.bring_folder(way)
            elif key.startswith(FOLDER) and wish is not None:
                opened.make(way)
            elif key.startswith(FILE) and wish is not None and past.file_state(way) != wish:
                past.bring_file(way, replace=self.files[name].overwrite)
        for key, wish in wishes.items():
            if key.startswith(RIGHTS) and wish is not None:
                past.give(way_of(key), sddl.from_text(str(wish)))
        _taken_away(past, Contents(opened), wishes)


def _taken_away(past: Past, contents: Contents, wishes: TargetState) -> None:
    """What an undo wants gone: what is deepest first."""
    for key in sorted(wishes, key=lambda each: -each.count("/")):
        if wishes[key] is not None:
            continue
        if key.startswith(FILE):
            contents.remove(way_of(key), folder=False)
        elif key.startswith(FOLDER) and contents.seen(way_of(key)):
            past.remove_folder(way_of(key))


def _back(name: str, past: Past, wishes: TargetState) -> Intention:
    """What taking a restoration back would do.

    Raises:
        Trouble: A file has been changed since it came back.
    """
    present = _present(past, wishes)
    for key, wish in wishes.items():
        if wish is not None or present[key] is None:
            continue
        way = way_of(key)
        if key.startswith(FILE) and present[key] != past.file_state(way, past.at):
            past.refuse(way)
        elif key.startswith(FOLDER):
            past.untouched(way)
    return Intention(target=name, before=present, after=wishes, inverse=present)


def _present(past: Past, wishes: TargetState) -> dict[str, Scalar]:
    """The state now, in the keys that are wished for."""
    found: dict[str, Scalar] = {}
    for key, wish in wishes.items():
        way = way_of(key)
        if key.startswith(FILE):
            found[key] = past.file_state(way)
        elif key.startswith(FOLDER):
            found[key] = past.folder_state(way, wish)
        elif key.startswith(RIGHTS):
            found[key] = past.rights_state(way)
    return found


def _notes(found: Return, *, overwrite: bool) -> Iterator[str]:
    if found.files:
        said = ngettext(
            "{count} file comes back, {size} bytes.", "{count} files come back, {size} bytes.", found.files
        )
        yield said.format(count=found.files, size=f"{found.size:,}")
    if any(each for each in found.after.values() if str(each).startswith("with everything")):
        yield _("What the folder held can be read only once it is there again: it comes back with all of it.")
    if found.unlike and not overwrite:
        names = ", ".join(map(shown, found.unlike[:_SHOWN])) + (" …" if len(found.unlike) > _SHOWN else "")
        said = ngettext(
            "{count} file is there with another content and stays as it is: {names}",
            "{count} files are there with another content and stay as they are: {names}",
            len(found.unlike),
        )
        yield said.format(count=len(found.unlike), names=names)
    if found.links:
        yield _("{count} links are not followed.").format(count=found.links)


def _lost(found: Return) -> str:
    """What cannot be taken back."""
    if not found.unlike:
        return ""
    said = ngettext(
        "The present content of {count} file is lost, for it is kept nowhere.",
        "The present content of {count} files is lost, for it is kept nowhere.",
        len(found.unlike),
    )
    return said.format(count=len(found.unlike))


def _trouble(error: FileServerError | NotReadable | Trouble) -> Trouble:
    if isinstance(error, Trouble):
        return error
    away = isinstance(error, FileServerError) and error.unreachable
    return Unreachable(why=str(error)) if away else Trouble(why=str(error))
