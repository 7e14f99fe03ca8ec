"""Open a connection to one server: certificate checked first, then one logon, never a second try."""

from __future__ import annotations

import re
import ssl
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Literal, Protocol

import ldap3
from ldap3.core.exceptions import LDAPBindError, LDAPExceptionError, LDAPStartTLSError

from daicho.directory.answers import decode_lightly
from daicho.directory.wrong import Interrupted, LogonImpossible, LogonRefused, NotTrusted
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_DATA: Final = re.compile(r"data ([0-9a-f]+)")
_REASONS: Final = {
    "525": N_("there is no such user"),
    "52e": N_("the name or the password is wrong"),
    "530": N_("the user may not log on at this time"),
    "531": N_("the user may not log on from this machine"),
    "532": N_("the password has expired"),
    "533": N_("the account is disabled"),
    "701": N_("the account has expired"),
    "773": N_("the password must be changed first"),
    "775": N_("the account is locked"),
}
WRONG_PASSWORD: Final = frozenset({"", "525", "52e"})
"""What a refused logon's `data` says where name or password is wrong, and nothing else."""
_INVALID_CREDENTIALS: Final = 49
_STRONGER_AUTH: Final = 8
_BUSY: Final = frozenset({51, 52})


class Entrance(Protocol):
    """How to log on to a directory: a part of its settings."""

    @property
    def addresses(self) -> Mapping[str, str]: ...
    @property
    def bind_name(self) -> str: ...
    @property
    def ca_file(self) -> Path | None: ...
    @property
    def encryption(self) -> Literal["ldaps", "starttls"]: ...
    @property
    def logon(self) -> Literal["password", "kerberos"]: ...
    @property
    def timeout_s(self) -> int: ...


def open_connection(settings: Entrance, server: str, password: Callable[[], str]) -> ldap3.Connection:
    """A connection that is logged on.

    Raises:
        NotTrusted: The certificate does not fit.
        LogonRefused: The name or the password is wrong; no other server is tried.
        LogonImpossible: This way of logging on cannot work.
        Interrupted: The server does not answer: another may.
    """
    its = _connection(settings, server, password)
    decode_lightly(its)
    try:
        its.open(read_server_info=False)
        if settings.encryption == "starttls":
            its.start_tls(read_server_info=False)
        its.bind(read_server_info=False)
    except LDAPExceptionError as error:
        _close(its)
        raise _explained(error, server) from error
    except (OSError, ssl.CertificateError) as error:
        _close(its)
        raise Interrupted(server=server, why=str(error)) from error
    except _ticket_errors(settings) as error:
        _close(its)
        why = _("no usable Kerberos ticket ({error}). Get one with kinit").format(error=error)
        raise LogonImpossible(server=server, why=why) from error
    its.password = its.request = None
    if its.result["result"] == 0:
        return its
    _close(its)
    raise _refused(settings, server, its.result)


class _Verified(ldap3.Tls):  # type: ignore[misc]  # ldap3 has no types
    """TLS whose certificate and name OpenSSL itself checks: ldap3's own check leaves its socket open."""

    def __init__(self, host: str, authority: Path | None) -> None:
        super().__init__(
            validate=ssl.CERT_REQUIRED, ca_certs_file=str(authority) if authority else None, sni=host
        )

    def wrap_socket(self, connection: ldap3.Connection, do_handshake: bool = False) -> None:
        """Put TLS on the connection's socket, which is closed if the server is not who it should be."""
        context = ssl.create_default_context(cafile=self.ca_certs_file)
        connection.socket = context.wrap_socket(
            connection.socket, server_hostname=self.sni, do_handshake_on_connect=do_handshake
        )


def _close(its: ldap3.Connection) -> None:
    """Close the socket at once: ldap3 forgets it."""
    if its.socket is not None:
        its.socket.close()


def _connection(settings: Entrance, server: str, password: Callable[[], str]) -> ldap3.Connection:
    host, _colon, port = server.partition(":")
    secured = settings.encryption == "ldaps"
    if settings.ca_file is not None and not settings.ca_file.is_file():
        raise NotTrusted(server=server, why=_("there is no file {path}").format(path=settings.ca_file))
    where = ldap3.Server(
        settings.addresses.get(host, host),
        port=int(port or (636 if secured else 389)),
        use_ssl=secured,
        get_info=ldap3.NONE,  # the schema costs half a second, and its validators refuse what AD accepts
        connect_timeout=settings.timeout_s,
        tls=_Verified(host, settings.ca_file),
    )
    options = {
        "client_strategy": ldap3.SYNC,
        "receive_timeout": settings.timeout_s,
        "check_names": False,  # names are built and judged by daicho.directory.names
        "auto_escape": False,
        "return_empty_attributes": False,
        "auto_range": False,  # daicho.directory.reading asks for the rest of a long list itself
        "auto_referrals": False,  # a referral would take our password to a server that nobody named
    }
    if settings.logon == "kerberos":
        mechanism = _kerberos(server)
        return ldap3.Connection(
            where, authentication=ldap3.SASL, sasl_mechanism=mechanism, sasl_credentials=(host,), **options
        )
    return ldap3.Connection(where, settings.bind_name, password(), authentication=ldap3.SIMPLE, **options)


def _ticket_errors(settings: Entrance) -> tuple[type[Exception], ...]:
    """What gssapi raises where the library is asked at all."""
    if settings.logon != "kerberos":
        return ()
    # An extra, which most sites do not have.
    return (import_module("gssapi.exceptions").GSSError,)


def _kerberos(server: str) -> str:
    if find_spec("gssapi") is None:
        why = _("Kerberos needs the extra `kerberos`: `uv sync --extra kerberos`.")
        raise LogonImpossible(server=server, why=why)
    return str(ldap3.KERBEROS)


def _explained(error: LDAPExceptionError, server: str) -> Exception:
    said = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in said:
        _before, _found, reason = said.partition("certificate verify failed: ")
        if "mismatch" in reason:
            return NotTrusted(server=server, why=_("it is made out to another name"))
        return NotTrusted(server=server, why=reason.partition(" (_ssl")[0] or said)
    if isinstance(error, LDAPBindError | LDAPStartTLSError):
        return LogonImpossible(server=server, why=said)
    return Interrupted(server=server, why=said)


def _refused(settings: Entrance, server: str, result: dict[str, object]) -> Exception:
    said = str(result.get("message") or result.get("description"))
    code = result["result"]
    if code in _BUSY:
        return Interrupted(server=server, why=said)
    if code == _STRONGER_AUTH:
        why = _(
            "it demands a stronger logon ({said}). Use `encryption: ldaps` or `starttls`; "
            "for Kerberos it must allow it within TLS."
        )
        return LogonImpossible(server=server, why=why.format(said=said))
    if code == _INVALID_CREDENTIALS:
        data = _DATA.search(said)
        wrong = _REASONS["52e"]
        reason = _REASONS.get(data[1] if data else "", wrong)
        name = settings.bind_name or "Kerberos"
        return LogonRefused(server=server, name=name, why=_(reason), data=data[1] if data else "")
    return LogonImpossible(server=server, why=said)
