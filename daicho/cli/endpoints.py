"""`daicho endpoints`: what the Windows terminals have and miss, and who has been seen."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daicho.cli.baseline import given_inputs
from daicho.cli.item import selector_of
from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put
from daicho.cli.names import CHANGE
from daicho.endpoints.patch_state import SCRIPTS
from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.checking import Order
from daicho.life.endpoints import WORK, read_endpoints
from daicho.life.sighting import look_around
from daicho.report.endpoints import ReadReport, seen_counts
from daicho.report.facts import Answer
from daicho.report.lookout import lookout

if TYPE_CHECKING:
    from daicho.report.present import Form

endpoints = Group(
    "endpoints",
    help=N_("What the Windows terminals have and miss, and who has been seen. Nothing is changed."),
    example="daicho endpoints read\ndaicho endpoints read building=1号館 --what patches --online\n"
    "daicho endpoints seen --directory",
    commands_in={"read": "daicho.cli.endpoints:read", "seen": "daicho.cli.endpoints:seen"},
)


class Where(UsageError):
    """Nothing to look at was named."""

    sentence = N_("Say where to look: --directory, --leases FILE, or both.")


@command(
    "read",
    N_("Ask every Windows terminal for its patches and virus definitions, and record what is new."),
    "daicho endpoints read\ndaicho endpoints read ring=pilot --online\n"
    "daicho endpoints read --change C9 --output json",
)
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...")
@option(
    "--what", multiple=True, type=click.Choice(tuple(SCRIPTS)), help=N_("Only this; several times: these.")
)
@option(
    "--online", is_flag=True, help=N_("Let each terminal ask its update service anew: slow, for all at once.")
)
@option("--change", type=CHANGE, help=N_("Under this standard change (for a schedule)."))
@output_option
@pass_session
def read(session: Session, /, selectors: tuple[str, ...], change: str | None, form: Form, **how: Any) -> int:
    """Ask, record, tell."""
    order = Order(
        work=WORK,
        change=change,
        selectors=[selector_of(each) for each in selectors],
        inputs=given_inputs(what=list(how["what"]) or None, online=how["online"] or None),
    )
    with session.site() as site:
        with lookout(sys.stderr, site.policy) as watch:
            end = read_endpoints(site, order, watch)
        put(ReadReport(end), form)
    return end.exit_code


@command(
    "seen",
    N_("Record who has been seen since: by logons in the directory, by leases of the DHCP server."),
    "daicho endpoints seen --directory\ndaicho endpoints seen --leases /var/lib/dhcp/dhcpd.leases",
)
@option("--directory", is_flag=True, help=N_("Ask the directory when each terminal last logged on."))
@option(
    "--leases",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("A lease file of ISC dhcpd or Kea."),
)
@output_option
@pass_session
def seen(session: Session, directory: bool, leases: Path | None, form: Form) -> None:
    """Look, record, tell."""
    if not directory and leases is None:
        raise Where
    with session.site() as site:
        end = look_around(site, directory=directory, leases=leases)
    counts = Counter({how: len(each) for how, each in end.seen.items()})
    facts = {"check": end.check, "seen": {how: dict(each) for how, each in end.seen.items()}}
    said = [_("{check}: seen since: {counts}").format(check=end.check, counts=seen_counts(counts))]
    for server, why in end.silent.items():
        said.append(_("{server} could not be asked: {why}").format(server=server, why=why))
    put(Answer(facts={**facts, "silent": dict(end.silent)}, sentence="\n".join(said)), form)
