"""Carry declared checks out, many at once, and keep four results apart."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.reachability import probes
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


def carry_out(checks: Sequence[Check], at_once: int = AT_ONCE) -> list[Result]:
    """Carry all checks out, in their order; those that need others wait for them."""
    return asyncio.run(_carry_out(checks, at_once))


async def _carry_out(checks: Sequence[Check], at_once: int) -> list[Result]:
    free = asyncio.Semaphore(at_once)
    running: dict[str, asyncio.Task[Result]] = {}
    async with asyncio.TaskGroup() as group:
        for check in checks:
            needed = [running[need] for need in check.needs]
            running[check.called()] = group.create_task(_after(check, needed, free))
    return [task.result() for task in running.values()]


async def _after(check: Check, needed: Sequence[asyncio.Task[Result]], free: asyncio.Semaphore) -> Result:
    for task in needed:
        before = await task
        if before.state is not State.SUCCESS:
            why = _("{title!r} did not succeed").format(title=before.title)
            return Result(check.called(), check.check, State.SKIPPED, why)
    async with free:
        began = time.monotonic()
        state, seen = await _judge(check)
        return Result(check.called(), check.check, state, seen, round((time.monotonic() - began) * 1000, 1))


async def _judge(check: Check) -> tuple[State, str]:
    try:
        async with asyncio.timeout(check.timeout_s):
            return State.SUCCESS, await probes.PROBES[check.check](check)
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
