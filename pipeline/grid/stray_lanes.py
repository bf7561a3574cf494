"""Columns that are none: a stray text between two columns of figures, in a table without rulings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median_low

from pipeline.grid.lanes import Lane
from pipeline.grid.segments import Segment, SegmentLine

_FEW, _MANY = 3, 4
_ROOM = 1.4


def without_stray_lanes(lines: Sequence[SegmentLine], lanes: list[Lane]) -> list[Lane]:
    """Leaves out columns between two columns of figures that hold one text and no value, and for which there is no room.

    What is left of a stamp, or a speck that was read as a letter, would else be a column, and each row of the table would have
    a cell too many. The text then goes to the column nearest to it, whose cell it makes unreadable.

    Args:
        lines: from top to bottom.
        lanes: the columns.
    """
    if sum(lane.figures for lane in lanes) < _FEW or sum(line.n_values > 0 for line in lines) < _MANY:
        return lanes
    return [lane for k, lane in enumerate(lanes) if not _is_stray(lines, lanes, k)]


def _is_stray(lines: Sequence[SegmentLine], lanes: Sequence[Lane], k: int) -> bool:
    if lanes[k].figures or lanes[k].head or not 0 < k < len(lanes) - 1:
        return False
    left, right = lanes[k - 1], lanes[k + 1]
    if not (left.figures and right.figures):
        return False
    inside = [(line, s) for line in lines for s in line.segments if lanes[k].shares(s) > 0]
    if len(inside) != 1 or not _is_in_a_row(*inside[0]):
        return False
    mids = [(lane.x0 + lane.x1) / 2 for lane in lanes if lane.figures]
    return (right.x0 + right.x1 - left.x0 - left.x1) / 2 < _ROOM * median_low([b - a for a, b in pairwise(mids)])


def _is_in_a_row(line: SegmentLine, segment: Segment) -> bool:
    """True for a text without a digit in a line with values: it is neither a head nor a figure with a stroke through it."""
    return line.n_values >= _FEW and not segment.is_value and not any(c.isdigit() for c in segment.text)
