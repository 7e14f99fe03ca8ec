"""Our PowerShell scripts: one argument object in, one object out, over a session."""

from __future__ import annotations

import base64
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from daicho.endpoints.wrong import NotDone, NotUnderstood, OtherMachine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.endpoints.session import Ended, Session

_OTHER_MACHINE: Final = "other_machine"
_BOOTSTRAP: Final = "bootstrap"


def run(
    session: Session, name: str, arguments: Mapping[str, object], *, limit_s: float = 300
) -> dict[str, Any]:
    """What `scripts/NAME.ps1` makes of its arguments on one endpoint.

    Args:
        session: Where.
        name: Which.
        arguments: What it needs, secrets too: they travel on its input, never in a command line.
        limit_s: Seconds after which it is stopped.

    Raises:
        OtherMachine: Under this address answers a machine of another name; the script was not begun.
        NotDone: It says why it could not; `kind` in a word.
        Trouble: See `daicho.endpoints.wrong`.
    """
    computer = session.endpoint.computer if session.access.site.check_names else ""
    given = errand(name, arguments, computer)
    ended = session.command(command(), given, what=name, limit_s=limit_s)
    return result_of(name, ended, address=session.endpoint.address, computer=computer)


def errand(name: str, arguments: Mapping[str, object], computer: str = "") -> bytes:
    """What a script is given on its input; with `computer`, a machine of another name does not begin it."""
    told: dict[str, object] = {"name": name, "script": text_of(name), "arguments": dict(arguments)}
    if computer:
        told["host"] = computer
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def result_of(name: str, ended: Ended, *, address: str, computer: str = "") -> dict[str, Any]:
    """What a script answered.

    Raises:
        OtherMachine, NotDone, NotUnderstood: See `run`.
    """
    answer = _answer(name, ended, address)
    if answer["ok"] is True:
        result: dict[str, Any] = answer["result"]
        return result
    kind, message = str(answer.get("kind", "error")), str(answer.get("message", ""))
    if kind == _OTHER_MACHINE:
        raise OtherMachine(address=address, found=message, wanted=computer)
    raise NotDone(kind, script=name, why=message)


@cache
def text_of(name: str) -> str:
    """The text of a script as it is shipped and sent."""
    return files("daicho.endpoints").joinpath("scripts", f"{name}.ps1").read_text(encoding="utf-8")


@cache
def command() -> tuple[str, ...]:
    """The one command that is ever started; whatever it is to do comes on its input."""
    encoded = base64.b64encode(text_of(_BOOTSTRAP).encode("utf-16-le")).decode()
    return ("powershell", "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded)


def decoded(data: bytes) -> str:
    """What a Japanese Windows printed: UTF-8 as we ask for it, or CP932 from what does not obey."""
    for encoding in ("utf-8", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", errors="replace")


def _answer(name: str, ended: Ended, address: str) -> dict[str, Any]:
    lines = [line for line in decoded(ended.out).splitlines() if line.strip()]
    try:
        answer = json.loads(lines[-1]) if lines else None
    except ValueError:
        answer = None
    if isinstance(answer, dict) and isinstance(answer.get("ok"), bool):
        sound = not answer["ok"] or isinstance(answer.get("result"), dict)
        if sound:
            return answer
    said = " ".join((decoded(ended.err) or decoded(ended.out)).split())[:300]
    raise NotUnderstood(script=name, address=address, code=ended.code, said=said)
