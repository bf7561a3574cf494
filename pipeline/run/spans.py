"""Figures of scanned tables that are not what they seem: wider than their column, or read as a letter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from pipeline.domain import Block, Table, TableCell
from pipeline.grid.segments import is_value
from pipeline.ocr.words import UNREAD

WIDE = "it covers several columns, which its header does not"
SHARED = "its header covers several columns: two names may have run together"
TWO_IN_ONE = "a cell of its row holds two figures: a line between columns may be lost"
_TWO = re.compile(r"(?m)^\W*\d[\d,.]*[ \u3000]+\d[\d,.]*\W*$")
_LETTER = re.compile(r"[^\W\d_]")
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
_LEAST, _SHARE = 3, 0.6


def flag_wide_figures(block: Block, pages: Collection[int]) -> Block:
    """Marks figures wider than the header above them, those that share a header with others, and those of a row in which two
    figures stand in one cell.

    Args:
        block: of the document.
        pages: those that were read from pixels.
    """
    if not isinstance(block, Table) or not pages:
        return block
    joined = {c.row for c in block.cells if c.page_no in pages and not _LETTER.search(c.text) and _TWO.search(c.text)}
    return replace(block, cells=tuple(_checked(c, block, pages, c.row in joined) for c in block.cells))


def mark_lone_letters(block: Block, pages: Collection[int]) -> Block:
    """Marks a lone ideograph among the figures of its row and its column as print that cannot be read: a broken 4 may be 山.

    As a letter it would be taken for a part of the row's label, and the figures after it for those of the column before.

    Args:
        block: of the document.
        pages: those that were read from pixels.
    """
    if not isinstance(block, Table) or not pages:
        return block
    own = [c for c in block.cells if c.page_no in pages and c.row_span == 1 and c.column_span == 1 and c.text.strip()]
    values = [c for c in own if is_value(c.text)]
    rows = Counter(c.row for c in values)
    columns = Counter(c.column for c in values)
    filled = Counter(c.column for c in own if rows[c.row])

    def is_lost(cell: TableCell) -> bool:
        letter = len(cell.text) == 1 and _IDEOGRAPH.match(cell.text) and not is_value(cell.text)
        among = rows[cell.row] >= _LEAST and columns[cell.column] >= max(_LEAST, _SHARE * filled[cell.column])
        return bool(letter) and among

    lost = {id(c) for c in own if is_lost(c)}
    if not lost:
        return block
    cells = (replace(c, text=UNREAD, certain=False, doubt=f"read as {c.text!r}") if id(c) in lost else c for c in block.cells)
    return replace(block, cells=tuple(cells))


def _checked(cell: TableCell, table: Table, pages: Collection[int], is_beside_two: bool) -> TableCell:
    if cell.page_no not in pages or not cell.certain or (cell.text.strip() and not is_value(cell.text)):
        return cell
    if is_beside_two:
        return replace(cell, certain=False, doubt=TWO_IN_ONE)
    if not cell.text.strip():
        return cell
    header = _header_of(cell, table)
    if header is None or (header.column, header.column_span) == (cell.column, cell.column_span):
        return cell
    is_wide = cell.column_span > 1
    # What covers most of a table is its title.
    if not is_wide and (header.column_span == 1 or header.column == 0 or 2 * header.column_span > table.n_columns):
        return cell
    if len(cells := _row(table, cell.row)) > 1 and len(cells) == len(_row(table, header.row)):
        # Some forms group the columns of a body unlike those of its header; a lost ruling would leave fewer figures than names.
        return cell
    return replace(cell, certain=False, doubt=WIDE if is_wide else SHARED)


def _row(table: Table, row: int) -> list[TableCell]:
    """Returns the cells of a row, or none where one of them covers other rows too."""
    cells = [c for c in table.cells if c.row <= row < c.row + c.row_span]
    return cells if all(c.row_span == 1 for c in cells) else []


def _header_of(cell: TableCell, table: Table) -> TableCell | None:
    """Returns the next cell with words above a figure, in the column that it begins in."""
    above = [
        c
        for c in table.cells
        if c.row < cell.row and c.column <= cell.column < c.column + c.column_span and _LETTER.search(c.text)
    ]
    return max(above, key=lambda c: c.row, default=None)
