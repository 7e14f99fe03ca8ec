from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def opened_desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A site with two items and nothing else; tests copy it."""
    return Desk.opened(tmp_path_factory.mktemp("desk") / "opened")


@pytest.fixture(scope="session")
def walked_desk(opened_desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A site where one change went all the way; tests only read it."""
    folder = tmp_path_factory.mktemp("desk") / "walked"
    shutil.copytree(opened_desk.folder, folder)
    made = Desk(folder)
    change = made.approved()
    made.expect("run", change, "--yes", who="tanaka")
    return made


@pytest.fixture
def desk(opened_desk: Desk, tmp_path: Path) -> Desk:
    """A site of one's own."""
    shutil.copytree(opened_desk.folder, tmp_path / "desk")
    return Desk(tmp_path / "desk")
