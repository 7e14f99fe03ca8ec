"""How the package repository breaks."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.repository import Repository


@dataclass(frozen=True)
class RepositoryFault:
    """One way to break the repository."""

    summary: str
    apply: Callable[[Repository], None]
    clear: Callable[[Repository], None]


def _tamper_index(repository: Repository) -> None:
    for index in (repository.www / "dists").glob("*/InRelease"):
        text = index.read_text(encoding="utf-8")
        index.write_text(text.replace("Software of the lab", "Software of the lob"), encoding="utf-8")


def _reindex(repository: Repository) -> None:
    repository.index()


def _expire(repository: Repository) -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    repository.index(valid_until=format_datetime(past, usegmt=True))


def _tamper_packages(repository: Repository) -> None:
    debs = sorted((repository.www / "pool/lab-security").glob("*.deb"))
    if not debs:
        raise LabError("There is no security update to tamper with yet: publish one first.")
    keep = repository.folder / "untampered"
    keep.mkdir(exist_ok=True)
    for deb in debs:
        shutil.copy2(deb, keep)
        content = bytearray(deb.read_bytes())
        content[len(content) // 2] ^= 0xFF
        deb.write_bytes(content)


def _restore_packages(repository: Repository) -> None:
    keep = repository.folder / "untampered"
    for deb in keep.glob("*.deb"):
        shutil.copy2(deb, repository.www / "pool/lab-security")
    shutil.rmtree(keep, ignore_errors=True)


def _stop(repository: Repository) -> None:
    repository.stop()


def _start(repository: Repository) -> None:
    if not repository.serving():
        repository.serve()


KINDS = {
    "tampered-index": RepositoryFault("InRelease no longer fits its signature", _tamper_index, _reindex),
    "expired-index": RepositoryFault("the indexes were valid until yesterday", _expire, _reindex),
    "tampered-packages": RepositoryFault(
        "the security updates no longer fit their checksums", _tamper_packages, _restore_packages
    ),
    "unreachable": RepositoryFault("nothing answers at the repository's address", _stop, _start),
}
