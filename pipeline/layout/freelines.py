"""Print outside of ruled cells → words and lines: paragraphs, headings, and the columns of tables without rulings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.geometry import connected
from pipeline.layout.bands import PART, WHOLE, band_of, hull, parted
from pipeline.layout.dirt import Floats, Ints
from pipeline.layout.ink import Ink, is_dirt
from pipeline.layout.local_letter import is_stroke, local_letters
from pipeline.layout.wide_figures import join_wide_figures
from pipeline.raster import PixelBox

_GAP = 0.75
_COMMA_GAP = 0.6
_COMMA = 0.45
_REACH = 4.0
_LEVEL = 0.5
_LEAST, _USUAL = 0.7, 0.95
_RIM, _EDGE = 0.25, 3
_ABOVE, _BELOW = 0.05, 0.3
_BESIDE = 0.5
_WITHIN = 0.8


def free_boxes(ink: Ink, members: Ints) -> tuple[list[tuple[PixelBox, ...]], list[PixelBox]]:
    """Returns the boxes of the runs of print that `members` make up, and of strokes that are no letters but lie among them.

    A run ends at a gap of about a letter; it has one box, or one for each figure where figures are set far apart. Strokes
    beside all runs are left out.
    """
    if not len(members):
        return [], []
    order = members[np.argsort(ink.boxes[members, 1], kind="stable")]
    boxes = ink.boxes[order]
    first, second = level_pairs(boxes)
    stroke = is_stroke(boxes, ink.letter)
    print_ = ~stroke[first] & ~stroke[second]
    first, second = first[print_], second[print_]
    told = _told_letters(boxes, first, second, ink.letter)
    ems = np.maximum(told, _LEAST * local_letters(boxes, boxes[~stroke], told[~stroke], ink.letter))
    groups = connected(len(order), _neighbours(boxes, first, second, ems).tolist())
    found: list[tuple[PixelBox, float]] = []
    marks = [hull(boxes[[k]]) for k in np.flatnonzero(stroke)]
    for group in groups:
        if stroke[group[0]]:
            continue
        em = float(np.max(ems[group]))
        for band in parted(ink, band_of(ink, order[group].tolist()), em):
            if not is_dirt(ink, band.members):
                found.append((hull(ink.boxes[list(band.members)]), float(np.max(told[group]))))
    places = np.asarray([box for box, _ in found], dtype=np.int64).reshape(-1, 4)
    around = local_letters(places, boxes[~stroke], told[~stroke], ink.letter)
    runs = _absorbed([(box, max(em, _USUAL * usual)) for (box, em), usual in zip(found, around.tolist(), strict=True)])
    # A run or two may have a stroke hanging on them.
    left, right = sorted(b[0] for b in runs)[:_EDGE], sorted((b[2] for b in runs), reverse=True)[:_EDGE]
    rim = _RIM * ink.letter
    return join_wide_figures(runs, boxes[~stroke]), [
        m for m in marks if not runs or (m[2] > left[-1] + rim and m[0] < right[-1] - rim)
    ]


def level_pairs(boxes: Ints) -> tuple[Ints, Ints]:
    """Returns the pairs of pieces whose heights overlap; `boxes` are sorted by their top."""
    n = len(boxes)
    ends = np.searchsorted(boxes[:, 1], boxes[:, 3] + 1, side="left")
    counts = np.maximum(0, ends - np.arange(n) - 1)
    first = np.repeat(np.arange(n), counts)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    second = np.arange(len(first)) - starts + first + 1
    gap = np.maximum(boxes[first, 0], boxes[second, 0]) - np.minimum(boxes[first, 2], boxes[second, 2])
    near = gap <= _REACH * np.maximum(boxes[:, 3] - boxes[:, 1], 8).max(initial=8)
    return first[near], second[near]


def _told_letters(boxes: Ints, first: Ints, second: Ints, letter: float) -> Floats:
    """Returns for each piece the height of the letters that it is, or stands beside in its line."""
    tall = (boxes[:, 3] - boxes[:, 1]).astype(np.float64)
    wide = boxes[:, 2] - boxes[:, 0]
    a, b = boxes[first], boxes[second]
    gap = np.maximum(a[:, 0], b[:, 0]) - np.minimum(a[:, 2], b[:, 2])
    shared = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    reach = _REACH * np.maximum(np.minimum(np.maximum(tall[first], tall[second]), 4 * letter), 0.5 * letter)
    level = (shared >= _LEVEL * np.minimum(tall[first], tall[second])) & (gap <= reach)
    # Upright strokes and brackets are higher than letters.
    telling = np.where(wide >= 0.2 * tall, tall, 0.8 * tall)
    ems = np.array(telling, dtype=np.float64)
    np.maximum.at(ems, first[level], telling[second[level]])
    np.maximum.at(ems, second[level], telling[first[level]])
    return np.asarray(ems, dtype=np.float64)


def _neighbours(boxes: Ints, first: Ints, second: Ints, ems: Floats) -> Ints:
    """Returns which pairs of pieces, shape (m, 2), belong to one run: level with one another, and no wide gap between."""
    swap = boxes[first, 0] > boxes[second, 0]
    left, right = np.where(swap, second, first), np.where(swap, first, second)
    a, b = boxes[left], boxes[right]
    tall_a, tall_b = a[:, 3] - a[:, 1], b[:, 3] - b[:, 1]
    em = np.maximum(ems[left], ems[right])
    gap = b[:, 0] - np.minimum(a[:, 2], b[:, 2])
    wide_a = a[:, 2] - a[:, 0]
    comma = (tall_a < _COMMA * em) & (wide_a < _COMMA * em) & (wide_a < 2 * tall_a)
    near = gap <= (_GAP + _COMMA_GAP * comma) * em
    level = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1]) >= _LEVEL * np.minimum(tall_a, tall_b)
    chosen = near & (level | _hangs(a, b, em) | _hangs(b, a, em))
    return np.asarray(np.column_stack([left, right])[chosen], dtype=np.int64)


def _hangs(small: Ints, tall: Ints, em: Floats) -> npt.NDArray[np.bool_]:
    """True for a dot or comma right beside a letter, a little below its foot."""
    middle = (small[:, 1] + small[:, 3]) / 2
    is_small = (small[:, 3] - small[:, 1] < _COMMA * em) & (tall[:, 3] - tall[:, 1] >= PART * em)
    gap = np.maximum(small[:, 0], tall[:, 0]) - np.minimum(small[:, 2], tall[:, 2])
    level = (middle >= tall[:, 1] - _ABOVE * em) & (middle <= tall[:, 3] + _BELOW * em)
    return np.asarray(is_small & level & (gap <= _BESIDE * em))


def _absorbed(found: list[tuple[PixelBox, float]]) -> list[PixelBox]:
    """Joins what lies over or under a run and makes no line of its own: parts of 二, dots, commas, 一 at the edge."""
    done: list[tuple[PixelBox, float]] = []
    for box, em in sorted(found, key=lambda f: (f[0][0] - f[0][2], f[0])):
        for k, (other, em_there) in enumerate(done):
            whole = (min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3]))
            if _is_part(box, other, whole, max(em_there, em)):
                done[k] = whole, max(em_there, em)
                break
        else:
            done.append((box, em))
    return [box for box, _ in done]


def _is_part(box: PixelBox, other: PixelBox, whole: PixelBox, em: float) -> bool:
    if whole[3] - whole[1] > max(WHOLE * em, other[3] - other[1] + 0.1 * em):
        return False
    gap = max(box[0], other[0]) - min(box[2], other[2])
    height = min(box[3] - box[1], other[3] - other[1])
    shared = min(box[3], other[3]) - max(box[1], other[1])
    small = height < PART * em
    return (gap < 0 and (shared > 0.2 * height or small)) or (small and shared >= _WITHIN * height and gap <= _GAP * em)
