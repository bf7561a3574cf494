"""The second reading of a doubtful table: camelot's grid, and the choice between both readings."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from pipeline.domain import BBox, Page, TableCell
from pipeline.geometry import overlap
from pipeline.grid.lattice import Lattice, lattice_to_cells, without_idle_lanes
from pipeline.grid.pieces import Piece
from pipeline.grid.segments import is_value

_Content = tuple[int, int, int, int, str]
_MARGIN_PT = 4.0
_CELL_SHARE = 0.5
_NARROW_PT = 6.0


def is_doubtful(piece: Piece) -> bool:
    """True where the first reading is not sure of the grid or of a cell."""
    return bool(piece.doubts) or any(not c.certain for c in piece.cells)


def read_again(path: Path, page: Page, piece: Piece) -> Piece | None:
    """Reads the place of `piece` with camelot: by lines where the first reading went by lines, else by text.

    Returns:
        The largest table that camelot finds there, or None where it finds none.

    Raises:
        Exception: whatever camelot raises on a file that it cannot read.
    """
    from camelot.io import read_pdf

    box = piece.bbox
    top, bottom = page.height_pt - box.top + _MARGIN_PT, page.height_pt - box.bottom - _MARGIN_PT
    area = f"{box.x0 - _MARGIN_PT:.1f},{top:.1f},{box.x1 + _MARGIN_PT:.1f},{bottom:.1f}"
    flavor = "lattice" if piece.reading == "rulings" else "stream"
    tables = read_pdf(str(path), pages=str(page.page_no), flavor=flavor, table_areas=[area], suppress_stdout=True)
    found = [_table_to_piece(t, page) for t in tables]
    near = [p for p in found if p is not None and _same_place(p.bbox, box)]
    return max(near, key=lambda p: len(p.cells), default=None)


def _same_place(a: BBox, b: BBox) -> bool:
    shared = overlap(a.x0, a.x1, b.x0, b.x1) * overlap(a.top, a.bottom, b.top, b.bottom)
    return shared > 0.6 * max(a.width * a.height, b.width * b.height, 1.0)


def _table_to_piece(table: Any, page: Page) -> Piece | None:
    """Turns camelot's table (origin bottom left) into a piece with spans."""
    xs = (*(c[0] for c in table.cols), table.cols[-1][1])
    ys = (*(page.height_pt - r[0] for r in table.rows), page.height_pt - table.rows[-1][1])
    rows = table.cells
    walls_v = tuple((*(bool(c.left) for c in row), bool(row[-1].right)) for row in rows)
    walls_h = (*(tuple(bool(c.top) for c in row) for row in rows), tuple(bool(c.bottom) for c in rows[-1]))
    lattice = Lattice(xs, ys, walls_v, walls_h)
    if without_idle_lanes(lattice) is None:
        return None
    boxes, irregular = lattice_to_cells(lattice)
    cells = []
    for box in boxes:
        inside = [rows[r][c].text for r in range(box.row, box.row_end) for c in range(box.column, box.column_end)]
        text = "\n".join(t.strip() for t in inside if t.strip())
        place = BBox(xs[box.column], ys[box.row], xs[box.column_end], ys[box.row_end])
        spans = box.row_end - box.row, box.column_end - box.column
        cells.append(TableCell(box.row, box.column, *spans, text, page.page_no, place))
    doubts = ("camelot's cells are not rectangles",) if irregular else ()
    return Piece(page.page_no, xs, ys, tuple(cells), walls_h[0], walls_h[-1], "camelot", None, doubts)


def choose(first: Piece, second: Piece | None) -> Piece:
    """Chooses between both readings of one table and records why.

    Where both agree on spans and text the doubt is settled. Camelot's is taken where only the first left areas that are
    no rectangles and camelot's holds all the text. A table without rulings stays as it was aligned, doubts and all: what
    camelot makes of text alone is no better. Else the first stays, and the cells that differ are in doubt; so is the table,
    unless both readings have the same cells down to the last figure.
    """
    if second is None:
        doubts = (*first.doubts, "a second reading found no table here")
        return replace(first, reason="camelot found no table here", doubts=doubts)
    own, roomy = _grid(first), _grid(_with_room(second))
    if own in (_grid(second), roomy):
        cells = tuple(replace(c, certain=True, doubt=None) for c in first.cells)
        return replace(first, cells=cells, doubts=(), reason="camelot reads the same cells and text")
    if first.lanes:
        return replace(first, reason="camelot reads the text otherwise; its lines were aligned over all of the table")
    if first.doubts and not second.doubts and _letters(first.cells) == _letters(second.cells):
        return replace(second, reason=f"{first.doubts[0]}; camelot's grid is regular and holds all the text")
    differing = tuple(_marked(cell, second.cells) for cell in first.cells)
    if not first.doubts and not _differ_in_figures(own, roomy):
        return replace(first, cells=differing, reason="camelot reads all rows with figures alike")
    a, b = f"{first.n_rows} x {first.n_columns}", f"{second.n_rows} x {second.n_columns}"
    doubt = f"two readings differ: {a} by {first.reading}, {b} by camelot"
    return replace(first, cells=differing, doubts=(*first.doubts, doubt), reason="neither reading is clearly right")


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _grid(piece: Piece) -> list[_Content]:
    """Cells with spans and text, as if lanes without text and walls of their own were not there."""
    cells = [(c.row, c.column, c.row_span, c.column_span, _plain(c.text)) for c in piece.cells]
    return sorted(cells)


def _differ_in_figures(first: Sequence[_Content], second: Sequence[_Content]) -> bool:
    """False where both readings have the same cells in all rows that hold a figure or have one below, and have such rows."""
    a, b = set(first), set(second)
    last = max((row for row, *_, text in a | b if is_value(text)), default=None)
    return last is None or any(row <= last for row, *_ in a ^ b)


def _with_room(piece: Piece) -> Piece:
    """Drops lanes too narrow for print and without any: two lines close together make them, as around a frame."""
    rows = _kept(piece.ys, [(c.row, c.row_span) for c in piece.cells if c.text.strip()])
    columns = _kept(piece.xs, [(c.column, c.column_span) for c in piece.cells if c.text.strip()])
    cells = []
    for c in piece.cells:
        row, column = rows[c.row], columns[c.column]
        height, width = rows[c.row + c.row_span] - row, columns[c.column + c.column_span] - column
        if height and width:
            cells.append(replace(c, row=row, column=column, row_span=height, column_span=width))
    return replace(piece, cells=tuple(cells))


def _kept(bounds: Sequence[float], filled: Sequence[tuple[int, int]]) -> list[int]:
    """Returns for each boundary how many lanes before it are wide enough for print or have some of their own."""
    own = {first for first, span in filled if span == 1}
    kept = [abs(end - start) >= _NARROW_PT or k in own for k, (start, end) in enumerate(pairwise(bounds))]
    return list(accumulate(kept, initial=0))


def _letters(cells: Sequence[TableCell]) -> Counter[str]:
    return Counter(char for c in cells for char in _plain(c.text))


def _marked(cell: TableCell, others: Sequence[TableCell]) -> TableCell:
    """Puts a cell in doubt where the other reading has no cell in its place with the same text."""
    for other in others:
        if _plain(other.text) == _plain(cell.text) and _shares_place(cell, other):
            return cell
    return replace(cell, certain=False, doubt=cell.doubt or "two readings differ here")


def _shares_place(cell: TableCell, other: TableCell) -> bool:
    a, b = cell.bbox, other.bbox
    if a is None or b is None:
        return False
    shared = overlap(a.x0, a.x1, b.x0, b.x1) * overlap(a.top, a.bottom, b.top, b.bottom)
    return shared >= _CELL_SHARE * min(a.width * a.height, b.width * b.height)
