"""Letters that are stacked in a narrow column, told from figures below one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.layout.dirt import Ints
from pipeline.raster import PixelBox

_FILL, _LONG_FILL = 0.4, 0.25
_MAX_WIDTH = 2.5
_ONE_LETTER = (0.72, 1.2)
_TWO_LETTERS = (1.7, _MAX_WIDTH)


def is_stack(lines: Sequence[Ints], boxes: Sequence[PixelBox], cell: PixelBox) -> bool:
    """True for two or more lines of one or two Chinese letters that fill a narrow cell.

    Figures are never a stack: 12 above 34 must not be read as 1234.

    Args:
        lines: for each line the boxes of its pieces, shape (n, 4), from top to bottom.
        boxes: their hulls.
        cell: inner box of the cell in pixels.
    """
    if len(boxes) < 2:
        return False
    tall = max(b[3] - b[1] for b in boxes)
    widest = max(b[2] - b[0] for b in boxes)
    fill = _LONG_FILL if len(boxes) > 2 and widest <= _ONE_LETTER[1] * tall else _FILL
    if widest > _MAX_WIDTH * tall or widest < fill * (cell[2] - cell[0]):
        return False
    shapes = [_shape(pieces, box, tall) for pieces, box in zip(lines, boxes, strict=True)]
    return "figure" not in shapes and shapes.count("letters") >= 2


def _shape(pieces: Ints, box: PixelBox, tall: int) -> str:
    """Tells one or two Chinese letters from figures by their proportions: `letters`, `mark` (、 一) or `figure`."""
    width, height = box[2] - box[0], box[3] - box[1]
    if height < 0.5 * tall:
        return "mark" if width <= 1.2 * tall else "figure"
    aspect = width / tall
    if not (_ONE_LETTER[0] <= aspect <= _ONE_LETTER[1] or _TWO_LETTERS[0] <= aspect <= _TWO_LETTERS[1]):
        return "figure"
    return "figure" if looks_like_digits(pieces, height) else "letters"


def looks_like_digits(pieces: Ints, height: int) -> bool:
    """True where all pieces but dots are narrow, about as high as the line, and beside one another."""
    pieces = pieces[np.argsort(pieces[:, 0], kind="stable")]
    wide, tall = pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1]
    is_dot = (tall < 0.35 * height) & (wide < 0.35 * height)
    if is_dot.all():
        return True
    full = (tall >= 0.8 * height) & (wide <= 0.8 * height)
    apart = (pieces[1:, 0] >= pieces[:-1, 2] - 1).all()
    return bool((full | is_dot).all() and apart)
