"""Previous versions of the file server's share `dept`, as copies that Samba's shadow_copy2 offers.

They are switched on when they are first asked for: what the templates hold stays as it is.
"""

from __future__ import annotations

import shutil
from datetime import UTC
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from lab.domain_machine import Machine

_PLACE: Final = "\tpath = /srv/dept\n"
_OFFERED: Final = (
    _PLACE + "\tvfs objects = shadow_copy2 acl_xattr\n"
    "\tshadow:basedir = /srv/dept\n"
    "\tshadow:snapdir = /srv/snapshots/dept\n"
    "\tshadow:sort = desc\n"
)


def keep(machine: Machine, at: datetime) -> str:
    """Keep the share as it is, as a version of this moment; its name (`@GMT-…`)."""
    name = at.astimezone(UTC).strftime("@GMT-%Y.%m.%d-%H.%M.%S")
    served = machine.root / "srv"
    kept = served / "snapshots/dept" / name
    kept.parent.mkdir(parents=True, exist_ok=True)
    # With what Samba keeps in extended attributes: the lists of rights.
    shutil.copytree(served / "dept", kept, symlinks=True)
    settings = machine.root / "etc/samba/smb.conf"
    text = settings.read_text(encoding="utf-8")
    if _OFFERED not in text:
        settings.write_text(text.replace(_PLACE, _OFFERED), encoding="utf-8")
        machine.run(["smbcontrol", "smbd", "reload-config"])
    return name
