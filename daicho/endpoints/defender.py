"""Microsoft Defender on a Windows machine: source after source, until its definitions are new enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from daicho import clock
from daicho.craft import Trouble
from daicho.endpoints import script
from daicho.endpoints.definitions import Held
from daicho.endpoints.session import Session
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daicho.endpoints.definitions_file import Defender
    from daicho.endpoints.session import Access, Endpoint

SCANNER: Final = "Microsoft Defender"
_LIMIT_S: Final = 900
_CLOCK_OFF_S: Final = 300

# The names of Update-MpSignature -UpdateSource.
_NAMES: Final = {
    "wsus": "InternalDefinitionUpdateServer",
    "share": "FileShares",
    "microsoft": "MicrosoftUpdateServer",
    "malware_center": "MMPC",
}
_WORDS: Final = {name: word for word, name in _NAMES.items()}


class NoneGave(Trouble):
    """No source gave definitions that are new enough."""

    sentence = N_("No source gave definitions that are new enough ({tried}).")


@dataclass(frozen=True, kw_only=True)
class DefenderMachine:
    """Microsoft Defender on one machine."""

    endpoint: Endpoint
    access: Access
    rules: Defender
    hours: int

    def look(self) -> Held:
        """As Get-MpComputerStatus tells."""
        with Session(self.endpoint, self.access) as session:
            return _held(script.run(session, "get_definition_age", {}))

    def update(self) -> str:
        """From the first source that has what is wanted.

        Raises:
            NoneGave: None has; what each of them said.
        """
        wanted = {
            "sources": [_NAMES[source] for source in self.rules.sources],
            "share": self.rules.share,
            "hours": self.hours,
        }
        with Session(self.endpoint, self.access) as session:
            told = script.run(session, "update_definitions", wanted, limit_s=_LIMIT_S)
        if not told["source"]:
            raise NoneGave(tried="; ".join(_tried(told)))
        return _WORDS[told["source"]]


def _held(told: dict[str, Any]) -> Held:
    updated, machine_clock = (_moment(str(told[name])) for name in ("updated", "clock"))
    off = round((machine_clock - clock.now()).total_seconds())
    notes = []
    if not told["real_time"]:
        notes.append(_("Real-time protection is off."))
    if abs(off) > _CLOCK_OFF_S:
        notes.append(_("Its clock is {seconds} s off, and so may be the age.").format(seconds=off))
    return Held(
        scanner=SCANNER,
        engine=str(told["engine"]),
        version=str(told["definitions"]),
        made=updated,
        notes=tuple(notes),
    )


def _tried(told: dict[str, Any]) -> Iterator[str]:
    for each in told["tried"]:
        why = str(each["message"]).rstrip(".。") or _("it has nothing newer")
        yield _("{source}: {why}").format(source=_WORDS.get(each["source"], each["source"]), why=why)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
