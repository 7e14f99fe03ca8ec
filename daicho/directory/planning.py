"""What an account is to become, judged against the directory before anybody approves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.directory import state as keys
from daicho.directory.limits import problems
from daicho.directory.names import joined, own, parent, same_key
from daicho.directory.session import Query
from daicho.directory.settings import Flavour
from daicho.directory.wrong import DirectoryError
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.directory.reading import Reader
    from daicho.directory.state import Account
    from daicho.plan import Scalar


class CannotBecome(DirectoryError):
    """What is wished for an account cannot be: each reason is named."""

    sentence = N_("{reasons}")


class Planner:
    """Turns wishes into states that the directory can hold."""

    def __init__(self, reader: Reader) -> None:
        """Nothing is read yet."""
        self._reader = reader
        self._places: dict[str, str | None] = {}

    def place(self, dn: str) -> str | None:
        """How the directory itself spells the name of a place; None: there is no such place."""
        key = same_key(dn)
        if key not in self._places:
            query = Query(dn, "(objectClass=*)", ("1.1",), "BASE")
            found = next(iter(self._reader.session.search(query)), None)
            self._places[key] = self._reader.dialect.spelled(found.dn) if found else None
        return self._places[key]

    def becomes(self, found: Account | None, wishes: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """The whole state afterwards.

        Args:
            found: The account now; None: it is to be made.
            wishes: What is to be different; null takes away. A new account needs at least `dn`.

        Raises:
            CannotBecome: A place or group is missing, a value is too long, …: all at once.
        """
        if found is None:
            wishes = {keys.ENABLED: False, keys.MUST_CHANGE: True, keys.PASSWORD: keys.SET, **wishes}
        wishes = {self._spelled(key): value for key, value in wishes.items()}
        after = keys.merged(found.state if found else {}, wishes)
        reasons: list[str] = []
        if dn := after.get(keys.DN):
            under = self.place(parent(str(dn)))
            if under is None:
                reasons.append(_("there is no place {place}").format(place=parent(str(dn))))
            else:
                after[keys.DN] = self._reader.dialect.spelled(joined(own(str(dn)), under))
        if gone := self._reader.groups.missing(set(keys.groups(after))):
            reasons.append(_("there is no group {groups}").format(groups=", ".join(gone)))
        if self._reader.session.settings.flavour is Flavour.AD:
            reasons += problems({key: after[key] for key in after if key in wishes})
        if reasons:
            raise CannotBecome(reasons="; ".join(reasons))
        return after

    def _spelled(self, key: str) -> str:
        name = keys.group_in(key)
        return key if name is None else keys.group_key(self._reader.groups.spelled(name))
