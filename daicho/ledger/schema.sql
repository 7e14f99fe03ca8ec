-- The ledger's own tables. Projections bring theirs (Projection.schema) and can always be made again.

-- The chain. `kind` and `of` stand in the text as well, and the trigger holds them equal to it; they are
-- columns for the indexes' sake (json_extract is barred from a schema that is not trusted).
CREATE TABLE entry (
    seq  INTEGER PRIMARY KEY,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    text TEXT NOT NULL,
    kind TEXT NOT NULL,
    of   TEXT NOT NULL,
    at   TEXT GENERATED ALWAYS AS (substr(text, 8, 27)) VIRTUAL
) STRICT;

CREATE INDEX entry_of ON entry (of, seq);
CREATE INDEX entry_kind ON entry (kind, seq);

-- SQLite cannot compute sha256, but it can see that an entry follows the last one. Because the
-- sequence may only go up by one, there is never a row that INSERT OR REPLACE could replace.
CREATE TRIGGER entry_follows BEFORE INSERT ON entry BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: an entry must have the next sequence number')
    WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry);
    SELECT RAISE(ABORT, 'the ledger is append-only: an entry must begin with its time')
    WHERE NEW.text NOT GLOB '{"at":"????-??-??T??:??:??.??????Z",*';
    SELECT RAISE(ABORT, 'the ledger is append-only: an entry must end with the hash of the one before')
    FROM (
        SELECT ',"kind":"' || NEW.kind || '","of":"' || NEW.of || '","prev":"' || coalesce(
            (SELECT hash FROM entry WHERE seq = NEW.seq - 1), printf('%064d', 0)
        ) || '","seq":' || NEW.seq || '}' AS tail
    )
    WHERE substr(NEW.text, -length(tail)) IS NOT tail;
END;

CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: an entry cannot be changed');
END;

CREATE TRIGGER entry_remains BEFORE DELETE ON entry BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: an entry cannot be deleted');
END;

-- Which projections stand in this file, made by which schema, and up to which entry.
CREATE TABLE projection (
    name    TEXT PRIMARY KEY,
    digest  TEXT NOT NULL,
    objects TEXT NOT NULL,
    seq     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Written and synced to prove that an entry could be: check_writable().
CREATE TABLE probe (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    at  TEXT NOT NULL
) STRICT;

-- Personal data that can be erased (sealed.py). Not projections: they hold what the chain only commits to.
CREATE TABLE sealed_person (
    person TEXT PRIMARY KEY,
    id     TEXT NOT NULL UNIQUE,
    key    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sealed_value (
    commitment TEXT PRIMARY KEY,
    id         TEXT NOT NULL REFERENCES sealed_person (id) ON DELETE CASCADE,
    salt       BLOB NOT NULL,
    nonce      BLOB NOT NULL,
    ciphertext BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sealed_value_id ON sealed_value (id);
