"""The works and what each needs to know, read from the schema of their inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.report.listing import Column, Listing, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from daicho.report.listing import Row
    from daicho.works.work import Work


@dataclass(frozen=True)
class WorksReport:
    """Every kind of change that there is."""

    works: Sequence[Work]

    def as_json(self) -> object:
        """Each work with the JSON schema of its inputs."""
        return [
            {
                "work": work.name,
                "title": work.title,
                "runner": work.runner,
                "kinds": sorted(work.kinds),
                "inputs": work.inputs.model_json_schema(),
            }
            for work in self.works
        ]

    def listing(self) -> Listing:
        """One row per input of each work."""
        rows = [{"work": work.name, **row} for work in self.works for row in input_rows(work)]
        columns = ("work", "input", "type", "default", "description")
        return Listing(columns=[Column(key=key, heading=key) for key in columns], rows=rows)

    def screen(self) -> RenderableType:
        """One part per work."""
        return Group(*(part for work in self.works for part in _part(work)))


def input_rows(work: Work) -> list[Row]:
    """The inputs of a work: name, type, default, what it means."""
    schema = work.inputs.model_json_schema()
    required = set(schema.get("required", ()))
    return [
        {
            "input": name,
            "type": _type(field),
            "default": _("required") if name in required else _value(field.get("default")),
            "description": " ".join(str(field.get("description", "")).split()),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _part(work: Work) -> list[RenderableType]:
    columns = [
        Column(key="input", heading=N_("input")),
        Column(key="type", heading=N_("type")),
        Column(key="default", heading=N_("default")),
        Column(
            key="description",
            heading=N_("meaning"),
            show=lambda row: _(str(row["description"])) if row["description"] else "",
        ),
    ]
    kinds = _("for items of the kinds: {kinds}").format(kinds=", ".join(sorted(work.kinds)))
    return [
        Text(work.name, "bold").append(f"  {_(work.title)}", "not bold"),
        Text(f"{kinds}\n", "dim"),
        table(Listing(columns=columns, rows=input_rows(work))),
    ]


def _type(field: dict[str, Any]) -> str:
    if "enum" in field:
        return " | ".join(str(each) for each in field["enum"])
    if field.get("type") == "array":
        return _("list of {type}").format(type=_type(field.get("items", {})))
    bounds = [str(field[bound]) for bound in ("minimum", "maximum") if bound in field]
    return str(field.get("type", "any")) + (f" {'..'.join(bounds)}" if bounds else "")


def _value(value: object) -> str:
    if isinstance(value, list):
        return " ".join(str(each) for each in value) or "-"
    return str(value)
