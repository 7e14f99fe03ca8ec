-- One row per run, one per target of a run, one lock per target that an open run holds.
CREATE TABLE run (
    id        TEXT PRIMARY KEY,
    number    INTEGER NOT NULL UNIQUE,
    change    TEXT NOT NULL,
    work      TEXT NOT NULL,
    kind      TEXT NOT NULL,
    operator  TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    state     TEXT NOT NULL,
    reviewed  TEXT,
    nonce     TEXT NOT NULL
);
CREATE INDEX run_by_change ON run (change, number);
CREATE INDEX run_by_nonce ON run (nonce);
CREATE INDEX run_open ON run (closed_at) WHERE closed_at IS NULL;
CREATE TABLE run_target (
    run         TEXT NOT NULL,
    target      TEXT NOT NULL,
    intended_at TEXT,
    outcome     TEXT,
    why         TEXT NOT NULL DEFAULT '',
    ended_at    TEXT,
    PRIMARY KEY (run, target)
) WITHOUT ROWID;
CREATE INDEX run_target_by_target ON run_target (target, run);
CREATE TABLE target_lock (
    target TEXT PRIMARY KEY,
    run    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX target_lock_by_run ON target_lock (run);
