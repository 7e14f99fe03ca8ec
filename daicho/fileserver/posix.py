"""The policy of folders where servers keep POSIX lists: the same words, as far as they mean something. Pure.

What such a list cannot say is refused with the reason, never approximated.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from daicho.documents import Document
from daicho.fileserver.policy import May, Name, Owner, Part
from daicho.i18n import N_
from daicho.i18n import gettext as _

_ROOT: Final = frozenset({"administrators", "system", "backup operators", "domain admins", "root"})

_UNSAYABLE: Final = (
    N_("{who} may do everything on a Linux server anyhow: leave it out"),
    N_("{who} is a SID, which this server does not know; write the name"),
    N_("only the owner may change rights here: write modify, and owner: {who} if that is meant"),
    N_("{may} is a mask of Windows; write modify, read, list or traverse"),
    N_("a list of this kind cannot forbid {who} what another group allows: leave {who} out"),
    N_("what is made below passes on all that it got; no_further cannot be kept"),
    N_("what is for subfolders is for files, too: write on: [folder], or all three with modify or read"),
)

type LocalPath = Annotated[str, StringConstraints(min_length=2, max_length=4000, pattern=r"^/")]


class PosixRight(Document):
    """What one group or person of a Linux server may do in a folder."""

    who: Name
    """A group or a person as the server knows them; `user:NAME` where both are called so; Everyone."""
    may: May
    """modify, read, list or traverse; what else a policy says is refused with the reason."""
    deny: bool = False
    """Refused: a list of this kind cannot forbid what another group allows."""
    on: tuple[Part, ...] = ("folder", "subfolders", "files")
    """This folder, or all that is made below; subfolders and files go together."""
    no_further: bool = False
    """Refused: what is made below passes on all that it got."""

    @model_validator(mode="after")
    def _can_be_said(self) -> Self:
        if said := self._unsayable():
            raise ValueError(said.format(who=self.who, may=self.may))
        return self

    def _unsayable(self) -> str:
        below = {"subfolders", "files"} & set(self.on)
        halves = not self.on or len(below) == 1 or bool(below and self.may in {"list", "traverse"})
        windows = (self.may == "full", self.may.startswith("0x"), self.deny, self.no_further)
        cases = (self._is_root, self._is_sid, *windows, halves)
        return next((_(said) for said, so in zip(_UNSAYABLE, cases, strict=True) if so), "")

    @property
    def _is_root(self) -> bool:
        return self.who.casefold() in _ROOT

    @property
    def _is_sid(self) -> bool:
        return self.who[:4].casefold() == "s-1-"


class PosixFolder(Document):
    """Who may do what in one folder of a Linux server."""

    path: LocalPath
    """The folder on the server: `/srv/dept/人事課`."""
    owner: Owner = ""
    """Whose it is; empty: whose it was."""
    inherits: bool = False
    """Refused: a list of this kind takes what is above only when a file is made."""
    foreign: Literal["keep", "remove"] = "remove"
    """What becomes of entries for others than those named here."""
    below: Literal["leave", "replace", "follow"] = "leave"
    """Whether what is there already is left alone or gets the same rights; follow is refused."""
    rights: tuple[PosixRight, ...] = Field(max_length=500)
    """Who may do what."""

    @field_validator("path")
    @classmethod
    def _is_a_path(cls, path: str) -> str:
        if any(part in {".", ".."} for part in path.split("/")) or not path.strip("/"):
            said = _("{path!r:.200} is no folder of its own; write it like /srv/dept/folder")
            raise ValueError(said.format(path=path))
        return "/" + "/".join(filter(None, path.split("/")))

    @model_validator(mode="after")
    def _can_be_said(self) -> Self:
        if self.inherits:
            raise ValueError(
                _("a list of this kind takes what is above only when a file is made: leave inherits out")
            )
        if self.below == "follow":
            raise ValueError(
                _("a list of this kind does not tell what was inherited: write below: replace or leave")
            )
        names = [right.who.casefold() for right in self.rights]
        twice = next((name for name in names if names.count(name) > 1), "")
        if twice:
            raise ValueError(_("{who} is there twice").format(who=twice))
        return self


class PosixPolicy(Document):
    """Who may do what in the folders of Linux servers."""

    folders: tuple[PosixFolder, ...] = Field(min_length=1, max_length=1000)
    """The folders; the same on every target."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        paths = [folder.path for folder in self.folders]
        if twice := next((path for path in paths if paths.count(path) > 1), ""):
            raise ValueError(_("{path} is there twice").format(path=twice))
        return self
