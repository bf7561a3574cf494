"""What a recogniser is given to read: the print of one line with some paper around it, and nothing of its neighbours."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from pipeline.layout.percentile import column_percentile
from pipeline.raster import Gray, PixelBox, TextLine, grey_percentile

_PAD = 0.25
_MIN_PAD = 3
_LETTER_GAP = 0.12
_FIGURE_GAP = 0.25
_PRINT = 40
_THROUGH = 0.8
_REACH, _DOT_SHARE = 1.5, 5


def crop_line(gray: Gray, line: TextLine, ruling_mask: Gray) -> Gray:
    """Returns the picture of a run of print, its padding free of rulings and of other print.

    Letters that are stacked in a narrow column are set side by side, and figures that are set far apart are drawn together, so
    that they read as one word.

    Args:
        gray: the straightened page, paper near 255.
        line: where the print stands.
        ruling_mask: 255 on rulings, else 0; the shape of `gray`.
    """
    if len(line.boxes) == 1:
        box = line.boxes[0]
        pad = max(_MIN_PAD, round(_PAD * _nominal_height(box)))
        return _framed(gray, ruling_mask, box, (box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad))
    if line.is_stack:
        return _side_by_side(gray, ruling_mask, line.boxes)
    return _drawn_together(gray, ruling_mask, line)


def _nominal_height(box: PixelBox) -> int:
    # A dash is flat: with a quarter of its own height as padding it would be blown up to a block.
    return max(box[3] - box[1], min(box[2] - box[0], 2 * (box[3] - box[1])))


def _framed(gray: Gray, ruling_mask: Gray, box: PixelBox, frame: PixelBox) -> Gray:
    """Returns the part `frame` of the page (it may reach beyond), where only print that belongs to `box` is left."""
    import cv2

    x0, top, x1, bottom = frame
    height, width = gray.shape
    cx0, ctop, cx1, cbottom = max(0, x0), max(0, top), min(width, x1), min(height, bottom)
    if cx0 >= cx1 or ctop >= cbottom:
        return np.full((max(1, bottom - top), max(1, x1 - x0)), 255, dtype=np.uint8)
    part = gray[ctop:cbottom, cx0:cx1].copy()
    white = _paper(part)
    inner = np.zeros(part.shape, dtype=bool)
    inner[max(0, box[1] - ctop) : box[3] - ctop, max(0, box[0] - cx0) : box[2] - cx0] = True

    def around(axis: int) -> npt.NDArray[np.float64]:
        if axis == 0:
            return _around(gray, ruling_mask, box, (cx0, ctop, cx1, cbottom))
        return _around(gray.T, ruling_mask.T, (box[1], box[0], box[3], box[2]), (ctop, cx0, cbottom, cx1))

    rulings = _bare_rulings(part, ruling_mask[ctop:cbottom, cx0:cx1] > 0, around)
    outside = ~inner
    bare = rulings & outside
    dark = (part < white - _PRINT) & ~bare
    own = dark.astype(np.uint8)
    if (dark & outside).any():
        own = _own_print(own, inner, slice(max(0, box[1] - ctop), box[3] - ctop))
    away = outside & (cv2.dilate(own, np.ones((3, 3), np.uint8)) == 0)
    part[away & (dark | (part < white - _PRINT // 2))] = white
    part[bare] = white
    if part.shape == (bottom - top, x1 - x0):
        return part
    out = np.full((bottom - top, x1 - x0), white, dtype=np.uint8)
    out[ctop - top : cbottom - top, cx0 - x0 : cx1 - x0] = part
    return out


def _own_print(dark: npt.NDArray[np.uint8], inner: npt.NDArray[np.bool_], level: slice) -> npt.NDArray[np.uint8]:
    """Returns 1 for the pieces of print that belong to the box.

    Args:
        dark: 1 for print.
        inner: true in the box.
        level: the rows of the box.
    """
    import cv2

    n, found = cv2.connectedComponents(dark, connectivity=8)
    labels = np.asarray(found, dtype=np.int32)
    count = np.bincount(labels.ravel(), minlength=n)
    # The box is tight: what has most of its pixels beyond it is a neighbour whose blur reaches in.
    own = 2 * np.bincount(labels[inner], minlength=n) >= count
    # What stands level with the box and ends within the frame is a faint stroke of this very print.
    own |= (2 * np.bincount(labels[level].ravel(), minlength=n) >= count) & ~_at_rim(labels, n)
    own[0] = False
    return np.asarray(own[labels], dtype=np.uint8)


def _bare_rulings(
    part: Gray, mask: npt.NDArray[np.bool_], around: Callable[[int], npt.NDArray[np.float64]]
) -> npt.NDArray[np.bool_]:
    """Returns the pixels of rulings that no print lies on: those not much darker than the ruling is on the whole there.

    Args:
        part: grey of a frame.
        mask: true on rulings.
        around: gives the dark of upright rulings (0) in each column of `part` or of level ones (1) in each row, beyond the print.
    """
    if not mask.any():
        return mask
    bare = mask.copy()
    for axis, covered in ((0, mask.mean(axis=0)), (1, mask.mean(axis=1))):
        along = covered > _THROUGH
        if not along.any():
            continue
        across = part[:, along] if axis == 0 else part[along].T
        usual = np.minimum(column_percentile(across, 50), around(axis)[along])
        is_bare = across.astype(np.int16) >= usual - _PRINT
        if axis == 0:
            bare[:, along] &= is_bare
        else:
            bare[along] &= is_bare.T
    return bare


def _around(gray: Gray, ruling_mask: Gray, box: PixelBox, frame: PixelBox) -> npt.NDArray[np.float64]:
    """Returns how dark upright rulings are above or below the print `box`: of dotted ones their dots, not the paper between.

    Args:
        gray: the page.
        ruling_mask: 255 on rulings.
        box: of print.
        frame: whose columns are asked for, `x0` and `x1` within the page.

    Returns:
        Grey for each column; 255 where no ruling goes on.
    """
    x0, top, x1, bottom = frame
    reach = round(_REACH * (bottom - top))
    dark = np.full(x1 - x0, 255.0)
    for rows in (slice(max(0, top - reach), max(0, box[1])), slice(min(box[3], len(gray)), bottom + reach)):
        through = (ruling_mask[rows, x0:x1] > 0).mean(axis=0) > _THROUGH if rows.start < min(rows.stop, len(gray)) else dark < 0
        if through.any():
            dark[through] = np.minimum(dark[through], column_percentile(gray[rows, x0:x1][:, through], _DOT_SHARE))
    return dark


def _at_rim(labels: npt.NDArray[np.int32], n: int) -> npt.NDArray[np.bool_]:
    """Returns for each number whether it occurs on the rim of `labels`."""
    found = np.zeros(n, dtype=bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        found[edge] = True
    return found


def _paper(part: npt.NDArray[np.uint8]) -> int:
    """Returns the grey of the paper: light, but not the lightest noise."""
    return int(grey_percentile(part, 80))


def _side_by_side(gray: Gray, ruling_mask: Gray, boxes: tuple[PixelBox, ...]) -> Gray:
    """Returns stacked letters in one row, each at the height in its line at which it stands in its own."""
    tall = max(b[3] - b[1] for b in boxes)
    pad = max(_MIN_PAD, round(_PAD * tall))
    gap = max(1, round(_LETTER_GAP * tall))
    parts = []
    for k, box in enumerate(boxes):
        middle = _middle(boxes, k, tall)
        top = round(middle - tall / 2) - pad
        left = pad if k == 0 else gap // 2
        right = pad if k == len(boxes) - 1 else gap - gap // 2
        parts.append(_framed(gray, ruling_mask, box, (box[0] - left, top, box[2] + right, top + tall + 2 * pad)))
    return np.hstack(parts)


def _drawn_together(gray: Gray, ruling_mask: Gray, line: TextLine) -> Gray:
    """Returns the figures of a line as they stand, with less paper between them."""
    _, top, _, bottom = line.hull
    pad = max(_MIN_PAD, round(_PAD * (bottom - top)))
    between = round(_FIGURE_GAP * (bottom - top)) / 2
    parts = []
    for k, (x0, _, x1, _) in enumerate(line.boxes):
        left = pad if k == 0 else min(math.floor(between), (x0 - line.boxes[k - 1][2]) // 2)
        right = pad if k == len(line.boxes) - 1 else min(math.ceil(between), (line.boxes[k + 1][0] - x1) // 2)
        parts.append(_framed(gray, ruling_mask, (x0, top, x1, bottom), (x0 - left, top - pad, x1 + right, bottom + pad)))
    return np.hstack(parts)


def _middle(boxes: tuple[PixelBox, ...], k: int, tall: int) -> float:
    """Returns the middle of the line of box `k`: of the box, or for a dash or comma of the room between its neighbours."""
    _, top, _, bottom = boxes[k]
    if bottom - top > 0.6 * tall or k == 0 or k == len(boxes) - 1:
        return min(max((top + bottom) / 2, bottom - tall / 2), top + tall / 2)
    room = (boxes[k - 1][3] + boxes[k + 1][1]) / 2
    return min(max(room, bottom - tall / 2), top + tall / 2)
