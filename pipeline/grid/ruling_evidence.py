"""What the pixels along a line say: is it drawn between two crossings, does print run across it, or is there paper?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from pipeline.grid.courses import is_beside
from pipeline.grid.line_pieces import BOX_GAP_IN, as_one, join_pieces
from pipeline.grid.ridges import PixelRule
from pipeline.grid.strips import FIGURE_IN, PALE_IN, Bools, Strip

_WHOLE, _FREELY_DRAWN, _STRAIGHT = 0.88, 0.97, 0.35
_JUNCTION_IN, _END_IN, _DRAWN_END = 0.015, 0.035, 0.6
_FIGURE_END_IN, _WIDER_PX = 0.015, 2
_HUGGED = 0.3
_CORNER_IN, _BOXED = 0.045, 0.8


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the stretch of a line between two crossings looks like.

    Attributes:
        drawn: share of its length where it is darker than what lies beside it, 0 to 1, of what can be told.
        crossed: share of its length where print runs across it, or lies on it.
        flanked: share of its length with print close by on both sides: letters that stand on the line.
        ends: how many of its two ends are drawn up to the crossing, 0 to 2.
        stroke: "floating" where all that is drawn is one stroke as long as a figure, away from both ends; "figure" where it
            has a serif or a flag, as a 1 has; else "".
        hugged: share of its length with print close by on one side or both, so that little can be told of it.
        free: inches over which it is drawn with no print close by, where it is drawn wherever that is so; else 0.
        through: share of its length where strokes of print run through it, well beyond its own width on both sides.
        is_pale: it goes on evenly all the way, though far paler than its line elsewhere.
        is_boxed: all that it lacks is at its ends, no more than the corners of boxes of their own lie short of a crossing.
    """

    drawn: float
    crossed: float
    flanked: float
    ends: int
    stroke: str = ""
    hugged: float = 0.0
    free: float = 0.0
    through: float = 0.0
    is_pale: bool = False
    is_boxed: bool = False


WHOLE, NOTHING = Evidence(1.0, 0.0, 0.0, 2), Evidence(0.0, 0.0, 0.0, 0)


def weigh(strip: Strip, left: float, right: float, dpi: float) -> Evidence:
    """Sums up the stretch between two crossings.

    Args:
        strip: along the line.
        left: coordinate of the first crossing.
        right: of the second one.
        dpi: pixels an inch.
    """
    skip = max(1, round(_JUNCTION_IN * dpi))
    first, last = round(left) - strip.start + skip, round(right) - strip.start - skip
    first, last = max(0, first), min(len(strip.drawn), last)
    if last - first < 3:
        return Evidence(0.5, 0.0, 0.0, 1)
    drawn, crossed, unknown = (a[first:last] for a in (strip.drawn, strip.crossed, strip.unknown))
    known = max(1.0, float(len(unknown) - np.count_nonzero(unknown)))
    share = float(np.count_nonzero(drawn & ~unknown)) / known
    if share < _WHOLE:
        # What is left of a worn line stands free; a stroke of print has more of its letter beside it.
        stands_free = ~strip.hugged[first:last] | strip.long[first:last]
        share = float(np.count_nonzero(drawn & ~unknown & stands_free)) / known
    share = min(share, _straight_share(strip, np.arange(first, last)[~unknown], share))
    reach = min(max(2, round(_END_IN * dpi)), (last - first) // 2)
    either = drawn | unknown
    ends = sum(_share(part) >= _DRAWN_END for part in (either[:reach], either[-reach:]))
    stroke = _stroke(drawn, strip.width[first:last], dpi) if share < _WHOLE else ""
    hugged, free = _share(strip.hugged[first:last]), _free(strip, first, last, dpi)
    through = _but_one(strip.through[first:last])
    is_pale = share < _WHOLE and last - first >= PALE_IN * dpi and _is_evenly_pale(strip, first, last)
    is_boxed = _BOXED <= share < _FREELY_DRAWN and not stroke and _is_whole_inside(drawn | unknown, dpi)
    flanked = _share(strip.flanked[first:last])
    return Evidence(share, _share(crossed), flanked, ends, stroke, hugged, free, through, is_pale, is_boxed)


def _is_whole_inside(drawn: Bools, dpi: float) -> bool:
    """True where a stretch has no gap but at its ends, and is longer than the stroke of a figure."""
    corner = round(_CORNER_IN * dpi)
    is_long = int(np.count_nonzero(drawn)) > FIGURE_IN * dpi
    return is_long and _share(drawn[corner:-corner]) >= _FREELY_DRAWN


def _is_evenly_pale(strip: Strip, first: int, last: int) -> bool:
    """True where a line goes on evenly from crossing to crossing, paler than elsewhere, on clear paper.

    Print close by has strokes that may be in line, and hides how even the line is.
    """
    clear = not strip.crossed[first:last].any() and _share(strip.hugged[first:last]) <= _HUGGED
    return clear and _share(strip.pale[first:last]) >= _WHOLE


def _free(strip: Strip, first: int, last: int, dpi: float) -> float:
    """Returns over how many inches a line is drawn with no print close by; 0 where it has gaps there."""
    # Gaps are none of a line's: letters one below the other may have their strokes in line.
    drawn = strip.solid[first:last][~strip.hugged[first:last]]
    return len(drawn) / dpi if len(drawn) and _share(drawn) >= _FREELY_DRAWN else 0.0


def reaches(strip: Strip, at: float, step: int, dpi: float) -> bool:
    """True where a line is drawn up to a crossing.

    Args:
        strip: along the line.
        at: coordinate of the crossing.
        step: 1 for what begins at it, -1 for what ends at it.
        dpi: pixels an inch.
    """
    skip, reach = max(1, round(_JUNCTION_IN * dpi)), max(2, round(_END_IN * dpi))
    first = round(at) - strip.start + (skip if step > 0 else -skip - reach)
    part = (strip.drawn | strip.unknown)[max(0, first) : max(0, first + reach)]
    return len(part) > 0 and _share(part) >= _DRAWN_END


def _but_one(of: Bools) -> float:
    """Returns the share that is true, one of them left out: one stroke may hang on any line."""
    return max(0.0, float(np.count_nonzero(of)) - 1.0) / len(of)


def _share(of: Bools) -> float:
    """Returns the share that is true."""
    return float(np.count_nonzero(of)) / len(of)


def _straight_share(strip: Strip, known: npt.NDArray[np.int_], share: float) -> float:
    """Returns the share of a stretch that one straight course accounts for, where that is far less than `share`; else 1.

    Among the dots of a shade, or in the grain, there is a dark pixel on nearly every place of the way, though never in a row.
    """
    if not len(known) or not share:
        return 1.0
    straight = float(strip.courses[:, known].mean(axis=1).max() - strip.sides[:, known].mean(axis=1).min())
    return 1.0 if straight >= _STRAIGHT * share * strip.own else max(0.0, straight / strip.own)


def is_doubled(pieces: Sequence[PixelRule], left: float, right: float, dpi: float) -> bool:
    """True where two strokes side by side go from one crossing to the next: a double line, however close print stands to it.

    Where each cell has a box of its own, its corners stand as far from the crossing as the strokes from their middle, and each
    stroke parts where boxes below one another do.
    """
    strokes = [as_one(chain) for chain in join_pieces(pieces, dpi, BOX_GAP_IN)]
    return any(
        is_beside(a, b) and all(_spans(s, left, right, _JUNCTION_IN * dpi + abs(a.at - b.at) / 2) for s in (a, b))
        for group in (pieces, strokes)
        for a, b in combinations(group, 2)
    )


def _spans(stroke: PixelRule, left: float, right: float, inset: float) -> bool:
    return stroke.start <= left + inset and stroke.end >= right - inset and stroke.strength >= _WHOLE


def _stroke(drawn: Bools, width: npt.NDArray[np.int_], dpi: float) -> str:
    """Tells whether all that is drawn is one stroke as long as a figure that reaches neither crossing, see `Evidence`."""
    places = np.flatnonzero(drawn)
    end = max(2, round(_FIGURE_END_IN * dpi))
    if not 3 * end <= len(places) <= FIGURE_IN * dpi or places[-1] - places[0] >= len(places) + 2:
        return ""
    low, high = places[0] - end, places[-1] + end
    if low <= 0 or high >= len(drawn) - 1:
        return ""
    middle = float(np.median(width[places[0] + end : places[-1] - end + 1]))
    ends = max(width[low : places[0] + end].max(), width[places[-1] - end + 1 : high + 1].max())
    return "figure" if ends >= middle + _WIDER_PX else "floating"
