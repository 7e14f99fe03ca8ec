"""Which files and folders come back, and from when, as people write it. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Self

from pydantic import AwareDatetime, Field, field_validator, model_validator

from daicho.documents import Document
from daicho.fileserver.policy import FolderPath, located, spelled
from daicho.i18n import gettext as _


class FileVersion(Document):
    """One file or folder, and the version that it comes back from."""

    path: FolderPath
    """`//fs1.example.jp/dept/人事課/名簿.xlsx`: a file, or a folder with everything below."""
    version: AwareDatetime
    """The moment of the version, as `daicho share versions` shows it."""
    overwrite: bool = False
    """Whether a file that is there now with another content is lost."""

    @field_validator("path")
    @classmethod
    def _is_a_path(cls, path: str) -> str:
        server, share, below = located(path)
        if not below or any(part in {"", ".", ".."} for part in below.split("\\")):
            said = _("{path!r:.200} is no file of a share; write it like //fs1.example.jp/dept/folder/file")
            raise ValueError(said.format(path=path))
        return spelled(server, share, below)

    @field_validator("version")
    @classmethod
    def _in_utc(cls, version: datetime) -> datetime:
        return version.astimezone(UTC)


class RestoreList(Document):
    """What comes back."""

    files: tuple[FileVersion, ...] = Field(min_length=1, max_length=200)
    """The files and folders."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        seen: list[str] = []
        for each in sorted(self.files, key=lambda file: file.path.casefold()):
            key = each.path.casefold() + "/"
            if any(key.startswith(above) for above in seen):
                raise ValueError(_("{path} is there twice").format(path=each.path))
            seen.append(key)
        return self
