"""Cells of a matrix by their place, and what repairing or flagging one makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.check.beliefs import Place, Proposal, is_reading_doubt
from pipeline.domain import Matrix, MatrixCell, Origin, State

UNEQUAL = "the sum that it stands in does not close"

Cells = Mapping[Place, MatrixCell]


def by_place(matrix: Matrix) -> dict[Place, MatrixCell]:
    """The cells of a matrix by row and column."""
    return {
        (r.key, c.key): cell
        for r, line in zip(matrix.rows, matrix.cells, strict=True)
        for c, cell in zip(matrix.columns, line, strict=True)
    }


def with_cells(matrix: Matrix, cells: Cells) -> Matrix:
    """A matrix with some of its cells replaced."""
    if not cells:
        return matrix
    rows = tuple(
        tuple(cells.get((r.key, c.key), cell) for c, cell in zip(matrix.columns, line, strict=True))
        for r, line in zip(matrix.rows, matrix.cells, strict=True)
    )
    return replace(matrix, cells=rows)


def repaired_cell(before: MatrixCell, proposal: Proposal, probability: float) -> MatrixCell:
    """The cell with its new value; a flag that is not about its reading stays."""
    stays = before.review and not is_reading_doubt(before)
    words = f"read as {before.text!r} at first, taken as {proposal.text!r}: only so the sums that it stands in close"
    state = State.PRINTED if proposal.value is not None else State.DASH if proposal.text.strip() else State.BLANK
    return replace(
        before,
        value=proposal.value,
        text=proposal.text,
        state=state,
        confidence=before.confidence if stays else round(probability, 4),
        review=stays,
        reason=f"{before.reason}; {words}" if stays else words,
    )


def with_flags(matrix: Matrix, places: set[Place], hints: Mapping[Place, str] | None = None) -> Matrix:
    """Flags cells that were read from pixels; `hints` are other readings with which their sums would close."""
    cells = by_place(matrix)
    chosen = [p for p in places if cells[p].origin is Origin.OCR and not cells[p].review]
    return with_cells(matrix, {p: _flag(cells[p], (hints or {}).get(p)) for p in chosen})


def _flag(cell: MatrixCell, hint: str | None) -> MatrixCell:
    reason = UNEQUAL if hint is None else f"{UNEQUAL}; it would with {hint!r}, another reading of it"
    return replace(cell, review=True, reason=reason, confidence=min(cell.confidence, 0.5))
