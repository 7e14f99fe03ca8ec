"""A safe for tests: recipients of an escrow with their keys, and machines whose passwords are files.

`FileAccount` is a machine's account: it has the password that was given last, in the clear, so that a test
can compare. `open_safe` is the craft of `rotate_admin_passwords` with such accounts; it dies where a test
names the place.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from daicho.craft import Target, Trouble
from daicho.endpoints.admin_accounts import NotProven, Seen
from daicho.endpoints.admin_craft import AdminCraft, open_craft
from daicho.endpoints.escrow import Escrow
from daicho.endpoints.escrow_file import EscrowFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from daicho.craft import Bench, Craft
    from daicho.endpoints.escrow import Kept
    from daicho.plan import TargetState


def recipient(folder: Path, name: str, *, days: int = 30) -> Path:
    """A recipient's certificate NAME.pem, with its key NAME.key beside it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    (folder / f"{name}.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / f"{name}.key").write_bytes(private)
    return folder / f"{name}.pem"


def opened_by_openssl(envelope: bytes, key: Path) -> str:
    """What the `openssl` command takes out of an envelope."""
    return subprocess.run(
        ["openssl", "cms", "-decrypt", "-inform", "DER", "-inkey", key],
        input=envelope,
        capture_output=True,
        check=True,
    ).stdout.decode()


@dataclass
class FileAccount:
    """The account of a machine that is a file: `password` and a mark for each setting."""

    place: Path
    machine: str

    @property
    def file(self) -> Path:
        return self.place / "machines" / self.machine

    def look(self) -> Seen:
        self.passing("look")
        if (self.place / "away" / self.machine).exists():
            raise Trouble(why=f"{self.machine} is away")
        return Seen(account="root", usable=True, mark=self.file.read_text(encoding="ascii").split()[1])

    def give(self, password: str) -> None:
        self.passing("sealed")
        new = f"{password} {secrets.token_hex(8)}\n"
        part = self.file.with_name(f".{self.machine}")
        part.write_text(new, encoding="ascii")
        part.replace(self.file)
        with (self.place / "given").open("a", encoding="ascii") as log:
            log.write(f"{self.machine} {time.monotonic_ns()}\n")
        self.passing("given")

    def prove(self, account: str, password: str) -> Seen:
        if (self.place / "refuse" / self.machine).exists():
            raise NotProven(account=account, machine=self.machine, why="Authentication failure")
        known, mark = self.file.read_text(encoding="ascii").split()
        if known != password:
            raise NotProven(account=account, machine=self.machine, why="another password")
        with (self.place / "given").open("a", encoding="ascii") as log:
            log.write(f"{self.machine} {time.monotonic_ns()} proven\n")
        self.passing("proven")
        return Seen(account=account, usable=True, mark=mark)

    def passing(self, where: str) -> None:
        """Die here if the test wants it."""
        sign = self.place / "die" / f"{where}-{self.machine}"
        if sign.exists():
            sign.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def make_machines(place: Path, names: list[str]) -> None:
    """The folders and the machines, each with a password that nobody kept."""
    for part in ("machines", "die", "refuse", "away"):
        (place / part).mkdir(parents=True, exist_ok=True)
    for name in names:
        (place / "machines" / name).write_text("first m0\n", encoding="ascii")


def password_of(place: Path, machine: str) -> str:
    """What the machine has now."""
    return (place / "machines" / machine).read_text(encoding="ascii").split()[0]


@dataclass(frozen=True)
class DyingEscrow(Escrow):
    """An escrow whose process dies right after it put a proof on disk, if the test wants it."""

    account_of: Callable[[str], FileAccount] | None = None

    def prove(self, kept: Kept, at: str, mark: str) -> Kept:
        """As it is; then die."""
        done = super().prove(kept, at, mark)
        assert self.account_of is not None
        self.account_of(kept.machine).passing("kept")
        return done


@contextmanager
def open_safe(bench: Bench) -> Iterator[Craft]:
    """The craft of `rotate_admin_passwords` on files; the run's folder lies in the test's."""
    place = bench.content.parents[3]
    with open_craft(replace(bench, inputs={"at_once": 20, **bench.inputs})) as craft:
        assert isinstance(craft, AdminCraft)
        with_files(craft, place)
        yield craft


def with_files(craft: AdminCraft, place: Path) -> AdminCraft:
    """The craft on machines that are files."""
    craft.account_of = lambda target: FileAccount(place, target.name)
    craft.escrow = DyingEscrow(craft.escrow.folder, lambda name: FileAccount(place, name))
    return craft


def craft_of(place: Path, *, at_once: int = 20) -> AdminCraft:
    """A craft with `site/escrow.yml` of a folder, whose escrow is in `escrow`."""
    rules = EscrowFile.read(place / "site")
    craft = AdminCraft(
        rules=rules,
        recipients=rules.certificates(place / "site"),
        escrow=Escrow(place / "escrow"),
        account_of=lambda target: FileAccount(place, target.name),
        run="R1",
        at_once=at_once,
    )
    return with_files(craft, place)


FIRST: Final[dict[str, str | int | bool | None]] = {
    "account": "root",
    "password number": 1,
    "password proven": True,
    "password opens the account": True,
}
NONE: Final[dict[str, str | int | bool | None]] = FIRST | {"password number": None, "password proven": False}


def rotate(place: Path, machines: Sequence[str], wanted: TargetState) -> dict[str, object]:
    """What became of the machines; a state that is neither NONE nor the wanted one is not begun."""
    targets = [Target(name=name, facts={}, wanted=wanted) for name in machines]
    drifted: dict[str, object] = {}

    def begin(name: str, present: TargetState) -> bool:
        if present in (NONE, wanted):
            return True
        drifted[name] = present
        return False

    told = craft_of(place).carry_out(targets, begin)
    return {name: str(said) if isinstance(said, Trouble) else dict(said) for name, said in told} | drifted


if __name__ == "__main__":
    print(json.dumps(rotate(Path(sys.argv[1]), sys.argv[2:], FIRST)))  # noqa: T201 -- its output
