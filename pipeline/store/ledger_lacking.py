"""Tables that no card can show: not found, on a page that was not read, or standing twice; and what people said of them."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from typing import Literal

from pipeline.domain import Matrix
from pipeline.store.contract import Json
from pipeline.store.corrections import in_force, load_corrections
from pipeline.store.files import MATRICES, read_json, write_json_file
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import corrections_of
from pipeline.store.ledger_open import ledger_errors
from pipeline.store.ledger_queue import Filters
from pipeline.store.ledger_rows import Action, CorrectionRow, now, plain
from pipeline.store.ledger_write import _write_matrix, attach_corrections
from pipeline.store.whole_tables import WHOLE, put_table, typed_tables

What = Literal["absent", "unread", "second", "whole"]
_LACKING = """
SELECT d.id AS document, j.value AS table_key, w.what, d.issuer, d.year, d.kind, d.name, d.review_state, NULL AS message
FROM documents d, (SELECT 'absent' AS what UNION ALL SELECT 'unread') w,
     json_each(CASE w.what WHEN 'absent' THEN d.absent ELSE d.unread END) j
WHERE d.status = 'review' AND d.superseded = 0 AND NOT EXISTS (
    SELECT 1 FROM tables t WHERE t.document_id = d.id AND t.key = j.value)
UNION ALL
SELECT d.id, json_extract(f.cells, '$[0][0]'), 'second', d.issuer, d.year, d.kind, d.name, d.review_state, f.message
FROM findings f JOIN documents d ON d.id = f.document_id
WHERE f.rule = 'second_candidate' AND d.superseded = 0 AND json_extract(f.cells, '$[0][0]') IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Lacking:
    """A table that a person must look for.

    Attributes:
        what: `absent` (every page was read), `unread` (a page that may hold it was not), `second` (it stands twice);
            `whole` where a person wants to type one that is there.
        message: of a table that stands twice, how they differ.
        holder: who works on it now, or None.
    """

    document: str
    table: str
    what: What
    issuer: str | None
    year: int | None
    kind: str
    name: str
    review_state: str
    message: str | None
    holder: str | None


def lacking(ledger: Ledger, filters: Filters) -> list[Lacking]:
    """Returns the tables that a person must look for and has said nothing of yet, by document."""
    if filters.rule is not None or filters.most_confidence < 1.0:
        return []
    at = time.time()
    with ledger_errors(ledger.path):
        db = ledger.connection
        rows = db.execute(f"SELECT * FROM ({_LACKING}) ORDER BY document, what, table_key").fetchall()
        found = [row for row in rows if _wanted(row, filters)]
        marks = {document: _marked(db, document) for document in {str(row["document"]) for row in found}}
        held = {
            (row[0], row[1]): str(row[2])
            for row in db.execute(
                "SELECT document_id, table_key, reviewer FROM leases WHERE acquired_at <= ? AND ? < expires_at", (at, at)
            )
        }
    seen: dict[tuple[str, str], Lacking] = {}
    for row in found:
        key = (str(row["document"]), str(row["table_key"]))
        if key[1] not in marks[key[0]]:
            names = ("what", "issuer", "year", "kind", "name", "review_state", "message")
            seen.setdefault(key, Lacking(*key, **{name: row[name] for name in names}, holder=held.get(key)))
    return list(seen.values())


def _wanted(row: sqlite3.Row, filters: Filters) -> bool:
    states = ("open", "sent_back") if filters.sent_back else ("open",)
    pairs = (
        (filters.issuer, "issuer"), (filters.year, "year"), (filters.table, "table_key"), (filters.kind, "kind"),
        (filters.document, "document"),
    )  # fmt: skip
    return row["review_state"] in states and all(wanted is None or row[name] == wanted for wanted, name in pairs)


def _marked(db: sqlite3.Connection, document: str) -> set[str]:
    """Returns the tables of a document that somebody has said something of as a whole."""
    holding = in_force(load_corrections(db, document))
    return {table for (table, row, _), said in holding.items() if row == WHOLE and said is not None}


def table_said(ledger: Ledger, document: str, table: str) -> CorrectionRow | None:
    """Returns what holds of a table as a whole, or None."""
    return in_force(corrections_of(ledger, document)).get((table, WHOLE, WHOLE))


def say_of_table(
    ledger: Ledger,
    document: str,
    table: str,
    action: Action,
    reviewer: str,
    undoes: int | None = None,
    seconds: float | None = None,
) -> None:
    """Adds what a person says of a table as a whole: `printed_so` (not printed), `confirm` (the one taken is right), `undo`."""
    names = (
        "document_id, table_key, row_key, column_key, action, undoes, value, text, state, before_value, before_state, "
        "machine_value, machine_state, reviewer, reason, seconds, cell_version, created_at"
    )
    row = (
        document, table, WHOLE, WHOLE, action, undoes, None, "", "missing", None, "missing", None, "missing",
        plain(reviewer), None, seconds, 1, now(),
    )  # fmt: skip
    with ledger.unit() as db:
        db.execute(f"INSERT INTO corrections ({names}) VALUES ({', '.join('?' * 18)})", row)
        db.execute("UPDATE documents SET review_version = review_version + 1 WHERE id = ?", (document,))


def lay_out(ledger: Ledger, document: str, matrix: Matrix) -> None:
    """Gives a document a table whose cells a person will say, in the ledger and in `matrices.json`; one that is there stays.

    Raises:
        InputMissingError: `matrices.json` is not there. OutputError: it cannot be written.
    """
    path = ledger.out / document / MATRICES
    with ledger.unit() as db:
        data: Json = read_json(path)
        if _insert(db, document, matrix):
            put_table(data, matrix)
            write_json_file(path, data)


def restore_tables(ledger: Ledger) -> list[str]:
    """Lays out again what people typed and a new reading has not; returns the documents."""
    query = (
        "SELECT DISTINCT k.document_id FROM corrections k JOIN documents d ON d.id = k.document_id AND d.superseded = 0 "
        "WHERE k.row_key <> ? AND NOT EXISTS (SELECT 1 FROM tables t WHERE t.document_id = k.document_id AND t.key = k.table_key)"
    )
    with ledger_errors(ledger.path):
        documents = [str(row[0]) for row in ledger.connection.execute(query, (WHOLE,))]
    restored = []
    for document in documents:
        holding = in_force(corrections_of(ledger, document))
        with ledger_errors(ledger.path):
            rows = ledger.connection.execute(
                "SELECT key, schema, variant FROM tables WHERE document_id = ?", (document,)
            ).fetchall()
        for matrix in typed_tables([row[0] for row in rows], holding, [(row[1], row[2]) for row in rows]):
            lay_out(ledger, document, matrix)
            restored.append(document)
    return restored


def _insert(db: sqlite3.Connection, document: str, matrix: Matrix) -> bool:
    """Writes a table after the others of its document; false where it is there."""
    known = db.execute("SELECT key FROM tables WHERE document_id = ?", (document,)).fetchall()
    if any(row[0] == matrix.table for row in known):
        return False
    last = db.execute("SELECT coalesce(max(position), -1) FROM tables WHERE document_id = ?", (document,)).fetchone()[0]
    rows = db.execute(
        "SELECT table_key, row_key, column_key, max(cell_version) FROM corrections WHERE document_id = ? GROUP BY 1, 2, 3",
        (document,),
    )
    versions = {(row[0], row[1], row[2]): int(row[3]) for row in rows}
    _write_matrix(db, document, int(last) + 1, matrix, versions)
    attach_corrections(db, document)
    return True
