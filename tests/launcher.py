"""`daicho run` as a process of its own that can be told to die at an exact place in its record.

    python tests/launcher.py FOLDER PERSON WHAT [--at N --when before|after] [--full-at N] ...

It is the product's own code; only `Ledger.append` is wrapped here. The last line on stdout is JSON:
the result, or the error with its class and sentence.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daicho import clock
from daicho.door import Unwatched
from daicho.errors import DaichoError
from daicho.ledger import Ledger
from daicho.life.approving import approve
from daicho.life.planning import plan_change
from daicho.life.running import run_change
from daicho.life.undoing import undo_run
from daicho.settings import Settings
from daicho.site import Site, adopted_policy, projections

if TYPE_CHECKING:
    from collections.abc import Callable

    from daicho.ledger import Draft, Entry


def main() -> int:
    """Do one thing and say how it ended."""
    arguments = _parser().parse_args()
    # As the command does it: a SIGTERM ends what is going on as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = Settings(
        state=arguments.folder / "state",
        content=arguments.folder / "content",
        language="en",
        person=arguments.person,
    )
    try:
        with _site(settings, arguments.timeout) as site:
            _spoil(arguments)
            said = _WHAT[arguments.what](site, arguments)
    except DaichoError as error:
        said = {"error": type(error).__name__, "sentence": str(error)}
    except KeyboardInterrupt:
        said = {"error": "KeyboardInterrupt", "sentence": ""}
    print(json.dumps(said))  # noqa: T201 -- its output
    return 0


def _site(settings: Settings, timeout: float) -> Site:
    ledger = Ledger.open(settings.ledger, projections(), timeout=timeout)
    policy = adopted_policy(ledger)
    assert policy is not None
    return Site(settings=settings, ledger=ledger, policy=policy)


def _run(site: Site, arguments: argparse.Namespace) -> dict[str, Any]:
    end = run_change(site, arguments.change, Unwatched(), resume=arguments.resume)
    return {
        "run": end.run,
        "state": end.state.value,
        "complete": end.complete,
        "stopped": end.stopped,
        "outcomes": {target: outcome.value for target, outcome in end.outcomes.items()},
    }


def _plan(site: Site, arguments: argparse.Namespace) -> dict[str, Any]:
    plan = plan_change(site, arguments.change, Unwatched())
    return {target.target: [target.standing.value, target.why] for target in plan.targets}


def _approve(site: Site, arguments: argparse.Namespace) -> dict[str, Any]:
    return {"reached": approve(site, arguments.change, key=arguments.folder / "keys" / arguments.person)}


def _undo(site: Site, arguments: argparse.Namespace) -> dict[str, Any]:
    return {"change": undo_run(site, arguments.change, "a test takes it back")}


_WHAT: dict[str, Callable[[Site, argparse.Namespace], dict[str, Any]]] = {
    "run": _run,
    "plan": _plan,
    "approve": _approve,
    "undo": _undo,
}


def _spoil(arguments: argparse.Namespace) -> None:
    """Wrap `append` so that something happens around the N-th of this process."""
    if arguments.clock and not arguments.jump:
        _turn(arguments)
    append, count = Ledger.append, 0

    def spoiled(ledger: Ledger, *drafts: Draft, **others: Any) -> tuple[Entry, ...]:
        nonlocal count
        count += bool(drafts)
        if drafts and count == arguments.jump:
            _turn(arguments)
        here = drafts and count == arguments.at
        if here and arguments.when == "before":
            _happen(arguments)
        entries = append(ledger, *drafts, **others)
        if here and arguments.when == "after":
            _happen(arguments)
        return entries

    Ledger.append = spoiled  # type: ignore[method-assign,assignment]


def _turn(arguments: argparse.Namespace) -> None:
    real = clock.now
    clock.now = lambda: real() + timedelta(seconds=arguments.clock)


def _happen(arguments: argparse.Namespace) -> None:
    if arguments.signal:
        os.kill(os.getpid(), getattr(signal, f"SIG{arguments.signal}"))
    else:
        # Whoever started us does something to us now, and says when it is done.
        (arguments.folder / "reached").write_text(f"{datetime.now(UTC)}\n", encoding="ascii")
        sys.stdin.readline()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("person")
    parser.add_argument("what", choices=_WHAT)
    parser.add_argument("change")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--at", type=int, default=0, help="the append of this process at which it happens")
    parser.add_argument("--when", choices=("before", "after"), default="before")
    parser.add_argument("--signal", default="", help="what hits us there; without one we wait for a line")
    parser.add_argument("--clock", type=float, default=0, help="seconds that our clock is ahead")
    parser.add_argument("--jump", type=int, default=0, help="the append at which it becomes so")
    parser.add_argument("--timeout", type=float, default=30, help="how long to wait for a locked ledger")
    return parser


if __name__ == "__main__":
    sys.exit(main())
