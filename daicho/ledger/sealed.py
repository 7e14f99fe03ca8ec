"""Personal data that can be erased without breaking the chain.

An entry's body holds only a commitment, HMAC-SHA256(salt, value); the value lies beside the chain,
AES-256-GCM encrypted under a key of its person's own. Erasing removes key, salt and ciphertext:
what remains in the chain can then neither be opened nor be guessed at.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from daicho.errors import LedgerBroken, LedgerError, UnknownObject
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.ledger.database import query
from daicho.ledger.entry import Draft, Entry

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from daicho.ledger.store import Ledger

ERASED: Final = "person.erased"


class Erased(LedgerError):
    """The value was erased after its retention; that it stood there can still be proved."""

    sentence = N_("The personal data of {person} was erased on {at} (entry {seq}).")


def seal(ledger: Ledger, person: str, value: str) -> dict[str, str]:
    """Lock a value away; put what this returns in an entry's body in its place.

    Args:
        ledger: Where the value is kept, beside the chain.
        person: Whose data it is; the chain shows a random name instead.
        value: What may have to be forgotten.

    Raises:
        LedgerUnwritable: It could not be kept; nothing may refer to it.
    """
    salt, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
    commitment = _commit(salt, value.encode())
    with ledger.transaction() as connection:
        name, key = _person(connection, person)
        ciphertext = AESGCM(key).encrypt(nonce, value.encode(), commitment.encode())
        connection.execute(query("sealed_new"), (commitment, name, salt, nonce, ciphertext))
    return {"sealed": commitment, "person": name}


def open_sealed(ledger: Ledger, sealed: Mapping[str, str]) -> str:
    """The value behind a commitment.

    Raises:
        Erased: Its person's data was erased; the message says when and by which entry.
        LedgerBroken: What lies beside the chain is not what the chain commits to.
        UnknownObject: There never was such a value here.
    """
    commitment, name = sealed["sealed"], sealed["person"]
    rows = ledger.query(query("sealed"), (commitment, name))
    if not rows:
        for entry in ledger.entries(of=name, kind=ERASED, limit=1):
            raise Erased(person=name, at=f"{entry.at:%Y-%m-%d}", seq=entry.seq)
        raise UnknownObject(kind=_("sealed value"), name=commitment, listing="daicho ledger log")
    key, salt, nonce, ciphertext = rows[0]
    try:
        value = AESGCM(key).decrypt(nonce, ciphertext, commitment.encode())
    except InvalidTag:
        value = None
    if value is None or not hmac.compare_digest(_commit(salt, value), commitment):
        why = _("the sealed value {name} is not the one that was committed to").format(name=commitment)
        raise LedgerBroken(_SEALED_BROKEN, why=why)
    return value.decode()


_SEALED_BROKEN: Final = N_("The ledger is broken beside the chain: {why}")


def erase(ledger: Ledger, person: str, *, by: str, why: str) -> Entry:
    """Forget everything sealed for a person, and record that it was done.

    Raises:
        UnknownObject: Nothing is sealed for this person.
        LedgerUnwritable: Nothing was erased.
    """
    rows = ledger.query(query("person"), (person,))
    if not rows:
        raise UnknownObject(kind=_("person with sealed data"), name=person, listing="daicho ledger log")
    draft = Draft(ERASED, rows[0]["id"], by, {"why": why})
    (entry,) = ledger.append(
        draft, also=lambda connection: connection.execute(query("person_erase"), (person,))
    )
    ledger.flush()  # the write-ahead log still holds the erased pages
    return entry


def _person(connection: sqlite3.Connection, person: str) -> tuple[str, bytes]:
    row = connection.execute(query("person"), (person,)).fetchone()
    if row is not None:
        return row["id"], row["key"]
    name, key = "person-" + secrets.token_hex(8), AESGCM.generate_key(256)
    connection.execute(query("person_new"), (person, name, key))
    return name, key


def _commit(salt: bytes, value: bytes) -> str:
    return hmac.new(salt, value, hashlib.sha256).hexdigest()
