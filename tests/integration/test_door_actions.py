"""What a role's two actions say to the door, and that without one they stop the play.

A real ansible-playbook on localhost against a real Unix socket.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from daicho.runners.wire import Door, DoorError, NoDoor, door_of, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
NO_DOOR = (
    "This was not started by daicho, so nothing proves that it is approved. "
    "Type `daicho run CHANGE` (or `daicho plan CHANGE` to rehearse it)."
)
PLAYBOOK = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - daicho_intend:
        before: {"package:a": "1", "reboot": "not done"}
        after: {"package:a": "2", "reboot": "if required"}
        inverse: {"package:a": "1"}
        notes: ["a: 1 → 2"]
      register: intent
    - daicho_confirm:
        now: "{{ intent.approved.after }}"
      when: not ansible_check_mode
"""
INTENT = {
    "ask": "intend",
    "target": "localhost",
    "check": False,
    "before": {"package:a": "1", "reboot": "not done"},
    "after": {"package:a": "2", "reboot": "if required"},
    "inverse": {"package:a": "1"},
    "notes": ["a: 1 → 2"],
}
GO = {
    "verdict": "go",
    "why": "",
    "approved": {"before": {"package:a": "1"}, "after": {"package:a": "2"}, "inputs": {}},
}


class Listener:
    """A door that answers what the test says, in order, and keeps what it was asked."""

    def __init__(self, path: Path, answers: list[bytes]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answers = answers
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = Thread(target=self._serve)

    @contextmanager
    def open(self) -> Iterator[Listener]:
        self._thread.start()
        try:
            yield self
        finally:
            self._socket.shutdown(socket.SHUT_RDWR)
            self._thread.join()
            self._socket.close()

    def _serve(self) -> None:
        for answer in self._answers:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                self.asked.append(json.loads(stream.readline()))
                stream.write(answer)


def line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer).encode() + b"\n"


def play(tmp_path: Path, *arguments: str, door: Path | None) -> subprocess.CompletedProcess[str]:
    """Run the playbook with the repository's plugins, and without its gate, which stands before them."""
    (tmp_path / "empty.cfg").touch()
    (tmp_path / "play.yml").write_text(PLAYBOOK, encoding="utf-8")
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "DAICHO_"))
    }
    environment |= {
        "ANSIBLE_CONFIG": str(tmp_path / "empty.cfg"),
        "ANSIBLE_LIBRARY": str(ROOT / "plugins" / "modules"),
        "ANSIBLE_ACTION_PLUGINS": str(ROOT / "plugins" / "action"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_HOME": str(tmp_path / "home"),
    }
    if door:
        environment["DAICHO_DOOR"] = str(door)
    return subprocess.run(
        [
            Path(sys.executable).parent / "ansible-playbook",
            "-i",
            "localhost,",
            "play.yml",
            "--diff",
            *arguments,
        ],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def failure(output: str) -> str:
    found = re.search(r"^fatal: \[localhost\]: FAILED! => (.*)$", output, re.MULTILINE)
    assert found, output
    return str(json.loads(found[1])["msg"])


def test_a_run_says_its_intent_and_confirms_what_was_approved(tmp_path: Path) -> None:
    answers = [line(GO), line({"outcome": "changed", "why": ""})]

    with Listener(tmp_path / "door", answers).open() as door:
        done = play(tmp_path, door=tmp_path / "door")

    assert done.returncode == 0, done.stdout
    # The door's approved state, not what the role found, is what goes on.
    assert door.asked == [INTENT, {"ask": "confirm", "target": "localhost", "now": {"package:a": "2"}}]
    assert "changed=0" in done.stdout


def test_a_rehearsal_says_that_it_is_one_and_predicts_the_change(tmp_path: Path) -> None:
    planned = GO | {"verdict": "planned"}

    with Listener(tmp_path / "door", [line(planned)]).open() as door:
        done = play(tmp_path, "--check", door=tmp_path / "door")

    assert done.returncode == 0, done.stdout
    assert door.asked == [INTENT | {"check": True}]
    assert "-package:a: 1\n" in done.stdout
    assert "+package:a: 2\n" in done.stdout
    assert "changed=1" in done.stdout


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        pytest.param(
            [line({"verdict": "drifted", "why": "package:a: 1 → 1.5"})],
            "drifted: package:a: 1 → 1.5",
            id="drifted",
        ),
        pytest.param(
            [line({"verdict": "stop", "why": "the failure budget is used up"})],
            "stop: the failure budget is used up",
            id="stop",
        ),
        pytest.param([line({"ok": False, "why": "not ours"})], "stop: not ours", id="no verdict is no go"),
        pytest.param(
            [line(GO), line({"outcome": "unknown", "why": "package:a: 2 → 1"})],
            "unknown: package:a: 2 → 1",
            id="unverified",
        ),
    ],
)
def test_anything_but_go_fails_the_target(tmp_path: Path, answers: list[bytes], message: str) -> None:
    with Listener(tmp_path / "door", answers).open():
        done = play(tmp_path, door=tmp_path / "door")

    assert done.returncode == 2
    assert failure(done.stdout) == message


def test_without_a_door_nothing_goes(tmp_path: Path) -> None:
    done = play(tmp_path, door=None)

    assert done.returncode == 2
    assert failure(done.stdout) == NO_DOOR


@pytest.mark.parametrize("setting", ["none ", "None", "false", ""])
def test_only_the_very_word_none_does_without_a_door(tmp_path: Path, setting: str) -> None:
    done = play(tmp_path, "-e", json.dumps({"daicho_door": setting}), door=None)

    assert failure(done.stdout) == NO_DOOR


def test_a_role_can_be_developed_without_a_door(tmp_path: Path) -> None:
    done = play(tmp_path, "-v", "-e", "daicho_door=none", door=None)

    assert done.returncode == 0, done.stdout
    assert '"msg": "daicho_door is none: answered without a door, nothing was recorded."' in done.stdout


def test_inside_a_run_the_door_cannot_be_switched_off(tmp_path: Path) -> None:
    done = play(tmp_path, "-e", "daicho_door=none", door=tmp_path / "door")

    assert failure(done.stdout) == (
        "The variable daicho_door is `none` inside a run of daicho, which would leave this target off "
        "the record. Remove the variable from the inventory; it is for developing roles."
    )


def test_a_door_that_has_gone_is_named(tmp_path: Path) -> None:
    path = tmp_path / "door"

    with pytest.raises(DoorError) as caught:
        Door.connect(str(path))

    assert str(caught.value) == (
        f"The door {path} does not answer (No such file or directory): "
        "the `daicho run` that opened it has ended. "
        "Nothing more may happen; type `daicho run CHANGE --resume`."
    )


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(
            b"",
            "The door {path} closed without an answer (it hung up): the launcher has ended. "
            "Nothing more may happen; type `daicho run CHANGE --resume`.",
            id="silence",
        ),
        pytest.param(
            b'{"verdict":"go"',
            "The door {path} closed without an answer (it hung up): the launcher has ended. "
            "Nothing more may happen; type `daicho run CHANGE --resume`.",
            id="killed in mid-sentence",
        ),
        pytest.param(b"go\n", "The door {path} answered what is not JSON: b'go\\n'.", id="not JSON"),
        pytest.param(
            b'"go"\n', "The door {path} answered what is not an object: b'\"go\"\\n'.", id="not an object"
        ),
    ],
)
def test_half_an_answer_is_none(tmp_path: Path, answer: bytes, message: str) -> None:
    path = tmp_path / "door"

    with (
        Listener(path, [answer]).open(),
        Door.connect(str(path)) as door,
        pytest.raises(DoorError) as caught,
    ):
        door.ask({"ask": "intend"})

    assert str(caught.value) == message.format(path=path)


def test_the_development_door_records_nothing_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAICHO_DOOR", raising=False)

    assert isinstance(door_of("none"), NoDoor)
    with pytest.raises(DoorError) as caught:
        door_of(None)
    assert str(caught.value) == NO_DOOR


def test_a_word_stands_before_its_reason_once() -> None:
    assert sentence("drifted", "drifted: a") == sentence("drifted", "a") == "drifted: a"
