"""Boxes found on a page that was turned to be read → their places on the page as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.domain import BBox, Block, Page, Table


def original_size(page: Page) -> tuple[float, float]:
    """Returns width and height of the page as it is, in points."""
    turned = page.turn_deg in (90, 270)
    return (page.height_pt, page.width_pt) if turned else (page.width_pt, page.height_pt)


def original_box(box: BBox, turn: int, width: float, height: float) -> BBox:
    """Moves a box back from the frame in which the text is upright.

    Args:
        box: in that frame.
        turn: clockwise angle of the text on the page, in degrees.
        width: of the page as it is, in points.
        height: of the page as it is, in points.
    """
    if turn == 90:
        return BBox(width - box.bottom, box.x0, width - box.top, box.x1)
    if turn == 270:
        return BBox(box.top, height - box.x1, box.bottom, height - box.x0)
    if turn == 180:
        return BBox(width - box.x1, height - box.bottom, width - box.x0, height - box.top)
    return box


def turn_back(block: Block, turned: Mapping[int, tuple[int, float, float]]) -> Block:
    """Returns a block with its boxes on the pages as they are.

    Args:
        block: of the document.
        turned: page number → turn, width and height of the pages that were turned.
    """
    if not turned:
        return block
    box = _back(block.bbox, block.page_no, turned)
    if isinstance(block, Table):
        cells = tuple(replace(c, bbox=_back(c.bbox, c.page_no, turned)) for c in block.cells)
        return replace(block, bbox=box, cells=cells)
    return replace(block, bbox=box)


def _back(box: BBox | None, page_no: int | None, turned: Mapping[int, tuple[int, float, float]]) -> BBox | None:
    if box is None or page_no is None or page_no not in turned:
        return box
    return original_box(box, *turned[page_no])
