"""What verification says of signatures, and of a ledger whose end was cut off."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING, Any

from daicho import sshsig
from daicho.approval import NAMESPACE
from daicho.ledger import checkpoint
from daicho.ledger.verify import verify
from daicho.life.approving import approve, to_sign
from daicho.life.auditing import fix_head, unsound_signatures
from daicho.records.changes import change_record

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bureau import Bureau


def forged(bureau: Bureau, change: str, **more: Any) -> None:
    """An approval written into the ledger by somebody who can write it, but has no key of suzuki's."""
    with bureau.site("sato") as site:
        record = change_record(site.ledger, change)
        text = to_sign(record)
    key = bureau.keys["yamada"]
    body = {
        "approver": "suzuki",
        "statement": text,
        "signature": sshsig.sign(text.encode(), key=key, namespace=NAMESPACE),
        "key": " ".join(bureau.keys["suzuki"].with_suffix(".pub").read_text().split()[:2]),
        "subject": record.subject.as_json() if record.subject else {},
    }
    bureau.record("approval.given", change, by="suzuki", **(body | more))


def findings(bureau: Bureau) -> list[str]:
    with bureau.site("sato") as site:
        return unsound_signatures(site.ledger)


def test_an_approval_that_was_given_holds(bureau: Bureau) -> None:
    change = bureau.request()
    bureau.plan(change)
    with bureau.site("suzuki") as site:
        approve(site, change, key=bureau.keys["suzuki"])
    assert findings(bureau) == []


def test_an_approval_that_nobody_signed_is_named(bureau: Bureau) -> None:
    change = bureau.request()
    bureau.plan(change)
    forged(bureau, change)
    [said] = findings(bureau)
    assert said.startswith("Entry ")
    assert "the signature of suzuki under C1 does not hold: " in said


def test_a_key_that_the_policy_never_knew_is_named(bureau: Bureau) -> None:
    change = bureau.request()
    bureau.plan(change)
    stranger = " ".join(bureau.keys["yamada"].with_suffix(".pub").read_text().split()[:2])
    forged(bureau, change, key=stranger)
    [said] = findings(bureau)
    assert said.endswith("does not hold: the policy of that time knows no such key of theirs.")


def test_an_approval_moved_to_another_change_is_named(bureau: Bureau) -> None:
    first, second = bureau.request(), bureau.request()
    bureau.plan(first)
    bureau.plan(second)
    with bureau.site("suzuki") as site:
        approve(site, first, key=bureau.keys["suzuki"])
        given = next(site.ledger.entries(of=first, kind="approval.given"))
    bureau.record("approval.given", second, by="suzuki", **given.body)
    [said] = findings(bureau)
    assert said.endswith("under C2 does not hold: the signed text names another change.")


def test_a_ledger_whose_end_was_cut_off_is_found_by_the_second_place(bureau: Bureau, tmp_path: Path) -> None:
    bureau.request()
    settings = bureau.settings("sato")
    with bureau.site("sato") as site:
        fix_head(site)
        head = site.ledger.head()
    elsewhere = shutil.copytree(settings.checkpoints, tmp_path / "elsewhere")
    with sqlite3.connect(settings.ledger) as database:
        triggers = [
            row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ]
        for name in triggers:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("DELETE FROM entry WHERE seq = ?", (head.seq,))
    database.close()
    report = verify(settings.ledger, checkpoint.kept(elsewhere))
    assert not report.sound
    assert any(f"{head.seq}" in str(finding) for finding in report.findings)
