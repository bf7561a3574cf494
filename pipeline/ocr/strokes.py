"""Lone strokes: a dash, a slash and a bar, told by their shape.

A crop is scaled to one height before it is read, so that a lone dash becomes a black bar and a slash an upright stroke: the
recogniser takes them for a 4 or a 1 with high probability; a bar, which is the rest of a ruling more often than a figure, is
read as 1. Their shape is beyond doubt where the network's reading is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from pipeline.domain import Candidate
from pipeline.ocr.engine import LineReading
from pipeline.ocr.numbers import FOLDED
from pipeline.raster import Gray, find_runs

Stroke = Literal["flat", "slanted", "upright"]

_FLAT = 2.0  # a flat stroke is at least so many times as wide as high
_LONG = 60.0  # and no more: what is longer is a ruling
_SLANT = 0.22  # a slash moves at least so many pixels to the left for each pixel down; an italic 1 does so by 0.2
_STEEP = 1.2  # and is at least so many times as high as wide
_INK_DEPTH = 0.35  # share of the way from paper to the darkest ink at which ink begins
_FAINT = 0.15  # the same for faint ink
_CONTRAST = 40  # least difference between paper and ink, in grey levels
_STRAY = 0.1  # share of ink that may lie outside the stroke
_RAGGED = 0.06  # share of rows or columns that may cross the stroke twice
_BAR = 2.0  # a bar is at least so many times as high as wide
_BAR_HEIGHT = 11  # in pixels
_EVEN_BAR = 1.3  # as _EVEN, of a bar: a 1 has a flag
_EVEN = 1.7  # the heaviest row of a slash against the median one: a foot, a flag or a bar makes it more
_LINE_SHARE, _LINE_FLAT = 0.7, 4.0  # a line spans so much of the ink's width, and is so flat
_LINE_GAP = 0.12  # and stands off the print by so much of the ink's height
_SURE, _UNSURE = 0.95, 0.6  # probability of a stroke that the recogniser agrees with, and of one that it does not
_LIKE_A_DASH = "=＝■▬~"
_LIKE_A_SLASH = "/／1lI|丿ノJ7"
_WIDE = 1.2  # widest gap between full-width figures, in their heights
_UNEVEN = 0.25  # the narrowest gap between them, in widest ones
_CRACK = 0.13  # widest gap within a broken figure, in heights
_FIGURE = 0.75  # widest figure, in heights


def paper(crop: Gray) -> int:
    """Returns the grey of the paper: the median of the rim."""
    rim = np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]])
    lower, upper = (rim.size - 1) // 2, rim.size // 2
    ordered = np.partition(rim, (lower, upper))
    return (int(ordered[lower]) + int(ordered[upper])) // 2


def lone_stroke(crop: Gray) -> Stroke | None:
    """Tells whether all ink of `crop` is one flat stroke (一 — -), one slanted (/) or one upright (|); None for all else."""
    return _lone_stroke(crop, _ink(crop)) if crop.size else None


def _lone_stroke(crop: Gray, ink: npt.NDArray[np.bool_]) -> Stroke | None:
    piece = _one_piece(ink)
    if piece is None:
        return None
    mask = piece[0]
    height, width = mask.shape
    if width >= _FLAT * height:
        return "flat" if _is_flat(crop, *piece) else None
    if height < _STEEP * width or not _crossed_once(mask):
        return None
    slope = _slope(mask)
    if slope is not None and -slope >= _SLANT:
        return "slanted"
    # A small 1 has lost its flag and foot: it is like a bar, and may well be a 1.
    return "upright" if slope is not None and abs(slope) < _SLANT and height >= max(_BAR * width, _BAR_HEIGHT) else None


def is_flat_stroke(crop: Gray) -> bool:
    """Tells whether all ink of `crop` is one flat stroke."""
    piece = _one_piece(_ink(crop)) if crop.size else None
    return piece is not None and _is_flat(crop, *piece)


def _is_flat(crop: Gray, mask: npt.NDArray[np.bool_], left: int, top: int) -> bool:
    height, width = mask.shape
    if not _FLAT * height <= width <= _LONG * height or not _crossed_once(mask.T):
        return False
    return bool(_faint_ink_beside(crop, mask, left, top) <= _STRAY * mask.sum() + 1)


def _one_piece(ink: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.bool_], int, int] | None:
    """Returns the largest piece of ink, cut to its box, and the box's left and top; None where there is other ink of weight."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    if count < 2:
        return None
    areas = stats[1:, cv2.CC_STAT_AREA]
    largest = int(areas.argmax()) + 1
    if areas.sum() - areas[largest - 1] > _STRAY * areas[largest - 1]:
        return None
    x, y, width, height = stats[largest, :4].tolist()
    return np.asarray(labels[y : y + height, x : x + width] == largest), x, y


def _faint_ink_beside(crop: Gray, mask: npt.NDArray[np.bool_], left: int, top: int) -> int:
    """Returns how many pixels of faint ink stand beside the stroke: of a small, pale 7 the bar alone may be dark."""
    import cv2

    ground = paper(crop)
    faint = cv2.blur(crop, (3, 3)) < ground - _FAINT * (ground - int(crop.min()))
    height, width = mask.shape
    faint[max(0, top - 2) : top + height + 2, max(0, left - 2) : left + width + 2] = False
    return int(faint.sum())


def _crossed_once(mask: npt.NDArray[np.bool_]) -> bool:
    """True where nearly every row of `mask` has exactly one run of ink."""
    before = np.hstack([np.zeros_like(mask[:, :1]), mask[:, :-1]])
    runs = (mask & ~before).sum(axis=1)
    return bool((runs != 1).mean() <= _RAGGED)


def _slope(mask: npt.NDArray[np.bool_]) -> float | None:
    """Returns the pixels to the right for each pixel down of a straight, even stroke; None where it is neither."""
    weights = mask.sum(axis=1)
    rows = np.arange(len(weights), dtype=np.float64)
    # The ends of a stroke are rounded or cut off.
    inner = slice(max(1, len(rows) // 10), len(rows) - max(1, len(rows) // 10))
    thickness = float(np.median(weights))
    if len(rows[inner]) < 4 or float(weights.max()) > _EVEN * thickness + 1:
        return None
    centres = (mask * np.arange(mask.shape[1])).sum(axis=1) / np.maximum(weights, 1)
    slope, offset = np.polyfit(rows[inner], centres[inner], 1)
    if abs(slope) < _SLANT and float(weights.max()) > _EVEN_BAR * thickness + (0.5 if thickness > 2 else 1):
        return None
    off_line = np.abs(centres[inner] - (slope * rows[inner] + offset)).max()
    return float(slope) if off_line <= 0.3 * thickness + 0.8 else None


def corrected(reading: LineReading, stroke: Stroke | None) -> LineReading:
    """Returns `reading` with what the shape of the print rules out taken away.

    Where the recogniser saw something that is not even like the stroke, the result is not sure.
    """
    if stroke is None:
        return reading
    if stroke == "upright":
        return replace(reading, candidates=_at_most(reading.candidates), numeric=_at_most(reading.numeric))
    sign = "-" if stroke == "flat" else "/"
    likes = FOLDED["-"] + _LIKE_A_DASH if stroke == "flat" else _LIKE_A_SLASH
    best = reading.candidates[0]
    mass = _SURE if best.text and set(best.text) <= set(likes) else _UNSURE
    seen = next((c.text[0] for c in reading.candidates if c.text and set(c.text) <= set(FOLDED[sign])), sign)
    rivals = [c for c in reading.candidates if c.text and not set(c.text) <= set(FOLDED[sign])][:1]
    free = (Candidate(seen, math.log(mass)), *(Candidate(c.text, min(c.log_prob, math.log(1 - mass))) for c in rivals))
    figures = [c for c in reading.numeric if c.text and not set(c.text) <= {sign}][:1]
    return LineReading(
        free, (Candidate(sign, math.log(mass)), *(Candidate(c.text, min(c.log_prob, math.log(1 - mass))) for c in figures))
    )


def _at_most(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    return tuple(replace(c, log_prob=min(c.log_prob, math.log(_UNSURE))) for c in candidates)


def with_shape(readings: Sequence[LineReading], crops: Sequence[Gray]) -> list[LineReading]:
    """Returns `readings` with what the shapes of `crops` add: lone strokes, doubts and the height of the ink."""
    return [_with_shape(reading, crop) for reading, crop in zip(readings, crops, strict=True)]


def _with_shape(reading: LineReading, crop: Gray) -> LineReading:
    if crop.size == 0:
        return replace(reading, numeric=_at_most(reading.numeric), ink_height=0)
    ink = _ink(crop)
    seen = corrected(reading, _lone_stroke(crop, ink))
    height = _height(ink)
    if seen.numeric and (height == 0 or _has_line_beside(ink)):
        seen = replace(seen, numeric=_at_most(seen.numeric))
    return replace(seen, ink_height=height)


def _has_line_beside(ink: npt.NDArray[np.bool_]) -> bool:
    """Tells whether a line stands above or below all other ink: with it, a 7 was read as 1 with 0.99."""
    rows = np.flatnonzero(ink.any(axis=1))
    if not len(rows):
        return False
    # The bar of a thin 5 may stand off it, but by less than a line does.
    breaks = np.flatnonzero(np.diff(rows) - 1 > _LINE_GAP * (rows[-1] + 1 - rows[0]))
    if not len(breaks):
        return False
    columns = np.flatnonzero(ink.any(axis=0))
    width = columns[-1] + 1 - columns[0]
    for band in (rows[: breaks[0] + 1], rows[breaks[-1] + 1 :]):
        share = ink[band[0] : band[-1] + 1].any(axis=0).sum() / width
        if share >= _LINE_SHARE and len(band) <= width / _LINE_FLAT:
            return True
    return False


def ink_height(crop: Gray) -> int:
    """Returns the height of the ink of `crop` in pixels; 0 where there is none."""
    return _height(_ink(crop)) if crop.size else 0


def _height(ink: npt.NDArray[np.bool_]) -> int:
    rows = np.flatnonzero(ink.any(axis=1))
    return int(rows[-1] + 1 - rows[0]) if len(rows) else 0


def _ink(crop: Gray) -> npt.NDArray[np.bool_]:
    ground = paper(crop)
    depth = ground - int(crop.min())
    return np.asarray(crop < ground - _INK_DEPTH * depth) if depth >= _CONTRAST else np.zeros(crop.shape, dtype=np.bool_)


def is_letter_spaced(crop: Gray) -> bool:
    """Tells whether the signs of `crop` stand apart evenly, as full-width figures do, and none so far that it begins another
    number.
    """
    if crop.size == 0:
        return False
    ink = _ink(crop)
    height = _height(ink)
    starts, ends = (places.tolist() for places in find_runs(np.asarray(ink.any(axis=0))))
    # Thin strokes of a fax break: what stands close and is no wider than a figure with it belongs to that.
    gaps, start = [], starts[0] if starts else 0
    for end, after, last in zip(ends, starts[1:], ends[1:], strict=False):
        if after - end > _CRACK * height or last - start > _FIGURE * height:
            gaps.append(after - end)
            start = after
    return bool(gaps and max(gaps) <= _WIDE * height and min(gaps) >= _UNEVEN * max(gaps))
