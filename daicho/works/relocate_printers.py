"""設置場所変更に伴うプリンタ類の設定変更 (contract item オ-d): printers move, and their queues follow."""

from __future__ import annotations

from typing import Final

from daicho.i18n import N_
from daicho.works.relocate_terminals import Relocation
from daicho.works.work import Work


class RelocatePrinters(Relocation):
    """Which printers go where."""


RELOCATE_PRINTERS: Final = Work(
    name="relocate_printers",
    title=N_("Move printers: ports, addresses, names, print queues and ledger in one change"),
    runner="script",
    craft="daicho.runners.relocation:open_printer_moves",
    inputs=RelocatePrinters,
    kinds=frozenset({"printer"}),
    beside="daicho.moves.office:around",
    updates="daicho.moves.ledgered:updated",
)
