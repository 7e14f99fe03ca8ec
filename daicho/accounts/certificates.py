"""Certificates of logon cards, and how an account names one that nobody else can have. Pure.

Only strong mappings are made: those whose certificate no other issuer can imitate (Microsoft KB5014754:
`X509:<I>…<SR>…` and `X509:<SKI>…`); the weak ones, by subject or mail address, are never written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from datetime import datetime

ATTRIBUTE: Final = "altSecurityIdentities"
_PREFIX: Final = "X509:"
_LOGON_USES: Final = frozenset(
    {
        ExtendedKeyUsageOID.SMARTCARD_LOGON,
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        x509.ObjectIdentifier("1.3.6.1.5.2.3.4"),  # id-pkinit-KPClientAuth, RFC 4556
    }
)
# The names that Windows gives to the parts of an issuer's name (CertNameToStr, CERT_X500_NAME_STR).
_TYPES: Final = {
    NameOID.COMMON_NAME: "CN",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.COUNTRY_NAME: "C",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "S",
    NameOID.STREET_ADDRESS: "STREET",
    NameOID.DOMAIN_COMPONENT: "DC",
    NameOID.EMAIL_ADDRESS: "E",
    NameOID.SERIAL_NUMBER: "SERIALNUMBER",
    NameOID.TITLE: "T",
    NameOID.GIVEN_NAME: "G",
    NameOID.SURNAME: "SN",
    NameOID.INITIALS: "I",
}
_QUOTED: Final = frozenset(',+="\n<>#;')
_HEX: Final = re.compile(r"[0-9a-f]{2,80}")


class UnfitCertificate(UsageError):
    """A certificate cannot be tied to an account."""

    sentence = N_("The certificate cannot be registered: {why}.")


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What counts of a card's certificate."""

    mapping: str
    """The value of altSecurityIdentities."""
    subject: str = ""
    begins: datetime | None = None
    ends: datetime | None = None
    for_logon: bool = True


def read_pem(text: str, how: str = "issuer_serial") -> Certificate:
    """What counts of a certificate in PEM form.

    Args:
        text: The PEM.
        how: `issuer_serial` or `ski`.

    Raises:
        UnfitCertificate: It is none, or has not what the mapping needs.
    """
    try:
        found = x509.load_pem_x509_certificate(text.encode("utf-8"))
        return _read(found, how)
    except UnfitCertificate:
        raise
    except (ValueError, x509.DuplicateExtension) as error:
        raise UnfitCertificate(why=str(error)) from error


def pem_of(data: bytes) -> str:
    """A certificate in PEM form, whether the file holds PEM or DER.

    Raises:
        UnfitCertificate: It holds neither.
    """
    try:
        pem = data.lstrip().startswith(b"-----BEGIN")
        found = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
    except ValueError as error:
        raise UnfitCertificate(why=_("it is neither PEM nor DER ({error})").format(error=error)) from error
    return found.public_bytes(Encoding.PEM).decode("ascii")


def of_serial(issuer: str, serial: str) -> Certificate:
    """A certificate that is known by its issuer and serial number alone, as a card list has them.

    Args:
        issuer: As Windows shows it, the country or domain first: `C=JP,O=例示省,CN=例示省 職員CA`.
        serial: Hexadecimal, as certificates show it; colons and spaces do not count.

    Raises:
        UnfitCertificate: The serial number is no hexadecimal number, or there is no issuer.
    """
    digits = re.sub(r"[\s:]", "", serial).casefold().removeprefix("0x")
    digits = digits.zfill(len(digits) + len(digits) % 2)
    if not _HEX.fullmatch(digits):
        raise UnfitCertificate(why=_("{serial!r:.60} is no hexadecimal serial number").format(serial=serial))
    if "=" not in issuer or "<" in issuer:
        raise UnfitCertificate(
            why=_("{issuer!r:.80} is no issuer; write C=JP,O=...,CN=...").format(issuer=issuer)
        )
    return Certificate(mapping=_issuer_serial(issuer.strip(), bytes.fromhex(digits)))


def is_strong(mapping: str) -> bool:
    """Whether a value of altSecurityIdentities is a mapping that no other certificate can imitate."""
    kind = mapping.removeprefix(_PREFIX)
    return mapping.startswith(_PREFIX) and (
        (kind.startswith("<I>") and "<SR>" in kind) or kind.startswith(("<SKI>", "<SHA1-PUKEY>"))
    )


def is_certificate(mapping: str) -> bool:
    """Whether a value of altSecurityIdentities is about a certificate at all, and not about Kerberos."""
    return mapping.startswith(_PREFIX)


def _read(found: x509.Certificate, how: str) -> Certificate:
    return Certificate(
        mapping=_ski(found) if how == "ski" else _issuer_serial(_name(found.issuer), _serial(found)),
        subject=found.subject.rfc4514_string(),
        begins=found.not_valid_before_utc,
        ends=found.not_valid_after_utc,
        for_logon=_for_logon(found),
    )


def _issuer_serial(issuer: str, serial: bytes) -> str:
    # The bytes of the serial number stand backwards there.
    return f"{_PREFIX}<I>{issuer}<SR>{serial[::-1].hex().upper()}"


def _serial(found: x509.Certificate) -> bytes:
    number = found.serial_number
    return number.to_bytes((number.bit_length() + 7) // 8 or 1, "big")


def _ski(found: x509.Certificate) -> str:
    try:
        its = found.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound as error:
        why = _("it has no subject key identifier. Use the mapping by issuer and serial number")
        raise UnfitCertificate(why=why) from error
    return f"{_PREFIX}<SKI>{its.value.digest.hex()}"


def _for_logon(found: x509.Certificate) -> bool:
    try:
        uses = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return not _LOGON_USES.isdisjoint(uses)


def _name(name: x509.Name) -> str:
    """An issuer's name as Windows writes it in a mapping: in the certificate's own order."""
    return ",".join("+".join(_part(part) for part in rdn) for rdn in name.rdns)


def _part(part: x509.NameAttribute[str | bytes]) -> str:
    kind = _TYPES.get(part.oid)
    if kind is None:
        why = _(
            "its issuer's name has a part of the kind {oid}, whose name is not known. Use the mapping by key"
        )
        raise UnfitCertificate(why=why.format(oid=part.oid.dotted_string))
    return f"{kind}={_quoted(str(part.value))}"


def _quoted(value: str) -> str:
    if not _QUOTED.isdisjoint(value) or value != value.strip():
        return '"' + value.replace('"', '""') + '"'
    return value
