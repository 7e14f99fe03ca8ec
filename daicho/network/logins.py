"""How the devices of a site are logged in to, as its file `network/logins.yml` says it.

    - {devices: ["r*"], user: admin}                              # by the certificate of the run
    - {platforms: [yamaha], credential: rtx, enable: rtx-admin}   # by passwords that the door gives
    - {credential: switches, enable: switches-enable}             # all others

The first that fits a device holds. The file names secrets and holds none.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from pydantic import Field

from daicho import documents
from daicho.documents import Document
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE: Final = "logins.yml"


class LoginRule(Document):
    """One account, and the devices that know it."""

    devices: tuple[str, ...] = Field(default=("*",), description=N_("Names or globs of devices."))
    platforms: tuple[str, ...] = Field(default=(), description=N_("Only these platforms; empty: all."))
    user: str = Field(default="", description=N_("The account; empty: what the item or the change says."))
    credential: str = Field(
        default="", description=N_("The secret with its password; empty: the certificate of the run.")
    )
    enable: str = Field(default="", description=N_("The secret with the password of the privileged mode."))


class LoginRules(Document):
    """The rules of a site, in their order."""

    rules: tuple[LoginRule, ...] = ()

    def of(self, device: str, platform: str) -> LoginRule | None:
        """The first rule that fits a device; None when none does."""
        return next((rule for rule in self.rules if _fits(rule, device, platform)), None)


def read_logins(folder: Path) -> LoginRules:
    """The rules in a site's folder `network`; none when there is no such file.

    Raises:
        DocumentError: The file is not a list of rules.
    """
    file = folder / FILE
    if not file.is_file():
        return LoginRules()
    value = documents.load(documents.read_file(file), str(file))
    return documents.judge(LoginRules, {"rules": value if value is not None else []}, FILE)


def only(rules: Sequence[LoginRule]) -> LoginRules:
    """Rules that were made, not read."""
    return LoginRules(rules=tuple(rules))


def _fits(rule: LoginRule, device: str, platform: str) -> bool:
    named = any(fnmatchcase(device, glob) for glob in rule.devices)
    return named and (not rule.platforms or platform in rule.platforms)
