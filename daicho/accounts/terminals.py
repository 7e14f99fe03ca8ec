"""Terminals in the directory as the ledger has them: made before they join, described, moved, retired."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from daicho.accounts.account_craft import AccountCraft, facts_of, wish
from daicho.accounts.opening import open_directory
from daicho.accounts.terminal_rules import FIELDS
from daicho.clock import now
from daicho.craft import Trouble
from daicho.directory import state as keys
from daicho.directory.dialect import Kind
from daicho.directory.names import is_under, joined, own, parent, same_key
from daicho.directory.passwords import PasswordPolicy, generate
from daicho.directory.reading import Reader
from daicho.directory.settings import Flavour
from daicho.door import Intention
from daicho.i18n import gettext as _
from daicho.people.template import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from daicho.accounts.rules import DirectoryFile
    from daicho.craft import Bench, Craft, Target
    from daicho.directory.state import Account
    from daicho.plan import Scalar, TargetState

# NetBIOS names (MS-SAMR 3.1.1.8.4, DNS host labels): what Windows accepts when a terminal joins.
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,13}[A-Za-z0-9])?")
_THROWN_AWAY: Final = PasswordPolicy(length=64)
"""A terminal sets a password of its own when it joins; until then nobody needs to know one."""


@contextmanager
def open_craft(bench: Bench) -> Iterator[Craft]:
    """The craft of `update_terminals_master`."""
    with open_directory(bench) as opened:
        reader = Reader(opened.session, Kind.COMPUTER)
        purpose = Terminals(
            reader=reader,
            rules=opened.rules,
            retire=bench.inputs.get("act") == "retire",
            reopen=bool(bench.inputs.get("reopen")),
            day=date.fromisoformat(str(bench.inputs.get("retired_on") or now().date())),
        )
        if opened.rules.directory.flavour is not Flavour.AD or not opened.rules.directory.computers:
            raise Trouble(
                why=_("directory.yml names no Active Directory place for computers: set `computers:`")
            )
        yield AccountCraft(reader=reader, purpose=purpose, find=by_name(reader), folders=purpose.aside)


def by_name(reader: Reader) -> Callable[[Iterable[str]], Mapping[str, Account]]:
    """Find terminals by their names in the ledger."""

    def find(names: Iterable[str]) -> Mapping[str, Account]:
        found = reader.by_login(f"{name}$" for name in names)
        return {login.removesuffix("$"): account for login, account in found.items()}

    return find


@dataclass(frozen=True, kw_only=True)
class Terminals:
    """The account of each terminal as the ledger has it, or closed and put aside."""

    reader: Reader
    rules: DirectoryFile
    retire: bool
    reopen: bool
    day: date
    """Names the folder of those that are retired."""
    _places: dict[str, bool] = field(default_factory=dict)

    @property
    def aside(self) -> str:
        """What the folders of retired terminals are in."""
        return self.rules.terminals.retired or self.rules.directory.disabled

    def intention(self, target: Target, account: Account | None) -> Intention:
        """What is to become of a terminal's account."""
        if self.retire:
            return self._retired(target, needed_terminal(account, target.name))
        wishes = self._wishes(target, account)
        if account is None:
            return self._made(target, wishes)
        notes = []
        if not account.state.get(keys.ENABLED):
            if not self.reopen:
                why = _(
                    "{name} is closed in the directory. If it is to be used again, `update_terminals_master` "
                    "opens it with `reopen: true`"
                )
                raise Trouble(why=why.format(name=target.name))
            notes.append(_("It was closed and is opened again."))
        return wish(target, account, wishes, notes=tuple(notes))

    def password(self, key: str) -> str:
        """A password that nobody gets to know."""
        return generate(_THROWN_AWAY, (key,))

    def finish(self, account: Account) -> TargetState:
        """There is nothing besides."""
        del account
        return {}

    def _retired(self, target: Target, its: Account) -> Intention:
        if is_under(its.dn, self.aside):
            wishes: dict[str, Scalar] = {keys.DN: its.dn, keys.ENABLED: False}
            return wish(target, its, wishes)
        folder = joined(("OU", f"{self.day:%Y%m%d}"), self.aside)
        wishes = {keys.DN: self.reader.dialect.spelled(f"{own(its.dn)},{folder}"), keys.ENABLED: False}
        return wish(target, its, wishes, notes=(_("Its account is closed and kept; nothing is deleted."),))

    def _made(self, target: Target, wishes: Mapping[str, Scalar]) -> Intention:
        """A new account; taken back it is closed and put aside, because a terminal may use it by then."""
        folder = joined(("OU", f"{self.day:%Y%m%d}"), self.aside)
        closed = {keys.DN: f"{own(str(wishes[keys.DN]))},{folder}", keys.ENABLED: False}
        return Intention(
            target=target.name,
            before=dict.fromkeys(wishes),
            after=dict(wishes),
            inverse=closed,
            notes=(_("Its account is made, so that it can join; taken back it is closed and put aside."),),
        )

    def _wishes(self, target: Target, account: Account | None) -> dict[str, Scalar]:
        if not _NAME.fullmatch(target.name):
            why = _("{name!r} cannot be a terminal's name there: at most 15 letters, digits and hyphens")
            raise Trouble(why=why.format(name=target.name))
        rules = self.rules.terminals
        facts = dict.fromkeys(FIELDS, "") | {"name": target.name}
        facts["address"] = str(target.facts.get("ansible_host", ""))
        facts |= {name: value for name, value in facts_of(target).items() if name in FIELDS}
        wishes: dict[str, Scalar] = {
            keys.DN: self._dn(target.name, facts, account),
            keys.ENABLED: True,
            keys.attribute_key("description"): _plain(rules.description, facts),
        }
        if account is None:
            wishes[keys.attribute_key(self.reader.dialect.login)] = f"{target.name.upper()}$"
        if rules.location:
            wishes[keys.attribute_key("location")] = _plain(rules.location, facts)
        if rules.domain:
            wishes[keys.attribute_key("dNSHostName")] = f"{target.name.lower()}.{rules.domain}"
        for name, template in rules.attributes.items():
            wishes |= self._attribute(name, _plain(template, facts), account)
        return wishes if account else {key: value for key, value in wishes.items() if value is not None}

    def _attribute(self, name: str, value: str | None, account: Account | None) -> dict[str, Scalar]:
        if name not in self.reader.dialect.multiple:
            return {keys.attribute_key(name): value}
        held = keys.attributes(account.state).get(name, ()) if account else ()
        wishes: dict[str, Scalar] = dict.fromkeys((keys.value_key(name, each) for each in held), None)
        return wishes | ({keys.value_key(name, value): keys.PRESENT} if value else {})

    def _dn(self, name: str, facts: Mapping[str, object], account: Account | None) -> str:
        steps = (fill(step, facts).strip() for step in self.rules.terminals.container.split("/"))
        place = self.rules.directory.computers
        for step in filter(None, steps):
            place = joined(("OU", step), place)
        self._must_exist(place)
        if account and same_key(parent(account.dn)) == same_key(place):
            return account.dn
        return self.reader.dialect.spelled(joined(("CN", name.upper()), place))

    def _must_exist(self, place: str) -> None:
        if place not in self._places:
            self._places[place] = self.reader.session.exists(place)
        if not self._places[place]:
            raise Trouble(why=_("the directory has no place {place}. Make it first").format(place=place))


def needed_terminal(account: Account | None, name: str) -> Account:
    """The account, if there is one.

    Raises:
        Trouble: There is none.
    """
    if account is None:
        raise Trouble(why=_("the directory has no terminal {name}").format(name=name))
    return account


def _plain(template: str, facts: Mapping[str, object]) -> str | None:
    """A template with its facts; separators that stand alone are taken away. None: nothing is left."""
    text = re.sub(r"/{2,}", "/", fill(template, facts)).strip(" /")
    return text or None
