"""`daicho check`: what is back after an outage, what is not, and why."""

from __future__ import annotations

import re
import sys
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from daicho.cli.baseline import given_inputs
from daicho.cli.item import selector_of
from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put, talk
from daicho.cli.names import CHANGE, CHECK
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.checking import Order
from daicho.life.telling import acknowledge as acknowledge_cause
from daicho.life.telling import herald, notices_of
from daicho.life.watching import WORK, Wish, check_connectivity
from daicho.reachability.sheet import NoJapaneseFont, SheetFacts, sheet
from daicho.records.changes import change_record
from daicho.records.checks import causes_of, check_record, check_records, verdicts_of
from daicho.report.checking import check_listing
from daicho.report.facts import Answer
from daicho.report.lookout import lookout, write_page
from daicho.report.outage import CheckStory, OutageReport
from daicho.report.words import person
from daicho.times import aware

if TYPE_CHECKING:
    from daicho.life.watching import CheckEnd
    from daicho.report.present import Form
    from daicho.site import Site


class Checks(Group):
    """`daicho check checks.yml` is `daicho check declared checks.yml`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A document in place of a command."""
        if args[0].endswith((".yml", ".yaml")):
            args = ["declared", *args]
        return super().resolve_command(ctx, args)


check = Checks(
    "check",
    help=N_("After an outage: what is back, what is not, and the one cause. Nothing is changed."),
    example="daicho check connectivity --watch --until 2h --html board.html\n"
    "daicho check declared checks.yml\n"
    "daicho check show K3",
    commands_in={
        "connectivity": "daicho.cli.check:connectivity",
        "declared": "daicho.cli.declared:declared",
        "acknowledge": "daicho.cli.check:acknowledge",
        "list": "daicho.cli.check:list_",
        "show": "daicho.cli.check:show",
    },
)

_UNITS: Final = {"": 1, "m": 1, "min": 1, "h": 60, "d": 1440}


class Minutes(click.ParamType[int]):
    """`2h`, `90m` or `90`: minutes."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of minutes."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d+)\s*(m|min|h|d|)", str(value).strip().lower())
        if not found or not int(found[1]):
            self.fail(
                _("{value!r} is no length of time; write it like 2h or 90m").format(value=value), param, ctx
            )
        return int(found[1]) * _UNITS[found[2]]


class Moment(click.ParamType[datetime]):
    """`2026-11-21 06:00` in the site's time zone; `06:00` is today."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, still without a zone if none was given."""
        text = str(value).strip()
        try:
            return datetime.fromisoformat(
                f"{datetime.now().astimezone():%Y-%m-%d} {text}" if len(text) < 6 else text
            )
        except ValueError:
            said = _("{value!r} is no moment; write it like 2026-11-21 20:00").format(value=value)
            self.fail(said, param, ctx)


@command(
    "connectivity",
    N_("Look what is back, name the causes of what is not, and tell who has to know."),
    "daicho check connectivity\n"
    "daicho check connectivity --watch --until 2h --notify notify.yml --html board.html\n"
    "daicho check connectivity --change C9 --output json",
)
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...")
@option("--watch", is_flag=True, help=N_("Look again and again until everything is back."))
@option("--until", type=Minutes(), metavar="TIME", help=N_("End a watch after this time (2h, 90m)."))
@option("--every", type=click.IntRange(1, 3600), metavar="SECONDS", help=N_("From one look to the next."))
@option("--change", type=CHANGE, help=N_("Under this standard change (for a schedule)."))
@option("--baseline", type=CHECK, help=N_("Compare with this baseline; the newest one otherwise."))
@option("--without-baseline", is_flag=True, help=N_("Compare with nothing: only what answers is told."))
@option(
    "--power-back",
    type=Moment(),
    metavar="MOMENT",
    help=N_("When the power came back: who still boots is late, not dead."),
)
@option(
    "--plugged-into", multiple=True, metavar="ITEM", help=N_("The device that this machine is plugged into.")
)
@option(
    "--notify",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Who is told what (YAML)."),
)
@option(
    "--html", type=click.Path(path_type=Path), metavar="FILE", help=N_("Keep a page for telephones here.")
)
@option(
    "--pdf",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=N_("Write the sign-off sheet here at the end."),
)
@option("--no-devices", is_flag=True, help=N_("Do not log in to network devices."))
@option("--pace", type=click.IntRange(10, 100000), metavar="N", help=N_("Packets per second at most."))
@output_option
@pass_session
def connectivity(session: Session, /, form: Form, **how: Any) -> int:
    """Check, and say what a scheduler has to know."""
    notices = notices_of(how["notify"]) if how["notify"] else None
    with session.site() as site:
        watches = _watches(site, how)
        kept = (how["html"], (how["every"] or 15) if watches else None) if how["html"] else None
        telling = herald(site, notices, watching=watches) if notices else nullcontext()
        with telling as teller, lookout(sys.stderr, site.policy, kept) as board:
            end = check_connectivity(site, _order(how), _wish(site, how), board, teller)
        _papers(site, end, how)
        put(_report(site, end), form)
    return end.exit_code


def _order(how: dict[str, Any]) -> Order:
    inputs = given_inputs(
        watch=how["watch"] or None,
        until=how["until"],
        every=how["every"],
        devices=False if how["no_devices"] else None,
        pace=how["pace"],
    )
    selectors = [selector_of(each) for each in how["selectors"]]
    return Order(work=WORK, change=how["change"], selectors=selectors, inputs=inputs)


def _wish(site: Site, how: dict[str, Any]) -> Wish:
    back = how["power_back"]
    return Wish(
        baseline=how["baseline"],
        without_baseline=how["without_baseline"],
        plugged_into=how["plugged_into"],
        power_back=aware(back, site.policy.zone) if back else None,
    )


def _watches(site: Site, how: dict[str, Any]) -> bool:
    """Whether it looks more than once: as asked, or as the change says."""
    by_change = how["change"] and change_record(site.ledger, how["change"]).inputs.get("watch")
    return bool(how["watch"] or by_change)


def _papers(site: Site, end: CheckEnd, how: dict[str, Any]) -> None:
    """The page as it stays, and the sheet to sign."""
    if how["html"]:
        write_page(how["html"], end.judgement, site.policy)
    if how["pdf"]:
        facts = SheetFacts(
            site=site.policy.site,
            check=end.check,
            operator=person(site.policy, site.actor().name),
            zone=site.policy.zone,
            witness=site.ledger.head().hash,
        )
        try:
            how["pdf"].write_bytes(sheet(end.judgement, facts))
        except NoJapaneseFont as error:
            # The result is worth more than its paper.
            talk(str(error))


def _report(site: Site, end: CheckEnd) -> OutageReport:
    return OutageReport(
        check=end.check,
        baseline=end.baseline,
        exit_code=end.exit_code,
        judgement=end.judgement,
        policy=site.policy,
    )


@command(
    "acknowledge",
    N_("Take a cause on: nobody is reminded of it any more."),
    "daicho check acknowledge node:sw-3f-1",
)
@click.argument("cause")
@output_option
@pass_session
def acknowledge(session: Session, cause: str, form: Form) -> None:
    """Record who has taken it on."""
    with session.site() as site:
        title = acknowledge_cause(site, cause)
        by = site.actor().name
        said = _("{person} has taken on: {title}.").format(person=by, title=title)
        put(Answer(facts={"cause": cause, "title": title, "acknowledged_by": by}, sentence=said), form)


@command("list", N_("List the checks and baselines, newest first."), "daicho check list")
@option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help=N_("At most so many."))
@output_option
@pass_session
def list_(session: Session, limit: int, form: Form) -> None:
    """List checks."""
    with session.site(read_only=True) as site:
        put(check_listing(check_records(site.ledger, limit=limit), site.policy), form)


@command(
    "show",
    N_("Show a check: its verdicts, its causes, and how fast people were told."),
    "daicho check show K3",
)
@click.argument("check_name", metavar="CHECK", type=CHECK)
@output_option
@pass_session
def show(session: Session, check_name: str, form: Form) -> None:
    """Show one check."""
    with session.site(read_only=True) as site:
        story = CheckStory(
            record=check_record(site.ledger, check_name),
            verdicts=verdicts_of(site.ledger, check_name),
            causes=causes_of(site.ledger, check_name),
            entries=list(site.ledger.entries(of=check_name)),
            policy=site.policy,
        )
        put(story, form)
