"""Carry declared checks out, many at once, and keep four results apart."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from daicho.errors import UnknownObject
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.reachability import entering, probes
from daicho.reachability.checks import WithAccount
from daicho.reachability.passwords import Passwords
from daicho.reachability.services import NO_WAY, OURS, has_route
from daicho.reachability.wrong import CannotTell, Wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.reachability.checks import Check

AT_ONCE: Final = 200

_NO_ANSWER: Final = N_("no answer within {seconds:g} s")


class State(StrEnum):
    """What came of a check."""

    SUCCESS = "success"
    FAILURE = "failure"
    """The network is not as it should be."""
    ERROR = "error"
    """We could not tell."""
    SKIPPED = "skipped"
    """Not carried out, because another check that it needs did not succeed."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one check, with what was seen."""

    title: str
    kind: str
    state: State
    seen: str
    took_ms: float = 0.0


def carry_out(
    checks: Sequence[Check], passwords: Passwords | None = None, at_once: int = AT_ONCE
) -> list[Result]:
    """Carry all checks out, in their order; those that need others wait for them.

    Args:
        checks: What to carry out.
        passwords: Those of the site; without them no check that logs on can tell anything.
        at_once: How many at the same time.
    """
    return asyncio.run(_carry_out(checks, _Means(passwords or Passwords(_no_secret), at_once)))


def _no_secret(name: str) -> str:
    raise UnknownObject(kind=_("secret"), name=name, listing="daicho secret list")


class _Means:
    """What all checks of a list share."""

    def __init__(self, passwords: Passwords, at_once: int) -> None:
        self.passwords = passwords
        self.at_once = at_once
        self.free = asyncio.Semaphore(at_once)


async def _carry_out(checks: Sequence[Check], means: _Means) -> list[Result]:
    # The loop's own threads are as few as the processors: a check would wait for one while its time runs.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(means.at_once))
    running: dict[str, asyncio.Task[Result]] = {}
    async with asyncio.TaskGroup() as group:
        for check in checks:
            needed = [running[need] for need in check.needs]
            running[check.called()] = group.create_task(_after(check, needed, means))
    return [task.result() for task in running.values()]


async def _after(check: Check, needed: Sequence[asyncio.Task[Result]], means: _Means) -> Result:
    for task in needed:
        before = await task
        if before.state is not State.SUCCESS:
            why = _("{title!r} did not succeed").format(title=before.title)
            return Result(check.called(), check.check, State.SKIPPED, why)
    async with AsyncExitStack() as turns:
        if isinstance(check, WithAccount):
            await turns.enter_async_context(means.passwords.turn(check))
        await turns.enter_async_context(means.free)
        began = time.monotonic()
        state, seen = await _judge(check, means.passwords)
        return Result(check.called(), check.check, state, seen, round((time.monotonic() - began) * 1000, 1))


async def _probe(check: Check, passwords: Passwords) -> str:
    if isinstance(check, WithAccount):
        return await passwords.go(check, entering.PROBES[check.check])
    return await probes.PROBES[check.check](check)


async def _judge(check: Check, passwords: Passwords) -> tuple[State, str]:
    try:
        async with asyncio.timeout(check.timeout_s):
            return State.SUCCESS, await _probe(check, passwords)
    except Wrong as wrong:
        return State.FAILURE, str(wrong)
    except CannotTell as doubt:
        return State.ERROR, str(doubt)
    except TimeoutError:
        return State.FAILURE, _(_NO_ANSWER).format(seconds=check.timeout_s)
    except OSError as error:
        return _of_system(error, str(getattr(check, "address", "") or getattr(check, "server", "") or ""))


def _of_system(error: OSError, address: str) -> tuple[State, str]:
    number = error.errno or 0
    if number in OURS:
        return State.ERROR, _(OURS[number])
    if number in (errno.ENETUNREACH, errno.EHOSTUNREACH) and address and not has_route(address):
        return State.ERROR, _(NO_WAY)
    # asyncio puts words of its own into strerror.
    return State.FAILURE, os.strerror(number) if number > 0 else str(error)
