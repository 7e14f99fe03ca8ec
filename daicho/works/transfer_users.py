"""利用者の登録変更 (contract item オ-c): accounts follow their owners to another section (人事異動)."""

from __future__ import annotations

from typing import Final

from daicho.i18n import N_
from daicho.works.personnel import PersonnelInputs
from daicho.works.work import Work


class TransferUsers(PersonnelInputs):
    """Who moves, is assigned, renamed or extended, or whose hand-over is over."""


TRANSFER_USERS: Final = Work(
    name="transfer_users",
    title=N_("Move people's accounts to their new sections"),
    runner="script",
    craft="daicho.accounts.purposes:open_transfer",
    items="daicho.accounts.purposes:items_of",
    inputs=TransferUsers,
    kinds=frozenset({"user"}),
)
