"""The groups of a directory: their names, where they stand, and which is in which. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

from daicho.directory.memberships import Nesting
from daicho.directory.names import same_key
from daicho.directory.wrong import NotFound
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class Groups:
    """All groups, by name; names are unique in a directory whatever their case."""

    places: Mapping[str, str]
    """The distinguished name by name."""
    parents: Mapping[str, Sequence[str]]
    """The groups that each group is directly in."""

    @classmethod
    def of(cls, names: Mapping[str, str], parents: Mapping[str, Sequence[str]]) -> Self:
        """The groups from what a directory says.

        Args:
            names: The name by distinguished name.
            parents: The distinguished names of the groups that a group is in, by its own.
        """
        by_key = {same_key(dn): name for dn, name in names.items()}
        return cls(
            places={name: dn for dn, name in names.items()},
            parents={
                names[dn]: tuple(by_key.get(same_key(each), each) for each in above)
                for dn, above in parents.items()
            },
        )

    def name(self, dn: str) -> str:
        """The name of a group; of one that is not ours its distinguished name."""
        return self._as_answered.get(dn) or self._names.get(same_key(dn), dn)

    def place(self, name: str) -> str:
        """The distinguished name of a group.

        Raises:
            NotFound: There is no such group.
        """
        if dn := self.places.get(name) or self._by_small_name.get(name.casefold()):
            return dn
        if "=" in name:  # no logon name has one: it is a group outside our base
            return name
        raise NotFound(kind=_("group"), name=name)

    def missing(self, names: set[str]) -> tuple[str, ...]:
        """Those of these names that no group has, sorted."""
        small = self._by_small_name
        return tuple(sorted(name for name in names if name.casefold() not in small and "=" not in name))

    def spelled(self, name: str) -> str:
        """A group's name as the directory spells it."""
        dn = self._by_small_name.get(name.casefold())
        return self._as_answered[dn] if dn else name

    @cached_property
    def nesting(self) -> Nesting:
        """Which groups are in which."""
        return Nesting(self.parents)

    @cached_property
    def _as_answered(self) -> Mapping[str, str]:
        return {dn: name for name, dn in self.places.items()}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {same_key(dn): name for name, dn in self.places.items()}

    @cached_property
    def _by_small_name(self) -> Mapping[str, str]:
        return {name.casefold(): dn for name, dn in self.places.items()}
