"""Pictures of pages and what was read from them, read again for drawing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.config import Config
from pipeline.domain import Page, SourceKind
from pipeline.errors import DocumentError
from pipeline.grid.place_back import Placer
from pipeline.show.page_picture import DPI, Picture, image_to_address

if TYPE_CHECKING:
    from pipeline.raster import Raster


def reread_scans(
    path: Path, kind: SourceKind, widths: Mapping[int, float], config: Config
) -> Iterator[tuple[int, Page, Placer, Picture]]:
    """Yields for each page its words and rulings, what maps them to the page, and its picture.

    Args:
        path: a PDF or a picture.
        kind: of the source.
        widths: of the pages that were read from pixels, in points, by page number.
        config: settings.
    """
    from pipeline.run.scan import placer, read_raster

    try:
        for raster in _rasters(path, kind, list(widths), config):
            if raster.page_no in widths:
                dpi = raster.pixels.shape[1] * 72.0 / widths[raster.page_no]
                scanned = read_raster(raster, config, dpi)
                yield raster.page_no, scanned.page, placer(scanned, dpi), _picture(raster)
    except DocumentError:
        return


def _rasters(path: Path, kind: SourceKind, page_nos: Sequence[int], config: Config) -> Iterator[Raster]:
    if kind is SourceKind.IMAGE:
        from pipeline.intake.image import iter_image_rasters

        yield from iter_image_rasters(path, config)
        return
    from pipeline.intake.raster_pdf import rasterise_page

    for page_no in page_nos:
        yield rasterise_page(path, page_no, config)


def _picture(raster: Raster) -> Picture:
    """Returns the raster at the resolution of all pictures of pages."""
    from PIL import Image

    image: Any = Image.fromarray(raster.pixels)
    size = (max(1, round(raster.width_pt * DPI / 72)), max(1, round(raster.height_pt * DPI / 72)))
    return Picture(image_to_address(image.resize(size)), raster.width_pt, raster.height_pt)
