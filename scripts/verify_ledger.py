#!/usr/bin/env python3
"""Check a daicho ledger without daicho: an export's folder, its entries.jsonl, or a ledger.db.

Python 3.9 or later and its standard library are enough. Signatures are checked by
`ssh-keygen -Y verify` (OpenSSH 8.1 or later) when it is on this machine.

    python3 verify_ledger.py EXPORT-FOLDER
    python3 verify_ledger.py entries.jsonl --key ledger.pub --checkpoints FOLDER

Exit codes: 0 all is well, 4 something is broken, 3 something could not be checked, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Iterator  # noqa: UP035 -- Python 3.9 evaluates some of them

OK, USAGE, COULD_NOT_TELL, BROKEN = 0, 2, 3, 4
ZEROS = b"0" * 64
SHOWN = 20
CHECKPOINT = re.compile(
    r"(daicho/[0-9a-f]{16})\n([1-9][0-9]*)\n([0-9a-f]{64})\n([-0-9T:.]+Z)\n\n"
    r"(-----BEGIN SSH SIGNATURE-----\n.*)",
    re.DOTALL,
)


class Account:
    """What was seen so far, said at the end."""

    def __init__(self) -> None:
        self.entries = 0
        self.head = ZEROS
        self.first = ""
        self.approvals = 0
        self.approvers: dict[str, int] = {}
        self.broken: list[str] = []
        self.unchecked: list[str] = []
        self.marks: dict[int, bytes] = {}

    def wrong(self, what: str) -> None:
        """Something is broken."""
        if len(self.broken) < SHOWN:
            self.broken.append(what)
        elif len(self.broken) == SHOWN:
            self.broken.append("... and more; only the first are named.")

    def untold(self, what: str) -> None:
        """Something could not be checked."""
        if what not in self.unchecked:
            self.unchecked.append(what)


def read_lines(path: Path) -> Iterator[tuple[str | None, bytes]]:
    """(recorded hash if the source has one, text) of each entry of a JSONL file or a ledger.db."""
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\x00":
            file.seek(0)
            for line in file:
                yield None, line[:-1] if line.endswith(b"\n") else line
            return
    connection = sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT hash, CAST(text AS BLOB) FROM entry NOT INDEXED ORDER BY seq")
        yield from rows
    finally:
        connection.close()


def check_chain(source: Path, wanted: dict[int, Any], signatures: Signatures, account: Account) -> None:
    """Read every entry once; remember the hashes that checkpoints speak about."""
    prev: bytes | None = ZEROS
    seq = 0
    for recorded, text in read_lines(source):
        seq += 1
        account.entries += 1
        digest = hashlib.sha256(text).hexdigest()
        if recorded is not None and recorded != digest:
            account.wrong(f"Entry {name(seq, text)}: its text and its hash do not belong together.")
        if prev is None or not text.endswith(b',"prev":"%b","seq":%d}' % (prev, seq)):
            seq = explain(seq, text, prev, account)
        if seq == 1:
            account.first = digest
        if seq in wanted:
            account.marks[seq] = digest.encode()
        prev = digest.encode()
        if b'"kind":"approval.given"' in text:
            check_approval(seq, text, signatures, account)
    account.head = prev or ZEROS


def explain(expected: int, text: bytes, prev: bytes | None, account: Account) -> int:
    """Say in words why an entry does not follow the one before; the number to go on from."""
    fields = parse(text)
    own = fields.get("seq")
    if not isinstance(own, int) or not isinstance(fields.get("prev"), str):
        account.wrong(f"Line {expected} is not an entry of a ledger.")
        return expected
    if own != expected:
        if own > expected:
            gone = f"Entry {expected} is" if own == expected + 1 else f"Entries {expected} to {own - 1} are"
            account.wrong(f"{gone} missing before entry {name(own, text)}.")
        else:
            account.wrong(f"Entry {name(own, text)} stands where entry {expected} should be: reordered.")
        return own
    if prev is not None and fields["prev"].encode() != prev:
        account.wrong(
            f"Entry {expected - 1} was changed or replaced: entry {name(expected, text)}, which follows it, "
            "names another hash."
        )
    elif not text.endswith(b',"seq":%d}' % own):
        account.wrong(f"Entry {name(expected, text)} is not in canonical form.")
    return expected


def parse(text: bytes) -> dict[str, Any]:
    """The entry's fields, or none."""
    try:
        fields = json.loads(text)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def name(seq: int, text: bytes) -> str:
    """An entry for a human: its number, kind and time."""
    fields = parse(text)
    return f"{seq} ({fields.get('kind')}, {fields.get('at')})" if fields else str(seq)


class Signatures:
    """`ssh-keygen -Y verify`, if this machine has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = shutil.which("ssh-keygen")

    def fault(self, message: str, signature: str, key: str, namespace: str) -> str | None:
        """Why the signature does not fit; an empty string when it could not be checked."""
        if self.program is None:
            return ""
        if "\n" in key.strip():
            return "the key is more than one line"
        allowed, armoured = self.folder / "allowed_signers", self.folder / "signature"
        allowed.write_text(f'signer namespaces="{namespace}" {key.strip()}\n', encoding="utf-8")
        armoured.write_text(signature, encoding="utf-8")
        done = subprocess.run(
            [
                self.program,
                "-Y",
                "verify",
                "-f",
                str(allowed),
                "-I",
                "signer",
                "-n",
                namespace,
                "-s",
                str(armoured),
            ],
            input=message.encode(),
            capture_output=True,
            check=False,
        )
        if done.returncode == 0:
            return None
        lines = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "ssh-keygen refused it"


def check_approval(seq: int, text: bytes, signatures: Signatures, account: Account) -> None:
    """The signature of an approval must fit the statement that was shown to the approver."""
    fields = parse(text)
    body = fields.get("body")
    if fields.get("kind") != "approval.given" or not isinstance(body, dict):
        return
    account.approvals += 1
    parts = [body.get(part) for part in ("statement", "signature", "key", "approver")]
    if not all(isinstance(part, str) for part in parts):
        account.wrong(
            f"Entry {name(seq, text)}: the approval lacks its statement, signature, key or approver."
        )
        return
    statement, signature, key, approver = (str(part) for part in parts)
    why = signatures.fault(statement, signature, key, "daicho-approval")
    if why:
        account.wrong(f"Entry {name(seq, text)}: the signature of {approver} does not fit: {why}.")
    elif why is None:
        account.approvers[f"{approver} {fingerprint(key)}"] = seq
    else:
        account.untold("The approvals' signatures were not checked: ssh-keygen is not on this machine.")


def fingerprint(key: str) -> str:
    """SHA256:... of a public key line, as `ssh-keygen -l` prints it."""
    import base64  # noqa: PLC0415 -- only here

    try:
        blob = base64.b64decode(key.split()[1], validate=True)
    except (IndexError, ValueError):
        return "?"
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def read_checkpoints(folder: Path | None, account: Account) -> dict[int, list[tuple[str, ...]]]:
    """The checkpoints in a folder by the number of entries that they fix."""
    wanted: dict[int, list[tuple[str, ...]]] = {}
    if folder is None:
        return wanted
    for file in sorted(folder.glob("*.checkpoint")):
        form = CHECKPOINT.fullmatch(file.read_text(encoding="utf-8"))
        if form is None:
            account.wrong(f"{file.name} is not a checkpoint.")
            continue
        wanted.setdefault(int(form[2]), []).append((file.name, *form.groups()))
    return wanted


def check_checkpoints(
    wanted: dict[int, list[tuple[str, ...]]], key: str | None, signatures: Signatures, account: Account
) -> None:
    """Every checkpoint must be signed by the ledger's key, and the ledger must still fit it."""
    for size, checkpoints in sorted(wanted.items()):
        for file, origin, written, digest, at, signature in checkpoints:
            if key is None:
                account.untold("The checkpoints' signatures were not checked: no ledger.pub (give --key).")
            else:
                why = signatures.fault(
                    f"{origin}\n{written}\n{digest}\n{at}\n", signature, key, "daicho-checkpoint"
                )
                if why:
                    account.wrong(f"Checkpoint {file} is not signed by the ledger's key: {why}.")
                    continue
                if why is not None:
                    account.untold("The checkpoints' signatures were not checked: no ssh-keygen here.")
            if size not in account.marks:
                account.wrong(
                    f"Checkpoint {file} ({at}) fixes {size} entries, but there are only {account.entries}: "
                    "the end was cut off."
                )
            elif account.marks[size] != digest.encode():
                account.wrong(
                    f"Checkpoint {file} ({at}) fixes another entry {size}: the history was rewritten."
                )
            elif origin != f"daicho/{account.first[:16]}":
                account.wrong(f"Checkpoint {file} was made of another ledger.")


def say(account: Account, checkpoints: int) -> int:
    """Print the account; the exit code."""
    for line in account.broken:
        print(f"BROKEN  {line}")
    for line in account.unchecked:
        print(f"UNKNOWN {line}")
    print(f"{account.entries} entries, {checkpoints} checkpoints, {account.approvals} approvals read.")
    print(f"The last entry's hash is {account.head.decode()}.")
    for approver in sorted(account.approvers):
        print(f"Approvals signed by {approver}")
    if account.broken:
        print("The ledger is BROKEN: see above.")
        return BROKEN
    if account.unchecked:
        print("The chain is sound, but not everything could be checked: see above.")
        return COULD_NOT_TELL
    print("All is well: the chain is sound, and every signature that is in it fits.")
    if not checkpoints:
        print("Without a checkpoint from elsewhere nobody can see whether the end was cut off.")
    return OK


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        description="Check a daicho ledger without daicho.",
        epilog="Exit codes: 0 all is well, 4 broken, 3 something could not be checked, 2 usage.",
    )
    parser.add_argument("ledger", type=Path, help="an export's folder, an entries.jsonl, or a ledger.db")
    parser.add_argument(
        "--key", type=Path, help="the ledger's public key (default: ledger.pub of the export)"
    )
    parser.add_argument("--checkpoints", type=Path, help="a folder of *.checkpoint files from elsewhere")
    return parser.parse_args()


def main() -> int:
    """Check what was asked for."""
    asked = arguments()
    source: Path = asked.ledger
    key, folder = asked.key, asked.checkpoints
    if source.is_dir():
        key = key or (source / "ledger.pub" if (source / "ledger.pub").is_file() else None)
        folder = folder or (source / "checkpoints" if (source / "checkpoints").is_dir() else None)
        source /= "entries.jsonl"
    for path in (source, key):
        if path is not None and not path.is_file():
            print(f"There is no file {path}. Try --help.", file=sys.stderr)
            return USAGE
    if folder is not None and not folder.is_dir():
        print(f"There is no folder {folder}. Try --help.", file=sys.stderr)
        return USAGE
    account = Account()
    with tempfile.TemporaryDirectory() as scratch:
        signatures = Signatures(Path(scratch))
        wanted = read_checkpoints(folder, account)
        try:
            check_chain(source, wanted, signatures, account)
        except (sqlite3.Error, OSError) as error:
            account.wrong(f"{source} cannot be read after entry {account.entries}: {error}.")
        public = key.read_text(encoding="utf-8") if key else None
        check_checkpoints(wanted, public, signatures, account)
    return say(account, sum(len(each) for each in wanted.values()))


if __name__ == "__main__":
    sys.exit(main())
