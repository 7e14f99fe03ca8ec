"""設置場所変更に伴う個人端末の設定変更 (contract item オ-d): terminals move, and every system follows."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, model_validator

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.moves.wish import Wish  # noqa: TC001 -- pydantic reads it
from daicho.works.work import Inputs, Work


class Relocation(Inputs):
    """What goes where, and how far this change goes."""

    moves: tuple[Wish, ...] = Field(
        min_length=1, max_length=2000, description=N_("What moves, each with its outlet or its port.")
    )
    stage: Literal["prepare", "cut_over"] = Field(
        default="cut_over",
        description=N_(
            "`prepare`: the new reservations beside the old ones, and names with a short time to live; "
            "`cut_over`: everything that is still to be done."
        ),
    )

    @model_validator(mode="after")
    def _each_once(self) -> Relocation:
        names = [wish.item.casefold() for wish in self.moves]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(_("{names} is there twice").format(names=", ".join(twice)))
        return self


class RelocateTerminals(Relocation):
    """Which terminals go where."""


RELOCATE_TERMINALS: Final = Work(
    name="relocate_terminals",
    title=N_("Move terminals: ports, addresses, names, directory and ledger in one change"),
    runner="script",
    craft="daicho.runners.relocation:open_moves",
    inputs=RelocateTerminals,
    kinds=frozenset({"endpoint"}),
    beside="daicho.moves.office:around",
    updates="daicho.moves.ledgered:updated",
)
