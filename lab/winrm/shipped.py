"""The scripts that daicho ships, known by their text: nothing else is taken for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lab.winrm.models import Model

PLACES: Final = ("daicho/endpoints/scripts/*.ps1", "roles/*/files/*.ps1", "roles/*/templates/*.ps1")


@dataclass(frozen=True)
class Shipped:
    """Names by text, and what the scripts do."""

    bootstrap: str
    names: Mapping[str, str]
    models: Mapping[str, Model]

    @classmethod
    def read(cls, root: Path, models: Mapping[str, Model]) -> Self:
        """The scripts of a source tree."""
        found = {path: same(path.read_text(encoding="utf-8")) for each in PLACES for path in root.glob(each)}
        bootstrap = next((text for path, text in found.items() if path.stem == "bootstrap"), "")
        names = {text: path.stem for path, text in found.items() if path.stem != "bootstrap"}
        return cls(bootstrap, names, models)

    def find(self, text: str) -> tuple[str, Model | None]:
        """The name of a script, empty if it is not one of ours, and its model."""
        name = self.names.get(same(text), "")
        return name, self.models.get(name)


def same(text: str) -> str:
    """A text with one kind of line ends and none at its end: YAML and editors add and take them."""
    return text.replace("\r\n", "\n").rstrip()
