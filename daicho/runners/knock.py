"""Find the machines that are off before an engine waits for them one by one.

Ansible gives each of them its connection timeout, twenty at a time: 1,800 that are off would hold
a wave of 12,000 for half an hour. All are asked here at once, in seconds.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from daicho.endpoints.site import PORT, runs_windows
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daicho.items.item import Item

WAIT_S: Final = 3.0
"""How long a machine has to answer: a lost packet is sent again after one second, and after three."""
_AT_ONCE: Final = 500
_SSH: Final = 22


def silent(items: Iterable[Item], *, winrm: int = PORT) -> dict[str, str]:
    """The items whose SSH port (WinRM of a Windows) does not answer, each with what was seen.

    A refused connection is an answer: what is wrong there is for the engine to say. An item
    without an address is not asked.

    Args:
        items: Whom to ask.
        winrm: Where WinRM listens, unless an item says otherwise.
    """
    return asyncio.run(_ask_all([(item, _port(item, winrm)) for item in items if item.address]))


async def _ask_all(asked: list[tuple[Item, int]]) -> dict[str, str]:
    turn = asyncio.Semaphore(_AT_ONCE)
    seen = await asyncio.gather(*(_ask(item, port, turn) for item, port in asked))
    return {item.name: why for (item, _port), why in zip(asked, seen, strict=True) if why}


async def _ask(item: Item, port: int, turn: asyncio.Semaphore) -> str | None:
    async with turn:
        try:
            async with asyncio.timeout(WAIT_S):
                _reader, writer = await asyncio.open_connection(item.address, port)
        except ConnectionRefusedError:
            return None
        except TimeoutError:
            said = _("{address} port {port} did not answer within {seconds} s")
            return said.format(address=item.address, port=port, seconds=round(WAIT_S))
        except OSError as error:
            return f"{item.address} port {port}: {error.strerror or error}"
    writer.close()
    return None


def _port(item: Item, winrm: int) -> int:
    return int(item.attributes.get("port") or (winrm if runs_windows(item.attributes.get("os")) else _SSH))
