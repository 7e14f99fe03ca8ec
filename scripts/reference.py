"""Writes the tables of fields into docs/reference/{change,policy}{,.ja}.md from the schemas themselves.

Run it with `.venv/bin/python -m scripts.reference` after a schema has changed; a test compares. What a
field means is its docstring; the Japanese of it is in docs/reference/fields.ja.yml. Inputs of works are
described in daicho's own catalogue.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from ruamel.yaml import YAML

from daicho.budget import Budget
from daicho.change import ChangeDocument, Window
from daicho.documents import Document
from daicho.i18n import gettext
from daicho.i18n import language as speaking
from daicho.policy import Freeze, Key, Policy, Principal, Quorum, Rights, Wide
from daicho.works import WORKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo

DOCS: Final = Path(__file__).resolve().parent.parent / "docs" / "reference"


def _with_parts(model: type[Document]) -> Iterator[type[Document]]:
    """A document and those that it is made of."""
    yield model
    for field in model.model_fields.values():
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, Document):
                yield from _with_parts(part)


_INPUTS: Final = tuple(dict.fromkeys(part for work in WORKS.values() for part in _with_parts(work.inputs)))
PAGES: Final[Mapping[str, tuple[type[Document], ...]]] = {
    "change": (ChangeDocument, Window, Budget, *_INPUTS),
    "policy": (Policy, Principal, Key, Rights, Quorum, Wide, Freeze, Budget),
}
_PLACE: Final = re.compile(r"(<!-- fields -->\n).*(<!-- /fields -->)", re.DOTALL)
_HEADS: Final = {
    "en": "| field | value | if left out | meaning |",
    "ja": "| 項目 | 値 | 省略時 | 意味 |",
}
_REQUIRED: Final = {"en": "needed", "ja": "必須"}
_WORDS: Final = {
    "str": ("text", "文字列"),
    "str | None": ("text", "文字列"),
    "int": ("whole number", "整数"),
    "bool": ("`true` or `false`", "`true` か `false`"),
    "date | None": ("day", "日付"),
    "SiteMoment": ("day and time", "日時"),
    "SiteMoment | None": ("day and time", "日時"),
    "Amount": ("number, or share such as `10%`", "台数、または割合（`10%` など）"),
    "tuple[Selector, ...]": ("list of selectors", "対象指定のリスト"),
    "tuple[int | str, ...]": ("list of numbers or shares", "台数または割合のリスト"),
    "tuple[str | int, ...]": ("list of numbers or shares", "台数または割合のリスト"),
    "tuple[str, ...]": ("list of texts", "文字列のリスト"),
    "dict[str, object]": ("the work's inputs", "作業の入力項目"),
    "dict[str, str]": ("texts by name", "名前ごとの文字列"),
    "dict[str, Any]": ("values by name", "名前ごとの値"),
    "tuple[Kept, ...]": ("list of `interfaces`, `neighbours`", "`interfaces`、`neighbours` のリスト"),
    "int | None": ("whole number", "整数"),
    "bool | None": ("`true` or `false`", "`true` か `false`"),
}


class Untranslated(LookupError):
    """A field has no docstring, no Japanese, or a type without words."""


def page(name: str, language: str, text: str) -> str:
    """The text of a page with its tables made anew."""
    tables = "\n".join(_table(model, language) for model in PAGES[name])
    return _PLACE.sub(lambda found: f"{found[1]}{tables}{found[2]}", text)


def path_of(name: str, language: str) -> Path:
    """Where a page is."""
    return DOCS / (f"{name}.md" if language == "en" else f"{name}.{language}.md")


def _table(model: type[Document], language: str) -> str:
    told = meanings(model)
    lines = [f"### {heading(model)}\n", _HEADS[language], "|---|---|---|---|"]
    for name, (annotation, meaning) in told.items():
        field = model.model_fields[name]
        told_here = _spoken(model, name, meaning) if language == "ja" else meaning
        value = _value(annotation, language) + _bounds(field)
        cells = (f"`{field.alias or name}`", value, _default(field, language), told_here)
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _spoken(model: type[Document], name: str, meaning: str) -> str:
    """The Japanese of what a field means."""
    if model.model_fields[name].description:
        with speaking("ja"):
            return gettext(meaning)
    key = f"{model.__name__}.{name}"
    if key not in (known := _japanese()):
        raise Untranslated(f"docs/reference/fields.ja.yml has no {key}: {meaning}")
    return known[key]


def heading(model: type[Document]) -> str:
    """What a table is called: the field that holds it."""
    for name, work in WORKS.items():
        if work.inputs is model:
            return f"inputs: {name}"
    return {"ChangeDocument": "change", "Principal": "principals", "Rights": "may", "Key": "keys"}.get(
        model.__name__, model.__name__.lower()
    )


def meanings(model: type[Document]) -> dict[str, tuple[str, str]]:
    """Each field's annotation as it is written, and its docstring."""
    found: dict[str, tuple[str, str]] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, Document) and each is not Document:
            found |= _own_meanings(model, each)
    return found


def _own_meanings(model: type[Document], origin: type[Document]) -> dict[str, tuple[str, str]]:
    """The same, of the fields that one of its bases adds."""
    body = ast.parse(inspect.getsource(origin)).body[0]
    lines = body.body if isinstance(body, ast.ClassDef) else []
    found = {}
    for each, after in zip(lines, [*lines[1:], None], strict=False):
        if not (isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)):
            continue
        said = model.model_fields[each.target.id].description or _docstring(after)
        if not said:
            raise Untranslated(f"{model.__name__}.{each.target.id} has no docstring")
        found[each.target.id] = (ast.unparse(each.annotation), " ".join(said.split()))
    return found


def _docstring(statement: ast.stmt | None) -> str:
    said = getattr(getattr(statement, "value", None), "value", None)
    return said if isinstance(said, str) else ""


def _value(annotation: str, language: str) -> str:
    if annotation in _WORDS:
        return _WORDS[annotation][language == "ja"]
    if choices := re.fullmatch(r"Literal\[(.*)\](?: \| None)?", annotation):
        return ", ".join(f"`{choice.strip(chr(39))}`" for choice in choices[1].split(", "))
    inner = annotation.removesuffix(" | None").removeprefix("tuple[").removesuffix(", ...]")
    for model in {model for models in PAGES.values() for model in models}:
        if model.__name__ == inner:
            link = f"[{heading(model)}](#{heading(model)})"
            several = {"en": "list of ", "ja": "次のリスト: "}[language] if "tuple" in annotation else ""
            return several + link
    raise Untranslated(f"{annotation} has no words in scripts/reference.py")


def _bounds(field: FieldInfo) -> str:
    shown = {"ge": "≥ {}", "le": "≤ {}", "pattern": "`{}`", "max_length": "≤ {}"}
    parts = [
        template.format(value)
        for rule in field.metadata
        for name, template in shown.items()
        if (value := getattr(rule, name, None)) is not None
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _default(field: FieldInfo, language: str) -> str:
    if field.is_required():
        return _REQUIRED[language]
    match field.get_default(call_default_factory=True):
        case None | "" | () | {}:
            return "–"
        case Document():
            return {"en": "as below", "ja": "下表のとおり"}[language]
        case bool() as flag:
            return f"`{str(flag).lower()}`"
        case tuple() as several:
            return (
                f"`[{', '.join(str(each) if each != '*' else chr(34) + '*' + chr(34) for each in several)}]`"
            )
        case other:
            return f"`{other}`"


@cache
def _japanese() -> dict[str, str]:
    known: dict[str, str] = YAML(typ="safe").load((DOCS / "fields.ja.yml").read_text(encoding="utf-8"))
    return known


def main() -> int:
    """Write all pages."""
    for name in PAGES:
        for language in _HEADS:
            path = path_of(name, language)
            path.write_text(page(name, language, path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
