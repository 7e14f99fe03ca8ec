-- One row per change: its newest state. The projection refuses illegal moves, so that two
-- commands that race cannot both win.
CREATE TABLE change (
    id           TEXT PRIMARY KEY,
    number       INTEGER NOT NULL UNIQUE,
    work         TEXT NOT NULL,
    title        TEXT NOT NULL,
    ticket       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    state        TEXT NOT NULL,
    requester    TEXT NOT NULL,
    requested_at TEXT NOT NULL,
    plan         INTEGER NOT NULL DEFAULT 0,
    targets      INTEGER NOT NULL DEFAULT 0,
    approvals    INTEGER NOT NULL DEFAULT 0,
    run          TEXT,
    updated_at   TEXT NOT NULL
);
CREATE INDEX change_by_state ON change (state, number);
