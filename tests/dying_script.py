"""`daicho` as a process that is killed right before or after a script on an endpoint.

    python -m tests.dying_script before|after SCRIPT WORD...

It is the product's own code; only the call that sends the script is wrapped.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from daicho.cli import main
from daicho.endpoints import script

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.endpoints.session import Session

_RUN = script.run


def dying(moment: str, fatal: str) -> Any:
    """`script.run`, with which the process dies when its script comes."""

    def run(session: Session, name: str, arguments: Mapping[str, object], **more: Any) -> dict[str, Any]:
        if (moment, fatal) == ("before", name):
            os.kill(os.getpid(), signal.SIGKILL)
        done = _RUN(session, name, arguments, **more)
        if fatal == name:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return run


if __name__ == "__main__":
    script.run = dying(sys.argv[1], sys.argv[2])
    sys.exit(main(sys.argv[3:]))
