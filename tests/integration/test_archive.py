"""The repository of configurations, judged by git itself."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from daicho.archive import Archive, Message, NotKept, Staged

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = Message(title="R7: VLAN 30", trailers={"Daicho-Run": "R7"}, author=("佐藤 花子", "sato@ministry"))


def git(folder: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_only_what_is_different_is_committed(tmp_path: Path) -> None:
    archive, seen = Archive(tmp_path / "kept"), list[Staged]()
    first = archive.keep({"a.cfg": "one\n", "本省.cfg": "one\n"}, MESSAGE, seen.append)
    assert archive.keep({"a.cfg": "one\n"}, MESSAGE, seen.append) is None
    second = archive.keep({"a.cfg": "two\n", "本省.cfg": "one\n"}, MESSAGE, seen.append)
    assert [each.changed for each in seen] == [("a.cfg", "本省.cfg"), ("a.cfg",)]
    assert git(archive.folder, "log", "--format=%H").split() == [second, first]
    assert git(archive.folder, "log", "-1", "--format=%an <%ae>|%cn|%B") == (
        "佐藤 花子 <sato@ministry>|daicho|R7: VLAN 30\n\na\n\nDaicho-Run: R7"
    )
    assert git(archive.folder, "rev-parse", "HEAD^{tree}") == seen[-1].tree
    assert git(archive.folder, "show", "HEAD:a.cfg") == "two"
    assert git(archive.folder, "status", "--porcelain") == ""
    assert archive.folder.stat().st_mode & 0o777 == 0o700


def test_whoever_dies_before_the_commit_loses_nothing(tmp_path: Path) -> None:
    archive, seen = Archive(tmp_path / "kept"), list[Staged]()
    archive.keep({"a.cfg": "one\n"}, MESSAGE, seen.append)

    def die(_staged: Staged) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.keep({"a.cfg": "two\n"}, MESSAGE, die)
    (archive.folder / ".git" / "index.lock").touch()
    assert archive.keep({"a.cfg": "two\n"}, MESSAGE, seen.append)
    assert [each.changed for each in seen] == [("a.cfg",), ("a.cfg",)]


def test_a_place_that_takes_nothing_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    with pytest.raises(NotKept) as refused:
        Archive(tmp_path / "kept").keep({"a.cfg": "one\n"}, MESSAGE, print)
    assert str(refused.value) == f"{tmp_path}/kept did not take the configurations: File exists."
