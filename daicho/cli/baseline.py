"""`daicho baseline`: the state before an outage."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daicho.cli.asking import confirm
from daicho.cli.item import selector_of
from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put, yes_option
from daicho.cli.names import CHANGE, CHECK
from daicho.cli.reading import text_of
from daicho.errors import ExitCode
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life import approving, baselines
from daicho.life.checking import Order
from daicho.records.checks import check_records
from daicho.report.checking import BaselineReport, check_listing
from daicho.report.lookout import lookout
from daicho.report.present import show as show_screen

if TYPE_CHECKING:
    from daicho.report.present import Form

baseline = Group(
    "baseline",
    help=N_("The state before an outage: record it, sign it, compare with it afterwards."),
    example="daicho baseline record\ndaicho baseline sign K1 --key ~/.ssh/id_ed25519.pub",
    commands_in={
        "record": "daicho.cli.baseline:record",
        "show": "daicho.cli.baseline:show",
        "sign": "daicho.cli.baseline:sign",
        "list": "daicho.cli.baseline:list_",
    },
)


@command(
    "record",
    N_("Look at everything known and record it; say whether the power may be switched off."),
    "daicho baseline record\ndaicho baseline record building=1号館 --plugged-into sw-core-1",
)
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...")
@option(
    "--plugged-into", multiple=True, metavar="ITEM", help=N_("The device that this machine is plugged into.")
)
@option("--no-devices", is_flag=True, help=N_("Do not log in to network devices."))
@option("--pace", type=click.IntRange(10, 100000), metavar="N", help=N_("Packets per second at most."))
@option("--change", type=CHANGE, help=N_("Under this standard change (for a schedule)."))
@output_option
@pass_session
def record(session: Session, /, selectors: tuple[str, ...], form: Form, **how: Any) -> int:
    """Record a baseline."""
    inputs = given_inputs(devices=False if how["no_devices"] else None, pace=how["pace"])
    order = Order(
        work=baselines.WORK,
        change=how["change"],
        selectors=[selector_of(each) for each in selectors],
        inputs=inputs,
    )
    with session.site() as site:
        with lookout(sys.stderr, site.policy) as watch:
            found = baselines.record_baseline(site, order, how["plugged_into"], watch)
        put(BaselineReport(recorded=found, policy=site.policy), form)
    return ExitCode.DONE if found.go else ExitCode.FAILED


@command("show", N_("Show a baseline, the newest one unless named."), "daicho baseline show K1")
@click.argument("check", type=CHECK, required=False)
@option("--to-sign", is_flag=True, help=N_("Only the text that a signature is made over."))
@output_option
@pass_session
def show(session: Session, check: str | None, *, to_sign: bool, form: Form) -> None:
    """Show one baseline."""
    with session.site(read_only=True) as site:
        found = baselines.recorded(site, check) if check else baselines.newest_baseline(site)
        if found is None:
            raise baselines.NoBaseline
        if to_sign:
            click.echo(baselines.baseline_text(found), nl=False)
            return
        put(BaselineReport(recorded=found, policy=site.policy), form)


@command(
    "sign",
    N_("Show a baseline, ask, and sign it with your SSH key."),
    "daicho baseline sign K1 --key ~/.ssh/id_ed25519.pub\n"
    "daicho baseline show K1 --to-sign | ssh-keygen -Y sign -n daicho-baseline -f KEY > K1.sig",
)
@click.argument("check", type=CHECK)
@option("--key", type=click.Path(path_type=Path), metavar="FILE", help=N_("The SSH key to sign with."))
@option(
    "--signature", metavar="FILE", help=N_("A signature made elsewhere over what `show --to-sign` writes.")
)
@yes_option
@output_option
@pass_session
def sign(session: Session, /, check: str, form: Form, **how: Any) -> None:
    """Show, ask, sign, record."""
    with session.site() as site:
        key, signature = how["key"], how["signature"]
        if not (key or signature):
            raise approving.NoKey
        found = baselines.recorded(site, check)
        if not how["yes"]:
            show_screen(BaselineReport(recorded=found, policy=site.policy).screen(), sys.stderr)
            confirm(_("Do you sign for exactly this? Type yes:"))
        armoured = text_of(signature)[0] if signature else None
        found = baselines.sign_baseline(site, check, key=key, signature=armoured)
        put(BaselineReport(recorded=found, policy=site.policy), form)


@command("list", N_("List the baselines, newest first."), "daicho baseline list")
@output_option
@pass_session
def list_(session: Session, form: Form) -> None:
    """List baselines."""
    with session.site(read_only=True) as site:
        found = [each for each in check_records(site.ledger, baselines.WORK) if each.recorded is not None]
        put(check_listing(found, site.policy), form)


def given_inputs(**values: object) -> dict[str, object]:
    """The inputs that were named on the command line; the others are the work's own, or the change's."""
    return {name: value for name, value in values.items() if value is not None}
