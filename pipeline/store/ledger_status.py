"""What is counted in a ledger: the state of a folder of results, and what one document holds."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.store.ledger import Ledger
from pipeline.store.ledger_open import ledger_errors
from pipeline.store.ledger_rows import RunRow

# A cell is to be looked at while nobody has said what it holds, or somebody could not read it.
TO_REVIEW = "CASE WHEN c.correction_id IS NULL THEN c.review ELSE k.state IN ('unreadable', 'missing') END"
# Only these can be; they are found by two small indexes, without a look at the millions of others.
MAYBE = "c.id IN (SELECT id FROM cells WHERE review = 1 UNION ALL SELECT id FROM cells WHERE correction_id IS NOT NULL)"
_FAILED = (
    "SELECT id, name, 0 AS page_no, failure_class, failure_message, failure_advice, attempts FROM documents "
    "WHERE status = 'failed' AND superseded = 0 UNION ALL "
    "SELECT d.id, d.name, p.page_no, p.failure_class, p.failure_message, p.failure_advice, p.attempts FROM pages p "
    "JOIN documents d ON d.id = p.document_id AND d.superseded = 0 AND d.status <> 'failed' WHERE p.state = 'failed'"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a document holds: keys of its tables, cells, cells to review, findings of severity error, and notes."""

    tables: tuple[str, ...]
    cells: int
    review: int
    errors: int
    notes: int


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A document that failed (`page_no` 0) or a page that did, in the words of its failure."""

    name: str
    page_no: int
    failure_class: str
    message: str
    advice: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a folder of results.

    Attributes:
        inputs: number of inputs by state; `documents` by status, older versions left out; `pages` by state.
        failures: number of documents by class of failure; `page_failures` of pages.
        cells: all cells of the matrices; `review` of them are to be looked at, `corrected` were by a person.
        review_tables: tables with a cell to look at; `review_documents` documents to be reviewed.
        findings: number of findings of severity error by rule.
        superseded: documents of which a newer version is there.
        runs: the last runs, newest first.
        documents_per_minute: of the last run that read something; `seconds` is how long reading took in all.
    """

    inputs: dict[str, int]
    documents: dict[str, int]
    failures: dict[str, int]
    pages: dict[str, int]
    page_failures: dict[str, int]
    cells: int
    review: int
    corrected: int
    review_tables: int
    review_documents: int
    findings: dict[str, int]
    superseded: int
    runs: tuple[RunRow, ...]
    documents_per_minute: float | None
    seconds: float


def counts_of(ledger: Ledger, document: str) -> Counts:
    """Returns what a document holds."""
    with ledger_errors(ledger.path):
        db = ledger.connection
        tables = db.execute("SELECT key FROM tables WHERE document_id = ? ORDER BY position", (document,)).fetchall()
        cells, review = db.execute(
            f"SELECT count(*), coalesce(sum({TO_REVIEW}), 0) FROM cells c JOIN tables t ON t.id = c.table_id "
            "LEFT JOIN corrections k ON k.id = c.correction_id WHERE t.document_id = ?",
            (document,),
        ).fetchone()
        errors, notes = db.execute(
            "SELECT coalesce(sum(severity = 'error'), 0), coalesce(sum(severity = 'note'), 0) FROM findings "
            "WHERE document_id = ?",
            (document,),
        ).fetchone()
    return Counts(tuple(row[0] for row in tables), int(cells), int(review), int(errors), int(notes))


def status_of(ledger: Ledger) -> Status:
    """Counts a whole folder of results."""
    with ledger_errors(ledger.path):
        db = ledger.connection

        def grouped(query: str) -> dict[str, int]:
            return {str(row[0]): int(row[1]) for row in db.execute(query)}

        live = "JOIN documents d ON d.id = {}.document_id AND d.superseded = 0"
        cells = db.execute("SELECT count(*) FROM cells").fetchone()[0]
        cells -= db.execute(
            "SELECT count(*) FROM documents d JOIN tables t ON t.document_id = d.id JOIN cells c ON c.table_id = t.id "
            "WHERE d.superseded = 1"
        ).fetchone()[0]
        review, corrected, tables = db.execute(
            f"SELECT coalesce(sum({TO_REVIEW}), 0), coalesce(sum(c.correction_id IS NOT NULL), 0), "
            f"count(DISTINCT CASE WHEN {TO_REVIEW} THEN c.table_id END) FROM cells c JOIN tables t ON t.id = c.table_id "
            f"{live.format('t')} LEFT JOIN corrections k ON k.id = c.correction_id WHERE {MAYBE}"
        ).fetchone()
        documents = grouped("SELECT status, count(*) FROM documents WHERE superseded = 0 GROUP BY status ORDER BY status")
        failures = "SELECT failure_class, count(*) FROM documents WHERE failure_class IS NOT NULL AND superseded = 0"
        page_failures = f"SELECT p.failure_class, count(*) FROM pages p {live.format('p')} WHERE p.state = 'failed'"
        errors = f"SELECT rule, count(*) FROM findings f {live.format('f')} WHERE severity = 'error'"
        rate = db.execute(
            "SELECT count(d.id) * 60.0 / r.duration_s FROM runs r JOIN documents d ON d.run_id = r.id "
            "WHERE r.duration_s > 0 GROUP BY r.id ORDER BY r.id DESC LIMIT 1"
        ).fetchone()
        return Status(
            inputs=grouped("SELECT state, count(*) FROM inputs GROUP BY state ORDER BY state"),
            documents=documents,
            failures=grouped(failures + " GROUP BY 1 ORDER BY 2 DESC, 1"),
            pages=grouped(f"SELECT p.state, count(*) FROM pages p {live.format('p')} GROUP BY 1 ORDER BY 1"),
            page_failures=grouped(page_failures + " GROUP BY 1 ORDER BY 2 DESC, 1"),
            cells=int(cells),
            review=int(review),
            corrected=int(corrected),
            review_tables=int(tables),
            review_documents=documents.get("review", 0),
            findings=grouped(errors + " GROUP BY 1 ORDER BY 2 DESC, 1"),
            superseded=int(db.execute("SELECT count(*) FROM documents WHERE superseded = 1").fetchone()[0]),
            runs=tuple(ledger.runs(5)),
            documents_per_minute=None if rate is None else round(float(rate[0]), 2),
            seconds=round(float(db.execute("SELECT coalesce(sum(duration_s), 0) FROM documents").fetchone()[0]), 2),
        )


def failures_of(ledger: Ledger, limit: int) -> tuple[list[FailedRow], int]:
    """Returns the first `limit` failures by document and page, and how many there are in all.

    They are the documents that failed, and the failed pages of others.
    """
    with ledger_errors(ledger.path):
        rows = ledger.connection.execute(_FAILED + " ORDER BY 1, 3 LIMIT ?", (limit,)).fetchall()
        total = ledger.connection.execute(f"SELECT count(*) FROM ({_FAILED})").fetchone()[0]
    return [FailedRow(*row[1:]) for row in rows], int(total)


def page_failures(ledger: Ledger) -> dict[str, frozenset[str]]:
    """Returns for each document with a failed page the classes of those failures."""
    found: dict[str, set[str]] = {}
    with ledger_errors(ledger.path):
        for document, failure_class in ledger.connection.execute(
            "SELECT DISTINCT document_id, failure_class FROM pages WHERE state = 'failed'"
        ):
            found.setdefault(document, set()).add(failure_class)
    return {document: frozenset(classes) for document, classes in found.items()}
