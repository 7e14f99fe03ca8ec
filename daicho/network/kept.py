"""A configuration as it is kept in a backup: whole, but for what changes by itself."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from daicho.network.grammar import Grammar

LEFT: Final = "configurations"
"""The folder of a run in which its engine leaves the configurations that devices have now."""

_VOLATILE: Final = re.compile(
    r"Building configuration\.\.\.|Current configuration ?:.*|Using \d+ out of \d+ bytes.*"
    r"|ntp clock-period \d+"
)
_CLOCK: Final = re.compile(r"\b\d{1,2}:\d{2}\b")
_UNSAFE: Final = re.compile(r"[/\\\x00]|^\.")


def kept(text: str, grammar: Grammar) -> str:
    """The text to keep: two readings of an unchanged device give the same.

    Remarks of the device's own with a time of day in them go, and so does the size that it counts; all
    else stays as it was shown, secrets included, for it has to bring a new device to life.
    """
    rows = [row.rstrip() for row in text.replace("\r", "").split("\n")]
    lines = [row for row in rows if not _changes_by_itself(row.strip(), grammar)]
    return "\n".join(lines).strip("\n") + "\n"


def digest(text: str) -> str:
    """What the ledger knows of a kept configuration."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def file_name(device: str) -> str:
    """The file of a device in a backup."""
    return f"{_UNSAFE.sub('_', device)}.cfg"


def _changes_by_itself(line: str, grammar: Grammar) -> bool:
    remark = line.startswith(grammar.comment) and _CLOCK.search(line) is not None
    return remark or _VOLATILE.fullmatch(line) is not None
