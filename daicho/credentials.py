"""What opens the targets: made by the door for one run, short-lived, and gone with it.

Targets trust the site's SSH user CA and nothing else. For each wave the door makes a new key
and signs it for a few hours with the run's name as its id, so that the target's own log
names the run. Source: `ssh-keygen(1)`, CERTIFICATES.
"""

from __future__ import annotations

import secrets
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho import sshsig
from daicho.errors import DaichoError
from daicho.i18n import N_

if TYPE_CHECKING:
    from pathlib import Path

    from daicho.settings import Settings

PRINCIPAL: Final = "daicho"
VALIDITY: Final = "+12h"


class NoCertificate(DaichoError):
    """The site's CA did not sign."""

    sentence = N_("No SSH certificate could be made with {ca}: {why}. `daicho init` makes the site's CA.")


@dataclass(frozen=True)
class Keys:
    """The site's own secrets, in a folder of mode 0700."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings) -> Keys:
        """The keys of this installation."""
        return cls(settings.keys)

    @property
    def ledger(self) -> Path:
        """Signs checkpoints."""
        return self.folder / "ledger"

    @property
    def ssh_ca(self) -> Path:
        """Signs a run's SSH certificate; targets trust its public half."""
        return self.folder / "ssh_ca"

    @property
    def vault(self) -> Path:
        """The password of the site's Ansible vault."""
        return self.folder / "vault"

    def make(self, site: str) -> None:
        """Make all of them once; those that exist stay."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for key, use in ((self.ledger, "ledger"), (self.ssh_ca, "ssh-ca")):
            if not key.exists():
                sshsig.make_key(key, f"daicho-{use} {site}")
        if not self.vault.exists():
            self.vault.touch(mode=0o600)
            self.vault.write_text(secrets.token_urlsafe(48) + "\n", encoding="ascii")


def issue(ca: Path, run: str, folder: Path) -> Path:
    """A new key in this folder, certified for one run; the certificate lies beside it.

    Returns:
        The private key's path; `ssh -i` finds `…-cert.pub` by itself.

    Raises:
        NoCertificate: The CA key is absent or ssh-keygen refused.
    """
    key = folder / "id"
    for old in (key, folder / "id.pub", folder / "id-cert.pub"):
        old.unlink(missing_ok=True)
    try:
        sshsig.make_key(key, run)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoCertificate(ca=str(ca), why=str(error)) from error
    done = subprocess.run(
        [
            *("ssh-keygen", "-q", "-s", str(ca), "-I", f"daicho-{run}", "-n", PRINCIPAL),
            # No forwarding of ports, agents or X11; a terminal is what a reboot asks for.
            *("-O", "clear", "-O", "permit-pty"),
            *("-V", f"-5m:{VALIDITY}", str(key.with_suffix(".pub"))),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise NoCertificate(ca=str(ca), why=done.stderr.decode(errors="replace").strip())
    return key
