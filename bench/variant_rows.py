"""Reports whose tables have further rows or columns, or fewer."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from bench.variant_parts import number, row_of, some_grid, structure
from bench.variant_sheets import Box, Paper


@structure
def remark_column(paper: Paper, rng: Random) -> None:
    """备注 behind, empty or with a word or figure."""
    grid, text = some_grid(paper, rng), rng.choice(("", "无", "0", "5", "含网上", "见附件"))
    grid.add_column(grid.n_columns, "备注", lambda r: text)


@structure
def share_column(paper: Paper, rng: Random) -> None:
    """占比 behind the total or between the figures."""
    grid = some_grid(paper, rng)
    at = rng.choice((grid.n_columns, grid.first_figure_column() + 1))
    grid.add_column(at, rng.choice(("占比", "比重（%）", "同比增长")), lambda r: rng.choice(("12.5%", "12.5", "3", "0")))


@structure
def growth_column(paper: Paper, rng: Random) -> None:
    """Last year's total and the change, behind the total."""
    grid = paper.grid("requests")
    grid.add_column(grid.n_columns, rng.choice(("上年总计", "上年数", "去年同期", "2022年")), lambda r: number(rng))
    grid.add_column(grid.n_columns, rng.choice(("同比增减", "增减", "较上年")), lambda r: number(rng))


@structure
def serial_column(paper: Paper, rng: Random) -> None:
    """Row numbers in front of the labels."""
    grid = some_grid(paper, rng)
    first = min(grid.body_rows())
    grid.add_column(0, rng.choice(("序号", "行次", "编号", "")), lambda r: str(r - first + 1))


@structure
def serial_behind_labels(paper: Paper, rng: Random) -> None:
    """Row numbers between labels and figures, as in statistical forms."""
    grid = paper.grid("requests")
    first = min(grid.body_rows())
    grid.add_column(grid.first_figure_column(), rng.choice(("行次", "序号", "代码", "")), lambda r: str(r - first + 1))


@structure
def code_row(paper: Paper, rng: Random) -> None:
    """A row of column numbers below the header (甲 乙 1 2 3)."""
    grid = some_grid(paper, rng)
    at, first = min(grid.body_rows()), grid.first_figure_column()
    marks = [Box(at, c, 1, 1, str(c - first + 1), "head") for c in range(first, grid.n_columns)]
    grid.add_row(at, [*([Box(at, 0, 1, first, rng.choice(("甲", "栏次", "")), "head")] if first else []), *marks])


@structure
def unit_column(paper: Paper, rng: Random) -> None:
    """计量单位 between labels and figures."""
    grid = some_grid(paper, rng)
    grid.add_column(grid.first_figure_column(), "计量单位", lambda r: "件")


@structure
def blank_column(paper: Paper, rng: Random) -> None:
    """A column without anything among the figures."""
    grid = some_grid(paper, rng)
    grid.add_column(rng.randint(grid.first_figure_column(), grid.n_columns - 1), "", lambda r: "")


@structure
def further_applicant(paper: Paper, rng: Random) -> None:
    """An applicant more; the total counts it."""
    grid = paper.grid("requests")
    name = rng.choice(("新闻媒体", "行政机关", "律师", "外国人", "小计"))
    at = rng.randint(grid.first_figure_column(), grid.n_columns - 1)
    grid.add_column(at, name, lambda r: number(rng))


@structure
def further_court(paper: Paper, rng: Random) -> None:
    """A result more in the table of reviews and suits."""
    grid = paper.grid("litigation")
    grid.add_column(rng.choice((4, 5, 9)), rng.choice(("撤回", "调解", "驳回")), lambda r: number(rng))


@structure
def towns_columns(paper: Paper, rng: Random) -> None:
    """Figures of two towns beside those of the county."""
    grid = rng.choice([g for g in paper.grids() if g.name.startswith("art20")])
    for name in ("青石镇", "柳河乡"):
        grid.add_column(grid.n_columns, name, lambda r: number(rng))


@structure
def two_years_columns(paper: Paper, rng: Random) -> None:
    """Beside each column that of the year before, in the tables of section 二."""
    for grid in [g for g in paper.grids() if g.name.startswith("art20")]:
        for at in sorted({b.column for b in grid.figures()}, reverse=True):
            grid.add_column(at + 1, "上年", lambda r: number(rng))


@structure
def total_row(paper: Paper, rng: Random) -> None:
    """合计 below all rows."""
    grid = some_grid(paper, rng)
    label = rng.choice(("合计", "总计", "小计", "总 计"))
    grid.add_row(grid.n_rows, row_of(grid, grid.n_rows, label, lambda c: number(rng)))


@structure
def share_row(paper: Paper, rng: Random) -> None:
    """占比 below all rows."""
    grid = some_grid(paper, rng)
    grid.add_row(grid.n_rows, row_of(grid, grid.n_rows, "占比", lambda c: rng.choice(("12.5%", "0", "33"))))


@structure
def last_year_row(paper: Paper, rng: Random) -> None:
    """Last year's figures below a row."""
    grid = some_grid(paper, rng)
    at = rng.choice(grid.body_rows()) + 1
    label = rng.choice(("上年同期", "2022年", "去年", "其中：上年", "同比"))
    grid.add_row(at, row_of(grid, at, label, lambda c: number(rng)))


@structure
def of_which_row(paper: Paper, rng: Random) -> None:
    """其中 below a row, or a row more among the reasons."""
    grid = paper.grid("requests")
    at = rng.choice(grid.body_rows()) + 1
    label = rng.choice(
        ("其中：网络申请", "其中：本级", "其中：当面", "9.其他", "4.其他情形", "6.其他", "（八）撤回申请", "备注", "")
    )
    grid.add_row(at, row_of(grid, at, label, lambda c: number(rng)))


@structure
def note_row(paper: Paper, rng: Random) -> None:
    """A row of words or figures over the whole width."""
    grid = some_grid(paper, rng)
    text = rng.choice(
        (
            "续表",
            "（单位：件）",
            "填表人：张三 电话：0512-51234567",
            "注：1.本表数据截至12月31日。",
            "2023年",
            "3",
            "审核：李四 2024年1月20日",
        )
    )
    at = rng.choice((0, grid.n_rows, rng.randint(1, grid.n_rows - 1)))
    grid.add_row(at, [Box(at, 0, 1, grid.n_columns, text, "head")])


@structure
def blank_rows(paper: Paper, rng: Random) -> None:
    """Rows without anything."""
    grid = some_grid(paper, rng)
    for _ in range(2):
        at = rng.choice(grid.body_rows())
        grid.add_row(at, [Box(at, c, 1, 1, "", "number") for c in range(grid.n_columns)])


@structure
def header_again(paper: Paper, rng: Random) -> None:
    """The header once more among the rows."""
    grid = paper.grid("requests")
    at = rng.choice(grid.body_rows()[1:])
    heads = [replace(b) for b in grid.boxes if b.row < grid.head_rows]
    for k in range(grid.head_rows):
        grid.add_row(at + k, [])
    grid.boxes += [replace(b, row=b.row + at) for b in heads]


@structure
def lost_column(paper: Paper, rng: Random) -> None:
    """A column left out, header and all."""
    grid = paper.grid("requests")
    paper.lose(grid.drop_column(rng.randint(grid.first_figure_column(), grid.n_columns - 1)))


@structure
def lost_row(paper: Paper, rng: Random) -> None:
    """A row left out, label and all."""
    grid = paper.grid("requests")
    paper.lose(grid.drop_row(rng.choice(grid.body_rows())))


@structure
def lost_rows(paper: Paper, rng: Random) -> None:
    """Only the rows that are not all 0 are printed."""
    grid = paper.grid("requests")
    for at in reversed(grid.body_rows()):
        figures = [b for b in grid.figures() if b.row == at]
        if not any(b.value for b in figures):
            paper.lose(grid.drop_row(at))


@structure
def lost_label(paper: Paper, rng: Random) -> None:
    """A row without its label."""
    grid = paper.grid("requests")
    at = rng.choice(grid.body_rows())
    for box in grid.boxes:
        if box.row == at and box.role == "label":
            box.text = ""


@structure
def lost_header(paper: Paper, rng: Random) -> None:
    """A table without its header."""
    grid = some_grid(paper, rng)
    for box in [b for b in grid.boxes if b.role in ("head", "corner")]:
        box.text = ""
