"""What installers for Windows mean by their exit codes.

Source: Microsoft, "MsiExec.exe and InstMsi.exe error messages"; many EXE installers keep to it.
"""

from __future__ import annotations

from typing import Final

from daicho.i18n import N_
from daicho.i18n import gettext as _

RESTARTS: Final = 1641
"""The installer has begun to restart the machine."""
_WELL: Final = {
    0: "",
    3010: N_("{name} is complete once the machine has been restarted."),
    RESTARTS: N_("{name} has restarted the machine."),
}
_NOT_THERE: Final = 1605
_WORDS: Final = {
    112: N_("the disk is full; make room, then run it again"),
    1601: N_("the Windows Installer service cannot be reached; look whether it is disabled"),
    1602: N_("somebody cancelled it"),
    1603: N_("it failed for good and went back; the machine's event log (MsiInstaller) says why"),
    _NOT_THERE: N_("Windows does not know the product; look at `product`"),
    1612: N_("its source is not there any more"),
    1618: N_("another installation is going on; run it again when that is over"),
    1619: N_("the package cannot be opened; is it whole, and of this kind?"),
    1620: N_("the package cannot be opened; is it a Windows Installer package?"),
    1625: N_("a policy of the machine forbids it"),
    1633: N_("the package is not for this processor or this Windows"),
    1638: N_("another version is there; remove it first"),
    1639: N_("an argument is wrong; look at `arguments`"),
}


def good(code: int, name: str, *, removing: bool = False) -> str | None:
    """What people must know of an installer that ended well; null: it did not."""
    if removing and code == _NOT_THERE:
        return ""
    words = _WELL.get(code)
    return None if words is None else _(words).format(name=name) if words else ""


def meaning(code: int) -> str:
    """What a code of an installer that ended badly means."""
    words = _WORDS.get(code & 0xFFFFFFFF)
    said = _("code {code}: {words}") if words else _("code {code}; the maker's documents say what it means")
    return said.format(code=code, words=_(words) if words else "")
