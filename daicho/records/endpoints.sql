-- What each endpoint last said of itself, why it was not read since, and when it was last seen by anybody.
CREATE TABLE endpoint_state (
    item       TEXT NOT NULL,
    what       TEXT NOT NULL,
    state      TEXT NOT NULL,
    since      TEXT NOT NULL,
    read_at    TEXT NOT NULL,
    inspection TEXT NOT NULL,
    PRIMARY KEY (item, what)
) WITHOUT ROWID;
CREATE TABLE endpoint_unread (
    item TEXT NOT NULL,
    what TEXT NOT NULL,
    at   TEXT NOT NULL,
    why  TEXT NOT NULL,
    PRIMARY KEY (item, what)
) WITHOUT ROWID;
CREATE TABLE sighting (
    item TEXT PRIMARY KEY,
    at   TEXT NOT NULL,
    how  TEXT NOT NULL
) WITHOUT ROWID;
