"""`daicho` as a process that is killed around the N-th thing that a move does anywhere.

python -m tests.move_dying before|after N WORD...
"""

from __future__ import annotations

import sys

from daicho.cli import main
from daicho.dhcp.kea import Kea
from daicho.moves.journal import Journal
from daicho.moves.ledgered import Ledgered
from daicho.moves.naming import Naming
from daicho.nameservice.server import NameServer
from daicho.runners.switching import Switching
from tests.dying import dying

STEPS = (
    (Journal, "_write"),
    (Kea, "write"),
    (Switching, "bring"),
    (Naming, "bring"),
    (NameServer, "_update"),
    (Ledgered, "bring"),
)

if __name__ == "__main__":
    _moment, _number = sys.argv[1], int(sys.argv[2])
    for _kind, _name in STEPS:
        setattr(_kind, _name, dying(getattr(_kind, _name), _moment, _number))
    sys.exit(main(sys.argv[3:]))
