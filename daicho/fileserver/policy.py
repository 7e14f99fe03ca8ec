"""Who may do what in which folders, as people write it: the policy file of file servers. Pure."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from daicho.documents import Document
from daicho.fileserver import sddl
from daicho.fileserver.descriptors import CONTAINER, FULL, MODIFY, NO_FURTHER, OBJECT, ONLY_BELOW, READ
from daicho.fileserver.sids import NotReadable
from daicho.i18n import gettext as _

TRAVERSE: Final = 0x1200A0
WORDS: Final = {"full": FULL, "modify": MODIFY, "read": READ, "list": READ, "traverse": TRAVERSE}
"""What may be done, and the rights that it takes; `list` and `traverse` are of folders only."""
MOST_FOLDERS: Final = 5000
_OF_FOLDERS: Final = frozenset({"list", "traverse"})
_ANY_GENERIC: Final = 0xF0000000

type Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]
type May = Annotated[str, StringConstraints(pattern=r"^(full|modify|read|list|traverse|0x[0-9A-Fa-f]{1,8})$")]
type FolderPath = Annotated[str, StringConstraints(min_length=5, max_length=4000)]
type Text = Annotated[str, StringConstraints(max_length=200_000)]
type Owner = Annotated[str, StringConstraints(max_length=256)]
type Part = Literal["folder", "subfolders", "files"]


class Right(Document):
    """What one group or person may do in a folder, or may not."""

    who: Name
    """A group or a person by the logon name, a name that every server knows (Administrators), or a SID."""
    may: May
    """full, modify, read, list (see names, in folders only), traverse, or a mask like 0x1200a9."""
    deny: bool = False
    """Whether it is forbidden, which counts before all that is allowed."""
    on: tuple[Part, ...] = ("folder", "subfolders", "files")
    """What it counts for: this folder, the folders below, the files below."""
    no_further: bool = False
    """Whether only what is directly in the folder gets it."""

    @model_validator(mode="after")
    def _counts_for_something(self) -> Self:
        if not self.on or (self.may in _OF_FOLDERS and set(self.on) == {"files"}):
            raise ValueError(
                _("{may} for nothing means nothing; name folder, subfolders").format(may=self.may)
            )
        if self.mask & _ANY_GENERIC or not self.mask:
            said = _("{may} is no mask of file rights; write it without generic rights, like 0x1200a9")
            raise ValueError(said.format(may=self.may))
        return self

    @property
    def mask(self) -> int:
        """The rights as a number."""
        return WORDS[self.may] if self.may in WORDS else int(self.may, 16)

    @property
    def flags(self) -> int:
        """For whom it counts, as a number."""
        files = "files" in self.on and self.may not in _OF_FOLDERS
        below = (CONTAINER if "subfolders" in self.on else 0) | (OBJECT if files else 0)
        flags = below | (0 if "folder" in self.on else ONLY_BELOW)
        return flags | (NO_FURTHER if self.no_further and below else 0)


class FolderPolicy(Document):
    """Who may do what in one folder, and in what is below."""

    path: FolderPath
    """`//fs1.example.jp/dept/人事課`; a share's own folder is `//fs1.example.jp/dept`."""
    owner: Owner = ""
    """Whose it is; empty: whose it was."""
    inherits: bool = False
    """Whether the rights of the folder above count here too."""
    foreign: Literal["keep", "remove"] = "remove"
    """What becomes of entries of the folder itself for others than those named here."""
    below: Literal["follow", "replace", "leave"] = "follow"
    """Whether what is below keeps its own entries and its protection, loses them, or is not looked at."""
    lock_out: bool = False
    """Whether administrators, the backup or daicho itself may lose their access."""
    sddl: Text = ""
    """All of it as SDDL instead, where words do not reach; `daicho share import` writes it."""
    rights: tuple[Right, ...] = Field(default=(), max_length=500)
    """Who may do what."""

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        if not self.sddl and "rights" not in self.model_fields_set:
            raise ValueError(_("it does not say who may do what: rights is missing"))
        if self.sddl and (self.rights or self.owner or self.inherits):
            raise ValueError(_("sddl says everything: leave rights, owner and inherits out"))
        return self

    @field_validator("sddl")
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        try:
            return sddl.to_text(sddl.from_text(text)) if text else ""
        except NotReadable as error:
            raise ValueError(str(error)) from error

    @field_validator("path")
    @classmethod
    def _is_a_path(cls, path: str) -> str:
        server, share, below = located(path)
        if not server or any(part in {"", ".", ".."} for part in below.split("\\") if below):
            said = _("{path!r:.200} is no folder of a share; write it like //fs1.example.jp/dept/folder")
            raise ValueError(said.format(path=path))
        return spelled(server, share, below)

    @property
    def key(self) -> str:
        """What two spellings of the path have in common."""
        return self.path.casefold()


class SharePolicy(Document):
    """Who may do what in the folders of file servers."""

    folders: tuple[FolderPolicy, ...] = Field(min_length=1, max_length=MOST_FOLDERS)
    """The folders; what is not named here is not touched, but for what it inherits."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        seen = set[str]()
        for folder in self.folders:
            if folder.key in seen:
                raise ValueError(_("{path} is there twice").format(path=folder.path))
            seen.add(folder.key)
        return self

    @property
    def tops(self) -> dict[str, tuple[FolderPolicy, ...]]:
        """The folders that are below no other one here, each with itself and those below it."""
        found: dict[str, list[FolderPolicy]] = {}
        for folder in sorted(self.folders, key=lambda each: (each.path.count("/"), each.key)):
            steps = folder.path.split("/")
            above = ("/".join(steps[:count]).casefold() for count in range(4, len(steps)))
            top = next((each for each in above if each in found), folder.key)
            found.setdefault(top, []).append(folder)
        return {folders[0].path: tuple(folders) for folders in found.values()}


def located(path: str) -> tuple[str, str, str]:
    r"""Server, share, and the way below it as servers spell it (`人事課\給与`); empty: it is no such path."""
    text = path.replace("\\", "/")
    server, _slash, rest = text.removeprefix("//").partition("/")
    share, _slash, below = rest.rstrip("/").partition("/")
    if not text.startswith("//") or not server or not share or ":" in text or "*" in text or "?" in text:
        return "", "", ""
    return server, share, below.replace("/", "\\")


def spelled(server: str, share: str, below: str) -> str:
    """The path as it stands in tables and keys: with slashes, without one at the end."""
    return "/".join(filter(None, [f"//{server}", share, below.replace("\\", "/")]))
