"""Who has been seen since: by the directory, where terminals log on, and by the DHCP server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho import clock
from daicho.clock import stamp
from daicho.endpoints.leases import last_given, read_leases
from daicho.errors import DocumentError, ExitCode
from daicho.items.record import all_items
from daicho.ledger.entry import Draft
from daicho.life.checking import begin, close_check
from daicho.life.directories import logons_of
from daicho.life.endpoints import WORK
from daicho.records.endpoints import SEEN, sightings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from daicho.site import Site

DIRECTORY: Final = "directory"
LEASE: Final = "lease"
_BATCH: Final = 2000


@dataclass(frozen=True, kw_only=True)
class SeenEnd:
    """Who has been seen since the sighting before."""

    check: str
    seen: Mapping[str, Mapping[str, str]]
    """How → item → when (a stamp)."""
    silent: Mapping[str, str]
    """Server that could not be asked → why."""


def look_around(site: Site, *, directory: bool, leases: Path | None) -> SeenEnd:
    """Record who has been seen later than the ledger knows.

    Args:
        site: Whose terminals.
        directory: Ask the directory for the last logons.
        leases: A lease file of the DHCP server.

    Raises:
        NotAllowed: The acting person may not operate `read_endpoints`.
        DirectoryError: No server of the directory can be asked.
        DocumentError: The lease file is absent or none.
    """
    by = site.actor_who_may("operate", WORK)
    items = [item for item in all_items(site.ledger) if item.kind in {"endpoint", "server"}]
    found: dict[str, Mapping[str, datetime]] = {}
    if leases is not None:
        found[LEASE] = last_given(read_leases(_text(leases), str(leases)), items)
    body: dict[str, object] = {"work": WORK, "change": None, "deadline": None, "baseline": None, "inputs": {}}
    check, code = begin(site, by, body), ExitCode.INTERRUPTED
    seen: dict[str, dict[str, str]] = {}
    silent: Mapping[str, str] = {}
    try:
        if directory:
            logons = logons_of(site, (item.name for item in items))
            found[DIRECTORY], silent = logons.last, logons.silent
        seen = {how: _newer(site, moments) for how, moments in found.items()}
        site.ledger.append(*_drafts(check, by, seen))
        code = ExitCode.DONE
    finally:
        close_check(site, check, by, code, {"seen": {how: len(each) for how, each in seen.items()}})
    return SeenEnd(check=check, seen=seen, silent=silent)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DocumentError(document=str(path), problems=error.strerror or str(error)) from error


def _newer(site: Site, moments: Mapping[str, datetime]) -> dict[str, str]:
    """What the ledger does not know; nothing is seen in the future, whatever a server's clock says."""
    known, now = sightings(site.ledger), clock.now()
    later = {name: stamp(min(when, now)) for name, when in moments.items()}
    return {name: at for name, at in later.items() if name not in known or at > known[name].at}


def _drafts(check: str, by: str, seen: Mapping[str, Mapping[str, str]]) -> list[Draft]:
    return [
        Draft(kind=SEEN, of=check, by=by, body={"how": how, "seen": dict(pairs[at : at + _BATCH])})
        for how, moments in seen.items()
        if (pairs := list(moments.items()))
        for at in range(0, len(pairs), _BATCH)
    ]
