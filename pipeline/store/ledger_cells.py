"""Reading tables, cells, pages and findings from the ledger: what the review page shows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.domain import BBox, Candidate, CellRef, Finding, Quad
from pipeline.store.corrections import load_corrections, to_correction
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_open import ledger_errors
from pipeline.store.ledger_rows import CellRow, CorrectionRow, FindingRow, LaneRow, PageRow, TableRow, loaded

# One row a cell, with its keys and labels; `k` is the correction in force.
CELLS = """
SELECT c.*, t.document_id AS document, t.key AS table_key, r.key AS row_key, r.label AS row_label,
       l.key AS column_key, l.label AS column_label
FROM cells c JOIN tables t ON t.id = c.table_id
JOIN lanes r ON r.table_id = c.table_id AND r.axis = 'row' AND r.position = c.row
JOIN lanes l ON l.table_id = c.table_id AND l.axis = 'column' AND l.position = c."column"
LEFT JOIN corrections k ON k.id = c.correction_id
"""


def tables_of(ledger: Ledger, document: str) -> list[TableRow]:
    """Returns the matrices of a document in their order, without cells."""
    with ledger_errors(ledger.path):
        db = ledger.connection
        rows = db.execute("SELECT * FROM tables WHERE document_id = ? ORDER BY position", (document,)).fetchall()
        return [_to_table(db, row) for row in rows]


def cells_of(ledger: Ledger, document: str, table: str | None = None) -> list[CellRow]:
    """Returns the cells of a document, or of one table of it, table by table and row by row."""
    where, given = "WHERE t.document_id = ?", [document]
    if table is not None:
        where, given = where + " AND t.key = ?", [document, table]
    return select_cells(ledger, where + ' ORDER BY t.position, c.row, c."column"', given)


def cell_of(ledger: Ledger, document: str, table: str, row: str, column: str) -> CellRow | None:
    """Returns one cell by its keys, or None."""
    found = select_cells(
        ledger, "WHERE t.document_id = ? AND t.key = ? AND r.key = ? AND l.key = ?", (document, table, row, column)
    )
    return found[0] if found else None


def select_cells(ledger: Ledger, where: str, given: Sequence[Any] = ()) -> list[CellRow]:
    """Returns the cells that an SQL condition on `CELLS` chooses, with readings and corrections; for this package alone."""
    with ledger_errors(ledger.path):
        db = ledger.connection
        rows = db.execute(CELLS + where, given).fetchall()
        readings = _readings(db, [row["id"] for row in rows])
        corrections = _corrections(db, [row["correction_id"] for row in rows if row["correction_id"] is not None])
    return [_to_cell(row, readings, corrections) for row in rows]


def pages_of(ledger: Ledger, document: str) -> list[PageRow]:
    """Returns how the pages of a document ended, in order."""
    with ledger_errors(ledger.path):
        rows = ledger.connection.execute("SELECT * FROM pages WHERE document_id = ? ORDER BY page_no", (document,)).fetchall()
    return [PageRow(**{name: row[name] for name in PageRow.__dataclass_fields__}) for row in rows]


def findings_of(ledger: Ledger, document: str) -> list[FindingRow]:
    """Returns the findings of the machine on a document, in order."""
    with ledger_errors(ledger.path):
        query = "SELECT * FROM findings WHERE document_id = ? ORDER BY position"
        rows = ledger.connection.execute(query, (document,)).fetchall()
    return [FindingRow(document, row["position"], _to_finding(row)) for row in rows]


def corrections_of(ledger: Ledger, document: str) -> list[CorrectionRow]:
    """Returns all that people said of a document, oldest first."""
    with ledger_errors(ledger.path):
        return load_corrections(ledger.connection, document)


def _to_finding(row: sqlite3.Row) -> Finding:
    cells = tuple(CellRef(row["document_id"], *keys) for keys in json.loads(row["cells"]))
    return Finding(row["rule"], row["kind"], row["severity"], row["message"], cells, loaded(row["left"]), loaded(row["right"]))


def _to_table(db: sqlite3.Connection, row: sqlite3.Row) -> TableRow:
    lanes: dict[str, list[LaneRow]] = {"row": [], "column": []}
    for lane in db.execute("SELECT * FROM lanes WHERE table_id = ? ORDER BY axis, position", (row["id"],)):
        told = LaneRow(lane["key"], lane["label"], lane["similarity"], lane["margin"], bool(lane["certain"]), lane["reason"])
        lanes[lane["axis"]].append(told)
    given = {name: row[name] for name in TableRow.__dataclass_fields__ if name not in ("rows", "columns")}
    return TableRow(**given, rows=tuple(lanes["row"]), columns=tuple(lanes["column"]))


def _readings(db: sqlite3.Connection, cells: Iterable[int]) -> dict[int, tuple[Candidate, ...]]:
    found: dict[int, tuple[Candidate, ...]] = {}
    for row in _where_in(db, "SELECT * FROM readings WHERE cell_id IN ({}) ORDER BY cell_id, rank", cells):
        candidate = Candidate(row["text"], row["log_prob"], tuple((r, p) for r, p in json.loads(row["said"])))
        found[row["cell_id"]] = (*found.get(row["cell_id"], ()), candidate)
    return found


def _corrections(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, CorrectionRow]:
    rows = _where_in(db, "SELECT * FROM corrections WHERE id IN ({})", ids)
    return {row["id"]: to_correction(row) for row in rows}


def _where_in(db: sqlite3.Connection, query: str, ids: Iterable[int]) -> list[sqlite3.Row]:
    """Returns the rows for many numbers, some hundreds at a time."""
    wanted, found = list(ids), []
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        found += db.execute(query.format(", ".join("?" * len(part))), part).fetchall()
    return found


def _quad(text: str | None) -> Quad | None:
    if text is None:
        return None
    a, b, c, d = ((float(x), float(y)) for x, y in json.loads(text))
    return a, b, c, d


def _to_cell(row: sqlite3.Row, readings: dict[int, tuple[Candidate, ...]], corrections: dict[int, CorrectionRow]) -> CellRow:
    return CellRow(
        id=row["id"],
        document_id=row["document"],
        table=row["table_key"],
        row=row["row"],
        column=row["column"],
        row_key=row["row_key"],
        column_key=row["column_key"],
        row_label=row["row_label"],
        column_label=row["column_label"],
        machine_value=loaded(row["value"]),
        machine_text=row["text"],
        machine_state=row["state"],
        machine_review=bool(row["review"]),
        machine_origin=row["origin"],
        confidence=row["confidence"],
        reason=row["reason"],
        page_no=row["page_no"],
        bbox=None if row["x0"] is None else BBox(row["x0"], row["top"], row["x1"], row["bottom"]),
        quad=_quad(row["quad"]),
        char_span=None if row["span_start"] is None else (row["span_start"], row["span_end"]),
        version=row["version"],
        correction=corrections.get(row["correction_id"]),
        readings=readings.get(row["id"], ()),
    )  # fmt: skip
