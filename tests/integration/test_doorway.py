"""The door as a real socket: who is answered, what garbage gets, and what counts as recorded."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from daicho.door import Verdict
from daicho.errors import LedgerUnwritable, UnknownObject
from daicho.runners.doorway import Doorway

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daicho.door import Answer, Intention, TaskResult
    from daicho.plan import TargetState

NOT_ALIVE = "the ledger callback is not loaded, so nothing would be recorded"
NOT_ASKED = "the gate (playbooks/vars_plugins/change_gate.py) is not loaded, so nothing may start"


class Kept:
    """A door that keeps what it was told, and refuses where a test wants it."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.unwritable = False
        self.refuses: str | None = None

    def may_start(self, *, check: bool) -> str | None:
        self._note("gate", check)
        return self.refuses

    def inventory(self) -> Answer:
        return {"hosts": {"pc-1": {}}, "groups": {}, "vars": {}}

    def alive(self) -> None:
        self._note("alive")

    def secret(self, name: str) -> str:
        if name != "vault":
            raise UnknownObject(kind="secret", name=name, listing="daicho init")
        return "s3cret"

    def task_starts(self, task: str, path: str) -> None:
        self._note("task", task, path)

    def task_ended(self, task: str, results: Sequence[TaskResult]) -> None:
        self._note("results", task, [result.status for result in results])

    def intend(self, intention: Intention) -> Verdict:
        self._note("intend", intention)
        return Verdict(verdict="go", approved={"before": dict(intention.before)})

    def confirm(self, target: str, now: TargetState, *, lost: str = "", said: str = "") -> Answer:  # noqa: ARG002 -- the door's shape
        self._note("confirm", target, dict(now))
        return {"outcome": "changed", "why": ""}

    def _note(self, *told: object) -> None:
        if self.unwritable:
            raise LedgerUnwritable(path="/l.db", why="disk full", remedy="Make room.")
        self.told.append(told)


@pytest.fixture
def door() -> Kept:
    return Kept()


@pytest.fixture
def doorway(tmp_path: Path, door: Kept) -> Iterator[Doorway]:
    served = Doorway(tmp_path / "door", door)
    with served.open():
        yield served


@pytest.fixture
def path(doorway: Doorway) -> str:
    return str(doorway.server_address)


def exchange(path: str, *lines: bytes) -> list[dict[str, Any]]:
    """Send these bytes as they are, then say no more; all answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(20)
        connection.connect(path)
        connection.sendall(b"".join(lines))
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as stream:
            return [json.loads(line) for line in stream]


def ask(path: str, /, **message: Any) -> dict[str, Any]:
    return exchange(path, json.dumps(message).encode() + b"\n")[0]


def stop(why: str) -> dict[str, Any]:
    return {"ok": False, "verdict": "stop", "outcome": "unknown", "why": why}


def begin(path: str) -> None:
    assert ask(path, ask="gate", check=False) == {"ok": True, "why": ""}
    assert ask(path, ask="alive") == {"ok": True}


INTENT: dict[str, Any] = {"ask": "intend", "target": "pc-1", "before": {"a": 1}, "after": {"a": 2}}

# Who is answered

CLIENT = """
import os, socket, sys, time
while os.getppid() == int(sys.argv[2]): time.sleep(0.01)
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
s.sendall(b'{"ask":"secret","name":"vault"}\\n')
open(sys.argv[3] + ".part", "wb").write(s.makefile("rb").readline())
os.rename(sys.argv[3] + ".part", sys.argv[3])
"""


def test_a_process_that_was_not_started_by_the_launcher_gets_nothing(
    path: str, door: Kept, tmp_path: Path
) -> None:
    # Its parent, a shell, ends at once: whoever adopts it, it is not the launcher's any more.
    answer = tmp_path / "answer"
    script = f'{sys.executable} -c "$CLIENT" "$1" $$ "$2" &'
    subprocess.run(
        ["sh", "-c", script, "sh", path, str(answer)], env={**os.environ, "CLIENT": CLIENT}, check=True
    )
    deadline = time.monotonic() + 20
    while not answer.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert json.loads(answer.read_text()) == stop("this process was not started by the door")
    assert door.told == []


def test_a_grandchild_of_the_launcher_is_answered(path: str, tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    script = f'{sys.executable} -c "$CLIENT" "$1" 0 "$2"; true'
    subprocess.run(
        ["sh", "-c", script, "sh", path, str(answer)], env={**os.environ, "CLIENT": CLIENT}, check=True
    )
    assert json.loads(answer.read_text()) == {"ok": True, "secret": "s3cret"}


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become somebody else")
def test_another_user_s_process_gets_nothing(door: Kept) -> None:
    code = (
        "import os, socket, sys; os.setgid(65534); os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
        's.sendall(b\'{"ask":"secret","name":"vault"}\\n\'); print(s.makefile().readline())'
    )
    # It is our child, in a place that it may enter: what is left is whose it is.
    with tempfile.TemporaryDirectory() as place:
        served = Doorway(Path(place, "door"), door)
        Path(place).chmod(0o711)
        Path(place, "door").chmod(0o777)
        with served.open():
            command = [sys.executable, "-c", code, f"{place}/door"]
            done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert json.loads(done.stdout) == stop("this process was not started by the door")
    assert door.told == []


# What garbage gets


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"\n", "the question is not JSON"),
        (b"GET / HTTP/1.1\r\n", "the question is not JSON"),
        (b'{"ask":"alive"\n', "the question is not JSON"),
        (b"\xff\xfe\x00\n", "the question is not JSON"),
        (b"[" * 200_000 + b"\n", "the question is not JSON"),
        (b"[]\n", "the question is not a JSON object"),
        (b"null\n", "the question is not a JSON object"),
        (b'"alive"\n', "the question is not a JSON object"),
        (b"{}\n", "the door does not know the question None"),
        (b'{"ask":"open"}\n', "the door does not know the question 'open'"),
        (b'{"ask":["alive"]}\n', "the door does not know the question ['alive']"),
        (b'{"ask":"secret"}\n', "the door cannot use the question 'secret': KeyError('name')"),
        (
            b'{"ask":"results","task":"t","results":[{"target":"pc-1"}]}\n',
            (
                "the door cannot use the question 'results': "
                "TypeError(\"TaskResult.__init__() missing 1 required keyword-only argument: 'status'\")"
            ),
        ),
        (
            b'{"ask":"results","task":"t","results":[{"target":"pc-1","status":"fine"}]}\n',
            "the door cannot use the question 'results': ValueError(\"there is no status 'fine'\")",
        ),
    ],
)
def test_garbage_is_answered_with_stop_and_the_door_goes_on(
    path: str, door: Kept, capfd: pytest.CaptureFixture[str], line: bytes, why: str
) -> None:
    answers = exchange(path, line, b'{"ask":"inventory"}\n')
    assert answers == [stop(why), {"hosts": {"pc-1": {}}, "groups": {}, "vars": {}}]
    assert door.told == []
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("half", [b'{"ask":"alive"}', b'{"ask":"al', b"x"])
def test_half_a_line_is_not_acted_on(path: str, door: Kept, half: bytes) -> None:
    assert exchange(path, half) == [stop("the question was cut off or is too long")]
    assert door.told == []


def test_one_who_hangs_up_before_the_answer_disturbs_nobody(
    path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(20):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(path)
            connection.sendall(b'{"ask":"inventory"}\n' * 50)
    assert ask(path, ask="alive") == {"ok": True}
    assert capfd.readouterr().err == ""


def test_fifty_at_once(path: str, door: Kept) -> None:
    begin(path)
    together = threading.Barrier(50)

    def one(number: int) -> list[dict[str, Any]]:
        together.wait(20)
        questions = [INTENT | {"target": f"pc-{number}", "before": {"n": each}} for each in range(10)]
        return exchange(path, *(json.dumps(question).encode() + b"\n" for question in questions))

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(one, range(50)))
    wanted = [{"verdict": "go", "why": "", "approved": {"before": {"n": each}}} for each in range(10)]
    assert answers == [wanted] * 50
    assert len([told for told in door.told if told[0] == "intend"]) == 500


# The order of a run


def test_no_target_is_begun_before_the_recorder_is_alive(path: str, door: Kept) -> None:
    assert ask(path, ask="gate", check=False)["ok"] is True
    assert ask(path, **INTENT) == stop(NOT_ALIVE)
    assert ask(path, ask="alive") == {"ok": True}
    assert ask(path, **INTENT)["verdict"] == "go"
    assert [told[0] for told in door.told] == ["gate", "alive", "intend"]


def test_no_target_is_begun_before_the_gate_was_asked(path: str) -> None:
    assert ask(path, ask="alive") == {"ok": True}
    assert ask(path, **INTENT) == stop(NOT_ASKED)
    assert ask(path, ask="task", task="t", path="p") == stop(NOT_ASKED)


def test_a_gate_that_says_no_is_not_passed(path: str, door: Kept) -> None:
    door.refuses = "not today"
    assert ask(path, ask="gate", check=False) == {"ok": False, "why": "not today"}
    assert ask(path, ask="alive") == {"ok": True}
    assert ask(path, **INTENT) == stop(NOT_ASKED)


def test_a_recorder_that_could_not_be_recorded_is_not_alive(path: str, door: Kept, doorway: Doorway) -> None:
    door.unwritable = True
    assert ask(path, ask="alive") == stop(
        "The ledger /l.db cannot be written (disk full). Nothing was started. Make room."
    )
    assert doorway.said_alive is False


@pytest.mark.parametrize(
    "message",
    [
        INTENT,
        {"ask": "confirm", "target": "pc-1", "now": {}},
        {"ask": "task", "task": "t", "path": "p"},
        {"ask": "results", "task": "t", "results": [{"target": "pc-1", "status": "ok"}]},
    ],
)
def test_what_cannot_be_recorded_stops(
    path: str, door: Kept, doorway: Doorway, message: dict[str, Any]
) -> None:
    begin(path)
    door.unwritable = True
    assert ask(path, **message) == stop(
        "The ledger /l.db cannot be written (disk full). Nothing was started. Make room."
    )
    assert doorway.received == 0


def test_results_count_once_they_are_on_record(path: str, door: Kept, doorway: Doorway) -> None:
    begin(path)
    results = [{"target": "pc-1", "status": "ok"}, {"target": "pc-2", "status": "failed", "message": "no"}]
    assert ask(path, ask="results", task="t", results=results) == {"ok": True}
    assert ask(path, ask="end", sent=2) == {"ok": True}
    assert (doorway.received, doorway.sent) == (2, 2)
    assert door.told[-1] == ("results", "t", ["ok", "failed"])


@pytest.mark.parametrize(
    "spoilt",
    [
        {"before": {"a": 1.5}},
        {"before": {"a": [1]}},
        {"before": {"a": {"b": 1}}},
        {"before": []},
        {"before": None},
        {"after": {"a": 2**53}},
        {"after": "text"},
        {"inverse": {"a": 0.1}},
    ],
)
def test_a_state_that_the_ledger_could_not_hold_stops_that_target_alone(
    path: str, door: Kept, spoilt: dict[str, Any]
) -> None:
    begin(path)
    answer = ask(path, **(INTENT | spoilt))
    assert answer["verdict"] == "stop"
    assert answer["why"].startswith("the door cannot use the question 'intend': ValueError(")
    assert [told[0] for told in door.told] == ["gate", "alive"]
    assert ask(path, **INTENT)["verdict"] == "go"


def test_only_the_vault_is_a_secret(path: str) -> None:
    assert ask(path, ask="secret", name="vault") == {"ok": True, "secret": "s3cret"}
    assert ask(path, ask="secret", name="ssh_ca") == stop(
        "There is no secret 'ssh_ca'. `daicho init` lists them."
    )


def test_nothing_is_answered_after_the_door_was_closed(tmp_path: Path, door: Kept) -> None:
    served = Doorway(tmp_path / "door", door)
    with served.open():
        pass
    assert served.answer({"ask": "alive"}) == stop("the door has closed")
    assert door.told == []
