"""Where a cell lies on its page, and how the page is turned so that its text stands upright."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.domain import BBox, Quad
from pipeline.geometry import hull
from pipeline.store.ledger_rows import CellRow

Turn = Literal[0, 90, 180, 270]
Json = dict[str, Any]
# What a strip shows beyond its row: points at the sides, shares of its height above and below.
_STRIP_ACROSS, _STRIP_DOWN = 4.0, 0.3


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a cell lies: page from 1, box in points, corners where it was not level.

    Attributes:
        guess: true where the cell has no place of its own, and its row and column tell where it should be.
    """

    page_no: int
    bbox: BBox
    quad: Quad | None
    guess: bool = False


def spot_of(cell: CellRow, cells: Sequence[CellRow]) -> Spot | None:
    """Returns where a cell lies or, from the others of its table, should lie; None where nothing tells.

    Args:
        cell: the cell.
        cells: all cells of its table.
    """
    if cell.bbox is not None and cell.page_no is not None:
        return Spot(cell.page_no, cell.bbox, cell.quad)
    placed = [c for c in cells if c.bbox is not None and c.page_no is not None]
    row = [c for c in placed if c.row == cell.row]
    near = sorted(row or placed, key=lambda c: (abs(c.row - cell.row), abs(c.column - cell.column)))
    if not near or near[0].page_no is None:
        return None
    page_no = near[0].page_no
    across = _boxes((c for c in placed if c.column == cell.column), page_no)
    down = _boxes(row, page_no)
    every = hull(_boxes(placed, page_no))
    x, y = (hull(across) if across else every), (hull(down) if down else every)
    return Spot(page_no, BBox(x.x0, y.top, x.x1, y.bottom), None, guess=True)


@dataclass(frozen=True, slots=True)
class Strip:
    """A row of a table as one strip of its page.

    Attributes:
        quad: its corners in points of the page, first that at the upper left of the text.
        spans: for each column where its cell begins and ends, as shares of the strip's width; None where it has no place.
    """

    page_no: int
    quad: Quad
    spans: tuple[tuple[float, float] | None, ...]


def strip_of(cell: CellRow, cells: Iterable[CellRow]) -> Strip | None:
    """Returns the row of a cell as a strip, straight along its text; None where fewer than two of its cells have a place.

    Args:
        cell: one of the row.
        cells: all cells of its table.
    """
    row = sorted((c for c in cells if c.row == cell.row), key=lambda c: c.column)
    pages = [c.page_no for c in row if c.bbox is not None and c.page_no is not None]
    if len(pages) < 2:
        return None
    page_no = max(set(pages), key=pages.count)
    corners = {c.column: _corners_of(c) for c in row if c.bbox is not None and c.page_no == page_no}
    if len(corners) < 2:
        return None
    first, last = corners[min(corners)], corners[max(corners)]
    across, down = _minus(last[1], first[0]), _minus(first[3], first[0])
    width, height = max(math.hypot(*across), 1.0), max(math.hypot(*down), 1.0)
    along, below = (across[0] / width, across[1] / width), (down[0] / height, down[1] / height)
    high = height * _STRIP_DOWN

    def moved(point: tuple[float, float], right: float, lower: float) -> tuple[float, float]:
        return point[0] + along[0] * right + below[0] * lower, point[1] + along[1] * right + below[1] * lower

    quad = (
        moved(first[0], -_STRIP_ACROSS, -high), moved(last[1], _STRIP_ACROSS, -high),
        moved(last[2], _STRIP_ACROSS, high), moved(first[3], -_STRIP_ACROSS, high),
    )  # fmt: skip

    def share(point: tuple[float, float]) -> float:
        off = _minus(point, first[0])
        at = (off[0] * along[0] + off[1] * along[1] + _STRIP_ACROSS) / (width + 2 * _STRIP_ACROSS)
        return round(min(1.0, max(0.0, at)), 4)

    spans = tuple((share(corners[c.column][0]), share(corners[c.column][1])) if c.column in corners else None for c in row)
    return Strip(page_no, quad, spans)


def _corners_of(cell: CellRow) -> Quad:
    assert cell.bbox is not None
    box = cell.bbox
    return cell.quad or ((box.x0, box.top), (box.x1, box.top), (box.x1, box.bottom), (box.x0, box.bottom))


def _minus(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return a[0] - b[0], a[1] - b[1]


def _boxes(cells: Iterable[CellRow], page_no: int) -> list[BBox]:
    return [c.bbox for c in cells if c.bbox is not None and c.page_no == page_no]


def turn_of(quad: Quad | None) -> Turn:
    """Returns by how many degrees a page is to be turned clockwise so that the text of a cell stands upright."""
    if quad is None:
        return 0
    (ax, ay), (bx, by) = quad[0], quad[1]
    dx, dy = bx - ax, by - ay
    if abs(dx) >= abs(dy):
        return 0 if dx >= 0 else 180
    return 270 if dy > 0 else 90


def turned_json(spot: Spot, width: float, height: float) -> Json:
    """Returns a place for the page as it is shown, turned upright; lengths in points."""
    turn = turn_of(spot.quad)
    box = spot.bbox
    corners = spot.quad or ((box.x0, box.top), (box.x1, box.top), (box.x1, box.bottom), (box.x0, box.bottom))
    points = [_turned(x, y, turn, width, height) for x, y in corners]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if turn in (90, 270):
        width, height = height, width
    return {
        "page": spot.page_no, "width": width, "height": height, "bbox": [min(xs), min(ys), max(xs), max(ys)],
        "quad": points, "level": spot.quad is None, "turn": turn, "guess": spot.guess,
    }  # fmt: skip


def _turned(x: float, y: float, turn: Turn, width: float, height: float) -> tuple[float, float]:
    if turn == 90:
        return height - y, x
    if turn == 180:
        return width - x, height - y
    return (y, width - x) if turn == 270 else (x, y)
