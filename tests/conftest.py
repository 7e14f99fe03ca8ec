"""Fixtures that tests of the core share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.bureau import Bureau, make_keys
from tests.domains import domain, domain_session

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["domain", "domain_session"]

# A busy machine makes an example slow, not wrong.
settings.register_profile("daicho", deadline=None)
settings.load_profile("daicho")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The private key of each person; `.pub` beside it."""
    return make_keys(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, Path]) -> Bureau:
    """A new site, to be copied and not used."""
    return Bureau.make(tmp_path_factory.mktemp("site") / "pristine", keys)


@pytest.fixture
def bureau(tmp_path: Path, pristine: Bureau) -> Bureau:
    """A new site of one's own."""
    return pristine.copy(tmp_path / "bureau")
