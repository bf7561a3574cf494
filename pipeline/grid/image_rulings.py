"""Pixels of a straightened page → its rulings.

A ruling is thin, long, and has paper on both sides; text has strokes that are thin too, but none that goes on. So each
pixel is compared with those a little above and below it (a ridge filter along the line, after Steger, "An unbiased
detector of curvilinear structures", 1998, simplified to two directions), and what goes on without a break for longer than
the strokes of usual print is a piece of a line. Gaps are bridged where the pieces lie on one line and neither ends at a crossing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.domain import Ruling
from pipeline.grid.edges import Edge, edges_to_networks
from pipeline.raster import Gray

Floats = npt.NDArray[np.float32]

_RIDGE_CONTRAST, _FAINT_CONTRAST = 30.0, 10.0
_SMOOTH_IN, _SOLID_IN = 0.02, 0.18
_MIN_LENGTH_IN = 0.16
_LONG_IN, _LONE_IN = 0.8, 2.0
_DRAWN = 0.72
_SAME_LINE_IN, _GAP_IN = 0.02, 0.16
_REACH_IN = 0.09
_MAX_THICKNESS_IN = 0.06
_PAPER_BESIDE = 0.6
_ROUNDS = 2
_TRACED = 0.6
_GRID_LINES = 4
_GAP_SHARE = 0.5
_DRAWN_LEVEL = 0.4
_TOUCH_IN, _LANE_IN = 0.02, 0.0125


class PixelRule(NamedTuple):
    """A ruling in pixels: `at` is its constant coordinate, `start < end` its extent along the other axis.

    Attributes:
        thickness: in pixels.
        strength: share of its length that is really drawn, 0 to 1.
    """

    at: float
    start: float
    end: float
    thickness: float
    strength: float


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
    ink = 255.0 - gray.astype(np.float32)
    flat_mask = np.zeros_like(gray)
    tall_mask = np.zeros_like(gray)
    flat = _lines(ink, dpi, flat_mask)
    tall = _lines(np.ascontiguousarray(ink.T), dpi, tall_mask.T)
    flat, tall = _joined(flat, tall, dpi), _joined(tall, flat, dpi)
    flat, tall = _without_strokes(flat, tall, dpi)
    crest = _ridge(ink, dpi), _ridge(np.ascontiguousarray(ink.T), dpi)
    for _ in range(_ROUNDS):
        flat = _traced(flat, tall, crest[0], dpi)
        tall = _traced(tall, flat, crest[1], dpi)
    flat, tall = _joined(flat, tall, dpi, sure=True), _joined(tall, flat, dpi, sure=True)
    flat, tall = _reaching(flat, tall, dpi), _reaching(tall, flat, dpi)
    flat, tall = _tables_alone(flat, tall, dpi)
    mask = _kept_mask(flat_mask, flat, dpi) | _kept_mask(np.ascontiguousarray(tall_mask.T), tall, dpi).T
    return ImageRulings(tuple(sorted(flat)), tuple(sorted(tall)), np.ascontiguousarray(mask))


def to_rulings(found: ImageRulings, dpi: float, page_no: int) -> tuple[Ruling, ...]:
    """Returns the rulings in points."""
    scale = 72.0 / dpi
    flat = [Ruling(r.start * scale, r.at * scale, r.end * scale, r.at * scale, page_no) for r in found.horizontals]
    tall = [Ruling(r.at * scale, r.start * scale, r.at * scale, r.end * scale, page_no) for r in found.verticals]
    return (*flat, *tall)


def _lines(ink: Floats, dpi: float, mask: Gray) -> list[PixelRule]:
    """Finds horizontal rulings in `ink` (0 is paper), and marks their pixels in `mask`."""
    ridge = _ridge(ink, dpi)
    length = max(9, round(_SOLID_IN * dpi))
    solid = _opened(ridge, length)
    grown = solid | _opened(_ridge(ink, dpi, _FAINT_CONTRAST), 6 * length)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
    rules = []
    for k in range(1, count):
        x, y, width, height, _ = (int(v) for v in stats[k])
        if width < _MIN_LENGTH_IN * dpi or height > max(_MAX_THICKNESS_IN * dpi, 0.02 * width):
            continue
        rule = _measured(labels[y : y + height, x : x + width] == k, ink, ridge, x, y, dpi)
        if rule is not None:
            rules.append(rule)
            part = mask[y : y + height, x : x + width]
            part[labels[y : y + height, x : x + width] == k] = 255
    return rules


def _ridge(ink: Floats, dpi: float, contrast: float = _RIDGE_CONTRAST) -> Gray:
    """Returns 255 where ink is darker than above and below, at the distance of a thin, a usual and a double line."""
    smooth = cv2.boxFilter(ink, -1, (max(3, round(_SMOOTH_IN * dpi)) | 1, 1))
    best = np.full_like(smooth, -255.0)
    for inches in (0.02, 0.03, 0.05):
        step = max(2, round(inches * dpi))
        padded = cv2.copyMakeBorder(smooth, step, step, 0, 0, cv2.BORDER_REPLICATE)
        np.maximum(best, smooth - np.maximum(padded[: -2 * step], padded[2 * step :]), out=best)
    # Only the crest counts, so that a line and the strokes of print close to it stay apart.
    crest = smooth >= 0.8 * cv2.dilate(smooth, np.ones((5, 1), np.uint8))
    ridge = ((best >= contrast) & crest).astype(np.uint8) * 255
    # A line that is not quite level, or ragged, changes its row: neighbours above and below count for it.
    return _dilated(ridge, 3, 1)


def _dilated(image: Gray, rows: int, columns: int) -> Gray:
    return np.asarray(cv2.dilate(image, np.ones((rows, columns), np.uint8)), dtype=np.uint8)


def _opened(image: Gray, length: int) -> Gray:
    """Keeps what goes on for `length` pixels."""
    return np.asarray(cv2.morphologyEx(image, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), dtype=np.uint8)


def _measured(shape: npt.NDArray[np.bool_], ink: Floats, ridge: Gray, x: int, y: int, dpi: float) -> PixelRule | None:
    """Returns the ruling of a component, or None where it has print instead of paper on both sides."""
    height, width = shape.shape
    weights = ink[y : y + height, x : x + width] * shape
    columns = weights.sum(axis=0)
    if not columns.any():
        return None
    rows = np.arange(height, dtype=np.float32)[:, None]
    centers = (weights * rows).sum(axis=0) / np.maximum(columns, 1e-6)
    highest = weights.max(axis=0)
    peak = float(np.percentile(highest, 75))
    # Noise of the paper is no line: drawn is what comes near to the line's own darkness.
    drawn = highest > _DRAWN_LEVEL * peak
    at = float(np.average(centers, weights=np.maximum(columns, 1e-6))) + y
    thickness = float(np.median((weights > peak / 2).sum(axis=0)[drawn])) if drawn.any() else 1.0
    if _paper_beside(ink, np.rint(centers).astype(int) + y, x, thickness, peak, dpi) < _PAPER_BESIDE:
        return None
    return PixelRule(at, float(x), float(x + width), max(1.0, thickness), float(drawn.mean()))


def _paper_beside(ink: Floats, centers: npt.NDArray[np.int_], x: int, thickness: float, peak: float, dpi: float) -> float:
    """Share of the length where paper lies close by on both sides."""
    step = round(thickness / 2 + 0.018 * dpi)
    columns = np.arange(x, x + len(centers))
    above = ink[np.clip(centers - step, 0, ink.shape[0] - 1), columns] < peak / 2
    below = ink[np.clip(centers + step, 0, ink.shape[0] - 1), columns] < peak / 2
    return float((above & below).mean())


def _joined(rules: Sequence[PixelRule], across: Sequence[PixelRule], dpi: float, sure: bool = False) -> list[PixelRule]:
    """Joins pieces on one line: over short gaps, and over longer ones unless both pieces end at a crossing (a span).

    Args:
        rules: all of one direction.
        across: those of the other.
        dpi: pixels an inch.
        sure: true where strokes of letters were taken out, so that long gaps may be bridged.
    """
    near, gap, reach = _SAME_LINE_IN * dpi, _GAP_IN * dpi, _REACH_IN * dpi / 2
    lanes: list[list[PixelRule]] = []
    for rule in sorted(rules):
        lane = next((g for g in reversed(lanes[-4:]) if abs(g[-1].at - rule.at) <= near), None)
        if lane is None:
            lanes.append([rule])
        else:
            lane.append(rule)
    done: list[PixelRule] = []
    for lane in lanes:
        lane.sort(key=lambda r: r.start)
        current = lane[0]
        for rule in lane[1:]:
            room = rule.start - current.end
            stops = _crossed(current.at, current.end, across, reach) and _crossed(rule.at, rule.start, across, reach)
            # Strokes of letters in one column have gaps as long as themselves; what is left of a ruling is mostly there.
            mostly = room <= _GAP_SHARE * min(current.end - current.start, rule.end - rule.start)
            merged = _merged(current, rule)
            if room <= gap / 8 or (not stops and room <= 4 * gap and (sure or (mostly and merged.strength >= _DRAWN))):
                current = merged
            else:
                done.append(current)
                current = rule
        done.append(current)
    return done


def _crossed(at: float, end: float, across: Sequence[PixelRule], reach: float) -> bool:
    """True where a line across passes at the end of a piece."""
    return any(abs(c.at - end) <= reach and c.start - reach <= at <= c.end + reach for c in across)


def _merged(a: PixelRule, b: PixelRule) -> PixelRule:
    weight_a, weight_b = a.end - a.start, b.end - b.start
    end = max(a.end, b.end)
    drawn = a.strength * weight_a + b.strength * weight_b
    at = (a.at * weight_a + b.at * weight_b) / (weight_a + weight_b)
    return PixelRule(at, a.start, end, max(a.thickness, b.thickness), min(1.0, drawn / (end - a.start)))


def _reaching(rules: Sequence[PixelRule], across: Sequence[PixelRule], dpi: float) -> list[PixelRule]:
    """Lengthens or cuts rulings whose ends lie close to a line across, so that they meet it."""
    reach = _REACH_IN * dpi
    done = []
    for rule in rules:
        start = _nearest(rule.start, rule.at, across, reach)
        end = _nearest(rule.end, rule.at, across, reach)
        done.append(rule._replace(start=start, end=end) if end - start > reach else rule)
    return done


def _nearest(end: float, at: float, across: Sequence[PixelRule], reach: float) -> float:
    places = [c.at for c in across if abs(c.at - end) <= reach and c.start - reach <= at <= c.end + reach]
    return min(places, key=lambda p: abs(p - end), default=end)


def _lanes(rules: Sequence[PixelRule], dpi: float) -> list[list[PixelRule]]:
    """Groups the pieces that lie on one line."""
    lanes: list[list[PixelRule]] = []
    for rule in sorted(rules):
        if lanes and rule.at - lanes[-1][-1].at <= _LANE_IN * dpi:
            lanes[-1].append(rule)
        else:
            lanes.append([rule])
    return lanes


def _traced(rules: Sequence[PixelRule], across: Sequence[PixelRule], ridge: Gray, dpi: float) -> list[PixelRule]:
    """Follows each line from crossing to crossing, and adds the stretches that are mostly drawn: worn ones.

    Args:
        rules: of one direction; only where one was found is looked for more of it.
        across: those of the other.
        ridge: 255 where a pixel may belong to a line of the direction of `rules`, which run along its rows.
        dpi: pixels an inch.
    """
    reach, half = _LONG_IN * dpi, max(1, round(_LANE_IN * dpi))
    crossings = [(_mean_at(lane), min(r.start for r in lane), max(r.end for r in lane)) for lane in _lanes(across, dpi)]
    done = list(rules)
    for lane in _lanes(rules, dpi):
        at = _mean_at(lane)
        places = sorted(c for c, start, end in crossings if start - reach <= at <= end + reach)
        band = ridge[max(0, round(at) - half) : round(at) + half + 1].max(axis=0) > 0
        for left, right in pairwise(places):
            known = any(r.start <= left + half and r.end >= right - half for r in lane)
            drawn = band[round(left) : round(right)]
            if not known and drawn.mean() >= _TRACED and _longest_gap(drawn) <= _GAP_IN * dpi:
                done.append(PixelRule(at, left, right, lane[0].thickness, float(drawn.mean())))
    return done


def _longest_gap(drawn: npt.NDArray[np.bool_]) -> int:
    """The longest stretch of pixels that are not drawn."""
    ends = np.flatnonzero(np.concatenate([[True], drawn, [True]]))
    return int(np.diff(ends).max()) - 1


def _mean_at(lane: Sequence[PixelRule]) -> float:
    """Where a line lies, by its pieces, long ones more."""
    return sum(r.at * (r.end - r.start) for r in lane) / max(1e-6, sum(r.end - r.start for r in lane))


def _without_strokes(
    flat: Sequence[PixelRule], tall: Sequence[PixelRule], dpi: float
) -> tuple[list[PixelRule], list[PixelRule]]:
    """Drops what may be a stroke of a letter: short lines that long ones do not hold at both ends."""
    sound = [[r for r in rules if r.strength >= _DRAWN] for rules in (flat, tall)]
    flat, tall = sound
    long, lone, touch = _LONG_IN * dpi, _LONE_IN * dpi, _TOUCH_IN * dpi
    kept_flat = [r for r in flat if r.end - r.start >= lone or (r.end - r.start >= long and _meets(r, tall, touch))]
    kept_tall = [r for r in tall if r.end - r.start >= lone or (r.end - r.start >= long and _meets(r, flat, touch))]
    for _ in range(_ROUNDS):
        more_flat = [r for r in flat if r not in kept_flat and _is_held(r, kept_flat, kept_tall, dpi)]
        more_tall = [r for r in tall if r not in kept_tall and _is_held(r, kept_tall, kept_flat, dpi)]
        if not more_flat and not more_tall:
            break
        kept_flat += more_flat
        kept_tall += more_tall
    return kept_flat, kept_tall


def _room(a: PixelRule, b: PixelRule) -> float:
    """The gap between two pieces of one line; negative where they overlap."""
    return max(a.start, b.start) - min(a.end, b.end)


def _is_longer(a: PixelRule, b: PixelRule) -> bool:
    return a.end - a.start > b.end - b.start


def _meets(rule: PixelRule, across: Sequence[PixelRule], reach: float) -> bool:
    """True where a line across ends on, or passes, this one."""
    return any(
        rule.start - reach <= c.at <= rule.end + reach and c.start - reach <= rule.at <= c.end + reach for c in across
    )


def _is_held(rule: PixelRule, along: Sequence[PixelRule], across: Sequence[PixelRule], dpi: float) -> bool:
    """True where a line goes on a kept one, or where both its ends lie on lines across, or one does and the other ends
    where lines beside it end.

    A digit that nearly fills its row ends just before the lines above and below it: only what touches them is held.
    """
    reach = _TOUCH_IN * dpi
    crossed = [_crossed(rule.at, end, across, reach) for end in (rule.start, rule.end)]
    if any(abs(o.at - rule.at) <= _LANE_IN * dpi and _room(o, rule) <= _GAP_IN * dpi and _is_longer(o, rule) for o in along):
        return True
    if not any(crossed):
        return False
    if all(crossed):
        return True
    open_end = rule.start if crossed[1] else rule.end
    return sum(abs((o.start if crossed[1] else o.end) - open_end) <= reach for o in along) >= 2


def _tables_alone(
    flat: Sequence[PixelRule], tall: Sequence[PixelRule], dpi: float
) -> tuple[list[PixelRule], list[PixelRule]]:
    """Keeps groups of lines that can enclose cells, and lone horizontal lines as tables without uprights have."""
    kept_flat: list[PixelRule] = []
    kept_tall: list[PixelRule] = []
    edges = ([Edge(*r[:3]) for r in flat], [Edge(*r[:3]) for r in tall])
    origin = {(0, e): r for e, r in zip(edges[0], flat, strict=True)} | {(1, e): r for e, r in zip(edges[1], tall, strict=True)}
    for network in edges_to_networks(*edges, reach=_TOUCH_IN * dpi):
        box = network.bbox
        grid = len(network.horizontals) + len(network.verticals) >= _GRID_LINES and box.width >= _LONG_IN * dpi
        long = [h for h in network.horizontals if h.end - h.start >= _LONE_IN * dpi]
        kept_flat += [origin[0, h] for h in (network.horizontals if grid else long)]
        kept_tall += [origin[1, v] for v in network.verticals if grid or len(long) > 1]
    return kept_flat, kept_tall


def _kept_mask(mask: Gray, rules: Sequence[PixelRule], dpi: float) -> Gray:
    """Keeps the marked pixels near the rulings that were kept, and grows them by one pixel."""
    near = np.zeros_like(mask)
    for rule in rules:
        half = rule.thickness / 2 + _SAME_LINE_IN * dpi
        top, bottom = max(0, int(rule.at - half)), int(rule.at + half) + 1
        near[top:bottom, max(0, int(rule.start)) : int(rule.end) + 1] = 255
    return _dilated(mask & near, 3, 1)
