"""Where lines of a table meet: what no table can have there tells of a stretch that print hides.

The cells of a table are rectangles, so a line that ends at a crossing ends on a line that goes on both ways. Where the one that
should go on is missing on one side only, and its pixels do not show clear paper there, print touches it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.grid.ruling_evidence import Evidence
from pipeline.grid.ruling_lanes import JudgedLane

_NEAR_IN = 0.05
_TOUCHED, _SOME, _REST, _DASHES = 0.1, 0.15, 0.2, 0.4
_WHOLE = 0.95
_THROUGH = (True, True)


def with_hidden_stretches(
    lanes: Sequence[JudgedLane], across: Sequence[JudgedLane], dpi: float, is_worn: bool = False
) -> list[JudgedLane]:
    """Returns the lanes of one direction with those stretches drawn that lines across end on.

    Args:
        lanes: of one direction.
        across: those of the other.
        dpi: pixels an inch.
        is_worn: what is left of a line is drawn too.
    """
    near = _NEAR_IN * dpi
    dashed = [any(p.is_dotted for p in judged.lane.pieces) for judged in (*lanes, *across)]
    is_dashed = sum(dashed) > len(dashed) / 2
    return [_completed(judged, across, near, is_worn, is_dashed) for judged in lanes]


def _completed(judged: JudgedLane, across: Sequence[JudgedLane], near: float, is_worn: bool, is_dashed: bool) -> JudgedLane:
    drawn = list(judged.drawn)
    ends_on = [_sides(judged.lane.at, place, across, near) for place in _places(judged)]
    for k, stretch in enumerate(judged.stretches):
        if drawn[k]:
            continue
        # A line may also begin, or end, on one that goes through there.
        goes_on = k > 0 and drawn[k - 1], k + 1 < len(drawn) and drawn[k + 1]
        held = (goes_on[0] or _THROUGH in ends_on[k]) and (goes_on[1] or _THROUGH in ends_on[k + 1]) and any(goes_on)
        hidden = held and _is_unclear(stretch.evidence, is_dashed)
        if not (hidden or (is_worn and _is_rest(stretch.evidence))):
            continue
        if any(a != b for a, b in ends_on[k] | ends_on[k + 1]):
            drawn[k] = True
    for first, last in _gaps(drawn):
        # Of several stretches in a row each is hidden, and at every crossing between them a line ends.
        hidden = all(_is_found(judged, k) for k in range(first, last))
        if hidden and all(any(a != b for a, b in ends_on[k]) for k in range(first + 1, last)):
            drawn[first:last] = [True] * (last - first)
    return judged if tuple(drawn) == judged.drawn else replace(judged, drawn=tuple(drawn))


def _places(judged: JudgedLane) -> list[float]:
    """The crossings of a lane."""
    return [*(s.left for s in judged.stretches[:1]), *(s.right for s in judged.stretches)]


def _gaps(drawn: Sequence[bool]) -> list[tuple[int, int]]:
    """The runs of several stretches that are not drawn, between two that are: first and one past the last."""
    at = [k for k, is_drawn in enumerate(drawn) if is_drawn]
    return [(a + 1, b) for a, b in pairwise(at) if b - a > 2]


def _is_found(judged: JudgedLane, k: int) -> bool:
    """True where print is close to a stretch of a line that reaches both crossings, and one piece was found all over it."""
    stretch, evidence = judged.stretches[k], judged.stretches[k].evidence
    whole = any(p.start <= stretch.left and p.end >= stretch.right and p.strength >= _WHOLE for p in judged.lane.pieces)
    return whole and evidence.ends == 2 and evidence.hugged >= _TOUCHED


def _is_rest(evidence: Evidence) -> bool:
    """True where some of a worn line is left, and it is no figure."""
    return evidence.drawn >= _REST and evidence.stroke != "figure" and evidence.crossed < _TOUCHED


def _is_unclear(evidence: Evidence, is_dashed: bool) -> bool:
    """True where print touches a stretch and some of it is drawn: paper alone would show that nothing is there.

    With print along one side, what is drawn must reach both crossings, of which dashes may leave one to a gap.
    """
    reaches = evidence.ends == 2 or (is_dashed and evidence.drawn >= _DASHES)
    touched = max(evidence.crossed, evidence.flanked) >= _TOUCHED or (reaches and evidence.hugged >= _TOUCHED)
    return evidence.ends > 0 and evidence.drawn >= _SOME and touched


def _sides(at: float, place: float, across: Sequence[JudgedLane], near: float) -> set[tuple[bool, bool]]:
    """Returns for each line across that meets a lane at a place whether it is drawn before the lane and after it.

    Args:
        at: place of the lane.
        place: where along the lane the line across meets it.
        across: lines of the other direction.
        near: how far apart places of one crossing are at most, in pixels.
    """
    found = set()
    for other in across:
        if abs(other.lane.place(at) - place) > near:
            continue
        pairs = list(zip(other.stretches, other.drawn, strict=True))
        before = any(d and s.left < at - near and s.right >= at - near for s, d in pairs)
        after = any(d and s.left <= at + near and s.right > at + near for s, d in pairs)
        found.add((before, after))
    return found
