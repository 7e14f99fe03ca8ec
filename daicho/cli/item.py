"""`daicho item`: the configuration items."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daicho.cli.asking import confirm
from daicho.cli.kit import (
    Group,
    Session,
    command,
    option,
    output_option,
    pass_session,
    put,
    yes_option,
)
from daicho.i18n import N_, ngettext
from daicho.items.headings import Headings
from daicho.items.item import KINDS
from daicho.items.reading import Reading, read_items
from daicho.items.record import all_items, find, history, one_item, plan_import
from daicho.records.runs import runs_of_target
from daicho.report.items import ImportReport, ItemReport, ItemsReport, history_listing
from daicho.report.present import show as show_screen

if TYPE_CHECKING:
    from daicho.items.record import ImportPlan
    from daicho.report.present import Form

item = Group(
    "item",
    help=N_(
        "The configuration items: terminals, printers, network devices, servers, shares, users, locations."
    ),
    example="daicho item import terminals.xlsx --dry-run\ndaicho item list 'pc-02*'",
    commands_in={
        "import": "daicho.cli.item:import_",
        "list": "daicho.cli.item:list_",
        "show": "daicho.cli.item:show",
        "history": "daicho.cli.item:history_",
    },
)


@command(
    "import",
    N_("Take over a list of items (CSV, TSV, Excel, YAML); what differs goes into the ledger."),
    "daicho item import terminals.csv --dry-run\n"
    "daicho item import 端末台帳.xlsx --sheet 本省 --map 管理番号=asset --map 備考=-",
)
@click.argument("file", type=click.Path(path_type=Path))
@option("--retire-missing", is_flag=True, help=N_("Retire the items that the file does not name."))
@option(
    "--map",
    "headings",
    envvar="DAICHO_ITEM_IMPORT_MAP",
    multiple=True,
    metavar="HEADING=NAME",
    help=N_("What a heading means; `-`: leave it out."),
)
@option("--sheet", help=N_("The sheet of a workbook; the first one otherwise."))
@option("--encoding", help=N_("The encoding of a text, where it is not found out (cp932, utf-8)."))
@option("--kind", type=click.Choice(KINDS), help=N_("The kind of every row that names none."))
@option("--dry-run", is_flag=True, help=N_("Show what would change and record nothing."))
@yes_option
@output_option
@pass_session
def import_(session: Session, /, file: Path, form: Form, **options: Any) -> None:
    """Import a file."""
    wanted = Import(**options)
    with session.site() as site:
        by = site.administrator("items")
        items = read_items(file, wanted.reading())
        plan = plan_import(site.ledger, items, by, file.name, retire_missing=wanted.retire_missing)
        if not wanted.dry_run:
            wanted.ask(plan)
            site.ledger.append(*plan.drafts)
        put(ImportReport(plan=plan, dry=wanted.dry_run), form)


@dataclass(frozen=True, kw_only=True)
class Import:
    """The options of an import."""

    retire_missing: bool
    headings: tuple[str, ...]
    sheet: str | None
    encoding: str | None
    kind: str | None
    dry_run: bool
    yes: bool

    def reading(self) -> Reading:
        """How the file is to be read."""
        words = Headings.parse(self.headings)
        return Reading(headings=words, sheet=self.sheet, encoding=self.encoding, kind=self.kind)

    def ask(self, plan: ImportPlan) -> None:
        """Ask before items are retired."""
        count = plan.summary.retired
        if count and not self.yes:
            show_screen(ImportReport(plan=plan, dry=True).screen(), sys.stderr)
            asked = ngettext("Retire {count} item? Type yes:", "Retire {count} items? Type yes:", count)
            confirm(asked.format(count=count))


@command(
    "list",
    N_("List the items, or those that selectors mean (names, globs, attribute=value)."),
    "daicho item list\ndaicho item list 'pc-02*' kind=printer --output csv",
)
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...")
@option("--retired", is_flag=True, help=N_("Those that are retired, too."))
@output_option
@pass_session
def list_(session: Session, selectors: tuple[str, ...], retired: bool, form: Form) -> None:
    """List items."""
    with session.site(read_only=True) as site:
        items = (
            find(site.ledger, [selector_of(each) for each in selectors])
            if selectors
            else all_items(site.ledger, include_retired=retired)
        )
        put(ItemsReport(items), form)


@command("show", N_("Show an item with every run that had it."), "daicho item show pc-0012")
@click.argument("name")
@output_option
@pass_session
def show(session: Session, name: str, form: Form) -> None:
    """Show one item."""
    with session.site(read_only=True) as site:
        found = one_item(site.ledger, name)
        put(ItemReport(item=found, runs=runs_of_target(site.ledger, name), policy=site.policy), form)


@command(
    "history",
    N_("Show what became of an item: who changed what, when, from which file."),
    "daicho item history pc-0012",
)
@click.argument("name")
@output_option
@pass_session
def history_(session: Session, name: str, form: Form) -> None:
    """Show an item's past."""
    with session.site(read_only=True) as site:
        put(history_listing(history(site.ledger, name), site.policy), form)


def selector_of(text: str) -> str | dict[str, str]:
    """`kind=printer` as a selector of attributes, anything else as a name or glob."""
    attribute, equals, value = text.partition("=")
    return {attribute: value} if equals else text
