"""Security identifiers, as bytes and as text, and those that every server knows (MS-DTYP 2.4.2). Pure."""

from __future__ import annotations

import re
import struct
from typing import Final

from daicho.errors import DaichoError
from daicho.i18n import N_

SYSTEM: Final = "S-1-5-18"
ADMINISTRATORS: Final = "S-1-5-32-544"
USERS: Final = "S-1-5-32-545"
BACKUP_OPERATORS: Final = "S-1-5-32-551"
EVERYONE: Final = "S-1-1-0"
AUTHENTICATED_USERS: Final = "S-1-5-11"
CREATOR_OWNER: Final = "S-1-3-0"
CREATOR_GROUP: Final = "S-1-3-1"
OWNER_RIGHTS: Final = "S-1-3-4"
MOST_PARTS: Final = 15
KNOWN: Final = {
    EVERYONE: "Everyone",
    AUTHENTICATED_USERS: "Authenticated Users",
    CREATOR_OWNER: "CREATOR OWNER",
    CREATOR_GROUP: "CREATOR GROUP",
    OWNER_RIGHTS: "OWNER RIGHTS",
    SYSTEM: "SYSTEM",
    ADMINISTRATORS: "Administrators",
    USERS: "Users",
    "S-1-5-2": "NETWORK",
    "S-1-5-4": "INTERACTIVE",
    "S-1-5-7": "ANONYMOUS LOGON",
    "S-1-5-19": "LOCAL SERVICE",
    "S-1-5-20": "NETWORK SERVICE",
    "S-1-5-32-546": "Guests",
    "S-1-5-32-547": "Power Users",
    "S-1-5-32-548": "Account Operators",
    "S-1-5-32-549": "Server Operators",
    "S-1-5-32-550": "Print Operators",
    BACKUP_OPERATORS: "Backup Operators",
}
"""What Windows calls those that are the same on every server."""
_TEXT: Final = re.compile(r"[Ss]-(\d{1,3})-(\d{1,15}|0[xX][0-9A-Fa-f]{1,12})((?:-\d{1,10}){0,15})", re.ASCII)


class NotReadable(DaichoError):
    """A descriptor is not as the protocol says."""

    sentence = N_("The rights of a folder cannot be read: {why}.")


def sid_text(data: bytes, at: int = 0) -> str:
    """`S-1-5-21-…` of the bytes that a directory or a server keeps; bytes after it are not looked at.

    Raises:
        NotReadable: They are no SID.
    """
    count = (sid_size(data, at) - 8) // 4
    parts = struct.unpack_from(f"<{count}I", data, at + 8)
    authority = int.from_bytes(data[at + 2 : at + 8], "big")
    return "-".join(["S", str(data[at]), str(authority), *map(str, parts)])


def sid_size(data: bytes, at: int = 0) -> int:
    """How many bytes the SID that begins here takes.

    Raises:
        NotReadable: They are no SID.
    """
    if not 0 <= at <= len(data) - 8 or data[at + 1] > MOST_PARTS:
        raise NotReadable(why=f"no SID at byte {at}")
    size = 8 + 4 * data[at + 1]
    if at + size > len(data):
        raise NotReadable(why=f"a SID at byte {at} is cut short")
    return size


def sid_bytes(text: str) -> bytes:
    """The SID as servers keep it.

    Raises:
        NotReadable: It is no SID.
    """
    found = _TEXT.fullmatch(text)
    parts = [int(part) for part in found[3].split("-")[1:]] if found else []
    authority = int(found[2], 16 if "x" in found[2].lower() else 10) if found else 0
    if not found or int(found[1]) > 255 or authority >> 48 or any(part >> 32 for part in parts):
        raise NotReadable(why=f"{text[:80]!r} is no SID")
    return (
        bytes([int(found[1]), len(parts)])
        + authority.to_bytes(6, "big")
        + struct.pack(f"<{len(parts)}I", *parts)
    )


def domain_of(sid: str) -> str:
    """The domain that a SID was made in: all but its last part."""
    return sid.rpartition("-")[0]
