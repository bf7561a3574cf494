"""Pictures of pages, and the way from a straightened picture back to the one that came in.

Pixels exist only here and inside the stages that look at pictures; what leaves them is in points.
A pixel position `(x, y)` counts from the top left corner of the picture, `x` to the right, `y` down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.uint8]
"""Shape (height, width); 0 is black, 255 is white."""

Rgb = npt.NDArray[np.uint8]
"""Shape (height, width, 3)."""

Points = npt.NDArray[np.float64]
"""Shape (n, 2): `x, y` in pixels."""


def find_runs(lit: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Returns where the unbroken runs of true begin, and behind which places they end.

    Args:
        lit: shape (n,).

    Returns:
        Two arrays of as many numbers as there are runs, 0 to n.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], lit, [False])).astype(np.int8)))
    return edges[::2], edges[1::2]


@dataclass(frozen=True, slots=True)
class Raster:
    """A page as pixels, upright as its file says (EXIF and the page's own rotation are applied).

    Attributes:
        page_no: from 1.
        pixels: RGB.
        dpi: pixels an inch, greater than 0; assumed where the file does not say.
        covered: 255 where dirt of the scanner was taken out and may have hidden print, else 0; None where there was none.
    """

    page_no: int
    pixels: Rgb
    dpi: float
    covered: Gray | None = None

    @property
    def width_pt(self) -> float:
        """Width of the page in points."""
        return float(self.pixels.shape[1]) * 72.0 / self.dpi

    @property
    def height_pt(self) -> float:
        """Height of the page in points."""
        return float(self.pixels.shape[0]) * 72.0 / self.dpi


@dataclass(frozen=True, slots=True)
class Transform:
    """From a pixel of the straightened picture to the pixel of the raster that it was taken from.

    Attributes:
        matrix: the 3 by 3 homography in row-major order (turns, skew and perspective).
        bend: what is added to `x, y` before the homography, for curled pages: rows of `(dx, dy)` at the nodes of a
            regular mesh whose corners are the corners of the straightened picture, bilinear between them; empty where
            the page is flat.
        width: width of the straightened picture in pixels; `height` likewise.
    """

    matrix: tuple[float, ...]
    width: int
    height: int
    bend: tuple[tuple[tuple[float, float], ...], ...] = ()

    def apply(self, points: Points) -> Points:
        """Maps `points` (n, 2) of the straightened picture into the raster; returns (n, 2)."""
        moved = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        if self.bend:
            moved = moved + self._bent(moved)
        projected = np.column_stack([moved, np.ones(len(moved))]) @ np.asarray(self.matrix).reshape(3, 3).T
        return np.asarray(projected[:, :2] / projected[:, 2:3], dtype=np.float64)

    def _bent(self, points: Points) -> Points:
        mesh = np.asarray(self.bend, dtype=np.float64)
        rows, columns = mesh.shape[:2]
        u = np.clip(points[:, 0] / max(1, self.width) * (columns - 1), 0, columns - 1 - 1e-9)
        v = np.clip(points[:, 1] / max(1, self.height) * (rows - 1), 0, rows - 1 - 1e-9)
        i, j = v.astype(int), u.astype(int)
        a, b = (v - i)[:, None], (u - j)[:, None]
        upper = mesh[i, j] * (1 - b) + mesh[i, j + 1] * b
        lower = mesh[i + 1, j] * (1 - b) + mesh[i + 1, j + 1] * b
        return np.asarray(upper * (1 - a) + lower * a, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A straightened page, ready to be read.

    Attributes:
        page_no: from 1.
        gray: light evened (paper near 255), coloured seals taken out, text upright and level.
        dpi: pixels an inch.
        transform: to the raster.
        turn_deg: clockwise angle by which the raster's text was turned: 0, 90, 180 or 270.
        skew_deg: remaining skew that was taken out, in degrees, counter-clockwise positive.
        doubts: sentences: what may have gone wrong (blur, too few pixels, a seal over print).
        seal: 255 where a coloured seal or a streak of dirt was taken out, or the ground of the page is seen, 64 where coloured
            ink was left that may be a mark, else 0; None where there is none.
    """

    page_no: int
    gray: Gray
    dpi: float
    transform: Transform
    turn_deg: int = 0
    skew_deg: float = 0.0
    doubts: tuple[str, ...] = ()
    seal: Gray | None = None


@dataclass(frozen=True, slots=True)
class FlatSign:
    """A piece of print that is wider than high, and alone in its run.

    Attributes:
        width: in pixels; `height` likewise.
        aside: how far its middle lies below those of the runs beside it, in heights of a letter.
    """

    width: int
    height: int
    aside: float


def grey_percentile(values: npt.NDArray[np.uint8], percent: float) -> float:
    """Returns what `np.percentile` does for greys, by counting: of a crop it takes a tenth of the time.

    Args:
        values: any shape, not empty.
        percent: from 0 to 100.
    """
    return counted_percentile(np.bincount(values.reshape(-1), minlength=256), percent)


def counted_percentile(counts: npt.NDArray[np.int64], percent: float) -> float:
    """Returns what `grey_percentile` does, of greys that are counted already.

    Args:
        counts: shape (256,): how often each grey occurs; not all 0.
        percent: from 0 to 100.
    """
    up_to = counts.cumsum()
    last = int(up_to[-1]) - 1
    place = last * (percent / 100)
    below = int(place)
    low, high = up_to.searchsorted((below, min(below + 1, last)), side="right").tolist()
    part = place - below
    # The same rounding as numpy's.
    return float(high - (high - low) * (1 - part)) if part >= 0.5 else float(low + (high - low) * part)


PixelBox = tuple[int, int, int, int]
"""`x0, top, x1, bottom` in pixels, `x1` and `bottom` excluded."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A run of print to be read at once.

    Attributes:
        boxes: where it stands, in reading order: one box for a line; several, one below the other, for letters that are
            stacked in a narrow column and read as one word; several beside one another for figures that are set far apart.
        cell: index of the ruled cell that it stands in, or None outside ruled tables.
    """

    boxes: tuple[PixelBox, ...]
    cell: int | None = None

    @property
    def is_stack(self) -> bool:
        """True for letters one below the other."""
        return len(self.boxes) > 1 and self.boxes[0][2] > self.boxes[1][0]

    @property
    def is_free_stack(self) -> bool:
        """True for letters one below the other outside of ruled cells."""
        return self.cell is None and self.is_stack

    @property
    def hull(self) -> PixelBox:
        """The box around all boxes."""
        return (
            min(b[0] for b in self.boxes),
            min(b[1] for b in self.boxes),
            max(b[2] for b in self.boxes),
            max(b[3] for b in self.boxes),
        )
