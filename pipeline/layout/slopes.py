"""Which way lines of text and rulings run, place by place: the field of slopes that perspective and curl are told by.

In a small window each slope is tried: rows of print summed along it are sharpest, and the sum of their squares is largest,
where they run along the lines. That is Postl's criterion for skew (1986), with a window in place of the page. A slope is
never mistaken for the next line's, as a shift is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

FIELD_DPI = 100.0
_PAPER, _DARKEST = 235, 200
_STRIP_PX, _STRIPS, _STRIP_STEP = 8, 20, 4
_MOST_SLOPE, _SLOPE_STEP = 0.1, 0.004
_BLUR_PX, _PHASES = 1.0, 4
_HIGH_PASS_PX, _WINDOW_PX, _SAMPLE_PX = 31, 61, 20
_RULING_PX, _RULING_LEAN_PX, _RULING_WINDOW_PX = 45, 3, 15
_LEAST_ENERGY, _LEAST_PEAK, _CLEAR_PEAK = 0.03, 0.05, 0.3


@dataclass(frozen=True)
class Slopes:
    """Slopes of lines at places of a picture.

    Attributes:
        x: across, in pixels of the picture; `y` likewise.
        slope: of lines that run across: pixels down for one across; of those that run down: pixels across for one down.
        weight: 0 to 1: how clearly it shows.
    """

    x: Floats
    y: Floats
    slope: Floats
    weight: Floats


def slopes_across(gray: Gray, sparse: bool = False) -> Slopes:
    """Returns slopes of lines of text and of rulings that run across.

    Args:
        gray: light evened, nearly level, `FIELD_DPI` pixels an inch.
        sparse: at half as many places.
    """
    return _slopes(_print(gray), _WINDOW_PX, _STRIP_STEP * (1 + sparse))


def slopes_down(gray: Gray, sparse: bool = False) -> Slopes:
    """Returns slopes of rulings that run down; print has no lines that way.

    Args:
        gray: as for `slopes_across`.
        sparse: likewise.
    """
    printed = _print(gray)
    # A thin line that leans leaves its column of pixels: it is widened before its length is asked for.
    wide = cv2.dilate(printed, np.ones((1, _RULING_LEAN_PX), np.uint8))
    long = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((_RULING_PX, 1), np.uint8))
    rules = np.minimum(printed, long)
    if not rules.any():
        return _nothing()
    turned = _slopes(np.ascontiguousarray(rules.T), _RULING_WINDOW_PX, _STRIP_STEP * (1 + sparse))
    return Slopes(turned.y, turned.x, turned.slope, turned.weight)


def _print(gray: Gray) -> Gray:
    """Returns how much darker than paper each pixel is."""
    return np.asarray(np.clip(np.int16(_PAPER) - gray.astype(np.int16), 0, _DARKEST), dtype=np.uint8)


def _slopes(printed: Gray, window: int, step: int) -> Slopes:
    height, width = printed.shape
    strips = width // _STRIP_PX
    tiles = (strips - _STRIPS) // step + 1
    if tiles < 1 or height < 2 * window:
        return _nothing()
    whole = np.ascontiguousarray(printed[:, : strips * _STRIP_PX])
    rows = cv2.resize(whole, (strips, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    rows -= cv2.blur(rows, (1, _HIGH_PASS_PX))
    last = (tiles - 1) * step + 1
    parts = [
        [np.ascontiguousarray(moved[:, k : k + last : step]) for k in range(_STRIPS)]
        for moved in (_moved_up(rows, f / _PHASES) for f in range(_PHASES))
    ]
    slopes = np.arange(-_MOST_SLOPE, _MOST_SLOPE + _SLOPE_STEP / 2, _SLOPE_STEP)
    own = _sampled(np.sum([p * p for p in parts[0]], axis=0, dtype=np.float32), window)
    energy = np.stack([_energy(parts, float(s), window) for s in slopes])
    # What the strips have each by itself tells of no slope.
    energy = (energy - own) / ((_STRIPS - 1) * np.maximum(own, 1e-6))
    best, highest = energy.argmax(axis=0), energy.max(axis=0)
    peak = highest - np.median(energy, axis=0)
    printed_much = own > _LEAST_ENERGY * float(np.percentile(own, 95)) + 1e-3
    inner = (best > 0) & (best < len(slopes) - 1)
    j, i = np.nonzero(inner & printed_much & (peak > _LEAST_PEAK))
    k = best[j, i]
    low, mid, high = (energy[k + d, j, i] for d in (-1, 0, 1))
    part = 0.5 * (low - high) / np.minimum(low - 2 * mid + high, -1e-6)
    x = np.asarray((i * step + _STRIPS / 2) * _STRIP_PX, dtype=np.float64)
    y = np.asarray(j * _SAMPLE_PX, dtype=np.float64)
    slope = slopes[k] + np.clip(part, -0.5, 0.5) * _SLOPE_STEP
    return Slopes(x, y, slope, np.minimum(1.0, peak[j, i] / _CLEAR_PEAK))


def _nothing() -> Slopes:
    return Slopes(*(np.zeros(0) for _ in range(4)))


def _moved_up(rows: Singles, part: float) -> Singles:
    """Returns rows softened and moved up by a part of a pixel: softened alike for each part, so that no slope is favoured."""
    reach = round(3 * _BLUR_PX) + 1
    bell = np.exp(-0.5 * ((np.arange(-reach, reach + 1) - part) / _BLUR_PX) ** 2)
    return np.asarray(cv2.filter2D(rows, cv2.CV_32F, (bell / bell.sum()).astype(np.float32)[:, None]), dtype=np.float32)


def _energy(parts: Sequence[Sequence[Singles]], slope: float, window: int) -> Singles:
    """Returns the energy of rows summed along a slope, for windows at each `_SAMPLE_PX` rows and each tile of strips.

    Args:
        parts: for each part of a pixel, for each strip of a tile, its rows, shape (height, tiles).
        slope: pixels down for one across.
        window: rows of pixels.
    """
    height = parts[0][0].shape[0]
    summed = np.zeros_like(parts[0][0])
    for strip in range(_STRIPS):
        low, phase = divmod(round(slope * _STRIP_PX * (strip - (_STRIPS - 1) / 2) * _PHASES), _PHASES)
        first, last = max(0, low), min(height, height + low)
        cv2.accumulate(parts[phase][strip][first:last], summed[first - low : last - low])
    return _sampled(summed * summed, window)


def _sampled(energy: Singles, window: int) -> Singles:
    return np.asarray(cv2.blur(energy, (1, window))[::_SAMPLE_PX], dtype=np.float32)
