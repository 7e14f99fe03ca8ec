"""Host keys of devices that nobody has spoken to: asked for, shown by fingerprint, kept to be checked.

OpenSSH's `ssh-keyscan` asks; it logs in nowhere.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

type Place = tuple[str, int]
"""Address and port."""

_KINDS: Final = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ssh-rsa")
"""The strongest that a device has is taken."""
_PATIENCE: Final = 5
_SSH: Final = 22


def presented(places: Iterable[Place]) -> dict[Place, str]:
    """The key that each device presents, as `KIND BASE64`; those that present none are left out."""
    by_port: dict[int, list[str]] = {}
    for address, port in dict.fromkeys(places):
        by_port.setdefault(port, []).append(address)
    found: dict[Place, str] = {}
    for port, addresses in by_port.items():
        words = ["ssh-keyscan", "-T", str(_PATIENCE), "-p", str(port), "-t", "ed25519,ecdsa,rsa", *addresses]
        limit = _PATIENCE * (len(addresses) + 1)
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=limit)
            keys = _read(done.stdout)
            found |= {(each, port): keys[name(each, port)] for each in addresses if name(each, port) in keys}
    return found


def known(file: Path) -> dict[str, str]:
    """Name → key, of a file of known hosts; nothing where there is no file."""
    return _read(file.read_text(encoding="utf-8")) if file.exists() else {}


def fingerprint(key: str) -> str:
    """`SHA256:…` as OpenSSH shows it and as it is printed on some devices."""
    digest = hashlib.sha256(base64.b64decode(key.split()[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def name(address: str, port: int) -> str:
    """How a file of known hosts calls it."""
    return address if port == _SSH else f"[{address}]:{port}"


def put(file: Path, keys: Mapping[str, str], gone: Iterable[str] = ()) -> None:
    """Have these names with these keys in a file, and those names not; in one step, on the disk."""
    names = {*keys, *gone}
    rows = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    kept = [row for row in rows if not (row.split() and row.split()[0] in names)]
    text = "".join(f"{row}\n" for row in [*kept, *(f"{each} {key}" for each, key in keys.items())])
    new = file.with_name(f".{file.name}.new")
    with new.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)


def _read(text: str) -> dict[str, str]:
    best: dict[str, str] = {}
    for row in text.splitlines():
        words = row.split()
        if len(words) < 3 or words[1] not in _KINDS:
            continue
        for each in words[0].split(","):
            before = best.get(each, "").partition(" ")[0]
            if not before or _KINDS.index(words[1]) < _KINDS.index(before):
                best[each] = f"{words[1]} {words[2]}"
    return best
