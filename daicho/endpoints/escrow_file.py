"""The site file `escrow.yml`: how administrators' passwords are made, and who can open those that are kept.

recipients: [safe.pem, suzuki.pem]
passwords: {length: 20}
keep: 10
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import Field

from daicho import clock
from daicho.accounts.slips import NoSeal, recipient
from daicho.directory.passwords import PasswordPolicy
from daicho.documents import Document, judge, load, read_file
from daicho.errors import UsageError
from daicho.i18n import N_

if TYPE_CHECKING:
    from typing import Self

    from cryptography import x509

FILE: Final = "escrow.yml"


class NoRecipient(UsageError):
    """Nobody could open what would be kept."""

    sentence = N_(
        "Passwords cannot be sealed to {path}: {why}. Put the recipient's certificate (PEM, RSA, in force) "
        "beside escrow.yml, or take it out of `recipients`. Nothing was changed."
    )


class EscrowFile(Document):
    """How administrators' passwords are made and kept."""

    recipients: tuple[Path, ...] = Field(
        min_length=1,
        max_length=20,
        description=N_("Certificates (PEM, RSA) beside this file; each of their keys opens all passwords."),
    )
    passwords: PasswordPolicy = Field(
        default=PasswordPolicy(length=20), description=N_("How the passwords are made.")
    )
    keep: int = Field(
        default=10,
        ge=1,
        le=1000,
        description=N_(
            "How many passwords of a machine are kept, the one in force among them: a machine that is put "
            "back from an old image has an old one."
        ),
    )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The file of a site.

        Raises:
            DocumentError: It is absent, or every problem with its field.
        """
        path = folder / FILE
        return judge(cls, load(read_file(path), str(path)), FILE)

    def certificates(self, folder: Path) -> tuple[x509.Certificate, ...]:
        """Whom passwords are sealed to.

        Raises:
            NoRecipient: One of them cannot be used; a password that one of the recipients cannot open is
                noticed only when it is needed.
        """
        return tuple(_certificate(folder / path) for path in self.recipients)


def _certificate(path: Path) -> x509.Certificate:
    try:
        found = recipient(path)
    except NoSeal as error:
        raise NoRecipient(path=path.name, why=error.facts["why"]) from error
    if not found.not_valid_before_utc <= clock.now() <= found.not_valid_after_utc:
        why = f"{found.not_valid_before_utc:%Y-%m-%d} … {found.not_valid_after_utc:%Y-%m-%d}"
        raise NoRecipient(path=path.name, why=why)
    return found
