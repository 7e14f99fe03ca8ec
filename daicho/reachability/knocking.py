"""Tell by TCP who is there, where this process may not ping: slower, and it proves less."""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING, Final

from daicho.i18n import N_
from daicho.reachability.answers import Alive, Answer, CouldNotTell, Silent, Unreachable
from daicho.reachability.services import Caller, Cut, Opened, Patience, Refused, Service, Unasked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.reachability.answers import Pace

USUAL_PORTS: Final = (22, 445, 443, 80)
"""What switches, Windows machines and printers usually answer or refuse."""
NO_TCP_ANSWER: Final = N_(
    "It answered no TCP connection, which a live machine behind a filter need not either."
)

_CODES: Final = {errno.ENETUNREACH: 0, errno.EHOSTUNREACH: 1}
_AT_ONCE: Final = 800
_LEAST_PATIENCE_S: Final = 1.2
"""A lost SYN is sent again by the system after one second."""


def knock_everywhere(
    addresses: Sequence[str], ports: Mapping[str, Sequence[int]], pace: Pace
) -> dict[str, Answer]:
    """Try TCP ports of each address, one after the other, until one is opened or refused: both prove life.

    Silence proves something only of an address whose open ports are known (`ports`): of others it is
    `CouldNotTell`, for many a machine drops what it does not serve.
    """
    return asyncio.run(_knock(addresses, ports, pace))


async def _knock(
    addresses: Sequence[str], ports: Mapping[str, Sequence[int]], pace: Pace
) -> dict[str, Answer]:
    patience = Patience(max(_LEAST_PATIENCE_S, pace.tries * pace.wait_s), _AT_ONCE, pace.packets_per_second)
    caller = Caller(patience)
    answers = await asyncio.gather(*(_one(caller, address, ports.get(address, ())) for address in addresses))
    return dict(zip(addresses, answers, strict=True))


async def _one(caller: Caller, address: str, known: Sequence[int]) -> Answer:
    reported: Answer | None = None
    for port in known or USUAL_PORTS:
        match await caller.call(Service(address, port)):
            case Opened(took_ms=took) | Refused(took_ms=took):
                return Alive(took)
            case Cut(number=number) if number in _CODES:
                reported = Unreachable("", _CODES[number])
            case Unasked(why=why):
                return CouldNotTell(why)
    if reported:
        return reported
    return Silent() if known else CouldNotTell(NO_TCP_ANSWER)
