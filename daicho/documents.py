"""People's YAML files, read with bounds and judged with messages that point at the field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from daicho.errors import DocumentError
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

MAX_BYTES: Final = 1024 * 1024
"""Five times a change that names 12,000 targets one by one; the parser takes seconds for it."""
MAX_DEPTH: Final = 32

# Control characters and those that turn the direction of writing: what an approver reads on a
# terminal must be what stands there.
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Document(BaseModel):
    """A frozen document that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def read_file(path: Path) -> str:
    """The text of a document.

    Raises:
        DocumentError: The file is absent, too large, or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DocumentError(document=str(path), problems=error.strerror or str(error)) from error
    if len(data) > MAX_BYTES:
        problem = _("It is larger than {limit} bytes.").format(limit=MAX_BYTES)
        raise DocumentError(document=str(path), problems=problem)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = _("Byte {offset} is not UTF-8. Save the file as UTF-8.").format(offset=error.start)
        raise DocumentError(document=str(path), problems=problem) from error


def load(text: str, name: str) -> object:
    """The plain value of a YAML text: one document, no aliases (they can explode), no own types.

    Raises:
        DocumentError: Not YAML, several documents, an alias, a key twice, depth, invisible characters.
    """
    try:
        if fault := _bomb(text):
            raise DocumentError(document=name, problems=fault)
        value = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = _("line {line}: ").format(line=mark.line + 1) if mark else ""
        raise DocumentError(document=name, problems=where + str(error.problem or error.context)) from error
    except (YAMLError, ValueError) as error:
        # Python adds to a number that is too long how a programmer lifts its bound.
        raise DocumentError(document=name, problems=str(error).partition("; use sys.")[0]) from error
    if unseen := "\n".join(_unseen(value, [])):
        raise DocumentError(document=name, problems=unseen)
    return value


def _bomb(text: str) -> str | None:
    # The parser is asked event by event: it is slow on depth, and it never gets there.
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, AliasEvent):
            return _("It uses a YAML alias (*name). Write the value out.")
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MAX_DEPTH:
            return _("It is nested more than {limit} deep. Write it flat.").format(limit=MAX_DEPTH)
    return None


def _unseen(value: object, steps: list[int | str]) -> Iterator[str]:
    match value:
        case str() if found := _UNSEEN.search(value):
            said = _("At {where}: it holds the invisible character U+{code:04X}. Take it out.")
            yield said.format(where=_where(steps) or _("the top"), code=ord(found[0]))
        case list():
            for number, each in enumerate(value):
                yield from _unseen(each, [*steps, number])
        case dict():
            for key, each in value.items():
                yield from _unseen(key, steps)
                yield from _unseen(each, [*steps, str(key)])


def judge[D: BaseModel](model: type[D], value: object, name: str, prefix: str = "") -> D:
    """The value as a document of this kind.

    Args:
        model: What it should be.
        value: What was read.
        name: The document, for the message.
        prefix: Where the value stands in the document (`inputs`).

    Raises:
        DocumentError: One line per problem, each with the field and the remedy.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problems = "\n".join(_problem(detail, prefix) for detail in _own(error.errors(include_url=False)))
        raise DocumentError(document=name, problems=problems) from error


_SENTENCES: Final[Mapping[str, str]] = {
    "missing": N_("it is missing"),
    "extra_forbidden": N_("there is no such field; look for a spelling mistake"),
    "literal_error": N_("it must be one of {expected}"),
    "enum": N_("it must be one of {expected}"),
    "string_type": N_("it must be a text; put it in quotes"),
    "int_type": N_("it must be a whole number"),
    "int_parsing": N_("it must be a whole number"),
    "bool_type": N_("it must be true or false"),
    "bool_parsing": N_("it must be true or false"),
    "list_type": N_("it must be a list"),
    "tuple_type": N_("it must be a list"),
    "dict_type": N_("it must be a mapping"),
    "model_type": N_("it must be a mapping of fields"),
    "model_attributes_type": N_("it must be a mapping of fields"),
    "string_unicode": N_("it holds half a character; type it again"),
    "invalid_key": N_("a field's name must be a text; put it in quotes"),
    "string_too_short": N_("it must not be empty"),
    "string_too_long": N_("it must have at most {max_length} characters"),
    "too_short": N_("it needs at least {min_length}"),
    "greater_than_equal": N_("it must be at least {ge}"),
    "less_than_equal": N_("it must be at most {le}"),
    "string_pattern_mismatch": N_("it must look like {pattern}"),
    "timezone_naive": N_("it needs a date and a time"),
    "value_error": "{error}",
}


def _own(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without "it is too short" about a list whose parts were refused: that is no problem of its own."""
    places = [detail["loc"] for detail in details]
    return [
        detail
        for detail in details
        if detail["type"] != "too_short" or not any(_below(place, detail["loc"]) for place in places)
    ]


def _below(place: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    return len(place) > len(other) and place[: len(other)] == other


def _problem(detail: ErrorDetails, prefix: str) -> str:
    where = _where([prefix, *detail["loc"]] if prefix else list(detail["loc"]))
    template = _SENTENCES.get(detail["type"])
    said = _(template).format(**detail.get("ctx", {})) if template else detail["msg"]
    return _("At {where}: {said}.").format(where=where or _("the top"), said=said)


def _where(steps: list[int | str]) -> str:
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
