"""利用者の登録 (contract item オ-c): accounts for people who join or come back."""

from __future__ import annotations

from typing import Final

from daicho.i18n import N_
from daicho.works.personnel import PersonnelInputs
from daicho.works.work import Work


class OnboardUsers(PersonnelInputs):
    """Who joins or comes back."""


ONBOARD_USERS: Final = Work(
    name="onboard_users",
    title=N_("Make accounts for people who join or come back"),
    runner="script",
    craft="daicho.accounts.purposes:open_onboarding",
    items="daicho.accounts.purposes:items_of",
    inputs=OnboardUsers,
    kinds=frozenset({"user"}),
)
