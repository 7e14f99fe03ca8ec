"""What an auditor gets, checked with the auditor's own tools."""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from daicho import sshsig
from daicho.errors import UsageError
from daicho.ledger import Draft, Ledger
from daicho.ledger import checkpoint as checkpoints
from daicho.ledger.export import Material, export
from daicho.ledger.verify import verify
from tests.ledgers import draft, tamper

VERIFIER = Path(__file__).parents[2] / "scripts" / "verify_ledger.py"


@pytest.fixture
def material(tmp_path: Path) -> Material:
    key = tmp_path / "keys" / "ledger"
    sshsig.make_key(key, "ledger")
    return Material(
        public_key=key.with_suffix(".pub"), checkpoints=tmp_path / "checkpoints", verifier=VERIFIER
    )


@pytest.fixture
def path(tmp_path: Path, material: Material) -> Path:
    """Ten entries, one of them an approval, and a checkpoint over the first eight."""
    path = tmp_path / "state" / "ledger.db"
    with Ledger.create(path) as ledger:
        ledger.append(*(draft(number) for number in range(5)))
        ledger.append(approval(tmp_path))
        ledger.append(draft(), draft())
        key = material.public_key.with_suffix("")
        checkpoints.keep(checkpoints.make(ledger, key), material.checkpoints)
        ledger.append(draft(), draft())
    return path


def approval(folder: Path, statement: str = "daicho approve\nchange: C1\n") -> Draft:
    sshsig.make_key(folder / "approver", "suzuki")
    body = {
        "statement": statement,
        "signature": sshsig.sign(statement.encode(), key=folder / "approver", namespace="daicho-approval"),
        "key": " ".join((folder / "approver.pub").read_text().split()[:2]),
        "approver": "suzuki",
    }
    return Draft("approval.given", "C1", "suzuki", body)


def exported(path: Path, material: Material, target: Path) -> Path:
    with Ledger.open(path) as ledger:
        assert export(ledger, target, material).seq == 10
    return target


def auditor(*arguments: object, path: str | None = None) -> tuple[int, list[str]]:
    """Exit code and lines of the verifier, run without daicho and its packages."""
    environment = {**os.environ, "PATH": path} if path is not None else None
    done = subprocess.run(
        [sys.executable, "-I", "-S", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_an_export_is_checked_with_what_it_brings(path: Path, material: Material, tmp_path: Path) -> None:
    folder = exported(path, material, tmp_path / "audit")
    assert sorted(each.name for each in folder.iterdir()) == [
        "README.ja.md",
        "README.md",
        "allowed_signers",
        "checkpoints",
        "entries.jsonl",
        "ledger.pub",
        "verify_ledger.py",
    ]
    code, lines = auditor(folder / "verify_ledger.py", folder)
    last = hashlib.sha256((folder / "entries.jsonl").read_bytes().splitlines()[-1]).hexdigest()
    fingerprint = sshsig.fingerprint((tmp_path / "approver.pub").read_text())
    assert lines == [
        "10 entries, 1 checkpoints, 1 approvals read.",
        f"The last entry's hash is {last}.",
        f"Approvals signed by suzuki {fingerprint}",
        "All is well: the chain is sound, and every signature that is in it fits.",
    ]
    assert code == 0
    assert last in (folder / "README.md").read_text()
    assert last in (folder / "README.ja.md").read_text()


def test_the_commands_in_the_readme_work(path: Path, material: Material, tmp_path: Path) -> None:
    folder = exported(path, material, tmp_path / "audit")
    (checkpoint,) = (folder / "checkpoints").iterdir()
    text = (folder / "README.md").read_text()
    commands = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    script = "set -eu\n" + "\n".join(commands).replace("NAME.checkpoint", checkpoint.name)
    done = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    first, second = (line for line in lines if line.endswith("  -") or line.startswith('"prev"'))
    assert second == f'"prev":"{first.split()[0]}"'
    assert lines[-1].startswith('Good "daicho-checkpoint" signature for ledger with ED25519 key SHA256:')


def test_an_export_can_be_one_file(path: Path, material: Material, tmp_path: Path) -> None:
    packed = exported(path, material, tmp_path / "audit.tar")
    with tarfile.open(packed) as tar:
        tar.extractall(tmp_path / "out", filter="data")
    assert auditor(VERIFIER, tmp_path / "out" / "audit")[0] == 0


def test_an_export_does_not_overwrite(path: Path, material: Material, tmp_path: Path) -> None:
    with Ledger.open(path) as ledger, pytest.raises(UsageError) as refusal:
        export(ledger, tmp_path, material)
    assert str(refusal.value) == f"{tmp_path} exists already. Give a new name."


def test_the_ledger_fits_its_own_export_and_the_verifier_reads_the_database(
    path: Path, material: Material, tmp_path: Path
) -> None:
    folder = exported(path, material, tmp_path / "audit")
    assert verify(path, against=folder).sound
    assert verify(path, against=folder / "entries.jsonl").sound
    assert (
        auditor(VERIFIER, path, "--key", folder / "ledger.pub", "--checkpoints", folder / "checkpoints")[0]
        == 0
    )


def test_the_verifier_names_what_is_broken(path: Path, material: Material, tmp_path: Path) -> None:
    folder = exported(path, material, tmp_path / "audit")
    lines = (folder / "entries.jsonl").read_text().splitlines(keepends=True)
    at = [line[7:34] for line in lines]

    def broken(changed: list[str]) -> list[str]:
        (folder / "entries.jsonl").write_text("".join(changed))
        code, said = auditor(VERIFIER, folder)
        assert code == 4
        return [line.removeprefix("BROKEN  ") for line in said if line.startswith("BROKEN")]

    assert broken([*lines[:3], lines[3].replace("sato", "kato"), *lines[4:]]) == [
        (
            "Entry 4 was changed or replaced: "
            f"entry 5 (target.intended, {at[4]}), which follows it, names another hash."
        )
    ]
    assert broken([*lines[:3], *lines[4:]]) == [
        f"Entry 4 is missing before entry 5 (target.intended, {at[4]})."
    ]
    (checkpoint,) = (folder / "checkpoints").iterdir()
    made = checkpoint.read_text().splitlines()[3]
    assert broken(lines[:7]) == [
        f"Checkpoint {checkpoint.name} ({made}) fixes 8 entries, but there are only 7: the end was cut off."
    ]
    assert broken([*lines[:7], lines[7].replace("sato", "kato")]) == [
        f"Checkpoint {checkpoint.name} ({made}) fixes another entry 8: the history was rewritten."
    ]
    assert broken([*lines[:2], "nonsense\n", *lines[3:]]) == [
        "Line 3 is not an entry of a ledger.",
        (
            "Entry 3 was changed or replaced: "
            f"entry 4 (target.intended, {at[3]}), which follows it, names another hash."
        ),
    ]


def test_the_verifier_names_an_altered_row_of_a_database(path: Path) -> None:
    tamper(path, "UPDATE entry SET text = replace(text, 'sato', 'kato') WHERE seq = 10")
    code, lines = auditor(VERIFIER, path)
    assert code == 4
    assert lines[0].startswith("BROKEN  Entry 10 (target.intended, ")
    assert lines[0].endswith("): its text and its hash do not belong together.")


def test_an_approval_whose_statement_was_exchanged_is_named(material: Material, tmp_path: Path) -> None:
    signed = approval(tmp_path)
    with Ledger.create(tmp_path / "ledger.db") as ledger:
        body = {**signed.body, "statement": "daicho approve\nchange: C2\n"}
        (entry,) = ledger.append(Draft("approval.given", "C2", "suzuki", body))
    code, lines = auditor(VERIFIER, tmp_path / "ledger.db")
    assert (code, lines[0]) == (
        4,
        (
            f"BROKEN  Entry 1 (approval.given, {entry.text[7:34]}): the signature of suzuki does not fit: "
            "Signature verification failed: incorrect signature."
        ),
    )
    assert material.verifier == VERIFIER


def test_without_ssh_keygen_it_says_what_was_not_checked(
    path: Path, material: Material, tmp_path: Path
) -> None:
    folder = exported(path, material, tmp_path / "audit")
    code, lines = auditor(VERIFIER, folder, path=str(tmp_path))
    assert code == 3
    assert lines[:2] == [
        "UNKNOWN The approvals' signatures were not checked: ssh-keygen is not on this machine.",
        "UNKNOWN The checkpoints' signatures were not checked: no ssh-keygen here.",
    ]


def test_a_checkpoint_signed_by_another_key_is_named(path: Path, material: Material, tmp_path: Path) -> None:
    folder = exported(path, material, tmp_path / "audit")
    shutil.copy(tmp_path / "approver.pub", folder / "ledger.pub")
    code, lines = auditor(VERIFIER, folder)
    (checkpoint,) = (folder / "checkpoints").iterdir()
    assert code == 4
    assert lines[0].startswith(f"BROKEN  Checkpoint {checkpoint.name} is not signed by the ledger's key: ")


def test_wrong_usage_is_said(tmp_path: Path) -> None:
    assert auditor(VERIFIER, tmp_path / "none") == (2, [f"There is no file {tmp_path / 'none'}. Try --help."])
    assert auditor(VERIFIER)[0] == 2


def test_the_verifier_is_python_3_9_and_standard_library_only() -> None:
    tree = ast.parse(VERIFIER.read_text(), feature_version=(3, 9))
    imported = {
        alias.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names
