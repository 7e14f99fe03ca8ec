"""The escrow: every password that an administrator's account was ever given, sealed, until newer ones hold.

A file for each: in `<state>/escrow/MACHINE/`, named by the password's number and its attempt. It is on disk
before the machine learns the password, and says that it is proven once somebody has logged on with it. So
whenever a run ends, by whatever accident, the password that the machine has is among those that are kept.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from daicho.accounts.kept_file import put
from daicho.accounts.slips import file_name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from cryptography.x509 import Certificate

_RECIPIENTS: Final = ".recipients"
"""A folder beside those of the machines, whose names never begin with a dot."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One password in the escrow."""

    machine: str
    account: str
    number: int
    """1 for the first password of a machine's account, counted up."""
    attempt: int
    """Of the same number: an attempt that was interrupted is followed by another with a new password."""
    run: str
    at: str
    """When it was put in, UTC."""
    before: tuple[int | None, bool]
    """Number and proof of the password before, when this was put in: what an attempt that goes on reports."""
    envelope: bytes = field(repr=False)
    to: tuple[str, ...] = ()
    """Whom it is sealed to: the fingerprints of certificates, which the escrow keeps, too."""
    proven: str = ""
    """When somebody logged on with it, UTC; empty: nobody has."""
    mark: str = ""
    """What the machine then said of its account, by which another setting of the password is recognised."""


@dataclass(frozen=True)
class Escrow:
    """The kept passwords of all machines."""

    folder: Path

    def of(self, machine: str, account: str = "") -> list[Kept]:
        """Those of a machine (and one account of it), oldest first."""
        found = [_read(path) for path in sorted(self._place(machine).glob("*.json"))]
        return [kept for kept in found if not account or kept.account.casefold() == account.casefold()]

    def latest(self, machine: str, account: str) -> Kept | None:
        """The newest, proven or not."""
        found = self.of(machine, account)
        return found[-1] if found else None

    def put(self, kept: Kept) -> Kept:
        """Keep a password as a further attempt at its number; it is on disk when this returns."""
        earlier = [each.attempt for each in self.of(kept.machine, kept.account) if each.number == kept.number]
        mine = replace(kept, attempt=max(earlier, default=0) + 1)
        for folder in (self.folder, self._place(kept.machine)):
            _make(folder)
        self._write(mine)
        return mine

    def welcome(self, recipients: Iterable[Certificate]) -> tuple[str, ...]:
        """Keep the certificates of recipients, who may have others when a password is opened."""
        names = []
        for each in recipients:
            names.append(each.fingerprint(SHA256()).hex())
            place = self.folder / _RECIPIENTS / f"{names[-1]}.pem"
            if not place.exists():
                for folder in (self.folder, place.parent):
                    _make(folder)
                put(place, each.public_bytes(Encoding.PEM), 0o600)
        return tuple(names)

    def recipients(self, kept: Kept) -> list[Certificate]:
        """Whom a password is sealed to, as far as they are kept."""
        places = [self.folder / _RECIPIENTS / f"{name}.pem" for name in kept.to]
        return [load_pem_x509_certificate(place.read_bytes()) for place in places if place.exists()]

    def prove(self, kept: Kept, at: str, mark: str) -> Kept:
        """Record that somebody logged on with it; on disk when this returns."""
        proven = replace(kept, proven=at, mark=mark)
        self._write(proven)
        return proven

    def prune(self, machine: str, account: str, keep: int) -> None:
        """Let go of all but the newest so many of a machine's account, if the newest of them is proven."""
        found = self.of(machine, account)
        if found and found[-1].proven:
            for old in found[:-keep]:
                self._file(old).unlink(missing_ok=True)

    def all_latest(self) -> Iterator[Kept]:
        """The newest of each account of each machine."""
        for folder in sorted(self.folder.glob("[!.]*/")):
            newest = {kept.account: kept for kept in map(_read, sorted(folder.glob("*.json")))}
            yield from newest.values()

    def _place(self, machine: str) -> Path:
        return self.folder / file_name_of(machine)

    def _file(self, kept: Kept) -> Path:
        name = f"{kept.number:06d}-{kept.attempt:03d}-{file_name_of(kept.account)}.json"
        return self._place(kept.machine) / name

    def _write(self, kept: Kept) -> None:
        body = asdict(kept) | {"envelope": base64.b64encode(kept.envelope).decode("ascii")}
        put(self._file(kept), json.dumps(body, ensure_ascii=False, indent=1).encode() + b"\n", 0o600)


def _make(folder: Path) -> None:
    """Make a folder that is still there after a power cut."""
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> Kept:
    body: dict[str, Any] = json.loads(path.read_bytes())
    number, proven = body.pop("before")
    sealed = {"envelope": base64.b64decode(body["envelope"]), "to": tuple(body["to"])}
    return Kept(**body | sealed | {"before": (number, proven)})
