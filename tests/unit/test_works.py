"""The works: each is judged by its own inputs and finds its role's variables by its own name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from daicho.errors import DocumentError, UnknownObject
from daicho.items.item import KINDS
from daicho.works import CUMULATIVE, WORKS, work_named

ROOT = Path(__file__).parents[2]


def test_an_unknown_work_is_a_sentence() -> None:
    with pytest.raises(UnknownObject) as refusal:
        work_named("patch_endponts")
    assert str(refusal.value) == "There is no work 'patch_endponts'. `daicho works` lists them."


@pytest.mark.parametrize("name", sorted(name for name, work in WORKS.items() if work.runner == "ansible"))
def test_every_variable_of_a_work_is_one_that_its_role_knows(name: str) -> None:
    work = work_named(name)
    specs = YAML(typ="safe").load(ROOT / f"roles/{name}/meta/argument_specs.yml")
    known = set(specs["argument_specs"]["main"]["options"])
    assert set(work.variables(work.judge_inputs({}, "x") | {"undo": False})) <= known
    assert work.kinds <= set(KINDS)


def test_what_is_left_out_is_filled_in_and_recorded() -> None:
    given = {"scope": "all", "deny": ["linux-*"]}
    assert work_named("patch_endpoints").judge_inputs(given, "change.yml") == {
        "scope": "all",
        "allow": [],
        "deny": ["linux-*"],
        "categories": [],
        "source": "default",
        "offline_folder": "",
        "step": "install",
        "retries": 3,
        "update_timeout": 7200,
        "reboot": "if_required",
        "reboot_notice": 15,
        "reboot_timeout": 600,
        "services": [],
    }


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"scop": "all"}, "At inputs.scop: there is no such field; look for a spelling mistake."),
        ({"reboot": True}, "At inputs.reboot: it must be one of 'never', 'if_required' or 'always'."),
        ({"reboot_timeout": 10**9}, "At inputs.reboot_timeout: it must be at most 7200."),
        ({"reboot_timeout": "soon"}, "At inputs.reboot_timeout: it must be a whole number."),
        ({"allow": "openssl"}, "At inputs.allow: it must be a list."),
        ({"services": [5]}, "At inputs.services[0]: it must be a text; put it in quotes."),
    ],
)
def test_absurd_inputs(inputs: dict[str, object], said: str) -> None:
    with pytest.raises(DocumentError) as refusal:
        work_named("patch_endpoints").judge_inputs(inputs, "change.yml")
    assert str(refusal.value) == f"change.yml cannot be used:\n{said}"


def test_works_are_read_when_they_are_asked_for_and_known_before() -> None:
    assert {name: work.name for name, work in WORKS.items()} == {name: name for name in WORKS}
    assert set(CUMULATIVE) == {work.name for work in WORKS.values() if work.owes == "newest"}
    assert "unheard_of" not in WORKS
    assert WORKS.get("unheard_of") is None
    listing = "print([name for name in sys.modules if name.startswith('daicho.works.')])"
    code = f"import sys, daicho.site; {listing}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
