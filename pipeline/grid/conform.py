"""Columns found by alignment differ a little from page to page: one piece takes over the columns of another."""

from __future__ import annotations

from dataclasses import replace

from pipeline.domain import BBox, TableCell
from pipeline.grid.pieces import Piece


def conform(piece: Piece, reference: Piece) -> Piece | None:
    """Returns `piece` in the columns of `reference`, or None where its text does not fit them.

    Each column of the piece covers the columns of the reference over which its text stands (else the one between whose
    boundaries it stands); none is covered twice.
    Columns of the reference that the piece lacks become empty cells.

    Args:
        piece: found by alignment, with at most as many columns as `reference`.
        reference: the piece whose columns it takes.
    """
    if piece is reference:
        return piece
    spans = _column_spans(piece, reference)
    if spans is None:
        return None
    cells = [_moved(cell, spans) for cell in piece.cells]
    covered = {k for first, last in spans for k in range(first, last + 1)}
    for k in range(reference.n_columns):
        if k not in covered:
            cells += [_empty(piece, reference, row, k) for row in range(piece.n_rows)]
    walls = [tuple(wall[_source(k, spans)] for k in range(reference.n_columns)) for wall in (piece.top_walls, piece.bottom_walls)]
    return replace(
        piece,
        xs=reference.xs,
        cells=tuple(sorted(cells, key=lambda c: (c.row, c.column))),
        top_walls=walls[0],
        bottom_walls=walls[1],
        lanes=reference.lanes,
    )


def _column_spans(piece: Piece, reference: Piece) -> list[tuple[int, int]] | None:
    """For each column of the piece the first and last column of the reference that it covers."""
    spans: list[tuple[int, int]] = []
    for x0, x1 in piece.column_extents:
        shared = [min(x1, b) - max(x0, a) for a, b in reference.column_extents]
        over = [k for k, width in enumerate(shared) if width > 0 and (not spans or k > spans[-1][1])]
        if not over:
            over = [k for k in range(reference.n_columns) if reference.xs[k] <= (x0 + x1) / 2 <= reference.xs[k + 1]]
        if not over or (spans and over[0] <= spans[-1][1]):
            return None
        spans.append((over[0], over[-1]))
    for i in range(len(spans) - 1):
        first, last = spans[i]
        if last >= spans[i + 1][0]:
            spans[i] = (first, max(first, spans[i + 1][0] - 1))
    return spans


def _moved(cell: TableCell, spans: list[tuple[int, int]]) -> TableCell:
    first, last = spans[cell.column][0], spans[cell.column + cell.column_span - 1][1]
    return replace(cell, column=first, column_span=last - first + 1)


def _empty(piece: Piece, reference: Piece, row: int, column: int) -> TableCell:
    box = BBox(reference.xs[column], piece.ys[row], reference.xs[column + 1], piece.ys[row + 1])
    return TableCell(row, column, 1, 1, "", piece.page_no, box)


def _source(column: int, spans: list[tuple[int, int]]) -> int:
    return min(range(len(spans)), key=lambda i: max(spans[i][0] - column, column - spans[i][1], 0))
