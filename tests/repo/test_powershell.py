"""Our PowerShell is few and small, and each script can at least be parsed: nothing here can run it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Parser

from daicho.endpoints.script import command, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "daicho/endpoints/scripts"
SCRIPTS = sorted(path for folder in ("daicho", "plugins", "roles") for path in (ROOT / folder).rglob("*.ps1"))


def faults(text: bytes) -> list[str]:
    """Where a script cannot be parsed."""
    tree = Parser(Language(tree_sitter_powershell.language())).parse(text)
    return [f"line {node.start_point.row + 1}: {node.text!r}" for node in _broken(tree.root_node)]


def _broken(node: Node) -> Iterator[Node]:
    if node.type == "ERROR" or node.is_missing:
        yield node
    for child in node.children:
        yield from _broken(child)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_can_be_parsed(script: Path) -> None:
    assert faults(script.read_bytes()) == []


@pytest.mark.parametrize("broken", [b"@{ a = 1", b"if ($a { 1 }", b"'open", b"foreach ($a in 1 { }"])
def test_what_cannot_be_parsed_is_found(broken: bytes) -> None:
    assert faults(broken)


@pytest.mark.parametrize("script", sorted(OURS.glob("*.ps1")), ids=lambda path: path.stem)
def test_a_script_of_ours_is_small_and_says_what_it_does(script: Path) -> None:
    lines = script.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert len(lines) <= 120
    # A Japanese Windows takes a script without a mark for CP932: what is not ASCII would be something else.
    assert script.read_bytes().isascii()
    if script.stem != "bootstrap":
        assert any(line.lower().startswith("param($arguments)") for line in lines), "one argument object"


def test_the_command_line_is_one_constant_without_anything_of_an_errand() -> None:
    assert text_of("bootstrap")
    assert len(" ".join(command())) < 8191
    assert "daicho" not in json.dumps(command())
