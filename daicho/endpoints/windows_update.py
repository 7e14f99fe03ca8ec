"""What Windows Update's error numbers mean, what to do about them, and which are worth another try.

Facts from Microsoft Learn: "Windows Update error code list by component" and "Windows Update common errors
and mitigation"; the names are those of wuerror.h and winerror.h.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable

DISK_FULL: Final = 0x80070070
_MASK: Final = 0xFFFFFFFF


@dataclass(frozen=True)
class Meaning:
    """One error number."""

    says: str
    """What happened, as a message to translate."""
    do: str
    """What to do next, as a message to translate."""
    passing: bool = False
    """Whether it may have gone away by itself after a short while."""


_STORE: Final = N_(
    "Repair it there (`DISM /Online /Cleanup-Image /RestoreHealth`), restart it, and have it planned again."
)
_SERVER: Final = N_("See to the update server and the way to it, then run the change again.")
_AGAIN: Final = N_("Run the change again when that has ended.")
_PROXY: Final = N_("See to the proxy and the name server that the machine uses.")
_SUPPORT: Final = N_("Look at CBS.log and at Windows Update's log on the machine.")

_MEANINGS: Final[dict[int, Meaning]] = {
    0x8007000E: Meaning(
        N_("the machine has no memory left"), N_("Restart it, then try again."), passing=True
    ),
    0x80070002: Meaning(N_("a file that the update needs is missing on the machine"), _STORE),
    0x80070003: Meaning(N_("a folder that the update needs is missing on the machine"), _STORE),
    0x80070005: Meaning(
        N_("Windows may not write where the update has to write"),
        N_("See what guards these files there: the virus scanner, a policy, changed rights."),
    ),
    0x8007000D: Meaning(N_("what was downloaded is damaged"), _STORE, passing=True),
    0x80070020: Meaning(
        N_("a file that the update has to replace is in use, often by a virus scanner"), _AGAIN, passing=True
    ),
    DISK_FULL: Meaning(
        N_("the disk is full"),
        N_("Make room on drive C: (Disk Cleanup is a start), then have it planned again."),
    ),
    0x80070422: Meaning(
        N_("the service Windows Update is switched off"),
        N_("Let `wuauserv` start by demand again, or the policy that forbids it."),
    ),
    0x8007045B: Meaning(N_("the machine is just shutting down"), _AGAIN, passing=True),
    0x80070490: Meaning(N_("Windows' store of components is damaged"), _STORE),
    0x800705B4: Meaning(N_("it took Windows too long"), _AGAIN, passing=True),
    0x80070643: Meaning(
        N_("the update's own installer failed"),
        N_(
            "Look at its page: KB5034441, for one, fails where the recovery partition is too small; for .NET "
            "repair .NET."
        ),
    ),
    0x80070652: Meaning(N_("another installation is under way"), _AGAIN, passing=True),
    0x80070BC9: Meaning(
        N_("a restart is pending from before"), N_("Restart the machine, then have it planned again.")
    ),
    0x80070BC2: Meaning(
        N_("it will be complete after a restart"), N_("Restart the machine, then run the change again.")
    ),
    0x80072EE2: Meaning(N_("the update server did not answer in time"), _SERVER, passing=True),
    0x80072EE7: Meaning(N_("the update server's name has no address"), _PROXY, passing=True),
    0x80072EFD: Meaning(N_("the update server cannot be reached"), _SERVER, passing=True),
    0x80072EFE: Meaning(N_("the connection to the update server was cut"), _SERVER, passing=True),
    0x80072F8F: Meaning(
        N_("the update server's certificate does not fit the machine's clock or trust"),
        N_("Set the machine's clock right, then see to the certificate."),
    ),
    0x80073712: Meaning(N_("Windows' store of components is damaged"), _STORE),
    0x80080005: Meaning(N_("the service Windows Update did not start"), _AGAIN, passing=True),
    0x800B0109: Meaning(
        N_("the update or its server is signed by an authority that the machine does not trust"),
        N_("Find out who signed it before anything else; then distribute the right root certificate."),
    ),
    0x800F081F: Meaning(N_("parts of Windows that the update builds on are missing"), _STORE),
    0x800F0823: Meaning(
        N_("a newer servicing stack must be installed before"), N_("Allow the servicing stack update first.")
    ),
    0x800F0831: Meaning(N_("an earlier update that this one builds on is missing"), _STORE),
    0x800F0922: Meaning(
        N_("one of the update's installers failed, often for room on the system partition or a VPN"),
        N_("Make room on the system-reserved partition, or leave the VPN, and have it planned again."),
    ),
    0x800F0982: Meaning(
        N_("a component that the update replaces was not found, often of a language pack"),
        N_("Remove and add the language pack again, then have it planned again."),
    ),
    0x8024000B: Meaning(N_("it was cancelled"), _AGAIN, passing=True),
    0x80240016: Meaning(
        N_("another installation is under way, or a restart is pending"), _AGAIN, passing=True
    ),
    0x80240017: Meaning(
        N_("the update is not for this machine"), N_("Take it out of the change with `deny`, and plan again.")
    ),
    0x8024001E: Meaning(N_("the service Windows Update was stopped"), _AGAIN, passing=True),
    0x8024001F: Meaning(N_("the machine had no network"), _AGAIN, passing=True),
    0x80240020: Meaning(
        N_("this update installs only while somebody is logged on"),
        N_("Install it there by hand, or take it out with `deny`."),
    ),
    0x80240022: Meaning(N_("none of the updates could be installed"), _SUPPORT),
    0x80240034: Meaning(N_("it could not be downloaded"), _SERVER, passing=True),
    0x80240438: Meaning(N_("the machine finds no way to the update server"), _SERVER, passing=True),
    0x80242006: Meaning(N_("the update's own description is broken"), _SUPPORT),
    0x8024200B: Meaning(N_("the update's own installer failed"), _SUPPORT),
    0x8024200D: Meaning(N_("it has to be downloaded again"), _AGAIN, passing=True),
    0x80242014: Meaning(
        N_("an earlier installation waits for a restart"), N_("Restart the machine, then plan again.")
    ),
    0x80244017: Meaning(N_("the update server refuses this machine (HTTP 401)"), _SERVER),
    0x80244018: Meaning(N_("the update server or proxy refuses this machine (HTTP 403)"), _PROXY),
    0x80244019: Meaning(
        N_("the update server does not have the file (HTTP 404)"),
        N_("Have WSUS download its content (`wsusutil reset`), then run the change again."),
    ),
    0x8024401B: Meaning(N_("the proxy wants a name and password (HTTP 407)"), _PROXY),
    0x8024401C: Meaning(N_("the update server did not answer in time (HTTP 408)"), _SERVER, passing=True),
    0x80244021: Meaning(N_("a gateway before the update server failed (HTTP 502)"), _SERVER, passing=True),
    0x80244022: Meaning(N_("the update server is overloaded (HTTP 503)"), _SERVER, passing=True),
    0x80244023: Meaning(N_("a gateway before the update server gave up (HTTP 504)"), _SERVER, passing=True),
    0x8024402C: Meaning(N_("the update server's or proxy's name has no address"), _PROXY, passing=True),
    0x8024402F: Meaning(N_("what came from the update server was cut off"), _PROXY, passing=True),
    0x80245003: Meaning(N_("the update server is not the one that the policy names"), _SERVER),
    0x8024500C: Meaning(
        N_("a policy forbids the machine to reach Windows Update"), N_("Say `source: wsus`, and plan again.")
    ),
    0x80246007: Meaning(N_("it was not downloaded yet"), _AGAIN, passing=True),
    0x80248007: Meaning(N_("Windows Update's own records on the machine are incomplete"), _SUPPORT),
    0x8024A10A: Meaning(N_("the service Windows Update was stopping"), _AGAIN, passing=True),
}


def unsigned(code: int) -> int:
    """An HRESULT as it is written: PowerShell gives it as a signed number."""
    return code & _MASK


def written(code: int) -> str:
    """`0x80070070`."""
    return f"0x{unsigned(code):08X}"


def passing(codes: Iterable[int]) -> bool:
    """Whether all of these may have gone away by themselves: then, and only then, it is tried again."""
    found = [_MEANINGS.get(unsigned(code)) for code in codes]
    return bool(found) and all(meaning is not None and meaning.passing for meaning in found)


def says(code: int) -> str:
    """`the disk is full (0x80070070)`."""
    meaning = _MEANINGS.get(unsigned(code))
    what = _(meaning.says) if meaning else _("Windows Update failed with an error that daicho does not know")
    return f"{what} ({written(code)})"


def remedy(code: int) -> str:
    """What to do next."""
    meaning = _MEANINGS.get(unsigned(code))
    return _(meaning.do if meaning else _SUPPORT)
