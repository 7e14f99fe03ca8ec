"""The audit of folders as one self-contained HTML page, in both languages."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from daicho.fileserver.audit import Flaw
from daicho.i18n import LANGUAGES, current_language, language
from daicho.i18n import gettext as _
from daicho.report.shares import GRAVE
from daicho.times import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from daicho.report.listing import Listing
    from daicho.report.shares import AuditReport

MOST_ROWS: Final = 400
_NAMES: Final = {"ja": "日本語", "en": "English"}


def share_page(report: AuditReport, at: datetime, zone: tzinfo) -> str:
    """The HTML text; the language in force is shown first, the other is one tap away."""
    first = current_language()
    views = []
    for name in (first, *(each for each in LANGUAGES if each != first)):
        with language(name):
            views.append(_view(report, shown(at, zone)) | {"lang": name, "language": _NAMES[name]})
    # Autoescape everything: names of folders come from whoever made them.
    environment = Environment(
        loader=PackageLoader("daicho.report"), autoescape=True, undefined=StrictUndefined
    )
    style = files("daicho.report").joinpath("templates", "shares.css").read_text("utf-8")
    template = environment.get_template("shares.html.j2")
    return template.render(views=views, style=Markup(style))  # noqa: S704 -- our own file


def _view(report: AuditReport, at: str) -> dict[str, Any]:
    about = _("Looked at {at} ({check}): {paths}")
    return {
        "title": _("Who may do what in folders of file servers"),
        "summary": report.summary(),
        "about": about.format(at=at, check=report.audit.check, paths=_(", ").join(report.audit.paths)),
        "parts": list(_parts(report)),
        "footer": _("The same holds below a folder, where no other line says otherwise."),
    }


def _parts(report: AuditReport) -> Iterator[dict[str, Any]]:
    found = report.listing()
    for flaw in Flaw:
        rows = [row for row in found.rows if row["flaw"] == flaw.value]
        if rows:
            heading = f"{_(flaw.label)} ({len(rows):,})"
            style = "grave" if flaw in GRAVE else "careful"
            yield _part(found, rows, heading) | {"style": style}
    named = report.named()
    yield _part(named, named.rows, _("Who is named in which folder")) | {"style": ""}


def _part(listing: Listing, rows: Any, heading: str) -> dict[str, Any]:
    columns = [
        each
        for each in listing.columns
        if each.key != "flaw" and (not each.optional or any(str(each.cell(row)) for row in rows))
    ]
    more = _("{count} more are in the workbook and in the CSV file.").format(count=len(rows) - MOST_ROWS)
    return {
        "heading": heading,
        "headings": [_(each.heading) for each in columns],
        "rows": [[str(each.cell(row)) for each in columns] for row in rows[:MOST_ROWS]],
        "more": more if len(rows) > MOST_ROWS else "",
    }
