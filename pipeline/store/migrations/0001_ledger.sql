-- The ledger of a folder of results: what was given, how it was read, what it holds, what people said of it.
-- Times are ISO 8601 in UTC. `value` is an integer, a float, decimal digits as text beyond 64 bits, or null.

CREATE TABLE runs (
    id          INTEGER PRIMARY KEY,
    command     TEXT NOT NULL CHECK (command IN ('ingest', 'reprocess')),
    state       TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted', 'failed', 'killed')),
    started_at  TEXT NOT NULL,
    ended_at    TEXT,
    duration_s  REAL,
    version     TEXT NOT NULL,
    code        TEXT NOT NULL,              -- hash of the program and its schemas
    config_hash TEXT NOT NULL,              -- hash of the settings that results depend on
    config      TEXT NOT NULL,              -- all settings, JSON
    workers     INTEGER NOT NULL,
    inputs      INTEGER NOT NULL
) STRICT;

-- One row for each content. A file that cannot be read has none to be known by: its digest is null.
CREATE TABLE sources (
    id         INTEGER PRIMARY KEY,
    sha256     TEXT UNIQUE,
    size_bytes INTEGER NOT NULL,
    kind       TEXT NOT NULL
) STRICT;
CREATE INDEX sources_size ON sources (size_bytes);

-- What a command line named: one row for each file, or for the pictures that are one report.
CREATE TABLE inputs (
    place       TEXT PRIMARY KEY,           -- absolute path of the (first) file
    name        TEXT NOT NULL,              -- how the results name it
    members     TEXT NOT NULL,              -- absolute paths, JSON
    state       TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done')),
    attempts    INTEGER NOT NULL DEFAULT 0, -- of the run at work, worker deaths included
    lease_until TEXT,                       -- while running
    document_id TEXT,                       -- once done
    run_id      INTEGER NOT NULL REFERENCES runs (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX inputs_document ON inputs (document_id);

CREATE TABLE documents (
    id              TEXT PRIMARY KEY,       -- the name of its folder
    source_id       INTEGER NOT NULL REFERENCES sources (id),
    name            TEXT NOT NULL,
    place           TEXT NOT NULL,          -- where it was last seen
    members         TEXT NOT NULL,          -- JSON
    kind            TEXT NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('accepted', 'review', 'failed')), -- as corrections have it
    machine_status  TEXT NOT NULL,          -- without them
    failure_class   TEXT,
    failure_message TEXT,
    failure_advice  TEXT,
    issuer          TEXT,
    year            INTEGER,
    region_code     TEXT,
    url             TEXT,
    n_pages         INTEGER NOT NULL,
    absent          TEXT NOT NULL,          -- JSON list of table keys
    unread          TEXT NOT NULL,
    version         INTEGER NOT NULL,       -- counts the contents that one place has had, from 1
    supersedes      TEXT REFERENCES documents (id),
    superseded      INTEGER NOT NULL DEFAULT 0 CHECK (superseded IN (0, 1)),
    attempts        INTEGER NOT NULL,
    duration_s      REAL NOT NULL,
    gentle          TEXT,                   -- how it was read after it had killed a worker, in words
    facts           TEXT NOT NULL,          -- what a manifest said, JSON
    sizes           TEXT NOT NULL,          -- bytes of the result files, JSON: a file of another size is not what was written
    beside          TEXT,                   -- of a page that was read with files beside it: their mark; '' for one that none can tell
    run_id          INTEGER NOT NULL REFERENCES runs (id),
    first_read_at   TEXT NOT NULL,
    read_at         TEXT NOT NULL,
    review_state    TEXT NOT NULL DEFAULT 'open' CHECK (review_state IN ('open', 'done', 'sent_back')),
    review_version  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX documents_place ON documents (place);
CREATE INDEX documents_source ON documents (source_id);
CREATE INDEX documents_status ON documents (status, failure_class);

CREATE TABLE pages (
    document_id     TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    page_no         INTEGER NOT NULL,
    kind            TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('done', 'failed')),
    attempts        INTEGER NOT NULL,
    duration_s      REAL,                   -- null where pages were not timed one by one
    failure_class   TEXT,
    failure_message TEXT,
    failure_advice  TEXT,
    width_pt        REAL,
    height_pt       REAL,
    PRIMARY KEY (document_id, page_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX pages_failed ON pages (failure_class) WHERE state = 'failed';

-- The canonical matrices.
CREATE TABLE tables (
    id           INTEGER PRIMARY KEY,
    document_id  TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    key          TEXT NOT NULL,
    schema       TEXT NOT NULL,
    variant      TEXT NOT NULL,
    unit         TEXT,
    page_no      INTEGER,
    score        REAL NOT NULL,
    margin       REAL NOT NULL,
    position     INTEGER NOT NULL,
    UNIQUE (document_id, key)
) STRICT;

CREATE TABLE lanes (
    table_id   INTEGER NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
    axis       TEXT NOT NULL CHECK (axis IN ('row', 'column')),
    position   INTEGER NOT NULL,
    key        TEXT NOT NULL,
    label      TEXT,
    similarity REAL NOT NULL,
    margin     REAL NOT NULL,
    certain    INTEGER NOT NULL CHECK (certain IN (0, 1)),
    reason     TEXT,
    PRIMARY KEY (table_id, axis, position)
) STRICT, WITHOUT ROWID;

-- What the machine read. What holds in its place is told by `correction_id`.
CREATE TABLE cells (
    id            INTEGER PRIMARY KEY,
    table_id      INTEGER NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
    row           INTEGER NOT NULL,
    "column"      INTEGER NOT NULL,
    value         ANY,
    text          TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('printed', 'blank', 'dash', 'unreadable', 'missing')),
    confidence    REAL NOT NULL,
    review        INTEGER NOT NULL CHECK (review IN (0, 1)),
    reason        TEXT,
    origin        TEXT NOT NULL,
    page_no       INTEGER,
    x0            REAL,
    top           REAL,
    x1            REAL,
    bottom        REAL,
    quad          TEXT,                     -- four corners, JSON
    span_start    INTEGER,
    span_end      INTEGER,
    version       INTEGER NOT NULL DEFAULT 1, -- rises with every correction and every new reading, never falls
    correction_id INTEGER REFERENCES corrections (id), -- the correction in force
    UNIQUE (table_id, row, "column")
) STRICT;
CREATE INDEX cells_review ON cells (table_id) WHERE review = 1;
CREATE INDEX cells_corrected ON cells (correction_id) WHERE correction_id IS NOT NULL;

-- What the recogniser proposed for a cell, best first.
CREATE TABLE readings (
    cell_id  INTEGER NOT NULL REFERENCES cells (id) ON DELETE CASCADE,
    rank     INTEGER NOT NULL,
    text     TEXT NOT NULL,
    log_prob REAL NOT NULL,
    said     TEXT NOT NULL,                 -- [[reader, log_prob], ...] where several readers were asked, JSON
    PRIMARY KEY (cell_id, rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE findings (
    id          INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    rule        TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('source', 'reading', 'undecided')),
    severity    TEXT NOT NULL CHECK (severity IN ('error', 'note')),
    "left"      ANY,
    "right"     ANY,
    message     TEXT NOT NULL,
    cells       TEXT NOT NULL,              -- [[table, row, column], ...], JSON
    UNIQUE (document_id, position)
) STRICT;

-- What people said, for ever. A cell is named by its keys, so that this outlives every new reading of the document.
CREATE TABLE corrections (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id   TEXT NOT NULL REFERENCES documents (id),
    table_key     TEXT NOT NULL,
    row_key       TEXT NOT NULL,
    column_key    TEXT NOT NULL,
    action        TEXT NOT NULL CHECK (action IN ('confirm', 'value', 'printed_so', 'unreadable', 'undo')),
    undoes        INTEGER REFERENCES corrections (id), -- of an undo: the correction taken back
    value         ANY,
    text          TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('printed', 'blank', 'dash', 'unreadable', 'missing')),
    before_value  ANY,                      -- what held before
    before_state  TEXT NOT NULL,
    machine_value ANY,                      -- what the machine had read
    machine_state TEXT NOT NULL,
    reviewer      TEXT NOT NULL,
    reason        TEXT,
    seconds       REAL,
    cell_version  INTEGER NOT NULL,         -- of the cell that the person looked at
    created_at    TEXT NOT NULL,
    CHECK ((action = 'undo') = (undoes IS NOT NULL))
) STRICT;
CREATE INDEX corrections_cell ON corrections (document_id, table_key, row_key, column_key);
CREATE TRIGGER corrections_stay BEFORE UPDATE ON corrections
BEGIN SELECT RAISE(ABORT, 'corrections are only ever added'); END;
CREATE TRIGGER corrections_remain BEFORE DELETE ON corrections
BEGIN SELECT RAISE(ABORT, 'corrections are only ever added'); END;

-- Who works on a table. A lease counts while `now` lies between both times: a clock that was set back ends it.
CREATE TABLE leases (
    document_id TEXT NOT NULL REFERENCES documents (id),
    table_key   TEXT NOT NULL,
    reviewer    TEXT NOT NULL,
    token       TEXT NOT NULL,
    acquired_at REAL NOT NULL,              -- seconds since 1970
    expires_at  REAL NOT NULL,
    PRIMARY KEY (document_id, table_key)
) STRICT, WITHOUT ROWID;

-- What happened beside corrections: takeovers of leases, documents sent back, inputs that a killed run had in hand.
CREATE TABLE events (
    id          INTEGER PRIMARY KEY,
    at          TEXT NOT NULL,
    kind        TEXT NOT NULL,
    document_id TEXT,
    table_key   TEXT,
    who         TEXT,
    detail      TEXT NOT NULL
) STRICT;
CREATE TRIGGER events_stay BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
