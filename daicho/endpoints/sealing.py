"""A password sealed to the recipients of the escrow: CMS EnvelopedData, opened by any one of their keys.

This machine has only their certificates: it can put a password in and never take one out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
    pkcs7_decrypt_der,
)

from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cryptography import x509

_MAKES_UP: Final = ("machine", "account", "number", "password")


class NotOpened(UsageError):
    """A key does not open a password."""

    sentence = N_(
        "The password of {machine} was not opened: {why}. It is sealed to {to}: give the key of one of them "
        "with `--key`, or open it with a card: `daicho passwords show {machine} --why WHY --sealed`."
    )


@dataclass(frozen=True, kw_only=True)
class Secret:
    """What is in an envelope: the password and what it is for, so that envelopes cannot be exchanged."""

    machine: str
    account: str
    number: int
    password: str = field(repr=False)


def seal(secret: Secret, to: Sequence[x509.Certificate]) -> bytes:
    """The envelope in DER: `openssl cms -decrypt -inform DER -inkey KEY` opens it."""
    data = json.dumps({name: getattr(secret, name) for name in _MAKES_UP}, ensure_ascii=False)
    builder = PKCS7EnvelopeBuilder().set_data(data.encode()).set_content_encryption_algorithm(AES256)
    for each in to:
        builder = builder.add_recipient(each)
    return builder.encrypt(Encoding.DER, [PKCS7Options.Binary])


def open_with(
    envelope: bytes, key: bytes, passphrase: bytes | None, among: Iterable[x509.Certificate]
) -> Secret:
    """What is in an envelope.

    Args:
        envelope: As `seal` made it.
        key: A recipient's private key, PEM.
        passphrase: Of the key.
        among: The certificates that the key may belong to.

    Raises:
        ValueError: It is not the key of any of them, the envelope is not sealed to it, or not whole.
        TypeError: The passphrase is missing, or there is one too many.
    """
    private = load_pem_private_key(key, passphrase)
    if not isinstance(private, RSAPrivateKey):
        raise ValueError(_("this is no RSA key"))  # noqa: TRY004 -- as the library says it of the others
    for certificate in among:
        if certificate.public_key() == private.public_key():
            opened = pkcs7_decrypt_der(envelope, certificate, private, [])
            return Secret(**json.loads(opened))
    raise ValueError(_("the key belongs to none of the recipients"))


def names_of(certificates: Iterable[x509.Certificate]) -> list[str]:
    """Who they are, as their certificates say."""
    return [each.subject.rfc4514_string() for each in certificates]
