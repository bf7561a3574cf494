"""Figures of scanned tables that cover several columns: a ruling may be lost, and nobody knows which column they are of."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from pipeline.domain import Block, Table, TableCell
from pipeline.grid.segments import is_value

WIDE = "it covers several columns, which its header does not"
_LETTER = re.compile(r"[^\W\d_]")


def flag_wide_figures(block: Block, pages: Collection[int]) -> Block:
    """Marks figures wider than the header above them.

    Args:
        block: of the document.
        pages: those that were read from pixels.
    """
    if not isinstance(block, Table) or not pages:
        return block
    return replace(block, cells=tuple(_checked(c, block, pages) for c in block.cells))


def _checked(cell: TableCell, table: Table, pages: Collection[int]) -> TableCell:
    if cell.column_span == 1 or cell.page_no not in pages or not cell.certain or not is_value(cell.text):
        return cell
    header = _header_of(cell, table)
    if header is None or (header.column, header.column_span) == (cell.column, cell.column_span):
        return cell
    return replace(cell, certain=False, doubt=WIDE)


def _header_of(cell: TableCell, table: Table) -> TableCell | None:
    """Returns the next cell with words above a figure, in the column that it begins in."""
    above = [
        c
        for c in table.cells
        if c.row < cell.row and c.column <= cell.column < c.column + c.column_span and _LETTER.search(c.text)
    ]
    return max(above, key=lambda c: c.row, default=None)
