"""Pictures of pages (PNG, JPEG, TIFF ...) → their reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from pipeline.config import Config
from pipeline.domain import Block, Failure, PageResult, Reading, Source
from pipeline.errors import EmptyDocumentError, NoPagesError
from pipeline.grid.page import order_items, page_to_pieces
from pipeline.grid.place_back import Placer
from pipeline.grid.stitch import Item
from pipeline.intake.pictures import BrokenPicture, iter_frames
from pipeline.raster import Raster
from pipeline.run.assemble import raise_if_unread
from pipeline.run.blanks import PagePrint
from pipeline.run.cut_off import PageRim
from pipeline.run.parts import Parts
from pipeline.run.progress import page_config, pages_apart, pages_left_out, watched
from pipeline.run.retake import take
from pipeline.run.retakes import Retakes
from pipeline.run.scan import placer

# What a fault on one picture of many may raise: the others are read all the same.
_FAULTS = (
    ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError,
    cv2.error,
)  # fmt: skip


@dataclass(slots=True)
class Pages:
    """What was read of pictures that follow one another.

    Attributes:
        items: of the pages that were read, by page number, in reading order.
        results: how each page ended.
        placers: of the pages that were read, by page number; `heights` likewise, in points.
        shown: all print of those pages, read or not; `rims`: where their pictures end.
        retakes: keeps what it takes to read pages otherwise, where that is wanted.
    """

    items: dict[int, list[Item]] = field(default_factory=dict)
    results: list[PageResult] = field(default_factory=list)
    placers: dict[int, Placer] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    shown: dict[int, PagePrint] = field(default_factory=dict)
    rims: dict[int, PageRim] = field(default_factory=dict)
    retakes: Retakes | None = None

    def add(self, raster: Raster, config: Config) -> None:
        """Reads one more picture."""
        left_out = pages_apart().get(raster.page_no)
        if left_out is not None:
            self.add_failed(raster.page_no, left_out)
            return
        scanned, retake = take(raster, page_config(config, raster.page_no))
        items = order_items(scanned.page, page_to_pieces(scanned.page, config.pdf))
        number = raster.page_no
        self.placers[number], self.heights[number] = placer(scanned, raster.dpi), scanned.page.height_pt
        self.results.append(PageResult(number, "image", "ok", None, scanned.width_pt, scanned.height_pt, scanned.transform))
        self.shown[number], self.rims[number] = scanned.shown, scanned.rim
        self.items[number] = items
        if self.retakes is not None:
            self.retakes.add(number, retake)

    def add_failed(self, page_no: int, failure: Failure) -> None:
        """Notes a picture that cannot be read."""
        self.results.append(PageResult(page_no, "image", "failed", failure))

    def add_guarded(self, raster: Raster, config: Config) -> None:
        """Reads one more picture; a fault of ours costs its page alone."""
        try:
            self.add(raster, config)
        except _FAULTS as error:
            said = f"Reading ended with {type(error).__name__}: {error}"
            self.add_failed(raster.page_no, Failure("internal", said, "This is a fault of Gouji: report it with the file."))

    def parts(self) -> Parts:
        """Returns what was read, page by page."""
        return Parts(self.items, self.heights, self.placers, self.shown, self.rims, {})

    def blocks(self) -> list[Block]:
        """Returns what was read in reading order, with its places on the pictures as they came in."""
        return self.parts().blocks()[0]


def read_pictures(source: Source, path: Path, config: Config, retakes: Retakes | None = None) -> Reading:
    """Reads a picture, or all pages of a TIFF, into blocks in reading order; a broken page of several is a failed one.

    Raises:
        DocumentError: it cannot be opened, or no page of it can be decoded, is small enough, and large enough to be one.
    """
    pages = Pages(retakes=retakes)
    for raster in watched(iter_frames(path, config, pages_left_out())):
        if isinstance(raster, BrokenPicture):
            pages.add_failed(raster.page_no, raster.failure)
        else:
            pages.add(raster, config)
    raise_if_unread(pages.results)
    return _reading(source, pages)


def read_group(
    source: Source, rasters: Iterable[Raster | BrokenPicture], config: Config, retakes: Retakes | None = None
) -> Reading:
    """Reads pictures that together are one document, in order; one that cannot be read costs its page alone.

    Raises:
        DocumentError: none can be read, or they are too many.
    """
    pages = Pages(retakes=retakes)
    for raster in watched(rasters):
        if isinstance(raster, BrokenPicture):
            pages.add_failed(raster.page_no, raster.failure)
        else:
            pages.add_guarded(raster, config)
    raise_if_unread(pages.results)
    return _reading(source, pages)


def _reading(source: Source, pages: Pages) -> Reading:
    results: Sequence[PageResult] = pages.results
    if not results:
        raise NoPagesError("The picture holds no page.", "Open it in a picture viewer and save it as PNG.")
    if not any(pages.items.values()):
        raise EmptyDocumentError("No print was found in the picture.", "Look at it, and scan or photograph the page again.")
    parts = pages.parts()
    if pages.retakes is not None:
        pages.retakes.parts = parts
    blocks, title = parts.blocks()
    return Reading(source, tuple(blocks), tuple(results), title)
