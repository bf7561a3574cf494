"""Streaks of a dirty scanner → paper: thin lines that run from one edge of the picture to the other.

A speck on the glass of a sheet-fed scanner is seen by the same pixel all the way down the sheet, so it draws a straight thin
line over margins and print alike. No ruling does: it ends inside the margins. What is printed under a pale streak is darker than
the streak and stays; what is printed under a dark one cannot be seen, and its surroundings are handed on as covered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray, Raster, Rgb, find_runs

Floats = npt.NDArray[np.float64]

_BAND_IN, _RIM_IN = 0.22, 0.03
_WIDEST_IN, _BESIDE_IN = 0.035, 0.02
_LEAST_DROP, _NOISE = 10.0, 4.0
_SLANT = 0.03
_BARE, _STRIPS, _HELD = 0.02, 16, 0.8
_MOST = 24
_SMOOTH_IN = 0.4
_DARK_SHARE, _DEEPER, _TRACE = 0.5, 1.25, 4.0
_LETTER_IN, _RULING_IN, _ALONE = 0.07, 0.3, 20
_ARM_IN, _ARM_SHARE, _LINE_DROP, _LEAST_ENDS = 0.3, 0.9, 60.0, 2
_LEAST_SIDE_IN = 3.0


@dataclass(frozen=True, slots=True)
class _Streak:
    """A line `x = start + slant * y`, in pixels; `half` is half its width."""

    start: float
    slant: float
    half: int

    def columns(self, height: int) -> npt.NDArray[np.int64]:
        """Returns the column in which it stands in each row."""
        return np.asarray(np.rint(self.start + self.slant * np.arange(height)), dtype=np.int64)


def without_streaks(raster: Raster) -> Raster:
    """Returns a picture without streaks, `covered` where they lay; the picture itself where there are none.

    Args:
        raster: a scan as it came in. Both directions are looked at, since a sheet may have been turned afterwards.
    """
    if min(raster.pixels.shape[:2]) < _LEAST_SIDE_IN * raster.dpi:
        return raster
    down, hidden_down = _cleaned(raster.pixels, raster.dpi)
    across, hidden_across = _cleaned(down.transpose(1, 0, 2), raster.dpi)
    if hidden_down is None and hidden_across is None:
        return raster
    hidden = np.zeros(raster.pixels.shape[:2], dtype=np.uint8) if hidden_down is None else hidden_down
    if hidden_across is not None:
        hidden = np.maximum(hidden, hidden_across.T)
    return replace(raster, pixels=np.ascontiguousarray(across.transpose(1, 0, 2)), covered=hidden)


def _cleaned(pixels: Rgb, dpi: float) -> tuple[Rgb, Gray | None]:
    """Takes upright streaks out of a picture; returns the mask of what they hide, or None where there are none."""
    streaks = _find(pixels, dpi)
    if not streaks:
        return pixels, None
    out, hidden = pixels.copy(), np.zeros(pixels.shape[:2], dtype=np.uint8)
    for streak in streaks:
        _take_out(out, hidden, streak, dpi)
    return out, hidden


def _find(pixels: Rgb, dpi: float) -> list[_Streak]:
    """Returns the streaks of a picture, from left to right.

    They begin and end as thin lines in two margins that are else bare, and are seen wherever no print hides them.
    """
    height = pixels.shape[0]
    rim, band = round(_RIM_IN * dpi), max(4, round(_BAND_IN * dpi))
    upper = _lines_of(pixels[rim : rim + band], dpi)
    lower = _lines_of(pixels[height - rim - band : height - rim], dpi) if upper else []
    if not lower or max(len(upper), len(lower)) > _MOST:
        return []
    top, bottom = rim + band / 2, height - rim - band / 2
    found: list[_Streak] = []
    darkest = pixels.min(axis=2)
    for x0, half0 in upper:
        for x1, half1 in lower:
            slant = (x1 - x0) / (bottom - top)
            streak = _Streak(x0 - slant * top, slant, max(half0, half1))
            if abs(slant) <= _SLANT and _runs_through(darkest, streak, dpi):
                found.append(streak)
                break
    # In a picture that was cut out of a table, its rulings run from edge to edge too; but lines end at the outer two.
    is_table = len(found) > 1 and all(_ends_lines(darkest, found[k], inward, dpi) for k, inward in ((0, 1), (-1, -1)))
    return [] if is_table else found


def _ends_lines(gray: Gray, streak: _Streak, side: int, dpi: float) -> bool:
    """True where several level lines meet a line from one side (-1: left, 1: right) and do not go on beyond it."""
    rows, length = np.arange(gray.shape[0]), max(6, round(_ARM_IN * dpi))
    middle = streak.columns(len(rows))
    away = streak.half + max(2, round(_BESIDE_IN * dpi))
    dark = (cv2.erode(gray, np.ones((3, 1), np.uint8)) < np.median(gray) - _LINE_DROP).astype(np.float32)
    reach, near = np.arange(away, away + length), max(2, round(_BESIDE_IN * dpi))
    arm, beyond = (dark[rows[:, None], np.clip(middle[:, None] + way * reach, 0, gray.shape[1] - 1)] for way in (side, -side))
    # A little slant lets a line begin a row or two earlier on one side than on the other.
    begins = np.asarray(beyond[:, :near].any(axis=1), dtype=np.uint8)[:, None]
    goes_on = cv2.dilate(begins, np.ones((7, 1), np.uint8))[:, 0] > 0
    is_end = (arm.mean(axis=1) >= _ARM_SHARE) & ~goes_on
    ends = np.concatenate([[0], is_end.astype(np.int8)])
    return int((np.diff(ends) > 0).sum()) >= _LEAST_ENDS


def _lines_of(band: Rgb, dpi: float) -> list[tuple[float, int]]:
    """Returns middle and half width of the thin upright lines of a strip of paper; none where the strip is not bare."""
    # A coloured streak is dark in one channel at least.
    gray = band.min(axis=2)
    profile = np.partition(gray, len(gray) // 2, axis=0)[len(gray) // 2].astype(np.float32)
    widest, beside = max(3, round(_WIDEST_IN * dpi)), max(2, round(_BESIDE_IN * dpi))
    size = 2 * ((widest + 2 * beside) // 2) + 1
    closed = cv2.morphologyEx(profile[None, :], cv2.MORPH_CLOSE, np.ones((1, size), np.uint8))[0]
    drop = closed - profile
    noise = float(np.abs(gray - profile[None, :]).mean()) * 1.25
    least = max(_LEAST_DROP, _NOISE * noise / np.sqrt(len(band)) + 4.0)
    dark = drop >= least
    printed = float((gray[:, ~dark] < closed[~dark] - max(40.0, 5 * noise)).mean()) if (~dark).any() else 1.0
    if printed > _BARE or float(np.median(closed)) < 100:
        return []
    starts, ends = find_runs(dark)
    side = round(2 * _WIDEST_IN * dpi)
    runs = zip(starts.tolist(), ends.tolist(), strict=True)
    kept = [(a, b) for a, b in runs if b - a <= widest and a > side and b < len(profile) - side]
    return [((a + b - 1) / 2, (b - a + 1) // 2) for a, b in kept]


def _runs_through(gray: Gray, streak: _Streak, dpi: float) -> bool:
    """Tells whether a line is darker than what stands beside it all the way, but for print."""
    inside, left, right = _samples(gray, streak, dpi)
    valley = np.minimum(left, right) - inside
    paper = np.minimum(left, right) >= np.median(np.minimum(left, right)) - 40
    for part, bare in zip(np.array_split(valley, _STRIPS), np.array_split(paper, _STRIPS), strict=True):
        if bare.any() and float((part[bare] >= _LEAST_DROP / 2).mean()) < _HELD:
            return False
    return float(paper.mean()) > 0.5


def _samples(gray: Gray, streak: _Streak, dpi: float) -> tuple[Floats, Floats, Floats]:
    """Returns for each row the darkest grey on a streak, and the mean greys left and right of it."""
    rows = np.arange(gray.shape[0])
    middle = streak.columns(len(rows))
    away = streak.half + max(1, round(_BESIDE_IN * dpi / 2))

    def at(offsets: range) -> npt.NDArray[np.uint8]:
        return np.stack([gray[rows, np.clip(middle + k, 0, gray.shape[1] - 1)] for k in offsets])

    inside = at(range(-1, 2)).min(axis=0).astype(np.float64)
    left = at(range(-away - 1, -away + 1)).mean(axis=0)
    right = at(range(away, away + 2)).mean(axis=0)
    return inside, left, right


def _take_out(out: Rgb, hidden: Gray, streak: _Streak, dpi: float) -> None:
    """Puts what stands beside a streak in its place; what is darker than the streak itself is print, and is lightened by it."""
    height, width = hidden.shape
    rows = np.arange(height)
    middle = streak.columns(len(rows))
    reach = streak.half + max(2, round(_BESIDE_IN * dpi / 2))
    columns = np.clip(middle[:, None] + np.arange(-reach, reach + 1), 0, width - 1)
    band = out[rows[:, None], columns].astype(np.float64)
    # A stroke that crosses a streak is dark on both sides of it.
    sides = np.maximum(band[:, :1], band[:, -1:])
    depth = _depth(sides - band, dpi)
    taken = (depth.max(axis=2) > _TRACE) & ~_is_ruling(band, streak, dpi)[:, None]
    clearest = depth.max(axis=(0, 1)).argmin()
    drop, own = (sides - band)[..., clearest], depth[..., clearest]
    light = np.where(drop > _DEEPER * own + _LEAST_DROP, np.minimum(band[..., clearest] + own, sides[..., clearest]), -1.0)
    filled = np.where(light[..., None] >= 0, light[..., None], sides)
    out[rows[:, None], columns] = np.where(taken[..., None], np.clip(filled, 0, 255), band).astype(np.uint8)
    hidden_reach = reach
    if float(np.median(own.max(axis=1) / np.maximum(sides[:, 0, clearest], 1))) > _DARK_SHARE:
        # A figure beside it may have another under it.
        hidden_reach += round(_LETTER_IN * dpi)
    columns = np.clip(middle[:, None] + np.arange(-hidden_reach, hidden_reach + 1), 0, width - 1)
    hidden[rows[:, None], columns] = 255


def _depth(drop: Floats, dpi: float) -> Floats:
    """Returns how dark a streak is by itself at each of its places: the usual drop around each row, print left out.

    A slanted streak moves by less than a pixel on the way; the darker of two neighbours is taken.
    """
    step = max(8, round(_SMOOTH_IN * dpi))
    usual = np.empty_like(drop)
    for start in range(0, len(drop), step):
        near = drop[max(0, start - step) : start + 2 * step]
        usual[start : start + step] = np.median(near, axis=0)
    usual = np.maximum(usual, 0.0)
    wider = np.maximum(usual, np.roll(usual, 1, axis=1))
    return np.asarray(np.maximum(wider, np.roll(usual, -1, axis=1)), dtype=np.float64)


def _is_ruling(band: Floats, streak: _Streak, dpi: float) -> npt.NDArray[np.bool_]:
    """True for rows in which a dark upright line, wider than the streak, runs along under it: what is there is left alone."""
    gray = band.min(axis=2)
    dark = gray < np.percentile(gray, 90) / 2
    width = dark.sum(axis=1).astype(np.float64)
    # In the margins at least it is seen alone.
    usual = np.percentile(width, _ALONE)
    length = max(3, round(_RULING_IN * dpi))
    wide = np.asarray(width >= usual + max(2.0, 0.5 * usual), dtype=np.uint8)[:, None]
    opened = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return np.asarray(opened[:, 0] > 0)
