"""Password resets: a new password by policy on a slip, to be changed at the first logon; unlocked."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from daicho.accounts.account_craft import AccountCraft, by_number_or_login, facts_of, needed, wish
from daicho.accounts.opening import open_directory
from daicho.accounts.slips import Slip
from daicho.craft import Trouble
from daicho.directory import state as keys
from daicho.directory.passwords import generate
from daicho.directory.reading import Reader
from daicho.directory.session import REPLACE, Edit
from daicho.directory.settings import Flavour
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.item import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daicho.accounts.rules import DirectoryFile
    from daicho.accounts.slips import Slips
    from daicho.craft import Bench, Craft, Target
    from daicho.directory.state import Account
    from daicho.door import Intention
    from daicho.plan import Scalar, TargetState

LOCKED: Final = "locked"
_HOW: Final = {
    "staff_card": N_("by the staff card"),
    "in_person": N_("in person"),
    "call_back": N_("by a call back"),
    "superior": N_("by the superior"),
    "letter": N_("in writing"),
}


def items_of(inputs: Mapping[str, object]) -> list[Item]:
    """One item per person of the inputs."""
    people = cast("Sequence[Mapping[str, Mapping[str, str]]]", inputs["people"])
    return [Item(str(owner["person"]), "user", attributes=_witness(owner["identified"])) for owner in people]


def _witness(identified: Mapping[str, str]) -> dict[str, str]:
    told = {f"identified_{name}": identified.get(name, "") for name in ("how", "by", "note")}
    return {name: value for name, value in told.items() if value}


@contextmanager
def open_craft(bench: Bench) -> Iterator[Craft]:
    """The craft of `reset_passwords`."""
    with open_directory(bench) as opened:
        if opened.rules.directory.flavour is not Flavour.AD:
            raise Trouble(
                why=_("only Active Directory tells that a password was reset; reset it by hand there")
            )
        reader = Reader(opened.session)
        slips = opened.rules.slips_in(bench.folder, bench.content / "site")
        slips.check()
        privileged = bool(bench.inputs.get("privileged"))
        purpose = Reset(reader=reader, rules=opened.rules, slips=slips, privileged=privileged)
        yield AccountCraft(reader=reader, purpose=purpose, find=purpose.find)


@dataclass(kw_only=True)
class Reset:
    """A new password for each of some accounts."""

    reader: Reader
    rules: DirectoryFile
    slips: Slips
    privileged: bool
    """Whether accounts with privileges may be reset."""
    _seen: dict[str, Account] = field(default_factory=dict)

    def find(self, names: object) -> Mapping[str, Account]:
        """The accounts by number or logon name; kept, because a slip says whose it is."""
        found = by_number_or_login(self.reader)(cast("Sequence[str]", names))
        self._seen |= found
        return found

    def intention(self, target: Target, account: Account | None) -> Intention:
        """One more password, to be changed at once."""
        its = needed(account, target.name)
        if not its.state.get(keys.ENABLED):
            raise Trouble(
                why=_("the account {name} is closed. Open it with restore_users first").format(
                    name=self._login(its)
                )
            )
        number = its.state.get(keys.PASSWORD_NUMBER)
        wishes: dict[str, Scalar] = {
            keys.DN: its.dn,
            keys.ENABLED: True,
            keys.MUST_CHANGE: True,
            keys.PASSWORD_NUMBER: (number if isinstance(number, int) else 0) + 1,
        }
        meant = wish(target, its, wishes, notes=tuple(self._notes(target, its)))
        return _final(meant)

    def password(self, key: str) -> str:
        """A new password, on its slip before it is set."""
        its = self._seen[key]
        login, name = self._login(its), its.attribute("displayName")
        made = generate(self.rules.passwords, (login, *name.split()))
        self.slips.write(
            Slip(
                number=its.attribute(self.reader.number) or login,
                name=name or login,
                kana=its.attribute("msDS-PhoneticDisplayName"),
                section=its.attribute("department"),
                account=login,
                principal=its.attribute("userPrincipalName"),
                password=made,
            )
        )
        return made

    def finish(self, account: Account) -> TargetState:
        """Unlock it: who forgot a password has often tried too many."""
        self.reader.session.modify(account.dn, [Edit(REPLACE, "lockoutTime", ["0"])])
        locked = self.reader.session.one(account.dn, ("lockoutTime",)).number("lockoutTime")
        return {LOCKED: bool(locked)}

    def _notes(self, target: Target, its: Account) -> Iterator[str]:
        facts = facts_of(target)
        name = its.attribute("displayName") or self._login(its)
        how = _HOW[facts["identified_how"]]
        yield (
            _("{name} ({login}) was identified {how} by {by}. {note}")
            .format(
                name=name,
                login=self._login(its),
                how=_(how),
                by=facts["identified_by"],
                note=facts.get("identified_note", ""),
            )
            .rstrip()
        )
        where = _("on a slip sealed to one certificate") if self.slips.recipient else _("on a slip of paper")
        yield _("The new password is {where}; it must be changed at the first logon.").format(where=where)
        yield from self._rights(its)

    def _rights(self, its: Account) -> Iterator[str]:
        effective = self.reader.groups.nesting.effective(its.groups)
        has = sorted({name.casefold(): name for name in self.rules.privileged if name in effective}.values())
        if has and not self.privileged:
            why = _("{login} has privileges ({groups}). Ask with `privileged: true` if it is meant")
            raise Trouble(why=why.format(login=self._login(its), groups=", ".join(has)))
        if has:
            yield _("This account has privileges: {groups}.").format(groups=", ".join(has))

    def _login(self, its: Account) -> str:
        return its.attribute(self.reader.dialect.login)


def _final(meant: Intention) -> Intention:
    after = {**meant.after, LOCKED: False}
    why = _("the password before is known to nobody and cannot be set again")
    return type(meant)(
        target=meant.target, before=meant.before, after=after, irreversible=why, notes=meant.notes
    )
