"""People's YAML files, read with bounds and judged with messages that point at the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent

from daicho.errors import DocumentError
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

MAX_BYTES: Final = 4 * 1024 * 1024


class Document(BaseModel):
    """A frozen document that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def read_file(path: Path) -> str:
    """The text of a document.

    Raises:
        DocumentError: The file is absent, too large, or not UTF-8.
    """
    try:
        data = path.read_bytes()
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
        DocumentError: Not YAML, several documents, an alias, a key twice.
    """
    try:
        if any(isinstance(event, AliasEvent) for event in YAML(typ="safe", pure=True).parse(text)):
            problem = _("It uses a YAML alias (*name). Write the value out.")
            raise DocumentError(document=name, problems=problem)
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = _("line {line}: ").format(line=mark.line + 1) if mark else ""
        raise DocumentError(document=name, problems=where + str(error.problem or error.context)) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise DocumentError(document=name, problems=str(error) or type(error).__name__) from error


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
        problems = "\n".join(_problem(detail, prefix) for detail in error.errors(include_url=False))
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
    "string_too_short": N_("it must not be empty"),
    "too_short": N_("it needs at least {min_length}"),
    "greater_than_equal": N_("it must be at least {ge}"),
    "less_than_equal": N_("it must be at most {le}"),
    "string_pattern_mismatch": N_("it must look like {pattern}"),
    "timezone_naive": N_("it needs a date and a time"),
    "value_error": "{error}",
}


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
