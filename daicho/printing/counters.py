"""What printers have printed and what they run out of, by SNMPv3 (RFC 3805, Printer MIB). Knows pysnmp alone.

Each printer answers everything in one exchange, and many are asked at once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pysnmp.hlapi.v3arch.asyncio import (
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    bulk_cmd,
    usmAesCfb128Protocol,
    usmAesCfb256Protocol,
    usmHMAC192SHA256AuthProtocol,
    usmHMAC384SHA512AuthProtocol,
    usmHMACSHAAuthProtocol,
)

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.printing.wrong import PrintingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from daicho.printing.settings import CounterSettings

AUTH: Final = "snmp-auth"
PRIV: Final = "snmp-priv"
_MIB: Final = "1.3.6.1.2.1.43"
_MODEL: Final = f"{_MIB}.5.1.1.16"
_SERIAL: Final = f"{_MIB}.5.1.1.17"
_PAGES: Final = f"{_MIB}.10.2.1.4"
_NAMES: Final = f"{_MIB}.11.1.1.6"
_MOST: Final = f"{_MIB}.11.1.1.8"
_LEFT: Final = f"{_MIB}.11.1.1.9"
_SINGLE: Final = (_MODEL, _SERIAL, _PAGES)
_MANY: Final = (_NAMES, _MOST, _LEFT)
_SUPPLIES: Final = 8
"""As many as one exchange asks for: four toners, drum, belt, fuser, waste."""
_AUTHS: Final = {
    "sha": usmHMACSHAAuthProtocol,
    "sha256": usmHMAC192SHA256AuthProtocol,
    "sha512": usmHMAC384SHA512AuthProtocol,
}
_PRIVS: Final = {"aes": usmAesCfb128Protocol, "aes256": usmAesCfb256Protocol}


@dataclass(frozen=True, kw_only=True)
class Supply:
    """A toner, a drum, a waste box."""

    name: str
    percent: int | None
    """What is left; None: the printer does not tell how much."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a printer says of itself."""

    pages: int
    """Sides printed in its life."""
    serial: str
    model: str
    supplies: tuple[Supply, ...]


class CounterUnread(PrintingError):
    """A printer does not tell its counters; it may print all the same."""

    sentence = N_("The printer {printer} at {address} does not tell its counters ({why})")
    unreachable = True


type Found = Mapping[str, Counted | CounterUnread]


def read_counters(
    asked: Mapping[str, str],
    settings: CounterSettings,
    secret: Callable[[str], str],
    told: Callable[[str], None] = lambda _name: None,
) -> Found:
    """Ask printers for their counters.

    Args:
        asked: Printer → its address.
        settings: Who asks, and how patiently.
        secret: Gives the secrets `snmp-auth` and `snmp-priv`.
        told: Called with each printer's name when it has answered or not.
    """
    user = UsmUserData(
        settings.user,
        secret(AUTH),
        secret(PRIV),
        authProtocol=_AUTHS[settings.auth],
        privProtocol=_PRIVS[settings.priv],
    )
    return asyncio.run(_all(asked, settings, user, told))


async def _all(
    asked: Mapping[str, str], settings: CounterSettings, user: UsmUserData, told: Callable[[str], None]
) -> Found:
    engine, turns = SnmpEngine(), asyncio.Semaphore(settings.at_once)
    found: dict[str, Counted | CounterUnread] = {}

    async def one(name: str, address: str) -> None:
        async with turns:
            found[name] = await _one(engine, settings, user, (name, address))
        told(name)

    try:
        await asyncio.gather(*(one(name, address) for name, address in asked.items()))
    finally:
        engine.close_dispatcher()
    return {name: found[name] for name in asked}


async def _one(
    engine: SnmpEngine, settings: CounterSettings, user: UsmUserData, whom: tuple[str, str]
) -> Counted | CounterUnread:
    name, address = whom
    if not address:
        return CounterUnread(printer=name, address="-", why=_("the item has no address"))
    target = await UdpTransportTarget.create(
        (address, settings.port), timeout=settings.timeout_s, retries=settings.tries - 1
    )
    wanted = [ObjectType(ObjectIdentity(oid)) for oid in (*_SINGLE, *_MANY)]
    fault, status, _place, rows = await bulk_cmd(
        engine, user, target, ContextData(), len(_SINGLE), _SUPPLIES, *wanted, lookupMib=False
    )
    if fault or status:
        return CounterUnread(printer=name, address=address, why=str(fault or status.prettyPrint()))
    try:
        return counted([(str(oid), value.prettyPrint()) for oid, value in rows])
    except ValueError as error:
        return CounterUnread(printer=name, address=address, why=str(error))


def counted(rows: Sequence[tuple[str, str]]) -> Counted:
    """What a printer's answer says: pairs of an OID and its value.

    Raises:
        ValueError: It has no counter of pages.
    """
    columns: dict[str, dict[str, str]] = {oid: {} for oid in (*_SINGLE, *_MANY)}
    for oid, value in rows:
        for column, found in columns.items():
            if oid.startswith(f"{column}."):
                found[oid.removeprefix(f"{column}.")] = value
    pages = next(iter(columns[_PAGES].values()), "")
    if not pages.isdigit():
        raise ValueError(_("it has no counter of pages"))
    return Counted(
        pages=int(pages),
        serial=next(iter(columns[_SERIAL].values()), ""),
        model=next(iter(columns[_MODEL].values()), ""),
        supplies=tuple(
            Supply(name=name, percent=_percent(columns[_MOST].get(at, ""), columns[_LEFT].get(at, "")))
            for at, name in columns[_NAMES].items()
        ),
    )


def _percent(most: str, left: str) -> int | None:
    # -1: no limit, -2: unknown, -3: some is left (RFC 3805, prtMarkerSuppliesLevel).
    try:
        whole, rest = int(most), int(left)
    except ValueError:
        return None
    return min(100, round(rest * 100 / whole)) if whole > 0 and rest >= 0 else None
