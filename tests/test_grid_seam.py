"""Tables over page breaks: what is joined, what is not, and which cells the break cut."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.config import DEFAULT
from pipeline.domain import BBox, Page, Ruling, Table, TableCell, TextBlock, Word
from pipeline.grid.page import order_items, page_to_pieces
from pipeline.grid.pieces import Piece
from pipeline.grid.second import choose
from pipeline.grid.stitch import stitch
from tests.test_grid import grid, line, texts, word

XS = [60.0, 100.0, 300.0, 400.0, 500.0]
PDF = DEFAULT.pdf


def row(y: float, cells: list[str], page_no: int, xs=XS) -> list[Word]:
    return [word(t, xs[k] + 4, y, 9, page_no) for k, t in enumerate(cells) if t]


def page(page_no: int, rows: list[list[str]], top: float, rulings: list[Ruling] | None = None, xs=XS, extra=()) -> Page:
    """A page with a table of 20-pt rows from `top`, fully ruled unless `rulings` are given."""
    ys = [top + 20 * k for k in range(len(rows) + 1)]
    words = [w for k, cells in enumerate(rows) for w in row(ys[k] + 10, cells, page_no, xs)]
    return Page(page_no, 595, 842, (*words, *extra), tuple(grid(xs, ys, page_no) if rulings is None else rulings))


def tables(*pages: Page) -> list[Table]:
    items = [i for p in pages for i in order_items(p, page_to_pieces(p, PDF))]
    bottoms = {p.page_no: 782.0 for p in pages}
    return [b for b in stitch(items, bottoms) if isinstance(b, Table)]


def test_rows_go_on_and_page_numbers_do_not_matter():
    number = word("- 1 -", 290, 815)
    first = page(1, [["A", "名称", "合计", "其中"], ["1", "甲", "10", "3"]], 740, extra=[number])
    (table,) = tables(first, page(2, [["2", "乙", "20", "4"]], 60))
    assert (table.n_rows, table.pages) == (3, (1, 2))
    assert [(c.page_no, c.text) for c in table.cells if c.column == 1] == [(1, "名称"), (1, "甲"), (2, "乙")]


def test_a_repeated_header_is_dropped():
    head = ["A", "名称", "合计", "其中"]
    (table,) = tables(page(1, [head, ["1", "甲", "10", "3"]], 740), page(2, [head, ["2", "乙", "20", "4"]], 60))
    assert [c.text for c in table.cells if c.column == 1] == ["名称", "甲", "乙"]


def test_the_end_of_a_label_below_the_open_side_of_its_cell_parts_no_table():
    ys = (720.0, 740.0, 760.0)
    rulings = [line(60, y, 500, y) for y in ys[:2]] + [line(100, 760, 500, 760)] + [line(x, 720, x, 760) for x in XS]
    head = ["A", "名称", "合计", "其中"]

    def upper(end: Word) -> Page:
        return page(1, [head, ["(三)不予", "甲", "10", "3"]], 720, rulings, extra=[end])

    lower = page(2, [head, ["", "乙", "20", "4"]], 60)
    (table,) = tables(upper(word("公开", 70, 766, 9)), lower)
    assert [c.text for c in table.cells if c.column == 1] == ["名称", "甲", "乙"]
    # Text below a closed cell, or further down, is none of a cell.
    assert len(tables(upper(word("附注", 120, 766, 9)), lower)) == 2
    assert len(tables(upper(word("公开", 70, 778, 9)), lower)) == 2


def test_a_heading_between_two_tables_parts_them():
    heading = word("二、另一张表", 60, 60, 14, 2)
    second = page(2, [["2", "乙", "20", "4"]], 100, extra=[heading])
    assert [t.n_rows for t in tables(page(1, [["1", "甲", "10", "3"]], 740), second)] == [1, 1]


def test_other_columns_are_another_table():
    other = page(2, [["2", "乙", "20", "4"]], 60, xs=[60, 150, 250, 350, 500])
    assert len(tables(page(1, [["1", "甲", "10", "3"]], 740), other)) == 2


def test_a_table_that_ends_in_mid_page_and_a_new_head_are_two_tables():
    head = ["A", "名称", "合计", "其中"]
    other = ["A", "项目", "收入", "支出"]
    assert len(tables(page(1, [head, ["1", "甲", "10", "3"]], 200), page(2, [other, ["2", "乙", "20", "4"]], 60))) == 2


def test_the_total_row_on_the_next_page_with_merged_labels_belongs_to_the_table():
    xs = [60, 300, 400, 500]
    last = Page(2, 595, 842, (word("合计", 150, 70, 9, 2), *row(70, ["", "30", "7"], 2, xs)), tuple(grid(xs, [60, 80], 2)))
    (table,) = tables(page(1, [["1", "甲", "10", "3"]] * 4, 680), last)
    assert texts(table)[-3:] == [(4, 0, 1, 2, "合计"), (4, 2, 1, 1, "30"), (4, 3, 1, 1, "7")]


def cut(
    first_last: list[str], second_first: list[str], upper_open: list[int], lower_open: list[int], label: str = "结果"
) -> Table:
    """Two pages whose seam has no line over the columns given; the first column is one cell on both pages."""
    ys, zs = [700, 720, 740, 760], [60, 80, 100]
    upper = [r for r in grid(XS, ys, 1) if r.is_vertical]
    upper += [line(XS[1], y, XS[-1], y, 1) for y in ys[1:3]] + [line(XS[0], 700, XS[-1], 700, 1)]
    upper += [line(XS[k], 760, XS[k + 1], 760, 1) for k in range(4) if k not in upper_open]
    lower = [r for r in grid(XS, zs, 2) if r.is_vertical] + [line(XS[1], 80, XS[-1], 80, 2), line(XS[0], 100, XS[-1], 100, 2)]
    lower += [line(XS[k], 60, XS[k + 1], 60, 2) for k in range(4) if k not in lower_open]
    one = page(1, [[label, "1.甲", "1", "2"], ["", "2.乙", "3", "4"], first_last], 700, upper)
    two = page(2, [second_first, ["", "5.戊", "9", "10"]], 60, lower)
    (table,) = tables(one, two)
    return table


def test_a_merged_label_goes_on_where_no_line_is_drawn():
    table = cut(["", "3.丙", "5", "6"], ["", "4.丁", "7", "8"], [0, 1, 2, 3], [0])
    assert texts(table)[0] == (0, 0, 5, 1, "结果") and table.n_rows == 5


def test_a_merged_label_goes_on_though_lines_close_both_parts():
    table = cut(["", "3.丙", "5", "6"], ["", "4.丁", "7", "8"], [], [])
    assert texts(table)[0] == (0, 0, 5, 1, "结果")


def test_a_label_split_over_the_break_is_one_label():
    table = cut(["", "3.丙", "5", "6"], ["反馈", "4.丁", "7", "8"], [0], [0])
    assert texts(table)[0] == (0, 0, 5, 1, "结果\n反馈")


def test_a_label_printed_again_is_another_cell_also_where_its_mark_is_lost():
    for again in ("三、处理结果", "三处理结果"):
        table = cut(["", "3.丙", "5", "6"], [again, "4.丁", "7", "8"], [], [], "三、处理结果")
        assert [(c.row, c.row_span) for c in table.cells if c.column == 0] == [(0, 3), (3, 2)]


def test_a_row_cut_in_two_is_one_row():
    table = cut(["", "3.要求行政机关", "5", "6"], ["", "重新出具", "", ""], [0, 1, 2, 3], [0, 1, 2, 3])
    assert (2, 1, 1, 1, "3.要求行政机关\n重新出具") in texts(table) and table.n_rows == 4


def test_a_row_cut_in_two_with_its_figures_on_the_second_page():
    table = cut(["", "3.要求行政机关", "", ""], ["", "重新出具", "5", "6"], [0, 1, 2, 3], [0, 1, 2, 3])
    assert (2, 2, 1, 1, "5") in texts(table) and table.n_rows == 4
    assert next(c for c in table.cells if c.text == "5").page_no == 2


def test_two_rows_of_figures_never_become_one():
    table = cut(["", "丙", "5", "6"], ["", "丁", "7", "8"], [0, 1, 2, 3], [0, 1, 2, 3])
    assert table.n_rows == 5 and [c.text for c in table.cells if c.column == 2] == ["1", "3", "5", "7", "9"]


def test_a_numbered_label_begins_a_row_also_when_its_cells_are_blank():
    table = cut(["", "3.丙", "5", "6"], ["", "4.丁", "", ""], [0, 1, 2, 3], [0, 1, 2, 3])
    assert table.n_rows == 5 and (3, 1, 1, 1, "4.丁") in texts(table)


def test_the_head_at_the_foot_of_a_page_does_not_swallow_blank_cells():
    xs = [60, 200, 300, 400]
    head = [*grid(xs, [720, 760], 1), line(200, 740, 400, 740, 1)]
    words = [word("项目", 70, 740, 9), word("数量", 210, 730, 9), word("金额", 310, 730, 9)]
    words += [word("件", 210, 750, 9), word("元", 310, 750, 9)]
    (table,) = tables(Page(1, 595, 842, tuple(words), tuple(head)), page(2, [["甲", "1", ""], ["乙", "2", ""]], 60, xs=xs))
    assert texts(table)[-6:] == [
        (2, 0, 1, 1, "甲"), (2, 1, 1, 1, "1"), (2, 2, 1, 1, ""),
        (3, 0, 1, 1, "乙"), (3, 1, 1, 1, "2"), (3, 2, 1, 1, ""),
    ]  # fmt: skip


def test_a_single_row_between_upright_lines_goes_on():
    xs = [60, 200, 300, 400]
    ys = [700, 720, 740]
    frameless = [line(60, 720, 400, 720, 1)] + [line(x, 700, x, 740, 1) for x in xs[1:-1]]
    upper = page(1, [["项目", "数量", "金额"], ["甲", "1", "2"]], ys[0], frameless, xs)
    lower = page(2, [["乙乙", "33", "44"]], 60, [line(x, 60, x, 80, 2) for x in xs[1:-1]], xs)
    (table,) = tables(upper, lower)
    assert [t[4] for t in texts(table)] == ["项目", "数量", "金额", "甲", "1", "2", "乙乙", "33", "44"]


# --- two readings


def doubtful_piece():
    rulings = [r for r in grid([0, 50, 100], [0, 20, 40]) if r not in (line(50, 0, 50, 40), line(0, 20, 100, 20))]
    rulings += [line(50, 20, 50, 40), line(50, 20, 100, 20)]
    words = [word("1", 10, 10), word("2", 60, 10), word("3", 10, 30), word("4", 60, 30)]
    (piece,) = page_to_pieces(Page(1, 595, 842, tuple(words), tuple(rulings)), PDF)
    return piece


def regular_piece(last: str = "4"):
    words = [word("1", 10, 10), word("2", 60, 10), word("3", 10, 30), word(last, 60, 30)]
    (piece,) = page_to_pieces(Page(1, 595, 842, tuple(words), tuple(grid([0, 50, 100], [0, 20, 40]))), PDF)
    return piece


def test_lines_that_do_not_close_are_a_doubt():
    piece = doubtful_piece()
    assert piece.doubts and not all(c.certain for c in piece.cells)


def test_the_regular_reading_is_taken_when_it_holds_all_the_text():
    chosen = choose(doubtful_piece(), regular_piece())
    assert (chosen.doubts, len(chosen.cells)) == ((), 4) and "regular" in (chosen.reason or "")


def test_two_readings_that_differ_leave_a_doubt():
    chosen = choose(doubtful_piece(), regular_piece("5"))
    assert any("two readings differ" in d for d in chosen.doubts)
    assert not all(c.certain for c in chosen.cells)


def test_two_readings_that_agree_settle_a_doubt():

    piece = regular_piece()
    unsure = replace(piece, cells=tuple(replace(c, certain=False, doubt="over an edge") for c in piece.cells))
    chosen = choose(unsure, piece)
    assert chosen.doubts == () and all(c.certain for c in chosen.cells)


def banded(foot: str = "", last: str = "4") -> Piece:
    """A table as camelot reads it with a second line around its frame: two outer lanes, and a strip below its first row."""
    xs, ys = (-5.0, 0.0, 50.0, 100.0, 105.0), (-5.0, 0.0, 20.0, 23.0, 43.0)
    texts = {(1, 1): "项目", (1, 2): "数量", (3, 1): "甲", (3, 2): last}
    cells = [TableCell(0, 0, 1, 4, "", 1, BBox(-5, -5, 105, 0)), TableCell(1, 0, 3, 1, "", 1, BBox(-5, 0, 0, 43))]
    for row in (1, 2, 3):
        cells += [
            TableCell(row, j, 1, 1, texts.get((row, j), ""), 1, BBox(xs[j], ys[row], xs[j + 1], ys[row + 1])) for j in (1, 2)
        ]
    cells.append(TableCell(1, 3, 3, 1, "", 1, BBox(100, 0, 105, 43)))
    if foot:
        ys = (*ys, 90.0)
        cells += [TableCell(4, 0, 1, 2, foot, 1, BBox(-5, 43, 50, 90)), TableCell(4, 2, 1, 2, "", 1, BBox(50, 43, 105, 90))]
    return Piece(1, xs, ys, tuple(cells), (True,) * 4, (True,) * 4, "camelot", doubts=("irregular",) if foot else ())


def framed(last: str, foot: str = "") -> Piece:
    """The same table by its rulings, with a doubt about a cell."""
    xs, ys, rows = (0.0, 50.0, 100.0), (0.0, 23.0, 43.0), [("项目", "数量"), ("甲", last)]
    cells = [
        TableCell(i, j, 1, 1, t, 1, BBox(xs[j], ys[i], xs[j + 1], ys[i + 1])) for i, r in enumerate(rows) for j, t in enumerate(r)
    ]
    if foot:
        ys = (*ys, 90.0)
        cells.append(TableCell(2, 0, 1, 2, foot, 1, BBox(0, 43, 100, 90), certain=False, doubt="over an edge"))
    else:
        cells[0] = replace(cells[0], certain=False, doubt="over an edge")
    return Piece(1, xs, ys, tuple(cells), (True,) * 2, (True,) * 2, "rulings")


def test_lanes_too_narrow_for_print_are_no_difference() -> None:
    chosen = choose(framed("4"), banded())
    assert chosen.doubts == () and all(c.certain for c in chosen.cells) and chosen.n_rows == 2
    assert choose(framed("5"), banded()).doubts


@pytest.mark.parametrize(("last", "doubted"), [("4", False), ("5", True)])
def test_readings_that_differ_below_all_figures_alone_leave_the_table_without_a_doubt(last: str, doubted: bool) -> None:
    chosen = choose(framed(last, "第2页共3页"), banded("第2页"))
    assert bool(chosen.doubts) == doubted
    assert [c.certain for c in chosen.cells] == [True, True, True, not doubted, False]


def test_readings_of_a_table_without_figures_that_differ_leave_a_doubt() -> None:
    assert choose(framed("", "第2页共3页"), banded("第2页", "")).doubts


def test_no_second_reading_is_said():
    assert any("no table" in d for d in choose(doubtful_piece(), None).doubts)


def test_a_provisional_row_is_text_where_no_table_goes_on():
    loose = Page(1, 595, 842, (word("经办人", 60, 60), word("2024", 400, 60)), ())
    items = order_items(loose, page_to_pieces(loose, PDF))
    (block,) = stitch(items, {1: 780.0})
    assert isinstance(block, TextBlock) and block.bbox == BBox(60, 55, 420, 65)


def test_blank_rows_at_the_top_of_a_page_belong_to_the_table_before():
    head = page(1, [["A", "名称", "合计", "其中"]], 760)
    (table,) = tables(head, page(2, [["", "", "", ""]], 60, extra=[word("五、存在的问题", 60, 200, 14, 2)]))
    assert (table.n_rows, table.pages) == (2, (1, 2))
    assert [c.text for c in table.cells if c.row == 1] == [""] * 4


def test_a_grid_without_text_is_no_table_where_none_goes_on():
    blank = page(2, [["", "", "", ""]], 60, extra=[word("五、存在的问题", 60, 200, 14, 2)])
    assert tables(page(1, [["A", "名称", "合计", "其中"], ["1", "甲", "10", "3"]], 100), blank)[1:] == []
    assert tables(blank) == []
