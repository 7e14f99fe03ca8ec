"""One language for our own sentences and for those of the command-line library."""

from __future__ import annotations

import gettext
import os
from pathlib import Path
from typing import Final

import daicho
from daicho.i18n import N_, use_language

BORROWED: Final = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("env var: {var}"),
    N_("default: {default}"),
    N_("required"),
    N_("Show this message and exit."),
    N_("Error: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("No such option {name!r}."),
    N_("No such command {name!r}."),
    N_("{value} is not in the range {range}."),
    N_("{value!r} is not a valid {number_type}."),
)
"""Sentences of click (8.2 and later) that our people see; named here so that the catalogue has them."""


def speak(language: str) -> None:
    """Speak this language from here on, click too."""
    use_language(language)
    # click asks the C library's way: a text domain of the process, and LANGUAGE.
    gettext.bindtextdomain("daicho", str(Path(daicho.__file__).parent / "locale"))
    gettext.textdomain("daicho")
    os.environ["LANGUAGE"] = language
