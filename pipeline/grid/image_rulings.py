"""Pixels of a straightened page → its rulings: pieces of lines, grouped to regions, judged stretch by stretch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.domain import BBox, Ruling
from pipeline.grid.band_print import has_print
from pipeline.grid.courses import Course, to_course
from pipeline.grid.dashed_rungs import find_dashed_rungs
from pipeline.grid.dither import without_dither
from pipeline.grid.edges import Edge
from pipeline.grid.junctions import with_hidden_stretches
from pipeline.grid.lane_looks import Known, look_at
from pipeline.grid.lane_odds import WORN_REGION, judge, odds_of, wear_of
from pipeline.grid.line_pieces import as_one, join_pieces
from pipeline.grid.lost_in_rows import with_lost_in_rows
from pipeline.grid.open_bands import close_open_bands
from pipeline.grid.pale_sides import pale_sides
from pipeline.grid.rectangles import with_rectangles
from pipeline.grid.ridges import PixelRule, find_pieces, find_ridges
from pipeline.grid.ruled_regions import LONE_GAP_IN, Pieces, find_regions, is_lone
from pipeline.grid.ruling_lanes import JudgedLane, Lane, SeenLane, to_lanes
from pipeline.grid.rungs import find_rungs
from pipeline.grid.strays import without_strays
from pipeline.grid.strips import cut_strip
from pipeline.grid.worn_reach import as_left, reaching
from pipeline.grid.worn_uprights import worn_uprights
from pipeline.raster import Gray

_MARGIN_IN, _TOUCH_IN = 0.1, 0.03
_MASK_IN = 0.008
_ROUNDS = 2
_SIDE_IN, _FRAMED_LINES, _GOES_ON, _UNBROKEN, _BITS = 0.08, 3, 0.45, 0.97, 0.25


@dataclass(frozen=True, slots=True)
class ImageRulings:
    """The rulings of a page.

    Attributes:
        horizontals: from top to bottom; `verticals` from left to right.
        mask: 255 where a pixel belongs to a ruling, else 0.
    """

    horizontals: tuple[PixelRule, ...]
    verticals: tuple[PixelRule, ...]
    mask: Gray


def find_rulings(gray: Gray, dpi: float) -> ImageRulings:
    """Finds the rulings of a page.

    Args:
        gray: straightened, light evened, paper near 255.
        dpi: pixels an inch.
    """
    ink = without_dither(np.asarray(255 - gray, dtype=np.uint8), dpi)
    turned = np.asarray(cv2.transpose(ink), dtype=np.uint8)
    pieces = _pieces(ink, turned, dpi)
    flat: list[PixelRule] = []
    tall: list[PixelRule] = []
    mask, turned_mask = np.zeros_like(ink), np.zeros_like(turned)
    regions, lone = find_regions(pieces, dpi)
    lanes = [_lanes_of(pieces, region, dpi) for region in regions]
    # Short horizontal lines may be strokes of print at first.
    across = [[lane for lane in pair[0] if not lane.is_short] for pair in lanes]
    known: tuple[Known, Known] = {}, {}
    looks = [_look(ink, turned, *pair, cut, dpi, known) for pair, cut in zip(lanes, across, strict=True)]
    # A small table shows too little of the wear that its page has.
    page_wear = wear_of([seen for look in looks for side in look for seen in side])
    if page_wear >= WORN_REGION:
        looks = [_look(ink, turned, *pair, cut, dpi, known, is_worn=True) for pair, cut in zip(lanes, across, strict=True)]
    for look, long in zip(looks, across, strict=True):
        flat_judged, tall_judged = _judged(ink, turned, look, page_wear, dpi, known)
        tall_rules = _drawn_rules(tall_judged, turned_mask, dpi)
        if _is_framed_only(tall_rules, long, dpi):
            chains = _own_ends(long, [lane.lane for lane in flat_judged], tall_rules, dpi)
            flat_rules = [_lone_rule(ink, chain, mask, dpi) for chain in chains]
        else:
            flat_rules = _drawn_rules(flat_judged, mask, dpi)
        edges = [_edge(as_one(lane.pieces)) for lane in long]
        lines, sides = close_open_bands(edges, [_edge(r) for r in tall_rules], dpi, partial(has_print, ink, dpi))
        near = _TOUCH_IN * dpi
        flat += [*flat_rules, *(_bare(r) for r in lines if not any(abs(r.at - f.at) <= near for f in flat_rules))]
        tall += [*tall_rules, *map(_bare, sides)]
    wholes = [as_one(chain) for chain in lone]
    for chain, whole in zip(lone, wholes, strict=True):
        flat.append(_lone_rule(ink, chain, mask, dpi, _as_far(whole, wholes, dpi)))
    mask |= _near(pieces.flat_mask, flat, dpi)
    turned_mask |= _near(pieces.tall_mask, tall, dpi) | worn_uprights(turned, pieces.flat, pieces.tall, dpi)
    mask |= pale_sides(ink, flat, dpi)
    turned_mask |= pale_sides(turned, tall, dpi)
    mask |= np.asarray(cv2.transpose(turned_mask), dtype=np.uint8)
    return ImageRulings(tuple(sorted(flat)), tuple(sorted(tall)), mask)


def _is_framed_only(tall: Sequence[PixelRule], flat: Sequence[Lane], dpi: float) -> bool:
    """True for a table with a frame and lines between its rows, whose columns white space alone parts."""
    if not tall or len(flat) < _FRAMED_LINES:
        return False
    left, right = min(lane.start for lane in flat), max(lane.end for lane in flat)
    side = _SIDE_IN * dpi
    return all(abs(r.at - left) <= side or abs(r.at - right) <= side for r in tall)


def _own_ends(
    flat: Sequence[Lane], judged: Sequence[Lane], sides: Sequence[PixelRule], dpi: float
) -> list[tuple[PixelRule, ...]]:
    """Returns the lines of a table without inner uprights: nothing but its own pixels says where such a line ends.

    A line over a part of the table's width is too little of the one stretch between the sides to be judged drawn; it is one all
    the same where it is unbroken and ends at a side, as no row of print does.
    """
    near = _SIDE_IN * dpi
    found = []
    for chain in join_pieces([p for lane in flat for p in lane.pieces], dpi, LONE_GAP_IN):
        rule = as_one(chain)
        meets = any(abs(s.at - end) <= near for s in sides for end in (rule.start, rule.end))
        is_known = any(abs(lane.at - rule.at) <= _TOUCH_IN * dpi for lane in judged)
        if is_lone(rule, dpi) and (is_known or (meets and rule.strength >= _UNBROKEN)):
            found.append(chain)
    return found


def _edge(rule: PixelRule) -> Edge:
    return Edge(rule.at, rule.start, rule.end)


def _bare(edge: Edge) -> PixelRule:
    """Returns a ruling that need not be drawn."""
    return PixelRule(*edge, 1.0, 0.0)


def to_rulings(found: ImageRulings, dpi: float, page_no: int) -> tuple[Ruling, ...]:
    """Returns the rulings in points."""
    scale = 72.0 / dpi
    flat = [Ruling(r.start * scale, r.at * scale, r.end * scale, r.at * scale, page_no) for r in found.horizontals]
    tall = [Ruling(r.at * scale, r.start * scale, r.at * scale, r.end * scale, page_no) for r in found.verticals]
    return (*flat, *tall)


def _as_far(rule: PixelRule, others: Sequence[PixelRule], dpi: float) -> tuple[float, float]:
    """Returns from where to where a line may go on beyond its ends: as far as others that run above or below all of it."""
    side = _SIDE_IN * dpi
    around = [o for o in others if o.start <= rule.start + side and o.end >= rule.end - side]
    return min(o.start for o in around), max(o.end for o in around)


def _lone_rule(
    ink: Gray, chain: tuple[PixelRule, ...], mask: Gray, dpi: float, as_far: tuple[float, float] | None = None
) -> PixelRule:
    """Returns a line that stands alone, with what is left of it beyond its ends, and marks its pixels in `mask`.

    Args:
        ink: 0 is paper, 255 black.
        chain: the pieces of the line.
        mask: 255 where a pixel belongs to a ruling; it is added to.
        dpi: pixels an inch.
        as_far: from where to where bits of it may be left, further apart. There are more of them than strokes of labels in line.
    """
    rule, course = as_one(chain), to_course(chain)
    reach = LONE_GAP_IN * dpi
    along = _drawn_along(ink, course, chain, (rule.start - reach, rule.end + reach), dpi)
    _mark(course, along, mask, dpi)
    start = rule.start - _went_on(rule.start - along[along < rule.start][::-1])
    end = rule.end + _went_on(along[along > rule.end] - rule.end)
    first, last = (start, end) if as_far is None else (min(start, as_far[0]), max(end, as_far[1]))
    if first < start or last > end:
        along = _drawn_along(ink, course, chain, (first, last), dpi)
        before, after = along[along < start], along[along > end]
        if len(before) and len(before) >= _BITS * (start - first):
            _mark(course, before, mask, dpi)
            start = float(before[0])
        if len(after) and len(after) >= _BITS * (last - end):
            _mark(course, after, mask, dpi)
            end = float(after[-1])
    return rule._replace(start=start, end=end)


def _drawn_along(
    ink: Gray, course: Course, chain: tuple[PixelRule, ...], span: tuple[float, float], dpi: float
) -> npt.NDArray[np.int_]:
    """Returns where on its course a line is drawn with no print close by."""
    strip = cut_strip(ink, course, chain, *span, dpi)
    return strip.start + np.flatnonzero(strip.drawn & ~strip.hugged)


def _went_on(distances: npt.NDArray[np.floating[Any]]) -> float:
    """Returns how far a line goes on beyond its end: as far as enough of the way is drawn; strokes of print leave most open.

    Args:
        distances: of the drawn pixels to the end of the line, ascending.
    """
    enough = np.arange(1, len(distances) + 1) >= _GOES_ON * distances
    return float(distances[enough].max(initial=0.0))


def _pieces(ink: Gray, turned: Gray, dpi: float) -> Pieces:
    flat_mask, tall_mask = np.zeros_like(ink), np.zeros_like(turned)
    flat = find_pieces(ink, find_ridges(ink, dpi), dpi, flat_mask)
    upright = find_ridges(turned, dpi)
    tall = find_pieces(turned, upright, dpi, tall_mask)
    tall += find_rungs(turned, upright, flat, tall, dpi, tall_mask)
    tall += find_dashed_rungs(turned, upright, flat, tall, dpi, tall_mask)
    return Pieces(tuple(flat), tuple(tall), flat_mask, tall_mask)


def _lanes_of(pieces: Pieces, hull: BBox, dpi: float) -> tuple[list[Lane], list[Lane]]:
    """Returns the lanes of a region, horizontal and vertical."""
    margin = _MARGIN_IN * dpi
    flat = [r for r in pieces.flat if hull.top - margin <= r.at <= hull.bottom + margin
            and r.end > hull.x0 - margin and r.start < hull.x1 + margin]  # fmt: skip
    tall = [r for r in pieces.tall if hull.x0 - margin <= r.at <= hull.x1 + margin
            and r.end > hull.top - margin and r.start < hull.bottom + margin]  # fmt: skip
    return to_lanes(flat, dpi), to_lanes(tall, dpi)


def _look(
    ink: Gray,
    turned: Gray,
    flat: Sequence[Lane],
    tall: Sequence[Lane],
    across: Sequence[Lane],
    dpi: float,
    known: tuple[Known, Known],
    is_worn: bool = False,
) -> tuple[list[SeenLane], list[SeenLane]]:
    """Looks at the lanes of a region; `across` are those that cut the vertical ones, `known` those looked at, flat and tall."""
    tall_seen = look_at(turned, tall, across, dpi, is_upright=True, is_worn=is_worn, known=known[1])
    uprights = [s.lane for s in tall_seen]
    if is_worn:
        uprights = reaching([as_left(s) for s in tall_seen], flat, dpi)
    return look_at(ink, flat, uprights, dpi, is_worn=is_worn, known=known[0]), tall_seen


def _judged(
    ink: Gray,
    turned: Gray,
    seen: tuple[list[SeenLane], list[SeenLane]],
    page_wear: float,
    dpi: float,
    known: tuple[Known, Known],
) -> tuple[list[JudgedLane], list[JudgedLane]]:
    """Returns the lanes of a region; each round leaves out what the one before has found to be no line."""
    flat_found: list[JudgedLane] = []
    tall_found: list[JudgedLane] = []
    wear = page_wear
    for k in range(_ROUNDS):
        flat, tall = [j.lane for j in flat_found], [j.lane for j in tall_found]
        flat_seen, tall_seen = _look(ink, turned, flat, tall, flat, dpi, known, wear >= WORN_REGION) if k else seen
        wear = max(page_wear, wear_of(flat_seen), wear_of(tall_seen), wear_of([*flat_seen, *tall_seen]))
        flat_found, tall_found = judge(flat_seen, tall_seen, wear, dpi), judge(tall_seen, flat_seen, wear, dpi, is_upright=True)
    tall_kept = without_strays(tall_found, flat_found, dpi)
    flat_kept = without_strays(flat_found, tall_kept, dpi)
    is_worn = wear >= WORN_REGION
    tall_whole = with_hidden_stretches(tall_kept, flat_kept, dpi, is_worn)
    flat_whole = with_hidden_stretches(flat_kept, tall_kept, dpi, is_worn)
    if not is_worn:
        return flat_whole, tall_whole
    tall_odds = odds_of(tall_whole, flat_whole, wear, dpi, is_upright=True)
    tall_whole = with_lost_in_rows(tall_whole, flat_whole, tall_odds, dpi)
    return with_rectangles(flat_whole, tall_whole, (odds_of(flat_whole, tall_whole, wear, dpi), tall_odds), dpi)


def _drawn_rules(lanes: Sequence[JudgedLane], mask: Gray, dpi: float) -> list[PixelRule]:
    """Returns the rulings of judged lanes, and marks their pixels in `mask`."""
    rules = []
    for judged in lanes:
        lane = judged.lane
        thickness = float(np.median([p.thickness for p in lane.pieces]))
        pairs = zip(judged.stretches, judged.drawn, strict=True)
        for is_drawn, run in groupby(pairs, key=lambda pair: pair[1]):
            if not is_drawn:
                continue
            stretches = [s for s, _ in run]
            start, end = stretches[0].left, stretches[-1].right
            share = float(np.average([s.evidence.drawn for s in stretches], weights=[s.right - s.left for s in stretches]))
            rules.append(PixelRule(lane.place((start + end) / 2), start, end, thickness, share))
            first, last = max(0, round(start) - judged.strip.start), round(end) + 1 - judged.strip.start
            # Print that all but touches a side of a box is as dark beside it as the side: paper lies between them all the same.
            shown = judged.strip.drawn[first:last] | (judged.strip.lit[first:last] & ~judged.strip.crossed[first:last])
            if any(s.evidence.is_pale for s in stretches):
                shown = shown | judged.strip.pale[first:last]
            if any(p.is_dotted for p in lane.pieces):
                # The dots beside print are dots all the same, and no part of it.
                shown = shown | ~judged.strip.crossed[first:last] | judged.strip.lit[first:last]
            _mark(lane.course, judged.strip.start + first + np.flatnonzero(shown), mask, dpi)
    return rules


def _mark(course: Course, along: npt.NDArray[np.int_], mask: Gray, dpi: float) -> None:
    """Marks a line where it is drawn."""
    half = round(course.half + _MASK_IN * dpi)
    along = along[along < mask.shape[1]]
    rows = np.rint(course.at(along)).astype(int)
    for k in range(-half, half + 1):
        mask[np.clip(rows + k, 0, mask.shape[0] - 1), along] = 255


def _near(mask: Gray, rules: Sequence[PixelRule], dpi: float) -> Gray:
    """Keeps the marked pixels near rulings, and grows them by one pixel."""
    near = np.zeros_like(mask)
    for rule in rules:
        half = rule.thickness / 2 + _TOUCH_IN * dpi
        top, bottom = max(0, int(rule.at - half)), int(rule.at + half) + 1
        # The corner of a thick frame reaches beyond the middle of the line that it ends on.
        near[top:bottom, max(0, int(rule.start - _TOUCH_IN * dpi)) : int(rule.end + _TOUCH_IN * dpi) + 1] = 255
    return np.asarray(cv2.dilate(mask & near, np.ones((3, 1), np.uint8)), dtype=np.uint8)
