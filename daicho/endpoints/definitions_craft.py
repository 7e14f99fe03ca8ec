"""The craft of `update_virus_definitions`: who has too old ones gets newer ones, from our own sources."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from daicho import clock
from daicho.concurrent import several
from daicho.craft import Told, Trouble
from daicho.door import Intention
from daicho.endpoints.clamav import ClamAvMachine
from daicho.endpoints.defender import DefenderMachine
from daicho.endpoints.definitions import FRESH, NOT_BEFORE, Held, Scanner, written
from daicho.endpoints.definitions_file import DefinitionsFile
from daicho.endpoints.fleet import access_of
from daicho.endpoints.linux import Linux, is_windows
from daicho.endpoints.session import endpoint_of
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from daicho.craft import Begin, Bench, Craft, Target
    from daicho.endpoints.session import Access
    from daicho.plan import TargetState

_AT_ONCE: Final = 50


class NoSource(Trouble):
    """The site file says nothing of such machines."""

    sentence = N_("definitions.yml does not say where ClamAV gets its definitions. Add `clamav:` to it.")


class SourceTooOld(Trouble):
    """All went well, and the newest there is is too old."""

    sentence = N_(
        "The newest definitions that {source} has are of {made}, and not of {wanted} or later: see why they "
        "are not renewed there. The machine has the newest there are."
    )


@contextmanager
def open_craft(bench: Bench) -> Iterator[Craft]:
    """The craft of `update_virus_definitions`."""
    hours = int(str(bench.inputs["hours"]))
    scanners = _Scanners(bench, DefinitionsFile.read(bench.content / "site"), hours)
    yield DefinitionsCraft(scanner_of=scanners.of, hours=hours)


@dataclass(frozen=True)
class _Scanners:
    bench: Bench
    rules: DefinitionsFile
    hours: int

    def of(self, target: Target) -> Scanner:
        """By what the item says its system is."""
        if is_windows(target.facts):
            return DefenderMachine(
                endpoint=endpoint_of(target.name, target.facts),
                access=self._access,
                rules=self.rules.defender,
                hours=self.hours,
            )
        if self.rules.clamav is None:
            raise NoSource
        machine = Linux.of(target.name, target.facts, self.bench)
        return ClamAvMachine(machine=machine, rules=self.rules.clamav)

    @cached_property
    def _access(self) -> Access:
        return access_of(self.bench)


@dataclass(frozen=True, kw_only=True)
class DefinitionsCraft:
    """Rehearses and carries out an update of definitions."""

    scanner_of: Callable[[Target], Scanner]
    hours: int

    def rehearse(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        """Whose definitions are too old."""
        limit = (clock.now() - timedelta(hours=self.hours)).replace(second=0, microsecond=0)
        yield from several(targets, partial(self._rehearsed, limit=limit), _AT_ONCE)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterator[tuple[str, TargetState | Told | Trouble]]:
        """Let those fetch newer ones."""
        for name, state in several(targets, partial(self._carried_out, begin=begin), _AT_ONCE):
            if state is not None:
                yield name, state

    def _rehearsed(self, target: Target, limit: datetime) -> Intention:
        held = self.scanner_of(target).look()
        before = held.state(limit)
        return Intention(
            target=target.name,
            before=before,
            after=before | {FRESH: True},
            irreversible=_("older definitions are never put back: they know fewer viruses"),
            notes=(held.told(), *held.notes),
        )

    def _carried_out(self, target: Target, begin: Begin) -> TargetState | Told | None:
        limit = _limit(target)
        scanner = self.scanner_of(target)
        held = scanner.look()
        if not begin(target.name, held.state(limit)):
            return None
        if held.since(limit):
            return held.state(limit)
        source = scanner.update()
        now = scanner.look()
        if not now.since(limit):
            raise _too_old(now, source, limit)
        said = _("It came from {source}.").format(source=source)
        return Told(state=now.state(limit), said=f"{now.told()} {said}")


def _limit(target: Target) -> datetime:
    text = str((target.wanted or {})[NOT_BEFORE])
    return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)


def _too_old(now: Held, source: str, limit: datetime) -> SourceTooOld:
    made = written(now.made) if now.made else "–"
    return SourceTooOld(source=source, made=made, wanted=written(limit))
