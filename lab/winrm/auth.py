"""Who is let in: NTLM with message sealing and channel binding; nothing in clear.

One `Logon` belongs to one connection, as Windows binds an NTLM logon to its connection. pyspnego is the
acceptor; it reads accounts from a file only, so they are handed over through one that exists in memory alone.
"""

from __future__ import annotations

import base64
import binascii
import os
import struct
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import spnego
from spnego._ntlm_raw.crypto import ntowfv1
from spnego.channel_bindings import GssChannelBindings
from spnego.exceptions import SpnegoError

from lab.winrm.areas import Accounts
from lab.winrm.world import DOMAIN, NETBIOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.winrm.host import Host

_BOUNDARY: Final = b"--Encrypted Boundary"
_OCTETS: Final = b"application/octet-stream\r\n"
SEALED: Final = (
    'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"'
)


class NotSealed(Exception):
    """A message that should be sealed is not, or its seal is broken."""


class Logon:
    """The logon of one connection."""

    def __init__(self, host: Host, certificate_hash: bytes | None) -> None:
        """Nobody is logged on; `certificate_hash` is of the certificate that TLS showed, if there is TLS."""
        self.host = host
        self.user = ""
        self._context: Any = None
        self._bound = certificate_hash

    def take(self, header: str) -> str | None:
        """Take an `Authorization` header; the `WWW-Authenticate` to send with 401, none when it is done."""
        scheme, _space, text = header.partition(" ")
        if scheme.lower() not in {"negotiate", "ntlm"} or self.host.fault("ntlm-off"):
            return self.offer
        try:
            token = base64.b64decode(text, validate=True)
            answer = self._step(token)
        except (SpnegoError, binascii.Error, struct.error, ValueError, UnicodeError):
            self._context = None
            return self.offer
        if not self._context.complete:
            return f"{scheme} {base64.b64encode(answer or b'').decode('ascii')}"
        if self.host.fault("logon-refused"):
            self._context = None
            return self.offer
        self.user = str(self._context.client_principal)
        return None

    @property
    def over_tls(self) -> bool:
        """Whether TLS is below, so that a message need not be sealed besides."""
        return self._bound is not None

    @property
    def offer(self) -> str:
        """What a client may try."""
        return "Kerberos" if self.host.fault("ntlm-off") else "Negotiate"

    def _step(self, token: bytes) -> bytes | None:
        with _accounts_file(accounts(self.host)):
            if self._context is None:
                self._context = self._accepting("ntlm" if token.startswith(b"NTLMSSP\0") else "negotiate")
            step: bytes | None = self._context.step(token)
            return step

    def _accepting(self, protocol: str) -> Any:
        if self._bound is None:
            return spnego.server(protocol=protocol, options=spnego.NegotiateOptions.use_ntlm)
        bindings = GssChannelBindings(application_data=b"tls-server-end-point:" + self._bound)
        options = spnego.NegotiateOptions.use_ntlm
        return spnego.server(protocol=protocol, options=options, channel_bindings=bindings)

    def unseal(self, body: bytes) -> bytes:
        """The message in a sealed body.

        Raises:
            NotSealed: It is not sealed, or not by who is logged on.
        """
        start = body.find(_OCTETS)
        if start < 0 or not self.user:
            raise NotSealed
        payload = body[start + len(_OCTETS) :].removesuffix(_BOUNDARY + b"--\r\n")
        try:
            (length,) = struct.unpack_from("<i", payload)
            message: bytes = self._context.unwrap_winrm(payload[4 : 4 + length], payload[4 + length :])
        except (SpnegoError, struct.error) as error:
            raise NotSealed from error
        return message

    def seal(self, message: bytes) -> bytes:
        """A body that only who is logged on can read."""
        sealed = self._context.wrap_winrm(message)
        header, sealed_data = bytes(sealed.header), bytes(sealed.data)
        head = (
            _BOUNDARY + b"\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
            b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n" % len(message)
        )
        data = struct.pack("<i", len(header)) + header + sealed_data
        return head + _BOUNDARY + b"\r\n\tContent-Type: " + _OCTETS + data + _BOUNDARY + b"--\r\n"


def accounts(host: Host) -> str:
    """All who may log on to a host, in the format of smbpasswd, under each name that clients write."""
    user = host.world.user
    names = (f"{NETBIOS}\\{user}", f"{DOMAIN}\\{user}", f"{user}@{DOMAIN}")
    lines = [_line(name, host.world.password) for name in names]
    for user, password in host.of(Accounts).admitted().items():
        lines += [_line(f"{domain}{user}", password) for domain in ("", ".\\", f"{host.name.upper()}\\")]
    return "".join(lines)


@lru_cache(4096)
def _line(name: str, password: str) -> str:
    return f"{name}:1000:{'0' * 32}:{ntowfv1(password).hex().upper()}:[U]:LCT-0\n"


@contextmanager
def _accounts_file(text: str) -> Iterator[None]:
    """Accounts where pyspnego looks for them; nothing is awaited meanwhile."""
    number = os.memfd_create("accounts", os.MFD_CLOEXEC)
    try:
        os.write(number, text.encode())
        os.environ["NTLM_USER_FILE"] = f"/proc/self/fd/{number}"
        yield
    finally:
        os.environ.pop("NTLM_USER_FILE", None)
        os.close(number)
