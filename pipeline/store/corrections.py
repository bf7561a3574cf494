"""Corrections by people: which of them is in force in each cell."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from pipeline.store.ledger_rows import CorrectionRow, loaded

CellKey = tuple[str, str, str]
"""Table, row and column of a cell."""


def in_force(corrections: Iterable[CorrectionRow]) -> dict[CellKey, CorrectionRow | None]:
    """Replays corrections, oldest first.

    An undo takes one correction back, so that the one before it holds again; an undo of an undo brings it back.

    Returns:
        For each cell that was ever corrected the correction that holds, or None where the machine's reading holds again.
    """
    by_cell: dict[CellKey, list[CorrectionRow]] = {}
    for correction in sorted(corrections, key=lambda c: c.id):
        by_cell.setdefault((correction.table, correction.row, correction.column), []).append(correction)
    return {cell: _holds(said) for cell, said in by_cell.items()}


def _holds(said: Sequence[CorrectionRow]) -> CorrectionRow | None:
    """Returns the last correction that nobody took back."""
    taken_back: set[int] = set()
    # From the newest: an undo counts only where it was not taken back itself.
    for correction in reversed(said):
        if correction.undoes is not None and correction.id not in taken_back:
            taken_back.add(correction.undoes)
    kept = [c for c in said if c.id not in taken_back and c.action != "undo"]
    return kept[-1] if kept else None


def load_corrections(db: sqlite3.Connection, document: str) -> list[CorrectionRow]:
    """Returns all corrections of a document, oldest first."""
    rows = db.execute("SELECT * FROM corrections WHERE document_id = ? ORDER BY id", (document,))
    return [to_correction(row) for row in rows]


def to_correction(row: sqlite3.Row) -> CorrectionRow:
    """Returns a row of the table `corrections`."""
    return CorrectionRow(
        row["id"], row["document_id"], row["table_key"], row["row_key"], row["column_key"], row["action"], row["undoes"],
        loaded(row["value"]), row["text"], row["state"], loaded(row["before_value"]), row["before_state"],
        loaded(row["machine_value"]), row["machine_state"], row["reviewer"],
        row["reason"], row["seconds"], row["cell_version"], row["created_at"],
    )  # fmt: skip
