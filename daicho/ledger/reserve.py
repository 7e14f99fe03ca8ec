"""A megabyte held back beside the ledger, so that a run that dies of a full disk can still say so."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

from daicho.errors import LedgerUnwritable
from daicho.i18n import gettext as _
from daicho.ledger.database import sync_folder, unwritable

if TYPE_CHECKING:
    from pathlib import Path

SIZE: Final = 1 << 20
_HEADROOM: Final = 4 << 20


def hold(ledger: Path) -> None:
    """Set the reserve aside if it is not there, and see that the disk has room besides.

    Raises:
        LedgerUnwritable: There is no room for it.
    """
    reserve = ledger.with_name("reserve")
    try:
        if not reserve.exists() or reserve.stat().st_size < SIZE:
            _allocate(reserve)
        state = os.statvfs(ledger.parent)
    except OSError as error:
        raise unwritable(ledger, error) from error
    free = state.f_bavail * state.f_frsize
    if free < _HEADROOM:
        raise LedgerUnwritable(
            path=ledger,
            why=_("only {free} KiB are free on its disk").format(free=free // 1024),
            remedy=_("Free some space on its file system and repeat."),
        )


def release(ledger: Path) -> None:
    """Give the reserve back to the disk. The next `hold` sets it aside again."""
    with contextlib.suppress(OSError):  # a read-only disk: what follows will say so
        ledger.with_name("reserve").unlink(missing_ok=True)


def _allocate(reserve: Path) -> None:
    descriptor = os.open(reserve, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, SIZE)
        os.fsync(descriptor)
    except OSError:
        reserve.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    sync_folder(reserve.parent)
