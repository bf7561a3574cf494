"""Ruled or coloured rows of a table whose other rows have no lines."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.grid.lattice import Lattice
from pipeline.grid.runs import is_tabular
from pipeline.grid.segments import SegmentLine, is_section

_SAME_UPRIGHT_PT = 3.0


def is_stripe(lattice: Lattice, others: Sequence[Lattice], lines: Sequence[SegmentLine]) -> bool:
    """True where rows without lines stand between this grid and the next one: every other row is coloured."""
    for other in others:
        upper, lower = (lattice, other) if lattice.ys[0] < other.ys[0] else (other, lattice)
        gap = lower.ys[0] - upper.ys[-1]
        shared = min(upper.xs[-1], lower.xs[-1]) - max(upper.xs[0], lower.xs[0])
        narrow = min(upper.xs[-1] - upper.xs[0], lower.xs[-1] - lower.xs[0])
        row = max(upper.ys[-1] - upper.ys[-2], lower.ys[1] - lower.ys[0])
        if other is lattice or not 0 < gap < 2.5 * row or shared < 0.6 * narrow:
            continue
        between = [line for line in lines if upper.ys[-1] - 1 <= line.y <= lower.ys[0] + 1]
        if any(line.n_values and is_tabular(line) and line.x1 - line.x0 > 0.5 * narrow for line in between):
            return True
        middle = (upper.xs[0] + upper.xs[-1]) / 2
        labels = [line for line in between if not is_section(line.text) and line.x1 < middle]
        if 1 in (upper.n_rows, lower.n_rows) and labels and _may_share_columns(upper, lower):
            return True
    return False


def _may_share_columns(one: Lattice, two: Lattice) -> bool:
    """True unless the uprights within one grid stand where the other has none: rows of one table part alike.

    A line between two tables need not read as a heading: the mark behind its number is easily lost in a scan.
    """
    few, many = sorted((one.xs[1:-1], two.xs[1:-1]), key=len)
    met = sum(any(abs(x - other) <= _SAME_UPRIGHT_PT for other in many) for x in few)
    return 2 * met >= len(few)
