"""The help: every command explains itself, with an example that the parser takes."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import click
import pytest

from daicho.cli.kit import Command, Group
from daicho.cli.reference import CODES, commands, reference
from daicho.cli.root import root
from daicho.errors import ExitCode
from tests.doorstep import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk import Desk

ALL = list(commands())


@pytest.mark.parametrize("path", [path for path, _found in ALL])
def test_the_help_of_every_command_has_an_example(path: str) -> None:
    found = dict(ALL)[path]
    assert isinstance(found, Command | Group)
    text = click.Context(found, info_name=path).get_help()
    assert "\nExample:\n" in text
    for line in found.example.strip().splitlines():
        assert f"  {line}" in text
        assert "daicho " in line


def typed_lines() -> list[str]:
    """All calls in all examples, without what a shell makes of them (pipes, redirections, comments)."""
    lines = [
        line
        for _path, found in ALL
        if isinstance(found, Command | Group)
        for line in found.example.splitlines()
    ]
    return sorted({re.split(r" {2,}| [|<>&]", line)[0] for line in lines if line})


@pytest.mark.parametrize("line", typed_lines())
def test_an_example_is_a_call_that_the_parser_takes(line: str) -> None:
    found: click.Command = root
    words = shlex.split(line)[1:]
    while isinstance(found, Group):
        inner = found.get_command(click.Context(found), words.pop(0))
        assert inner is not None
        found = inner
    found.make_parser(click.Context(found)).parse_args(words)


def test_no_option_takes_the_place_of_one_that_stands_everywhere() -> None:
    for path, found in ALL:
        names = [param.name for param in found.params]
        assert len(names) == len(set(names)), path


def test_every_option_has_its_own_environment_variable() -> None:
    wrong = []
    for path, found in ALL:
        for option in found.params:
            if not isinstance(option, click.Option) or option.hidden:
                continue
            long = option.opts[0].removeprefix("--").replace("-", "_").upper()
            automatic = "_".join([*path.upper().split(), str(option.name).upper()])
            name = option.envvar or automatic
            if name not in {f"DAICHO_{long}", "_".join([*path.upper().split(), long])}:
                wrong.append((path, option.opts, name))
    assert wrong == []


def test_an_option_can_come_from_the_environment(walked_desk: Desk) -> None:
    done = walked_desk.daicho("status", DAICHO_STATUS_RUNS="1", DAICHO_OUTPUT="csv")
    assert done.out.splitlines()[0].startswith("run,change,state,class,work,operator,")


def test_every_exit_code_is_explained() -> None:
    assert set(CODES) == set(ExitCode)


def test_the_reference_is_what_the_commands_say() -> None:
    assert (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8") == reference()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_commands(desk: Desk, shell: str) -> None:
    done = desk.expect("completion", shell)
    assert "_DAICHO_COMPLETE" in done.out
    spoken = desk.daicho(
        _DAICHO_COMPLETE=f"{shell}_complete",
        COMP_WORDS="daicho wi",
        COMP_CWORD="wi" if shell == "fish" else "1",
    )
    assert "withdraw" in spoken.out


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("show ", ["C1", "R1"]),
        ("show r", ["R1"]),
        ("undo ", ["R1"]),
        ("plan c", ["C1"]),
        ("plan C2", []),
        ("check show ", []),
    ],
)
def test_completion_knows_the_names_of_changes_and_runs(
    walked_desk: Desk, words: str, offered: list[str]
) -> None:
    typed, _space, begun = words.rpartition(" ")
    asked = {"_DAICHO_COMPLETE": "bash_complete", "COMP_WORDS": f"daicho {words}"}
    done = walked_desk.daicho(**asked, COMP_CWORD=str(len(typed.split()) + 1))
    assert (done.out.split(), done.err) == ([f"plain,{name}" for name in offered], ""), begun


def test_completion_is_silent_where_there_is_no_site(desk: Desk, tmp_path: Path) -> None:
    done = desk.daicho(
        _DAICHO_COMPLETE="bash_complete",
        COMP_WORDS="daicho show ",
        COMP_CWORD="2",
        DAICHO_STATE=str(tmp_path / "nowhere"),
    )
    assert (done.out.strip(), done.err) == ("", "")


def test_a_wrong_word_shows_the_usage_on_standard_error(desk: Desk) -> None:
    done = desk.daicho("bogus")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("Error: No such command 'bogus'.\n")
