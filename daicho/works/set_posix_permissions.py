"""ファイルサーバのアクセス権管理 (contract items オ-a, ア-f) on Linux file servers with POSIX lists."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.fileserver.posix import PosixFolder, PosixPolicy
from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class SetPosixPermissions(PosixPolicy, Inputs):
    """Which folders, and who may do what there."""

    folders: tuple[PosixFolder, ...] = Field(
        default=(), max_length=1000, description=N_("The folders, each with who may do what there.")
    )


SET_POSIX_PERMISSIONS: Final = Work(
    name="set_posix_permissions",
    title=N_("Set who may do what in folders of Linux file servers"),
    runner="ansible",
    inputs=SetPosixPermissions,
    kinds=frozenset({"server"}),
)
