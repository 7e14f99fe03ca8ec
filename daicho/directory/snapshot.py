"""The whole directory at one moment, compact: every account as a state, every group, the nesting."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from daicho.directory.memberships import net, people_in

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from daicho.directory.groups import Groups
    from daicho.directory.memberships import Access
    from daicho.directory.reading import Reader
    from daicho.directory.state import Account


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Every account of one kind and every group."""

    accounts: Sequence[Account]
    groups: Groups
    number: str
    """The attribute that holds the employee number."""
    login: str
    """The attribute that people log on with."""

    @cached_property
    def by_number(self) -> Mapping[str, Account]:
        """The accounts that carry an employee number; of several with one number, the one that is open."""
        listed = sorted(self.accounts, key=lambda account: bool(account.state.get("enabled")))
        return {number: account for account in listed if (number := account.attribute(self.number))}

    @cached_property
    def by_login(self) -> Mapping[str, Account]:
        """Every account by its logon name."""
        return {account.attribute(self.login): account for account in self.accounts}

    def shared_numbers(self) -> Mapping[str, tuple[str, ...]]:
        """Employee numbers that several accounts carry, with their names: nobody can tell whose is meant."""
        found: dict[str, list[str]] = {}
        for account in self.accounts:
            if number := account.attribute(self.number):
                found.setdefault(number, []).append(account.dn)
        return {number: tuple(names) for number, names in found.items() if len(names) > 1}

    def effective(self, account: Account) -> frozenset[str]:
        """All groups of an account, through others too."""
        return self.groups.nesting.effective(account.groups)

    def net(self, before: Collection[str], after: Collection[str]) -> Access:
        """What a change of direct groups means for what somebody can enter."""
        return net(before, after, self.groups.nesting)

    def people_in(self, group: str) -> tuple[str, ...]:
        """The logon names of all who are in a group, through others too, sorted."""
        direct = {name: account.groups for name, account in self.by_login.items()}
        return people_in(group, self.groups.nesting, direct)


def take(reader: Reader) -> Snapshot:
    """Read everything: two paged searches."""
    groups = reader.groups
    return Snapshot(
        accounts=reader.everyone(),
        groups=groups,
        number=reader.number,
        login=reader.dialect.login,
    )
