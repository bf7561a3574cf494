"""Reports whose rows, columns or parts stand in another order."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from bench.variant_parts import structure
from bench.variant_sheets import Box, Grid, Paper
from fixtures.gen import labels


def _reorder_rows(grid: Grid, order: dict[int, int]) -> None:
    for box in grid.boxes:
        if box.row in order and box.row_span == 1 and box.role in ("label", "number"):
            box.row = order[box.row]


@structure
def rows_swapped(paper: Paper, rng: Random) -> None:
    """Two rows of a group change places, labels and all; their numbers too, or not."""
    grid = paper.grid("requests")
    rows = grid.body_rows()
    i = rng.randrange(4, 11)
    _reorder_rows(grid, {rows[i]: rows[i + 1], rows[i + 1]: rows[i]})
    if rng.random() < 0.5:
        for row, number in ((rows[i], i - 3), (rows[i + 1], i - 2)):
            for box in grid.boxes:
                if box.row == row and box.role == "label":
                    box.text = f"{number}{box.text[1:]}"


@structure
def first_rows_swapped(paper: Paper, rng: Random) -> None:
    """上年结转 before 本年新收."""
    grid = paper.grid("requests")
    a, b = grid.body_rows()[:2]
    _reorder_rows(grid, {a: b, b: a})


@structure
def totals_first(paper: Paper, rng: Random) -> None:
    """总计 as the first column of figures."""
    grid = paper.grid("requests")
    first, last = grid.first_figure_column(), grid.n_columns - 1
    for box in grid.boxes:
        if box.column == last:
            box.column = first
        elif box.column >= first and not (box.column == first and box.column_span == 7):
            box.column += 1


@structure
def columns_swapped(paper: Paper, rng: Random) -> None:
    """Two neighbours among the organisations change places, header and all."""
    grid = paper.grid("requests")
    a = grid.first_figure_column() + rng.randint(1, 4)
    for box in grid.boxes:
        if box.column in (a, a + 1) and box.column_span == 1:
            box.column = a + (box.column == a)


@structure
def art20_columns_swapped(paper: Paper, rng: Random) -> None:
    """The columns of section 二's first table in another order, header and all."""
    grid = paper.grid("art20")
    rows = sorted({b.row for b in grid.figures() if b.place and b.place[0] == "art20_1"})
    for box in grid.boxes:
        if box.row in (rows[0] - 1, *rows) and box.column in (1, 2) and box.column_span == 1:
            box.column = 3 - box.column


@structure
def art20_rows_swapped(paper: Paper, rng: Random) -> None:
    """规范性文件 before 规章, 行政强制 before 行政处罚."""
    grid = paper.grid("art20")
    for name in ("art20_1", "art20_6"):
        rows = sorted({b.row for g in paper.grids() for b in g.figures() if g is grid and b.place and b.place[0] == name})
        if len(rows) == 2:
            _reorder_rows(grid, {rows[0]: rows[1], rows[1]: rows[0]})


@structure
def art20_parts_swapped(paper: Paper, rng: Random) -> None:
    """The items of section 二 in another order."""
    grid = paper.grid("art20")
    bands = sorted(b.row for b in grid.boxes if b.role == "band")
    if len(bands) < 3:
        return
    ends = [*bands[1:], grid.n_rows]
    order = list(range(len(bands)))
    rng.shuffle(order)
    top = 0
    for k in order:
        part = [b for b in grid.boxes if bands[k] <= b.row < ends[k]]
        for box in part:
            box.row += 1000 + top - bands[k]
        top += ends[k] - bands[k]
    for box in grid.boxes:
        box.row -= 1000


@structure
def litigation_columns_swapped(paper: Paper, rng: Random) -> None:
    """结果纠正 before 结果维持 in each part, or 总计 first."""
    grid = paper.grid("litigation")
    order = rng.choice(([1, 0, 2, 3, 4], [4, 0, 1, 2, 3], [0, 1, 3, 2, 4]))
    for box in grid.boxes:
        if box.column_span == 1:
            part, k = divmod(box.column, 5)
            box.column = part * 5 + order.index(k)


@structure
def litigation_parts_swapped(paper: Paper, rng: Random) -> None:
    """行政诉讼 before 行政复议."""
    grid = paper.grid("litigation")
    for box in grid.boxes:
        box.column = (box.column + 10) % 15 if box.column < 5 else box.column - 5


@structure
def suits_swapped(paper: Paper, rng: Random) -> None:
    """复议后起诉 before 未经复议直接起诉."""
    grid = paper.grid("litigation")
    for box in grid.boxes:
        if box.column >= 5 and not (box.column == 5 and box.column_span == 10):
            box.column = box.column + 5 if box.column < 10 else box.column - 5


@structure
def transposed(paper: Paper, rng: Random) -> None:
    """Rows as columns and columns as rows, in the table of requests or of reviews and suits."""
    grid = paper.grid(rng.choice(("requests", "litigation")))
    for box in grid.boxes:
        box.row, box.column, box.row_span, box.column_span = box.column, box.row, box.column_span, box.row_span


@structure
def litigation_as_rows(paper: Paper, rng: Random) -> None:
    """Reviews and suits as a table of three rows."""
    grid = paper.grid("litigation")
    names = list(labels.LITIGATION_COLUMNS.values())
    order = rng.choice(([0, 1, 2], [0, 1, 2], [1, 2, 0], [0, 2, 1]))
    rows = ["行政复议", "未经复议直接起诉", "复议后起诉"]
    boxes = [Box(0, 0, 1, 1, "类别", "head"), *(Box(0, 1 + k, 1, 1, n, "head") for k, n in enumerate(names))]
    boxes += [Box(1 + order.index(k), 0, 1, 1, name, "label") for k, name in enumerate(rows)]
    for box in grid.figures():
        part, k = divmod(box.column, 5)
        boxes.append(replace(box, row=1 + order.index(part), column=1 + k))
    grid.boxes, grid.head_rows = boxes, 1
