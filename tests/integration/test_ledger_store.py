"""Append and read; what the database itself refuses; projections."""

from __future__ import annotations

import stat
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from daicho.errors import LedgerError, LedgerUnwritable, UnknownObject
from daicho.ledger import Draft, Ledger
from tests.ledgers import RunState, draft, fill, sqlite

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = "seq, hash, text, kind, of"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.db"


def test_what_is_appended_is_read_back_by_another_process(path: Path) -> None:
    at = datetime(2026, 4, 1, tzinfo=UTC)
    with Ledger.create(path) as ledger:
        assert ledger.head().seq == 0
        first, second = ledger.append(draft(1), draft(2), at=at)
        assert ledger.append() == ()
        assert sqlite(path, "SELECT text FROM entry ORDER BY seq") == f"{first.text}\n{second.text}"
        assert second.prev == first.hash
        head = ledger.head()
        assert (head.seq, head.hash, head.at) == (2, second.hash, at)
        assert ledger.entry(1) == first


def test_file_and_folder_are_for_their_owner_only(path: Path) -> None:
    with Ledger.create(path) as ledger:
        ledger.append(draft())
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert modes == {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_entries_are_chosen_by_subject_and_kind(path: Path) -> None:
    with Ledger.create(path) as ledger:
        for number in range(1200):  # more than one page
            kind = ("run.opened", "run.closed", "runs.x", "item.changed")[number % 4]
            ledger.append(Draft(kind, f"R{number % 3}", "sato"))

        def chosen(**by: object) -> list[int]:
            return [entry.seq for entry in ledger.entries(**by)]  # type: ignore[arg-type]

        numbers = range(1, 1201)
        assert chosen() == list(numbers)
        assert chosen(reverse=True) == list(reversed(numbers))
        assert chosen(kind="run.") == [n for n in numbers if n % 4 in {1, 2}]
        assert chosen(kind="run.closed", reverse=True, limit=2) == [1198, 1194]
        assert chosen(of="R1", after=1190) == [1193, 1196, 1199]
        assert chosen(of="R1", kind="run.", after=1180, reverse=True) == [1193, 1190, 1181]
        assert chosen(limit=0) == []


def test_an_entry_that_is_not_there_is_said(path: Path) -> None:
    with Ledger.create(path) as ledger, pytest.raises(UnknownObject) as refusal:
        ledger.entry(7)
    assert str(refusal.value) == "There is no entry '7'. `daicho ledger log` lists them."


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE entry SET text = replace(text, 'sato', 'kato') WHERE seq = 2", "an entry cannot be changed"),
        ("UPDATE OR IGNORE entry SET seq = 9 WHERE seq = 3", "an entry cannot be changed"),
        ("DELETE FROM entry", "an entry cannot be deleted"),
        ("DELETE FROM entry WHERE seq = 3", "an entry cannot be deleted"),
        (
            "INSERT OR REPLACE INTO entry ({columns}) SELECT {columns} FROM entry",
            "an entry must have the next sequence number",
        ),
        (
            (
                "INSERT INTO entry ({columns}) SELECT {columns} FROM entry "
                "WHERE seq = 2 ON CONFLICT (seq) DO UPDATE SET text = excluded.text"
            ),
            "an entry must have the next sequence number",
        ),
        (
            "INSERT INTO entry (hash, text, kind, of) SELECT hash, text, kind, of FROM entry WHERE seq = 3",
            "an entry must have the next sequence number",
        ),
        (
            "INSERT INTO entry ({columns}) SELECT 5, hash, text, kind, of FROM entry WHERE seq = 3",
            "an entry must have the next sequence number",
        ),
        (
            (
                "INSERT OR IGNORE INTO entry ({columns}) SELECT 4, hash, text, kind, of FROM entry "
                "WHERE seq = 3"
            ),
            "an entry must end with the hash of the one before",
        ),
        (
            "INSERT INTO entry ({columns}) SELECT 4, hash, '{}', kind, of FROM entry WHERE seq = 3",
            "an entry must begin with its time",
        ),
    ],
)
def test_the_database_itself_refuses_all_but_the_next_entry(path: Path, statement: str, why: str) -> None:
    fill(path, 3)
    before = sqlite(path, "SELECT * FROM entry")
    assert f"the ledger is append-only: {why}" in sqlite(path, statement.replace("{columns}", COLUMNS))
    assert sqlite(path, "SELECT * FROM entry") == before


def test_a_kind_that_the_text_does_not_say_is_refused_by_the_database(path: Path) -> None:
    with Ledger.create(path) as ledger:
        ledger.append(draft())
        next_text = ledger.append(draft())[0]
    statement = (
        f"INSERT INTO entry ({COLUMNS}) SELECT 1, hash, text, 'run.opened', of FROM old.entry WHERE seq = 1"  # noqa: S608 -- our own words
    )
    other = path.with_name("other.db")
    Ledger.create(other).close()
    answer = sqlite(other, f"ATTACH '{path}' AS old", statement)
    assert "an entry must end with the hash of the one before" in answer
    assert next_text.seq == 2


def test_a_body_without_canonical_form_writes_nothing(path: Path) -> None:
    with Ledger.create(path) as ledger:
        with pytest.raises(ValueError, match="float has no canonical JSON form"):
            ledger.append(draft(), draft(weight=1.5))
        assert ledger.head().seq == 0


def test_threads_share_a_transaction_and_each_gets_its_own_entries(path: Path) -> None:
    got: dict[int, list[int]] = {}

    def work(number: int) -> None:
        got[number] = []
        for turn in range(10):
            for entry in ledger.append(draft(number, turn=turn), draft(number, turn=turn)):
                assert entry.body["target"] == f"pc-{number:05}"
                got[number].append(entry.seq)

    with Ledger.create(path) as ledger:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(seq for seqs in got.values() for seq in seqs) == list(range(1, 401))
        assert all(seqs == sorted(seqs) for seqs in got.values())


def test_a_newer_ledger_is_refused_with_a_sentence(path: Path) -> None:
    Ledger.create(path).close()
    sqlite(path, "PRAGMA user_version = 2")
    with pytest.raises(LedgerError) as refusal:
        Ledger.open(path)
    assert str(refusal.value) == (
        f"The ledger cannot be used: {path} was written by a newer daicho "
        "(schema 2, this one knows 1). Upgrade daicho."
    )


def test_what_is_not_a_ledger_is_refused(path: Path) -> None:
    with pytest.raises(LedgerError) as refusal:
        Ledger.open(path)
    assert (
        str(refusal.value) == f"The ledger cannot be used: there is none at {path}. `daicho init` makes one."
    )
    path.parent.mkdir()
    sqlite(path, "CREATE TABLE x (y)")
    with pytest.raises(LedgerError) as refusal:
        Ledger.open(path)
    assert str(refusal.value) == f"The ledger cannot be used: {path} is not a ledger of daicho"
    with pytest.raises(LedgerError) as refusal:
        Ledger.create(path)
    assert str(refusal.value) == f"The ledger cannot be used: {path} exists already"


def test_projections_follow_the_chain(path: Path) -> None:
    with Ledger.create(path, [RunState()]) as ledger:
        ledger.append(Draft("run.opened", "R1", "sato"), draft(), Draft("run.closed", "R1", "sato"))
        assert [tuple(row) for row in ledger.query("SELECT * FROM run_state")] == [("R1", "run.closed", 2)]
        with pytest.raises(LedgerError, match="attempt to write a readonly database"):
            ledger.query("DELETE FROM run_state")


def test_a_projection_that_was_absent_catches_up(path: Path) -> None:
    opened = Draft("run.opened", "R1", "sato")
    with Ledger.create(path) as plain:
        plain.append(opened)
        with Ledger.open(path, [RunState()]) as ledger:
            plain.append(opened)
            ledger.append(opened)
            assert [tuple(row) for row in ledger.query("SELECT * FROM run_state")] == [
                ("R1", "run.opened", 3)
            ]


def test_a_projection_with_a_new_schema_is_made_again(path: Path) -> None:
    class Wider(RunState):
        schema = RunState.schema + "CREATE INDEX run_state_by ON run_state (state);"

    with Ledger.create(path, [RunState()]) as ledger:
        ledger.append(Draft("run.opened", "R1", "sato"))
    with Ledger.open(path, [Wider()]) as ledger:
        assert [tuple(row) for row in ledger.query("SELECT * FROM run_state")] == [("R1", "run.opened", 1)]
        assert ledger.projections_differ() == []
    assert sqlite(path, "SELECT name FROM sqlite_schema WHERE name = 'run_state_by'") == "run_state_by"


def test_a_projection_that_refuses_an_entry_keeps_it_out_of_the_chain(path: Path) -> None:
    with Ledger.create(path, [RunState()]) as ledger:
        with pytest.raises(ValueError, match="this run is not wanted"):
            ledger.append(
                Draft("run.opened", "R1", "sato"), Draft("run.opened", "R2", "sato", {"refuse": True})
            )
        assert (ledger.head().seq, ledger.query("SELECT * FROM run_state")) == (0, [])


def test_a_projection_edited_by_hand_is_named_and_made_again(path: Path) -> None:
    with Ledger.create(path, [RunState()]) as ledger:
        ledger.append(Draft("run.opened", "R1", "sato"), Draft("run.opened", "R2", "sato"))
        assert ledger.projections_differ() == []
        sqlite(
            path,
            "UPDATE run_state SET state = 'run.closed' WHERE run = 'R1'",
            "DELETE FROM run_state WHERE run = 'R2'",
        )
        assert ledger.projections_differ() == [
            (
                "Table run_state has the row run 'R1', state 'run.closed', times 1, "
                "which the chain does not give."
            ),
            "Table run_state lacks the row run 'R1', state 'run.opened', times 1, which the chain gives.",
            "Table run_state lacks the row run 'R2', state 'run.opened', times 1, which the chain gives.",
        ]
        seen: list[tuple[int, int]] = []
        ledger.rebuild(lambda done, total: seen.append((done, total)))
        assert (ledger.projections_differ(), seen) == ([], [(2, 2)])
        sqlite(path, "DROP TABLE run_state")
        assert ledger.projections_differ() == [
            "Table run_state is missing. `daicho ledger rebuild` makes it again."
        ]
        ledger.rebuild()
        assert ledger.projections_differ() == []


def test_a_ledger_opened_for_reading_does_not_write(path: Path) -> None:
    fill(path, 2)
    with Ledger.open(path, read_only=True) as ledger:
        assert ledger.head().seq == 2
        with pytest.raises(LedgerUnwritable) as refusal:
            ledger.append(draft())
    assert str(refusal.value) == (
        f"The ledger {path} cannot be written (it was opened for reading). Nothing was started. "
        "Open it for writing."
    )
