"""管理者パスワードの変更: every machine its own administrator's password, in the escrow."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class RotateAdminPasswords(Inputs):
    """Whose password, and how many at once."""

    account: Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\s:/\\\-][^\s:/\\]*$|^$")] = Field(
        default="",
        description=N_(
            "The local account; empty: the built-in administrator of Windows (its SID ends in -500), "
            "`root` on Linux."
        ),
    )
    at_once: int = Field(
        default=20,
        ge=1,
        le=200,
        description=N_(
            "How many machines are changed at once; 1: the next is begun when the new password of the one "
            "before has been proven."
        ),
    )


ROTATE_ADMIN_PASSWORDS: Final = Work(
    name="rotate_admin_passwords",
    title=N_("Give every machine a new administrator's password, kept sealed"),
    runner="script",
    craft="daicho.endpoints.admin_craft:open_craft",
    context="daicho.endpoints.places:one_each",
    inputs=RotateAdminPasswords,
    kinds=frozenset({"endpoint", "server"}),
)
