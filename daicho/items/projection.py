"""The items as they stand now: the table `item` beside the chain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

    from daicho.ledger import Entry

CHANGED: Final = "item.changed"
RETIRED: Final = "item.retired"

_SCHEMA: Final = """
CREATE TABLE item (
    name       TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    address    TEXT NOT NULL,
    attributes TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    at         TEXT NOT NULL,
    retired    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX item_kind ON item (kind, retired);
CREATE INDEX item_address ON item (address);
"""
_CHANGE: Final = """
INSERT INTO item (name, kind, address, attributes, seq, at, retired)
VALUES (?, ?, ?, ?, ?, substr(?, 8, 27), 0)
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, address = excluded.address,
    attributes = excluded.attributes, seq = excluded.seq, at = excluded.at, retired = 0
"""
_RETIRE: Final = "UPDATE item SET seq = ?, at = substr(?, 8, 27), retired = 1 WHERE name = ?"


class ItemsProjection:
    """Keeps one row per item that ever was; `attributes` is a JSON object, `seq` its last entry."""

    name: Final = "items"
    schema: Final = _SCHEMA
    kinds: Final = frozenset({CHANGED, RETIRED})

    def apply(self, connection: sqlite3.Connection, entry: Entry) -> None:
        """Bring the item's row up to this entry."""
        body = entry.body
        if entry.kind == RETIRED:
            connection.execute(_RETIRE, (entry.seq, entry.text, body["name"]))
            return
        after = body["after"]
        attributes = json.dumps(
            after["attributes"], ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        row = (body["name"], after["kind"], after["address"], attributes, entry.seq, entry.text)
        connection.execute(_CHANGE, row)
