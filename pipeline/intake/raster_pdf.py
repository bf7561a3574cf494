"""Pages of a PDF → rasters, by pdfium. A page that is a scan is taken at the scan's own resolution.

pdfium must never be called from two threads; here it runs in the caller's one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.config import Config
from pipeline.errors import DamagedError, EmptyDocumentError, TooLargeError
from pipeline.intake.resolution import choose_dpi
from pipeline.intake.whole import require_whole_picture
from pipeline.raster import Raster, Rgb

_ADVICE = "Download the file again, or print it to a new PDF."
_WHOLE_PAGE, _LARGE_PART = 0.5, 0.1
_LEAST_DPI, _MOST_DPI = 30.0, 400.0
# Pictures that share a resolution up to this factor are parts of one scan, cut in strips.
_SAME_DPI = 1.03
_IMAGE_LIMIT = 4


def rasterise_page(path: Path, page_no: int, config: Config) -> Raster:
    """Renders one page, upright as its own rotation says, with its annotations (seals are often ones).

    Where pictures cover half the page or more it is rendered in exactly their pixels, so that the scan is not resampled;
    above 400 dpi in an even part of them. Else `scan.dpi` is used. `scan.max_page_pixels` caps the result.

    Many programs make a page as many points wide as the scan has pixels. Such a page is no paper: `dpi` is then what it
    would be on A4, and a length of the raster in points times `page width / raster.width_pt` is one of the page.

    Args:
        path: the PDF.
        page_no: from 1.
        config: for the section `scan`.

    Raises:
        DamagedError: the file or the page cannot be rendered.
        EmptyDocumentError: the page has no area.
        TooLargeError: the page, or a picture on it, is too large to be rendered within the cap.
    """
    return next(iter_pdf_rasters(path, [page_no], config))


def iter_pdf_rasters(path: Path, page_nos: Iterable[int], config: Config) -> Iterator[Raster]:
    """Renders pages in the order given, opening the file once; see `rasterise_page`."""
    import pypdfium2

    with _translated("The structure of the PDF is broken."):
        document = pypdfium2.PdfDocument(path)
    try:
        for page_no in page_nos:
            with _translated(f"Page {page_no} cannot be drawn."):
                raster = _render(document, page_no, config)
            yield raster
    finally:
        document.close()


def _render(document: Any, page_no: int, config: Config) -> Raster:
    page = document[page_no - 1]
    try:
        width_pt, height_pt = page.get_size()
        if not (width_pt > 0 and height_pt > 0):
            raise EmptyDocumentError(f"Page {page_no} has no area.", _ADVICE)
        width, height = _pixel_size(page, width_pt, height_pt, config)
        dpi = choose_dpi(width, height, width * 72.0 / width_pt)
        return Raster(page_no, _draw(page, width, height), dpi)
    finally:
        page.close()


def _pixel_size(page: Any, width_pt: float, height_pt: float, config: Config) -> tuple[int, int]:
    """Returns in how many pixels a page is drawn."""
    across, down = _scan_dpi(page, width_pt * height_pt, config) or (config.scan.dpi, config.scan.dpi)
    on_paper = choose_dpi(round(width_pt * across / 72.0), round(height_pt * down / 72.0), across)
    part = math.ceil(on_paper / _MOST_DPI - 0.01)
    across, down = across / part, down / part
    cap = (config.scan.max_page_pixels / max(1.0, width_pt * across / 72.0) / max(1.0, height_pt * down / 72.0)) ** 0.5
    shrink = min(1.0, cap)
    if shrink < 1.0 and on_paper / part * shrink < _LEAST_DPI:
        raise TooLargeError(
            f"The page is {width_pt / 72:.0f} by {height_pt / 72:.0f} inches.", "Print it to a PDF with pages of paper size."
        )
    return max(1, round(width_pt * across / 72.0 * shrink)), max(1, round(height_pt * down / 72.0 * shrink))


def _scan_dpi(page: Any, area_pt: float, config: Config) -> tuple[float, float] | None:
    """Returns the resolution across and down of the pictures that make up a page, or None where they do not.

    Of layers in several resolutions (print over background) the finest is taken.
    """
    groups: list[list[float]] = []  # finer first: dpi across, dpi down, share of the page
    for across, down, share in sorted(_pictures(page, area_pt, config), reverse=True):
        if groups and groups[-1][0] <= across * _SAME_DPI and groups[-1][1] <= down * _SAME_DPI:
            groups[-1][2] += share
        else:
            groups.append([across, down, share])
    for across, down, share in groups:
        if share >= _WHOLE_PAGE:
            # A fax has fewer lines down than across: the picture is then drawn with square pixels.
            if not 0.98 <= across / down <= 1.02:
                across = down = max(across, down)
            return across, down
    return None


def _pictures(page: Any, area_pt: float, config: Config) -> Iterator[tuple[float, float, float]]:
    """Yields for each picture its resolution across and down the page, and the share of the page that it covers."""
    from pypdfium2 import raw

    turned = page.get_rotation() in (90, 270)
    for item in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=4):
        width, height = item.get_px_size()
        if width * height > _IMAGE_LIMIT * config.scan.max_page_pixels:
            raise TooLargeError(
                f"A picture on the page has {width} by {height} pixels.", "Give the scan in fewer pixels (300 dpi are enough)."
            )
        a, b, c, d = _on_page(item)
        wide, high = math.hypot(a, b) / 72.0, math.hypot(c, d) / 72.0
        if wide <= 0 or high <= 0 or width < 1 or height < 1:
            continue
        across, down = width / wide, height / high
        if (abs(b) > abs(a)) != turned:
            across, down = down, across
        share = abs(a * d - b * c) / area_pt
        if share >= _LARGE_PART:
            require_whole_picture(item, page)
        yield across, down, share


def _on_page(item: Any) -> tuple[float, float, float, float]:
    """Returns the linear part of a picture's matrix, through the forms that it stands in."""
    matrix = item.get_matrix()
    container = getattr(item, "container", None)
    while container is not None:
        matrix = matrix.multiply(container.get_matrix())
        container = getattr(container, "container", None)
    return matrix.a, matrix.b, matrix.c, matrix.d


def _draw(page: Any, width: int, height: int) -> Rgb:
    """Draws a page over white, stretched to exactly `width` by `height` pixels."""
    import numpy as np
    from pypdfium2 import PdfBitmap, raw

    bitmap = PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGR)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER)
        return np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
    finally:
        bitmap.close()


@contextmanager
def _translated(message: str) -> Iterator[None]:
    """Turns what pdfium raises at a bad file into an error of ours."""
    import pypdfium2

    try:
        yield
    except (pypdfium2.PdfiumError, ValueError, IndexError, KeyError, OSError) as error:
        raise DamagedError(message, _ADVICE) from error
    except (MemoryError, OverflowError) as error:
        raise TooLargeError(message, "Print it to a PDF with pages of paper size.") from error
