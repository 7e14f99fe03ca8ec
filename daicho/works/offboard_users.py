"""利用者の削除 (contract item オ-c): accounts of people who leave are closed and put aside, never deleted."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.i18n import N_
from daicho.works.personnel import PersonnelInputs
from daicho.works.work import Work


class OffboardUsers(PersonnelInputs):
    """Who leaves."""

    end_sessions: bool = Field(
        default=True,
        description=N_(
            "Whether the password becomes one that nobody knows, so that open sessions get no new tickets."
        ),
    )


OFFBOARD_USERS: Final = Work(
    name="offboard_users",
    title=N_("Close the accounts of people who leave and put them aside"),
    runner="script",
    craft="daicho.accounts.purposes:open_offboarding",
    items="daicho.accounts.purposes:items_of",
    inputs=OffboardUsers,
    kinds=frozenset({"user"}),
)
