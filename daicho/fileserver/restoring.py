"""What bringing back files and folders of a previous version would do, and doing it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daicho.craft import Trouble
from daicho.fileserver import sddl
from daicho.fileserver.inheritance import following
from daicho.fileserver.walk import put
from daicho.fileserver.wrong import Absent
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from datetime import datetime

    from daicho.fileserver.contents import Contents, Seen
    from daicho.fileserver.descriptors import Descriptor
    from daicho.fileserver.share import Share
    from daicho.plan import Scalar

FILE: Final = "file:"
FOLDER: Final = "folder:"
RIGHTS: Final = "rights:"
THERE: Final = "there"
MOST: Final = 2000
"""So many files and folders one target may bring back: each stands in the plan."""


@dataclass(kw_only=True)
class Return:
    """What is to come back."""

    before: dict[str, Scalar] = field(default_factory=dict)
    after: dict[str, Scalar] = field(default_factory=dict)
    files: int = 0
    size: int = 0
    unlike: list[str] = field(default_factory=list)
    """Files that are there with another content, which stay or, if it is meant, are lost."""
    links: int = 0


class Past:
    """One share at the moment of a version, beside the share as it is."""

    def __init__(self, share: Share, contents: Contents, at: datetime) -> None:
        """Look at this version."""
        self._share = share
        self._contents = contents
        self.at = at
        """Which version."""
        self._granted: dict[str, Descriptor] = {}

    @property
    def whole(self) -> str:
        """The state of a folder that is there with everything that it held."""
        return f"with everything as of {self.at:%Y-%m-%dT%H:%M:%SZ}"

    def wanted(self, way: str, *, overwrite: bool) -> Return:
        """What has to come back so that a file or folder is what it was.

        Raises:
            Trouble: It was not there, or the folder that held it is not there now.
            FileServerError: It cannot be read.
        """
        parent = way.rpartition("\\")[0]
        if parent and self._contents.seen(parent) is None:
            why = _("the folder {path} is not there any more: bring that back")
            raise Trouble(why=why.format(path=shown(parent)))
        was = self._contents.seen(way, self.at)
        if was is None:
            raise Trouble(why=_("it is not in this version"))
        if was.link:
            raise Trouble(why=_("it is a link to another place, which is not followed"))
        found = Return()
        if was.folder:
            self._folder(way, found, overwrite=overwrite)
        else:
            self._file(way, was, found, overwrite=overwrite)
        return found

    def _file(self, way: str, was: Seen, found: Return, *, overwrite: bool) -> None:
        becomes = self.file_state(way, self.at)
        present = self.file_state(way)
        if present == becomes:
            return
        if present is not None:
            found.unlike.append(way)
            if not overwrite:
                return
        self._bound(found)
        found.files += 1
        found.size += was.size
        found.before[FILE + shown(way)], found.after[FILE + shown(way)] = present, becomes
        self._with_rights(way, found, folder=False, always=present is not None)

    def _folder(self, way: str, found: Return, *, overwrite: bool) -> None:
        children = self._contents.children(way, self.at)
        missing = self._contents.seen(way) is None
        if missing:
            self._bound(found)
            whole = not self._readable(way, children)
            key = FOLDER + shown(way)
            found.before[key], found.after[key] = None, self.whole if whole else THERE
            self._with_rights(way, found, folder=True, always=True)
            if whole:
                return
        for child in children:
            below = f"{way}\\{child.name}"
            if child.link:
                found.links += 1
            elif child.folder:
                self._folder(below, found, overwrite=overwrite)
            else:
                self._file(below, child, found, overwrite=overwrite)

    def _readable(self, way: str, children: list[Seen]) -> bool:
        """Whether what a folder held can be read before it is there again.

        Samba 4.17 finds a name in a version only if the folder above it is there now, too.
        """
        return not children or self._contents.seen(f"{way}\\{children[0].name}", self.at) is not None

    def _with_rights(self, way: str, found: Return, *, folder: bool, always: bool) -> None:
        rights = self.rights(way, folder=folder)
        if always or rights.protected or rights.null or not all(each.inherited for each in rights.entries):
            found.before[RIGHTS + shown(way)] = self.rights_state(way)
            found.after[RIGHTS + shown(way)] = sddl.to_text(rights)

    def rights(self, way: str, *, folder: bool) -> Descriptor:
        """The rights that something had; what it inherits is what the folder above passes on today."""
        rights = self._contents.rights(way, self.at)
        parent = way.rpartition("\\")[0]
        if rights.marked and not rights.protected and not rights.null:
            above = self._granted.get(parent.casefold()) or self._share.rights(parent)
            rights = following(rights, above.entries if above else (), folder=folder)
        if folder:
            self._granted[way.casefold()] = rights
        return rights

    def file_state(self, way: str, at: datetime | None = None) -> str | None:
        """`1204 bytes, sha256:…`; None: it is not there."""
        seen = self._contents.seen(way, at)
        if seen is None or seen.folder:
            return None
        return f"{seen.size} bytes, sha256:{self._contents.digest(way, at)}"

    def folder_state(self, way: str, wish: object) -> str | None:
        """Whether a folder is there, or there with everything if that is what is wished for."""
        seen = self._contents.seen(way)
        if seen is None:
            return None
        return self.whole if wish == self.whole and not self._lacking(way) else THERE

    def rights_state(self, way: str) -> str | None:
        """The rights now, as SDDL; None: it is not there."""
        rights = self._share.rights(way)
        return sddl.to_text(rights) if rights else None

    def _lacking(self, way: str) -> bool:
        """Whether a folder lacks something that it held."""
        for child in self._contents.children(way, self.at):
            below = f"{way}\\{child.name}"
            if child.link:
                continue
            if child.folder:
                if self._contents.seen(below) is None or self._lacking(below):
                    return True
            elif self.file_state(below) != self.file_state(below, self.at):
                return True
        return False

    def bring_file(self, way: str, *, replace: bool) -> None:
        """Bring one file back."""
        self._contents.bring_back(way, self.at, aside(way), replace=replace)

    def bring_folder(self, way: str) -> None:
        """Bring a folder back with everything in it; what is there already stays."""
        self._share.make(way)
        self._grant(way, folder=True)
        for child in self._contents.children(way, self.at):
            below = f"{way}\\{child.name}"
            if child.link:
                continue
            if child.folder:
                self.bring_folder(below)
            elif self._contents.seen(below) is None:
                self.bring_file(below, replace=False)
                self._grant(below, folder=False)

    def _grant(self, way: str, *, folder: bool) -> None:
        self.give(way, self.rights(way, folder=folder))

    def give(self, way: str, rights: Descriptor) -> None:
        """Give something that came back its rights."""
        present = self._share.rights(way)
        if present is None:
            raise Absent(server=self._share.server, path=way, why=_("there is no such file or folder"))
        if present != rights:
            put(self._share, way, present, rights)

    def untouched(self, way: str) -> None:
        """See that a folder holds nothing but what came back.

        Raises:
            Trouble: It holds something else now.
        """
        was = {child.name.casefold(): child for child in self._contents.children(way, self.at)}
        for child in self._contents.children(way):
            below = f"{way}\\{child.name}"
            known = was.get(child.name.casefold())
            if known and child.folder and known.folder:
                self.untouched(below)
            elif not known or self.file_state(below) != self.file_state(below, self.at):
                self.refuse(below)

    def refuse(self, way: str) -> None:
        """Something is not to be taken away.

        Raises:
            Trouble: Always.
        """
        why = _("{path} has come or changed since it was restored; it is not taken away")
        raise Trouble(why=why.format(path=shown(way)))

    def remove_folder(self, way: str) -> None:
        """Take a folder away that came back with everything in it.

        Raises:
            Trouble: It holds something else now.
        """
        self.untouched(way)
        for child in self._contents.children(way):
            below = f"{way}\\{child.name}"
            if child.folder:
                self.remove_folder(below)
            else:
                self._contents.remove(below, folder=False)
        self._contents.remove(way, folder=True)

    def _bound(self, found: Return) -> None:
        if len(found.after) >= MOST:
            why = _("more than {most} files and folders would come back: name the folders in it one by one")
            raise Trouble(why=why.format(most=MOST))


def shown(way: str) -> str:
    """The way below the share as keys and people have it."""
    return way.replace("\\", "/")


def way_of(key: str) -> str:
    """The way that a key of a state is about."""
    return key.partition(":")[2].replace("/", "\\")


def aside(way: str) -> str:
    """Where a file is written before it gets its name: always the same, so that nothing is left behind."""
    parent = way.rpartition("\\")[0]
    name = f"~daicho-{hashlib.sha256(way.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}.tmp"
    return f"{parent}\\{name}" if parent else name
