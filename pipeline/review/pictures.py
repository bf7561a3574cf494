"""Pictures of pages and cells, rendered again from the source; pages that were drawn are kept for a while.

Pixels are drawn by one thread alone: pdfium must never be called from two.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.config import Config
from pipeline.domain import BBox, Quad
from pipeline.errors import DocumentError
from pipeline.raster import Points, Raster, Rgb

_CROP_WIDTH, _CROP_HEIGHT, _STRIP_WIDTH = 1240, 330, 1600
_PAGE_WIDTH, _QUALITY = 1654, 82
# Edges of a cell that are no print, in heights of it; how much darker than paper print is.
_INSET, _INK = 0.22, 48.0
_MARK = (47, 95, 208)
# How much of the surroundings a crop shows, in heights and widths of the cell, and at least so many points.
_AROUND = {"crop": (0.55, 0.35, 26.0, 8.0), "row": (1.6, 3.2, 160.0, 20.0), "cell": (0.0, 0.0, 1.5, 1.5)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cell lies: page from 1, box in points of a page `width_pt` wide, corners where it was not level."""

    page_no: int
    width_pt: float
    bbox: BBox
    quad: Quad | None = None


class Pictures:
    """Draws pages and crops.

    Args:
        config: settings of scans, and how much memory drawn pages may take.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
        self._pages: OrderedDict[tuple[str, int], Rgb] = OrderedDict()
        self._drawn: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()

    def crop(self, key: str, paths: tuple[Path, ...], kind: str, place: Place, view: str, straight: bool) -> bytes:
        """Returns the surroundings of a cell as PNG, the cell framed.

        Args:
            key: digest of the source; pages are kept under it.
            paths: its files.
            kind: of the source.
            place: of the cell.
            view: `crop` or `row`, which shows more of the neighbours.
            straight: turned and straightened as the text runs; else as it stands on the page.

        Raises:
            DocumentError: the page cannot be drawn.
        """
        pixels = self._page(key, paths, kind, place.page_no)
        scale = pixels.shape[1] / place.width_pt
        if straight and place.quad is not None:
            cut, box = _straightened(pixels, place, view, scale)
            corners = _corners(box)
        else:
            cut, box = _cut(pixels, place.bbox, view, scale)
            moved = (box[0] - place.bbox.x0 * scale, box[1] - place.bbox.top * scale)
            level = place.quad is None
            corners = _corners(box) if level else np.asarray(place.quad, dtype=np.float64) * scale + np.asarray(moved)
        start, end = _focus(cut, box)
        return _png(cut[:, start:end], corners - np.asarray((start, 0.0)))

    def cell(self, key: str, paths: tuple[Path, ...], kind: str, place: Place) -> bytes:
        """Returns the cell alone as PNG, upright, in the pixels of the source; raises as `crop` does."""
        pixels = self._page(key, paths, kind, place.page_no)
        scale = pixels.shape[1] / place.width_pt
        if place.quad is not None:
            return _saved(_image(_straightened(pixels, place, "cell", scale)[0]), "PNG")
        return _saved(_image(_cut(pixels, place.bbox, "cell", scale)[0]), "PNG")

    def strip(self, key: str, paths: tuple[Path, ...], kind: str, page_no: int, width_pt: float, quad: Quad) -> bytes:
        """Returns a quadrangle of a page as PNG, upright and straight, `quad` in points; raises as `crop` does."""
        pixels = self._page(key, paths, kind, page_no)
        return _saved(_image(_level(pixels, np.asarray(quad, dtype=np.float64) * (pixels.shape[1] / width_pt))), "PNG")

    def page(self, key: str, paths: tuple[Path, ...], kind: str, page_no: int, turn: int = 0) -> bytes:
        """Returns a whole page as JPEG, turned clockwise by a multiple of 90 degrees; raises as `crop` does."""
        known = self._drawn.get((key, page_no, turn))
        if known is None:
            known = _jpeg(self._page(key, paths, kind, page_no), turn)
            self._drawn[key, page_no, turn] = known
            while len(self._drawn) > 32:
                self._drawn.popitem(last=False)
        return known

    def _page(self, key: str, paths: tuple[Path, ...], kind: str, page_no: int) -> Rgb:
        known = self._pages.get((key, page_no))
        if known is None:
            known = _render(paths, kind, page_no, self.config)
            self._pages[key, page_no] = known
            limit = self.config.review.picture_cache_mb << 20
            while len(self._pages) > 1 and sum(p.nbytes for p in self._pages.values()) > limit:
                self._pages.popitem(last=False)
        self._pages.move_to_end((key, page_no))
        return known


def _render(paths: tuple[Path, ...], kind: str, page_no: int, config: Config) -> Rgb:
    if kind == "image":
        for raster in _rasters(paths, page_no, config):
            return raster.pixels
        raise DocumentError(f"The source has no page {page_no}.")
    from pipeline.intake.raster_pdf import rasterise_page

    return rasterise_page(paths[0], page_no, config).pixels


def _rasters(paths: tuple[Path, ...], page_no: int, config: Config) -> Iterator[Raster]:
    """Yields the page of a document that is made of pictures, opening no more of them than needed."""
    from pipeline.intake.image import count_frames, iter_image_rasters

    before = 0
    for path in paths:
        n = 1 if len(paths) == 1 else count_frames(path, config)
        if len(paths) > 1 and page_no > before + n:
            before += n
            continue
        yield from (raster for raster in iter_image_rasters(path, config) if raster.page_no == page_no - before)
        return


def _margins(width: float, height: float, view: str) -> tuple[float, float]:
    """Returns what is shown left and right, and above and below a cell; as wide as the place for it on the page."""
    down, across, least_across, least_down = _AROUND[view]
    below = max(height * down, least_down)
    if view == "cell":
        return least_across, below
    wide = (height + 2 * below) * _CROP_WIDTH / _CROP_HEIGHT
    return max(width * across, least_across, (wide - width) / 2), below


def _cut(pixels: Rgb, bbox: BBox, view: str, scale: float) -> tuple[Rgb, tuple[float, float, float, float]]:
    """Returns a level piece of a page, and the cell in it, in pixels."""
    across, down = _margins(bbox.width, bbox.height, view)
    high, wide = pixels.shape[:2]
    x0, y0 = max(0, int((bbox.x0 - across) * scale)), max(0, int((bbox.top - down) * scale))
    x1, y1 = min(wide, int((bbox.x1 + across) * scale) + 1), min(high, int((bbox.bottom + down) * scale) + 1)
    x1, y1 = max(x1, min(wide, x0 + 2)), max(y1, min(high, y0 + 2))
    x0, y0 = min(x0, x1 - 2), min(y0, y1 - 2)
    box = (bbox.x0 * scale - x0, bbox.top * scale - y0, bbox.x1 * scale - x0, bbox.bottom * scale - y0)
    return pixels[y0:y1, x0:x1], box


def _straightened(pixels: Rgb, place: Place, view: str, scale: float) -> tuple[Rgb, tuple[float, float, float, float]]:
    """Returns a piece of a page, upright as the cell's corners tell, and the cell in it."""
    import cv2

    assert place.quad is not None
    corners = np.asarray(place.quad, dtype=np.float64) * scale
    width = float(np.hypot(*(corners[1] - corners[0])))
    height = float(np.hypot(*(corners[3] - corners[0])))
    width, height = max(width, 2.0), max(height, 2.0)
    across, down = (m * scale for m in _margins(width / scale, height / scale, view))
    right, bottom = across + width, down + height
    target = np.asarray([(across, down), (right, down), (right, bottom), (across, bottom)])
    size = (max(2, round(width + 2 * across)), max(2, round(height + 2 * down)))
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target.astype(np.float32))
    cut = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    return np.asarray(cut, dtype=np.uint8), (across, down, right, bottom)


def _level(pixels: Rgb, corners: Points) -> Rgb:
    """Returns a quadrangle of a picture as a rectangle as wide as a strip is shown, at most four times enlarged."""
    import cv2

    width = max(2.0, float(np.hypot(*(corners[1] - corners[0]))))
    height = max(2.0, float(np.hypot(*(corners[3] - corners[0]))))
    factor = min(_STRIP_WIDTH / width, _CROP_HEIGHT / height, 4.0)
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    target = np.asarray([(0, 0), (size[0], 0), size, (0, size[1])], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    cut = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    return np.asarray(cut, dtype=np.uint8)


def _corners(box: tuple[float, float, float, float]) -> Points:
    x0, top, x1, bottom = box
    return np.asarray([(x0, top), (x1, top), (x1, bottom), (x0, bottom)], dtype=np.float64)


def _focus(cut: Rgb, box: tuple[float, float, float, float]) -> tuple[int, int]:
    """Returns which columns to show: of a very wide cell those around its print, so that it is large; else all."""
    x0, top, x1, bottom = box
    wide = round(cut.shape[0] * _CROP_WIDTH / _CROP_HEIGHT)
    if cut.shape[1] <= 1.4 * wide:
        return 0, cut.shape[1]
    inset = (bottom - top) * _INSET
    rows = slice(max(0, int(top + inset)), max(1, int(bottom - inset)))
    columns = slice(max(0, int(x0 + inset)), max(1, int(x1 - inset)))
    gray = cut[rows, columns].mean(axis=2)
    dark = np.flatnonzero((gray < np.median(gray) - _INK).sum(axis=0) > 1) if gray.size else np.empty(0)
    middle = columns.start + (float(dark[0] + dark[-1]) / 2 if dark.size else gray.shape[1] / 2)
    start = min(max(0, round(middle - wide / 2)), cut.shape[1] - wide)
    return start, start + wide


def _png(cut: Rgb, corners: Points) -> bytes:
    """Returns a picture as large as it is shown, the cell framed just outside of its edge."""
    from PIL import Image, ImageDraw

    high, wide = cut.shape[:2]
    factor = min(_CROP_WIDTH / wide, _CROP_HEIGHT / high, 12.0)
    size = (max(1, round(wide * factor)), max(1, round(high * factor)))
    method = Image.Resampling.LANCZOS if factor < 1 else Image.Resampling.BICUBIC
    image = _image(cut).resize(size, method)
    outward = corners - corners.mean(axis=0)
    frame = [(float(x), float(y)) for x, y in corners * factor + np.sign(outward) * 4]
    ImageDraw.Draw(image).polygon(frame, outline=_MARK, width=3)
    return _saved(image, "PNG", compress_level=1)


def _image(pixels: Rgb) -> Any:
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(pixels))


def _jpeg(pixels: Rgb, turn: int) -> bytes:
    from PIL import Image

    image = _image(np.asarray(np.rot90(pixels, -turn // 90)))
    if image.width > _PAGE_WIDTH:
        image = image.resize((_PAGE_WIDTH, max(1, round(image.height * _PAGE_WIDTH / image.width))), Image.Resampling.BOX)
    return _saved(image, "JPEG", quality=_QUALITY)


def _saved(image: Any, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()
