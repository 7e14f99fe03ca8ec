"""The ledger for an auditor: texts, checkpoints, keys and a verifier that needs nothing of daicho."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daicho import sshsig
from daicho.errors import UsageError
from daicho.i18n import gettext as _
from daicho.ledger import checkpoint as checkpoints

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daicho.ledger.entry import Entry, Head
    from daicho.ledger.store import Ledger

_APPROVAL: Final = "approval.given"
_APPROVALS: Final = "daicho-approval"


@dataclass(frozen=True, kw_only=True)
class Material:
    """What goes into an export besides the entries."""

    public_key: Path
    """The ledger's public key: `ledger.pub`."""
    checkpoints: Path
    """The folder where checkpoints are kept."""
    verifier: Path
    """`scripts/verify_ledger.py` of the content."""


def export(ledger: Ledger, target: Path, material: Material) -> Head:
    """Write the whole ledger for somebody else to check; the last entry that went into it.

    The folder holds `entries.jsonl` (the entries' texts, one per line: `sha256sum` of a line without
    its newline is the `prev` of the next), `checkpoints/`, `ledger.pub`, `allowed_signers`,
    `verify_ledger.py`, `README.md` and `README.ja.md`. A target that ends in `.tar` becomes one file.

    Raises:
        UsageError: The target exists, or cannot be written.
    """
    if target.exists():
        raise UsageError(why=_("{path} exists already. Give a new name.").format(path=target))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that what has the target's name is always complete.
        with tempfile.TemporaryDirectory(prefix=".daicho-export-", dir=target.parent) as scratch:
            folder = Path(scratch, target.stem if target.suffix == ".tar" else target.name)
            folder.mkdir(mode=0o700)
            head = _fill(ledger, folder, material)
            _place(folder, target, Path(scratch))
    except OSError as error:
        why = _("The export could not be written to {path} ({why}).")
        raise UsageError(why=why.format(path=target, why=error.strerror or error)) from error
    return head


def _fill(ledger: Ledger, folder: Path, material: Material) -> Head:
    head = ledger.head()
    approvers: dict[tuple[str, str], sshsig.Signer] = {}
    with (folder / "entries.jsonl").open("w", encoding="utf-8", newline="\n") as lines:
        for entry in ledger.entries(limit=head.seq):
            lines.write(entry.text + "\n")
            if f'"kind":"{_APPROVAL}"' in entry.text and entry.kind == _APPROVAL:
                _collect(entry, approvers)
    public = material.public_key.read_text("utf-8").strip()
    (folder / "ledger.pub").write_text(public + "\n", "utf-8")
    signer = sshsig.Signer(name=checkpoints.SIGNER, key=public)
    (folder / "allowed_signers").write_text(
        sshsig.allowed_signers([signer], checkpoints.NAMESPACE)
        + sshsig.allowed_signers(approvers.values(), _APPROVALS),
        "utf-8",
    )
    (folder / "checkpoints").mkdir()
    _copy((file for file in material.checkpoints.glob("*.checkpoint")), folder / "checkpoints", head.seq)
    shutil.copyfile(material.verifier, folder / "verify_ledger.py")
    for name in ("README.md", "README.ja.md"):
        text = resources.files(__package__).joinpath("auditor", name).read_text("utf-8")
        at = f"{head.at:%Y-%m-%d %H:%M:%S UTC}" if head.at else "-"
        filled = text.replace("{entries}", str(head.seq)).replace("{hash}", head.hash).replace("{at}", at)
        (folder / name).write_text(filled, "utf-8")
    return head


def _collect(entry: Entry, approvers: dict[tuple[str, str], sshsig.Signer]) -> None:
    name, key = entry.body.get("approver"), entry.body.get("key")
    # The name comes from the record and goes into a file with one signer per line.
    if isinstance(name, str) and isinstance(key, str) and name.isprintable() and " " not in name:
        approvers[name, key] = sshsig.Signer(name=name, key=" ".join(key.split()[:2]))


def _copy(files: Iterable[Path], folder: Path, size: int) -> None:
    """Copy the checkpoints that speak about what is exported (one may be made meanwhile)."""
    for file in files:
        if checkpoints.parse(file.read_text("utf-8")).size <= size:
            shutil.copyfile(file, folder / file.name)


def _place(folder: Path, target: Path, scratch: Path) -> None:
    if target.suffix != ".tar":
        folder.rename(target)
        return
    packed = scratch / "packed.tar"
    with tarfile.open(packed, "w") as tar:
        tar.add(folder, folder.name)
    packed.chmod(0o600)
    packed.rename(target)
