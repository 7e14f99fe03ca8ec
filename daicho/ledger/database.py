"""The SQLite file under the ledger: how it is made, opened and asked, and what its failures mean."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from daicho.errors import LedgerError, LedgerUnwritable
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION: Final = 0x64616963  # "daic": what `file` and SQLite can tell this file by
SCHEMA_VERSION: Final = 1
_SHARED_MEMORY: Final = 32 * 1024

_HABITS: Final = """
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA recursive_triggers = ON;
PRAGMA trusted_schema = OFF;
PRAGMA secure_delete = ON;
PRAGMA cell_size_check = ON;
"""

_REASONS: Final = {
    "SQLITE_FULL": (N_("the disk is full"), N_("Free some space on its file system and repeat.")),
    "SQLITE_READONLY": (
        N_("it is read-only here"),
        N_("Mount the file system writable, or give this account the right to write the file."),
    ),
    "SQLITE_BUSY": (
        N_("it is locked by another process"),
        N_("Wait for the other daicho command to end (`fuser` names it) and repeat."),
    ),
    "SQLITE_CANTOPEN": (
        N_("it cannot be opened"),
        N_("Look whether the folder is there and writable for this account."),
    ),
    "SQLITE_IOERR": (
        N_("the disk refuses to write"),
        N_("Look at the disk, its quota and the kernel's log, and repeat."),
    ),
    "SQLITE_CORRUPT": (
        N_("the file is damaged"),
        N_("Keep a copy as it is, run `daicho ledger verify`, and restore from the last export."),
    ),
    "SQLITE_NOTADB": (N_("the file is not a ledger"), N_("Look whether the path is right.")),
}
_ERRNO: Final = {
    errno.ENOSPC: "SQLITE_FULL",
    errno.EDQUOT: "SQLITE_FULL",
    errno.EROFS: "SQLITE_READONLY",
    errno.EACCES: "SQLITE_READONLY",
    errno.EPERM: "SQLITE_READONLY",
    errno.EBUSY: "SQLITE_BUSY",
    errno.ENOENT: "SQLITE_CANTOPEN",
}


@cache
def query(name: str) -> str:
    """The statement of this name in queries.sql."""
    source = resources.files(__package__).joinpath("queries.sql").read_text("utf-8")
    parts = re.split(r"^-- name: (\w+)\n", source, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))[name].strip()


@cache
def schema() -> str:
    """The ledger's own tables, as SQL."""
    return resources.files(__package__).joinpath("schema.sql").read_text("utf-8")


def unwritable(path: Path, error: Exception) -> LedgerUnwritable:
    """The refusal that a failure of SQLite or of the operating system means, with its remedy."""
    if isinstance(error, OSError):
        name = _ERRNO.get(error.errno or 0, "SQLITE_IOERR")
    else:
        name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_IOERR") and _full(path):
        # SQLite says so when it cannot make room for its -shm file.
        name = "SQLITE_FULL"
    for prefix, (why, remedy) in _REASONS.items():
        if name.startswith(prefix):
            return LedgerUnwritable(path=path, why=_(why), remedy=_(remedy))
    return LedgerUnwritable(path=path, why=str(error), remedy=_("Run `daicho ledger verify`."))


def _full(path: Path) -> bool:
    try:
        state = os.statvfs(path.parent)
    except OSError:
        return False
    return state.f_bavail * state.f_frsize < _SHARED_MEMORY


def make(path: Path) -> None:
    """Make an empty ledger file (0600, its folder 0700 if it is new).

    Raises:
        LedgerError: There is one already.
        LedgerUnwritable: The disk does not allow it.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise LedgerError(why=_("{path} exists already").format(path=path)) from error
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        _fill(path)
    except (sqlite3.Error, OSError) as error:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        raise unwritable(path, error) from error


def _fill(path: Path) -> None:
    connection = _connect(path, "rw", 5.0)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.executescript(schema())
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    finally:
        connection.close()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new file's name durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def connect(path: Path, *, write: bool, timeout: float) -> sqlite3.Connection:
    """A connection to an existing ledger that any one thread at a time may use.

    Raises:
        LedgerError: There is no ledger there, or a newer daicho wrote it.
        LedgerUnwritable: It cannot be opened, or not for writing.
    """
    if not path.exists():
        raise LedgerError(why=_("there is none at {path}. `daicho init` makes one.").format(path=path))
    try:
        return _open(path, "rw", timeout) if write else _open_for_reading(path, timeout)
    except (sqlite3.Error, OSError) as error:
        raise unwritable(path, error) from error


def _open_for_reading(path: Path, timeout: float) -> sqlite3.Connection:
    try:
        connection = _open(path, "ro", timeout)
    except sqlite3.OperationalError:
        # On a read-only medium SQLite cannot make the -shm file that WAL needs. Without a -wal
        # file nothing can be missed by reading the database file alone.
        wal = path.with_name(path.name + "-wal")
        if wal.exists() and wal.stat().st_size:
            raise
        connection = _open(path, "ro&immutable=1", timeout)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _open(path: Path, mode: str, timeout: float) -> sqlite3.Connection:
    if mode == "rw" and not os.access(path, os.W_OK):
        # SQLite would open it for reading and say so only at the first write.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    connection = _connect(path, mode, timeout)
    try:
        _check_version(path, connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_version(path: Path, connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise LedgerError(why=_("{path} is not a ledger of daicho").format(path=path))
    if version != SCHEMA_VERSION:
        why = _(
            "{path} was written by a newer daicho (schema {version}, this one knows {known}). Upgrade daicho."
        )
        raise LedgerError(why=why.format(path=path, version=version, known=SCHEMA_VERSION))


def _connect(path: Path, mode: str, timeout: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=timeout,
        autocommit=True,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    try:
        connection.executescript(_HABITS)
    except BaseException:
        connection.close()
        raise
    return connection
