"""A picture of a page → a level, upright page of usual resolution, in one resampling."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.config import Scan
from pipeline.layout.ink import find_ink
from pipeline.layout.light import even_light
from pipeline.layout.seal import without_seals
from pipeline.layout.skew import find_skew, lies_on_side
from pipeline.layout.textlines import find_lines
from pipeline.raster import Gray, Raster, Sheet, Transform

_LEVEL_DEG = 0.02
_FINER, _SHARPEST_SHRINK = 1.02, 0.8
_COARSE_DPI = 110.0
_LINES, _LETTERS = 10, 6
_WIDE = 4

Matrix = npt.NDArray[np.float64]


def straighten(raster: Raster, config: Scan, upside_down: Callable[[Sequence[Gray]], bool] | None = None) -> Sheet:
    """Straightens a page: seals out, light evened, skew and quarter turns taken out, brought to `config.dpi`.

    Args:
        raster: the page.
        config: settings.
        upside_down: says of some lines of print whether they read better when turned by 180 degrees; None: never.
    """
    gray, seal = without_seals(raster.pixels, raster.dpi)
    gray = even_light(gray, raster.dpi)
    skew = find_skew(gray, config.max_skew_deg) if min(gray.shape) > 32 else 0.0
    if abs(skew) < _LEVEL_DEG:
        skew = 0.0
    scale = config.dpi / raster.dpi
    turn = 0
    matrix, size = _frame(gray.shape[1], gray.shape[0], skew, turn, scale)
    level = _warped(gray, matrix, size, scale, 255)
    if lies_on_side(level, config.dpi):
        turn = 90
    if upside_down is not None:
        upright = np.ascontiguousarray(np.rot90(level)) if turn else level
        crops = _sample_lines(upright, config.dpi)
        if crops and upside_down(crops):
            turn += 180
    if turn:
        matrix, size = _frame(gray.shape[1], gray.shape[0], skew, turn, scale)
        level = _warped(gray, matrix, size, scale, 255)
    color = _warped(raster.pixels, matrix, size, scale, 255)
    sealed = None if seal is None else _warped(seal, matrix, size, scale, 0)
    back = np.linalg.inv(matrix)
    numbers = tuple(float(n) for n in (back / back[2, 2]).ravel())
    transform = Transform(numbers, size[0], size[1])
    doubts = ("The picture has fewer than 110 pixels an inch.",) if raster.dpi < _COARSE_DPI else ()
    return Sheet(raster.page_no, level, color, config.dpi, transform, turn, skew, doubts, sealed)


def _frame(width: int, height: int, skew: float, turn: int, scale: float) -> tuple[Matrix, tuple[int, int]]:
    """Returns the transform from raster to sheet, and the size of the sheet (width, height)."""
    rotation = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0), [0.0, 0.0, 1.0]])
    quarter = {
        0: np.eye(3),
        90: np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1]]),
        180: np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]]),
        270: np.array([[0, -1, height], [1, 0, 0], [0, 0, 1]]),
    }[turn]
    matrix = np.diag([scale, scale, 1.0]) @ quarter.astype(np.float64) @ rotation
    sides = (height, width) if turn in (90, 270) else (width, height)
    return np.asarray(matrix, dtype=np.float64), (max(1, round(sides[0] * scale)), max(1, round(sides[1] * scale)))


def _warped(image: Gray, matrix: Matrix, size: tuple[int, int], scale: float, border: int) -> Gray:
    """Resamples once; a picture that is made smaller is blurred first, as its pixels are then means of several."""
    if scale < _SHARPEST_SHRINK:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.35 / scale), dtype=np.uint8)
    if np.allclose(matrix, np.eye(3)) and image.shape[:2] == (size[1], size[0]):
        return image
    paper = (border, border, border)
    return np.asarray(
        cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=paper),
        dtype=np.uint8,
    )


def _sample_lines(gray: Gray, dpi: float) -> list[Gray]:
    """Returns crops of some long lines of print, spread over the page."""
    lines = find_lines(find_ink(gray, np.zeros_like(gray), dpi), [], dpi)
    boxes = [line.hull for line in lines if len(line.boxes) == 1]
    wide = [b for b in boxes if b[2] - b[0] >= _WIDE * (b[3] - b[1])] or boxes
    chosen = wide[:: max(1, len(wide) // _LINES)][:_LINES]
    # A few letters of each tell enough.
    cut = [(b[0], b[1], min(b[2], b[0] + _LETTERS * (b[3] - b[1])), b[3]) for b in chosen]
    return [np.ascontiguousarray(gray[b[1] : b[3], b[0] : b[2]]) for b in cut if b[3] - b[1] > 4 and b[2] - b[0] > 4]
