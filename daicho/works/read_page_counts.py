"""プリンタ類の印刷枚数の確認 (contract item キ-b): page counts, and what is to be ordered."""

from __future__ import annotations

from typing import Final

from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class ReadPageCounts(Inputs):
    """Nothing: every printer with an address is asked."""


READ_PAGE_COUNTS: Final = Work(
    name="read_page_counts",
    title=N_("Read the page counters and supplies of printers"),
    runner="check",
    inputs=ReadPageCounts,
    kinds=frozenset({"printer"}),
    command="daicho printers count",
)
