"""The passwords of checks: asked for by name, and never tried again once one was refused.

A directory locks an account after a few wrong passwords. Checks that share an account take turns until
one has shown what its password is worth; after a refusal the others do not try, nor does the next check,
until the secret was set again.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from daicho.errors import UnknownObject
from daicho.i18n import N_
from daicho.reachability.wrong import CannotTell, Wrong

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from daicho.reachability.checks import WithAccount


class Logon(NamedTuple):
    """Who logs on with what."""

    account: str
    secret: str
    """The secret's name."""


class PasswordRefused(Wrong):
    """A server says that name or password is wrong."""

    sentence = N_(
        "the name {account} or its password is wrong. It was tried once, and is not tried again until "
        "`daicho secret set {secret}`"
    )


class NotTried(CannotTell):
    """The password was refused before."""

    sentence = N_(
        "not tried, so that the account is not locked: the password of {account} was refused before. "
        "Set the right one with `daicho secret set {secret}`."
    )


class Passwords:
    """What the passwords of one list of checks are, and what each is known to be worth."""

    def __init__(self, secret: Callable[[str], str], known: Mapping[Logon, bool] | None = None) -> None:
        """Nothing is read yet.

        Args:
            secret: Gives a secret of the site by its name.
            known: Logons that were accepted or refused before, since their secret was set.
        """
        self._secret = secret
        self._turns: dict[Logon, asyncio.Lock] = {}
        self._begun: dict[str, asyncio.Task[str]] = {}
        # One that was accepted before may have been changed in the directory since.
        self.known: dict[Logon, bool] = {
            logon: False for logon, accepted in (known or {}).items() if not accepted
        }
        """Accepted or refused; who is not in it was not told."""

    @asynccontextmanager
    async def turn(self, check: WithAccount) -> AsyncIterator[None]:
        """Wait until the password's worth is known, or nobody else is trying it."""
        async with AsyncExitStack() as held:
            await held.enter_async_context(self._turns.setdefault(logon_of(check), asyncio.Lock()))
            if logon_of(check) in self.known:
                await held.aclose()
            try:
                yield
            finally:
                await self._over(check)

    async def go(self, check: WithAccount, probe: Callable[[Any, str], Awaitable[str]]) -> str:
        """Carry a probe out with the check's password, and keep what that was worth.

        It goes on when nobody waits for it any more: what a slow server says counts all the same.
        """
        self._begun[check.called()] = task = asyncio.create_task(self._try(check, probe))
        return await asyncio.shield(task)

    async def _try(self, check: WithAccount, probe: Callable[[Any, str], Awaitable[str]]) -> str:
        try:
            seen = await probe(check, self.of(check))
        except PasswordRefused:
            self.known[logon_of(check)] = False
            raise
        self.known[logon_of(check)] = True
        return seen

    async def _over(self, check: WithAccount) -> None:
        if task := self._begun.pop(check.called(), None):
            await asyncio.wait({task})
            task.exception()

    def of(self, check: WithAccount) -> str:
        """The password of a check.

        Raises:
            NotTried: It was refused before.
            CannotTell: The secret was never set.
        """
        logon = logon_of(check)
        if self.known.get(logon) is False:
            raise NotTried(account=logon.account, secret=logon.secret)
        try:
            password = self._secret(logon.secret)
        except UnknownObject as error:
            raise CannotTell(why=str(error)) from error
        if not password:
            # A directory takes a logon without a password as one of nobody, and says yes.
            said = N_("The secret {name} is empty. Set it with `daicho secret set {name}`.")
            raise CannotTell(said, name=logon.secret)
        return password


def logon_of(check: WithAccount) -> Logon:
    """Who a check logs on as, with what; names of accounts are the same in capitals."""
    return Logon(check.account.casefold(), check.secret)
