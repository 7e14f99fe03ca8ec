"""ドメイン利用者の一覧: who has an account, and which accounts are worth a look."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class ListUsers(Inputs):
    """From when on an account is worth a look."""

    stale_days: int = Field(
        default=90,
        ge=15,
        le=3660,
        description=N_("Days without a logon after which an account counts as not used for long."),
    )
    expiring_days: int = Field(
        default=30, ge=1, le=366, description=N_("Days before its end in which an account ends soon.")
    )


LIST_USERS: Final = Work(
    name="list_users",
    title=N_("List the users of the domain and what is worth a look about them"),
    runner="check",
    inputs=ListUsers,
    kinds=frozenset({"user"}),
    timed=False,
    command="daicho people list",
)
