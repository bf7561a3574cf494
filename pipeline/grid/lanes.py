"""The columns of a table without rulings, as the text in them shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.grid.segments import Segment


@dataclass(frozen=True, slots=True)
class Lane:
    """A column: the text in it runs from `x0` to `x1`.

    Attributes:
        figures: true where it holds numbers, or stands empty among columns that do.
        head: its head, where that is known by order and not by place.
    """

    x0: float
    x1: float
    figures: bool
    head: Segment | None = None

    def shares(self, segment: Segment) -> float:
        """Returns the width that a segment shares with the column, in points."""
        return min(self.x1, segment.x1) - max(self.x0, segment.x0)


def without_nested(lanes: Sequence[Lane]) -> list[Lane]:
    """Joins columns that lie within a neighbour: no boundary parts them.

    Args:
        lanes: sorted by their left edges.
    """
    found: list[Lane] = []
    for lane in lanes:
        if found and lane.x1 <= found[-1].x1:
            wide = found.pop()
            lane = Lane(wide.x0, wide.x1, wide.figures or lane.figures, wide.head or lane.head)
        found.append(lane)
    return found


def lanes_to_boundaries(lanes: Sequence[Lane], left: float, right: float) -> list[float]:
    """Returns the boundaries of the columns: `left`, the middles of the gaps, `right`."""
    inner = [(a.x1 + b.x0) / 2 for a, b in zip(lanes, lanes[1:], strict=False)]
    return [min(left, lanes[0].x0), *inner, max(right, lanes[-1].x1)]
