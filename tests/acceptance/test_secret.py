"""`daicho secret` as an administrator types it: the value is in its file and nowhere else."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.desk import Desk

CANARY = "canary-9f2c"


def test_the_value_is_in_its_file_and_nowhere_else(desk: Desk) -> None:
    done = desk.expect("secret", "set", "directory", who="sato", typed=f"{CANARY}\n")
    assert (done.out, done.err) == ("", "The secret directory is kept.\n")
    listed = desk.expect("secret", "list", "--output", "json", who="sato")
    assert listed.json == [{"secret": "directory"}]
    found = subprocess.run(["grep", "-rl", CANARY, desk.folder], capture_output=True, text=True, check=False)
    assert found.stdout.splitlines() == [str(desk.state / "keys/secrets/directory")]
    kept = desk.expect("ledger", "log", "--output", "json", who="sato").json[-1]
    assert (kept["kind"], kept["of"], kept["by"]) == ("secret.kept", "directory", "sato")


def test_only_an_administrator_may_and_nothing_is_kept_of_nothing(desk: Desk) -> None:
    refused = desk.daicho("secret", "set", "directory", who="tanaka", typed="x\n")
    assert (refused.code, refused.out) == (5, "")
    empty = desk.daicho("secret", "set", "directory", who="sato")
    assert (empty.code, empty.err) == (2, "daicho: Nothing was kept: standard input is empty.\n")
    assert desk.expect("secret", "list", who="sato").out == "There is no secret yet.\n"


def test_a_secret_is_removed_after_a_yes(desk: Desk) -> None:
    desk.expect("secret", "set", "directory", who="sato", typed="x\n")
    assert desk.daicho("secret", "forget", "directory", who="sato", typed="no\n").code == 5
    desk.expect("secret", "forget", "directory", "--yes", who="sato")
    assert desk.expect("secret", "list", "--output", "json", who="sato").json == []
