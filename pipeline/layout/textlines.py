"""Print of a page → runs of print that are read at once, in reading order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np

from pipeline.layout.bands import hull, letter_of, to_bands
from pipeline.layout.crumbs import Crumbs, crumbled_print, find_crumbs
from pipeline.layout.cuts import cut_at_cells, cut_stacked, without_frames
from pipeline.layout.dirt import Ints
from pipeline.layout.free_stacks import free_stacks
from pipeline.layout.freelines import free_boxes
from pipeline.layout.ink import Ink, find_ink, ink_points, is_blank, is_dirt, pale_print
from pipeline.layout.stacks import is_stack
from pipeline.raster import PixelBox, TextLine

__all__ = ["find_ink", "find_lines", "ink_points", "is_blank"]

_MIN_HEIGHT = 0.75
_DOT, _LONG = 0.3, 1.3
_LEAST_SHARE = 0.3
_TALLEST, _FLAT = 1.3, 0.5
_INSET = 2


def find_lines(ink: Ink, cells: Sequence[PixelBox], dpi: float) -> list[TextLine]:
    """Returns the runs of print of a page in reading order: from top to bottom, the lines of a cell together.

    A line in a ruled cell is one run, however wide its gaps; outside of cells a run ends at a gap of about a letter.
    Short lines below one another that fill a narrow cell are one run of stacked letters, and so are letters written downwards
    outside of cells, where several such columns stand beside one another. Flat runs (-, 一) get the height
    of a letter, so that a crop of them shows how small they are.

    Args:
        ink: print of the page.
        cells: inner boxes of ruled cells in pixels, disjoint; a few pixels off is no matter.
        dpi: pixels an inch.
    """
    ink = cut_at_cells(ink, cells)
    owner = _owners(ink, cells)
    letter = letter_of(ink.boxes[owner >= 0], ink.letter) if (owner >= 0).any() else ink.letter
    ink, owner = without_frames(ink, cells, owner, letter)
    ink, owner = cut_stacked(ink, owner, letter)
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(-1, len(cells) + 1))
    held = [order[a:b] for a, b in zip(starts, starts[1:], strict=False)]
    # Most pages have print in all of their cells.
    crumbs = cache(partial(find_crumbs, ink))
    lines = [line for k, cell in enumerate(cells) for line in _cell_lines(ink, crumbs, held[k + 1], cell, k, letter)]
    stacks, loose = free_stacks(ink, held[0])
    lines += [TextLine(boxes) for boxes in stacks]
    lines += level_lines(ink, loose)
    return sorted(lines, key=lambda line: _reading_key(line, cells))


def level_lines(ink: Ink, members: Ints) -> list[TextLine]:
    """Returns the runs of print outside of cells that are written across, and marks among them; see `free_boxes`.

    Args:
        ink: print of the page.
        members: the pieces that stand in no cell.
    """
    free, marks = free_boxes(ink, members)
    alone = [boxes[0] for boxes in free if len(boxes) == 1]
    lines = [TextLine((_filled_up(box, (), _letter_beside(box, alone, ink.letter), None),)) for box in alone]
    lines += [TextLine(boxes) for boxes in free if len(boxes) > 1]
    return lines + [TextLine((box,)) for box in marks]


def _reading_key(line: TextLine, cells: Sequence[PixelBox]) -> tuple[int, int, int, int]:
    box = line.hull if line.cell is None else cells[line.cell]
    return box[1], box[0], line.hull[1], line.hull[0]


def _owners(ink: Ink, cells: Sequence[PixelBox]) -> Ints:
    """Returns for each piece the cell that holds most of it; -1 outside of cells."""
    boxes = ink.boxes
    owner = np.full(len(boxes), -1, dtype=np.int64)
    shared = np.full(len(boxes), _LEAST_SHARE, dtype=np.float64)
    size = np.maximum(1, (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))
    for k, (x0, top, x1, bottom) in enumerate(cells):
        wide = np.minimum(boxes[:, 2], x1) - np.maximum(boxes[:, 0], x0)
        tall = np.minimum(boxes[:, 3], bottom) - np.maximum(boxes[:, 1], top)
        share = np.clip(wide, 0, None) * np.clip(tall, 0, None) / size
        better = share > shared
        owner[better], shared[better] = k, share[better]
    return owner


def _cell_lines(
    ink: Ink, crumbs: Callable[[], Crumbs], members: Ints, cell: PixelBox, index: int, letter: float
) -> list[TextLine]:
    bands = [band for band in (to_bands(ink, members, letter) if len(members) else []) if not is_dirt(ink, band.members)]
    if not bands:
        pale = pale_print(ink, cell) or crumbled_print(crumbs(), cell)
        return [TextLine((pale,), index)] if pale else []
    pieces = [ink.boxes[list(band.members)] for band in bands]
    boxes = [hull(p) for p in pieces]
    if is_stack(pieces, boxes, cell):
        return [TextLine(tuple(boxes), index)]
    return [TextLine((_filled_up(box, boxes, letter, cell),), index) for box in boxes]


def _letter_beside(box: PixelBox, others: Sequence[PixelBox], letter: float) -> float:
    """Returns how high letters are in the row that a run stands in: that of the page where it stands alone."""
    middle = (box[1] + box[3]) / 2
    heights = [o[3] - o[1] for o in others if o != box and o[1] <= middle <= o[3] and o[3] - o[1] <= _TALLEST * letter]
    beside = max(heights, default=0)
    if beside >= _DOT * letter:
        return float(beside)
    own = box[3] - box[1]
    return float(own) if own >= _FLAT * letter else letter


def _filled_up(box: PixelBox, others: Sequence[PixelBox], letter: float, cell: PixelBox | None) -> PixelBox:
    """Gives a flat run (-, 一, a lone dot) the height of a letter, as far as there is room."""
    missing = round(_MIN_HEIGHT * letter) - (box[3] - box[1])
    if missing <= 0:
        return box
    is_dot = box[2] - box[0] < _DOT * letter and box[2] - box[0] < _LONG * (box[3] - box[1])
    top = max(0, box[1] - (missing if is_dot else missing // 2))
    bottom = top + round(_MIN_HEIGHT * letter)
    if cell is not None:
        top, bottom = max(top, cell[1] + _INSET), min(bottom, cell[3] - _INSET)
    top = max([top, *(b[3] + _INSET for b in others if b[3] <= box[1])])
    bottom = min([bottom, *(b[1] - _INSET for b in others if b[1] >= box[3])])
    return box[0], min(box[1], top), box[2], max(box[3], bottom)
