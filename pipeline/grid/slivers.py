"""Rows of a ruled grid that are too low for any print → none.

Where a page break cuts a shaded cell that spans rows, browsers let its shade go on below the last row of the page, or end it some
points short of its last row on the next. Its edge is taken for a line, as that of every shade is, and leaves a blank strip.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.domain import TableCell
from pipeline.grid.pieces import Piece

_LOW = 0.6


def without_slivers(piece: Piece) -> Piece:
    """Returns a grid without blank rows that other cells go across and in which no print would find room.

    Such a row is at most little more than half as high as the lowest one with print.

    Args:
        piece: of a page, with rulings.

    Returns:
        The piece itself where it has none. Cells that go across such a row span one row less; its blank cells are gone.
    """
    heights = [piece.ys[c.row + 1] - piece.ys[c.row] for c in piece.cells if c.row_span == 1 and c.text]
    if not heights:
        return piece
    least = _LOW * min(heights)
    # From below, so that the rows above keep their numbers.
    for row in reversed(range(piece.n_rows)):
        if piece.ys[row + 1] - piece.ys[row] < least and _is_bare(piece, row):
            piece = _without_row(piece, row)
    return piece


def _is_bare(piece: Piece, row: int) -> bool:
    """True where some cells go across a row, and those that begin and end in it are blank without a doubt."""
    there = [c for c in piece.cells if c.row <= row < c.row + c.row_span]
    own = [c for c in there if c.row_span == 1]
    return 0 < len(own) < len(there) and not any(c.text or c.doubt for c in own)


def _without_row(piece: Piece, row: int) -> Piece:
    """Drops a row; the one above goes down to its lower boundary, but for the last row, above which the table ends."""
    own = [c for c in piece.cells if c.row == row and c.row_span == 1]
    closed = {column for c in own for column in range(c.column, c.column + c.column_span)}
    is_last = row == piece.n_rows - 1
    dropped = row + 1 if is_last else row
    return replace(
        piece,
        ys=(*piece.ys[:dropped], *piece.ys[dropped + 1 :]),
        cells=tuple(_moved(_reaching(c, piece, row), row) for c in piece.cells if c not in own),
        top_walls=tuple(wall or (row == 0 and k in closed) for k, wall in enumerate(piece.top_walls)),
        bottom_walls=tuple(wall or (is_last and k in closed) for k, wall in enumerate(piece.bottom_walls)),
    )


def _reaching(cell: TableCell, piece: Piece, row: int) -> TableCell:
    """Returns a cell above a dropped row, or below the first one, with its place: print there that nobody read is the cell's."""
    if cell.bbox is None:
        return cell
    if cell.row + cell.row_span == row:
        return replace(cell, bbox=replace(cell.bbox, bottom=max(cell.bbox.bottom, piece.ys[row + 1])))
    if row == 0 and cell.row == 1:
        return replace(cell, bbox=replace(cell.bbox, top=min(cell.bbox.top, piece.ys[0])))
    return cell


def _moved(cell: TableCell, row: int) -> TableCell:
    if cell.row <= row < cell.row + cell.row_span:
        return replace(cell, row_span=cell.row_span - 1)
    return replace(cell, row=cell.row - 1) if cell.row > row else cell
