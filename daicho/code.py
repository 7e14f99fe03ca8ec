"""The content that will run, as one digest, and as a private copy that nobody can change under a run.

The copy is hashed while it is written and Ansible runs from the copy, so there is no moment
between the check and the use.
"""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import daicho
from daicho import canonical
from daicho.errors import Refused
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daicho.settings import Settings

_CONTENT: Final = ("ansible.cfg", "inventory", "nornir_tasks", "playbooks", "plugins", "roles", "scripts")
_EXECUTABLE: Final = "755"
_SKIPPED: Final = frozenset({"__pycache__", "molecule", ".ansible", ".cache"})


class UnsafeContent(Refused):
    """The content holds something that a digest cannot stand for."""

    sentence = N_("{path} is neither a plain file nor a folder. Replace the link by what it points to.")


@dataclass(frozen=True, kw_only=True)
class Code:
    """What would run, file by file."""

    files: Mapping[str, str]
    """Path → mode and SHA-256 (`644 ab12...`)."""

    @cached_property
    def digest(self) -> str:
        """The one number that stands for all files."""
        return canonical.digest(dict(self.files))

    def differing(self, other: Mapping[str, str]) -> tuple[str, ...]:
        """The paths that are not the same in another listing."""
        paths = sorted({*self.files, *other})
        return tuple(path for path in paths if self.files.get(path) != other.get(path))


def read_code(settings: Settings) -> Code:
    """The content as it stands now."""
    return Code(files={name: _entry(_mode(path), path.read_bytes()) for name, path in _files(settings)})


def copy_code(settings: Settings, target: Path) -> Code:
    """Copy the content to a folder that only we can read; the digest is of what was copied."""
    files = {}
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, path in _files(settings):
        mode, data = _mode(path), path.read_bytes()
        files[name] = _entry(mode, data)
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(data)
        copy.chmod(0o500 if mode == _EXECUTABLE else 0o400)
    return Code(files=files)


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    for name in _CONTENT:
        yield from _below(settings.content / name, name)
    yield from _below(Path(daicho.__file__).resolve().parent, "daicho")
    # A site's own group_vars and host_vars decide what runs as much as the roles do.
    yield from _below(settings.site_inventory, "site")


def _below(path: Path, name: str) -> Iterator[tuple[str, Path]]:
    if path.is_symlink():
        raise UnsafeContent(path=str(path))
    if path.is_file():
        yield name, path
    elif path.is_dir():
        for child in sorted(path.iterdir()):
            _check_name(child)
            if child.name not in _SKIPPED and child.suffix != ".pyc":
                yield from _below(child, f"{name}/{child.name}")
    elif path.exists():
        raise UnsafeContent(path=str(path))


def _check_name(path: Path) -> None:
    try:
        canonical.canonical({path.name: None})
    except ValueError as error:
        raise UnsafeContent(N_("The name {path!r} cannot be recorded. Rename it."), path=str(path)) from error


def _mode(path: Path) -> str:
    return _EXECUTABLE if path.stat().st_mode & stat.S_IXUSR else "644"


def _entry(mode: str, data: bytes) -> str:
    return f"{mode} {hashlib.sha256(data).hexdigest()}"
