"""Signed checkpoints: the ledger's size and newest hash at a time, kept where its owner is not alone.

A checkpoint is a note of four lines (origin, size, hash, time) and an OpenSSH signature of the
ledger's own key under it. Its form follows the checkpoints of C2SP (tlog-checkpoint); the
signature is one that anybody checks with `ssh-keygen -Y verify -n daicho-checkpoint`.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho import clock, sshsig
from daicho.errors import DocumentError, LedgerError
from daicho.i18n import gettext as _
from daicho.ledger.database import sync_folder

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from daicho.ledger.store import Ledger

NAMESPACE: Final = "daicho-checkpoint"
SIGNER: Final = "ledger"
"""The name under which the ledger's key stands in an allowed_signers file."""

_FORM: Final = re.compile(
    r"(?P<origin>daicho/[0-9a-f]{16})\n"
    r"(?P<size>[1-9][0-9]*)\n"
    r"(?P<hash>[0-9a-f]{64})\n"
    r"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\n"
    r"\n"
    r"(?P<signature>-----BEGIN SSH SIGNATURE-----\n[A-Za-z0-9+/=\n]+\n-----END SSH SIGNATURE-----\n)"
)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What the ledger held at a time, under its own key's signature."""

    origin: str
    """Which ledger: `daicho/` and the beginning of the hash of its first entry."""
    size: int
    """How many entries."""
    hash: str
    """The hash of the entry with sequence number `size`."""
    at: datetime
    signature: str

    @property
    def note(self) -> str:
        """The four lines that are signed."""
        return f"{self.origin}\n{self.size}\n{self.hash}\n{clock.stamp(self.at)}\n"

    @property
    def text(self) -> str:
        """The checkpoint as it is kept: note, empty line, signature."""
        return f"{self.note}\n{self.signature}"

    def fixes(self, found: str) -> bool:
        """Whether this is the hash of the entry with sequence number `size`."""
        return self.hash == found

    def is_of(self, origin: str) -> bool:
        """Whether it was made of this ledger."""
        return self.origin == origin


def origin(first_hash: str) -> str:
    """The name of the ledger whose first entry has this hash."""
    return f"daicho/{first_hash[:16]}"


def make(ledger: Ledger, key: Path) -> Checkpoint:
    """A checkpoint of the ledger as it stands, signed with its key.

    Raises:
        LedgerError: The ledger is empty.
        SigningFailed: The key does not sign.
    """
    head = ledger.head()
    if head.seq == 0:
        raise LedgerError(why=_("it is empty: there is nothing to sign yet"))
    unsigned = Checkpoint(
        origin=origin(ledger.entry(1).hash), size=head.seq, hash=head.hash, at=clock.now(), signature=""
    )
    signature = sshsig.sign(unsigned.note.encode(), key=key, namespace=NAMESPACE)
    return Checkpoint(
        origin=unsigned.origin, size=unsigned.size, hash=unsigned.hash, at=unsigned.at, signature=signature
    )


def parse(text: str) -> Checkpoint:
    """The checkpoint in a text; its signature is not checked here.

    Raises:
        DocumentError: The text has not the form of a checkpoint.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise DocumentError(
            document=_("The checkpoint"),
            problems=_("It should be four lines (origin, size, hash, time), an empty line and a signature."),
        )
    return Checkpoint(
        origin=form["origin"],
        size=int(form["size"]),
        hash=form["hash"],
        at=clock.moment(form["at"]),
        signature=form["signature"],
    )


def check(checkpoint: Checkpoint, public_key: str) -> str | None:
    """Why the signature does not count under this public key (one line), or None when it does."""
    return sshsig.verify(
        checkpoint.note.encode(),
        checkpoint.signature,
        signer=sshsig.Signer(name=SIGNER, key=public_key.strip()),
        namespace=NAMESPACE,
        at=checkpoint.at,
    )


def keep(checkpoint: Checkpoint, folder: Path, second: Path | None = None) -> Path:
    """Write a checkpoint to a file of its own, and to a second place when there is one.

    Raises:
        LedgerError: It could not be written; the message says to which of the two places.
    """
    kept = _write(checkpoint, folder)
    if second is not None:
        try:
            second.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(kept, second / kept.name)
        except OSError as error:
            why = _(
                "checkpoint {name} is kept, but could not be copied to {second} ({why}). Copy it by hand."
            )
            raise LedgerError(why=why.format(name=kept, second=second, why=error.strerror)) from error
    return kept


def kept(folder: Path) -> list[Checkpoint]:
    """The checkpoints in a folder, oldest first.

    Raises:
        DocumentError: A file has not the form of a checkpoint.
    """
    return [parse(file.read_text("utf-8")) for file in sorted(folder.glob("*.checkpoint"))]


def _write(checkpoint: Checkpoint, folder: Path) -> Path:
    target = folder / f"{checkpoint.size:012}-{checkpoint.at:%Y%m%dT%H%M%S%f}Z.checkpoint"
    partial = target.with_suffix(".partial")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            file.write(checkpoint.text)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)
        sync_folder(folder)
    except OSError as error:
        why = _("the checkpoint could not be written to {folder} ({why})")
        raise LedgerError(why=why.format(folder=folder, why=error.strerror)) from error
    return target
