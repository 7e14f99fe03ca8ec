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
    errand = {"name": name, "script": text_of(name), "arguments": dict(arguments)}
    if session.access.site.check_names:
        errand["host"] = session.endpoint.computer
    given = json.dumps(errand, ensure_ascii=False).encode() + b"\n"
    ended = session.command(command(), given, what=name, limit_s=limit_s)
    answer = _answer(session, name, ended)
    if answer["ok"] is True:
        result: dict[str, Any] = answer["result"]
        return result
    kind, message = str(answer.get("kind", "error")), str(answer.get("message", ""))
    if kind == _OTHER_MACHINE:
        raise OtherMachine(address=session.endpoint.address, found=message, wanted=session.endpoint.computer)
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


def _answer(session: Session, name: str, ended: Ended) -> dict[str, Any]:
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
    raise NotUnderstood(script=name, address=session.endpoint.address, code=ended.code, said=said)
