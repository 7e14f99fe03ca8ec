"""The door as a Unix socket: our plugins inside the engine ask, one JSON line each.

Only the process that the launcher started, and its children, are answered.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer
from typing import TYPE_CHECKING, Any, Final, cast

from daicho.canonical import canonical
from daicho.door import Intention, TaskResult
from daicho.errors import DaichoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from daicho.door import Answer, Door
    from daicho.plan import TargetState

_CREDENTIALS: Final = struct.Struct("3i")  # struct ucred: pid, uid, gid
_SCALARS: Final = (str, int, bool, type(None))
_STATUSES: Final = frozenset({"ok", "changed", "failed", "unreachable", "skipped"})
_LARGEST: Final = 64 * 1024 * 1024
_NOT_ASKED: Final = "the gate (playbooks/vars_plugins/change_gate.py) is not loaded, so nothing may start"


class Doorway(ThreadingUnixStreamServer):
    """Serves one door to one engine process."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, path: Path, door: Door) -> None:
        """Listen on a path in a folder of mode 0700."""
        self.door = door
        self.launcher = os.getpid()
        self.received = 0
        """Results that came through, to be compared with what the engine says it sent."""
        self.sent = -1
        """Results that the engine says it sent; -1 until it has said so."""
        self.said_alive = False
        self.allowed = False
        """Whether the gate inside the engine was asked, and the answer was yes."""
        self._answering = 0
        self._closed = False
        self._changed = threading.Condition()
        super().__init__(str(path), _Visitor)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Answer in a thread for the length of a block."""
        thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="door", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            thread.join()
            self.server_close()
            self._finish()

    def answer(self, message: Mapping[str, Any]) -> Answer:
        """The door's answer to one message; every refusal is an answer, never silence."""
        with self._changed:
            if self._closed:
                return _stop("the door has closed")
            self._answering += 1
        try:
            return self._answer(message)
        finally:
            with self._changed:
                self._answering -= 1
                self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A plugin that was killed while it waited for its answer is no news here: the run's end tells."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def _finish(self) -> None:
        """Let what is being answered come to its end: nothing may be recorded after the run was closed."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._answering)

    def _answer(self, message: Mapping[str, Any]) -> Answer:
        handler = _ANSWERS.get(str(message.get("ask")))
        if handler is None:
            return _stop(f"the door does not know the question {message.get('ask')!r}")
        try:
            return handler(self, message)
        except DaichoError as error:
            return _stop(str(error))
        except (LookupError, TypeError, ValueError) as error:
            return _stop(f"the door cannot use the question {message.get('ask')!r}: {error!r}")

    def answer_line(self, line: bytes) -> Answer:
        """The door's answer to one line as it came."""
        if not line.endswith(b"\n"):
            return _stop("the question was cut off or is too long")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return _stop("the question is not JSON")
        return (
            self.answer(message) if isinstance(message, dict) else _stop("the question is not a JSON object")
        )


class _Visitor(StreamRequestHandler):
    """One connection of one plugin."""

    def handle(self) -> None:
        doorway = cast("Doorway", self.server)
        if not _is_ours(self.connection, doorway.launcher):
            # Read first: closing on an unread question would reset the connection, and the answer with it.
            self.rfile.readline(_LARGEST)
            self._say(_stop("this process was not started by the door"))
            return
        while line := self.rfile.readline(_LARGEST):
            self._say(doorway.answer_line(line))
            if not line.endswith(b"\n"):
                return

    def _say(self, answer: Answer) -> None:
        self.wfile.write(json.dumps(answer, separators=(",", ":")).encode() + b"\n")


def _stop(why: str) -> Answer:
    return {"ok": False, "verdict": "stop", "outcome": "unknown", "why": why}


def _state(value: object) -> TargetState:
    """A target's state, if it is one: flat, and of values that the ledger can record."""
    if not isinstance(value, dict) or not all(isinstance(each, _SCALARS) for each in value.values()):
        raise ValueError(
            f"a state is a flat mapping of texts, whole numbers, true, false and null: {value!r:.200}"
        )
    canonical(value)
    return value


def _is_ours(connection: socket.socket, launcher: int) -> bool:
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, _gid = _CREDENTIALS.unpack(packed)
    return uid == os.getuid() and _descends(pid, launcher)


def _descends(pid: int, ancestor: int) -> bool:
    while pid > 1:
        if pid == ancestor:
            return True
        try:
            # The second field, the name, may hold spaces and brackets; the parent follows its last bracket.
            fields = (
                Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
            )
        except OSError:
            return False
        pid = int(fields.split()[1])
    return False


def _gate(doorway: Doorway, message: Mapping[str, Any]) -> Answer:
    why = doorway.door.may_start(check=bool(message.get("check")))
    doorway.allowed = why is None
    return {"ok": why is None, "why": why or ""}


def _alive(doorway: Doorway, _message: Mapping[str, Any]) -> Answer:
    doorway.door.alive()
    doorway.said_alive = True
    return {"ok": True}


def _inventory(doorway: Doorway, _message: Mapping[str, Any]) -> Answer:
    return doorway.door.inventory()


def _secret(doorway: Doorway, message: Mapping[str, Any]) -> Answer:
    return {"ok": True, "secret": doorway.door.secret(str(message["name"]))}


def _task(doorway: Doorway, message: Mapping[str, Any]) -> Answer:
    if not doorway.allowed:
        return _stop(_NOT_ASKED)
    doorway.door.task_starts(str(message["task"]), str(message["path"]))
    return {"ok": True}


def _results(doorway: Doorway, message: Mapping[str, Any]) -> Answer:
    results = [_result(each) for each in message["results"]]
    doorway.door.task_ended(str(message["task"]), results)
    doorway.received += len(results)
    return {"ok": True}


def _result(told: Mapping[str, Any]) -> TaskResult:
    result = TaskResult(**told)
    if result.status not in _STATUSES:
        raise ValueError(f"there is no status {result.status!r}")
    return result


def _end(doorway: Doorway, message: Mapping[str, Any]) -> Answer:
    doorway.sent = int(message["sent"])
    return {"ok": True}


def _intend(doorway: Doorway, message: Mapping[str, Any]) -> Answer:
    if not doorway.said_alive:
        return _stop("the ledger callback is not loaded, so nothing would be recorded")
    if not doorway.allowed:
        return _stop(_NOT_ASKED)
    inverse = message.get("inverse")
    canonical(inverse)  # what the ledger cannot record must not be found out when all targets are rehearsed
    intention = Intention(
        target=str(message["target"]),
        before=_state(message["before"]),
        after=_state(message["after"]),
        inverse=inverse,
        irreversible=message.get("irreversible") or "",
        notes=tuple(str(note) for note in message.get("notes") or ()),
    )
    verdict = doorway.door.intend(intention)
    return {"verdict": verdict.verdict, "why": verdict.why, "approved": dict(verdict.approved)}


def _confirm(doorway: Doorway, message: Mapping[str, Any]) -> Answer:
    lost, said = (str(message.get(name) or "") for name in ("lost", "said"))
    return doorway.door.confirm(str(message["target"]), _state(message["now"]), lost=lost, said=said)


_ANSWERS: Final[Mapping[str, Callable[[Doorway, Mapping[str, Any]], Answer]]] = {
    "gate": _gate,
    "alive": _alive,
    "inventory": _inventory,
    "secret": _secret,
    "task": _task,
    "results": _results,
    "end": _end,
    "intend": _intend,
    "confirm": _confirm,
}
