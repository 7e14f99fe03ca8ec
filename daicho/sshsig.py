"""Signatures by SSH keys, made and judged by OpenSSH's own `ssh-keygen -Y`.

A key may be a private key file, or a public key file whose private half is held by the
agent: that is how a key on an IC card signs. Nothing here ever reads a private key.
Source: OpenSSH PROTOCOL.sshsig; `ssh-keygen(1)`, ALLOWED SIGNERS.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from daicho.errors import UsageError
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Somebody whose signatures count, with one of their keys."""

    name: str
    key: str
    """The public key as one line: `ssh-ed25519 AAAA...`."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class SigningFailed(UsageError):
    """ssh-keygen would not sign."""

    sentence = N_("{key} did not sign: {why}. Give a private key, or a public key that `ssh-add -L` lists.")


def sign(message: bytes, *, key: Path, namespace: str) -> str:
    """The armoured signature of a message.

    Args:
        message: What is signed, byte for byte.
        key: A private key, or a public key whose private half the agent holds.
        namespace: What the signature is for; it counts for nothing else.

    Raises:
        SigningFailed: The key is absent, locked, or not in the agent.
    """
    # Without a terminal a locked key must fail, not wait: stdin carries the message.
    agent = ["-U"] if _is_public(key) else []
    done = subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", *agent, "-f", str(key), "-n", namespace],
        input=message,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise SigningFailed(key=str(key), why=_last_line(done.stderr))
    return done.stdout.decode()


def verify(message: bytes, signature: str, *, signer: Signer, namespace: str, at: datetime) -> str | None:
    """Why a signature does not count, or None when it does.

    Args:
        message: What was signed.
        signature: The armoured signature.
        signer: Whose signature it should be.
        namespace: What it must have been made for.
        at: The moment at which the key must have been valid.
    """
    with tempfile.TemporaryDirectory(prefix="daicho-sig-") as folder:
        allowed, armoured = Path(folder, "allowed_signers"), Path(folder, "signature")
        allowed.write_text(allowed_signers([signer], namespace), encoding="utf-8")
        armoured.write_text(signature, encoding="utf-8")
        done = subprocess.run(
            [
                *("ssh-keygen", "-q", "-Y", "verify", "-f", str(allowed), "-I", signer.name),
                *(
                    "-n",
                    namespace,
                    "-s",
                    str(armoured),
                    "-O",
                    f"verify-time={at.astimezone(UTC):%Y%m%d%H%M%SZ}",
                ),
            ],
            input=message,
            capture_output=True,
            check=False,
        )
    # ssh-keygen names our temporary file before its reason.
    return None if done.returncode == 0 else _last_line(done.stderr or done.stdout).split("signers:1: ")[-1]


def allowed_signers(signers: Iterable[Signer], namespace: str) -> str:
    """The signers as an `allowed_signers` file, for anybody's own `ssh-keygen -Y verify`."""
    return "".join(_allowed_line(signer, namespace) for signer in signers)


def fingerprint(public_key: str) -> str:
    """`SHA256:...` of a public key line, as `ssh-keygen -l` shows it.

    Raises:
        ValueError: The line is not a public key.
    """
    done = subprocess.run(
        ["ssh-keygen", "-l", "-f", "-"], input=public_key.encode(), capture_output=True, check=False
    )
    if done.returncode != 0:
        raise ValueError(f"not an SSH public key: {public_key[:40]!r}")
    return done.stdout.decode().split()[1]


def make_key(path: Path, comment: str) -> None:
    """A new ed25519 key pair without a passphrase, mode 0600, in a folder of mode 0700."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)],
        check=True,
        stdin=subprocess.DEVNULL,
    )


def _allowed_line(signer: Signer, namespace: str) -> str:
    options = [f'namespaces="{namespace}"']
    if signer.valid_from:
        options.append(f'valid-after="{signer.valid_from.astimezone(UTC):%Y%m%d%H%M%SZ}"')
    if signer.valid_until:
        options.append(f'valid-before="{signer.valid_until.astimezone(UTC):%Y%m%d%H%M%SZ}"')
    return f"{signer.name} {','.join(options)} {signer.key}\n"


def _is_public(key: Path) -> bool:
    return key.suffix == ".pub"


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "ssh-keygen said nothing"
