"""Uprights of a worn table that are lost in one or two rows, while the other columns of these rows are parted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.grid.ruling_lanes import JudgedLane

_MOST_ROWS, _LEAST_LANES, _PARTED = 2, 2, 0.6
_REFUTED, _NEAR_IN = -6.5, 0.05


def with_lost_in_rows(
    lanes: Sequence[JudgedLane], across: Sequence[JudgedLane], odds: Sequence[Sequence[float]], dpi: float
) -> list[JudgedLane]:
    """Draws stretches that are lost between drawn ones of their lane, in rows that most such lanes part.

    A title that goes over all columns ends all of them at once; one column alone is hardly joined with the next in a row or two.

    Args:
        lanes: uprights of a region, in order of their places.
        across: horizontal lanes.
        odds: of the stretches of `lanes`: those that print refutes stay as they are.
        dpi: pixels an inch.
    """
    near = _NEAR_IN * dpi
    bridged = [_bridged(judged.drawn, _open_ends(judged, across, near)) for judged in lanes]
    found = []
    for k, judged in enumerate(lanes):
        drawn = list(judged.drawn)
        for n, stretch in enumerate(judged.stretches):
            if drawn[n] or not bridged[k][n] or odds[k][n] <= _REFUTED:
                continue
            middle = (stretch.left + stretch.right) / 2
            # The frame goes on beside a title too.
            others = [
                other.drawn[m]
                for j, other in enumerate(lanes)
                if j not in (0, k, len(lanes) - 1)
                for m, s in enumerate(other.stretches)
                if s.left <= middle < s.right and bridged[j][m]
            ]
            drawn[n] = len(others) >= _LEAST_LANES and sum(others) >= _PARTED * len(others)
        found.append(replace(judged, drawn=tuple(drawn)))
    return found


def _bridged(drawn: Sequence[bool], open_ends: tuple[bool, bool]) -> list[bool]:
    """Tells which stretches are drawn, lie in a short gap between drawn ones, or are the next to one in an open row."""
    places = [k for k, is_drawn in enumerate(drawn) if is_drawn]
    found = [*drawn]
    for a, b in zip(places, places[1:], strict=False):
        if 1 < b - a <= _MOST_ROWS + 1:
            found[a:b] = [True] * (b - a)
    # The first row of a page may be open above, the last one below.
    if len(found) > 1 and open_ends[0]:
        found[0] = found[0] or found[1]
    if len(found) > 1 and open_ends[1]:
        found[-1] = found[-1] or found[-2]
    return found


def _open_ends(judged: JudgedLane, across: Sequence[JudgedLane], near: float) -> tuple[bool, bool]:
    """Tells whether a lane goes on above the first line across, and below the last one."""
    places = [a.lane.at for a in across]
    first, last = judged.stretches[0].left, judged.stretches[-1].right
    return first < min(places, default=first) - near, last > max(places, default=last) + near
