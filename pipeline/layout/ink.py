"""Print of a page without its rulings and without dirt: the pieces that lines of text are made of.

A piece is an 8-connected set of pixels. Pieces are told from dirt by size, darkness and company: the level is taken from the
dirt of the page itself, so that a clean page keeps every dot and a worn one loses its specks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.layout.contrast import grain, levels, local_levels, to_contrast
from pipeline.layout.dirt import SMALL, Floats, Ints, has_company, specks
from pipeline.raster import Gray, PixelBox

Labels = npt.NDArray[np.int32]

_LETTER_PT = 10.0
_LETTER_RANGE_PT = (4.5, 30.0)
_MAX_HEIGHT_PT = 60.0
_MAX_BULK_PT = 160.0
_LETTER_SHARE = 0.5
_LARGE, _LARGE_AREA, _FAINT_SHARE = 0.35, 6, 0.22
_NOISY, _FINE_DPI = 4.0, 150
_HALO_PT, _HALO_LENGTH_PT = 1.5, 10.0
_PALE_INSET, _PALE_WINDOW, _PALE_FREE = 0.2, 0.5, 0.4
_PALE_SIGMA, _PALE_LEVEL, _PALE_LEAST = 6.0, 0.06, 5.0
_RIM = 2


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """The print of a page.

    Attributes:
        binary: 255 where there is print, else 0; shape of the page.
        labels: for each pixel the number of its piece, from 1; 0 for paper and for what was left out.
        boxes: shape (n, 4): `x0, top, x1, bottom` of each piece in pixels, `x1` and `bottom` excluded.
        numbers: shape (n,): the number of each piece in `labels`.
        areas: shape (n,): pixels of each piece.
        letter: usual height of a letter in pixels.
        contrast: how much darker than the paper each pixel is.
        level: contrast of dark print.
        near: not 0 on rulings and a pixel around them; shape of the page.
        dirt: pieces of fewer pixels than this are dirt where they stand alone; 0 on a clean page.
    """

    binary: Gray
    labels: Labels
    boxes: Ints
    numbers: Ints
    areas: Ints
    letter: float
    contrast: Gray
    level: float
    near: Gray
    dirt: float = 0.0


def find_ink(gray: Gray, ruling_mask: Gray, dpi: float) -> Ink:
    """Returns the print of a straightened page.

    Args:
        gray: shape (height, width), paper near 255.
        ruling_mask: 255 on rulings, else 0; same shape.
        dpi: pixels an inch.
    """
    import cv2

    noisy = dpi >= _FINE_DPI and grain(gray) > _NOISY
    contrast = to_contrast(np.asarray(cv2.GaussianBlur(gray, (3, 3), 0), dtype=np.uint8) if noisy else gray, dpi)
    low, high, ink = levels(contrast)
    print_ = ((contrast >= local_levels(contrast, low, ink, dpi)) & (ruling_mask == 0)).astype(np.uint8)
    near = _without_halos(print_, ruling_mask, dpi)
    n, labels, stats, _ = cv2.connectedComponentsWithStats(print_, connectivity=8, ltype=cv2.CV_32S)
    corners = stats[1:, :2].astype(np.int64)
    boxes = np.hstack([corners, corners + stats[1:, 2:4]])
    areas = stats[1:, 4].astype(np.int64)
    peaks = _peaks(contrast, print_, labels, n)
    letter = _letter_height(boxes, dpi)
    likely = ~_is_no_text(boxes, areas, gray.shape, letter, dpi) & ~_is_ruling_rest(boxes, areas, labels, near, letter)
    longer = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    # Noise makes no large pieces, however pale: a thin digit is paler than a bold heading.
    dark = (peaks >= high) | ((longer >= _LARGE * letter) & (areas >= _LARGE_AREA) & (peaks >= max(low, _FAINT_SHARE * ink)))
    company = has_company(boxes, likely & dark & (longer >= _LETTER_SHARE * letter), gray.shape, letter)
    # Faint strokes next to dark ones are parts of letters; alone they are the paper's.
    kept = likely & (dark | company)
    speck, dirt = specks(boxes, areas, peaks / ink, kept & ~company, letter)
    kept &= ~speck & ((areas >= 3) | ~company)
    fresh, numbers = _renumbered(labels, print_, kept)
    binary = (fresh > 0).view(np.uint8) * np.uint8(255)
    return Ink(binary, fresh, boxes[kept], numbers, areas[kept], letter, contrast, ink, near, dirt)


def ink_points(ink: Ink, dpi: float) -> list[tuple[float, float]]:
    """Returns the centres `(x, y)` of all pieces of print in points."""
    centers = (ink.boxes[:, :2] + ink.boxes[:, 2:]) * (36.0 / dpi)
    return [(float(x), float(y)) for x, y in centers]


def is_blank(ink: Ink, cell: PixelBox) -> bool:
    """True where no print has its middle in `cell`; dirt does not count, a lone 1 or - does, and so does a pale shade."""
    return not bool(_inside(ink.boxes, cell).any()) and pale_print(ink, cell) is None


def pale_print(ink: Ink, cell: PixelBox) -> PixelBox | None:
    """Returns where a cell without pieces of print is darker than its paper over the size of a letter, or None.

    The mean over a part of a letter shows print that is too pale, or too broken, for any single pixel to tell. Rulings that
    stand apart, as the sides of boxes do, reach into the cells that they close; they are left out of it.
    """
    import cv2

    inset = max(2, round(_PALE_INSET * ink.letter))
    x0, top, x1, bottom = max(0, cell[0]) + inset, max(0, cell[1]) + inset, cell[2] - inset, cell[3] - inset
    size = max(3, round(_PALE_WINDOW * ink.letter))
    if x0 >= x1 or top >= bottom or min(x1 - x0, bottom - top) < size + 2:
        return None
    free = (ink.near[top:bottom, x0:x1] == 0).astype(np.float32)
    share = cv2.blur(free, (size, size))
    seen = share > _PALE_FREE
    if not seen.any():
        # Rulings hide the whole cell, and what is not seen is not blank.
        return x0, top, x1, bottom
    mean = cv2.blur(ink.contrast[top:bottom, x0:x1] * free, (size, size)) / np.maximum(share, _PALE_FREE)
    paper = float(np.median(mean[seen]))
    mean[~seen] = min(paper, float(mean[seen].min()))
    spread = 1.48 * float(np.median(np.abs(mean[seen] - paper)))
    least = max(_PALE_SIGMA * max(spread, 0.3), _PALE_LEVEL * ink.level, _PALE_LEAST)
    inner = mean[1:-1, 1:-1]
    if float(inner.max()) - paper < least or float(inner.max()) < float(mean.max()):
        return None
    rows, columns = np.nonzero(mean - paper >= least / 2)
    return x0 + int(columns.min()), top + int(rows.min()), x0 + int(columns.max()) + 1, top + int(rows.max()) + 1


def is_dirt(ink: Ink, members: Sequence[int]) -> bool:
    """True where pieces are small and few enough in pixels to be the dirt of this page: they make no line of their own."""
    if ink.dirt <= 0:
        return False
    chosen = list(members)
    boxes = ink.boxes[chosen]
    longer = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    return bool(((ink.areas[chosen] < ink.dirt) & (longer < SMALL * ink.letter)).all())


def _inside(boxes: Ints, cell: Sequence[int]) -> npt.NDArray[np.bool_]:
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    return np.asarray((x >= cell[0]) & (x < cell[2]) & (y >= cell[1]) & (y < cell[3]))


def _peaks(contrast: Gray, print_: Gray, labels: Labels, n: int) -> Floats:
    """Returns the strongest contrast of each piece."""
    index = np.flatnonzero(print_.view(bool))
    peaks = np.zeros(n, dtype=np.uint8)
    np.maximum.at(peaks, labels.ravel()[index], contrast.ravel()[index])
    return peaks[1:].astype(np.float64)


def _letter_height(boxes: Ints, dpi: float) -> float:
    """Returns the usual height of a letter in pixels: whole Chinese letters and digits, not their parts."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    least, most = (v * dpi / 72.0 for v in _LETTER_RANGE_PT)
    likely = height[(height >= least) & (height <= most) & (width >= 0.15 * height) & (width <= 2.5 * height)]
    return float(np.percentile(likely, 75)) if len(likely) >= 5 else _LETTER_PT * dpi / 72.0


def _is_no_text(boxes: Ints, areas: Ints, shape: tuple[int, ...], letter: float, dpi: float) -> npt.NDArray[np.bool_]:
    """True for pictures, the black rim of a copy, and long thin lines."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    limit = _MAX_HEIGHT_PT * dpi / 72.0
    big = (height > limit) | ((width > _MAX_BULK_PT * dpi / 72.0) & (height > 2.5 * letter))
    thin = (width > 4 * letter) & (areas / np.maximum(1, width) < 0.25 * letter) & (height < 0.45 * letter)
    at_rim = (boxes[:, 0] < _RIM) | (boxes[:, 1] < _RIM) | (boxes[:, 2] > shape[1] - _RIM) | (boxes[:, 3] > shape[0] - _RIM)
    return np.asarray(big | thin | at_rim)


def _without_halos(print_: npt.NDArray[np.uint8], mask: Gray, dpi: float) -> npt.NDArray[np.uint8]:
    """Takes the blurred edges of rulings out of `print_` (in place): long runs close beside them.

    Returns:
        The surroundings of rulings: not 0 where one is at most a pixel away.
    """
    import cv2

    if not mask.any():
        return mask
    size = 2 * max(2, round(_HALO_PT * dpi / 72.0)) + 1
    beside = print_ & (cv2.dilate(mask, np.ones((size, size), np.uint8)) > 0)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(beside, connectivity=8, ltype=cv2.CV_32S)
    long = np.maximum(stats[:, 2], stats[:, 3]) > _HALO_LENGTH_PT * dpi / 72.0
    long[0] = False
    if long.any():
        print_[long[labels]] = 0
    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), dtype=np.uint8)


def _is_ruling_rest(
    boxes: Ints, areas: Ints, labels: Labels, near: npt.NDArray[np.uint8], letter: float
) -> npt.NDArray[np.bool_]:
    """True for slivers and crumbs that were left of a ruling: with a ruling along most of their length."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    thin = np.minimum(width, height) <= max(2.0, 0.12 * letter)
    crumb = (np.maximum(width, height) < 0.5 * letter) & (areas < 0.5 * width * height + 6)
    rest = np.zeros(len(boxes), dtype=bool)
    if not near.any():
        return rest
    for k in np.flatnonzero(thin | crumb):
        x0, top, x1, bottom = boxes[k]
        touched = (labels[top:bottom, x0:x1] == k + 1) & (near[top:bottom, x0:x1] > 0)
        if not touched.any():
            continue
        along = touched.any(axis=0).mean(), touched.any(axis=1).mean()
        rest[k] = along[0 if width[k] >= height[k] else 1] > 0.6 if thin[k] else min(along) > 0.6
    return rest


def _renumbered(labels: Labels, print_: Gray, kept: npt.NDArray[np.bool_]) -> tuple[Labels, Ints]:
    """Returns the labels of the pieces that are kept, numbered from 1, and their numbers."""
    numbers = np.arange(1, int(kept.sum()) + 1, dtype=np.int64)
    fresh = np.zeros(len(kept) + 1, dtype=np.int32)
    fresh[1:][kept] = numbers
    # Most of a page is paper, which has no number.
    index = np.flatnonzero(print_.view(bool))
    renumbered = np.zeros(labels.shape, dtype=np.int32)
    renumbered.ravel()[index] = fresh[labels.ravel()[index]]
    return renumbered, numbers
