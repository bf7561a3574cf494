"""Letters of a merged cell that a page break cuts hang over the end of its open last row, or stand up over its open first."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
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
