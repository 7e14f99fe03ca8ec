"""The tree shows the architecture: imports point one way, modules stay small, works are whole."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

from daicho.works import WORKS

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "daicho"

PURE = ("approval", "budget", "change", "gate", "outcome", "plan", "selector", "waves")
"""They decide, so they know no clock, no file, no database and no engine."""

IMPURE = (
    *(
        "daicho.ledger",
        "daicho.records",
        "daicho.life",
        "daicho.runners",
        "daicho.site",
        "daicho.cli",
        "daicho.report",
    ),
    *(
        "daicho.settings",
        "daicho.credentials",
        "daicho.code",
        "sqlite3",
        "subprocess",
        "pathlib",
        "os",
        "time",
    ),
)

LAYERS = ("ledger", "items", "records", "runners", "life", "report", "cli")
"""Each may import those before it and never those after it."""

LENT = {"directory_users"}
"""Roles for a site's own playbooks, over the same core as a work that Ansible does not serve."""

LEAF = "daicho.runners.wire"
"""The door client: the standard library only, so anybody may use it."""


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "auditor" not in path.parts)


def imported(path: Path) -> set[str]:
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def under(names: set[str], prefix: str) -> set[str]:
    return {name for name in names if name == prefix or name.startswith(prefix + ".")}


@pytest.mark.parametrize("name", PURE)
def test_what_decides_is_pure(name: str) -> None:
    found = imported(PACKAGE / f"{name}.py")
    assert not {each for prefix in IMPURE for each in under(found, prefix)}


def test_only_the_runners_know_ansible_and_only_they_and_items_know_nornir() -> None:
    ansible = [path for path in modules() if under(imported(path), "ansible")]
    nornir = [path for path in modules() if under(imported(path), "nornir")]
    assert [path.relative_to(PACKAGE).parts[0] for path in ansible] in ([], ["runners"])
    assert [str(path.relative_to(PACKAGE)) for path in nornir] == [
        "items/nornir.py",
        "runners/fleet.py",
        "runners/network.py",
    ]


def test_the_core_has_no_click() -> None:
    assert not [path for path in modules() if "cli" not in path.parts and under(imported(path), "click")]


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_import_downwards_only(layer: str) -> None:
    above = LAYERS[LAYERS.index(layer) + 1 :]
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        if layer in path.relative_to(PACKAGE).parts[:1]
        for prefix in above
        for name in under(imported(path), f"daicho.{prefix}")
        - {"daicho.runners"}
        - under(imported(path), LEAF)
    }
    assert not wrong


def test_the_door_client_of_the_plugins_needs_the_standard_library_only() -> None:
    found = imported(PACKAGE / "runners" / "wire.py")
    assert not under(found, "daicho")
    assert {name.split(".")[0] for name in found} <= {"__future__", "json", "os", "socket", "typing"}


def test_modules_stay_small() -> None:
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in modules())
    assert lengths[-1] <= 400
    assert lengths[len(lengths) // 2] <= 120


@pytest.mark.parametrize("work", sorted(WORKS))
def test_a_work_is_whole(work: str) -> None:
    needed = [
        f"daicho/works/{work}.py",
        f"docs/howto/{work}.md",
        f"docs/howto/{work}.ja.md",
        f"tests/acceptance/test_{work}.py",
    ]
    if WORKS[work].runner == "ansible":
        needed += [
            f"playbooks/{work}.yml",
            f"roles/{work}/meta/argument_specs.yml",
            f"roles/{work}/README.md",
            f"roles/{work}/molecule/default",
        ]
    if WORKS[work].runner in {"script", "nornir"}:
        module, _colon, name = WORKS[work].craft.partition(":")
        assert callable(getattr(import_module(module), name))
    assert [name for name in needed if not (ROOT / name).exists()] == []


def test_every_playbook_and_role_belongs_to_a_work() -> None:
    played = {name for name, work in WORKS.items() if work.runner == "ansible"}
    playbooks = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    assert played <= playbooks <= set(WORKS)
    assert {path.name for path in (ROOT / "roles").iterdir() if path.is_dir()} == played | LENT
    for name in LENT:
        needed = ("README.md", "meta/argument_specs.yml", "tasks/main.yml", "molecule/default")
        assert [each for each in needed if not (ROOT / "roles" / name / each).exists()] == []


def test_only_one_module_speaks_to_network_devices() -> None:
    speaking = {
        path.name for path in (ROOT / "nornir_tasks").glob("*.py") if under(imported(path), "netmiko")
    }
    assert speaking == {"devices.py"}
    assert not [path for path in modules() if under(imported(path), "netmiko")]
