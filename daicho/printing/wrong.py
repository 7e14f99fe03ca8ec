"""What can go wrong with printers and print servers, in words.

PrintingError                  a print server refused or could not be asked
├── PrintServerAway            it does not answer
├── PrintServerNotTrusted      its certificate does not fit: nothing was sent
├── PrintLogonRefused          it does not let us in
├── NoQueue                    it has no such queue
└── CounterUnread              a printer does not tell its counters (counters.py)
"""

from __future__ import annotations

from typing import ClassVar

from daicho.errors import DaichoError, ExitCode
from daicho.i18n import N_


class PrintingError(DaichoError):
    """A print server refused or could not be asked."""

    exit_code = ExitCode.FAILED
    sentence = N_("The print server {server} refuses: {why}")
    unreachable: ClassVar[bool] = False


class PrintServerAway(PrintingError):
    """It does not answer."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_(
        "The print server {server} does not answer: {why}. Check it, and `printing:` in services.yml."
    )
    unreachable = True


class PrintServerNotTrusted(PrintingError):
    """Its certificate does not fit; nothing was sent to it."""

    exit_code = ExitCode.REFUSED
    sentence = N_(
        "The certificate of the print server {server} is not trusted ({why}). Nothing was sent to it. "
        "Check `ca_file:` in services.yml, and that the certificate carries this name."
    )


class PrintLogonRefused(PrintingError):
    """It does not let us in."""

    exit_code = ExitCode.REFUSED
    sentence = N_(
        "The print server {server} does not let us administer it. Correct `user:` in services.yml and the "
        "secret `print-{server}`."
    )


class NoQueue(PrintingError):
    """It has no such queue."""

    sentence = N_("The print server {server} has no queue {queue}")
