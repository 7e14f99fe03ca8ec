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
    found = run_all(session, {name: arguments}, limit_s=limit_s)[name]
    if isinstance(found, NotDone):
        raise found
    return found


def run_all(
    session: Session, scripts: Mapping[str, Mapping[str, object]], *, limit_s: float = 300
) -> dict[str, dict[str, Any] | NotDone]:
    """What several scripts make of their arguments, one after the other, for the price of one PowerShell.

    Args:
        session: Where.
        scripts: Name → arguments.
        limit_s: Seconds after which all are stopped.

    Raises:
        OtherMachine: Under this address answers a machine of another name; none was begun.
        Trouble: See `daicho.endpoints.wrong`.
    """
    errands = [
        {"name": name, "script": text_of(name), "arguments": dict(arguments)}
        for name, arguments in scripts.items()
    ]
    given: dict[str, object] = dict(errands[0]) if len(errands) == 1 else {"errands": errands}
    if session.access.site.check_names:
        given["host"] = session.endpoint.computer
    said = json.dumps(given, ensure_ascii=False).encode() + b"\n"
    what = " + ".join(scripts)
    answers = _answers(
        session, what, len(errands), session.command(command(), said, what=what, limit_s=limit_s)
    )
    return {name: _result(session, name, answer) for name, answer in zip(scripts, answers, strict=True)}


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


def _answers(session: Session, what: str, count: int, ended: Ended) -> list[dict[str, Any]]:
    lines = [line for line in decoded(ended.out).splitlines() if line.strip()]
    try:
        answers = [json.loads(line) for line in lines[-count:]]
    except ValueError:
        answers = []
    if len(answers) == count and all(map(_sound, answers)):
        return answers
    said = " ".join((decoded(ended.err) or decoded(ended.out)).split())[:300]
    raise NotUnderstood(script=what, address=session.endpoint.address, code=ended.code, said=said)


def _sound(answer: object) -> bool:
    if not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
        return False
    return not answer["ok"] or isinstance(answer.get("result"), dict)


def _result(session: Session, name: str, answer: Mapping[str, Any]) -> dict[str, Any] | NotDone:
    if answer["ok"]:
        result: dict[str, Any] = answer["result"]
        return result
    kind, message = str(answer.get("kind", "error")), str(answer.get("message", ""))
    if kind == _OTHER_MACHINE:
        raise OtherMachine(address=session.endpoint.address, found=message, wanted=session.endpoint.computer)
    return NotDone(kind, script=name, why=message)
