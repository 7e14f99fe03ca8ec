-- One row per check (a baseline is one too), one per item with its newest verdict, one per cause.
CREATE TABLE inspection (
    id        TEXT PRIMARY KEY,
    number    INTEGER NOT NULL UNIQUE,
    work      TEXT NOT NULL,
    change    TEXT,
    operator  TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    state     TEXT NOT NULL,
    deadline  TEXT,
    baseline  TEXT,
    exit      INTEGER,
    signers   TEXT NOT NULL DEFAULT '',
    recorded  INTEGER
);
CREATE INDEX inspection_open ON inspection (closed_at) WHERE closed_at IS NULL;
CREATE INDEX inspection_by_work ON inspection (work, number);
CREATE TABLE inspection_item (
    inspection TEXT NOT NULL,
    item       TEXT NOT NULL,
    verdict    TEXT NOT NULL,
    at         TEXT NOT NULL,
    PRIMARY KEY (inspection, item)
) WITHOUT ROWID;
CREATE INDEX inspection_item_by_item ON inspection_item (item, inspection);
CREATE TABLE inspection_cause (
    inspection      TEXT NOT NULL,
    cause           TEXT NOT NULL,
    detected_at     TEXT NOT NULL,
    recovered_at    TEXT,
    notified_at     TEXT,
    told_at         TEXT,
    acknowledged_by TEXT,
    acknowledged_at TEXT,
    PRIMARY KEY (inspection, cause)
) WITHOUT ROWID;
