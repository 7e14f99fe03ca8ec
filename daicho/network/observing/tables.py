"""Tables out of what devices print, by templates of TextFSM: our own, and those of ntc-templates."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Final

from textfsm import TextFSM, TextFSMError

from daicho.errors import DaichoError, ExitCode
from daicho.i18n import N_

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_FOREIGN: Final = "ntc:"


class NotUnderstood(DaichoError):
    """A device printed something that its template does not know."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_("What it shows for `{command}` is not understood: {why}. Report it with the output.")


class _Template:
    """One template; a parse at a time, because it keeps its state in itself."""

    def __init__(self, name: str) -> None:
        self._lock = Lock()
        with _file(name).open(encoding="utf-8") as file:
            self._machine = TextFSM(file)

    def rows(self, text: str) -> list[dict[str, str]]:
        with self._lock:
            self._machine.Reset()
            rows = self._machine.ParseText(text)
            header = list(self._machine.header)
        return [{name: _one(value) for name, value in zip(header, row, strict=True)} for row in rows]


def rows(template: str, command: str, text: str) -> list[dict[str, str]]:
    """The rows of what a device printed, by the template's names; of a list of values the first.

    Args:
        template: The name of one of ours, or `ntc:` and the name of one of ntc-templates.
        command: What was asked, for the message.
        text: What was printed.

    Raises:
        NotUnderstood: The template has no place for a line.
    """
    try:
        return _template(template).rows(text)
    except TextFSMError as error:
        raise NotUnderstood(command=command, why=str(error).partition(". Input Line")[0]) from error


@cache
def _template(name: str) -> _Template:
    return _Template(name)


def _file(name: str) -> Traversable:
    if name.startswith(_FOREIGN):
        return files("ntc_templates") / "templates" / f"{name.removeprefix(_FOREIGN)}.textfsm"
    return files("daicho.network.observing") / "templates" / f"{name}.textfsm"


def _one(value: str | list[str]) -> str:
    return value if isinstance(value, str) else next(iter(value), "")
