"""Files that are replaced whole: the new one at once or not at all, the old one kept for the way back."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def digest_of(data: bytes | None) -> str | None:
    """`sha256:...` of a file's bytes; None: there is no file."""
    return None if data is None else f"sha256:{hashlib.sha256(data).hexdigest()}"


def bytes_of(place: Path) -> bytes | None:
    """What is in a file; None: there is none."""
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return None


def keep(data: bytes, folder: Path) -> None:
    """Keep the bytes of a file by their digest; on disk when this returns."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    put(folder / str(digest_of(data)).removeprefix("sha256:"), data, 0o600)


def kept(digest: str, folders: Path, within: str) -> bytes | None:
    """The bytes that some run kept under a digest, if they are still what they were.

    Args:
        digest: `sha256:...`.
        folders: The folder of the runs' folders.
        within: The name of the folder that each run keeps them in.
    """
    for place in sorted(folders.glob(f"*/{within}/{digest.removeprefix('sha256:')}")):
        data = place.read_bytes()
        if digest_of(data) == digest:
            return data
    return None


def put(place: Path, data: bytes, mode: int) -> None:
    """Replace a file, or make it; whoever reads it sees the old one or the new one, whole."""
    with NamedTemporaryFile("wb", dir=place.parent, prefix=f".{place.name}.", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            Path(file.name).replace(place)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    _sync(place.parent)


def remove(place: Path) -> None:
    """Take a file away."""
    place.unlink(missing_ok=True)
    _sync(place.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
