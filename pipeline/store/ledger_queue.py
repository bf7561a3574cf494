"""The work of the review page: which tables hold something to look at, in what order, and what a person did last."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.store.corrections import to_correction
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_open import ledger_errors
from pipeline.store.ledger_rows import CorrectionRow

_REMEMBERED = 1000
# A cell is open while nobody has said what it holds; one that a person could not read is not asked for again.
_WORK = """
SELECT t.document_id, t.key AS table_key, t.position, t.page_no, d.issuer, d.year, d.kind, d.name, d.review_state,
       coalesce(o.cells, 0) AS open, coalesce(o.least, 1.0) AS least, coalesce(b.equations, 0) AS broken,
       coalesce(s.cells, 0) AS disputed, coalesce(f.errors, 0) AS errors,
       CASE WHEN l.acquired_at <= :now AND :now < l.expires_at THEN l.reviewer END AS holder
FROM tables t JOIN documents d ON d.id = t.document_id AND d.superseded = 0
LEFT JOIN (SELECT table_id, count(*) AS cells, min(confidence) AS least FROM cells
           WHERE review = 1 AND correction_id IS NULL AND confidence <= :most GROUP BY table_id) o ON o.table_id = t.id
LEFT JOIN broken_tables b ON b.document_id = t.document_id AND b.table_key = t.key
LEFT JOIN (SELECT k.document_id, k.table_key, count(*) AS cells FROM checks k JOIN check_answers a ON a.check_id = k.id
           WHERE a.agrees = 0 AND k.kind IN ('sample', 'second') AND NOT EXISTS (
               SELECT 1 FROM corrections c WHERE c.document_id = k.document_id AND c.table_key = k.table_key
               AND c.row_key = k.row_key AND c.column_key = k.column_key AND c.created_at > a.created_at)
           GROUP BY 1, 2) s ON s.document_id = t.document_id AND s.table_key = t.key
LEFT JOIN (SELECT document_id, count(*) AS errors FROM findings WHERE severity = 'error' AND kind <> 'source'
           AND (:rule IS NULL OR rule = :rule) GROUP BY 1) f ON f.document_id = t.document_id
LEFT JOIN leases l ON l.document_id = t.document_id AND l.table_key = t.key
WHERE (o.cells > 0 OR b.equations > 0 OR s.cells > 0)
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which part of the work is wanted; None for all.

    Attributes:
        kind: of the source (`text html pdf scan image`).
        rule: an equation that the machine found broken in the document.
        most_confidence: cells up to this confidence.
        sent_back: also documents that wait for reprocessing.
    """

    issuer: str | None = None
    year: int | None = None
    table: str | None = None
    kind: str | None = None
    rule: str | None = None
    document: str | None = None
    most_confidence: float = 1.0
    sent_back: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """A table with something to look at.

    Attributes:
        open: cells that nobody has looked at; `disputed` cells on which two people disagree.
        broken: equations that are out of balance after corrections, without a reason given.
        errors: broken equations that the machine found in the whole document.
        least: the lowest confidence of an open cell.
        holder: who works on it now, or None.
    """

    document: str
    table: str
    position: int
    page_no: int | None
    issuer: str | None
    year: int | None
    kind: str
    name: str
    review_state: str
    open: int
    disputed: int
    broken: int
    errors: int
    least: float
    holder: str | None


def worklist(ledger: Ledger, filters: Filters = Filters()) -> list[Work]:
    """Returns the tables with something to look at, most useful first, those of one document together.

    Documents with broken equations go first, since one answer may settle several cells there; then the most doubtful.
    """
    query = _WORK
    given: dict[str, object] = {"now": time.time(), "most": filters.most_confidence, "rule": filters.rule}
    columns = (("d.issuer", "issuer"), ("d.year", "year"), ("t.key", "table"), ("d.kind", "kind"), ("d.id", "document"))
    for column, name in columns:
        wanted = getattr(filters, name)
        if wanted is not None:
            query += f" AND {column} = :{name}"
            given[name] = wanted
    if filters.rule is not None:
        query += " AND f.errors > 0"
    query += " AND d.review_state <> 'done'" if filters.sent_back else " AND d.review_state = 'open'"
    with ledger_errors(ledger.path):
        rows = ledger.connection.execute(query, given).fetchall()
    names = [name for name in Work.__dataclass_fields__ if name not in ("document", "table")]
    found = [Work(row["document_id"], row["table_key"], **{name: row[name] for name in names}) for row in rows]
    return _ordered(found)


def _ordered(found: Sequence[Work]) -> list[Work]:
    ranks: dict[str, tuple[float, ...]] = {}
    for work in found:
        rank = (-float(bool(work.disputed)), -float(bool(work.errors or work.broken)), work.least)
        ranks[work.document] = min(rank, ranks.get(work.document, rank))
    return sorted(found, key=lambda w: (ranks[w.document], w.document, w.position))


def choices(ledger: Ledger) -> dict[str, list[object]]:
    """Returns what the filters can be set to: issuers, years, tables, kinds and rules of documents to be reviewed."""
    review = "FROM documents d WHERE d.superseded = 0 AND d.status = 'review'"
    queries = {
        "issuer": f"SELECT DISTINCT d.issuer {review} AND d.issuer IS NOT NULL ORDER BY 1 LIMIT 2000",
        "year": f"SELECT DISTINCT d.year {review} AND d.year IS NOT NULL ORDER BY 1",
        "table": f"SELECT DISTINCT key FROM tables WHERE document_id IN (SELECT d.id {review}) ORDER BY 1",
        "kind": f"SELECT DISTINCT d.kind {review} ORDER BY 1",
        "rule": "SELECT DISTINCT rule FROM findings WHERE severity = 'error' AND kind <> 'source' ORDER BY 1",
    }
    with ledger_errors(ledger.path):
        return {name: [row[0] for row in ledger.connection.execute(query)] for name, query in queries.items()}


def disputed_cells(ledger: Ledger, document: str | None = None) -> list[dict[str, object]]:
    """Returns the cells on which two people disagree, with both entries, oldest first."""
    query = (
        "SELECT k.*, a.reviewer, a.value AS answer, a.state AS answer_state, a.text AS answer_text, a.created_at "
        "FROM checks k JOIN check_answers a ON a.check_id = k.id WHERE a.agrees = 0 AND k.kind IN ('sample', 'second') "
        "AND NOT EXISTS (SELECT 1 FROM corrections c WHERE c.document_id = k.document_id AND c.table_key = k.table_key "
        "AND c.row_key = k.row_key AND c.column_key = k.column_key AND c.created_at > a.created_at) "
    )
    with ledger_errors(ledger.path):
        extra = "" if document is None else "AND k.document_id = ? "
        given = () if document is None else (document,)
        return [dict(row) for row in ledger.connection.execute(query + extra + "ORDER BY k.id LIMIT 500", given)]


def set_broken(ledger: Ledger, document: str, table: str, equations: int) -> None:
    """Notes how many equations of a table are out of balance without a reason."""
    with ledger.unit() as db:
        if equations:
            db.execute("INSERT OR REPLACE INTO broken_tables VALUES (?, ?, ?)", (document, table, equations))
        else:
            db.execute("DELETE FROM broken_tables WHERE document_id = ? AND table_key = ?", (document, table))


def recent(ledger: Ledger, reviewer: str, limit: int = _REMEMBERED) -> list[CorrectionRow]:
    """Returns the last corrections of a person, oldest first."""
    with ledger_errors(ledger.path):
        query = "SELECT * FROM corrections WHERE reviewer = ? ORDER BY id DESC LIMIT ?"
        rows = ledger.connection.execute(query, (reviewer, limit)).fetchall()
    return [to_correction(row) for row in reversed(rows)]


def undo_stacks(said: Sequence[CorrectionRow]) -> tuple[list[int], list[int]]:
    """Returns what a person can undo and redo, last at the end, from their own corrections in order.

    To undo is to take back the number at the end of the first list; to redo, the undo at the end of the second.
    """
    undoable: list[int] = []
    redoable: list[tuple[int, int]] = []
    for correction in said:
        if correction.undoes is None:
            undoable.append(correction.id)
            redoable.clear()
        elif redoable and correction.undoes == redoable[-1][0]:
            undoable.append(redoable.pop()[1])
        elif correction.undoes in undoable:
            undoable.remove(correction.undoes)
            redoable.append((correction.id, correction.undoes))
    return undoable, [undo for undo, _ in redoable]
