"""端末類のマスタ管理 (contract item オ-c): terminals in the directory as the ledger has them."""

from __future__ import annotations

from datetime import date  # noqa: TC003 -- pydantic reads it
from typing import Final, Literal

from pydantic import Field, model_validator

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.works.work import Inputs, Work


class UpdateTerminalsMaster(Inputs):
    """What becomes of the terminals' accounts."""

    act: Literal["align", "retire"] = Field(
        default="align",
        description=N_(
            "Whether they are made and described as the ledger has them, or closed and put aside."
        ),
    )
    reopen: bool = Field(
        default=False, description=N_("Whether accounts that are closed may be opened again.")
    )
    retired_on: date | None = Field(
        default=None, description=N_("The day that the folder of retired terminals is named after.")
    )

    @model_validator(mode="after")
    def _a_retirement_has_its_day(self) -> UpdateTerminalsMaster:
        if self.act == "retire" and self.retired_on is None:
            raise ValueError(_("to retire needs `retired_on`, the day that their folder is named after"))
        return self


UPDATE_TERMINALS_MASTER: Final = Work(
    name="update_terminals_master",
    title=N_("Bring the terminals in the directory in line with the ledger"),
    runner="script",
    craft="daicho.accounts.terminals:open_craft",
    inputs=UpdateTerminalsMaster,
    kinds=frozenset({"endpoint"}),
)
