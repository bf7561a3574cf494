"""Rows of a scrape whose sums fail where they stand and close with their values moved: they are doubted, nothing is moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.canon.fitting import RowPlace
from pipeline.canon.placing import Placed
from pipeline.canon.records import Record
from pipeline.canon.schema import TableSchema
from pipeline.canon.sums import Memory, figures, gain
from pipeline.canon.ways import Tokens, is_page_number, lacking_ways

# A single sum that fails may be printed so: a row is out of place where several close elsewhere.
_FEW_SUMS, _ODD_SUMS = 2.0, 3.5


def doubt_misfits(table: TableSchema, rows: Sequence[RowPlace]) -> list[RowPlace]:
    """Doubts scraped rows whose sums fail where they stand, and close with their values moved.

    These are rows with a blank at an end, and rows that may have lost a value and got the number of the page instead.

    Args:
        table: the table.
        rows: its printed rows.

    Returns:
        The rows, with doubts on some that had none.
    """
    made = list(rows)
    for k, row in enumerate(rows):
        placed, record = row.placed, row.record
        if record is None or placed is None or placed.doubt is not None or record.table >= 0 or not record.is_filled:
            continue
        ends = (placed.tokens[0], placed.tokens[-1])
        numbered = len(record.items) == len(placed.tokens) and is_page_number(record.items)
        if not numbered and all(t is not None and t.is_filled for t in ends):
            continue
        grid = [r.placed.tokens if r.placed is not None else () for r in made]
        grid = [tokens or (None,) * len(placed.tokens) for tokens in grid]
        memory: Memory = {}
        now = gain(table, grid, k, memory)
        if not numbered and now >= 0:
            continue
        enough = now + (_ODD_SUMS if numbered else _FEW_SUMS)
        if any(
            gain(table, [*grid[:k], moved, *grid[k + 1 :]], k, memory) >= enough for moved in _moved(record, placed, numbered)
        ):
            made[k] = replace(row, placed=Placed(placed.tokens, "its sums close if its values stand in other columns"))
    return made


def _moved(record: Record, placed: Placed, numbered: bool) -> Iterator[Tokens]:
    """Yields the ways to place a row otherwise that has lost cells; without its last number where that may be of a page."""
    items = record.items[:-1] if numbered else record.items
    for tokens in lacking_ways(items, len(placed.tokens)):
        if figures(tokens)[:-1] != figures(placed.tokens)[:-1]:
            yield tokens
