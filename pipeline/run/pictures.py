"""Pictures of pages (PNG, JPEG, TIFF ...) → their reading."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipeline.config import Config
from pipeline.domain import PageResult, Reading, Source
from pipeline.errors import EmptyDocumentError, NoPagesError
from pipeline.grid.page import order_items
from pipeline.grid.place_back import Placer, place_back
from pipeline.grid.stitch import Item
from pipeline.intake.image import iter_image_rasters
from pipeline.raster import Raster
from pipeline.run.assemble import items_to_blocks, title_of, with_chrome
from pipeline.run.scan import placer, read_raster, tables_of


def read_pictures(source: Source, path: Path, config: Config) -> Reading:
    """Reads a picture, or all pages of a TIFF, into blocks in reading order.

    Raises:
        DocumentError: it cannot be opened or decoded, is too large, or too small to be a page.
    """
    return read_rasters(source, iter_image_rasters(path, config), config)


def read_rasters(source: Source, rasters: Iterable[Raster], config: Config) -> Reading:
    """Reads pictures that together are one document, in order."""
    items: list[Item] = []
    results: list[PageResult] = []
    placers: dict[int, Placer] = {}
    heights: dict[int, float] = {}
    for raster in rasters:
        scanned = read_raster(raster, config)
        placers[raster.page_no] = placer(scanned, raster.dpi)
        heights[raster.page_no] = scanned.page.height_pt
        results.append(
            PageResult(raster.page_no, "image", "ok", None, scanned.width_pt, scanned.height_pt, scanned.transform)
        )
        items += order_items(scanned.page, tables_of(scanned, config))
    if not results:
        raise NoPagesError("The picture holds no page.", "Open it in a picture viewer and save it as PNG.")
    if not items:
        raise EmptyDocumentError("No print was found in the picture.", "Look at it, and scan or photograph the page again.")
    items = with_chrome(items, heights)
    blocks = [place_back(b, placers) for b in items_to_blocks(items, heights, placers)]
    return Reading(source, tuple(blocks), tuple(results), title_of(items))
