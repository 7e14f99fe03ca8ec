"""Every way to falsify a ledger, and the entry that is named."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daicho import sshsig
from daicho.ledger import Ledger
from daicho.ledger import checkpoint as checkpoints
from daicho.ledger.entry import Draft, compose
from daicho.ledger.paper import from_paper, paper
from daicho.ledger.segment import read_segment
from daicho.ledger.verify import verify
from tests.ledgers import draft, fill, sqlite, tamper

COUNT = 12
DIFFERENT = "its text and its hash do not belong together: one of them was changed"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "ledger.db"
    fill(path, COUNT)
    return path


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = tmp_path_factory.mktemp("keys") / "ledger"
    sshsig.make_key(key, "ledger")
    return key


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("original") / "ledger.db"
    fill(path, COUNT)
    return path


def said(path: Path) -> list[str]:
    """The findings, without kind and time."""
    return [str(finding).replace(f" ({finding.kind}, {finding.at})", "") for finding in verify(path).findings]


def test_a_sound_ledger_is_sound(path: Path) -> None:
    report = verify(path)
    assert (report.sound, report.entries, report.findings, report.notes) == (True, COUNT, (), ())


def test_an_empty_ledger_is_sound(tmp_path: Path) -> None:
    Ledger.create(tmp_path / "ledger.db").close()
    assert verify(tmp_path / "ledger.db").sound


@settings(max_examples=60, deadline=None)
@given(seq=st.integers(1, COUNT), data=st.data())
def test_any_byte_that_is_flipped_is_found_at_its_entry(
    original: Path, seq: int, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(original, folder))
        column = data.draw(st.sampled_from(["text", "hash"]))
        value = sqlite(path, f"SELECT {column} FROM entry WHERE seq = {seq}")  # noqa: S608 -- our own words
        place = data.draw(st.integers(0, len(value) - 1))
        bit = data.draw(st.sampled_from([1, 2, 4]))
        changed = value[:place] + chr(ord(value[place]) ^ bit) + value[place + 1 :]
        literal = changed.replace("'", "''")
        tamper(path, f"UPDATE entry SET {column} = '{literal}' WHERE seq = {seq}")  # noqa: S608 -- our own words
        findings = verify(path).findings
    assert [(finding.seq, finding.template) for finding in findings] == [(seq, DIFFERENT)]


@settings(max_examples=25, deadline=None)
@given(position=st.floats(0, 1, exclude_max=True))
def test_a_byte_flipped_in_the_file_never_changes_what_a_sound_ledger_says(
    original: Path, position: float
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(original, folder))
        data = bytearray(path.read_bytes())
        # From the second page on: the first holds SQLite's own header and the schema.
        place = 4096 + int(position * (len(data) - 4096))
        data[place] ^= 1
        path.write_bytes(data)
        texts = sqlite(path, "SELECT text, hash, kind, of FROM entry NOT INDEXED ORDER BY seq")
        assert not verify(path).sound or texts == sqlite(
            original, "SELECT text, hash, kind, of FROM entry NOT INDEXED ORDER BY seq"
        )


@pytest.mark.parametrize(
    ("statements", "findings"),
    [
        (["DELETE FROM entry WHERE seq = 5"], ["Entry 5: it is missing: it was deleted"]),
        (
            ["DELETE FROM entry WHERE seq BETWEEN 1 AND 3"],
            ["Entry 1: it and all entries up to 3 are missing: they were deleted"],
        ),
        (
            [
                "UPDATE entry SET seq = 99 WHERE seq = 5",
                "UPDATE entry SET seq = 5 WHERE seq = 6",
                "UPDATE entry SET seq = 6 WHERE seq = 99",
            ],
            [
                "Entry 5: it stands in the place of another: its own text says that it is entry 6",
                "Entry 6: it stands in the place of another: its own text says that it is entry 5",
                "Entry 6: it was replaced: entry 7, which follows it, names the hash of another entry",
            ],
        ),
        (
            ["UPDATE entry SET kind = 'run.opened' WHERE seq = 4"],
            ["Entry 4: its columns say run.opened of R4, its text says otherwise"],
        ),
        (
            ["UPDATE entry SET text = 'x' WHERE seq = 4", "UPDATE entry SET of = 'R9' WHERE seq = 7"],
            [
                "Entry 4: its text and its hash do not belong together: one of them was changed",
                "Entry 7: its columns say target.intended of R9, its text says otherwise",
            ],
        ),
    ],
)
def test_what_was_done_is_said_and_the_entry_named(
    path: Path, statements: list[str], findings: list[str]
) -> None:
    tamper(path, *statements)
    assert said(path) == findings


def test_an_entry_replaced_with_a_fitting_hash_is_named(path: Path) -> None:
    with Ledger.open(path) as ledger:
        real = ledger.entry(6)
    forged = compose(Draft(real.kind, real.of, "kato", real.body), 6, real.prev, real.at)
    tamper(path, f"UPDATE entry SET text = '{forged.text}', hash = '{forged.hash}' WHERE seq = 6")  # noqa: S608 -- our own words
    assert said(path) == [
        "Entry 6: it was replaced: entry 7, which follows it, names the hash of another entry"
    ]


def test_a_guard_that_is_gone_is_named(path: Path) -> None:
    sqlite(path, "DROP TRIGGER entry_stays", "CREATE TRIGGER spy AFTER INSERT ON entry BEGIN SELECT 1; END")
    assert said(path) == [
        "The trigger entry_stays, which guards the entries, is missing: somebody removed it.",
        "There is a trigger spy on the entries that daicho did not make.",
    ]


def test_a_boundary_between_segments_hides_nothing(path: Path) -> None:
    tamper(path, "DELETE FROM entry WHERE seq IN (4, 5, 8)")
    found = [
        str(finding)
        for low, high in ((0, 4), (4, 8), (8, 12))
        for finding in read_segment(path, low, high).findings
    ]
    assert found == [f"Entry {seq}: it is missing: it was deleted" for seq in (4, 5, 8)]


def test_a_checkpoint_shows_that_the_end_was_cut_off(path: Path, key: Path) -> None:
    with Ledger.open(path) as ledger:
        checkpoint = checkpoints.make(ledger, key)
    printed = from_paper(paper(checkpoint))
    public = key.with_suffix(".pub").read_text()
    assert verify(path, [checkpoint, printed], public_key=public).sound
    tamper(path, "DELETE FROM entry WHERE seq > 9")
    assert verify(path).sound  # the chain alone cannot know
    assert [str(each) for each in verify(path, [checkpoint], public_key=public).findings] == [
        (
            f"Entry 10: it is missing: the checkpoint of {checkpoint.at:%Y-%m-%dT%H:%M:%SZ} fixes "
            "12 entries, the ledger ends at 9: it was cut off"
        )
    ]
    assert not verify(path, [printed]).sound


def test_checkpoints_show_between_which_entries_the_history_was_rewritten(tmp_path: Path, key: Path) -> None:
    made = []
    at = datetime(2026, 4, 1, tzinfo=UTC)
    for name, by in (("true", "sato"), ("forged", "kato")):
        with Ledger.create(tmp_path / name / "ledger.db") as ledger:
            ledger.append(*(draft(number) for number in range(4)), at=at)
            made.append(checkpoints.make(ledger, key))
            ledger.append(*(draft(number, who=by) for number in range(4)), at=at)
            made.append(checkpoints.make(ledger, key))
    first, second = made[:2]
    forged = tmp_path / "forged" / "ledger.db"
    assert verify(forged).sound
    assert [str(each) for each in verify(forged, [second, first]).findings] == [
        (
            f"Entry 8: it is not the entry that the checkpoint of {second.at:%Y-%m-%dT%H:%M:%SZ} fixes: "
            "the history was rewritten between entry 5 and entry 8"
        )
    ]


def test_a_forged_checkpoint_is_named(path: Path, key: Path, tmp_path: Path) -> None:
    with Ledger.open(path) as ledger:
        sshsig.make_key(tmp_path / "other", "other")
        forged = checkpoints.make(ledger, tmp_path / "other")
    public = key.with_suffix(".pub").read_text()
    (finding,) = verify(path, [forged], public_key=public).findings
    assert str(finding).startswith(
        f"The checkpoint of {forged.at:%Y-%m-%dT%H:%M:%SZ} over 12 entries is not signed by "
        "the ledger's key: "
    )


def test_a_checkpoint_of_another_ledger_is_not_taken(path: Path, key: Path, tmp_path: Path) -> None:
    fill(tmp_path / "other.db", COUNT)
    with Ledger.open(tmp_path / "other.db") as ledger:
        other = checkpoints.make(ledger, key)
    assert not verify(path, [other]).sound


def test_a_fork_is_found_by_a_copy(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    for each, number in ((path, 1), (copy, 2)):
        with Ledger.open(each) as ledger:
            ledger.append(draft(number))
    assert [str(each) for each in verify(path, against=copy).findings] == [
        f"Entry 13: it differs from the copy {copy}: from here on there are two histories"
    ]
    tamper(path, "DELETE FROM entry WHERE seq = 13")
    assert [str(each) for each in verify(path, against=copy).findings] == [
        f"Entry 13: it is missing: the copy {copy} goes on where the ledger ends: it was cut off"
    ]


def test_a_clock_that_went_back_is_a_note_only(path: Path) -> None:
    with Ledger.open(path) as ledger:
        before = ledger.head().at
        assert before is not None
        ledger.append(draft(), at=datetime(2020, 1, 1, tzinfo=UTC))
    report = verify(path)
    assert report.sound
    assert [str(note) for note in report.notes] == [
        (
            "Entry 13 (target.intended, 2020-01-01T00:00:00.000000Z): the clock went back: "
            "the entry before was "
            f"recorded at {before:%Y-%m-%dT%H:%M:%S.%fZ}"
        )
    ]


def test_many_processes_say_the_same_as_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tamper(path, "UPDATE entry SET text = 'x' WHERE seq IN (4, 9)")
    alone = verify(path).findings
    monkeypatch.setattr("daicho.ledger.verify._SEGMENT", 5)
    monkeypatch.setattr("daicho.ledger.verify._WORTH_PROCESSES", 1)
    seen: list[tuple[int, int]] = []
    assert verify(path, progress=lambda done, total: seen.append((done, total))).findings == alone
    assert seen == [(5, 12), (10, 12), (12, 12)]
