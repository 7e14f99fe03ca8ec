"""利用者ID・メール・所属の配信: what the systems that use accounts are told of them, one file each."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class DistributeAccounts(Inputs):
    """Which systems are told."""

    consumers: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")], ...] = Field(
        min_length=1,
        max_length=500,
        description=N_("The systems that get a file, by their names in consumers.yml."),
    )
    many_removals: bool = Field(
        default=False,
        description=N_(
            "Whether more rows may be taken away than the consumer's most_removed_percent allows."
        ),
    )


DISTRIBUTE_ACCOUNTS: Final = Work(
    name="distribute_accounts",
    title=N_("Tell the systems that use accounts what has changed"),
    runner="script",
    craft="daicho.accounts.feeds:open_craft",
    items="daicho.accounts.feeds:items_of",
    inputs=DistributeAccounts,
    kinds=frozenset({"server"}),
)
