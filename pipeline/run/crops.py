"""Small pictures of cells, drawn again from the source where it is still what was read."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.config import Config
from pipeline.domain import BBox
from pipeline.errors import DocumentError, UsageError
from pipeline.intake.members import on_disk
from pipeline.run.resume import content_hash, members
from pipeline.run.source import input_of
from pipeline.store.ledger_rows import CellRow, DocumentRow, PageRow

_MARGIN_PT, _MOST_WIDTH_PX, _COLORS = 12.0, 420, 24


@dataclass(frozen=True, slots=True)
class Crop:
    """A picture as `data:image/png;base64,...`, and its width in pixels."""

    address: str
    width: int


def crops_of(document: DocumentRow, cells: Sequence[CellRow], pages: Sequence[PageRow], config: Config) -> dict[int, Crop]:
    """Returns pictures of cells by their number in the ledger; those that have no place or cannot be drawn are left out.

    Args:
        document: where the cells stand; nothing is drawn where its source is gone or was changed.
        cells: of it.
        pages: of it, for the width of each in points.
        config: for the section `scan`.
    """
    placed = {cell.id: (cell.page_no, cell.bbox) for cell in cells if cell.page_no is not None and cell.bbox is not None}
    wanted = sorted({page for page, _ in placed.values()})
    if not wanted:
        return {}
    widths = {page.page_no: page.width_pt for page in pages}
    found: dict[int, Crop] = {}
    try:
        item = input_of(document)
        if content_hash(item) != document.sha256:
            return {}
        with on_disk(members(item), config.limits) as files:
            for page_no, pixels in _pages(document.kind, files, wanted, config):
                scale = pixels.shape[1] / (widths.get(page_no) or pixels.shape[1])
                boxes = ((number, box) for number, (page, box) in placed.items() if page == page_no)
                found |= {number: _crop(pixels, box, scale) for number, box in boxes}
    except (DocumentError, UsageError):
        pass
    return found


def _pages(kind: str, files: Sequence[Path], wanted: Sequence[int], config: Config) -> Iterator[tuple[int, Any]]:
    """Yields number and pixels of the pages that are wanted, one at a time."""
    if kind in ("pdf", "scan"):
        from pipeline.intake.raster_pdf import iter_pdf_rasters

        for raster in iter_pdf_rasters(files[0], wanted, config):
            yield raster.page_no, raster.pixels
    elif kind == "image":
        from pipeline.intake.image import iter_image_rasters

        if len(files) > 1:
            for page_no in (p for p in wanted if p <= len(files)):
                yield page_no, next(iter_image_rasters(files[page_no - 1], config)).pixels
            return
        others = set(range(1, max(wanted))) - set(wanted)  # not decoded: one of them may be broken
        for raster in islice(iter_image_rasters(files[0], config, others), max(wanted)):
            if raster.page_no in wanted:
                yield raster.page_no, raster.pixels


def _crop(pixels: Any, box: BBox, scale: float) -> Crop:
    """Cuts a cell out with a little of what is around it."""
    from PIL import Image

    height, width = pixels.shape[:2]
    x0, top = max(0, int((box.x0 - _MARGIN_PT) * scale)), max(0, int((box.top - _MARGIN_PT) * scale))
    x1, bottom = min(width, int((box.x1 + _MARGIN_PT) * scale) + 1), min(height, int((box.bottom + _MARGIN_PT) * scale) + 1)
    image = Image.fromarray(pixels[top : max(bottom, top + 1), x0 : max(x1, x0 + 1)])
    image.thumbnail((_MOST_WIDTH_PX, _MOST_WIDTH_PX))
    buffer = io.BytesIO()
    image.convert("RGB").quantize(_COLORS).save(buffer, "PNG", optimize=True)
    return Crop("data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii"), image.width)
