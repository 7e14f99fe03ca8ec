"""`daicho network collect`: which terminal hangs on which port."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daicho.cli.item import selector_of
from daicho.cli.kit import Session, command, option, output_option, pass_session, put
from daicho.cli.names import CHANGE
from daicho.i18n import N_
from daicho.life.checking import Order
from daicho.life.collecting import WORK
from daicho.life.collecting import collect as collect_from
from daicho.report.collected import CollectReport
from daicho.report.lookout import lookout

if TYPE_CHECKING:
    from daicho.report.present import Form


@command(
    "collect",
    N_("Ask every device what hangs on its ports, and bring the ledger up to date."),
    "daicho network collect\ndaicho network collect building=1号館 --output csv",
)
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...")
@option("--change", type=CHANGE, help=N_("Under this standard change (for a schedule)."))
@output_option
@pass_session
def collect(session: Session, selectors: tuple[str, ...], change: str | None, form: Form) -> int:
    """Ask, record, tell."""
    order = Order(work=WORK, change=change, selectors=[selector_of(each) for each in selectors])
    with session.site() as site:
        with lookout(sys.stderr, site.policy) as watch:
            end = collect_from(site, order, watch)
        put(CollectReport(end), form)
    return end.exit_code
