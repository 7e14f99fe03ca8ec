"""プリンタ類の設定 (contract items オ-d, オ-e): a printer comes, with address, name and queue."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.i18n import N_
from daicho.printing.comer import NewPrinter  # noqa: TC001 -- pydantic reads it
from daicho.works.work import Inputs, Work


class InstallPrinter(Inputs):
    """The printers that come."""

    printers: tuple[NewPrinter, ...] = Field(
        min_length=1, max_length=200, description=N_("The new printers.")
    )
    test_page: bool = Field(
        default=True, description=N_("Whether each prints a test page before it counts as done.")
    )


INSTALL_PRINTER: Final = Work(
    name="install_printer",
    title=N_("Bring new printers into service: address, name, print queue, directory, ledger"),
    runner="script",
    craft="daicho.printing.printer_craft:open_install",
    inputs=InstallPrinter,
    kinds=frozenset({"printer"}),
    items="daicho.printing.comer:items_of",
    context="daicho.printing.comer:not_there_yet",
    enters="daicho.printing.comer:in_service",
)
