"""The site's secrets: kept for nobody else to read, whole or not at all, and never shown."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from daicho.credentials import BadSecretName, Keys, NoSecret

if TYPE_CHECKING:
    from pathlib import Path


def test_a_secret_is_kept_replaced_and_forgotten(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    assert keys.secret_names == []
    keys.keep_secret("directory", "ひみつ one ")
    keys.keep_secret("directory", "ひみつ two ")
    assert (keys.secret("directory"), keys.secret_names) == ("ひみつ two ", ["directory"])
    file = keys.folder / "secrets/directory"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    keys.forget_secret("directory")
    assert keys.secret_names == []
    with pytest.raises(NoSecret):
        keys.secret("directory")


@pytest.mark.parametrize("name", ["", "../ledger", "vault", "Directory", "a/b", ".hidden", "a" * 65])
def test_a_name_that_could_lead_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadSecretName) as refusal:
        Keys(tmp_path).keep_secret(name, "x")
    assert str(refusal.value) == (
        f"{name!r} cannot be the name of a secret: write small letters, digits, `-` and `_`, "
        "beginning with a letter; `vault` is taken."
    )
