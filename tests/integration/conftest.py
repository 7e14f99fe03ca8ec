from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doorstep import Doorstep

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Doorstep:
    """A site whose change C1 over pc-1 and pc-2 is approved."""
    made = Doorstep.make(tmp_path_factory.mktemp("template") / "site")
    assert made.approved() == "C1"
    return made


@pytest.fixture
def at(template: Doorstep, tmp_path: Path) -> Doorstep:
    """A copy of it."""
    return template.copy(tmp_path / "site")
