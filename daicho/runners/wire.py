"""What Ansible's plugins say to the door of a run, and how: one JSON line out, one JSON line back.

Standard library only, and nothing of daicho: a plugin that cannot import its door client would be
skipped by Ansible with a warning, which is the one way in which a gate must not fail.
"""

from __future__ import annotations

import json
import os
import socket
from typing import Final, Protocol, Self

DOOR: Final = "DAICHO_DOOR"

type Scalar = str | int | float | bool | None
type Json = Scalar | list[Json] | dict[str, Json]
type Message = dict[str, Json]


class DoorError(Exception):
    """The door is absent, gone, or speaks another language; nothing may go on without it."""


class Answers(Protocol):
    """Anything that a plugin can put its question to."""

    def ask(self, message: Message) -> Message:
        """Return the answer to one question."""

    def close(self) -> None:
        """Let the connection go."""


class Door:
    """A connection to the launching process, the only one that writes the ledger of its run."""

    def __init__(self, connection: socket.socket, path: str) -> None:
        """Take over a connected stream socket; `path` is for the messages."""
        self._stream = connection.makefile("rwb")
        self._connection = connection
        self._path = path

    @classmethod
    def connect(cls, path: str | None = None) -> Self:
        """Reach the door of the run that this process belongs to.

        Args:
            path: The Unix socket; the environment variable DAICHO_DOOR when it is None.

        Raises:
            DoorError: There is no door, or nobody answers behind it.
        """
        path = path or os.environ.get(DOOR)
        if not path:
            raise DoorError(
                "This was not started by daicho, so nothing proves that it is approved. "
                "Type `daicho run CHANGE` (or `daicho plan CHANGE` to rehearse it)."
            )
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(path)
        except OSError as error:
            connection.close()
            raise DoorError(
                f"The door {path} does not answer ({error.strerror or error}): the `daicho run` that opened "
                "it has ended. Nothing more may happen; type `daicho run CHANGE --resume`."
            ) from error
        return cls(connection, path)

    def ask(self, message: Message) -> Message:
        """Send one question and wait for its answer, however long the ledger takes.

        Raises:
            DoorError: The door closed before it answered, or the answer is not a JSON object.
        """
        try:
            self._stream.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
            self._stream.flush()
            line = self._stream.readline()
        except OSError as error:
            raise self._gone(error.strerror or str(error)) from error
        if not line.endswith(b"\n"):
            raise self._gone("it hung up")
        try:
            answer = json.loads(line)
        except ValueError as error:
            raise DoorError(f"The door {self._path} answered what is not JSON: {line[:80]!r}.") from error
        if not isinstance(answer, dict):
            raise DoorError(f"The door {self._path} answered what is not an object: {line[:80]!r}.")
        return answer

    def close(self) -> None:
        """Let the connection go."""
        self._stream.close()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _gone(self, why: str) -> DoorError:
        return DoorError(
            f"The door {self._path} closed without an answer ({why}): the launcher has ended. "
            "Nothing more may happen; type `daicho run CHANGE --resume`."
        )


class NoDoor:
    """Answers in place of the door where a role is being developed; it records nothing.

    It is reached only by the host variable `daicho_door: none`, and never while a door is open.
    """

    note: Final = "daicho_door is none: answered without a door, nothing was recorded."

    def ask(self, message: Message) -> Message:
        """Plan in check mode, go otherwise; confirm whatever is found."""
        if message["ask"] == "confirm" and message.get("lost"):
            return {"outcome": "unknown", "why": message["lost"]}
        if message["ask"] == "confirm":
            return {"outcome": "changed", "why": self.note}
        approved: Message = {"before": message["before"], "after": message["after"], "inputs": {}}
        return {"verdict": "planned" if message["check"] else "go", "why": self.note, "approved": approved}

    def close(self) -> None:
        """Nothing is held."""


def door_of(setting: object) -> Answers:
    """Return the door that a task has to ask.

    Args:
        setting: The host variable `daicho_door`; only the very string "none" does without a door.

    Raises:
        DoorError: There is no door, nobody answers behind it, or it is there and was switched off.
    """
    if setting != "none":
        return Door.connect()
    if os.environ.get(DOOR):
        raise DoorError(
            "The variable daicho_door is `none` inside a run of daicho, which would leave this target off "
            "the record. Remove the variable from the inventory; it is for developing roles."
        )
    return NoDoor()


def sentence(word: object, why: object) -> str:
    """Return the door's word before its reason, once."""
    prefix = f"{word}: "
    return prefix + str(why).removeprefix(prefix)
