"""Rows that a page break cuts: letters hang over the end of an open last row, or of a row only the edge is drawn.

Browsers fill a page to its last point: of the row that begins there only uprights are drawn, mostly beyond what the page shows.
Its text stands on the next page.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.domain import Word
from pipeline.grid.lattice import Lattice

_INSIDE, _HIGHEST = 0.25, 0.9


def reach_hanging(lattice: Lattice, words: Iterable[Word]) -> Lattice:
    """Moves an open end of a table out to the letters that begin inside and end outside of it.

    A cell without a line at that end has no end there: its text goes on over the page break, and uprights are drawn only as far
    as the row that was printed.

    Args:
        lattice: of a network of lines.
        words: of its page.

    Returns:
        The lattice, its first and last line moved by less than the height of a letter, or not at all.
    """
    top, bottom = lattice.ys[0], lattice.ys[-1]
    first, last = top, bottom
    for word in words:
        box = word.bbox
        column = bisect_right(lattice.xs, box.center[0]) - 1
        if not 0 <= column < lattice.n_columns:
            continue
        slack = _INSIDE * box.height
        if not lattice.walls_h[-1][column] and box.top + slack < bottom < box.bottom:
            last = max(last, box.bottom)
        if not lattice.walls_h[0][column] and box.top < top < box.bottom - slack:
            first = min(first, box.top)
    if lattice.n_rows < 2 or (first, last) == (top, bottom):
        return lattice
    heights = lattice.ys[1] - top, bottom - lattice.ys[-2]
    ends = (
        first if top - first <= _HIGHEST * heights[0] else top,
        last if last - bottom <= _HIGHEST * heights[1] else bottom,
    )
    return replace(lattice, ys=(ends[0], *lattice.ys[1:-1], ends[1]))


def without_cut_rows(lattice: Lattice, words: Sequence[Word]) -> Lattice:
    """Leaves out a first and a last row that no line closes and that hold no word.

    Args:
        lattice: of a network of lines.
        words: of its page.

    Returns:
        The lattice, with both rows or without one of them.
    """
    if lattice.n_rows > 2 and not any(lattice.walls_h[-1]) and _is_empty(lattice, words, lattice.n_rows - 1):
        lattice = replace(lattice, ys=lattice.ys[:-1], walls_v=lattice.walls_v[:-1], walls_h=lattice.walls_h[:-1])
    if lattice.n_rows > 2 and not any(lattice.walls_h[0]) and _is_empty(lattice, words, 0):
        lattice = replace(lattice, ys=lattice.ys[1:], walls_v=lattice.walls_v[1:], walls_h=lattice.walls_h[1:])
    return lattice


def _is_empty(lattice: Lattice, words: Sequence[Word], row: int) -> bool:
    top, bottom = lattice.ys[row], lattice.ys[row + 1]
    return not any(top <= y <= bottom and lattice.xs[0] <= x <= lattice.xs[-1] for x, y in (w.bbox.center for w in words))
