"""貸出し端末の選定 (contract item カ-d): which terminals are lent, to whom, until when."""

from __future__ import annotations

from datetime import date  # noqa: TC003 -- pydantic reads it
from typing import Final, Literal

from pydantic import Field, model_validator

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.works.work import Inputs, Work


class SelectLoanTerminals(Inputs):
    """Whether terminals are lent or come back, and to whom until when."""

    act: Literal["lend", "return"] = Field(description=N_("Whether they are lent or come back."))
    to: str = Field(default="", max_length=200, description=N_("Who gets them."))
    on: date | None = Field(default=None, description=N_("The day on which they are handed over."))
    until: date | None = Field(default=None, description=N_("The last day."))

    @model_validator(mode="after")
    def _a_loan_has_an_end(self) -> SelectLoanTerminals:
        if self.act == "lend" and not (self.to and self.on and self.until):
            raise ValueError(_("to lend needs `to`, `on` and `until`"))
        if self.on and self.until and self.until < self.on:
            raise ValueError(_("it would end before it begins"))
        return self


SELECT_LOAN_TERMINALS: Final = Work(
    name="select_loan_terminals",
    title=N_("Lend terminals that are free, patched and suitable, and take them back"),
    runner="script",
    craft="daicho.loans.loan_craft:open_loans",
    inputs=SelectLoanTerminals,
    kinds=frozenset({"endpoint"}),
    updates="daicho.moves.ledgered:updated",
)
