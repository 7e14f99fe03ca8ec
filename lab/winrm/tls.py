"""The certificates of the hosts: one each by the endpoint's own CA, made when a host is first spoken to."""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.winrm.faults import CERTIFICATE
from lab.winrm.world import DOMAIN

if TYPE_CHECKING:
    from pathlib import Path

    from lab.winrm.host import Host

_KEPT: Final = 64
"""Contexts of so many hosts are kept, 25 kB each; the others' are made again, in a millisecond."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Shown:
    """What TLS shows: its context, and the digest that channel binding is about."""

    context: ssl.SSLContext
    digest: bytes


class Certificates:
    """All hosts' certificates. They share a key: it is the names that matter here."""

    def __init__(self) -> None:
        """Make a CA, and one that nobody trusts."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._ca, self._other = _authority("Lab CA of the terminals"), _authority("Some other CA")
        self._kept = lru_cache(_KEPT)(self._make)

    def write(self, path: Path) -> None:
        """Write the CA's certificate, for the clients."""
        path.write_bytes(self._ca[1].public_bytes(Encoding.PEM))

    def of(self, host: Host) -> Shown:
        """What this host shows at the moment."""
        variant = next((each for kind, each in CERTIFICATE.items() if host.fault(kind)), "")
        renamed = host.fault("renamed")
        name = renamed.text if renamed else host.name
        return self._kept("pc-other" if variant == "other-name" else name, host.address, variant)

    def _make(self, name: str, address: str, variant: str) -> Shown:
        ca = self._other if variant == "other-ca" else self._ca
        certificate = _sign(ca, self._key.public_key(), _names(name, address, variant), variant)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.num_tickets = 0  # WinRM's clients resume no session
        with tempfile.NamedTemporaryFile(prefix="daicho-lab-", suffix=".pem") as file:
            file.write(self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            file.write(certificate.public_bytes(Encoding.PEM))
            file.flush()
            context.load_cert_chain(file.name)
        return Shown(context, hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest())


type _Authority = tuple[ec.EllipticCurvePrivateKey, x509.Certificate]


def _names(name: str, address: str, variant: str) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName(f"{name}.{DOMAIN}"), x509.DNSName(name)]
    return names if variant == "other-name" else [*names, x509.IPAddress(ipaddress.ip_address(address))]


def _authority(common: str) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(common)
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - _DAY * 30,
        not_valid_after=now + _DAY * 730,
    )
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    built = built.add_extension(usage, critical=True)
    identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return key, built.add_extension(identity, critical=False).sign(key, hashes.SHA256())


def _sign(
    ca: _Authority, key: ec.EllipticCurvePublicKey, names: list[x509.GeneralName], variant: str
) -> x509.Certificate:
    now = datetime.now(UTC)
    periods = {"expired": (now - _DAY * 20, now - _DAY), "future": (now + _DAY, now + _DAY * 20)}
    begins, ends = periods.get(variant, (now - _DAY, now + _DAY * 365))
    built = x509.CertificateBuilder(
        issuer_name=ca[1].subject,
        subject_name=_name(str(names[0].value)),
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=begins,
        not_valid_after=ends,
    )
    built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    whose = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca[0].public_key())
    return built.add_extension(whose, critical=False).sign(ca[0], hashes.SHA256())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
