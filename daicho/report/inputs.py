"""The inputs of a change as an approver reads them: what was asked for, not all that could have been."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

from pydantic_core import to_jsonable_python

from daicho.works import WORKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.records.changes import ChangeRecord
    from daicho.works.work import Inputs


def told_inputs(record: ChangeRecord) -> dict[str, object]:
    """The inputs that the document gives, with what the work's schema made of them, and those that are not
    as the work has them by default. JSON has all.
    """
    given, work = record.document.inputs, WORKS.get(record.document.work)
    usual = _usual(work.inputs) if work else {}
    return {
        name: value
        for name, value in record.inputs.items()
        if name in given or name not in usual or value != usual[name]
    }


def _usual(schema: type[Inputs]) -> dict[str, object]:
    """What each input is where nobody gives it."""
    return {
        name: to_jsonable_python(field.get_default(call_default_factory=True, validated_data={}))
        for name, field in schema.model_fields.items()
        if not field.is_required()
    }


def inputs_words(inputs: Mapping[str, object]) -> str:
    """One sentence; texts of several lines stand below it, as they were written."""
    told = {name.replace("_", " "): value for name, value in inputs.items() if value not in ("", {})}
    if isinstance(rows := told.get("rows"), list):
        told["rows"] = len(rows)  # of a file: what they mean stands in the plan
    words = [f"{name}: {_said(value)}" for name, value in told.items() if not _has_lines(value)]
    texts = [
        _text(name, value) for name, value in told.items() if isinstance(value, dict) and _has_lines(value)
    ]
    return "\n".join(["; ".join(words) or "-", *texts]) if words or texts else "-"


def _said(value: object) -> str:
    match value:
        case list():
            return " ".join(_said(each) for each in value) or "-"
        case dict():
            kept = [f"{key}: {_said(each)}" for key, each in value.items() if each not in ("", [], {})]
            return f"({', '.join(kept)})"
    return str(value)


def _has_lines(value: object) -> bool:
    return isinstance(value, dict) and any(isinstance(each, str) and "\n" in each for each in value.values())


def _text(name: str, value: Mapping[str, object]) -> str:
    parts = (f"{name}: {key}\n" + indent(str(each).rstrip(), "  ") for key, each in value.items())
    return "\n".join(parts)
