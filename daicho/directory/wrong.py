"""What can go wrong with the directory, in words.

DirectoryError                 the directory refused or could not be asked
├── NoServer                   none of the servers answers
├── NotTrusted                 a server's certificate does not fit: wrong CA or wrong name
├── LogonRefused               wrong name or password: stop, before the account is locked
├── WriteRefused               one write was refused, with the server's reason in words
├── NotFound                   no such account or group
└── Interrupted                the connection broke; whether the last write was done is not known
"""

from __future__ import annotations

from typing import ClassVar

from daicho.errors import DaichoError, ExitCode
from daicho.i18n import N_


class DirectoryError(DaichoError):
    """The directory refused or could not be asked."""

    exit_code = ExitCode.FAILED
    sentence = N_("The directory refuses: {why}")
    unreachable: ClassVar[bool] = False
    """Whether the account may be all right and only nobody could look."""


class NoServer(DirectoryError):
    """None of the servers answers; each is named with its reason."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_(
        "No directory server answers: {reasons}. Check the servers and `servers:` in directory.yml."
    )
    unreachable = True


class NotTrusted(DirectoryError):
    """A server shows a certificate that does not fit; nothing was sent to it."""

    exit_code = ExitCode.REFUSED
    sentence = N_(
        "The certificate of {server} is not trusted ({why}). Nothing was sent to it. "
        "Check `ca_file:` in directory.yml, and that the certificate carries this name."
    )


class LogonRefused(DirectoryError):
    """The directory does not accept our name and password."""

    exit_code = ExitCode.REFUSED
    sentence = N_(
        "{server} does not accept the logon of {name}: {why}. It was tried once, so that the account "
        "is not locked. Correct the secret `directory` or `bind_name:` in directory.yml."
    )


class LogonImpossible(DirectoryError):
    """The way of logging on cannot work with this server or on this machine."""

    exit_code = ExitCode.REFUSED
    sentence = N_("{server} cannot be logged on to: {why}")


class WriteRefused(DirectoryError):
    """One write was refused; what was written before it stands."""

    sentence = N_("{what} {dn}: {why}")

    def __init__(self, sentence: str | None = None, *, code: int = 0, **facts: object) -> None:
        """Keep the LDAP result code, by which a repeated write is told from a refused one."""
        super().__init__(sentence, **facts)
        self.code = code


class NotFound(DirectoryError):
    """There is no such account or group."""

    sentence = N_("The directory has no {kind} {name!r}.")


class Ambiguous(DirectoryError):
    """Two accounts carry what only one may carry."""

    sentence = N_("{key} is carried by several accounts: {names}. Correct them in the directory first.")


class Interrupted(DirectoryError):
    """The connection broke; whether the last write was done is not known."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_("The connection to {server} broke: {why}")
    unreachable = True
