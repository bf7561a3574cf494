"""Pixels of a straightened page → its rulings: pieces of lines, grouped to regions, judged stretch by stretch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from pipeline.domain import BBox, Ruling
from pipeline.grid.dither import without_dither
from pipeline.grid.edges import Edge, edges_to_networks
from pipeline.grid.junctions import with_hidden_stretches
from pipeline.grid.ridges import PixelRule, find_pieces, find_ridges
from pipeline.grid.ruling_evidence import Course, cut_strip, to_course
from pipeline.grid.ruling_lanes import JudgedLane, as_one, is_line, join_pieces, judge, look_at, to_lanes, wear_of, without_strays
from pipeline.raster import Gray

_LONG_IN, _LONE_IN = 0.8, 2.0
_LONE_PIECE_IN, _LONE_GAP_IN, _LONE_DRAWN = 0.3, 0.7, 0.45
_DRAWN = 0.6
_GRID_LINES = 4
_REACH_IN, _MARGIN_IN, _TOUCH_IN = 0.09, 0.1, 0.03
_MASK_IN = 0.008
_ROUNDS, _TEETH = 2, 3
_SIDES_IN, _BRIDGE_IN, _LED = 0.25, 0.8, 0.3


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


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of lines of a page.

    Attributes:
        flat: horizontal ones; `tall`: vertical ones.
        flat_mask: 255 on their pixels; `tall_mask` likewise, transposed.
    """

    flat: tuple[PixelRule, ...]
    tall: tuple[PixelRule, ...]
    flat_mask: Gray
    tall_mask: Gray


def find_rulings(gray: Gray, dpi: float) -> ImageRulings:
    """Finds the rulings of a page.

    Args:
        gray: straightened, light evened, paper near 255.
        dpi: pixels an inch.
    """
    ink = without_dither(np.asarray(255 - gray, dtype=np.uint8), dpi)
    turned = np.ascontiguousarray(ink.T)
    pieces = _pieces(ink, turned, dpi)
    flat: list[PixelRule] = []
    tall: list[PixelRule] = []
    mask, turned_mask = np.zeros_like(ink), np.zeros_like(turned)
    regions, lone = _regions(pieces, dpi)
    for region in regions:
        flat_lanes, tall_lanes = _judged(ink, turned, pieces, region, dpi)
        flat += _drawn_rules(flat_lanes, mask, dpi)
        tall += _drawn_rules(tall_lanes, turned_mask, dpi)
    for chain in lone:
        flat.append(_lone_rule(ink, chain, mask, dpi))
    mask |= _near(pieces.flat_mask, flat, dpi)
    turned_mask |= _near(pieces.tall_mask, tall, dpi)
    mask |= turned_mask.T
    return ImageRulings(tuple(sorted(flat)), tuple(sorted(tall)), np.ascontiguousarray(mask))


def to_rulings(found: ImageRulings, dpi: float, page_no: int) -> tuple[Ruling, ...]:
    """Returns the rulings in points."""
    scale = 72.0 / dpi
    flat = [Ruling(r.start * scale, r.at * scale, r.end * scale, r.at * scale, page_no) for r in found.horizontals]
    tall = [Ruling(r.at * scale, r.start * scale, r.at * scale, r.end * scale, page_no) for r in found.verticals]
    return (*flat, *tall)


def is_lone(rule: PixelRule, dpi: float) -> bool:
    """True for a line that is long enough to be one by itself."""
    return rule.length >= _LONE_IN * dpi and rule.strength >= _LONE_DRAWN


def _lone_rule(ink: Gray, chain: tuple[PixelRule, ...], mask: Gray, dpi: float) -> PixelRule:
    """Returns a line that stands alone, with what is left of it beyond its ends, and marks its pixels in `mask`."""
    rule, course = as_one(chain), to_course(chain)
    reach = _LONE_GAP_IN * dpi
    strip = cut_strip(ink, course, chain, rule.start - reach, rule.end + reach, dpi)
    along = strip.start + np.flatnonzero(strip.drawn & ~strip.hugged)
    _mark(course, along, mask, dpi)
    if not len(along):
        return rule
    return rule._replace(start=min(rule.start, float(along[0])), end=max(rule.end, float(along[-1])))


def _pieces(ink: Gray, turned: Gray, dpi: float) -> Pieces:
    flat_mask, tall_mask = np.zeros_like(ink), np.zeros_like(turned)
    flat = find_pieces(ink, find_ridges(ink, dpi), dpi, flat_mask)
    tall = find_pieces(turned, find_ridges(turned, dpi), dpi, tall_mask)
    return Pieces(tuple(flat), tuple(tall), flat_mask, tall_mask)


def _regions(pieces: Pieces, dpi: float) -> tuple[list[BBox], list[tuple[PixelRule, ...]]]:
    """Returns the hulls of groups of long lines that can enclose cells, and the pieces of long lines outside of them."""
    long, reach = _LONG_IN * dpi, _REACH_IN * dpi
    flat = [r for r, is_whole in _joined(pieces.flat, dpi) if is_whole]
    joined = _joined(pieces.tall, dpi)
    uprights = [r for r, _ in joined]
    teeth = _teeth(uprights, flat, dpi)
    tall = [r for r, is_whole in joined if r in teeth or is_whole or r.length >= _shortest_upright(r, flat, dpi)]
    networks = edges_to_networks([Edge(*r[:3]) for r in flat], [Edge(*r[:3]) for r in tall], reach)
    hulls = [n.bbox for n in networks if n.horizontals and n.verticals]
    hulls = _merged(_bridged(_merged(hulls), flat, tall, pieces.tall, dpi))
    hulls = [h for h in hulls if h.width >= long and _count(pieces, h, flat, tall, reach) >= _GRID_LINES]
    outside = [p for p in pieces.flat if p.length >= _LONE_PIECE_IN * dpi and not any(_holds(h, p, reach) for h in hulls)]
    lone = [c for c in join_pieces(outside, dpi, _LONE_GAP_IN) if is_lone(as_one(c), dpi)]
    return sorted(hulls, key=lambda h: (h.top, h.x0)), lone


def _joined(pieces: Sequence[PixelRule], dpi: float) -> list[tuple[PixelRule, bool]]:
    """Returns the joined lines, and whether each is long and in longer pieces than the strokes of print."""
    lines = ((as_one(c), c) for c in join_pieces(pieces, dpi))
    return [(r, is_line(r, c, dpi)) for r, c in lines if r.strength >= _DRAWN]


def _shortest_upright(rule: PixelRule, flat: Sequence[PixelRule], dpi: float) -> float:
    """Length from which an upright line counts: a short one where it ends on long horizontal lines at both ends."""
    touch = _TOUCH_IN * dpi
    held = [any(abs(f.at - end) <= touch and f.start - touch <= rule.at <= f.end + touch for f in flat)
            for end in (rule.start, rule.end)]  # fmt: skip
    return rule.length if all(held) else float("inf")


def _teeth(tall: Sequence[PixelRule], flat: Sequence[PixelRule], dpi: float) -> set[PixelRule]:
    """Returns short uprights that stand on one line and end alike, one of them at its end: a row cut by the page break."""
    touch = _TOUCH_IN * dpi
    found: set[PixelRule] = set()
    for line in flat:
        for side in (0, 1):
            held = [r for r in tall if abs((r.end if side else r.start) - line.at) <= touch
                    and line.start - touch <= r.at <= line.end + touch and r.length < _LONG_IN * dpi]  # fmt: skip
            for first in held:
                other = first.start if side else first.end
                alike = [r for r in held if abs((r.start if side else r.end) - other) <= touch]
                corner = any(min(abs(r.at - line.start), abs(r.at - line.end)) <= 2 * touch for r in alike)
                if len(alike) >= _TEETH and corner:
                    found |= set(alike)
    return found


def _bridged(
    hulls: Sequence[BBox], flat: Sequence[PixelRule], tall: Sequence[PixelRule], pieces: Sequence[PixelRule], dpi: float
) -> list[BBox]:
    """Lets hulls reach to the next line or hull that is as wide, where rests of uprights lead there."""
    parts = [*hulls, *(BBox(r.start, r.at, r.end, r.at) for r in flat)]
    grown = list(hulls)
    for k, hull in enumerate(hulls):
        lanes = [r.at for r in tall if hull.x0 - 1 <= r.at <= hull.x1 + 1 and r.start < hull.bottom and r.end > hull.top]
        for other in parts:
            upper, lower = (hull, other) if hull.top < other.top else (other, hull)
            gap = upper.bottom, lower.top
            is_wide = abs(hull.x0 - other.x0) + abs(hull.x1 - other.x1) <= _SIDES_IN * dpi
            if is_wide and 0 < gap[1] - gap[0] <= _BRIDGE_IN * dpi and _leads(lanes, hull, gap, pieces, dpi):
                grown[k] = _around(grown[k], other)
    return grown


def _leads(lanes: Sequence[float], hull: BBox, gap: tuple[float, float], pieces: Sequence[PixelRule], dpi: float) -> bool:
    """True where rests of two uprights, one of them of the frame, cover a part of the gap."""
    near = 2 * _MASK_IN * dpi
    covered = {}
    for at in {hull.x0, hull.x1, *lanes}:
        parts = [min(p.end, gap[1]) - max(p.start, gap[0]) for p in pieces if abs(p.at - at) <= near]
        covered[at] = sum(p for p in parts if p > 0) >= _LED * (gap[1] - gap[0])
    frame = any(yes and min(abs(at - hull.x0), abs(at - hull.x1)) <= near for at, yes in covered.items())
    return frame and sum(covered.values()) > 1


def _around(a: BBox, b: BBox) -> BBox:
    return BBox(min(a.x0, b.x0), min(a.top, b.top), max(a.x1, b.x1), max(a.bottom, b.bottom))


def _merged(hulls: Sequence[BBox]) -> list[BBox]:
    """Joins hulls that overlap."""
    done: list[BBox] = []
    for hull in hulls:
        current = hull
        while True:
            other = next((h for h in done if _overlap(h, current)), None)
            if other is None:
                break
            done.remove(other)
            current = _around(other, current)
        done.append(current)
    return done


def _overlap(a: BBox, b: BBox) -> bool:
    return a.x0 < b.x1 and b.x0 < a.x1 and a.top < b.bottom and b.top < a.bottom


def _count(pieces: Pieces, hull: BBox, flat: Sequence[PixelRule], tall: Sequence[PixelRule], reach: float) -> int:
    return sum(_holds(hull, r, reach) for r in flat) + sum(
        hull.x0 - reach <= r.at <= hull.x1 + reach and hull.top - reach <= (r.start + r.end) / 2 <= hull.bottom + reach
        for r in tall
    )


def _holds(hull: BBox, rule: PixelRule, reach: float) -> bool:
    """True where the middle of a horizontal line lies in a hull."""
    middle = (rule.start + rule.end) / 2
    return hull.top - reach <= rule.at <= hull.bottom + reach and hull.x0 - reach <= middle <= hull.x1 + reach


def _judged(
    ink: Gray, turned: Gray, pieces: Pieces, hull: BBox, dpi: float
) -> tuple[list[JudgedLane], list[JudgedLane]]:
    """Returns the lanes of a region; each round leaves out what the one before has found to be no line."""
    margin = _MARGIN_IN * dpi
    flat = to_lanes(
        [r for r in pieces.flat if hull.top - margin <= r.at <= hull.bottom + margin
         and r.end > hull.x0 - margin and r.start < hull.x1 + margin], dpi)  # fmt: skip
    tall = to_lanes(
        [r for r in pieces.tall if hull.x0 - margin <= r.at <= hull.x1 + margin
         and r.end > hull.top - margin and r.start < hull.bottom + margin], dpi)  # fmt: skip
    across = [lane for lane in flat if not lane.is_short]
    for _ in range(_ROUNDS):
        tall_seen = look_at(turned, tall, across, dpi, is_upright=True)
        flat_seen = look_at(ink, flat, [s.lane for s in tall_seen], dpi)
        wear = max(wear_of(flat_seen), wear_of(tall_seen), wear_of([*flat_seen, *tall_seen]))
        flat_found, tall_found = judge(flat_seen, tall_seen, wear), judge(tall_seen, flat_seen, wear)
        flat, tall = [j.lane for j in flat_found], [j.lane for j in tall_found]
        across = flat
    tall_kept = without_strays(tall_found, flat_found, dpi)
    flat_kept = without_strays(flat_found, tall_kept, dpi)
    return with_hidden_stretches(flat_kept, tall_kept, dpi), with_hidden_stretches(tall_kept, flat_kept, dpi)


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
            _mark(lane.course, judged.strip.start + first + np.flatnonzero(judged.strip.drawn[first:last]), mask, dpi)
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
    import cv2

    near = np.zeros_like(mask)
    for rule in rules:
        half = rule.thickness / 2 + _TOUCH_IN * dpi
        top, bottom = max(0, int(rule.at - half)), int(rule.at + half) + 1
        # The corner of a thick frame reaches beyond the middle of the line that it ends on.
        near[top:bottom, max(0, int(rule.start - _TOUCH_IN * dpi)) : int(rule.end + _TOUCH_IN * dpi) + 1] = 255
    return np.asarray(cv2.dilate(mask & near, np.ones((3, 1), np.uint8)), dtype=np.uint8)
