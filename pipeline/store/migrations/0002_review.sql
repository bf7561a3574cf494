-- What the review page measures, and which tables are still out of balance after corrections.

-- Cards that measure people or the machine; none of them is a correction.
CREATE TABLE checks (
    id             INTEGER PRIMARY KEY,
    kind           TEXT NOT NULL CHECK (kind IN ('sample', 'planted', 'second')),
    document_id    TEXT NOT NULL REFERENCES documents (id),
    table_key      TEXT NOT NULL,
    row_key        TEXT NOT NULL,
    column_key     TEXT NOT NULL,
    value          ANY,                     -- sample: what was accepted; planted: what is known; second: the first entry
    state          TEXT NOT NULL,
    shown          ANY,                     -- planted: the wrong number that the card shows
    confidence     REAL,
    first_reviewer TEXT,                    -- second: who made the first entry
    correction_id  INTEGER REFERENCES corrections (id),
    drawn_for      TEXT NOT NULL,
    drawn_at       TEXT NOT NULL
) STRICT;
CREATE INDEX checks_open ON checks (drawn_for, kind);
CREATE INDEX checks_cell ON checks (document_id, table_key, row_key, column_key);

CREATE TABLE check_answers (
    check_id   INTEGER PRIMARY KEY REFERENCES checks (id),
    reviewer   TEXT NOT NULL,
    value      ANY,
    text       TEXT NOT NULL,
    state      TEXT NOT NULL,
    agrees     INTEGER NOT NULL CHECK (agrees IN (0, 1)),
    seconds    REAL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TRIGGER check_answers_stay BEFORE UPDATE ON check_answers
BEGIN SELECT RAISE(ABORT, 'answers are only ever added'); END;
CREATE TRIGGER check_answers_remain BEFORE DELETE ON check_answers
BEGIN SELECT RAISE(ABORT, 'answers are only ever added'); END;

-- Equations that are broken, and that nobody gave a reason for, in tables that people corrected.
CREATE TABLE broken_tables (
    document_id TEXT NOT NULL REFERENCES documents (id),
    table_key   TEXT NOT NULL,
    equations   INTEGER NOT NULL,
    PRIMARY KEY (document_id, table_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX corrections_reviewer ON corrections (reviewer, id);
