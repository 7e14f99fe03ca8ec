"""Signatures by SSH keys, made and judged by OpenSSH's own `ssh-keygen -Y`.

A key may be a private key file, or a public key file whose private half is held by the
agent: that is how a key on an IC card signs. Nothing here ever reads a private key.
Source: OpenSSH PROTOCOL.sshsig; `ssh-keygen(1)`, ALLOWED SIGNERS.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


# Kind → how many strings follow its name in the key (RFC 4253, 5656, 8709; OpenSSH PROTOCOL.u2f).
_NUMBERS: Final = {
    "ssh-ed25519": 1,
    "ssh-rsa": 2,
    "ecdsa-sha2-nistp256": 2,
    "ecdsa-sha2-nistp384": 2,
    "ecdsa-sha2-nistp521": 2,
    "sk-ssh-ed25519@openssh.com": 2,
    "sk-ecdsa-sha2-nistp256@openssh.com": 3,
}
_RSA_BYTES: Final = 256


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

    Read here and not by ssh-keygen: a policy of hundreds of keys is read by every command.

    Raises:
        ValueError: The line is not a public key of a kind that signs, or an RSA key of less than 2048 bits.
    """
    kind, encoded = [*public_key.split()[:2], "", ""][:2]  # a comment may follow
    try:
        blob = base64.b64decode(encoded, validate=True)
        name, *numbers = _strings(blob)
    except (ValueError, struct.error):
        name, numbers = b"", []
    # The name stands in the key, too: one RSA key may not also be called rsa-sha2-512.
    if name != kind.encode() or len(numbers) != _NUMBERS.get(kind):
        raise ValueError(_("not an SSH public key: {key!r:.60}").format(key=public_key))
    if kind == "ssh-rsa" and len(numbers[1].lstrip(b"\0")) < _RSA_BYTES:
        raise ValueError(_("an RSA key needs at least {bits} bits").format(bits=8 * _RSA_BYTES))
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _strings(blob: bytes) -> list[bytes]:
    """The length-prefixed strings that a blob consists of (RFC 4251, section 5)."""
    strings, at = [], 0
    while at < len(blob):
        (length,) = struct.unpack_from(">I", blob, at)
        string = blob[at + 4 : at + 4 + length]
        if len(string) != length:
            raise ValueError("cut off")
        strings.append(string)
        at += 4 + length
    return strings


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
