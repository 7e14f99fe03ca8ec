"""Passwords for devices, and that a wrong one locks no account: few try it until one device has taken it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition
from typing import TYPE_CHECKING, Final

from daicho.errors import DaichoError, ExitCode
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSALS: Final = 3
"""So many refusals in a row and the password is tried no more: many sites lock an account after five."""


class LoginsStopped(DaichoError):
    """A password was refused too often to try it once more."""

    exit_code = ExitCode.FAILED
    sentence = N_(
        "The password {credential} was not tried here: {count} devices in a row refused it, and one more "
        "could lock the account. Put it right with `daicho secret set {credential}`."
    )


@dataclass(kw_only=True)
class Login:
    """One account on many devices."""

    name: str
    """The name of the password among the site's secrets."""
    user: str
    password: str = field(repr=False)
    enable: str = field(default="", repr=False)
    enable_name: str = ""
    limit: int = REFUSALS
    _trying: int = field(default=0, init=False, repr=False)
    _refused: int = field(default=0, init=False, repr=False)
    _proven: bool = field(default=False, init=False, repr=False)
    _turn: Condition = field(default_factory=Condition, init=False, repr=False, compare=False)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Try it on one device, for the length of a block that says how it went.

        As long as no device has taken it, or since one refused it, only so many try at once as may
        still refuse.

        Raises:
            LoginsStopped: It was refused too often; the device is not tried.
        """
        with self._turn:
            self._turn.wait_for(lambda: self._stopped or self._proven or self._trying < self._left)
            if self._stopped:
                raise LoginsStopped(credential=self.name, count=self._refused)
            self._trying += 1
        try:
            yield
        finally:
            with self._turn:
                self._trying -= 1
                self._turn.notify_all()

    @property
    def _left(self) -> int:
        return self.limit - self._refused

    @property
    def _stopped(self) -> bool:
        return self._refused >= self.limit

    def accepted(self) -> None:
        """A device took it."""
        with self._turn:
            self._proven, self._refused = True, 0
            self._turn.notify_all()

    def refused(self) -> None:
        """A device did not take it."""
        with self._turn:
            self._refused += 1
            self._proven = False
