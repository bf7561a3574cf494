"""Words → the cells of a lattice: every word of the hull finds its cell, and what does not fit is a doubt."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.domain import BBox, TableCell, Word
from pipeline.grid.lattice import CellBox, Lattice, lattice_to_cells
from pipeline.grid.pieces import Piece
from pipeline.grid.segments import is_value
from pipeline.grid.text import words_to_text

_OVERHANG_EM = 0.45
_FEW_ROWS = 2
_HANGING = "，。、；：）》”」】,.;:)"


@dataclass(frozen=True, slots=True)
class Filled:
    """Cells with their words.

    Attributes:
        boxes: the cells; `words[k]` lie in `boxes[k]`.
        crossing: indices of cells whose text runs over their edges.
        irregular: cells cut from areas that are no rectangles.
    """

    boxes: tuple[CellBox, ...]
    words: tuple[tuple[Word, ...], ...]
    crossing: frozenset[int]
    irregular: frozenset[CellBox]


def fill_lattice(lattice: Lattice, words: Iterable[Word]) -> Filled:
    """Assigns words to cells by their centres; words outside the lattice are not its affair."""
    boxes, irregular = lattice_to_cells(lattice)
    owner = _owners(boxes)
    held: list[list[Word]] = [[] for _ in boxes]
    crossing: set[int] = set()
    for word in words:
        k = _place(lattice, owner, *word.bbox.center)
        if k is None:
            continue
        held[k].append(word)
        crossing |= _crossed(lattice, boxes, owner, k, word)
    return Filled(tuple(boxes), tuple(map(tuple, held)), frozenset(crossing), irregular)


def fill_places(lattice: Lattice, places: Iterable[tuple[Word, int, int]], others: Iterable[Word]) -> Filled:
    """Fills cells with words whose row and column is known; `others` go by their centres."""
    boxes, irregular = lattice_to_cells(lattice)
    owner = _owners(boxes)
    held: list[list[Word]] = [[] for _ in boxes]
    for word, row, column in places:
        held[owner[row, column]].append(word)
    for word in others:
        k = _place(lattice, owner, *word.bbox.center)
        if k is not None:
            held[k].append(word)
    return Filled(tuple(boxes), tuple(map(tuple, held)), frozenset(), irregular)


def _owners(boxes: Sequence[CellBox]) -> dict[tuple[int, int], int]:
    """Maps each row and column to the cell that covers it."""
    return {
        (r, c): k for k, box in enumerate(boxes) for r in range(box.row, box.row_end) for c in range(box.column, box.column_end)
    }


def _place(lattice: Lattice, owner: dict[tuple[int, int], int], x: float, y: float) -> int | None:
    r, c = bisect_right(lattice.ys, y) - 1, bisect_right(lattice.xs, x) - 1
    return owner.get((r, c))


def _crossed(lattice: Lattice, boxes: Sequence[CellBox], owner: dict[tuple[int, int], int], k: int, word: Word) -> set[int]:
    """Returns the word's cell and those that it reaches into, where it leaves its own; else nothing."""
    box, place = cell_bbox(lattice, boxes[k]), word.bbox
    slack = _OVERHANG_EM * min(place.height, place.width)
    hang = place.height if word.text[-1] in _HANGING else 0.0
    beyond = set()
    y = place.center[1]
    if place.x0 < box.x0 - slack:
        beyond.add(_place(lattice, owner, place.x0 + slack / 2, y))
    if place.x1 > box.x1 + slack + hang:
        beyond.add(_place(lattice, owner, place.x1 - slack / 2, y))
    beyond -= {None, k}
    return {k} | {other for other in beyond if other is not None} if beyond else set()


def cell_bbox(lattice: Lattice, box: CellBox) -> BBox:
    """Returns the place of a cell in points."""
    return BBox(lattice.xs[box.column], lattice.ys[box.row], lattice.xs[box.column_end], lattice.ys[box.row_end])


def lattice_to_piece(lattice: Lattice, filled: Filled, page_no: int, reading: str, doubts: Sequence[str] = ()) -> Piece:
    """Turns a filled lattice into the piece of a table.

    Where lines do not close around labels alone, only the rows of these labels, or the columns below such a header, are in
    doubt; where they do not close around figures, the whole table is.
    """
    texts = [words_to_text(words) for words in filled.words]
    open_lanes = _open_lanes(filled, texts)
    cells = []
    for k, (box, words) in enumerate(zip(filled.boxes, filled.words, strict=True)):
        doubt = _doubt(k, box, words, filled)
        if doubt is None and open_lanes is not None and open_lanes.hold(box):
            doubt = "the lines of its row or column do not close"
        cells.append(
            TableCell(
                box.row,
                box.column,
                box.row_end - box.row,
                box.column_end - box.column,
                texts[k],
                page_no,
                cell_bbox(lattice, box),
                certain=doubt is None,
                doubt=doubt,
                readings=words[0].readings if len(words) == 1 else (),
            )
        )
    reasons = list(doubts)
    if open_lanes is None:
        reasons.append("the lines of the table leave areas that are not rectangles")
    return Piece(
        page_no, lattice.xs, lattice.ys, tuple(cells), lattice.walls_h[0], lattice.walls_h[-1], reading, None, tuple(reasons)
    )


@dataclass(frozen=True, slots=True)
class _OpenLanes:
    """Rows and columns whose labels stand in areas that are no rectangles."""

    rows: frozenset[int]
    columns: frozenset[int]

    def hold(self, box: CellBox) -> bool:
        """True where a cell lies in one of them."""
        return not self.rows.isdisjoint(range(box.row, box.row_end)) or not self.columns.isdisjoint(
            range(box.column, box.column_end)
        )


def _open_lanes(filled: Filled, texts: Sequence[str]) -> _OpenLanes | None:
    """Returns the lanes that areas without a rectangle make doubtful; None where these hold figures, or nothing does."""
    if not filled.irregular:
        return _OpenLanes(frozenset(), frozenset())
    figures = [box for box, text in zip(filled.boxes, texts, strict=True) if is_value(text)]
    if not figures or any(box in filled.irregular for box in figures):
        return None
    first_row, first_column = min(b.row for b in figures), min(b.column for b in figures)
    rows: set[int] = set()
    columns: set[int] = set()
    below = max(b.row_end for b in figures)
    for box in filled.irregular:
        if box.row >= below:
            # What a page break leaves of a row has no lines around it.
            rows |= set(range(box.row, box.row_end))
            continue
        if box.row_end > first_row and box.column_end > first_column:
            return None
        if box.row_end <= first_row:
            columns |= set(range(box.column, box.column_end))
        elif box.row_end - box.row <= _FEW_ROWS:
            rows |= set(range(box.row, box.row_end))
    return _OpenLanes(frozenset(rows), frozenset(columns))


def _doubt(k: int, box: CellBox, words: Sequence[Word], filled: Filled) -> str | None:
    """Says why a cell is uncertain, or None."""
    if k in filled.crossing:
        return "its text runs over a cell's edge"
    if box in filled.irregular:
        return "the lines around it do not close"
    unsure = next((w.doubt for w in words if w.doubt is not None), None)
    if unsure is None and any("\ufffd" in w.text or "(cid:" in w.text for w in words):
        return "a character of it has no Unicode value"
    return unsure
