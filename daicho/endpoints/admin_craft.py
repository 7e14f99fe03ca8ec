"""The craft of `rotate_admin_passwords`: every machine its own password, in the escrow before it is set.

For each machine: seal the new password and put it on disk; set it; log on with it, anew; record that it is
proven. The password before stays in the escrow, so at whatever step all this is cut off, what the machine has
can be opened. This machine cannot: it has only the certificates of the recipients. So an attempt that goes on
begins again with a further password.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from threading import Event
from typing import TYPE_CHECKING, Final

from daicho import clock
from daicho.concurrent import several
from daicho.craft import Trouble
from daicho.directory.passwords import generate
from daicho.door import Intention
from daicho.endpoints.admin_accounts import ROOT, LinuxAccount, NotProven, WindowsAccount, unusable
from daicho.endpoints.escrow import Escrow, Kept
from daicho.endpoints.escrow_file import EscrowFile
from daicho.endpoints.fleet import access_of
from daicho.endpoints.linux import Linux, is_windows
from daicho.endpoints.sealing import Secret, seal
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cryptography.x509 import Certificate

    from daicho.craft import Begin, Bench, Craft, Target
    from daicho.endpoints.admin_accounts import Account, Seen
    from daicho.endpoints.session import Access
    from daicho.plan import Scalar, TargetState

ESCROW: Final = "escrow"
"""The folder in the state folder."""
ACCOUNT: Final = "account"
NUMBER: Final = "password number"
PROVEN: Final = "password proven"
USABLE: Final = "password opens the account"


@contextmanager
def open_craft(bench: Bench) -> Iterator[Craft]:
    """The craft of `rotate_admin_passwords`."""
    site = bench.content / "site"
    rules = EscrowFile.read(site)
    yield AdminCraft(
        rules=rules,
        recipients=rules.certificates(site),
        # The folder of the runs' folders lies in the state folder.
        escrow=Escrow(bench.folder.parents[1] / ESCROW),
        account_of=_Accounts(bench).of,
        run=bench.folder.name,
        at_once=int(str(bench.inputs["at_once"])),
    )


@dataclass(frozen=True)
class _Accounts:
    """The account that a change is about, on each of its machines."""

    bench: Bench

    def of(self, target: Target) -> Account:
        """By what the item says its system is."""
        name = str(self.bench.inputs.get("account") or "")
        if is_windows(target.facts):
            return WindowsAccount(
                name=target.name, variables=target.facts, access=lambda: self._access, account=name
            )
        machine = Linux.of(target.name, target.facts, self.bench)
        return LinuxAccount(machine=machine, account=name or ROOT)

    @cached_property
    def _access(self) -> Access:
        return access_of(self.bench)


@dataclass(kw_only=True)
class AdminCraft:
    """Rehearses and carries out a change of passwords."""

    rules: EscrowFile
    recipients: Sequence[Certificate]
    escrow: Escrow
    account_of: Callable[[Target], Account]
    run: str
    at_once: int
    """How many machines are changed at once, once the first has been proven."""
    _doubted: Event = field(default_factory=Event)
    """Set as soon as a new password was refused: nobody begins any more."""

    def rehearse(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        """What each machine's account is, and that it gets a new password."""
        yield from several(targets, self._rehearsed, self.at_once)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterator[tuple[str, TargetState | Trouble]]:
        """The first machine alone; the others, so many at once, when it is proven."""
        for some in (targets[:1], targets[1:]):
            for name, state in several(some, partial(self._carried_out, begin=begin), self.at_once):
                if state is not None:
                    yield name, state

    def _rehearsed(self, target: Target) -> Intention:
        seen = self.account_of(target).look()
        if why := unusable(seen, windows=is_windows(target.facts)):
            raise Trouble(why=why)
        newest = self.escrow.latest(target.name, seen.account)
        number = (newest.number if newest else 0) + 1
        before = _state(seen, newest, number)
        after: dict[str, Scalar] = {ACCOUNT: seen.account, NUMBER: number, PROVEN: True, USABLE: True}
        if target.wanted is not None and target.wanted.get(NUMBER) != number:
            why = _("its password was changed again since, to number {number}; there is nothing to take back")
            raise Trouble(why=why.format(number=number - 1))
        return Intention(
            target=target.name,
            before=before,
            after=after,
            inverse=after | {NUMBER: number + 1},
            notes=tuple(self._notes(seen, newest)),
        )

    def _notes(self, seen: Seen, newest: Kept | None) -> Iterator[str]:
        if not seen.usable:
            yield _("{account} has no password that opens it; it gets one.").format(account=seen.account)
        if newest is None:
            yield _("No password of {account} is in the escrow yet.").format(account=seen.account)
        elif not newest.proven:
            said = _("Password {number} was never proven: an attempt was cut off, or it was refused.")
            yield said.format(number=newest.number)
        elif newest.mark != seen.mark:
            said = _("The password of {account} was set without daicho since number {number}.")
            yield said.format(account=seen.account, number=newest.number)
        yield _("Taking it back gives a fresh password too: whoever knew the one before would know it again.")

    def _carried_out(self, target: Target, begin: Begin) -> TargetState | None:
        if self._doubted.is_set():
            return None
        wanted = target.wanted or {}
        account, number = self.account_of(target), int(str(wanted[NUMBER]))
        seen = account.look()
        newest = self.escrow.latest(target.name, seen.account)
        present = _state(seen, newest, number)
        if self._doubted.is_set() or not begin(target.name, present):
            return None
        if present == wanted:
            return present
        return self._changed(target, account, seen, number)

    def _changed(self, target: Target, account: Account, seen: Seen, number: int) -> TargetState:
        newest = self.escrow.latest(target.name, seen.account)
        before = _state(seen, newest, number)
        password = generate(self.rules.passwords, (seen.account, target.name))
        kept = self._kept(
            Secret(machine=target.name, account=seen.account, number=number, password=password), before
        )
        account.give(password)
        try:
            proof = account.prove(seen.account, password)
        except NotProven as error:
            self._doubted.set()
            raise Trouble(why=_not_proven(error, kept)) from error
        kept = self.escrow.prove(kept, _now(), proof.mark)
        self.escrow.prune(target.name, seen.account, self.rules.keep)
        return _state(proof, kept, number)

    def _kept(self, secret: Secret, before: TargetState) -> Kept:
        """The new password in the escrow."""
        number = before[NUMBER]
        return self.escrow.put(
            Kept(
                machine=secret.machine,
                account=secret.account,
                number=secret.number,
                attempt=1,
                run=self.run,
                at=_now(),
                before=(number if isinstance(number, int) else None, before[PROVEN] is True),
                envelope=seal(secret, self.recipients),
                to=self.escrow.welcome(self.recipients),
            )
        )


def _state(seen: Seen, newest: Kept | None, wanted: int) -> dict[str, Scalar]:
    """An account as a plan holds it.

    An attempt at the wanted number that was cut off counts as not made: whatever password the machine has
    now, it gets another.
    """
    number, proven = (
        (newest.number, bool(newest.proven) and newest.mark == seen.mark) if newest else (None, False)
    )
    if newest and newest.number == wanted and not newest.proven:
        number, proven = newest.before
    return {ACCOUNT: seen.account, NUMBER: number, PROVEN: proven, USABLE: seen.usable}


def _not_proven(error: NotProven, kept: Kept) -> str:
    said = _("{error} Passwords {number} and before are in the escrow. No further machine was begun.")
    return said.format(error=error, number=kept.number)


def _now() -> str:
    return clock.stamp(clock.now())
