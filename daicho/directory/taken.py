"""Which names of a directory are taken, asked for many at once."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING

from daicho.directory.names import ASKED_AT_ONCE, components, either, equals, every, is_under, own, same_key
from daicho.directory.session import Query

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from daicho.directory.session import Session


class TakenNames:
    """Distinguished names, and whether something stands under them; each is asked for once."""

    def __init__(self, session: Session) -> None:
        """Nothing is asked yet."""
        self._session = session
        self._known: dict[str, bool] = {}
        self._read: Collection[str] = ()
        self._others = ""

    def know(self, read: Collection[str], wanted: str) -> None:
        """Ask no more for accounts that have all been read.

        Args:
            read: The keys of their names (`same_key`).
            wanted: The filter that found them.
        """
        self._read, self._others = read, f"(!{wanted})"

    def ask(self, names: Iterable[str]) -> None:
        """Learn of many names at once, by what their first components say: that is indexed.

        To list the places that the names are in would cost the server as much as reading everybody.

        Raises:
            DirectoryError: The directory cannot be asked.
        """
        base = self._session.settings.base
        asked = {same_key(dn): dn for dn in names if is_under(dn, base)}
        for chunk in batched((key for key in asked if key not in self._known), ASKED_AT_ONCE):
            wanted = either(equals(*components(own(asked[key]))[0]) for key in chunk)
            query = Query(base, every(wanted, *filter(None, [self._others])), ("1.1",))
            found = {same_key(entry.dn) for entry in self._session.search(query)}
            self._known |= {key: key in found or key in self._read for key in chunk}

    def __contains__(self, dn: str) -> bool:
        """Whether something of this name is there."""
        key = same_key(dn)
        if key not in self._known:
            self._known[key] = self._session.exists(dn)
        return self._known[key]
