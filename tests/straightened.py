"""A page straightened in one call, as tests of single pages want it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.config import Scan
from pipeline.layout.straighten import level_page, sample_lines, to_sheet
from pipeline.raster import Gray, Raster, Sheet


def straighten(raster: Raster, config: Scan, upside_down: Callable[[Sequence[Gray]], bool] | None = None) -> Sheet:
    """Levels a page and takes what bends it out; `upside_down` says of some of its lines whether they stand on their heads."""
    page = level_page(raster, config)
    crops = [] if upside_down is None else sample_lines(page, config)
    return to_sheet(page, config, upside_down is not None and bool(crops) and upside_down(crops))
