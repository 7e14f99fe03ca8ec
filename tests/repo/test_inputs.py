"""A work's inputs and its role's argument_specs say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from daicho.works import WORKS

ROOT = Path(__file__).resolve().parents[2]

_TYPES = {"string": "str", "integer": "int", "boolean": "bool", "array": "list", "object": "dict"}

PLAYED = sorted(name for name, work in WORKS.items() if work.runner == "ansible")
OF_THE_DOOR = {"packages", "undo", "wanted"}
"""Options that the door fills, not the person who asks for the change."""


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("work", PLAYED)
def test_inputs_and_argument_specs_agree(work: str) -> None:
    role = ROOT / "roles" / work
    options = load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    schema = WORKS[work].inputs.model_json_schema()["properties"]
    defaults = WORKS[work].inputs().model_dump(mode="json")
    told = {
        name.removeprefix(f"{work}_"): {
            "type": option["type"],
            "choices": option.get("choices"),
            "default": option.get("default"),
        }
        for name, option in options.items()
        if name.removeprefix(f"{work}_") not in OF_THE_DOOR
    }
    meant = {
        name: {"type": _TYPES[field["type"]], "choices": field.get("enum"), "default": defaults[name]}
        for name, field in schema.items()
    }
    assert told == meant


@pytest.mark.parametrize("work", PLAYED)
def test_the_role_has_a_default_for_every_option(work: str) -> None:
    role = ROOT / "roles" / work
    options = load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    defaults = load(role / "defaults" / "main.yml")
    assert set(defaults) <= set(options)
    assert {name: defaults.get(name) for name, option in options.items() if "default" in option} == {
        name: option["default"] for name, option in options.items() if "default" in option
    }
