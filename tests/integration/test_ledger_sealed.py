"""Personal data: sealed, opened, erased, and gone from every file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from daicho.errors import LedgerBroken, UnknownObject
from daicho.ledger import Draft, Ledger
from daicho.ledger.sealed import Erased, erase, open_sealed, seal
from daicho.ledger.verify import verify
from tests.ledgers import sqlite

if TYPE_CHECKING:
    from pathlib import Path

PHONE = "090-1234-5678"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "ledger.db"
    Ledger.create(path).close()
    return path


def contents(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.iterdir())


def test_a_sealed_value_is_opened_again_and_stands_nowhere_in_clear(path: Path) -> None:
    with Ledger.open(path) as ledger:
        sealed = seal(ledger, "山田花子", PHONE)
        (entry,) = ledger.append(Draft("user.requested", "U1", "sato", {"phone": sealed}))
        assert open_sealed(ledger, entry.body["phone"]) == PHONE
        assert seal(ledger, "山田花子", PHONE)["person"] == sealed["person"]
        assert (
            seal(ledger, "山田花子", PHONE)["sealed"] != sealed["sealed"]
        )  # equal values are not seen to be
        assert PHONE.encode() not in contents(path.parent)
        assert "山田" not in entry.text


def test_erasing_leaves_the_chain_sound_and_says_erased(path: Path) -> None:
    with Ledger.open(path) as ledger:
        sealed, other = seal(ledger, "山田花子", PHONE), seal(ledger, "佐藤", "1")
        ledger.append(Draft("user.requested", "U1", "sato", {"phone": sealed}))
        (key, salt) = sqlite(
            path,
            "SELECT hex(key), hex(salt) FROM sealed_person JOIN sealed_value USING (id) "
            "WHERE person = '山田花子'",
        ).split("|")
        entry = erase(ledger, "山田花子", by="suzuki", why="retention of 3 years is over")
        with pytest.raises(Erased) as refusal:
            open_sealed(ledger, sealed)
        assert str(refusal.value) == (
            f"The personal data of {sealed['person']} was erased on {entry.at:%Y-%m-%d} (entry 2)."
        )
        assert open_sealed(ledger, other) == "1"
        assert verify(ledger).findings == ()
        left = contents(path.parent)
        assert bytes.fromhex(key) not in left
        assert bytes.fromhex(salt) not in left
        assert "山田花子".encode() not in left
        with pytest.raises(UnknownObject):
            erase(ledger, "山田花子", by="suzuki", why="again")


def test_a_value_exchanged_beside_the_chain_is_found(path: Path) -> None:
    with Ledger.open(path) as ledger:
        sealed, other = seal(ledger, "山田", "1"), seal(ledger, "山田", "2")
        sqlite(
            path,
            "UPDATE sealed_value SET (salt, nonce, ciphertext) = ("  # noqa: S608 -- our own words
            "SELECT salt, nonce, ciphertext FROM sealed_value "
            f"WHERE commitment = '{other['sealed']}') WHERE commitment = '{sealed['sealed']}'",
        )
        with pytest.raises(LedgerBroken) as refusal:
            open_sealed(ledger, sealed)
    assert str(refusal.value) == (
        f"The ledger is broken beside the chain: the sealed value {sealed['sealed']} is not the one that was "
        "committed to"
    )


def test_what_was_never_sealed_is_unknown(path: Path) -> None:
    with Ledger.open(path) as ledger, pytest.raises(UnknownObject) as refusal:
        open_sealed(ledger, {"sealed": "ab", "person": "person-1"})
    assert str(refusal.value) == "There is no sealed value 'ab'. `daicho ledger log` lists them."
