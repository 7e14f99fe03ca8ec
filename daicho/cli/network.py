"""`daicho network`: what network devices are configured to do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daicho.cli.item import selector_of
from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put
from daicho.cli.names import CHANGE
from daicho.i18n import N_
from daicho.life.backing_up import WORK, backup_network
from daicho.life.checking import Order
from daicho.report.kept import BackupReport
from daicho.report.lookout import lookout

if TYPE_CHECKING:
    from daicho.report.present import Form

network = Group(
    "network",
    help=N_("What network devices are configured to do, and what hangs on them. Nothing is changed."),
    example="daicho network backup\ndaicho network backup --change C9 --output json\ndaicho network collect",
    commands_in={"backup": "daicho.cli.network:backup", "collect": "daicho.cli.collect:collect"},
)


@command(
    "backup",
    N_("Read the configuration of every device, keep what is different, and say what is not saved."),
    "daicho network backup\ndaicho network backup building=1号館",
)
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...")
@option("--change", type=CHANGE, help=N_("Under this standard change (for a schedule)."))
@output_option
@pass_session
def backup(session: Session, selectors: tuple[str, ...], change: str | None, form: Form) -> int:
    """Read, keep, record, tell."""
    order = Order(work=WORK, change=change, selectors=[selector_of(each) for each in selectors])
    with session.site() as site:
        with lookout(sys.stderr, site.policy) as watch:
            end = backup_network(site, order, watch)
        put(BackupReport(end), form)
    return end.exit_code
