"""How far the lines of a worn table go: the frame all the way, and the others to a line that none of them reaches any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from pipeline.grid.ruling_lanes import Lane, SeenLane

_FRAME_IN, _REACH_IN = 0.03, 0.09
_WIDE, _ROWS = 0.6, 1.5
_LEFT, _REST, _CROSSED = 0.35, 0.1, 0.06


def reaching(lanes: Sequence[Lane], across: Sequence[Lane], dpi: float) -> list[Lane]:
    """Returns the lanes of one direction as long as they were before wear took their ends.

    Args:
        lanes: of one direction.
        across: those of the other, with strokes of print among them.
        dpi: pixels an inch.
    """
    long = [a for a in across if not a.is_short]
    if len(long) < 2 or not lanes:
        return list(lanes)
    low, high = min(a.at for a in long), max(a.at for a in long)
    ends = min(a.start for a in long), max(a.end for a in long)
    reach = _REACH_IN * dpi
    row = _ROWS * median(b - a for a, b in pairwise(sorted(a.at for a in long)))
    grown = [_as_frame(lane, ends, (low, high), _FRAME_IN * dpi) for lane in lanes]
    for lost in long:
        crossing = sum(g.start - reach <= lost.at <= g.end + reach for g in grown)
        if crossing >= 2 or lost.end - lost.start < _WIDE * (ends[1] - ends[0]):
            continue
        grown = [_up_to(g, lost.at, row) for g in grown]
    return grown


def as_left(seen: SeenLane) -> Lane:
    """Returns a lane as long as the stretches of which enough is left, also in pieces too short to be found by themselves."""
    clear = [s for s in seen.stretches if s.evidence.crossed < _CROSSED]
    left = [s for s in clear if (s.evidence.drawn >= _LEFT and s.evidence.ends) or (s.parts_print and s.evidence.drawn >= _REST)]
    lane = seen.lane
    return replace(lane, start=min([lane.start, *(s.left for s in left)]), end=max([lane.end, *(s.right for s in left)]))


def _as_frame(lane: Lane, ends: tuple[float, float], room: tuple[float, float], near: float) -> Lane:
    """A lane where those across end goes all the way."""
    if min(abs(lane.at - end) for end in ends) > near:
        return lane
    return replace(lane, start=min(lane.start, room[0]), end=max(lane.end, room[1]))


def _up_to(lane: Lane, at: float, row: float) -> Lane:
    """A lane that ends at most a row before a place goes on to it."""
    if lane.end < at <= lane.end + row:
        return replace(lane, end=at)
    if lane.start - row <= at < lane.start:
        return replace(lane, start=at)
    return lane
