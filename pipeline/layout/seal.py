"""Coloured seals and pen strokes → paper, but for the black print under them. Coloured print is left as it is."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray, Rgb

Mask = npt.NDArray[np.bool_]
Box = tuple[int, int, int, int]

_CHROMA, _PEN_CHROMA = 26, 45
_BAND_IN, _BAND_STEP = 0.5, 4
_LEAST_SHARE = 1e-4
_COARSE_DPI = 90.0
_GAP_IN, _SEAL_IN, _ONE_IN, _MOST_IN = 0.04, 0.5, 2.4, 4.8
_ASPECT, _FILLED, _INKED, _RULING_IN = 3.0, 0.8, 0.06, 1.6
_RIM_BINS, _RIM_SHARE, _RIM_INNER = 36, 0.6, 0.75
_ALIKE, _MOSTLY = 0.5, 0.5
_ROW, _ROW_ALIKE, _ROW_TALLER, _ROW_GAP = 2, 0.45, 3.5, 2.5
_STROKE_GAP_IN, _STROKE_IN, _LONGEST_IN, _BENT_IN, _STROKE_FILLED = 0.03, 0.16, 3.0, 0.07, 0.6
_PEN_IN = 0.035
_CORNER_IN, _ARM, _STRAIGHT = 0.12, 0.15, 0.85
_LINE_IN, _LINES_IN2 = 0.5, 0.4
_LETTER_IN, _FIGURE_ASPECT, _BLACK_LEVEL, _ON_BLACK, _PRINT_GROUPS = 0.25, 8.0, 110, 0.04, 30
COLORED, TAKEN = 64, 255
_NEAR, _REACH, _SMOOTH, _CALM, _AROUND = 7, 5, 5, 9, 13
_FULL, _WIDE_IN = 1.25, 0.18
_WEIGHTS = (0.299, 0.587, 0.114)


def without_seals(pixels: Rgb, dpi: float) -> tuple[Gray, Gray | None]:
    """Returns the page in grey with its seals and coloured pen strokes taken out, and where they were.

    A seal is large, strongly coloured, mostly hollow, and inked along its rim. Its own ink is bright in its brightest channel,
    where black print under it stays dark; what it still darkens there is told by its colour. Small coloured print, rows of
    large coloured letters, coloured rulings and areas are left as they are. So is what has the size of a figure and lies on no
    black print: whether it is a figure or a mark of a pen, its shape alone does not tell.

    Args:
        pixels: RGB.
        dpi: pixels an inch.

    Returns:
        Grey, and a mask of `TAKEN` where there was a seal or a stroke, `COLORED` where coloured ink was left that may be a mark,
        else 0; or None where there is neither.
    """
    gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    height, width = gray.shape
    if _is_gray(pixels):
        return gray, None
    # Scanners store colours at half the resolution of the light, so nothing is lost.
    step = 2 if dpi >= 2 * _COARSE_DPI and min(height, width) > 64 else 1
    small = pixels if step == 1 else cv2.resize(pixels, (width // step, height // step), interpolation=cv2.INTER_AREA)
    planes = cv2.split(small)
    brightest = cv2.max(cv2.max(planes[0], planes[1]), planes[2])
    chroma = cv2.subtract(brightest, cv2.min(cv2.min(planes[0], planes[1]), planes[2]))
    if float((chroma[::2, ::2] > _CHROMA).mean()) < _LEAST_SHARE:
        return gray, None
    whole, chroma = chroma, _above_bands(chroma, dpi / step)
    found = np.zeros(gray.shape, dtype=np.uint8)
    black = np.asarray(brightest < _BLACK_LEVEL, dtype=np.uint8)
    for channel in range(3):
        own = planes[channel] == brightest
        colored = np.asarray(own & (chroma > _CHROMA), dtype=np.uint8)
        seals = _seals(colored, np.asarray(whole * own, dtype=np.uint8), dpi / step)
        strong = np.asarray(own & (chroma > _PEN_CHROMA), dtype=np.uint8)
        for (x0, top, x1, bottom), mask in seals:
            strong[top:bottom, x0:x1][mask > 0] = 0
        strokes, left = _strokes(strong, black, _rulings(colored, dpi / step), dpi / step)
        for box, mask in [*seals, *strokes]:
            _take_out(pixels, gray, found, channel, box, mask, step, dpi)
        for (x0, top, x1, bottom), mask in left:
            place = found[top * step : bottom * step, x0 * step : x1 * step]
            large = cv2.resize(mask, (place.shape[1], place.shape[0]), interpolation=cv2.INTER_NEAREST)
            np.maximum(place, large * np.uint8(COLORED), out=place)
    return gray, (found if found.any() else None)


def _is_gray(pixels: Rgb) -> bool:
    """True where no pixel has a colour, nor a mean of several one that counts: most scans of offices."""
    planes = cv2.split(pixels)
    spread = cv2.subtract(cv2.max(cv2.max(planes[0], planes[1]), planes[2]), cv2.min(cv2.min(planes[0], planes[1]), planes[2]))
    # A mean of pixels is rounded in each channel.
    return int(spread.max()) < _CHROMA


def _above_bands(chroma: Any, dpi: float) -> Any:
    """Returns colour beyond that of its surroundings: coloured areas are paper."""
    height, width = chroma.shape
    coarse = cv2.resize(chroma, (max(1, width // _BAND_STEP), max(1, height // _BAND_STEP)), interpolation=cv2.INTER_AREA)
    size = max(3, round(_BAND_IN * dpi / _BAND_STEP) | 1)
    return cv2.subtract(chroma, cv2.resize(cv2.medianBlur(coarse, size), (width, height)))


def _seals(colored: Gray, chroma: Gray, dpi: float) -> list[tuple[Box, Gray]]:
    """Returns for each seal its box `x0, top, x1, bottom` and in it 1 where it is inked.

    Args:
        colored: 1 where a page has the colour beyond that of its surroundings.
        chroma: how strong the colour is, that of coloured areas too.
        dpi: pixels an inch.
    """
    size = max(3, round(_GAP_IN * dpi)) | 1
    groups = cv2.morphologyEx(colored, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(groups, connectivity=8)
    large = [k for k in range(1, count) if _has_size_of_seal(stats[k], dpi)]
    seals = []
    for k in large:
        x, y, width, height = (int(v) for v in stats[k][:4])
        area = slice(y, y + height), slice(x, x + width)
        own = np.asarray(labels[area] == k, dtype=np.uint8)
        if _in_a_row(stats, k) or not _looks_like_seal(own, own * colored[area], dpi):
            continue
        # Its letters and its star stand apart from its rim.
        points = cv2.findNonZero(own)
        hull = np.zeros_like(own)
        cv2.fillConvexPoly(hull, cv2.convexHull(points), (1,))
        if _is_rim_of_area(hull, hull * colored[area], chroma[area], size):
            continue
        seals.append(((x, y, x + width, y + height), np.asarray(hull * colored[area], dtype=np.uint8)))
    return seals


def _strokes(
    colored: Gray, black: Gray, rulings: Gray | None, dpi: float
) -> tuple[list[tuple[Box, Gray]], list[tuple[Box, Gray]]]:
    """Returns for each pen stroke its box and in it 1 where it is inked; and the same for what may as well be a figure."""
    size = max(3, round(_STROKE_GAP_IN * dpi)) | 1
    groups = cv2.morphologyEx(colored, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(groups, connectivity=8)
    longer, shorter = stats[:, 2:4].max(axis=1) / dpi, stats[:, 2:4].min(axis=1) / dpi
    share = stats[:, 4] / np.maximum(1, stats[:, 2] * stats[:, 3])
    fits = (longer >= _STROKE_IN) & (longer <= _LONGEST_IN) & (shorter >= _BENT_IN) & (share < _STROKE_FILLED)
    letters = (stats[:, 3] <= _LETTER_IN * dpi) & (stats[:, 2] <= _FIGURE_ASPECT * stats[:, 3])
    fits[0] = letters[0] = False
    rows = {int(k): _in_a_row(stats, k) for k in np.flatnonzero(fits | (letters & (shorter >= _BENT_IN)))}
    if sum(in_row for k, in_row in rows.items() if letters[k]) >= _PRINT_GROUPS:
        # Print has this colour: its rulings come in pieces that look like strokes.
        return [], []
    found: list[tuple[Box, Gray]] = []
    left: list[tuple[Box, Gray]] = []
    near_black = cv2.dilate(black, np.ones((3, 3), np.uint8))
    for k in rows:
        x, y, width, height = (int(v) for v in stats[k][:4])
        area = slice(y, y + height), slice(x, x + width)
        inked = np.asarray((labels[area] == k) & (colored[area] > 0), dtype=np.uint8)
        # Letters in a row are print; so is what has parts thicker than a pen draws.
        if rows[k] or (fits[k] and cv2.distanceTransform(inked, cv2.DIST_L2, 3).max() > _PEN_IN * dpi):
            continue
        if fits[k] and _is_corner(inked, dpi):
            continue
        if rulings is not None and float((rulings[area] & inked).sum()) >= _STRAIGHT * float(inked.sum()):
            continue
        on_black = float((near_black[area] * inked).sum()) > _ON_BLACK * float(inked.sum())
        if letters[k] and not on_black:
            left.append(((x, y, x + width, y + height), inked))
        elif fits[k]:
            found.append(((x, y, x + width, y + height), inked))
    return found, left


def _has_size_of_seal(stat: Any, dpi: float) -> bool:
    width, height = int(stat[2]) / dpi, int(stat[3]) / dpi
    return min(width, height) >= _SEAL_IN and max(width, height) <= min(_MOST_IN, _ASPECT * min(width, height))


def _in_a_row(stats: Any, k: int) -> bool:
    """True where several groups of like height stand side by side: letters of coloured print."""
    x, y, width, height = (int(v) for v in stats[k][:4])
    alike = (stats[:, 3] > _ROW_ALIKE * height) & (stats[:, 3] < _ROW_TALLER * height)
    middle = y + height / 2
    level = (stats[:, 1] < middle) & (stats[:, 1] + stats[:, 3] > middle)
    side = max(width, height)
    near = (stats[:, 0] < x + width + _ROW_GAP * side) & (stats[:, 0] + stats[:, 2] > x - _ROW_GAP * side)
    return int((alike & level & near).sum()) > _ROW


def _looks_like_seal(own: Gray, inked: Gray, dpi: float) -> bool:
    """True where a group is neither filled nor a few thin lines, and has ink along most of its rim."""
    height, width = own.shape
    share = float(inked.mean())
    if not _INKED <= share < _FILLED or (max(width, height) > _ONE_IN * dpi and _has_rulings(inked, dpi)):
        return False
    # Directions from the middle in which ink stands near the outline; a letter or a scribble reaches it here and there.
    ys, xs = np.nonzero(inked)
    v, u = (ys + 0.5) / height * 2 - 1, (xs + 0.5) / width * 2 - 1
    outer = np.maximum(np.hypot(u, v), 1.1 * np.maximum(abs(u), abs(v))) > _RIM_INNER
    bins = ((np.arctan2(v[outer], u[outer]) / (2 * np.pi) + 0.5) * _RIM_BINS).astype(int) % _RIM_BINS
    return len(np.unique(bins)) >= _RIM_SHARE * _RIM_BINS


def _is_corner(inked: Gray, dpi: float) -> bool:
    """True where level and upright straight lines together make up a group: a corner or a crossing of coloured rulings."""
    across, down = _straight(inked, round(_CORNER_IN * dpi))
    total = max(1, int(inked.sum()))
    shares = float((across & inked).sum()) / total, float((down & inked).sum()) / total
    return min(shares) >= _ARM and float(((across | down) & inked).sum()) >= _STRAIGHT * total


def _rulings(colored: Gray, dpi: float) -> Gray | None:
    """Returns 1 on the rulings of a page that have this colour, or None where none run both ways over it.

    Thin lines have their colour more and less strongly, so that the strong parts of one are short pieces; crossings of a page
    that lies a little turned are no corners of level and upright lines.
    """
    lines = _straight(colored, round(_LINE_IN * dpi)) if float(colored.sum()) >= _LINES_IN2 * dpi * dpi / 2 else ()
    if not lines or any(float(one.sum()) < _LINES_IN2 * dpi * dpi for one in lines):
        return None
    return np.asarray(cv2.dilate(cv2.bitwise_or(*lines), np.ones((3, 3), np.uint8)), dtype=np.uint8)


def _straight(inked: Gray, length: int) -> tuple[Gray, Gray]:
    """Returns what belongs to level, and to upright lines of a length in pixels; a little skew makes steps of a pixel."""
    across = cv2.morphologyEx(cv2.dilate(inked, np.ones((3, 1), np.uint8)), cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    down = cv2.morphologyEx(cv2.dilate(inked, np.ones((1, 3), np.uint8)), cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return np.asarray(across, dtype=np.uint8), np.asarray(down, dtype=np.uint8)


def _is_rim_of_area(hull: Gray, inked: Gray, chroma: Gray, size: int) -> bool:
    """True where most of what lies between the ink of a group is of the same colour: the corners of a coloured area."""
    level = max(float(_CHROMA), _ALIKE * float(np.median(chroma[inked > 0])))
    between = (hull > 0) & (cv2.dilate(inked, np.ones((size, size), np.uint8)) == 0)
    return bool(between.any()) and float((chroma[between] > level).mean()) > _MOSTLY


def _has_rulings(inked: Gray, dpi: float) -> bool:
    """True where straight level or upright lines are longer than the side of a stamp."""
    across, down = _straight(inked, round(_RULING_IN * dpi))
    return bool(across.any() or down.any())


def _take_out(pixels: Rgb, gray: Gray, found: Gray, channel: int, box: Box, mask: Gray, step: int, dpi: float) -> None:
    """Takes one seal out of `gray` and enters it in `found`, both in place."""
    height, width = gray.shape
    pad = _NEAR
    x0, top = max(0, box[0] * step - pad), max(0, box[1] * step - pad)
    x1, bottom = min(width, box[2] * step + pad), min(height, box[3] * step + pad)
    inked = np.zeros((bottom - top, x1 - x0), dtype=np.uint8)
    large = cv2.resize(mask, (mask.shape[1] * step, mask.shape[0] * step), interpolation=cv2.INTER_NEAREST)
    y, x = box[1] * step - top, box[0] * step - x0
    inked[y : y + large.shape[0], x : x + large.shape[1]] = large[: inked.shape[0] - y, : inked.shape[1] - x]
    near = cv2.dilate(inked, np.ones((_NEAR, _NEAR), np.uint8)) > 0
    part = pixels[top:bottom, x0:x1].astype(np.float32)
    clean = _unmixed(part, inked > 0, channel, dpi)
    place = gray[top:bottom, x0:x1]
    place[near] = clean[near]
    np.maximum(found[top:bottom, x0:x1], inked * np.uint8(255), out=found[top:bottom, x0:x1])


def _unmixed(part: npt.NDArray[np.float32], inked: Mask, channel: int, dpi: float) -> Gray:
    """Returns a piece of a page as it would be without the ink of a seal.

    The brightest channel is light plus colour. What the seal takes from the light goes with its colour along one line, which
    is fitted to the piece. Colour is stored blurred: so it is shared out again among the pixels around, by how dark they are.
    """
    light = part @ np.asarray(_WEIGHTS, dtype=np.float32)
    color = np.maximum(part[:, :, channel] - light, 0)
    bare = light[~inked]
    paper = float(np.percentile(bare, 75)) if bare.size else 250.0
    level = np.percentile(color[inked], 60)
    # The ink alone: the most colourful half, so hardly any print under it.
    pure = inked & (color >= level)
    along = float(np.median(color[pure] / np.maximum(paper - light[pure], 8.0)))
    taken = max(0.0, float(np.median((paper - light[pure] - color[pure]) / paper / np.maximum(color[pure], 1.0))))
    darkest = float(np.percentile(light[pure], 5))
    # Of what is dark around a pixel, the share that goes with colour is the seal's; the rest is print.
    # A star is filled: the paper of a band is looked for beyond it.
    wide = round(_WIDE_IN * dpi) | 1
    bright = cv2.medianBlur(part[:, :, channel].astype(np.uint8), _SMOOTH)
    local = np.minimum(paper, cv2.dilate(bright, np.ones((wide, wide), np.uint8)))
    dark = np.clip(local - light, 0, paper - darkest)
    share = cv2.blur(color, (_REACH, _REACH)) / np.maximum(along * cv2.blur(dark, (_REACH, _REACH)), 1.0)
    wanted = along * dark * np.clip(_FULL * share, 0, 1)
    # What is darker than the ink itself has print in it: there the colour is what was measured, at most.
    ink_only = np.clip((light - 0.65 * darkest) / max(1.0, 0.3 * darkest), 0, 1)
    least = np.minimum(color, wanted)
    used = least + ink_only * (wanted - least)
    through = np.clip(1 - taken * used, 0.3, 1)
    clean = np.clip((light + used) / through, 0, 255).astype(np.uint8)
    # Where too much colour was taken, the paper around says how light it can be.
    around = cv2.dilate(cv2.medianBlur(clean, _CALM), np.ones((_AROUND, _AROUND), np.uint8))
    return np.asarray(np.minimum(clean, np.maximum(around, np.minimum(light, 255))), dtype=np.uint8)
