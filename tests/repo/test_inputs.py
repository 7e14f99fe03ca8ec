"""A work's inputs and its role's argument_specs say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from daicho.works import WORKS
from plugins.modules import directory_user

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


def parts_of(option: dict[str, Any]) -> dict[str, Any]:
    """Name → whether it has to be there, what it is where it is not, and the same of its own parts."""
    return {
        name: (part.get("required", False), part.get("default"), parts_of(part))
        for name, part in option.get("options", {}).items()
    }


def parts_in(schema: dict[str, Any], field: dict[str, Any]) -> dict[str, Any]:
    """The same of a field of a schema."""
    meant = schema["$defs"].get(field.get("items", {}).get("$ref", "").rpartition("/")[2], {})
    return {
        name: (name in meant["required"], part.get("default"), parts_in(schema, part))
        for name, part in meant.get("properties", {}).items()
    }


def option_of(role: str, name: str) -> Any:
    specs = load(ROOT / "roles" / role / "meta" / "argument_specs.yml")
    return specs["argument_specs"]["main"]["options"][f"{role}_{name}"]


def test_what_a_folder_consists_of_is_told_too() -> None:
    schema = WORKS["set_posix_permissions"].inputs.model_json_schema()
    told = parts_of(option_of("set_posix_permissions", "folders"))
    assert told == parts_in(schema, schema["properties"]["folders"])
    assert {"path", "rights"} <= set(told)


def test_what_an_account_consists_of_is_what_its_module_takes() -> None:
    told = parts_of(option_of("directory_users", "accounts"))
    taken = parts_of({"options": directory_user.ARGUMENTS})
    assert {"site": taken["site"], "password": taken["password"], **told} == taken
