"""Endpoints: the projection of what they said of themselves, and of when each was last seen.

Kinds of entries, of a check K1, K2 ...:
- `endpoint.read`: what was read, item → state where it differs from the one before, the items that are as
  before, item → why it could not be read
- `endpoint.seen`: how (a logon in the directory, a DHCP lease), item → when

Seen is also who a check of reachability found back, and who a run reached.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from daicho import canonical
from daicho.clock import stamp
from daicho.outcome import Outcome

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from daicho.ledger.entry import Entry
    from daicho.ledger.store import Ledger

READ: Final = "endpoint.read"
SEEN: Final = "endpoint.seen"
_BACK: Final = ("back", "different")
_REACHED: Final = frozenset({Outcome.CHANGED, Outcome.UNCHANGED, Outcome.FAILED, Outcome.DRIFTED})
_STATE: Final = """
INSERT INTO endpoint_state (item, what, state, since, read_at, inspection) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (item, what) DO UPDATE SET state = excluded.state, since = excluded.since,
    read_at = excluded.read_at, inspection = excluded.inspection
"""
_SAME: Final = "UPDATE endpoint_state SET read_at = ?, inspection = ? WHERE item = ? AND what = ?"
_UNREAD: Final = """
INSERT INTO endpoint_unread (item, what, at, why) VALUES (?, ?, ?, ?)
ON CONFLICT (item, what) DO UPDATE SET at = excluded.at, why = excluded.why
"""
_SIGHTING: Final = """
INSERT INTO sighting (item, at, how) VALUES (?, ?, ?)
ON CONFLICT (item) DO UPDATE SET at = excluded.at, how = excluded.how WHERE excluded.at > sighting.at
"""


class EndpointTable:
    """The projection of readings and sightings."""

    name: Final = "endpoint"
    kinds: Final = frozenset({READ, SEEN, "check.verdict", "target.outcome"})

    @property
    def schema(self) -> str:
        """The tables."""
        return files("daicho.records").joinpath("endpoints.sql").read_text(encoding="utf-8")

    def apply(self, connection: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to one entry."""
        body, at = entry.body, stamp(entry.at)
        match entry.kind:
            case "endpoint.read":
                self._read(connection, entry, at)
            case "endpoint.seen":
                _sighted(connection, ((item, when, body["how"]) for item, when in body["seen"].items()))
            case "check.verdict":
                found = (item for state in _BACK for item in body["items"].get(state, ()))
                _sighted(connection, ((item, at, "reachability") for item in found))
            case "target.outcome":
                if Outcome(body["outcome"]) in _REACHED:
                    _sighted(connection, [(body["target"], at, "run")])

    def _read(self, connection: sqlite3.Connection, entry: Entry, at: str) -> None:
        body, what = entry.body, entry.body["what"]
        states = ((item, what, text_of(state), at, at, entry.of) for item, state in body["states"].items())
        connection.executemany(_STATE, states)
        connection.executemany(_SAME, ((at, entry.of, item, what) for item in body["same"]))
        done = [*body["states"], *body["same"]]
        connection.executemany(
            "DELETE FROM endpoint_unread WHERE item = ? AND what = ?", ((item, what) for item in done)
        )
        connection.executemany(_UNREAD, ((item, what, at, why) for item, why in body["unread"].items()))
        _sighted(connection, ((item, at, "reading") for item in done))


@dataclass(frozen=True, kw_only=True)
class EndpointState:
    """What an endpoint last said of itself."""

    item: str
    state: dict[str, Any]
    since: str
    """The reading that first found it so (a stamp)."""
    read_at: str


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """When somebody last had a sign of life."""

    at: str
    how: str


def text_of(state: dict[str, object]) -> str:
    """A state as it is compared."""
    return canonical.canonical(state)


def states_of(ledger: Ledger, what: str) -> dict[str, EndpointState]:
    """Item → what it last said, of all that ever said anything."""
    rows = ledger.query("SELECT item, state, since, read_at FROM endpoint_state WHERE what = ?", (what,))
    return {
        row["item"]: EndpointState(
            item=row["item"],
            state=json.loads(row["state"]),
            since=row["since"],
            read_at=row["read_at"],
        )
        for row in rows
    }


def texts_of(ledger: Ledger, what: str) -> dict[str, str]:
    """Item → its last state as it is compared."""
    rows = ledger.query("SELECT item, state FROM endpoint_state WHERE what = ?", (what,))
    return {row["item"]: row["state"] for row in rows}


def unread_of(ledger: Ledger, what: str) -> dict[str, str]:
    """Item → why its newest reading failed."""
    rows = ledger.query("SELECT item, why FROM endpoint_unread WHERE what = ?", (what,))
    return {row["item"]: row["why"] for row in rows}


def sightings(ledger: Ledger) -> dict[str, Sighting]:
    """Item → when it was last seen, and by what."""
    rows = ledger.query("SELECT item, at, how FROM sighting")
    return {row["item"]: Sighting(at=row["at"], how=row["how"]) for row in rows}


def _sighted(connection: sqlite3.Connection, rows: Iterable[tuple[str, str, str]]) -> None:
    connection.executemany(_SIGHTING, rows)
