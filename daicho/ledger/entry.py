"""One entry of the ledger: a canonical JSON text, chained to the one before it by its hash.

The text is the entry; everything else is read from it. Its last keys are always `prev` and `seq`,
so the chain is checked with `text.endswith(...)` and sha256, without parsing.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from daicho import clock
from daicho.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ZEROS: Final = "0" * 64
"""What entry 1 names as its previous hash."""

_KIND: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_SUBJECT: Final = re.compile(r'[^"\\\x00-\x1f]*')


@dataclass(frozen=True)
class Draft:
    """What is to be recorded; its place, its time and its hash come when it is appended."""

    kind: str
    """Dotted lower case: `run.opened`. The ledger does not know the kinds."""
    of: str
    """What it is about: a change, a run, an item. No quotation mark, backslash or control character."""
    by: str
    """The person or program that acts."""
    body: Mapping[str, object] = field(default_factory=dict)
    """Strings, integers, booleans, null, lists and mappings of these."""


@dataclass(frozen=True)
class Head:
    """The newest entry's place: what a checkpoint fixes. An empty ledger has seq 0 and no time."""

    seq: int
    hash: str
    at: datetime | None


@dataclass(frozen=True)
class Entry:
    """A recorded entry. Two entries are equal when their texts are."""

    seq: int
    hash: str
    text: str

    @cached_property
    def _fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = json.loads(self.text)
        return fields

    @property
    def at(self) -> datetime:
        """When it was recorded."""
        return clock.moment(self._fields["at"])

    @property
    def body(self) -> dict[str, Any]:
        """What was recorded."""
        body: dict[str, Any] = self._fields["body"]
        return body

    @property
    def by(self) -> str:
        """Who acted."""
        return str(self._fields["by"])

    @property
    def kind(self) -> str:
        """What happened."""
        return str(self._fields["kind"])

    @property
    def of(self) -> str:
        """What it is about."""
        return str(self._fields["of"])

    @property
    def prev(self) -> str:
        """The hash of the entry before."""
        return str(self._fields["prev"])


@dataclass(frozen=True)
class Content:
    """A draft in its canonical form: the part of an entry that does not depend on its place."""

    kind: str
    of: str
    text: str


def compose(draft: Draft, seq: int, prev: str, at: datetime) -> Entry:
    """The entry that a draft becomes at this place in the chain.

    Raises:
        ValueError: The kind is not dotted lower case, the subject has a character that would need
            escaping, or the body has no canonical form.
    """
    return place(content(draft), seq, prev, at)


def content(draft: Draft) -> Content:
    """The draft's canonical form, made before any lock is held.

    Raises:
        ValueError: As in `compose`.
    """
    if not _KIND.fullmatch(draft.kind):
        raise ValueError(f"{draft.kind!r} is not a kind of entry: dotted lower case, as in 'run.opened'")
    if not _SUBJECT.fullmatch(draft.of):
        raise ValueError(f"{draft.of!r} cannot be the subject of an entry: it would have to be escaped")
    fields = {"body": dict(draft.body), "by": draft.by, "kind": draft.kind, "of": draft.of}
    return Content(draft.kind, draft.of, canonical(fields)[1:-1])


def place(content: Content, seq: int, prev: str, at: datetime) -> Entry:
    """The entry with this content at this place in the chain."""
    text = f'{{"at":"{clock.stamp(at)}",{content.text},"prev":"{prev}","seq":{seq}}}'
    return Entry(seq, hashlib.sha256(text.encode()).hexdigest(), text)
