"""Every word that people read has its Japanese, and the compiled catalogue is the written one."""

from __future__ import annotations

import string
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "daicho" / "locale" / "ja" / "LC_MESSAGES" / "daicho.po"


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    target = tmp_path_factory.mktemp("words") / "daicho.pot"
    keywords = ["--keyword=_", "--keyword=N_", "--keyword=ngettext:1,2"]
    command = [str(Path(sys.executable).with_name("pybabel")), "--quiet", "extract", *keywords]
    subprocess.run([*command, f"--output-file={target}", "daicho"], cwd=ROOT, check=True)
    with target.open("rb") as file:
        return read_po(file)


def test_every_message_is_in_the_catalogue(catalogue: Catalog, template: Catalog) -> None:
    known = {message.id for message in catalogue if message.id}
    meant = {message.id for message in template if message.id}
    assert known == meant, "run scripts/messages, then translate what it lists"


def test_every_message_is_translated(catalogue: Catalog) -> None:
    missing = [message.id for message in catalogue if message.id and (not message.string or message.fuzzy)]
    assert missing == []


def test_translations_keep_the_fields(catalogue: Catalog) -> None:
    wrong = [
        (message.id, message.string)
        for message in catalogue
        if message.id and _fields(_plain(message.id)) != _fields(_plain(message.string))
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_the_written_one(catalogue: Catalog) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled.getvalue(), "run scripts/messages"


def _plain(text: object) -> str:
    return text if isinstance(text, str) else str(text[-1]) if isinstance(text, tuple | list) else ""


def _fields(text: str) -> set[str]:
    return {
        name.partition(".")[0].partition("[")[0] for _, name, _, _ in string.Formatter().parse(text) if name
    }
