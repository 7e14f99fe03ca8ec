"""The documentation is true: commands are typed, tables are the schemas', both languages say the same."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from scripts import reference
from tests import pages
from tests.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
IN_BOTH: Final = (
    *(f"docs/{page}" for page in pages.CARRIED_ON),
    *("docs/explanation/gate", "docs/explanation/ledger", "docs/reference/netcli"),
    *("docs/reference/change", "docs/reference/policy", "docs/reference/exit-codes", "docs/reference/files"),
    *("docs/reference/personnel-files", "docs/reference/checks"),
    "README",
)
_KANJI: Final = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A site where one change went all the way, without machines."""
    desk = Desk.opened(tmp_path_factory.mktemp("docs") / "desk")
    desk.expect("run", desk.approved(), "--yes", who="tanaka")
    return desk


@pytest.fixture
def terminal(office: Desk, tmp_path: Path) -> Iterator[pages.Terminal]:
    """A shell at that site, as sato."""
    state = tmp_path / "state"
    shutil.copytree(office.state, state)
    places = {"DAICHO_STATE": str(state), "DAICHO_AS": "sato", "PYTHONPATH": str(ROOT)}
    with pages.Terminal(ROOT, pages.surroundings(tmp_path) | places) as opened:
        yield opened


@pytest.mark.parametrize("suffix", [".md", ".ja.md"])
def test_the_commands_for_backups_and_checkpoints_work(terminal: pages.Terminal, suffix: str) -> None:
    heard = pages.walk(terminal, DOCS / f"howto/start-a-site{suffix}", lab=False, compare=False)
    said = {step.command: text for step, text in heard.items()}
    whole = "The ledger is whole: every entry is as it was recorded, every signature holds.\n"
    for words in ("~/ledger-copy.db", "--against ~/ledger-copy.db", "--checkpoint ~/paper --paper"):
        assert said[f"daicho ledger verify {words}"].startswith(whole)


@pytest.mark.parametrize("suffix", [".md", ".ja.md"])
def test_the_audit_by_hand_comes_to_the_same(terminal: pages.Terminal, suffix: str) -> None:
    heard = pages.walk(terminal, DOCS / f"howto/audit{suffix}", lab=False, compare=False)
    told = [(step.command, text.strip()) for step, text in heard.items()]

    def said(begins: str) -> str:
        return next(text for command, text in told if command.startswith(begins))

    assert said("python3 verify_ledger.py .").endswith(
        "\nAll is well: the chain is sound, and every signature that is in it fits."
    )
    assert f'"prev":"{said("sed -n 4p").split()[0]}"' == said("sed -n 5p")
    assert said("while") == f"the last hash is {said('sed -n 3p checkpoints')}"
    assert said("ssh-keygen -Y verify").startswith(
        'Good "daicho-approval" signature for suzuki with ED25519 key SHA256:'
    )
    assert f"digest: {said("python3 -c 'import json, hashlib")}" == said("grep '^digest' signed")


@pytest.mark.parametrize("suffix", [".md", ".ja.md"])
def test_the_tutorial_is_true_as_far_as_it_needs_no_machines(tmp_path: Path, suffix: str) -> None:
    with pages.Terminal(ROOT, pages.surroundings(tmp_path)) as terminal:
        heard = pages.walk(terminal, DOCS / f"tutorial/first-change{suffix}", lab=False)
    assert len(heard) >= 8


def test_a_page_that_says_something_else_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console run\n$ echo 2026-11-21 17:00 JST whole\n2025-01-01 09:30 JST broken\n```\n")
    with (
        pages.Terminal(tmp_path, pages.surroundings(tmp_path)) as terminal,
        pytest.raises(pages.Untrue) as found,
    ):
        pages.walk(terminal, page, lab=False)
    assert "-MOMENT broken\n+MOMENT whole" in str(found.value)


def test_a_command_that_fails_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console run\n$ false\n```\n")
    with (
        pages.Terminal(tmp_path, pages.surroundings(tmp_path)) as terminal,
        pytest.raises(pages.Untrue, match="this ended with 1: false"),
    ):
        pages.walk(terminal, page, lab=False)


@pytest.mark.parametrize("name", sorted(reference.PAGES))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_tables_of_fields_are_the_schemas(name: str, language: str) -> None:
    text = reference.path_of(name, language).read_text(encoding="utf-8")
    assert text == reference.page(name, language, text), "run `python -m scripts.reference`"


@pytest.mark.parametrize("page", IN_BOTH)
def test_both_languages_have_the_same_sections_and_commands(page: str) -> None:
    english, japanese = (
        (ROOT / f"{page}{suffix}").read_text(encoding="utf-8") for suffix in (".md", ".ja.md")
    )
    assert _heads(english) == _heads(japanese)
    assert _commands(ROOT / f"{page}.md") == _commands(ROOT / f"{page}.ja.md")
    assert _KANJI.search(japanese)


@pytest.mark.parametrize("page", IN_BOTH)
def test_anchors_lead_to_headings(page: str) -> None:
    for suffix in (".md", ".ja.md"):
        path = ROOT / f"{page}{suffix}"
        for link, anchor in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", path.read_text(encoding="utf-8")):
            target = path if not link else path.parent / link
            assert anchor in _anchors(target), f"{path.name}: {link}#{anchor}"


def test_every_page_of_the_documentation_can_be_found_from_its_front_page() -> None:
    front = (DOCS / "README.md").read_text(encoding="utf-8")
    there = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} - {"README.md"}
    assert {page for page in there if f"({page})" not in front} == set()


def _heads(text: str) -> list[int]:
    plain = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return [len(each) for each in re.findall(r"^(#+) ", plain, re.MULTILINE)]


def _commands(page: Path) -> list[str]:
    """The commands without the words of one language: documents, reasons, what is looked for in a screen."""
    return [
        re.sub(r"(--reason|--why) \"[^\"]*\"|'/\^[^']*'|title: [^/]*/|reason: [^/]*/", "", step.command)
        for step in pages.steps(page)
        if step.said is not None
    ]


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
