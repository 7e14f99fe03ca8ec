"""When a DHCP server last gave each machine its address: the lease files of ISC dhcpd and of Kea. Pure.

ISC writes blocks, the last one of an address counts (dhcpd.leases(5), times in UTC):

    lease 10.1.2.3 { starts 6 2026/11/21 01:02:03; ... hardware ethernet 02:00:00:00:00:01; ... }

Kea writes a row for each renewal: address,hwaddr,client_id,valid_lifetime,expire,...; it was given
`valid_lifetime` seconds before it expires.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from daicho.errors import DocumentError
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from daicho.items.item import Item

_KEA: Final = "address,hwaddr,client_id,valid_lifetime,expire"
_BLOCK: Final = re.compile(r"^lease\s+(\S+)\s*\{(.*?)^\}", re.MULTILINE | re.DOTALL)
_STARTS: Final = re.compile(r"^\s*starts\s+\d\s+(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d);", re.MULTILINE)
_HARDWARE: Final = re.compile(r"^\s*hardware\s+ethernet\s+([0-9a-fA-F:]{17});", re.MULTILINE)
_NAME: Final = re.compile(r'^\s*client-hostname\s+"([^"]*)";', re.MULTILINE)


class Lease(NamedTuple):
    """Somebody got an address, or kept it."""

    mac: str
    name: str
    """What the machine called itself; empty: it did not say."""
    at: datetime


def read_leases(text: str, document: str) -> list[Lease]:
    """The leases of a file.

    Raises:
        DocumentError: It is neither of the two.
    """
    if text.startswith(_KEA):
        return list(_kea(text))
    found = list(_isc(text))
    if not found and text.strip() and "lease" not in text:
        problem = _("It is neither a lease file of ISC dhcpd nor one of Kea (CSV).")
        raise DocumentError(document=document, problems=problem)
    return found


def last_given(leases: Iterable[Lease], items: Iterable[Item]) -> Mapping[str, datetime]:
    """Item → when it last got or kept an address: by its attribute `mac`, else by its name."""
    known = list(items)
    macs = {item.attributes["mac"].casefold(): item.name for item in known if item.attributes.get("mac")}
    names = {item.name.partition(".")[0].casefold(): item.name for item in known}
    found: dict[str, datetime] = {}
    for lease in leases:
        name = macs.get(lease.mac.casefold()) or names.get(lease.name.partition(".")[0].casefold())
        if name and (name not in found or lease.at > found[name]):
            found[name] = lease.at
    return found


def _isc(text: str) -> Iterator[Lease]:
    for block in _BLOCK.finditer(text):
        starts, hardware, name = (found.search(block[2]) for found in (_STARTS, _HARDWARE, _NAME))
        if starts and hardware:
            at = datetime.strptime(starts[1], "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC)
            yield Lease(hardware[1], name[1] if name else "", at)


def _kea(text: str) -> Iterator[Lease]:
    for row in csv.DictReader(io.StringIO(text)):
        expire, lifetime = row.get("expire") or "", row.get("valid_lifetime") or ""
        if expire.isdigit() and lifetime.isdigit():
            at = datetime.fromtimestamp(int(expire) - int(lifetime), UTC)
            yield Lease(row.get("hwaddr") or "", row.get("hostname") or "", at)
