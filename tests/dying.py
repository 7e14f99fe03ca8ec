"""`daicho` as a process that is killed around the N-th write: to a directory, file server, slip, escrow.

    python -m tests.dying before|after N WORD...

It is the product's own code; only the last step of each write is wrapped.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from daicho.accounts.slips import Slips
from daicho.cli import main
from daicho.directory.session import Session
from daicho.endpoints.admin_accounts import LinuxAccount, WindowsAccount
from daicho.endpoints.escrow import Escrow
from daicho.fileserver.contents import Contents
from daicho.fileserver.share import Share

if TYPE_CHECKING:
    from collections.abc import Callable

_COUNT = [0]


def dying(step: Callable[..., Any], moment: str, number: int) -> Callable[..., Any]:
    """The step, with which the process dies when its turn comes."""

    def wrapped(*args: Any, **more: Any) -> Any:
        _COUNT[0] += 1
        here = _COUNT[0] == number
        if here and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = step(*args, **more)
        if here:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return wrapped


if __name__ == "__main__":
    _moment, _number = sys.argv[1], int(sys.argv[2])
    for _kind, _name in (
        *((Session, "_write"), (Slips, "write")),
        *((Share, "make"), (Share, "give"), (Share, "look")),
        *((Contents, "_set"), (Contents, "remove")),
        *((Escrow, "put"), (LinuxAccount, "give"), (LinuxAccount, "prove"), (Escrow, "prove")),
        *((WindowsAccount, "give"), (WindowsAccount, "prove")),
    ):
        setattr(_kind, _name, dying(getattr(_kind, _name), _moment, _number))
    sys.exit(main(sys.argv[3:]))
