"""Virus definitions: what a machine has, and whether that is new enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from datetime import datetime

    from daicho.plan import Scalar

SCANNER: Final = "scanner"
NOT_BEFORE: Final = "definitions not before"
FRESH: Final = "definitions new enough"


@dataclass(frozen=True, kw_only=True)
class Held:
    """The virus definitions of a machine."""

    scanner: str
    engine: str
    version: str
    """Of the definitions; empty: it has none."""
    made: datetime | None
    """When they were made, or fetched where nobody tells that; None: it has none."""
    notes: tuple[str, ...] = ()

    def since(self, moment: datetime) -> bool:
        """Whether they are not older than a moment."""
        return self.made is not None and self.made >= moment

    def state(self, moment: datetime) -> dict[str, Scalar]:
        """As a plan holds them.

        The limit is a moment and not an age: what is new enough in the plan is so in the run, hours later.
        """
        return {SCANNER: self.scanner, NOT_BEFORE: written(moment), FRESH: self.since(moment)}

    def told(self) -> str:
        """What they are, in words."""
        if self.made is None:
            return _("{scanner} {engine} has no definitions.").format(
                scanner=self.scanner, engine=self.engine
            )
        said = _("{scanner} {engine} has {version} of {made}.")
        return said.format(
            scanner=self.scanner, engine=self.engine, version=self.version, made=written(self.made)
        )


class Scanner(Protocol):
    """The virus scanner of one machine."""

    def look(self) -> Held:
        """What definitions it has."""

    def update(self) -> str:
        """Fetch newer ones; the source that gave them.

        Raises:
            Trouble: No source did; those it had stay in use.
        """


def written(moment: datetime) -> str:
    """`2026-11-21T06:57Z`."""
    return f"{moment:%Y-%m-%dT%H:%MZ}"
