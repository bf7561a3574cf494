"""Writing one document into the ledger; every function works inside a transaction of its caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.domain import DocumentResult, LaneMatch, Matrix, MatrixCell
from pipeline.store.contract import bbox_to_json, matrix_cell_to_json, quad_to_json
from pipeline.store.corrections import in_force, load_corrections
from pipeline.store.ledger_rows import InputRow, Outcome, now, paths_to_json, plain, stored, to_json

Place = tuple[str, str, str]


def write_document(
    db: sqlite3.Connection, item: InputRow, result: DocumentResult, facts: str, outcome: Outcome, run: int
) -> None:
    """Writes a document in place of what was there under its id; see `Ledger.record`."""
    before = db.execute("SELECT source_id, version, supersedes, first_read_at FROM documents WHERE id = ?", (result.document_id,))
    known = before.fetchone()
    versions = _cell_versions(db, result.document_id) if known else {}
    source = _write_source(db, result, None if known is None else int(known["source_id"]))
    older = None if known else _older(db, item, result)
    version = int(known["version"]) if known else (older[1] + 1 if older else 1)
    values = {
        "id": result.document_id,
        "source_id": source,
        "name": plain(result.source.relative_path),
        "place": item.place,
        "members": paths_to_json(item.members),
        "kind": str(result.source.kind),
        "status": outcome.status or result.status,
        "machine_status": result.status,
        **_failure(result),
        "issuer": plain(result.facts.issuer),
        "year": result.facts.year,
        "region_code": plain(result.facts.region_code),
        "url": plain(result.facts.url),
        "n_pages": len(result.reading.pages) if result.reading else 0,
        "absent": to_json(result.absent),
        "unread": to_json(result.unread),
        "version": version,
        "supersedes": older[0] if older else (known["supersedes"] if known else None),
        "superseded": 0,
        "attempts": outcome.attempts,
        "duration_s": round(outcome.duration_s, 4),
        "gentle": plain(outcome.gentle),
        "facts": facts,
        "sizes": to_json(outcome.sizes),
        "beside": outcome.beside,
        "run_id": run,
        "first_read_at": known["first_read_at"] if known else now(),
        "read_at": now(),
    }
    names = list(values)
    updates = ", ".join(f"{n} = excluded.{n}" for n in names[1:])
    marks = ", ".join("?" * len(names))
    db.execute(
        f"INSERT INTO documents ({', '.join(names)}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {updates}, "
        "review_version = review_version + 1, "
        "review_state = CASE review_state WHEN 'sent_back' THEN 'open' ELSE review_state END",
        [*values.values()],
    )
    for table in ("pages", "tables", "findings"):
        db.execute(f"DELETE FROM {table} WHERE document_id = ?", (result.document_id,))
    _write_pages(db, result, outcome)
    for position, matrix in enumerate(result.matrices):
        _write_matrix(db, result.document_id, position, matrix, versions)
    write_findings(db, result)
    attach_corrections(db, result.document_id)
    point_input(db, item, result.document_id, result.source.sha256)


def point_input(db: sqlite3.Connection, item: InputRow, document: str, sha256: str | None) -> None:
    """Marks an input as done; a document that it was before, and that no other input is, becomes an older version.

    Args:
        db: within a transaction.
        item: the input.
        document: what it is now.
        sha256: digest of what was read; `""` where it could not be read, which makes nothing older. None where it is known.
    """
    row = db.execute("SELECT document_id, run_id FROM inputs WHERE place = ?", (item.place,)).fetchone()
    old = None if row is None else row["document_id"]
    db.execute("UPDATE inputs SET state = 'done', lease_until = NULL, document_id = ? WHERE place = ?", (document, item.place))
    if old is None or old == document or sha256 == "":
        return
    shared = db.execute("SELECT 1 FROM inputs WHERE document_id = ? LIMIT 1", (old,)).fetchone()
    if shared is None:
        db.execute("UPDATE documents SET superseded = 1 WHERE id = ?", (old,))


def write_findings(db: sqlite3.Connection, result: DocumentResult) -> None:
    """Writes the findings of a document."""
    rows = [
        (
            result.document_id, position, f.rule, f.kind, f.severity, stored(f.left), stored(f.right), plain(f.message),
            to_json([[c.table, c.row, c.column] for c in f.cells]),
        )
        for position, f in enumerate(result.findings)
    ]  # fmt: skip
    names = 'document_id, position, rule, kind, severity, "left", "right", message, cells'
    db.executemany(f"INSERT INTO findings ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def attach_corrections(db: sqlite3.Connection, document: str) -> None:
    """Points the cells of a document at the corrections that are in force."""
    for (table, row, column), correction in in_force(load_corrections(db, document)).items():
        db.execute(
            "UPDATE cells SET correction_id = ? WHERE id = (SELECT c.id FROM cells c JOIN tables t ON t.id = c.table_id "
            "JOIN lanes r ON r.table_id = t.id AND r.axis = 'row' AND r.position = c.row "
            "JOIN lanes k ON k.table_id = t.id AND k.axis = 'column' AND k.position = c.\"column\" "
            "WHERE t.document_id = ? AND t.key = ? AND r.key = ? AND k.key = ?)",
            (None if correction is None else correction.id, document, table, row, column),
        )


def add_event(
    db: sqlite3.Connection, kind: str, detail: str, document: str | None = None, table: str | None = None, who: str | None = None
) -> None:
    """Adds to the log of events."""
    row = (now(), kind, document, table, plain(who), plain(detail))
    db.execute("INSERT INTO events (at, kind, document_id, table_key, who, detail) VALUES (?, ?, ?, ?, ?, ?)", row)


def _write_source(db: sqlite3.Connection, result: DocumentResult, known: int | None) -> int:
    """Returns the row of the content; what could not be read has one of its own."""
    sha256, size, kind = result.source.sha256 or None, result.source.size_bytes, str(result.source.kind)
    if sha256 is None and known is not None:
        return known
    if sha256 is not None:
        row = db.execute("SELECT id FROM sources WHERE sha256 = ?", (sha256,)).fetchone()
        if row is not None:
            return int(row["id"])
    new = db.execute("INSERT INTO sources (sha256, size_bytes, kind) VALUES (?, ?, ?)", (sha256, size, kind)).lastrowid
    assert new is not None
    return new


def _older(db: sqlite3.Connection, item: InputRow, result: DocumentResult) -> tuple[str, int] | None:
    """Returns id and version of the document that stood at this place before."""
    if not result.source.sha256:
        return None
    row = db.execute(
        "SELECT d.id, d.version FROM inputs i JOIN documents d ON d.id = i.document_id WHERE i.place = ? AND d.id <> ?",
        (item.place, result.document_id),
    ).fetchone()
    return None if row is None else (str(row["id"]), int(row["version"]))


def _failure(result: DocumentResult) -> dict[str, str | None]:
    failure = result.failure
    if failure is None:
        return {"failure_class": None, "failure_message": None, "failure_advice": None}
    return {
        "failure_class": failure.failure_class,
        "failure_message": plain(failure.message),
        "failure_advice": plain(failure.advice),
    }


def _write_pages(db: sqlite3.Connection, result: DocumentResult, outcome: Outcome) -> None:
    seconds, attempts = dict(outcome.page_seconds), dict(outcome.page_attempts)
    rows = [
        (
            result.document_id, p.page_no, p.kind, "failed" if p.status == "failed" else "done",
            attempts.get(p.page_no, 1), seconds.get(p.page_no),
            *((p.failure.failure_class, plain(p.failure.message), plain(p.failure.advice)) if p.failure else (None,) * 3),
            p.width_pt, p.height_pt,
        )
        for p in (result.reading.pages if result.reading else ())
    ]  # fmt: skip
    # A page that was looked at twice ended as the later one says.
    db.executemany(f"INSERT OR REPLACE INTO pages VALUES ({', '.join('?' * 11)})", rows)


def _write_matrix(db: sqlite3.Connection, document: str, position: int, matrix: Matrix, versions: dict[Place, int]) -> None:
    table = db.execute(
        "INSERT INTO tables (document_id, key, schema, variant, unit, page_no, score, margin, position) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document, matrix.table, matrix.schema, matrix.variant, plain(matrix.unit), matrix.page_no,
            matrix.score, matrix.margin, position,
        ),
    ).lastrowid  # fmt: skip
    assert table is not None
    lanes = [*_lanes(table, "row", matrix.rows), *_lanes(table, "column", matrix.columns)]
    db.executemany("INSERT INTO lanes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", lanes)
    first = int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM cells").fetchone()[0])
    cells: list[tuple[Any, ...]] = []
    readings: list[tuple[Any, ...]] = []
    for i, j, cell in _places(matrix):
        number = first + len(cells)
        version = versions.get((matrix.table, matrix.rows[i].key, matrix.columns[j].key), 0) + 1
        cells.append((number, table, i, j, *_cell(cell), version))
        readings += [(number, rank, plain(r.text), r.log_prob, to_json(r.said)) for rank, r in enumerate(cell.readings)]
    names = (
        'id, table_id, row, "column", value, text, state, confidence, review, reason, origin, page_no, '
        "x0, top, x1, bottom, quad, span_start, span_end, version"
    )
    db.executemany(f"INSERT INTO cells ({names}) VALUES ({', '.join('?' * 20)})", cells)
    db.executemany("INSERT INTO readings VALUES (?, ?, ?, ?, ?)", readings)


def _lanes(table: int, axis: str, lanes: Sequence[LaneMatch]) -> Iterator[tuple[Any, ...]]:
    for position, m in enumerate(lanes):
        label, reason = plain(m.label), plain(m.reason)
        yield table, axis, position, m.key, label, m.similarity, m.margin, int(m.certain), reason


def _places(matrix: Matrix) -> Iterator[tuple[int, int, MatrixCell]]:
    for i, row in enumerate(matrix.cells):
        for j, cell in enumerate(row):
            yield i, j, cell


def _cell(cell: MatrixCell) -> tuple[Any, ...]:
    """Returns a cell as `matrices.json` has it, so that both say the same."""
    told = matrix_cell_to_json(cell)
    quad = quad_to_json(cell.quad)
    return (
        stored(told["value"]), plain(cell.text), told["state"], told["confidence"], int(told["review"]), plain(told["reason"]),
        told["origin"], cell.page_no, *(bbox_to_json(cell.bbox) or (None,) * 4),
        None if quad is None else to_json(quad), *(cell.char_span or (None, None)),
    )  # fmt: skip


def _cell_versions(db: sqlite3.Connection, document: str) -> dict[Place, int]:
    """Returns the versions of the cells of a document by their keys: they never fall."""
    rows = db.execute(
        "SELECT t.key, r.key, k.key, c.version FROM cells c JOIN tables t ON t.id = c.table_id "
        "JOIN lanes r ON r.table_id = t.id AND r.axis = 'row' AND r.position = c.row "
        "JOIN lanes k ON k.table_id = t.id AND k.axis = 'column' AND k.position = c.\"column\" WHERE t.document_id = ?",
        (document,),
    )
    return {(row[0], row[1], row[2]): int(row[3]) for row in rows}
