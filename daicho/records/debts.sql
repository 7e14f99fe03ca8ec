-- Who owes what: the newest plan's targets of each change, and, once it has run, one row per change and target.
CREATE TABLE debt_plan (
    change   TEXT NOT NULL,
    target   TEXT NOT NULL,
    plan     INTEGER NOT NULL,
    standing TEXT NOT NULL,
    why      TEXT NOT NULL,
    PRIMARY KEY (change, target)
) WITHOUT ROWID;
CREATE TABLE debt_aside (change TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE debt (
    change   TEXT NOT NULL,
    target   TEXT NOT NULL,
    work     TEXT NOT NULL,
    since    TEXT NOT NULL,
    covered  INTEGER NOT NULL,
    outcome  TEXT,
    why      TEXT NOT NULL DEFAULT '',
    tries    INTEGER NOT NULL DEFAULT 0,
    first_at TEXT,
    tried_at TEXT,
    bad_at   TEXT,
    paid_at  TEXT,
    PRIMARY KEY (change, target)
) WITHOUT ROWID;
CREATE INDEX debt_open ON debt (work, target) WHERE paid_at IS NULL;
