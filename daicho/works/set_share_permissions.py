"""ファイルサーバのアクセス権管理 (contract items オ-a, ア-f): who may do what in which folders."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.fileserver.policy import FolderPolicy, SharePolicy
from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class SetSharePermissions(SharePolicy, Inputs):
    """Which folders, and who may do what there."""

    folders: tuple[FolderPolicy, ...] = Field(
        min_length=1, max_length=5000, description=N_("The folders, each with who may do what there.")
    )


SET_SHARE_PERMISSIONS: Final = Work(
    name="set_share_permissions",
    title=N_("Set who may do what in folders of file servers"),
    runner="script",
    craft="daicho.fileserver.share_craft:open_craft",
    items="daicho.fileserver.share_craft:items_of",
    inputs=SetSharePermissions,
    kinds=frozenset({"share"}),
)
