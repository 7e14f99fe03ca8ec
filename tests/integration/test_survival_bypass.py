"""All that somebody may type instead of `daicho run`, and every layer of the gate without the others."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.doorstep import Doorstep, run_by_hand

if TYPE_CHECKING:
    from collections.abc import Sequence

BIN = Path(sys.executable).parent
PLAYBOOK = "playbooks/patch_endpoints.yml"
WHAT_TO_TYPE = (
    "This was not started by daicho, so nothing proves that it is approved. "
    "Type `daicho run CHANGE` (or `daicho plan CHANGE` to rehearse it)."
)
REFUSED = (1, f"[ERROR]: {WHAT_TO_TYPE}")
STOPPED = (97, f"[ERROR]: Stopped, because it cannot be recorded: {WHAT_TO_TYPE}")
"""The callback is asked a little earlier than the gate where both are there."""
NO_OUTPUT = (1, "[ERROR]: Could not load 'daicho_output' callback plugin.")
"""The output plugin, which keeps secrets out of the log, is one that Ansible does not do without."""
NOT_LOADED = "the ledger callback is not loaded, so nothing would be recorded"
NOT_ASKED = "the gate (playbooks/vars_plugins/change_gate.py) is not loaded, so nothing may start"


def type_in(at: Doorstep, command: Sequence[str], **environment: str) -> tuple[int, str]:
    """Status and last error of a command typed in the checkout's folder, its lines joined."""
    program, *arguments = command
    done = run_by_hand(
        [str(BIN / program), *arguments], at.content, at.environment() | {"COLUMNS": "1000"} | environment
    )
    found = re.findall(r"^\[ERROR\]: .*", done.stderr + done.stdout, flags=re.MULTILINE)
    return done.returncode, found[-1] if found else done.stderr + done.stdout


BY_HAND = {
    "playbook": ["ansible-playbook", PLAYBOOK],
    "check mode": ["ansible-playbook", PLAYBOOK, "--check"],
    "start at task": ["ansible-playbook", PLAYBOOK, "--start-at-task", "Have the effect"],
    "skip tags": ["ansible-playbook", PLAYBOOK, "--skip-tags", "always"],
    "tags": ["ansible-playbook", PLAYBOOK, "--tags", "all"],
    "other inventory": ["ansible-playbook", PLAYBOOK, "-i", "pc-1,"],
    "developer's variable": ["ansible-playbook", PLAYBOOK, "-i", "pc-1,", "-e", "daicho_door=none"],
    "variable plugins off": ["ansible-playbook", PLAYBOOK, "-i", "pc-1,", "-e", "vars_plugins_enabled=[]"],
    "own playbook": ["ansible-playbook", "playbooks/own.yml", "-i", "pc-1,"],
    "ad hoc": ["ansible", "all", "-i", "pc-1,", "-m", "ansible.builtin.ping"],
    "ad hoc on items": ["ansible", "all", "-m", "ansible.builtin.ping"],
    "ad hoc local": ["ansible", "localhost", "-m", "ansible.builtin.command", "-a", "touch effects/pc-1"],
}


@pytest.fixture(scope="module")
def tempted(template: Doorstep, tmp_path_factory: pytest.TempPathFactory) -> Doorstep:
    """The same site with a playbook that knows nothing of daicho."""
    at = template.copy(tmp_path_factory.mktemp("tempted") / "site")
    (at.content / "playbooks/own.yml").write_text(
        "- hosts: all\n  connection: local\n  gather_facts: false\n  tasks:\n"
        f"    - ansible.builtin.command: touch {at.folder}/effects/pc-1\n",
        encoding="ascii",
    )
    (at.folder / "empty.cfg").write_text("", encoding="ascii")
    return at


@pytest.mark.parametrize("name", BY_HAND)
def test_what_is_typed_by_hand_is_refused_with_what_to_type(tempted: Doorstep, name: str) -> None:
    said = type_in(tempted, BY_HAND[name])

    assert said == (STOPPED if BY_HAND[name][0] == "ansible-playbook" else REFUSED)
    assert tempted.effects() == {}
    assert tempted.kinds("R1") == []


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("ANSIBLE_CONFIG", "../empty.cfg", REFUSED),
        ("ANSIBLE_CALLBACKS_ENABLED", "nothing", REFUSED),
        ("ANSIBLE_CALLBACK_PLUGINS", "/nowhere", NO_OUTPUT),
        ("ANSIBLE_VARS_ENABLED", "host_group_vars", STOPPED),
        ("ANSIBLE_VARS_PLUGINS", "/nowhere", STOPPED),
        ("ANSIBLE_RUN_VARS_PLUGINS", "start", STOPPED),
        ("DAICHO_DOOR", "", STOPPED),
    ],
)
def test_no_setting_of_ansible_switches_the_gate_off(
    tempted: Doorstep, variable: str, value: str, said: tuple[int, str]
) -> None:
    command = ["ansible-playbook", "playbooks/own.yml", "-i", "pc-1,"]

    assert type_in(tempted, command, **{variable: value}) == said
    assert tempted.effects() == {}


def test_the_console_changes_nothing(at: Doorstep) -> None:
    done = subprocess.run(
        [BIN / "ansible-console", "all", "-i", "pc-1,"],
        input=f"command touch {at.folder}/effects/pc-1\nexit\n",
        cwd=at.content,
        env=at.environment() | {"COLUMNS": "1000"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert WHAT_TO_TYPE in done.stdout + done.stderr
    assert at.effects() == {}


def test_a_door_that_is_gone_opens_nothing(at: Doorstep) -> None:
    said = type_in(at, ["ansible", "all", "-i", "pc-1,", "-m", "ping"], DAICHO_DOOR="/run/no-such-door")
    why = (
        "[ERROR]: The door /run/no-such-door does not answer (No such file or directory): the `daicho run` "
        "that opened it has ended. Nothing more may happen; type `daicho run CHANGE --resume`."
    )
    assert said == (1, why)


def test_the_door_of_a_live_run_does_not_open_for_strangers(at: Doorstep) -> None:
    """Same account, same files, the socket's path known: but not a child of the launcher."""
    (at.folder / "slow").write_text("3", encoding="ascii")
    launched = at.start("sato", "run", "C1")
    launched.effect_begins()
    door = str(at.room_of(min(at.engines())) / "door")
    playbook = type_in(at, ["ansible-playbook", PLAYBOOK, "-i", "pc-2,"], DAICHO_DOOR=door)
    command = type_in(at, ["ansible", "all", "-i", "pc-2,", "-m", "ping"], DAICHO_DOOR=door)
    vault = run_by_hand(
        [str(at.content / "plugins/vault/daicho-vault-client")],
        at.content,
        at.environment() | {"DAICHO_DOOR": door},
    )
    (at.folder / "slow").unlink()

    stranger = "this process was not started by the door"
    assert playbook == (97, f"[ERROR]: Stopped, because it cannot be recorded: {stranger}")
    assert command == (1, f"[ERROR]: {stranger}")
    assert (vault.returncode, vault.stdout, vault.stderr) == (1, "", f"{stranger}\n")
    assert launched.end()["state"] == "done"
    assert at.effects() == {"pc-1": ["new"], "pc-2": ["new"]}


def test_the_vault_client_without_a_door_gives_nothing(at: Doorstep) -> None:
    done = run_by_hand([str(at.content / "plugins/vault/daicho-vault-client")], at.content, at.environment())
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{WHAT_TO_TYPE}\n")


# Each layer without the one before it, in content that was approved so.


def broken(template: Doorstep, folder: Path, name: str, text: str | None) -> Doorstep:
    """A site whose content lacks a file, or has another in its place, and is approved like that."""
    at = template.copy(folder)
    file = at.content / name if not name.startswith("daicho/") else at.folder / "lib" / name
    if text is None:
        file.unlink()
    else:
        file.write_text(text, encoding="ascii")
    return at


def test_without_the_gate_plugin_no_task_starts_by_hand(template: Doorstep, tmp_path: Path) -> None:
    at = broken(template, tmp_path / "site", "playbooks/vars_plugins/change_gate.py", None)
    # The callback is the next layer: it writes ahead or ends the process.
    assert type_in(at, ["ansible-playbook", PLAYBOOK, "-i", "pc-1,"]) == STOPPED
    assert at.effects() == {}


def test_without_gate_and_callback_the_role_itself_asks(template: Doorstep, tmp_path: Path) -> None:
    at = broken(template, tmp_path / "site", "playbooks/vars_plugins/change_gate.py", None)
    (at.content / "plugins/callback/daicho_ledger.py").unlink()
    status, said = type_in(at, ["ansible-playbook", PLAYBOOK, "-i", "pc-1,"])

    assert status == 2
    assert WHAT_TO_TYPE in said
    assert at.effects() == {}


NO_SUCH_THING = "raise ImportError('no such thing')\n"
NO_PYTHON = "this is no Python\n"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("plugins/callback/daicho_ledger.py", None, NOT_LOADED),
        ("plugins/callback/daicho_ledger.py", NO_SUCH_THING, "this is probably a bug: no such thing"),
        ("plugins/callback/daicho_ledger.py", NO_PYTHON, "invalid syntax (daicho_ledger.py, line 1)"),
        ("playbooks/vars_plugins/change_gate.py", None, NOT_ASKED),
        ("playbooks/vars_plugins/change_gate.py", NO_SUCH_THING, NOT_ASKED),
        ("playbooks/vars_plugins/change_gate.py", NO_PYTHON, NOT_ASKED),
    ],
    ids=[f"{layer}-{how}" for layer in ("callback", "gate") for how in ("absent", "fails", "no Python")],
)
def test_behind_the_door_a_missing_layer_stops_everything(
    template: Doorstep, tmp_path: Path, name: str, text: str | None, why: str
) -> None:
    at = broken(template, tmp_path / "site", name, text)
    change = at.request()
    planned = at.does("sato", "plan", change)

    assert [standing for standing, _said in planned.values()] == ["failed", "failed"]
    assert [said for _standing, said in planned.values() if why not in said] == []
    assert at.run("C1")["error"] == "GateRefused"
    assert at.effects() == {}


@pytest.mark.parametrize("layer", ["callback", "gate"])
def test_a_layer_that_fails_only_in_the_run_stops_it(template: Doorstep, tmp_path: Path, layer: str) -> None:
    """Content that behaves in the rehearsal and not in the run is approved; nothing starts all the same."""
    name = {"callback": "plugins/callback/daicho_ledger.py", "gate": "playbooks/vars_plugins/change_gate.py"}
    at = template.copy(tmp_path / "site")
    file = at.content / name[layer]
    spoiled = "import os\nif os.path.exists('{flag}'):\n    raise ImportError('later')\n"
    text = file.read_text(encoding="utf-8")
    head, rest = text.split("from typing", 1)
    file.write_text(head + spoiled.format(flag=at.folder / "flag") + "from typing" + rest, encoding="utf-8")
    change = at.approved(title="Content that breaks later")
    (at.folder / "flag").touch()
    end = at.run(change)
    closed = at.kinds("R1")[-1]

    assert (end["state"], end["complete"]) == ("interrupted", False)
    assert set(end["outcomes"].values()) <= {"skipped", "failed"}
    assert "target.intended" not in at.kinds("R1")
    assert closed == "run.closed"
    assert at.effects() == {}
    at.judge_ended()


def test_a_door_client_that_cannot_load_refuses(template: Doorstep, tmp_path: Path) -> None:
    at = broken(template, tmp_path / "site", "daicho/runners/wire.py", "1 / 0\n")
    said = type_in(at, ["ansible-inventory", "--list", "-i", "pc-1,", "--playbook-dir", "playbooks"])
    assert said == (1, "[ERROR]: The gate cannot load its door client (division by zero): run `make setup`.")


def test_a_run_that_only_rehearses_is_refused_and_so_is_the_reverse(at: Doorstep) -> None:
    """Content that turns check mode round is caught by what the engine itself says of its mode."""
    ansible = at.folder / "lib/daicho/runners/ansible.py"
    text = ansible.read_text(encoding="utf-8")
    assert text.count("if job.check:") == 1
    ansible.write_text(text.replace("if job.check:", "if not job.check:"), encoding="utf-8")
    change = at.request()
    planned = at.does("sato", "plan", change)

    only = "This is a rehearsal: only check mode is allowed."
    assert {name: [standing, only in said] for name, (standing, said) in planned.items()} == {
        "pc-1": ["failed", True],
        "pc-2": ["failed", True],
    }
    assert at.effects() == {}


def test_a_run_in_check_mode_is_refused(template: Doorstep, tmp_path: Path) -> None:
    at = template.copy(tmp_path / "site")
    ansible = at.folder / "lib/daicho/runners/ansible.py"
    text = ansible.read_text(encoding="utf-8").replace("if job.check:", "if True:")
    ansible.write_text(text, encoding="utf-8")
    end = at.run(at.approved(title="Always in check mode"))

    assert end == {
        "run": "R1",
        "state": "interrupted",
        "complete": False,
        "stopped": None,
        "outcomes": {"pc-1": "skipped"},
    }
    why = at.rows("SELECT text ->> '$.body.why' AS why FROM entry WHERE kind = 'target.outcome'")
    assert why == [{"why": "[ERROR]: This run is in earnest; check mode belongs to `daicho plan`."}]
    assert at.effects() == {}
    at.judge_ended()
