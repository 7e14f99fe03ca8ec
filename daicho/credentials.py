"""What opens the targets: certificates made for one run, and secrets that only the door gives.

Targets trust the site's SSH user CA and nothing else. For each wave the door makes a new key
and signs it for a few hours with the run's name as its id, so that the target's own log
names the run. Source: `ssh-keygen(1)`, CERTIFICATES.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final

from daicho import sshsig
from daicho.errors import DaichoError, UnknownObject, UsageError
from daicho.i18n import N_

if TYPE_CHECKING:
    from daicho.settings import Settings

PRINCIPAL: Final = "daicho"
VALIDITY: Final = "+12h"
_SECRET_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")


class NoCertificate(DaichoError):
    """The site's CA did not sign."""

    sentence = N_("No SSH certificate could be made with {ca}: {why}. `daicho init` makes the site's CA.")


class NoSecret(UnknownObject):
    """A secret was never set."""

    sentence = N_("The site has no secret {name!r}. Set it with `daicho secret set {name}`.")


class BadSecretName(UsageError):
    """This cannot be a secret's name."""

    sentence = N_(
        "{name!r} cannot be the name of a secret: write small letters, digits, `-` and `_`, beginning with a "
        "letter; `vault` is taken."
    )


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

    def secret(self, name: str) -> str:
        """A secret by its name; `vault` is the vault's password.

        Raises:
            NoSecret: It was never set.
        """
        try:
            file = self.vault if name == "vault" else self._secret_file(name)
            return file.read_text("utf-8").removesuffix("\n")
        except FileNotFoundError as error:
            raise NoSecret(name=name) from error

    def keep_secret(self, name: str, value: str) -> None:
        """Keep a secret, in place of an earlier one of the name; it is whole on disk or not there at all.

        Raises:
            BadSecretName: This cannot be a name.
        """
        place = self._secret_file(name)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=place.parent, prefix=".", encoding="utf-8", delete=False) as file:
            file.write(value + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(place)

    def forget_secret(self, name: str) -> None:
        """Remove a secret.

        Raises:
            NoSecret: There is none.
        """
        try:
            self._secret_file(name).unlink()
        except FileNotFoundError as error:
            raise NoSecret(name=name) from error

    @property
    def secret_names(self) -> list[str]:
        """The names of the secrets that were set, never their values."""
        folder = self.folder / "secrets"
        return sorted(path.name for path in folder.glob("[a-z]*")) if folder.is_dir() else []

    def check_secret_name(self, name: str) -> None:
        """See that this can be the name of a secret.

        Raises:
            BadSecretName: It cannot.
        """
        if name == "vault" or not _SECRET_NAME.fullmatch(name):
            raise BadSecretName(name=name)

    def _secret_file(self, name: str) -> Path:
        self.check_secret_name(name)
        return self.folder / "secrets" / name

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
