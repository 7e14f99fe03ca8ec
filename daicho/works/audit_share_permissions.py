"""ファイルサーバのアクセス権の点検 (contract items オ-a, ア-f): who may do what, and what is worth a look."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.fileserver.policy import MOST_FOLDERS, FolderPath, FolderPolicy
from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class AuditSharePermissions(Inputs):
    """Which folders are looked at, and what they are held against."""

    paths: tuple[FolderPath, ...] = Field(
        default=(), max_length=500, description=N_("The folders that are looked at, with all below them.")
    )
    deepest: int = Field(
        default=3,
        ge=1,
        le=100,
        description=N_("Below so many folders of a share nothing should have entries of its own."),
    )
    folders: tuple[FolderPolicy, ...] = Field(
        default=(),
        max_length=MOST_FOLDERS,
        description=N_("The policy that the folders are held against."),
    )


AUDIT_SHARE_PERMISSIONS: Final = Work(
    name="audit_share_permissions",
    title=N_("Audit who may do what in folders of file servers"),
    runner="check",
    inputs=AuditSharePermissions,
    kinds=frozenset({"share"}),
    timed=False,
    command="daicho share audit",
)
