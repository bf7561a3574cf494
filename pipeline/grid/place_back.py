"""Boxes found on a straightened or turned page → their places on the page as it came in, with corners where it was not level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from pipeline.domain import BBox, Block, Quad, Table, TableCell

Placer = Callable[[BBox], tuple[BBox, Quad | None]]
"""Maps a box of the page as it was read to its hull and its corners on the page; no corners where it only moved."""


def place_back(block: Block, placers: Mapping[int, Placer]) -> Block:
    """Returns a block with its boxes on the pages as they came in.

    Args:
        block: of the document.
        placers: page number → placer, for the pages that were straightened or turned.
    """
    if not placers:
        return block
    box, _ = _placed(block.bbox, block.page_no, placers)
    if isinstance(block, Table):
        return replace(block, bbox=box, cells=tuple(_cell(c, placers) for c in block.cells))
    return replace(block, bbox=box)


def _cell(cell: TableCell, placers: Mapping[int, Placer]) -> TableCell:
    box, quad = _placed(cell.bbox, cell.page_no, placers)
    return replace(cell, bbox=box, quad=quad)


def _placed(box: BBox | None, page_no: int | None, placers: Mapping[int, Placer]) -> tuple[BBox | None, Quad | None]:
    if box is None or page_no is None or page_no not in placers:
        return box, None
    return placers[page_no](box)
