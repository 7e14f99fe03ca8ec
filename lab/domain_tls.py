"""The lab's own certificate authority, and the certificates of its servers."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.errors import LabError
from lab.places import write_private

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain_plan import Server

_VALID: Final = timedelta(days=730)


@dataclass(frozen=True)
class Authority:
    """A certificate authority of one template."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def create(cls) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Lab CA of the example office")
        usage = _usage(sign_certificates=True)
        builder = _builder(name, name, key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(usage, critical=True)
        identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return cls(key, builder.add_extension(identity, critical=False).sign(key, hashes.SHA256()))

    @classmethod
    def load(cls, certificate: Path, key: Path) -> Authority:
        loaded = load_pem_private_key(key.read_bytes(), password=None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise LabError(f"{key} is not a key of the lab's CA: remove the template, it is made anew.")
        return cls(loaded, x509.load_pem_x509_certificate(certificate.read_bytes()))

    def keep(self, path: Path) -> None:
        """Write the CA's key, for machines that join later."""
        write_private(path, _pem(self.key))

    def write(self, path: Path) -> None:
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))

    def certify(self, server: Server, folder: Path) -> None:
        """Write `server.key` (mode 0600), `server.crt` and `ca.crt` into a folder.

        The names in the certificate are the server's full and short name and its address.
        """
        # GnuTLS in Samba and slapd takes any key; RSA is what a domain's own CA hands out.
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        names = x509.SubjectAlternativeName(
            [
                x509.DNSName(server.fqdn),
                x509.DNSName(server.name),
                x509.IPAddress(ipaddress.ip_address(server.address)),
            ]
        )
        issuer = self.certificate.subject
        builder = _builder(_name(server.fqdn), issuer, key.public_key())
        builder = builder.add_extension(names, critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(sign_certificates=False), critical=True)
        for_servers = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(for_servers, critical=False)
        whose = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        certificate = builder.add_extension(whose, critical=False).sign(self.key, hashes.SHA256())
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        write_private(folder / "server.key", _pem(key))
        (folder / "server.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
        self.write(folder / "ca.crt")


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + _VALID,
    )


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        key_encipherment=not sign_certificates,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
