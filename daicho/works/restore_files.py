"""共有からの削除ファイルの復旧: files and folders come back from a previous version of their share."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.fileserver.version_policy import FileVersion, RestoreList
from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class RestoreFiles(RestoreList, Inputs):
    """What comes back, and from when."""

    files: tuple[FileVersion, ...] = Field(
        min_length=1,
        max_length=200,
        description=N_("The files and folders, each with the version that it comes back from."),
    )


RESTORE_FILES: Final = Work(
    name="restore_files",
    title=N_("Bring files and folders of file servers back from a previous version"),
    runner="script",
    craft="daicho.fileserver.restore_craft:open_restoring",
    items="daicho.fileserver.restore_craft:items_of",
    inputs=RestoreFiles,
    kinds=frozenset({"share"}),
)
