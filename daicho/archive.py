"""A git repository that one program writes: files in, and a commit only of what is different."""

from __future__ import annotations

import fcntl
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.errors import DaichoError
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_KEEPER: Final = ("daicho", "daicho@localhost")
_TOO_MANY: Final = 100
"""So many names are written out in a commit's message."""


class NotKept(DaichoError):
    """Git did not take the files."""

    sentence = N_("{folder} did not take the configurations: {why}.")


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a commit says."""

    title: str
    trailers: Mapping[str, str]
    author: tuple[str, str]
    """Name and mail address."""


@dataclass(frozen=True, kw_only=True)
class Staged:
    """What a commit is about to hold."""

    changed: tuple[str, ...]
    """The files that are not as they were."""
    tree: str
    """Git's name for all files together: `git rev-parse HEAD^{tree}`."""


@dataclass(frozen=True)
class Archive:
    """One repository; whoever else wants it waits."""

    folder: Path

    def keep(
        self, files: Mapping[str, str], message: Message, staged: Callable[[Staged], None]
    ) -> str | None:
        """Write files, and commit those that are different.

        Args:
            files: File name → text; files that are not named stay as they are.
            message: Of the commit.
            staged: Called before the commit, if there is anything to commit: what is recorded first is
                found again by the next call if this one dies in between.

        Returns:
            The commit's name; None when nothing is different.

        Raises:
            NotKept: Git or the disk refused.
        """
        with self._alone():
            if not (self.folder / ".git" / "HEAD").exists():
                self._git("init", "--quiet", "--initial-branch=main")
            for left in (self.folder / ".git").glob("*.lock"):
                # Nobody else is here: whoever left it was killed.
                left.unlink()
            for name, text in files.items():
                self._write(name, text)
            self._git("add", "--all", ".")
            if not (changed := self._changed()):
                return None
            staged(Staged(changed=changed, tree=self._git("write-tree").strip()))
            self._commit(message, changed)
            return self._git("rev-parse", "HEAD").strip()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.folder.with_name(f".{self.folder.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise NotKept(folder=str(self.folder), why=error.strerror or str(error)) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        except OSError as error:
            raise NotKept(folder=str(self.folder), why=error.strerror or str(error)) from error
        finally:
            os.close(lock)

    def _write(self, name: str, text: str) -> None:
        path, data = self.folder / name, text.encode()
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
            path.chmod(0o600)

    def _changed(self) -> tuple[str, ...]:
        # Without a first commit there is no HEAD to compare with.
        born = self._has_head()
        listed = (
            self._git("diff", "--cached", "--name-only", "-z", "HEAD")
            if born
            else self._git("ls-files", "--cached", "-z")
        )
        return tuple(sorted(filter(None, listed.split("\0"))))

    def _has_head(self) -> bool:
        return self._run("rev-parse", "--verify", "--quiet", "HEAD").returncode == 0

    def _commit(self, message: Message, changed: tuple[str, ...]) -> None:
        named = [name.rpartition(".")[0] or name for name in changed[:_TOO_MANY]]
        if len(changed) > _TOO_MANY:
            named.append(f"... and {len(changed) - _TOO_MANY} more")
        trailers = "\n".join(f"{name}: {value}" for name, value in message.trailers.items())
        text = "\n\n".join([message.title, "\n".join(named), trailers])
        self._git("commit", "--quiet", "--cleanup=verbatim", "--file=-", said=text, author=message.author)

    def _git(self, *words: str, said: str = "", author: tuple[str, str] = _KEEPER) -> str:
        done = self._run(*words, said=said, author=author)
        if done.returncode:
            why = done.stderr.decode(errors="replace").strip().splitlines()
            raise NotKept(folder=str(self.folder), why=why[-1].rstrip(".") if why else f"git {words[0]}")
        return done.stdout.decode(errors="surrogateescape")

    def _run(
        self, *words: str, said: str = "", author: tuple[str, str] = _KEEPER
    ) -> subprocess.CompletedProcess[bytes]:
        # No configuration of this machine or person: no hooks, no signing, no editor, no ignored files.
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": author[0],
            "GIT_AUTHOR_EMAIL": author[1],
            "GIT_COMMITTER_NAME": _KEEPER[0],
            "GIT_COMMITTER_EMAIL": _KEEPER[1],
            "LC_ALL": "C.UTF-8",
        }
        own = ("-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-c", "gc.autoDetach=false")
        return subprocess.run(
            ["git", "-C", str(self.folder), *own, *words],
            env=environment,
            input=said.encode(),
            capture_output=True,
            check=False,
        )
