"""Labels of groups of rows in a table without rulings: over which rows each of them stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.grid.header import Block
from pipeline.grid.rows import Row


@dataclass(frozen=True, slots=True)
class Group:
    """A label and the rows `top_row` to `last_row` that it belongs to."""

    block: Block
    top_row: int
    last_row: int


def blocks_to_groups(blocks: Sequence[Block], rows: Sequence[Row], ys: Sequence[float]) -> list[Group]:
    """Finds the rows of each group label.

    Labels are taken as centred over their rows; if that leaves more rows without a group than taking them as standing
    on the first of their rows, as the latter.

    Args:
        blocks: group labels from top to bottom.
        rows: all rows.
        ys: boundaries of the rows, one more than rows.
    """
    solutions = [_centred(blocks, rows, ys), _from_top(blocks, rows, ys)]
    return min(solutions, key=lambda groups: _orphans(groups, blocks, rows))


def _orphans(groups: Sequence[Group], blocks: Sequence[Block], rows: Sequence[Row]) -> int:
    """Counts rows that stand free in the columns of group labels and belong to none."""
    count = 0
    for lane in {b.last for b in blocks}:
        covered = {r for g in groups if g.block.last == lane for r in range(g.top_row, g.last_row + 1)}
        count += sum(_is_free(row, lane) and r not in covered for r, row in enumerate(rows))
    return count


def _is_free(row: Row, lane: int) -> bool:
    return all(p.first > lane for p in row.parts)


def _row_of(y: float, ys: Sequence[float]) -> int:
    return max(0, min(len(ys) - 2, sum(bound <= y for bound in ys) - 1))


def _centred(blocks: Sequence[Block], rows: Sequence[Row], ys: Sequence[float]) -> list[Group]:
    groups: list[Group] = []
    for block in blocks:
        taken = {r for g in groups if g.block.last == block.last for r in range(g.top_row, g.last_row + 1)}
        start, end = _row_of(block.top + 0.5, ys), _row_of(block.bottom - 0.5, ys)
        low = start
        while low > 0 and low - 1 not in taken and _is_free(rows[low - 1], block.last):
            low -= 1
        high = end
        while high + 1 < len(rows) and _is_free(rows[high + 1], block.last):
            high += 1
        spans = [(abs((ys[a] + ys[b + 1]) / 2 - block.y), a, b) for a in range(low, start + 1) for b in range(end, high + 1)]
        pitch = (ys[high + 1] - ys[low]) / (high + 1 - low)
        fitting = [(b - a, -off, a, b) for off, a, b in spans if off <= 0.45 * pitch]
        _, a, b = min(spans) if not fitting else max(fitting)[1:]
        groups.append(Group(block, int(a), int(b)))
    return groups


def _from_top(blocks: Sequence[Block], rows: Sequence[Row], ys: Sequence[float]) -> list[Group]:
    groups: list[Group] = []
    starts = {(b.last, _row_of(b.parts[0].y, ys)) for b in blocks}
    for block in blocks:
        a = b = _row_of(block.parts[0].y, ys)
        while b + 1 < len(rows) and (block.last, b + 1) not in starts and _is_free(rows[b + 1], block.last):
            b += 1
        groups.append(Group(block, a, b))
    return groups
