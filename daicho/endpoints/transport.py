"""What the WinRM library raises, as trouble in words."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Final

from pypsrp.exceptions import AuthenticationError, WinRMTransportError, WSManFaultError
from requests import ConnectTimeout, ReadTimeout
from spnego.exceptions import SpnegoError

from daicho.endpoints.wrong import LogonRefused, NotTrusted, Overloaded, Silent
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daicho.craft import Trouble

FINISHED: Final = 0
STILL_BUSY: Final = 2150858793  # ERROR_WSMAN_OPERATION_TIMEDOUT: no output within OperationTimeout
_DENIED: Final = 5  # ERROR_ACCESS_DENIED

# The numbers of OpenSSL's x509_vfy.h; `verify_message` is English prose.
_CERTIFICATE: Final = {
    9: (
        N_("it is not valid yet"),
        N_(
            "Is the clock of this machine right? It may be behind; else the certificate is to be issued anew."
        ),
    ),
    10: (
        N_("it has expired"),
        N_("Is the clock of this machine right? It may be ahead; else the certificate is to be issued anew."),
    ),
    62: (N_("it is for another name"), N_("Give the item the address that the certificate carries.")),
    64: (N_("it is for another address"), N_("Give the item the address that the certificate carries.")),
}
_SILENT: Final[tuple[tuple[tuple[type[BaseException], ...], str], ...]] = (
    ((ConnectTimeout, ReadTimeout, TimeoutError), N_("nothing came back in time")),
    ((socket.gaierror,), N_("this name has no address")),
    ((ConnectionRefusedError,), N_("WinRM does not listen there")),
    ((ConnectionResetError, ConnectionAbortedError, BrokenPipeError), N_("it broke the connection off")),
)
_UNKNOWN_AUTHORITY: Final = (
    N_("its authority is not the one that windows.yml names"),
    N_("Check `ca_file:` in windows.yml, and who answers there."),
)


def trouble_of(error: Exception, address: str, user: str) -> Trouble:
    """What happened, on which machine, and what to do."""
    for cause in _causes(error):
        if trouble := _logon(cause, address, user) or _service(cause, address, user):
            return trouble
        for kinds, why in _SILENT:
            if isinstance(cause, kinds):
                return Silent(address=address, why=_(why))
    return Silent(address=address, why=type(error).__name__)


def _logon(cause: BaseException, address: str, user: str) -> Trouble | None:
    match cause:
        case ssl.SSLCertVerificationError():
            return _untrusted(cause, address)
        case ssl.SSLError():
            return Silent(address=address, why=_("no TLS: {reason}").format(reason=cause.reason))
        case AuthenticationError() | SpnegoError() | ValueError():
            return _refused(cause, address, user)
    return None


def _service(cause: BaseException, address: str, user: str) -> Trouble | None:
    match cause:
        case WSManFaultError():
            return _fault(cause, address, user)
        case WinRMTransportError():
            return Overloaded(address=address, why=f"HTTP {cause.code}")
    return None


def _untrusted(error: ssl.SSLCertVerificationError, address: str) -> NotTrusted:
    why, remedy = _CERTIFICATE.get(error.verify_code, _UNKNOWN_AUTHORITY)
    return NotTrusted(address=address, why=_(why), remedy=_(remedy))


def _fault(error: WSManFaultError, address: str, user: str) -> Trouble:
    if error.code == _DENIED:
        why = _("this account may not use WinRM there")
        return LogonRefused(
            address=address, user=user, why=why, remedy=_("It must be among the machine's administrators.")
        )
    said = " ".join(str(error.reason or "").split())[:200]
    return Overloaded(address=address, why=f"WSManFault {error.code}: {said}")


def _refused(error: Exception, address: str, user: str) -> LogonRefused:
    offered = str(error).partition("actual: ")[2].strip("'") if "actual: " in str(error) else None
    if offered is None and "incompatible" not in str(error):
        why, remedy = (
            _("wrong name or password, or NTLM is switched off there"),
            _("Check the secret `windows` and `user:` in windows.yml."),
        )
    else:
        why = _("it offers no NTLM (it offers: {offered})").format(offered=offered or "Kerberos")
        remedy = _("Allow Negotiate for WinRM there.")
    return LogonRefused(address=address, user=user, why=why, remedy=remedy)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The innermost first: the libraries wrap what the operating system said three times."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and cause not in seen:
            seen.append(cause)
            waiting += [getattr(cause, "reason", None), *cause.args, cause.__cause__, cause.__context__]
    return reversed(seen)
