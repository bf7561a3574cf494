"""Items of all pages of a document → its blocks in reading order, and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from pipeline.domain import BBox, Block, Failure, Origin, PageResult, Table, TextBlock
from pipeline.errors import DamagedError, DocumentError, NeedsOcrError
from pipeline.grid.margin_marks import is_near_edge, may_be_mark
from pipeline.grid.pieces import Piece
from pipeline.grid.running_heads import mark_running_heads
from pipeline.grid.stitch import Item, piece_to_text, stitch


def items_to_blocks(items: Sequence[Item], heights: dict[int, float], read_from_pixels: Collection[int] = ()) -> list[Block]:
    """Marks running heads and stitches the tables over the pages.

    Args:
        items: of the whole document in reading order.
        heights: page number → height in points.
        read_from_pixels: pages whose words were recognised; a table with one of them is of origin `ocr`.
    """
    pictures = {page_no: heights[page_no] for page_no in read_from_pixels if page_no in heights}
    blocks = stitch(items, body_bottoms(items, heights, pictures), pictures)
    return [_with_origin(b, read_from_pixels) for b in blocks]


def _with_origin(block: Block, read_from_pixels: Collection[int]) -> Block:
    if isinstance(block, Table) and any(p in read_from_pixels for p in block.pages):
        return replace(block, origin=Origin.OCR)
    return block


def raise_if_unread(results: Iterable[PageResult]) -> None:
    """Raises the error of a document of which no page could be read; one that needs OCR goes before the others."""
    ended = list(results)
    failures = [r.failure for r in ended if r.failure]
    if len(failures) < len(ended):
        return
    worst: Failure = next((f for f in failures if f.failure_class == "needs_ocr"), failures[0])
    error: type[DocumentError] = NeedsOcrError if worst.failure_class == "needs_ocr" else DamagedError
    raised = error(worst.message, worst.advice)
    raised.failure_class = worst.failure_class
    raise raised


def with_chrome(items: Sequence[Item], heights: dict[int, float]) -> list[Item]:
    """Marks running heads; one that was drawn as a table of one row becomes text."""
    flat = [piece_to_text(i) if isinstance(i, Piece) and i.n_rows == 1 else i for i in items]
    marked = iter(mark_running_heads([i for i in flat if isinstance(i, TextBlock)], heights))
    done: list[Item] = []
    for item, plain in zip(items, flat, strict=True):
        block = next(marked) if isinstance(plain, TextBlock) else None
        running = block is not None and block.kind == "chrome" and len(heights) > 2
        done.append(item if block is None or (isinstance(item, Piece) and not running) else block)
    return done


def body_bottoms(items: Sequence[Item], heights: dict[int, float], pictures: Collection[int] = ()) -> dict[int, float]:
    """Returns for each page how far down text and tables go on any page of the same height, in points.

    Args:
        items: of the whole document.
        heights: page number → height in points.
        pictures: pages read from pixels, where strokes of a pen at the foot may look like text.
    """
    lowest: dict[int, float] = {}
    for item in items:
        page_no = item.page_no
        if item.bbox is None or page_no is None or (isinstance(item, TextBlock) and item.kind == "chrome"):
            continue
        if isinstance(item, TextBlock) and page_no in pictures and _is_mark(item.text, item.bbox, heights[page_no]):
            continue
        height = round(heights[page_no])
        lowest[height] = max(lowest.get(height, 0.0), item.bbox.bottom)
    return {page_no: lowest.get(round(height), height) for page_no, height in heights.items()}


def _is_mark(text: str, box: BBox, height: float) -> bool:
    return may_be_mark(text) and is_near_edge(box, height)


def title_of(items: Sequence[Item]) -> str | None:
    """Returns the first heading of the first page that has text, or None."""
    for item in items:
        if isinstance(item, Piece):
            return None
        if item.kind == "heading":
            return item.text
    return None
