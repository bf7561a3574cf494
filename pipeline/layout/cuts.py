"""Pieces of print that run into one another, cut apart: over the edge of a cell, or one above the other in a narrow column.

The cut pieces share the number of the piece in `Ink.labels`; only their boxes tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.layout.dirt import Ints
from pipeline.layout.ink import Ink
from pipeline.raster import PixelBox

_OVER = 0.35
_RIM, _RIM_SHARE = 4, 0.3
_MOST = 0.75
_FRAME, _FRAME_SHARE, _SPAN, _HANGING_SHARE = 1.2, 0.85, 0.9, 0.3
_STACKED = 1.7
_PITCH = 1.1
_ONE_LETTER = (0.7, 1.3)
_TWO_LETTERS = (1.6, 2.6)


def cut_at_cells(ink: Ink, cells: Sequence[PixelBox]) -> Ink:
    """Cuts pieces that reach far into a second cell; a stroke that only touches a ruling stays whole.

    Args:
        ink: print of the page.
        cells: inner boxes of the ruled cells in pixels.
    """
    if not cells or not len(ink.boxes):
        return ink
    bounds = np.asarray(cells, dtype=np.int64)
    far = _OVER * ink.letter
    parts: list[PixelBox] = []
    sources: list[int] = []
    numbers: list[int] = []
    wide = (ink.boxes[:, 2] - ink.boxes[:, 0] > 2 * far) | (ink.boxes[:, 3] - ink.boxes[:, 1] > 2 * far)
    for k in np.flatnonzero(wide):
        x0, top, x1, bottom = ink.boxes[k]
        shared_x = np.minimum(x1, bounds[:, 2]) - np.maximum(x0, bounds[:, 0])
        shared_y = np.minimum(bottom, bounds[:, 3]) - np.maximum(top, bounds[:, 1])
        deep_x, deep_y = shared_x >= min(far, x1 - x0), shared_y >= min(far, bottom - top)
        touched = np.flatnonzero(deep_x & deep_y)
        if len(touched) < 2:
            continue
        own = [box for box in (_part(ink, k, cells[c]) for c in touched) if box is not None]
        parts += own
        numbers += [int(ink.numbers[k])] * len(own)
        sources.append(int(k))
    return _with(ink, sources, parts, numbers)[0]


def without_frames(ink: Ink, cells: Sequence[PixelBox], owner: Ints, letter: float) -> tuple[Ink, Ints]:
    """Takes out what was left of rulings along the edges of cells; print that hangs on them stays.

    Args:
        ink: print of the page.
        cells: inner boxes of the ruled cells in pixels.
        owner: for each piece its cell, or -1.
        letter: usual height of a letter in cells, in pixels.

    Returns:
        The print and the owners of its pieces.
    """
    rim = max(_RIM, round(_RIM_SHARE * letter))
    width, height = ink.boxes[:, 2] - ink.boxes[:, 0], ink.boxes[:, 3] - ink.boxes[:, 1]
    parts: list[PixelBox] = []
    sources: list[int] = []
    numbers: list[int] = []
    held: list[int] = []
    bounds = np.asarray([*cells, (0, 0, 1, 1)], dtype=np.int64)[owner]
    tall = height >= _MOST * (bounds[:, 3] - bounds[:, 1])
    wide = width >= _MOST * (bounds[:, 2] - bounds[:, 0])
    long = np.maximum(width, height) >= _FRAME * letter
    for k in np.flatnonzero((owner >= 0) & (tall | wide | long)):
        x0, top, x1, bottom = ink.boxes[k]
        cx0, ctop, cx1, cbottom = cells[owner[k]]
        if x0 >= cx0 + rim and top >= ctop + rim and x1 <= cx1 - rim and bottom <= cbottom - rim:
            continue
        own = ink.labels[top:bottom, x0:x1] == ink.numbers[k]
        left, upper = max(0, cx0 + rim - x0), max(0, ctop + rim - top)
        inner = own[upper : max(0, cbottom - rim - top), left : max(0, cx1 - rim - x0)]
        share = 1 - float(inner.sum()) / max(1, int(own.sum()))
        spans = width[k] >= _SPAN * (cx1 - cx0) or height[k] >= _SPAN * (cbottom - ctop)
        if share < _FRAME_SHARE and not (spans and share > _HANGING_SHARE):
            continue
        sources.append(int(k))
        box = _part(ink, k, (cx0 + rim, ctop + rim, cx1 - rim, cbottom - rim)) if share < _FRAME_SHARE else None
        if box is not None:
            parts.append(box)
            numbers.append(int(ink.numbers[k]))
            held.append(int(owner[k]))
    cut, kept = _with(ink, sources, parts, numbers)
    return cut, np.concatenate([owner[kept], np.asarray(held, dtype=np.int64)])


def cut_stacked(ink: Ink, owner: Ints, letter: float) -> tuple[Ink, Ints]:
    """Cuts pieces that are as narrow as one or two letters and as high as several; returns the owners likewise."""
    width, height = ink.boxes[:, 2] - ink.boxes[:, 0], ink.boxes[:, 3] - ink.boxes[:, 1]
    one = (width >= _ONE_LETTER[0] * letter) & (width <= _ONE_LETTER[1] * letter)
    two = (width >= _TWO_LETTERS[0] * letter) & (width <= _TWO_LETTERS[1] * letter)
    parts: list[PixelBox] = []
    sources: list[int] = []
    cells: list[int] = []
    numbers: list[int] = []
    for k in np.flatnonzero((owner >= 0) & (one | two) & (height >= _STACKED * letter)):
        boxes = [b for b in (_part(ink, k, slab) for slab in _slabs(ink, k, letter)) if b is not None]
        if len(boxes) > 1:
            parts += boxes
            cells += [int(owner[k])] * len(boxes)
            numbers += [int(ink.numbers[k])] * len(boxes)
            sources.append(int(k))
    cut, kept = _with(ink, sources, parts, numbers)
    return cut, np.concatenate([owner[kept], np.asarray(cells, dtype=np.int64)])


def _slabs(ink: Ink, k: int, letter: float) -> list[PixelBox]:
    """Returns the stretches between the thinnest rows, one for each letter that has room."""
    x0, top, x1, bottom = (int(v) for v in ink.boxes[k])
    profile = (ink.labels[top:bottom, x0:x1] == ink.numbers[k]).sum(axis=1)
    n = max(2, round((bottom - top) / (_PITCH * letter)))
    pitch = (bottom - top) / n
    rows = [0]
    for i in range(1, n):
        first, last = round((i - 0.3) * pitch), round((i + 0.3) * pitch)
        rows.append(first + int(np.argmin(profile[first:last])))
    rows.append(bottom - top)
    return [(x0, top + a, x1, top + b) for a, b in zip(rows, rows[1:], strict=False)]


def _part(ink: Ink, k: int, region: PixelBox) -> PixelBox | None:
    """Returns the box of what piece `k` has in `region`, or None."""
    x0, top = max(region[0], int(ink.boxes[k, 0])), max(region[1], int(ink.boxes[k, 1]))
    x1, bottom = min(region[2], int(ink.boxes[k, 2])), min(region[3], int(ink.boxes[k, 3]))
    if x0 >= x1 or top >= bottom:
        return None
    own = ink.labels[top:bottom, x0:x1] == ink.numbers[k]
    columns, rows = np.flatnonzero(own.any(axis=0)), np.flatnonzero(own.any(axis=1))
    if not len(columns):
        return None
    return x0 + int(columns[0]), top + int(rows[0]), x0 + int(columns[-1]) + 1, top + int(rows[-1]) + 1


def _with(ink: Ink, sources: Sequence[int], boxes: Sequence[PixelBox], numbers: Sequence[int]) -> tuple[Ink, Ints]:
    """Returns `ink` with `boxes` instead of the pieces `sources`, and which pieces are left of the old ones."""
    kept = np.setdiff1d(np.arange(len(ink.boxes)), np.asarray(sources, dtype=np.int64))
    fresh = np.asarray(boxes, dtype=np.int64).reshape(-1, 4)
    sizes = (fresh[:, 2] - fresh[:, 0]) * (fresh[:, 3] - fresh[:, 1])
    return replace(
        ink,
        boxes=np.vstack([ink.boxes[kept], fresh]),
        numbers=np.concatenate([ink.numbers[kept], np.asarray(numbers, dtype=np.int64)]),
        areas=np.concatenate([ink.areas[kept], sizes]),
    ), kept
