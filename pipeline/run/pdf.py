"""A digital PDF → its reading: pages, grids, stitched tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pipeline.config import Config
from pipeline.domain import Failure, Finding, Page, PageResult, Reading, Source, TextBlock
from pipeline.errors import DamagedError, DocumentError, NeedsOcrError
from pipeline.grid.blocks import mark_running_heads
from pipeline.grid.page import order_items, page_to_pieces
from pipeline.grid.pieces import Piece
from pipeline.grid.second import choose, is_doubtful, read_again
from pipeline.grid.stitch import Item, piece_to_text, stitch
from pipeline.grid.turn import original_size, turn_back
from pipeline.intake.pdf import iter_pages

_PICTURE_SHARE = 0.2


def read_pdf(source: Source, path: Path, config: Config) -> Reading:
    """Reads a digital PDF into blocks in reading order.

    A page that cannot be read is a failed `PageResult`; the others go on.

    Raises:
        DocumentError: the file cannot be opened, or no page of it can be read (class `needs_ocr` or `damaged`).
    """
    items: list[Item] = []
    results: list[PageResult] = []
    doubtful: list[int] = []
    pictures: list[int] = []
    turned: dict[int, tuple[int, float, float]] = {}
    heights: dict[int, float] = {}
    for page in iter_pages(path, config):
        results.append(_page_result(page))
        heights[page.page_no] = page.height_pt
        if page.turn_deg:
            turned[page.page_no] = (page.turn_deg, *original_size(page))
        if page.failure is None:
            if page.picture_share >= _PICTURE_SHARE:
                pictures.append(page.page_no)
            pieces = page_to_pieces(page, config.pdf)
            if any(map(is_doubtful, pieces)):
                doubtful.append(page.page_no)
                pieces = _with_second_reading(path, page, pieces, config)
            items += order_items(page, pieces)
    _raise_if_unread(results)
    items = _with_chrome(items, heights)
    blocks = [turn_back(b, turned) for b in stitch(items, body_bottoms(items, heights))]
    notes = (*_notes(doubtful, len(results), config), *_picture_notes(pictures))
    return Reading(source, tuple(blocks), tuple(results), _title(items), notes)


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


def _raise_if_unread(results: Sequence[PageResult]) -> None:
    failures = [r.failure for r in results if r.failure]
    if len(failures) < len(results):
        return
    worst: Failure = next((f for f in failures if f.failure_class == "needs_ocr"), failures[0])
    error: type[DocumentError] = NeedsOcrError if worst.failure_class == "needs_ocr" else DamagedError
    raise error(worst.message, worst.advice)


def _with_chrome(items: Sequence[Item], heights: dict[int, float]) -> list[Item]:
    """Marks running heads; one that was drawn as a table of one row becomes text."""
    flat = [piece_to_text(i) if isinstance(i, Piece) and i.n_rows == 1 else i for i in items]
    marked = iter(mark_running_heads([i for i in flat if isinstance(i, TextBlock)], heights))
    done: list[Item] = []
    for item, plain in zip(items, flat, strict=True):
        block = next(marked) if isinstance(plain, TextBlock) else None
        running = block is not None and block.kind == "chrome" and len(heights) > 2
        done.append(item if block is None or (isinstance(item, Piece) and not running) else block)
    return done


def body_bottoms(items: Sequence[Item], heights: dict[int, float]) -> dict[int, float]:
    """Returns for each page how far down text and tables go on any page of the same height, in points."""
    lowest: dict[int, float] = {}
    for item in items:
        page_no = item.page_no
        if item.bbox is None or page_no is None or (isinstance(item, TextBlock) and item.kind == "chrome"):
            continue
        height = round(heights[page_no])
        lowest[height] = max(lowest.get(height, 0.0), item.bbox.bottom)
    return {page_no: lowest.get(round(height), height) for page_no, height in heights.items()}


def _title(items: Sequence[Item]) -> str | None:
    """Returns the first heading of the first page that has text, or None."""
    for item in items:
        if isinstance(item, Piece):
            return None
        if item.kind == "heading":
            return item.text
    return None
