"""Reports with further tables, or whose tables are put together or cut."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from bench.variant_parts import copy_of, number, other_of, some_grid, structure
from bench.variant_sheets import Box, Grid, Paper


@structure
def last_year_below(paper: Paper, rng: Random) -> None:
    """The same table of the year before, below, under a line that says so."""
    grid = some_grid(paper, rng)
    other = other_of(grid, rng)
    year = paper.report.year
    other.above = [rng.choice((f"{year - 1}年数据", f"附：{year - 1}年度情况", "上年度数据对比表", "（上年）"))]
    paper.items.insert(paper.items.index(grid) + 1, other)


@structure
def last_year_above(paper: Paper, rng: Random) -> None:
    """The same table of the year before, above, and the year over each."""
    grid = some_grid(paper, rng)
    other = other_of(grid, rng)
    year = paper.report.year
    grid.above, other.above = [f"{year}年"], [f"{year - 1}年"]
    paper.items.insert(paper.items.index(grid), other)


@structure
def example_above(paper: Paper, rng: Random) -> None:
    """A table of a town, or an example, above the right one."""
    grid = some_grid(paper, rng)
    other = other_of(grid, rng)
    other.above = [rng.choice(("其中：青石镇人民政府", "市本级", "填表示例", "全市汇总"))]
    grid.above = [f"{paper.report.issuer}"] if rng.random() < 0.5 else []
    paper.items.insert(paper.items.index(grid), other)


@structure
def last_year_beside(paper: Paper, rng: Random) -> None:
    """The same table of the year before in the same rows, to the right."""
    grid = some_grid(paper, rng)
    other, wide = other_of(grid, rng), grid.n_columns
    for box in other.boxes:
        box.column += wide
    year = paper.report.year
    band = [Box(0, 0, 1, wide, f"{year}年", "head"), Box(0, wide, 1, wide, f"{year - 1}年", "head")]
    if rng.random() < 0.3:
        band.reverse()
        band[0].column, band[1].column = 0, wide
        for box in [*grid.boxes, *other.boxes]:
            box.column = (box.column + wide) % (2 * wide)
    for box in [*grid.boxes, *other.boxes]:
        box.row += 1
    grid.boxes += [*other.boxes, *band]
    grid.head_rows += 1


@structure
def last_year_doubled(paper: Paper, rng: Random) -> None:
    """Under each applicant a column of this year and one of the last, with a row of years below the header."""
    grid = paper.grid("requests")
    first = grid.first_figure_column()
    top = min(grid.body_rows())
    grid.add_row(top, [])
    for box in grid.boxes:
        if box.role in ("corner",) or (box.column < first and box.end_row == top):
            box.row_span += 1
    year = paper.report.year
    way = rng.random() < 0.7
    for at in range(grid.n_columns - 1, first - 1, -1):
        figures = [b for b in grid.figures() if b.column == at]
        for box in grid.boxes:
            if box.column > at:
                box.column += 1
            elif box.end_column > at:
                box.column_span += 1
        for box in figures:
            box.column, box.column_span = at + (not way), 1
            grid.boxes.append(Box(box.row, at + way, 1, 1, number(rng), "number"))
        grid.boxes += [
            Box(top, at + (not way), 1, 1, f"{year}年", "head"), Box(top, at + way, 1, 1, f"{year - 1}年", "head"),
        ]  # fmt: skip
    grid.head_rows += 1


@structure
def tables_beside(paper: Paper, rng: Random) -> None:
    """Two tables in one row of the page."""
    a, b = paper.grid("requests"), paper.grid("litigation")
    paper.items.remove(b)
    a.beside = b


@structure
def tables_joined(paper: Paper, rng: Random) -> None:
    """All tables as one, without anything between them."""
    grids = paper.grids()
    whole = grids[0]
    for grid in grids[1:]:
        top = whole.n_rows
        whole.boxes += [replace(b, row=b.row + top) for b in grid.boxes]
        paper.items.remove(grid)


@structure
def tables_shuffled(paper: Paper, rng: Random) -> None:
    """The tables in another order, without headings."""
    grids: list[str | Grid] = list(paper.grids())
    rng.shuffle(grids)
    paper.items = [*[i for i in paper.items if isinstance(i, str) and not i.startswith(("二、", "三、", "四、"))], *grids]


@structure
def table_split(paper: Paper, rng: Random) -> None:
    """The table of requests cut in two, the second part without a header and with a line between."""
    grid = paper.grid("requests")
    at = rng.choice(grid.body_rows()[2:-2])
    below = copy_of(grid)
    grid.boxes = [replace(b, row_span=min(b.end_row, at) - b.row) for b in grid.boxes if b.row < at]
    parts = [b for b in below.boxes if b.end_row > at]
    below.boxes = [replace(b, row=max(b.row - at, 0), row_span=b.end_row - max(b.row, at)) for b in parts]
    if rng.random() < 0.5:
        for box in below.boxes:
            box.text = "" if box.role == "group" and box.row == 0 else box.text
    below.head_rows, below.above = 0, [rng.choice(("续表", "（接上表）", "- 3 -", ""))]
    paper.items.insert(paper.items.index(grid) + 1, below)


@structure
def columns_split(paper: Paper, rng: Random) -> None:
    """The table of requests cut into left and right parts, one below the other, the labels in both."""
    grid = paper.grid("requests")
    first = grid.first_figure_column()
    cut = first + rng.randint(2, 5)
    right = copy_of(grid)
    right.boxes = [
        replace(b, column=max(b.column - cut + first, first) if b.column >= first else b.column,
                column_span=b.end_column - max(b.column, cut) if b.column >= first else b.column_span)
        for b in right.boxes if b.column < first or b.end_column > cut
    ]  # fmt: skip
    grid.boxes = [replace(b, column_span=min(b.end_column, cut) - b.column) for b in grid.boxes if b.column < cut]
    paper.items.insert(paper.items.index(grid) + 1, right)


@structure
def empty_form(paper: Paper, rng: Random) -> None:
    """A form that nobody filled in follows the report."""
    grid = some_grid(paper, rng)
    other = other_of(grid, rng)
    mark = rng.choice(("", "X", "××", "0", "…"))
    for box, own in zip(other.boxes, grid.boxes, strict=True):
        if own.place:
            box.text = mark
    other.above = [rng.choice(("附件：填报模板", "样表", ""))]
    paper.items.insert(paper.items.index(grid) + rng.randint(0, 1), other)


@structure
def other_report(paper: Paper, rng: Random) -> None:
    """A report of another year follows in the same file, title and all."""
    year = paper.report.year
    title = f"{paper.report.issuer}{year - 1}年政府信息公开工作年度报告"
    tail: list[str | Grid] = [title]
    for item in paper.items:
        tail.append(other_of(item, rng) if isinstance(item, Grid) else item.replace(str(year), str(year - 1)))
    paper.items += tail


@structure
def narrative_table(paper: Paper, rng: Random) -> None:
    """A table of general figures (公开渠道, 发文数) before the statutory ones."""
    rows = [("政府网站", number(rng)), ("政务微博", number(rng)), ("政务微信", number(rng)), ("总计", number(rng))]
    boxes = [Box(0, 0, 1, 1, "渠道", "head"), Box(0, 1, 1, 1, "本年公开数量", "head")]
    for k, (name, count) in enumerate(rows, 1):
        boxes += [Box(k, 0, 1, 1, name, "label"), Box(k, 1, 1, 1, count, "number")]
    paper.items.insert(1, Grid("other", boxes, 1))


@structure
def requests_summary(paper: Paper, rng: Random) -> None:
    """A small table with some rows of requests of the last years stands in the text."""
    year = paper.report.year
    heads = ["项目", f"{year - 2}年", f"{year - 1}年", f"{year}年"]
    boxes = [Box(0, k, 1, 1, t, "head") for k, t in enumerate(heads)]
    names = [
        "本年新收政府信息公开申请数量",
        "上年结转政府信息公开申请数量",
        "予以公开",
        "部分公开",
        "不予公开",
        "无法提供",
        "不予处理",
        "其他处理",
        "总计",
        "结转下年度继续办理",
    ]
    for k, name in enumerate(names, 1):
        boxes += [Box(k, 0, 1, 1, name, "label"), *(Box(k, c, 1, 1, number(rng), "number") for c in (1, 2, 3))]
    paper.items.insert(rng.choice((1, len(paper.items))), Grid("other", boxes, 1))
