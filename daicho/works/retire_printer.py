"""プリンタ類の撤去 (contract item オ-d): a printer goes, from every system and from the ledger."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class RetirePrinter(Inputs):
    """What becomes of what still waits."""

    jobs_to: str = Field(
        default="",
        max_length=127,
        description=N_("The queue that takes the jobs which still wait; without one such a printer stays."),
    )
    default_printer: str = Field(
        default="",
        max_length=63,
        description=N_("The printer that terminals get whose default it is; without one they have none."),
    )


RETIRE_PRINTER: Final = Work(
    name="retire_printer",
    title=N_("Take printers out of service: print queue, directory, name, address, ledger"),
    runner="script",
    craft="daicho.printing.printer_craft:open_retire",
    inputs=RetirePrinter,
    kinds=frozenset({"printer"}),
    retires=True,
)
