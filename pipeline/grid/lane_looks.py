"""Lanes → their stretches between crossings, each with what its pixels say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from pipeline.grid.beside_print import with_print
from pipeline.grid.dashed import are_dashed, are_strokes
from pipeline.grid.dotted import are_dotted
from pipeline.grid.lost_lanes import lost_lanes
from pipeline.grid.pitch import in_pitch
from pipeline.grid.ruling_evidence import NOTHING, WHOLE, Evidence, is_doubled, weigh
from pipeline.grid.ruling_lanes import Lane, SeenLane, Stretch
from pipeline.grid.sound_lanes import is_sound, may_be_worn
from pipeline.grid.strips import cut_strip
from pipeline.raster import Gray

_REACH_IN, _GAP_IN, _SEVERAL, _MOSTLY = 0.09, 0.3, 2, 0.5


Known = dict[tuple[int, tuple[float, ...]], SeenLane]
"""Lanes of one page by their identity and the places of their crossings: most are looked at twice with the same crossings."""


def look_at(
    ink: Gray,
    lanes: Sequence[Lane],
    across: Sequence[Lane],
    dpi: float,
    is_upright: bool = False,
    is_worn: bool = False,
    known: Known | None = None,
) -> list[SeenLane]:
    """Cuts lanes at their crossings and looks at each stretch; those that are nowhere a line beyond doubt are dropped.

    Args:
        ink: 0 is paper, 255 black; the lanes run along its rows.
        lanes: of one direction.
        across: of the other one.
        dpi: pixels an inch.
        is_upright: the page is turned: the lanes part columns.
        is_worn: lines may go on to the next line across, beyond where they were found, and figures of columns tell of one
            that is lost.
        known: of the same `ink` and `dpi`; what is looked at here is added.
    """
    known = {} if known is None else known
    if is_worn:
        across = [_up_to_next(other, lanes, dpi) for other in across]
    else:
        # The dashes of a low row are too few to be found by themselves.
        across = [_by_a_low_row(o, lanes, dpi) if _is_dotted(o) else o for o in across]
    found: list[SeenLane] = []
    rests: list[SeenLane] = []
    for lane, places in zip(lanes, _places(lanes, across, dpi, is_worn), strict=True):
        if len(places) < 2:
            continue
        key = id(lane), tuple(places)
        seen = known.get(key)
        if seen is None:
            seen = known[key] = _seen(ink, lane, places, dpi)
        if is_sound(lane, seen.stretches) or may_be_worn(lane, seen.stretches, dpi):
            found.append(seen)
        else:
            rests.append(seen)
    if not (found and is_worn and is_upright):
        return found
    even = in_pitch([s.lane.at for s in found], [s.lane.at for s in rests], dpi)
    found = sorted([*found, *(s for s, is_even in zip(rests, even, strict=True) if is_even)], key=_place)
    lost = lost_lanes(ink, found, across, dpi)
    crossed = _places([*lanes, *lost], across, dpi, is_worn)[len(lanes) :]
    found += [_seen(ink, lane, places, dpi) for lane, places in zip(lost, crossed, strict=True) if len(places) > 1]
    ends = min(a.start for a in across), max(a.end for a in across)
    return with_print(ink, sorted(found, key=_place), ends, dpi)


def _place(seen: SeenLane) -> float:
    return seen.lane.at


def _seen(ink: Gray, lane: Lane, places: Sequence[float], dpi: float) -> SeenLane:
    """Looks at a lane between its crossings."""
    strip = cut_strip(ink, lane.course, lane.pieces, places[0] - _REACH_IN * dpi, places[-1] + _REACH_IN * dpi, dpi)
    spans = list(pairwise(places))
    doubled_there = [is_doubled(lane.pieces, a, b, dpi) for a, b in spans]
    known: list[Evidence | None] = [
        WHOLE if dotted or doubled else None for dotted, doubled in zip(are_dotted(strip, spans, dpi), doubled_there, strict=True)
    ]
    dashed = sum(p.length for p in lane.pieces if p.is_dotted)
    if dashed:
        known = [k or (WHOLE if d else None) for k, d in zip(known, are_dashed(strip, spans, dpi), strict=True)]
    if dashed > _MOSTLY * sum(p.length for p in lane.pieces):
        known = [k or (NOTHING if s else None) for k, s in zip(known, are_strokes(strip, spans, dpi), strict=True)]
    stretches = tuple(Stretch(a, b, evidence or weigh(strip, a, b, dpi)) for (a, b), evidence in zip(spans, known, strict=True))
    return SeenLane(lane, strip, stretches)


def _places(lanes: Sequence[Lane], across: Sequence[Lane], dpi: float, is_worn: bool) -> list[list[float]]:
    """Returns for each lane where others cross it or come near to it, and its ends beyond them.

    Lines of a worn print end alike: where they end on a frame that is lost, each has lost another part of its end. So do those
    of dashes, of which the last ones may be too few to be found.
    """
    reach = _REACH_IN * dpi
    is_broken = is_worn or 2 * sum(_is_dotted(lane) for lane in lanes) > len(lanes)
    found = [_crossings(lane, across, dpi) for lane in lanes]
    out = [(lane, places) for lane, places in zip(lanes, found, strict=True) if places]
    starts = [lane.start for lane, places in out if lane.start < places[0] - reach]
    ends = [lane.end for lane, places in out if lane.end > places[-1] + reach]
    gap = _GAP_IN * dpi
    first = min((p for p in starts if p >= median(starts) - gap), default=0.0)
    last = max((p for p in ends if p <= median(ends) + gap), default=0.0)
    for lane, places in out:
        # Where several lines go on, all may have gone on.
        if lane.start < places[0] - reach or (is_broken and len(starts) >= _SEVERAL and first < places[0] - reach):
            places.insert(0, first if is_broken and first < places[0] - reach else lane.start)
        if lane.end > places[-1] + reach or (is_broken and len(ends) >= _SEVERAL and last > places[-1] + reach):
            places.append(last if is_broken and last > places[-1] + reach else lane.end)
    return found


def _crossings(lane: Lane, across: Sequence[Lane], dpi: float) -> list[float]:
    """Returns where other lanes cross a lane or come near to it."""
    reach = _REACH_IN * dpi
    places = sorted(other.place(lane.at) for other in across if other.start - reach <= lane.at <= other.end + reach)
    kept: list[float] = []
    for place in places:
        if not kept or place - kept[-1] > reach / 2:
            kept.append(place)
    return kept


def _is_dotted(lane: Lane) -> bool:
    return any(p.is_dotted for p in lane.pieces)


def _by_a_low_row(lane: Lane, across: Sequence[Lane], dpi: float) -> Lane:
    """Returns a lane that goes on to the lines across that it may reach by no more than a low row."""
    reach, gap = _REACH_IN * dpi, _GAP_IN * dpi
    places = [a.place(lane.at) for a in across if a.start - gap <= lane.at <= a.end + gap]
    start = max((p for p in places if lane.start - gap <= p < lane.start - reach), default=lane.start)
    end = min((p for p in places if lane.end + gap >= p > lane.end + reach), default=lane.end)
    return replace(lane, start=start, end=end)


def _up_to_next(lane: Lane, across: Sequence[Lane], dpi: float) -> Lane:
    """Returns a lane that goes on to the next one that crosses it, where it ends between two of them."""
    reach = _REACH_IN * dpi
    places = [a.place(lane.at) for a in across if a.start - reach <= lane.at <= a.end + reach]
    start, end = lane.start, lane.end
    if min((abs(p - start) for p in places), default=0.0) > reach:
        start = max((p for p in places if p < start), default=start)
    if min((abs(p - end) for p in places), default=0.0) > reach:
        end = min((p for p in places if p > end), default=end)
    return replace(lane, start=start, end=end)
