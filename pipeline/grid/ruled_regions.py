"""Pieces of lines → the ruled regions of a page, and the lines that stand alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pipeline.domain import BBox
from pipeline.grid.edges import Edge, edges_to_networks
from pipeline.grid.held_uprights import held_uprights
from pipeline.grid.line_pieces import STRAIGHT_IN, as_one, find_lines, join_pieces
from pipeline.grid.ridges import PixelRule
from pipeline.grid.worn_tables import worn_tables
from pipeline.raster import Gray

_LONG_IN, _LONE_IN = 0.8, 2.0
LONE_GAP_IN = 0.7
LONE_PIECE_IN, _LONE_DRAWN = 0.3, 0.45
_LEADING_DRAWN = 0.9
_DRAWN = 0.6
_GRID_LINES = 4
_REACH_IN, _TOUCH_IN = 0.09, 0.03
_MASK_IN = 0.008
_SIDES_IN, _BRIDGE_IN, _LED = 0.25, 0.8, 0.5
_BARE_IN, _BARE_LANES = 0.5, 6
_ROW, _PAPER_IN, _PAPER_ROWS, _HELD, _WIDE = 1.3, 0.3, 1.6, 0.1, 0.6


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


def find_regions(pieces: Pieces, dpi: float) -> tuple[list[BBox], list[tuple[PixelRule, ...]]]:
    """Returns the hulls of groups of long lines that can enclose cells, and the pieces of long lines outside of them."""
    long, reach = _LONG_IN * dpi, _REACH_IN * dpi
    flat = [r for r, is_whole in _joined(pieces.flat, dpi) if is_whole]
    joined = _joined(pieces.tall, dpi)
    held = held_uprights([r for r, _ in joined], flat, dpi)
    tall = [r for r, is_whole in joined if is_whole or r in held]
    networks = edges_to_networks([Edge(*r[:3]) for r in flat], [Edge(*r[:3]) for r in tall], reach)
    hulls = [n.bbox for n in networks if n.horizontals and n.verticals]
    chains = join_pieces([p for p in pieces.flat if p.length >= LONE_PIECE_IN * dpi], dpi, LONE_GAP_IN)
    worn = [r for r in map(as_one, chains) if is_lone(r, dpi)]
    hulls += worn_tables(worn, pieces.tall, dpi)
    hulls = _merged(_bridged(_merged(hulls), [*flat, *worn], tall, pieces.tall, dpi))
    hulls = [
        _widened(h, [o for o in hulls if o is not h and o.top < h.bottom and h.top < o.bottom], [*flat, *worn], pieces.tall, dpi)
        for h in hulls
    ]
    hulls = [part for h in hulls for part in _parted(h, [*flat, *worn], tall, pieces.tall, dpi)]
    hulls = [h for h in hulls if h.width >= long and _count(pieces, h, flat, tall, reach) >= _GRID_LINES]
    outside = [p for p in pieces.flat if not any(_holds(h, p, reach) for h in hulls)]
    lone = [c for c in join_pieces(_of_lone(outside, dpi), dpi, LONE_GAP_IN) if is_lone(as_one(c), dpi)]
    return sorted(hulls, key=lambda h: (h.top, h.x0)), lone


def _of_lone(pieces: Sequence[PixelRule], dpi: float) -> list[PixelRule]:
    """Returns the pieces that a line by itself may consist of: long ones, and short ones that are level with a very long one."""
    leading = [p.at for p in pieces if p.length >= _LONG_IN * dpi and p.strength >= _LEADING_DRAWN]
    level = STRAIGHT_IN * dpi
    return [p for p in pieces if p.length >= LONE_PIECE_IN * dpi or any(abs(p.at - at) <= level for at in leading)]


def _joined(pieces: Sequence[PixelRule], dpi: float) -> list[tuple[PixelRule, bool]]:
    """Returns the joined lines, and whether each is long and in longer pieces than the strokes of print."""
    return [(r, is_whole) for r, _, is_whole in find_lines(pieces, dpi) if r.strength >= _DRAWN]


def _bridged(
    hulls: Sequence[BBox], flat: Sequence[PixelRule], tall: Sequence[PixelRule], pieces: Sequence[PixelRule], dpi: float
) -> list[BBox]:
    """Lets hulls reach to the next line or hull that is as wide, where rests of uprights or the height of a row lead there."""
    return [_grown(hull, hulls, flat, tall, pieces, dpi) for hull in hulls]


def _grown(
    hull: BBox, hulls: Sequence[BBox], flat: Sequence[PixelRule], tall: Sequence[PixelRule],
    pieces: Sequence[PixelRule], dpi: float,
) -> BBox:  # fmt: skip
    lanes = [r.at for r in tall if hull.x0 - 1 <= r.at <= hull.x1 + 1 and r.start < hull.bottom and r.end > hull.top]
    sides = _SIDES_IN * dpi
    parts = [p for p in (*hulls, *(BBox(r.start, r.at, r.end, r.at) for r in flat))
             if p.x0 >= hull.x0 - sides and p.x1 <= hull.x1 + sides and p.width >= _WIDE * hull.width]  # fmt: skip
    row = _ROW * _usual_row(hull, flat, dpi)
    current = hull
    while True:
        below = min((p for p in parts if 0 < p.top - current.bottom <= _BRIDGE_IN * dpi), key=lambda p: p.top, default=None)
        above = max((p for p in parts if 0 < current.top - p.bottom <= _BRIDGE_IN * dpi), key=lambda p: p.bottom, default=None)
        gaps = [(p, (current.bottom, p.top) if p is below else (p.bottom, current.top)) for p in (below, above) if p is not None]
        reached = [p for p, gap in gaps if gap[1] - gap[0] <= row or _leads(lanes, hull, gap, pieces, dpi)]
        if not reached:
            return current
        for part in reached:
            current = _around(current, part)


def _usual_row(hull: BBox, flat: Sequence[PixelRule], dpi: float) -> float:
    """Returns the median distance of the wide lines of a hull, in pixels; 0 where there are too few to tell."""
    bands = [b - a for a, b in _bands(hull, flat, dpi)]
    return median(bands) if len(bands) > 1 else 0.0


def _bands(hull: BBox, flat: Sequence[PixelRule], dpi: float) -> list[tuple[float, float]]:
    """Returns the bands between the lines of a hull that go most of its way."""
    wide = [
        r.at
        for r in flat
        if hull.top <= r.at <= hull.bottom and min(r.end, hull.x1) - max(r.start, hull.x0) >= _WIDE * hull.width
    ]
    return [(a, b) for a, b in pairwise(sorted(wide)) if b - a > _TOUCH_IN * dpi]


def _widened(hull: BBox, others: Sequence[BBox], flat: Sequence[PixelRule], pieces: Sequence[PixelRule], dpi: float) -> BBox:
    """Lets a hull reach over a gap to the rest of one of its lines, where an upright stands at the far end of it."""
    touch, bridge = _TOUCH_IN * dpi, _BRIDGE_IN * dpi
    for rule in flat:
        gap = max(hull.x0 - rule.end, rule.start - hull.x1, 0.0)
        if gap > bridge or min(abs(rule.at - hull.top), abs(rule.at - hull.bottom)) > touch:
            continue
        if any(_holds(o, rule, touch) for o in others):
            continue
        far = min(hull.x0, rule.start), max(hull.x1, rule.end)
        beside = [p.at for p in pieces if p.start < hull.bottom and p.end > hull.top
                  and not hull.x0 - touch <= p.at <= hull.x1 + touch
                  and not any(o.x0 - touch <= p.at <= o.x1 + touch for o in others)
                  and min(abs(p.at - far[0]), abs(p.at - far[1])) <= _SIDES_IN * dpi]  # fmt: skip
        for at in beside:
            hull = _around(hull, BBox(at, hull.top, at, hull.bottom))
    return hull


def _leads(lanes: Sequence[float], hull: BBox, gap: tuple[float, float], pieces: Sequence[PixelRule], dpi: float) -> bool:
    """True where rests of uprights cover a part of the gap, more than the stroke of a letter could."""
    return sum(_covered(at, gap, pieces, dpi) for at in {hull.x0, hull.x1, *lanes}) >= _LED


def _parted(
    hull: BBox, flat: Sequence[PixelRule], tall: Sequence[PixelRule], pieces: Sequence[PixelRule], dpi: float
) -> list[BBox]:
    """Parts a hull where a tall band between two of its lines holds no rest of any upright: the paper between two tables."""
    bands = _bands(hull, flat, dpi)
    if len(bands) < 2:
        return [hull]
    least = max(_PAPER_IN * dpi, _PAPER_ROWS * median(b - a for a, b in bands))
    lanes = {
        hull.x0,
        hull.x1,
        *(r.at for r in tall if hull.x0 - 1 <= r.at <= hull.x1 + 1 and r.start < hull.bottom and r.end > hull.top),
    }
    parts, top = [], hull.top
    for upper, lower in bands:
        covered = [_covered(at, (upper, lower), pieces, dpi) for at in lanes]
        # Where lines are worn the usual row is hard to tell; but of several uprights in a tall row something is left.
        is_bare = lower - upper > _BARE_IN * dpi and len(lanes) >= _BARE_LANES and not any(covered)
        if lower - upper <= least and not is_bare:
            continue
        held = any(share >= _HELD for share in covered) and _is_entered(lanes, (upper, lower), pieces, dpi)
        paper = _open_rows(hull, (upper, lower), pieces, dpi) if held else (upper, lower)
        if paper is not None:
            parts.append(BBox(hull.x0, top, hull.x1, paper[0]))
            top = paper[1]
    return [*parts, BBox(hull.x0, top, hull.x1, hull.bottom)]


def _open_rows(hull: BBox, gap: tuple[float, float], pieces: Sequence[PixelRule], dpi: float) -> tuple[float, float] | None:
    """Returns the paper between two tables without outer frames, one with an open last row, one with an open first row.

    The uprights of an open row end alike on the paper; those of one row that wear has broken do not.
    """
    reach, touch = _REACH_IN * dpi, _TOUCH_IN * dpi
    inside = [
        p for p in pieces if hull.x0 - touch <= p.at <= hull.x1 + touch and p.start < gap[1] - reach and p.end > gap[0] + reach
    ]
    hanging = [p.end for p in inside if p.start <= gap[0] + reach]
    standing = [p.start for p in inside if p.end >= gap[1] - reach]
    low, high = max(hanging, default=gap[0]), min(standing, default=gap[1])
    is_open = len(hanging) != 1 and all(low - e <= touch for e in hanging) and all(s - high <= touch for s in standing)
    return (low, high) if is_open and high - low >= _PAPER_IN * dpi else None


def _covered(at: float, gap: tuple[float, float], pieces: Sequence[PixelRule], dpi: float) -> float:
    """Returns the share of a gap that rests of an upright cover: those that stand on one of the lines around it.

    Strokes of a heading between two tables stand on neither.
    """
    reach = _REACH_IN * dpi
    on = [p for p in pieces if abs(p.at - at) <= 2 * _MASK_IN * dpi
          and (p.start <= gap[0] + reach < p.end or p.start < gap[1] - reach <= p.end)]  # fmt: skip
    parts = (min(p.end, gap[1]) - max(p.start, gap[0]) for p in on)
    return sum(p for p in parts if p > 0) / max(1e-6, gap[1] - gap[0])


def _is_entered(lanes: Collection[float], gap: tuple[float, float], pieces: Sequence[PixelRule], dpi: float) -> bool:
    """True where an upright runs across one of the lines around a gap, or most of its way through it: no stroke of print does."""
    reach, near = _REACH_IN * dpi, 2 * _MASK_IN * dpi
    on = [p for p in pieces if p.start < gap[1] and p.end > gap[0] and any(abs(p.at - at) <= near for at in lanes)]
    across = any(p.start < at - reach and p.end > at + reach for p in on for at in gap)
    return across or any(_covered(at, gap, pieces, dpi) >= _LED for at in lanes)


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


def is_lone(rule: PixelRule, dpi: float) -> bool:
    """True for a line that is long enough to be one by itself."""
    return rule.length >= _LONE_IN * dpi and rule.strength >= _LONE_DRAWN
