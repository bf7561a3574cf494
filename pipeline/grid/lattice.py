"""A network of edges → lattice of lanes and walls → cells with spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.geometry import overlap
from pipeline.grid.edges import Edge, Network

_WALL_SHARE = 0.5
_MIN_LANE_PT = 4.0
_SLIVER_PT = 5.0


class CellBox(NamedTuple):
    """A cell as a block of lanes, last ones excluded."""

    row: int
    column: int
    row_end: int
    column_end: int


@dataclass(frozen=True, slots=True)
class Lattice:
    """Lanes and the walls between them.

    Attributes:
        xs: boundaries of the columns, ascending, in points; `ys` likewise of the rows.
        walls_v: `walls_v[r][k]` is true where boundary `k` of the columns is drawn beside row `r`; shape
            (rows, columns + 1).
        walls_h: `walls_h[k][c]` is true where boundary `k` of the rows is drawn over column `c`; shape
            (rows + 1, columns).
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    walls_v: tuple[tuple[bool, ...], ...]
    walls_h: tuple[tuple[bool, ...], ...]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.ys) - 1

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.xs) - 1


def network_to_lattice(network: Network, reach: float, points: Sequence[tuple[float, float]] = ()) -> Lattice | None:
    """Returns the lanes of a network, or None where it encloses nothing.

    A side of the hull where two or more edges end without a line across (no outer frame, a table cut by the page
    break), or one edge with text beside it, counts as a boundary of the lattice, though not as a wall.

    Args:
        network: edges that touch.
        reach: lines that near count as one, in points.
        points: middles of the words of the page.
    """
    if not network.verticals or not network.horizontals:
        return None
    box = network.bbox
    inside = [p for p in points if box.x0 <= p[0] <= box.x1 and box.top <= p[1] <= box.bottom]
    spans_h = [(h.start, h.end) for h in network.horizontals]
    spans_v = [(v.start, v.end) for v in network.verticals]
    xs = _lanes([v.at for v in network.verticals], reach, spans_h, [p[0] for p in inside])
    ys = _lanes([h.at for h in network.horizontals], reach, spans_v, [p[1] for p in inside])
    return walled(xs, ys, network.horizontals, network.verticals, reach)


def _lanes(places: list[float], reach: float, extents: list[tuple[float, float]], texts: list[float]) -> list[float]:
    """Boundaries at `places`, and at the hull where edges end beyond the outermost of them."""
    lanes: list[list[float]] = []
    for place in sorted(places):
        if lanes and place - lanes[-1][0] <= reach:
            lanes[-1].append(place)
        else:
            lanes.append([place])
    bounds = [sum(lane) / len(lane) for lane in lanes]
    first, last = min(e[0] for e in extents), max(e[1] for e in extents)
    if first < bounds[0] - _MIN_LANE_PT:
        several = sum(e[0] <= first + reach for e in extents) >= 2
        if several or any(t < bounds[0] for t in texts):
            bounds.insert(0, first)
    if last > bounds[-1] + _MIN_LANE_PT:
        several = sum(e[1] >= last - reach for e in extents) >= 2
        if several or any(t > bounds[-1] for t in texts):
            bounds.append(last)
    return _without_slivers(bounds, texts) if texts else bounds


def _without_slivers(bounds: list[float], texts: list[float]) -> list[float]:
    """Joins boundaries that stand closer than 5 pt with no text between them: the blank between cells drawn as boxes."""
    kept = [bounds[0]]
    for bound in bounds[1:]:
        thin = bound - kept[-1] < _SLIVER_PT and not any(kept[-1] < t < bound for t in texts)
        if not thin:
            kept.append(bound)
        elif bound == bounds[-1]:
            kept[-1] = bound
        elif len(kept) > 1:
            kept[-1] = (kept[-1] + bound) / 2
    return kept


def walled(
    xs: Sequence[float], ys: Sequence[float], horizontals: Sequence[Edge], verticals: Sequence[Edge], reach: float
) -> Lattice | None:
    """Marks the walls of given lanes: an edge is one where it covers half of the lane's length."""
    if len(xs) < 2 or len(ys) < 2:
        return None
    walls_v = [[False] * len(xs) for _ in range(len(ys) - 1)]
    walls_h = [[False] * (len(xs) - 1) for _ in range(len(ys))]
    for edge in verticals:
        k = _nearest(xs, edge.at)
        if abs(xs[k] - edge.at) <= reach:
            for r in range(len(ys) - 1):
                if overlap(edge.start, edge.end, ys[r], ys[r + 1]) >= _WALL_SHARE * (ys[r + 1] - ys[r]):
                    walls_v[r][k] = True
    for edge in horizontals:
        k = _nearest(ys, edge.at)
        if abs(ys[k] - edge.at) <= reach:
            for c in range(len(xs) - 1):
                if overlap(edge.start, edge.end, xs[c], xs[c + 1]) >= _WALL_SHARE * (xs[c + 1] - xs[c]):
                    walls_h[k][c] = True
    return without_idle_lanes(Lattice(tuple(xs), tuple(ys), tuple(map(tuple, walls_v)), tuple(map(tuple, walls_h))))


def _nearest(places: Sequence[float], value: float) -> int:
    return min(range(len(places)), key=lambda k: abs(places[k] - value))


def without_idle_lanes(lattice: Lattice) -> Lattice | None:
    """Drops inner boundaries that no wall stands on; returns None where fewer than one row and column are left."""
    keep_x = [k for k in range(len(lattice.xs)) if k in (0, len(lattice.xs) - 1) or any(row[k] for row in lattice.walls_v)]
    keep_y = [k for k in range(len(lattice.ys)) if k in (0, len(lattice.ys) - 1) or any(lattice.walls_h[k])]
    if len(keep_x) == len(lattice.xs) and len(keep_y) == len(lattice.ys):
        return lattice
    rows = [_merged_rows(lattice, a, b, keep_x) for a, b in zip(keep_y, keep_y[1:], strict=False)]
    heads = [
        tuple(any(lattice.walls_h[k][c] for c in range(a, b)) for a, b in zip(keep_x, keep_x[1:], strict=False)) for k in keep_y
    ]
    return Lattice(tuple(lattice.xs[k] for k in keep_x), tuple(lattice.ys[k] for k in keep_y), tuple(rows), tuple(heads))


def _merged_rows(lattice: Lattice, first: int, last: int, keep_x: list[int]) -> tuple[bool, ...]:
    return tuple(any(lattice.walls_v[r][k] for r in range(first, last)) for k in keep_x)


def lattice_to_cells(lattice: Lattice) -> tuple[list[CellBox], frozenset[CellBox]]:
    """Floods the lanes between walls.

    Returns:
        The cells in row-major order, and those of them that come from areas that are no rectangles, cut from the top.
    """
    n_rows, n_columns = lattice.n_rows, lattice.n_columns
    owner = [[-1] * n_columns for _ in range(n_rows)]
    cells: list[CellBox] = []
    irregular: set[CellBox] = set()
    for r in range(n_rows):
        for c in range(n_columns):
            if owner[r][c] >= 0:
                continue
            area = _flood(lattice, r, c)
            pieces = [_hull_of(area)] if _is_rectangle(area) else _rectangles(area)
            irregular |= set(pieces) if len(pieces) > 1 else set()
            for piece in pieces:
                for i in range(piece.row, piece.row_end):
                    owner[i][piece.column : piece.column_end] = [len(cells)] * (piece.column_end - piece.column)
                cells.append(piece)
    return sorted(cells), frozenset(irregular)


def _flood(lattice: Lattice, row: int, column: int) -> set[tuple[int, int]]:
    area = {(row, column)}
    stack = [(row, column)]
    while stack:
        r, c = stack.pop()
        steps = (
            (r, c + 1, c + 1 < lattice.n_columns and not lattice.walls_v[r][c + 1]),
            (r, c - 1, c > 0 and not lattice.walls_v[r][c]),
            (r + 1, c, r + 1 < lattice.n_rows and not lattice.walls_h[r + 1][c]),
            (r - 1, c, r > 0 and not lattice.walls_h[r][c]),
        )
        for i, j, free in steps:
            if free and (i, j) not in area:
                area.add((i, j))
                stack.append((i, j))
    return area


def _hull_of(area: set[tuple[int, int]]) -> CellBox:
    rows, columns = [a[0] for a in area], [a[1] for a in area]
    return CellBox(min(rows), min(columns), max(rows) + 1, max(columns) + 1)


def _is_rectangle(area: set[tuple[int, int]]) -> bool:
    box = _hull_of(area)
    return len(area) == (box.row_end - box.row) * (box.column_end - box.column)


def _rectangles(area: set[tuple[int, int]]) -> list[CellBox]:
    """Cuts an area into rectangles: the widest run of its first row, as far down as it goes, and so on."""
    left = set(area)
    found = []
    while left:
        row, column = min(left)
        end = column
        while (row, end) in left:
            end += 1
        bottom = row
        while all((bottom, c) in left for c in range(column, end)):
            bottom += 1
        left -= {(r, c) for r in range(row, bottom) for c in range(column, end)}
        found.append(CellBox(row, column, bottom, end))
    return found
