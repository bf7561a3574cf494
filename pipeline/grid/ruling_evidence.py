"""What the pixels along a line say: is it drawn between two crossings, does print run across it, or is there paper?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from pipeline.grid.band_pixels import band_pixels
from pipeline.grid.ridges import PixelRule
from pipeline.raster import Gray

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_BESIDE_IN, _SEARCH_IN, _NEAR_IN = 0.018, 0.012, 0.06
_SPACE_IN = 0.05
_DRAWN, _DARK, _WHOLE, _FREELY_DRAWN = 0.35, 0.5, 0.88, 0.97
_DOT_GAP_IN, _DASH_GAP_IN = 0.03, 0.05
_JUNCTION_IN, _END_IN, _DRAWN_END = 0.015, 0.035, 0.6
_LEAST_CONTRAST, _OWN_DEPTH, _STRAIGHT = 6.0, 0.5, 0.35
_SOUND, _BESIDE_SHARE, _DOUBLED = 0.3, 0.2, 0.5
_THROUGH_IN, _PINHOLE_PX = 0.015, 2
_FIGURE_IN, _FIGURE_END_IN, _WIDER_PX, _INK = 0.2, 0.015, 2, 0.35


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
    """

    drawn: float
    crossed: float
    flanked: float
    ends: int
    stroke: str = ""
    hugged: float = 0.0
    free: float = 0.0
    through: float = 0.0


WHOLE = Evidence(1.0, 0.0, 0.0, 2)


@dataclass(frozen=True, slots=True)
class Course:
    """Where a line runs: straight from knot to knot, and how wide it is.

    Attributes:
        along: coordinates of the knots, ascending; `places`: where the line lies there.
        half: half of the width over which it is drawn, in pixels: of its thickness, or of a double line.
    """

    along: tuple[float, ...]
    places: tuple[float, ...]
    half: float

    def at(self, along: float | Floats | npt.NDArray[np.int_]) -> Floats:
        """Returns where the line lies at coordinates along it."""
        return np.asarray(np.interp(along, self.along, self.places), dtype=np.float64)


def to_course(pieces: Sequence[PixelRule]) -> Course:
    """Returns the course of a line through the middles of its pieces, or between the two strokes of a double line."""
    longest = max(p.length for p in pieces)
    # Short pieces say less of the place than long ones near them.
    sound = sorted((p for p in pieces if p.length >= _SOUND * longest), key=lambda p: (p.start + p.end) / 2)
    ends = min(p.start for p in sound), max(p.end for p in sound)
    if _doubled(sound) >= _DOUBLED * (ends[1] - ends[0]):
        low, high = min(p.at for p in sound), max(p.at for p in sound)
        thickness = _mean_thickness(sound)
        return Course(ends, ((low + high) / 2,) * 2, (high - low + thickness) / 2)
    # Where pieces lie side by side now and then, the longer one is the line.
    alone = [p for p in sound if not any(q.length > p.length and _is_beside(p, q) for q in sound)]
    return Course(tuple((p.start + p.end) / 2 for p in alone), tuple(p.at for p in alone), _mean_thickness(alone) / 2)


def _mean_thickness(pieces: Sequence[PixelRule]) -> float:
    return sum(p.thickness * p.length for p in pieces) / sum(p.length for p in pieces)


def _doubled(pieces: Sequence[PixelRule]) -> float:
    """Returns over which length two pieces run side by side."""
    pairs = combinations(pieces, 2)
    return sum(min(a.end, b.end) - max(a.start, b.start) for a, b in pairs if _is_beside(a, b))


def _is_beside(a: PixelRule, b: PixelRule) -> bool:
    """True where two pieces run side by side."""
    return min(a.end, b.end) - max(a.start, b.start) > _BESIDE_SHARE * min(a.length, b.length) and abs(a.at - b.at) >= 2


@dataclass(frozen=True, slots=True)
class Strip:
    """The pixels along a line, from `start` on.

    Attributes:
        start: coordinate of the first sample.
        drawn: shape (n,): darker than both sides, or a gap as between two dots.
        crossed: shape (n,): print on both sides.
        unknown: shape (n,): print on one side touches it, so that nothing can be told.
        flanked: shape (n,): print close by on both sides.
        hugged: shape (n,): print close by on a side.
        width: shape (n,): pixels of ink on the line and close by.
        through: shape (n,): one stroke of ink from beyond the line on one side to beyond it on the other.
        long: shape (n,): of an unbroken piece longer than any stroke of a figure.
        courses: shape (k, n): the darkest of three neighbouring rows, for all places where the line may lie.
        sides: shape (2, n): likewise beside the line, where it cannot lie.
        own: how dark the line is where it was found.
        solid: shape (n,): darker than both sides.
        lit: shape (n,): darker than the nearest paper on both sides, however close print stands beyond it.
    """

    start: int
    drawn: Bools
    crossed: Bools
    unknown: Bools
    flanked: Bools
    hugged: Bools
    width: npt.NDArray[np.int_]
    through: Bools
    long: Bools
    courses: npt.NDArray[np.float32]
    sides: npt.NDArray[np.float32]
    own: float
    solid: Bools
    lit: Bools


def cut_strip(ink: Gray, course: Course, pieces: Sequence[PixelRule], start: float, end: float, dpi: float) -> Strip:
    """Looks along a horizontal line.

    Args:
        ink: 0 is paper, 255 black.
        course: of the line.
        pieces: where it was found.
        start: first coordinate looked at.
        end: one past the last.
        dpi: pixels an inch.
    """
    first, last = max(0, round(start)), min(ink.shape[1], round(end))
    along = np.arange(first, max(first + 1, last))
    along = np.minimum(along, ink.shape[1] - 1)
    path = course.at(along)
    reach = round(course.half + _SEARCH_IN * dpi)
    beside, near = max(2, round(_BESIDE_IN * dpi)), max(3, round(_NEAR_IN * dpi))
    offsets = np.arange(-reach - beside - near, reach + beside + near + 1)
    strip = band_pixels(ink, np.rint(path).astype(int), along, offsets).astype(np.float32)
    center = strip[beside + near : -beside - near].max(axis=0)
    above, below = strip[near - 1 : near + 1].mean(axis=0), strip[-near - 1 : -near + 1].mean(axis=0)
    higher, lower = np.maximum(above, below), np.minimum(above, below)
    paper = float(np.percentile(lower, 50))
    own = _own_contrast(center - higher, center - paper, pieces, along)
    drawn = center - higher >= max(_LEAST_CONTRAST, _DRAWN * own)
    crossed = (lower - paper >= _DARK * own) & ~drawn
    unknown = ~drawn & ~crossed & (center - np.minimum(lower, paper + _DARK * own) >= _DRAWN * own)
    is_print = strip - paper >= _DARK * own
    # Letters of one word stand closer than figures on both sides of a line.
    above_gap, below_gap = _first(is_print[near - 1 :: -1]), _first(is_print[-near:])
    space = round(_SPACE_IN * dpi)
    flanked, hugged = above_gap + below_gap <= space, np.minimum(above_gap, below_gap) <= space
    width = np.asarray((strip[near:-near] - paper >= _INK * own).sum(axis=0), dtype=np.int_)
    through = _through(strip - paper >= _INK * own, round(course.half + _THROUGH_IN * dpi))
    long = _long_runs(_closed(drawn, _PINHOLE_PX), _FIGURE_IN * dpi)
    triples = np.maximum(np.maximum(strip[:-2], strip[1:-1]), strip[2:])
    courses, sides = triples[beside + near : -beside - near], np.stack((triples[near - 1], triples[-near]))
    closed = _closed(drawn, round(_DOT_GAP_IN * dpi))
    if any(p.is_dotted for p in pieces):
        # A figure that touches the line hides a dash or a gap.
        closed = _closed(closed | unknown, _dot_gap(drawn, pieces, first, dpi)) & ~(unknown & ~drawn)
    paper_near = np.maximum(strip[near - 1 : near + beside].min(axis=0), strip[-near - beside : -near + 1].min(axis=0))
    lit = center - paper_near >= max(_LEAST_CONTRAST, _DRAWN * own)
    return Strip(first, closed, crossed, unknown, flanked, hugged, width, through, long, courses, sides, own, drawn, lit)


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
    return Evidence(share, _share(crossed), _share(strip.flanked[first:last]), ends, stroke, hugged, free, through)


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


def _through(is_ink: Bools, reach: int) -> Bools:
    """Tells where ink goes on without a gap from `reach` pixels on one side of the middle to as many on the other.

    The line may lie a pixel off its course, so one side may reach a pixel less far.
    """
    middle = len(is_ink) // 2
    low, high = is_ink[middle - reach : middle], is_ink[middle + 1 : middle + reach + 1]
    inner = is_ink[middle - reach + 1 : middle + reach].all(axis=0)
    return np.asarray(inner & (low[0] | high[-1]), dtype=np.bool_)


def _long_runs(drawn: Bools, least: float) -> Bools:
    """Tells which samples belong to an unbroken run longer than any stroke of a figure."""
    edges = np.diff(np.concatenate(([False], drawn, [False])).astype(np.int8))
    starts, ends = np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)
    is_long = ends - starts > least
    marks = np.zeros(len(drawn) + 1, dtype=np.int8)
    np.add.at(marks, starts[is_long], 1)
    np.add.at(marks, ends[is_long], -1)
    return np.asarray(np.cumsum(marks)[:-1] > 0, dtype=np.bool_)


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
    """True where two strokes side by side go from one crossing to the next: a double line, however close print stands to it."""
    inset = _JUNCTION_IN * dpi
    whole = [p for p in pieces if p.start <= left + inset and p.end >= right - inset and p.strength >= _WHOLE]
    return any(_is_beside(a, b) for a, b in combinations(whole, 2))


def _stroke(drawn: Bools, width: npt.NDArray[np.int_], dpi: float) -> str:
    """Tells whether all that is drawn is one stroke as long as a figure that reaches neither crossing, see `Evidence`."""
    places = np.flatnonzero(drawn)
    end = max(2, round(_FIGURE_END_IN * dpi))
    if not 3 * end <= len(places) <= _FIGURE_IN * dpi or places[-1] - places[0] >= len(places) + 2:
        return ""
    low, high = places[0] - end, places[-1] + end
    if low <= 0 or high >= len(drawn) - 1:
        return ""
    middle = float(np.median(width[places[0] + end : places[-1] - end + 1]))
    ends = max(width[low : places[0] + end].max(), width[places[-1] - end + 1 : high + 1].max())
    return "figure" if ends >= middle + _WIDER_PX else "floating"


def _first(is_print: Bools) -> npt.NDArray[np.int_]:
    """Returns how many rows of paper come before the first print in each column; 99 where there is none."""
    return np.where(is_print.any(axis=0), is_print.argmax(axis=0), 99)


def _own_contrast(
    contrast: npt.NDArray[np.float32], depth: npt.NDArray[np.float32], pieces: Sequence[PixelRule], along: npt.NDArray[np.int_]
) -> float:
    """How dark the line is where it was found.

    Args:
        contrast: shape (n,): of the line to the darker of its sides.
        depth: shape (n,): of the line to the paper. A stroke with print on a side has hardly any contrast, but is not pale:
            else the grain of the paper would look as dark as the line.
        pieces: where it was found.
        along: shape (n,): coordinates of the samples.
    """
    found = np.zeros(len(along), dtype=bool)
    for p in pieces:
        found |= (along >= p.start) & (along < p.end)
    if not found.any():
        found[:] = True
    beside, to_paper = (float(np.percentile(values[found], 60)) for values in (contrast, depth))
    return max(_LEAST_CONTRAST, beside, _OWN_DEPTH * to_paper)


def _dot_gap(drawn: Bools, pieces: Sequence[PixelRule], start: int, dpi: float) -> int:
    """Returns the longest gap between two dots, or two dashes, of a line: that of the pieces found to be dotted."""
    usual, longest = round(_DOT_GAP_IN * dpi), _DASH_GAP_IN * dpi
    gaps: list[int] = []
    for p in pieces:
        if p.is_dotted:
            places = np.flatnonzero(drawn[max(0, round(p.start) - start) : max(0, round(p.end) - start)])
            gaps += [int(g) for g in np.diff(places) - 1 if 0 < g <= longest]
    return max(usual, round(float(np.median(gaps))) + 1) if gaps else usual


def _closed(drawn: Bools, gap: int) -> Bools:
    """Closes gaps of at most `gap` samples: those of a dotted line."""
    if gap < 1 or drawn.all() or not drawn.any():
        return drawn
    places = np.flatnonzero(drawn)
    apart = np.diff(places)
    closed = drawn.copy()
    for k in np.flatnonzero((apart > 1) & (apart <= gap + 1)):
        closed[places[k] : places[k + 1]] = True
    return closed
