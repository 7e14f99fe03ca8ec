"""From wishes for a person to the intention that is planned: what is, what is to be, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daicho.accounts import telling
from daicho.accounts.wishes import HOME, MANAGER
from daicho.craft import Trouble
from daicho.directory import state as keys
from daicho.directory.memberships import net
from daicho.directory.names import common_name, joined, own, parent, same_key
from daicho.directory.session import Query
from daicho.directory.state import Account
from daicho.directory.taken import TakenNames
from daicho.door import Intention
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from daicho.accounts.census import Census
    from daicho.accounts.people_craft import Desk
    from daicho.accounts.wishes import Wishes
    from daicho.directory.planning import Planner
    from daicho.plan import Scalar, TargetState

_UNSEEN = (keys.PASSWORD_NUMBER, keys.MUST_CHANGE, keys.attribute_key("manager"))


@dataclass(kw_only=True)
class Becoming:
    """Makes intentions; knows which names the people of one plan take."""

    tools: Desk
    planner: Planner
    wishes: Wishes
    day: date
    """The day that the change is about: who is put aside goes into its folder."""
    ends_sessions: bool = False
    """Whether who is closed loses the password, and so needs a new one to be let in again."""
    _taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Know nothing yet of the names that are there."""
        self._there = TakenNames(self.tools.reader.session)

    def know(self, census: Census) -> None:
        """Take over who is where, so that nobody is asked for once more."""
        reader = self.tools.reader
        self._there.know(census.logins.keys(), reader.dialect.filter(reader.kind))

    def expect(self, coming: Iterable[tuple[Account | None, Mapping[str, Scalar]]]) -> None:
        """Ask at once whether the names are taken that people are about to get, for all of them.

        Args:
            coming: Accounts and what is wished for them, as `intention` takes them.

        Raises:
            DirectoryError: The directory cannot be asked.
        """
        names = ((account, str(wished[keys.DN])) for account, wished in coming if wished.get(keys.DN))
        self._there.ask(dn for account, dn in names if not account or same_key(dn) != same_key(account.dn))

    def intention(
        self, target: str, account: Account | None, wished: Mapping[str, Scalar], notes: Iterable[str] = ()
    ) -> Intention:
        """What is to become of one person.

        Args:
            target: The employee number.
            account: The account; None: it is to be made.
            wished: What is to be different; null takes away.
            notes: What else the approver has to know.

        Raises:
            DirectoryError: It cannot be; every reason is named.
            FileServerError: The home folder cannot be looked at.
        """
        before = self.tools.seen(account, wished)
        after = self._after(account, wished, before)
        access = net(keys.groups(before), keys.groups(after), self.tools.reader.groups.nesting)
        hidden = self.tools.rules.directory.hidden_attribute
        told = telling.attributes(before, after, hidden) if account else ()
        return Intention(
            target=target,
            before=before,
            after=after,
            inverse=self._inverse(account, before, after),
            notes=(*notes, *told, *telling.access(access)),
        )

    def removal(self, target: str, account: Account, notes: Iterable[str] = ()) -> Intention:
        """An account that is taken away: only to undo a creation."""
        why = _("a removed account does not come back: a new one of the same name is another one")
        before = self.tools.seen(account, {})
        return Intention(target=target, before=before, after={}, irreversible=why, notes=tuple(notes))

    def was_used(self, account: Account) -> bool:
        """Whether somebody has ever logged on with an account."""
        asked = ("lastLogon", "lastLogonTimestamp", "logonCount")
        query = Query(account.dn, "(objectClass=*)", asked, "BASE")
        return any(
            entry.number(name) > 0 for entry in self.tools.reader.session.search(query) for name in asked
        )

    def _after(
        self, account: Account | None, wished: Mapping[str, Scalar], before: TargetState
    ) -> dict[str, Scalar]:
        plain = {key: value for key, value in wished.items() if key not in {MANAGER, HOME}}
        plain = self._known_groups(plain)
        place = self._free(account, str(plain[keys.DN])) if plain.get(keys.DN) else ""
        aside = place and self._is_folder_of_day(parent(place))
        if aside:
            del plain[keys.DN]
        elif place:
            plain[keys.DN] = place
        whole = self.planner.becomes(account, plain)
        if aside:
            whole[keys.DN] = self.tools.reader.dialect.spelled(place)
        after = {key: value for key, value in whole.items() if key not in _UNSEEN}
        after |= {key: wished.get(key, before.get(key)) for key in (MANAGER, HOME)}
        if keys.MUST_CHANGE in wished:
            after[keys.MUST_CHANGE] = wished[keys.MUST_CHANGE]
        return keys.merged(after, {})

    def _known_groups(self, wished: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """Groups as the directory spells them, so that a state has one key for each."""
        found: dict[str, Scalar] = {}
        groups = self.tools.reader.groups
        for key, value in wished.items():
            named = keys.groups({key: keys.MEMBER}) if value else ()
            if named and not groups.missing(set(named)):
                key = keys.group_key(groups.name(groups.place(named[0])))  # noqa: PLW2901
            found[key] = value
        return found

    def _inverse(self, account: Account | None, before: TargetState, after: TargetState) -> dict[str, Scalar]:
        if account is None:
            return self._unmade(after)
        changed = (key for key in {**before, **after} if before.get(key) != after.get(key))
        back = {key: before.get(key) for key in changed if key not in {HOME, keys.MUST_CHANGE}}
        if back.get(keys.ENABLED) and self.ends_sessions:
            back[keys.MUST_CHANGE] = True
        return back

    def _unmade(self, after: TargetState) -> dict[str, Scalar]:
        if self.tools.rules.undo_created == "delete":
            return {keys.DN: None}
        made = Account(dn=str(after[keys.DN]), state=after)
        return self.wishes.put_aside(made, self.day)

    def _free(self, account: Account | None, dn: str) -> str:
        """The name, with the logon name added where somebody else has it already."""
        own_key = same_key(account.dn) if account else ""
        if same_key(dn) != own_key and (same_key(dn) in self._taken or dn in self._there):
            login = self._login(account)
            kind, _equals, _value = own(dn).partition("=")
            dn = joined((kind, f"{common_name(dn)} ({login})"), parent(dn))
        self._taken.add(same_key(dn))
        return dn

    def _login(self, account: Account | None) -> str:
        return account.attribute(self.tools.reader.dialect.login) if account else "2"

    def _is_folder_of_day(self, place: str) -> bool:
        disabled = self.tools.rules.directory.disabled
        if same_key(parent(place)) != same_key(disabled):
            return False
        if self.planner.place(disabled) is None:
            said = _("there is no place {place} for those who leave; make it, or correct directory.yml")
            raise Trouble(why=said.format(place=disabled))
        return True
