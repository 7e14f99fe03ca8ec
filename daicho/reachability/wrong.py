"""How a probe says that something is wrong, or that it cannot tell."""

from __future__ import annotations

from daicho.errors import DaichoError, ExitCode, Incomplete
from daicho.i18n import N_


class Wrong(DaichoError):
    """The network answers, but not as it should."""

    exit_code = ExitCode.FAILED
    sentence = N_("{seen}")


class CannotTell(Incomplete):
    """The check could not be carried out; nothing follows about the network."""

    sentence = N_("{why}")
