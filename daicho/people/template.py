"""Texts with {fields} in a site's policy, judged when the policy is read, not when the first person comes."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def check_template(text: str, fields: Collection[str]) -> str:
    """The text, if its fields are among these.

    Raises:
        ValueError: It has another field, or braces that do not close.
    """
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise ValueError(_("{text!r:.80}: {error}").format(text=text, error=error)) from None
    for _literal, name, spec, conversion in parts:
        if name is not None and (name not in fields or spec or conversion):
            why = _("{text!r:.80} has the field {{{name}}}; there are {fields}")
            known = ", ".join(f"{{{field}}}" for field in sorted(fields))
            raise ValueError(why.format(text=text, name=name, fields=known))
    return text


def literals(text: str) -> str:
    """What stands in a template outside its fields."""
    return "".join(literal for literal, *_rest in Formatter().parse(text))


def fill(text: str, values: Mapping[str, object]) -> str:
    """The template with its values; spaces that an empty value leaves over are taken away."""
    return " ".join(text.format_map(values).split())
