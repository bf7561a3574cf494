"""A digital PDF → its reading: pages, grids, stitched tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.config import Config
from pipeline.domain import Failure, Finding, Page, PageResult, Reading, Source, SourceKind
from pipeline.errors import DocumentError, EmptyDocumentError
from pipeline.grid.label_rows import with_label_rows
from pipeline.grid.page import order_items, page_to_pieces
from pipeline.grid.pieces import Piece
from pipeline.grid.place_back import Placer
from pipeline.grid.second import choose, is_doubtful, read_again
from pipeline.grid.stitch import Item
from pipeline.grid.turn import original_size, turner
from pipeline.intake.pdf import iter_pages
from pipeline.run.assemble import raise_if_unread
from pipeline.run.parts import Parts
from pipeline.run.progress import page_config, pages_apart, watched

if TYPE_CHECKING:
    from pipeline.run.blanks import PagePrint
    from pipeline.run.cut_off import PageRim
    from pipeline.run.retake import Retake
    from pipeline.run.retakes import Retakes
    from pipeline.run.scan import ScannedPage

_PICTURE_SHARE = 0.2


def read_pdf(source: Source, path: Path, config: Config, retakes: Retakes | None = None) -> Reading:
    """Reads a digital PDF into blocks in reading order.

    A page that cannot be read is a failed `PageResult`; the others go on. `retakes` keeps what it takes to read scanned pages
    otherwise.

    Raises:
        DocumentError: the file cannot be opened, or no page of it can be read (class `needs_ocr` or `damaged`).
    """
    items: dict[int, list[Item]] = {}
    results: list[PageResult] = []
    doubtful: list[int] = []
    pictures: list[int] = []
    turners: dict[int, Placer] = {}
    placers: dict[int, Placer] = {}
    shown: dict[int, PagePrint] = {}
    rims: dict[int, PageRim] = {}
    heights: dict[int, float] = {}
    for page in watched(iter_pages(path, config, pages_apart())):
        if page.failure is not None and page.failure.failure_class == "needs_ocr":
            scanned, result, place, retake = _scan(path, page, page_config(config, page.page_no))
            results.append(result)
            heights[page.page_no] = page.height_pt if scanned is None else scanned.page.height_pt
            if scanned is not None and place is not None:
                placers[page.page_no] = place
                shown[page.page_no], rims[page.page_no] = scanned.shown, scanned.rim
                items[page.page_no] = order_items(scanned.page, page_to_pieces(scanned.page, config.pdf))
                if retakes is not None:
                    retakes.add(page.page_no, retake)
            continue
        results.append(_page_result(page))
        heights[page.page_no] = page.height_pt
        if page.turn_deg:
            turners[page.page_no] = turner(page)
        if page.failure is None:
            if page.picture_share >= _PICTURE_SHARE:
                pictures.append(page.page_no)
            pieces = with_label_rows(page, page_to_pieces(page, config.pdf), _last_piece(items.get(page.page_no - 1, ())))
            if any(map(is_doubtful, pieces)):
                doubtful.append(page.page_no)
                pieces = _with_second_reading(path, page, pieces, page_config(config, page.page_no))
            items[page.page_no] = order_items(page, pieces)
    raise_if_unread(results)
    parts = Parts(items, heights, placers, shown, rims, turners)
    if retakes is not None:
        retakes.parts = parts
    blocks, title = parts.blocks()
    notes = (*_notes(doubtful, len(results), config), *_picture_notes(pictures))
    if len(placers) == len(results):
        if not any(items.values()):
            raise EmptyDocumentError("No print was found on any page.", "Look at the pages, and scan them again.")
        source = replace(source, kind=SourceKind.SCAN)
    return Reading(source, tuple(blocks), tuple(results), title, notes)


def _last_piece(items: Sequence[Item]) -> Piece | None:
    """Returns the piece of a table that a page ends with, but for what stands in its margin."""
    last = next((i for i in reversed(items) if isinstance(i, Piece) or i.kind != "chrome"), None)
    return last if isinstance(last, Piece) and not last.provisional else None


def _scan(path: Path, page: Page, config: Config) -> tuple[ScannedPage | None, PageResult, Placer | None, Retake | None]:
    """Reads a page from its pixels; its page result tells how it was straightened, or why it could not be read."""
    from pipeline.intake.raster_pdf import rasterise_page
    from pipeline.run.retake import take
    from pipeline.run.scan import placer

    try:
        raster = rasterise_page(path, page.page_no, config)
    except DocumentError as error:
        failure = Failure(error.failure_class, error.message, error.advice or "Look at the page.")
        return None, PageResult(page.page_no, "scan", "failed", failure, *original_size(page)), None, None
    page_dpi = raster.pixels.shape[1] * 72.0 / page.width_pt if page.width_pt > 0 else raster.dpi
    scanned, retake = take(raster, config, page_dpi)
    result = PageResult(page.page_no, "scan", "ok", None, scanned.width_pt, scanned.height_pt, scanned.transform)
    return scanned, result, placer(scanned, page_dpi), retake


def _with_second_reading(path: Path, page: Page, pieces: Sequence[Piece], config: Config) -> list[Piece]:
    """Has camelot read the doubtful pieces of a page, and chooses."""
    if not config.pdf.second_reading or page.turn_deg:
        return list(pieces)
    return [choose(p, _second_opinion(path, page, p)) if is_doubtful(p) else p for p in pieces]


def _second_opinion(path: Path, page: Page, piece: Piece) -> Piece | None:
    """Returns camelot's reading, or None where it has none; its failures are no failures of the document."""
    try:
        return read_again(path, page, piece)
    except Exception:  # camelot fails in many ways on what pdfplumber reads
        return None


def _notes(doubtful: Sequence[int], n_pages: int, config: Config) -> Iterator[Finding]:
    """Says how many pages needed a second reading."""
    if doubtful:
        done = "had" if config.pdf.second_reading else "needed"
        numbers = ", ".join(map(str, doubtful[:20])) + (" ..." if len(doubtful) > 20 else "")
        message = f"{len(doubtful)} of {n_pages} pages {done} a second reading: {numbers}."
        yield Finding("second_reading", "reading", "note", message)


def _picture_notes(pages: Sequence[int]) -> Iterator[Finding]:
    """Says which pages hold a large picture beside their text: a table in it was not read."""
    if pages:
        numbers = ", ".join(map(str, pages[:20])) + (" ..." if len(pages) > 20 else "")
        yield Finding("picture", "undecided", "note", f"Pages with a large picture, in which nothing was read: {numbers}.")


def _page_result(page: Page) -> PageResult:
    status: Literal["ok", "failed"] = "failed" if page.failure else "ok"
    return PageResult(page.page_no, "pdf", status, page.failure, *original_size(page))
