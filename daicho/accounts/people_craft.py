"""The craft of the works on people: accounts, groups and home folders brought to what is approved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daicho.accounts.census import Census, values
from daicho.accounts.slips import Slip
from daicho.accounts.wishes import HOME, MANAGER
from daicho.craft import Trouble, trouble_of
from daicho.directory import state as keys
from daicho.directory.case import Work
from daicho.directory.names import common_name, parent, same_key
from daicho.directory.passwords import generate
from daicho.directory.settings import Flavour
from daicho.directory.snapshot import take
from daicho.directory.state import Account
from daicho.directory.writing import Writer
from daicho.directory.wrong import Ambiguous, DirectoryError, WriteRefused
from daicho.fileserver.wrong import FileServerError
from daicho.i18n import gettext as _
from daicho.people.attributes import attribute_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from daicho.accounts.homes import Homes
    from daicho.accounts.rules import DirectoryFile
    from daicho.accounts.slips import Slips
    from daicho.craft import Begin, Target
    from daicho.directory.reading import Reader
    from daicho.door import Intention
    from daicho.plan import Scalar, TargetState

_AT_ONCE: Final = 100
_UNSEEN: Final = frozenset({keys.PASSWORD_NUMBER, keys.MUST_CHANGE})
"""Keys that their owner changes by choosing a password, which is no drift."""
_MANAGER: Final = keys.attribute_key("manager")
_HOME_PATH: Final = keys.attribute_key("homeDirectory")
_ENTRY_EXISTS: Final = 68


@dataclass(kw_only=True)
class Desk:
    """What it takes to see people as a plan sees them."""

    rules: DirectoryFile
    reader: Reader
    _managers: dict[str, str] = field(default_factory=dict, kw_only=True)

    def fact(self, name: str) -> str:
        """The attribute that holds a fact about a person; empty: none does."""
        own = self.rules.people.attributes
        ad = self.rules.directory.flavour is Flavour.AD
        return (attribute_names("ad", own) if ad else attribute_names("ldap", own)).get(name, "")

    def census(self) -> Census:
        """Everybody who has an account."""
        return Census(snapshot=take(self.reader), rules=self.rules)

    def people(self, numbers: Iterable[str]) -> dict[str, Account | Trouble]:
        """The accounts of these employee numbers; a number that two carry is a trouble of its own."""
        asked = list(numbers)
        try:
            return {**self.reader.by_number(asked)}
        except Ambiguous as error:
            if len(asked) == 1:
                return {asked[0]: Trouble(why=str(error))}
        return {name: each for number in asked for name, each in self.people([number]).items()}

    def seen(self, account: Account | None, asked: TargetState) -> dict[str, Scalar]:
        """The state of a person as a plan compares it.

        Args:
            account: The account; None: there is none.
            asked: A state with the further keys that are to be looked at.
        """
        if account is None:
            path = str(asked.get(_HOME_PATH) or "")
            return keys.merged({HOME: self.home(path, "")} if HOME in asked and path else {}, {})
        found = {key: value for key, value in account.state.items() if key not in _UNSEEN}
        if superior := found.pop(_MANAGER, None):
            found[MANAGER] = self.login_at(str(superior))
        if keys.MUST_CHANGE in asked:
            found[keys.MUST_CHANGE] = account.state.get(keys.MUST_CHANGE, False)
        if HOME in asked and (path := str(found.get(_HOME_PATH) or asked.get(_HOME_PATH) or "")):
            found[HOME] = self.home(path, account.attribute(self.reader.dialect.login))
        return keys.merged(found, {})

    def home(self, path: str, owner: str) -> str | None:
        """Who may do what in a home folder; None: there is none, or nobody looks."""
        del path, owner
        return None

    def login_at(self, dn: str) -> str:
        """The logon name of an account by its distinguished name."""
        key = same_key(dn)
        if key not in self._managers:
            account = self.reader.at(dn)
            login = account.attribute(self.reader.dialect.login) if account else ""
            self._managers[key] = login or common_name(dn)
        return self._managers[key]

    def know_managers(self, census: Census) -> None:
        """Take over who is who, so that nobody is asked for one by one."""
        self._managers |= census.logins

    def forget_managers(self) -> None:
        """After a move a superior has another distinguished name."""
        self._managers.clear()


@dataclass(kw_only=True)
class Tools(Desk):
    """What the works on people work with."""

    homes: Homes
    slips: Slips

    def home(self, path: str, owner: str) -> str | None:
        """Who may do what in a home folder; None: there is none."""
        return self.homes.found(path, self.homes.names([owner] if owner else []))


class Purpose:
    """What one work is for. The base only goes back to states that are recorded."""

    ends_sessions = False
    """Whether an account that is closed gets a password that nobody knows."""

    def __init__(self, tools: Tools) -> None:
        """Work with these."""
        self.tools = tools

    def intentions(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        """What would become of each person."""
        raise NotImplementedError


class PeopleCraft:
    """Rehearses and carries out a purpose on people."""

    def __init__(self, purpose: Purpose) -> None:
        """Nothing is read yet."""
        self._purpose = purpose
        self._tools = purpose.tools

    def rehearse(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        """What would become of each person; nothing is written."""
        for name, found in self._purpose.intentions(targets):
            if not isinstance(found, Trouble) and found.after.get(keys.MUST_CHANGE):
                self._tools.slips.check()
            yield name, found

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterator[tuple[str, TargetState | Trouble]]:
        """Bring each person's account to its approved state."""
        if any((target.wanted or {}).get(keys.MUST_CHANGE) for target in targets):
            self._tools.slips.check()
        for batch in self._batches(targets):
            yield from _Batch(self._purpose, batch).carried_out(begin)

    def _batches(self, targets: Sequence[Target]) -> Iterator[list[Target]]:
        """A hundred at a time; who has a new superior comes in a later batch than the superior."""
        login = keys.attribute_key(self._tools.reader.dialect.login)
        batch: list[Target] = []
        made: set[object] = set()
        for target in targets:
            wanted = target.wanted or {}
            if len(batch) == _AT_ONCE or (batch and wanted.get(MANAGER) in made):
                yield batch
                batch, made = [], set()
            batch.append(target)
            made.add(wanted.get(login))
        if batch:
            yield batch


class _Batch:
    """A hundred people under way: their groups are written together."""

    def __init__(self, purpose: Purpose, targets: Sequence[Target]) -> None:
        self._purpose, self._tools = purpose, purpose.tools
        self._targets = {target.name: target for target in targets}
        self._found = self._tools.people(self._targets)
        # Read now: between two writes a look that went on at the next server would hide the loss of one.
        self._groups = self._tools.reader.groups
        self._kept = set[str]()
        """Whose password goes onto a slip; all others get one that nobody knows."""

    def carried_out(self, begin: Begin) -> Iterator[tuple[str, TargetState | Trouble]]:
        works = list[Work]()
        for name, target in self._targets.items():
            try:
                if (work := self._begun(target, begin)) is not None:
                    works.append(work)
            except (Trouble, FileServerError, DirectoryError) as error:
                yield name, trouble_of(error)
        self._make_folders(works)
        writer = Writer(self._tools.reader, self._password)
        outcomes = dict(writer.carry_out(works))
        self._tools.forget_managers()
        for name, outcome in outcomes.items():
            yield name, self._told(name, outcome)

    def _begun(self, target: Target, begin: Begin) -> Work | None:
        account = self._found.get(target.name)
        if isinstance(account, Trouble):
            raise account
        wanted = target.wanted or {}
        if not begin(target.name, self._tools.seen(account, wanted)):
            return None
        return Work(key=target.name, found=account, wanted=self._whole(target.name, account, wanted))

    def _whole(self, name: str, account: Account | None, wanted: TargetState) -> dict[str, Scalar]:
        """The whole state that the directory is to hold, from what was approved."""
        if not wanted.get(keys.DN):
            return {}
        now = account.state if account else {}
        whole: dict[str, Scalar] = {key: now[key] for key in _UNSEEN if key in now}
        whole |= {key: value for key, value in wanted.items() if key not in {MANAGER, HOME}}
        if superior := wanted.get(MANAGER):
            whole[_MANAGER] = self._manager(str(superior), account)
        if account is None:
            self._kept.add(name)
        elif self._resets(name, account, wanted):
            number = now.get(keys.PASSWORD_NUMBER)
            whole[keys.PASSWORD_NUMBER] = (number if isinstance(number, int) else 0) + 1
        return keys.merged(whole, {})

    def _resets(self, name: str, account: Account, wanted: TargetState) -> bool:
        """Whether another password is set, with a slip or without.

        What comes last in the order of the writes tells whether an interrupted attempt got that far.
        """
        opens = bool(wanted.get(keys.ENABLED)) and not account.state.get(keys.ENABLED)
        if wanted.get(keys.MUST_CHANGE) and (opens or not account.state.get(keys.MUST_CHANGE)):
            self._kept.add(name)
            return True
        moves = same_key(str(wanted[keys.DN])) != same_key(account.dn)
        return self._purpose.ends_sessions and wanted.get(keys.ENABLED) is False and moves

    def _manager(self, login: str, account: Account | None) -> str:
        """The distinguished name of a superior, as it is at this moment."""
        now = str(account.state.get(_MANAGER) or "") if account else ""
        if now and self._tools.login_at(now) == login:
            return now
        superior = self._tools.reader.by_login([login]).get(login)
        if superior is None:
            raise Trouble(why=_("the superior {login} has no account").format(login=login))
        return superior.dn

    def _make_folders(self, works: Iterable[Work]) -> None:
        """The folders of days, as they are needed; never any other place."""
        session, disabled = self._tools.reader.session, self._tools.rules.directory.disabled
        for place in {parent(str(work.wanted[keys.DN])) for work in works if work.wanted}:
            if same_key(parent(place)) != same_key(disabled) or session.exists(place):
                continue
            try:
                session.add(place, ["organizationalUnit"], {})
            except WriteRefused as error:
                if error.code != _ENTRY_EXISTS:
                    raise

    def _find(self, numbers: Iterable[str]) -> Mapping[str, Account]:
        return self._tools.reader.by_number(numbers)

    def _password(self, number: str) -> str:
        target = self._targets[number]
        wanted = target.wanted or {}
        names = [str(wanted.get(key) or "") for key in self._shown_in_names()]
        password = generate(self._tools.rules.passwords, [part for name in names for part in name.split()])
        if number in self._kept:
            self._tools.slips.write(_slip(number, wanted, self._tools, password))
        return password

    def _shown_in_names(self) -> tuple[str, ...]:
        return tuple(keys.attribute_key(name) for name in (self._tools.reader.dialect.login, "displayName"))

    def _told(self, name: str, outcome: Account | DirectoryError | None) -> TargetState | Trouble:
        wanted = self._targets[name].wanted or {}
        if isinstance(outcome, DirectoryError):
            if name in self._kept and self._found.get(name) is None and not self._find([name]):
                self._tools.slips.discard(name)
            return trouble_of(outcome)
        try:
            if outcome is not None and wanted.get(HOME):
                self._tools.homes.make(
                    str(wanted[_HOME_PATH]), outcome.attribute(self._tools.reader.dialect.login)
                )
            return self._tools.seen(outcome, wanted)
        except (FileServerError, DirectoryError) as error:
            return trouble_of(error)


def _slip(number: str, wanted: TargetState, tools: Tools, password: str) -> Slip:
    new = Account(dn="", state=wanted)
    return Slip(
        number=number,
        name=f"{new.attribute('sn')} {new.attribute('givenName')}".strip() or new.attribute("displayName"),
        kana=new.attribute("msDS-PhoneticDisplayName"),
        section=next(iter(values(new, tools.fact("section_name"))), ""),
        account=new.attribute(tools.reader.dialect.login),
        mail=new.attribute("mail"),
        password=password,
    )
