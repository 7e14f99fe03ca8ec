"""Where things are on this machine: one frozen object, read once at start.

Every value has an environment variable; a flag on the command line comes before it.
What the *site* decides (people, quorum, freezes, language of reports) is in the policy,
not here: the policy is in the ledger.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import daicho
from daicho.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Places and habits of this installation."""

    state: Path
    """`DAICHO_STATE`: ledger, keys, runs. Outside every checkout."""
    content: Path
    """`DAICHO_CONTENT`: the folder with playbooks, roles and plugins that will run."""
    language: str
    """`DAICHO_LANG`, else the locale: `en` or `ja`."""
    person: str | None
    """`DAICHO_AS`: the principal to act as, among those that the policy gives this account."""
    second: Path | None = None
    """`DAICHO_CHECKPOINTS`: a second place for checkpoints, best on another machine."""

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """The settings that this environment asks for."""
        return cls(
            state=Path(environ.get("DAICHO_STATE") or _default_state(environ)),
            content=Path(environ.get("DAICHO_CONTENT") or _default_content()),
            language=_language(environ),
            second=Path(environ["DAICHO_CHECKPOINTS"]) if environ.get("DAICHO_CHECKPOINTS") else None,
            person=environ.get("DAICHO_AS") or None,
        )

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.state / "ledger.db"

    @property
    def keys(self) -> Path:
        """The folder of the ledger's own keys (mode 0700)."""
        return self.state / "keys"

    @property
    def site_inventory(self) -> Path:
        """The site's own group_vars and host_vars, vaulted values included."""
        return self.state / "inventory"

    @property
    def known_hosts(self) -> Path:
        """The host keys of the targets; a target that is not in it is not spoken to."""
        return self.state / "known_hosts"

    @property
    def checkpoints(self) -> Path:
        """The folder of the signed checkpoints."""
        return self.state / "checkpoints"

    @property
    def configurations(self) -> Path:
        """The git repository of what network devices are configured to do (mode 0700): it holds secrets."""
        return self.state / "configurations"

    @property
    def escrow(self) -> Path:
        """The sealed passwords of the machines' administrators (mode 0700)."""
        return self.state / "escrow"

    @property
    def runs(self) -> Path:
        """The folder that holds one folder per run (mode 0700)."""
        return self.state / "runs"


def _default_state(environ: Mapping[str, str]) -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/daicho")
    home = Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return home / "daicho"


def _default_content() -> Path:
    package = Path(daicho.__file__).resolve().parent
    checkout = package.parent
    if (checkout / "playbooks").is_dir():
        return checkout
    # A wheel: PREFIX/share/daicho beside PREFIX/lib/pythonX/site-packages/daicho.
    return package.parents[3] / "share" / "daicho"


def _language(environ: Mapping[str, str]) -> str:
    for name in ("DAICHO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            code = value[:2].lower()
            return code if code in LANGUAGES else "en"
    return "en"
