"""Rows of a table that are ruled, while white space alone parts its columns: cells that hold a whole row, or several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.layout.bands import to_bands
from pipeline.layout.dirt import Ints
from pipeline.layout.ink import Ink
from pipeline.raster import PixelBox, find_runs

_ROWS, _LINES = 4, 3
_NEAR = 0.3
_RIVER = 1.5
_CROSSED = 0.1
_BOTH_SIDES = 0.6
_INSET, _BESIDE = 0.2, 0.5


def undivided_rows(ink: Ink, cells: Sequence[PixelBox]) -> list[bool]:
    """Tells which ruled cells hold a row of several columns.

    Such cells stand below one another, are equally wide, and the same strip of paper runs down through nearly all of them
    with print on both of its sides. One cell with a wide gap is no such row: a label may have one. Where no cell stands beside
    them, one wide gap is enough: a table of one column is none, and what is parted there is joined again. So does a cell that
    holds several rows, between whose lines the strip runs down.

    Args:
        ink: print of the page.
        cells: inner boxes of ruled cells in pixels.

    Returns:
        One flag a cell.
    """
    found = [False] * len(cells)
    near = max(2.0, _NEAR * ink.letter)
    for stack in _stacks(cells, near):
        filled = [k for k in stack if _inside(ink.boxes, cells[k]).any()]
        rows = [cells[k] for k in filled]
        print_of = [ink.boxes[_inside(ink.boxes, r)] for r in rows]
        if _are_alone(rows, cells):
            is_open = any(_has_river([p], ink.letter) for p in print_of)
        else:
            is_open = len(rows) >= _ROWS and _has_river(print_of, ink.letter)
        if is_open:
            for k in stack:
                found[k] = True
    return [is_row or _holds_rows(ink, cell) for is_row, cell in zip(found, cells, strict=True)]


def _holds_rows(ink: Ink, cell: PixelBox) -> bool:
    """True for a cell with several lines that the same strip of paper parts."""
    members = np.flatnonzero(_inside(ink.boxes, cell))
    if len(members) < 2 * _LINES:
        return False
    bands = to_bands(ink, members, ink.letter)
    return len(bands) >= _LINES and _has_river([ink.boxes[list(b.members)] for b in bands], ink.letter)


def _stacks(cells: Sequence[PixelBox], near: float) -> list[list[int]]:
    """Groups cells that begin and end alike and follow one another downward."""
    stacks: list[list[int]] = []
    for k in sorted(range(len(cells)), key=lambda k: cells[k][1]):
        x0, top, x1, _ = cells[k]
        above = (s for s in stacks if _follows(cells[s[-1]], (x0, top, x1), near))
        stack = next(above, None)
        if stack is None:
            stacks.append([k])
        else:
            stack.append(k)
    return [s for s in stacks if len(s) > 1]


def _follows(last: PixelBox, below: tuple[int, int, int], near: float) -> bool:
    x0, top, x1 = below
    return abs(last[0] - x0) <= near and abs(last[2] - x1) <= near and abs(top - last[3]) <= max(near, 0.5 * (last[3] - last[1]))


def _are_alone(rows: Sequence[PixelBox], cells: Sequence[PixelBox]) -> bool:
    """True where no other cell stands at the height of the rows."""
    return not any(c not in rows and min(c[3], r[3]) - max(c[1], r[1]) > _BESIDE * (r[3] - r[1]) for r in rows for c in cells)


def _has_river(rows: Sequence[Ints], letter: float) -> bool:
    """True where a strip as wide as a letter and a half stays blank through rows of print, with print left and right of it."""
    x0, x1 = min(int(r[:, 0].min()) for r in rows), max(int(r[:, 2].max()) for r in rows)
    covered = np.zeros((len(rows), x1 - x0), dtype=np.bool_)
    for line, boxes in zip(covered, rows, strict=True):
        for left, _, right, _ in boxes:
            line[left - x0 : right - x0] = True
    blank = covered.mean(axis=0) <= _CROSSED
    both = (
        covered[:, :start].any(axis=1) & covered[:, end:].any(axis=1)
        for start, end in zip(*find_runs(np.asarray(blank)), strict=True)
        if end - start >= _RIVER * letter
    )
    return any(b.mean() >= _BOTH_SIDES for b in both)


def _inside(boxes: Ints, cell: PixelBox) -> npt.NDArray[np.bool_]:
    """Marks the pieces of print whose middle lies in a cell, away from its rulings."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    inset = _INSET * (cell[3] - cell[1])
    marked: npt.NDArray[np.bool_] = (x > cell[0]) & (x < cell[2]) & (y > cell[1] + inset) & (y < cell[3] - inset)
    return marked
