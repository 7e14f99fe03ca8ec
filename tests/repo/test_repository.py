"""The repository speaks of itself alone, locks what it needs, and its front page is true."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_the_lock_file_names_the_public_index_only() -> None:
    text = (ROOT / "uv.lock").read_text(encoding="utf-8")
    hosts = set(re.findall(r"https?://([^/\"]+)", text))
    assert hosts <= {"pypi.org", "files.pythonhosted.org"}


def test_the_front_page_has_two_commands_and_make_knows_them() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in ("README.md", "README.ja.md"):
        commands = re.findall(r"^make (\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        assert commands[:2] == ["demo", "test"]
        assert all(re.search(rf"^{command}:", makefile, re.MULTILINE) for command in commands)


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"].values()
    needed = [*project["project"]["dependencies"], *(each for group in groups for each in group)]
    names = {re.split(r"[^\w.-]", each, maxsplit=1)[0].lower() for each in needed}
    page = (ROOT / "docs" / "reference" / "dependencies.md").read_text(encoding="utf-8").lower()
    assert {name for name in names if f"| {name} |" not in page} == set()


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in tracked()
        if page.suffix == ".md" and page.exists()
        for link in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_nothing_that_is_made_is_tracked() -> None:
    made = {".pyc", ".db", ".log", ".whl"}
    assert [path.name for path in tracked() if path.suffix in made or "__pycache__" in path.parts] == []
