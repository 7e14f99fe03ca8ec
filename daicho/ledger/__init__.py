"""The append-only, hash-chained record."""

from __future__ import annotations

from daicho.ledger.entry import Draft, Entry, Head
from daicho.ledger.projection import Projection
from daicho.ledger.store import Ledger

__all__ = ["Draft", "Entry", "Head", "Ledger", "Projection"]
