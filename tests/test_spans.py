"""Figures that cover several columns of a scanned table."""

from __future__ import annotations

from pipeline.domain import Origin, Table, TableCell
from pipeline.ocr.words import UNREAD
from pipeline.run.spans import SHARED, TWO_IN_ONE, WIDE, flag_wide_figures, mark_lone_letters


def table(*cells: TableCell) -> Table:
    return Table(cells, 3, 3, 1, None, Origin.OCR, "rulings", pages=(1,))


def cell(row: int, column: int, text: str, span: int = 1) -> TableCell:
    return TableCell(row, column, 1, span, text, 1)


HEADS = (cell(0, 0, "申请人"), cell(0, 1, "法律服务机构"), cell(0, 2, "其他"))


def test_a_figure_under_two_headers_is_in_doubt() -> None:
    done = flag_wide_figures(table(*HEADS, cell(1, 0, "3"), cell(1, 1, "466", 2)), {1})
    assert isinstance(done, Table)
    assert [c.doubt for c in done.cells] == [None, None, None, None, WIDE]
    assert not done.cells[-1].certain and done.cells[-1].text == "466"


def test_a_figure_as_wide_as_its_header_is_certain() -> None:
    wide = table(cell(0, 0, "信息内容"), cell(0, 1, "本年收费金额", 2), cell(1, 0, "行政事业性收费"), cell(1, 1, "97", 2))
    assert flag_wide_figures(wide, {1}) == wide


def test_a_body_grouped_unlike_its_header_is_certain_if_nothing_is_lost() -> None:
    heads = (cell(0, 0, "信息内容"), cell(0, 1, "本年新制作数量"), cell(0, 2, "对外公开总数量", 2))
    whole = Table(
        (*heads, cell(1, 0, "规章"), cell(1, 1, "4", 2), cell(1, 3, "77")), 2, 4, 1, None, Origin.OCR, "rulings", pages=(1,)
    )
    assert flag_wide_figures(whole, {1}) == whole
    lost = Table((*heads, cell(1, 0, "规章"), cell(1, 1, "477", 3)), 2, 4, 1, None, Origin.OCR, "rulings", pages=(1,))
    done = flag_wide_figures(lost, {1})
    assert isinstance(done, Table)
    assert done.cells[-1].doubt == WIDE


def test_figures_that_share_a_header_are_in_doubt() -> None:
    heads = (
        cell(0, 0, "申请人"),
        cell(0, 1, "自然人"),
        cell(0, 2, "法律服务机构其他", 2),
        cell(0, 4, "总计"),
        cell(0, 5, "备注"),
    )
    figures = [cell(1, k, t) for k, t in enumerate(("新收", "5", "117", "57", "179", "8"))]
    done = flag_wide_figures(Table((*heads, *figures), 2, 6, 1, None, Origin.OCR, "rulings", pages=(1,)), {1})
    assert isinstance(done, Table)
    assert [c.doubt for c in done.cells[5:]] == [None, None, SHARED, SHARED, None, None]


def test_a_row_with_two_figures_in_one_cell_is_in_doubt() -> None:
    rows = (
        cell(1, 0, "56"),
        cell(1, 1, "17 117\n3"),
        cell(1, 2, "57"),
        cell(2, 0, "4"),
        cell(2, 1, "第 5 条 6"),
        cell(2, 2, "8"),
    )
    done = flag_wide_figures(table(*HEADS, *rows), {1})
    assert isinstance(done, Table)
    assert [c.doubt for c in done.cells[3:]] == [TWO_IN_ONE, None, TWO_IN_ONE, None, None, None]


def test_labels_blanks_and_other_pages_stay() -> None:
    labels = table(*HEADS, cell(1, 0, "一、本年新收", 2), cell(1, 2, ""))
    assert flag_wide_figures(labels, {1}) == labels
    digital = table(*HEADS, cell(1, 1, "466", 2))
    assert flag_wide_figures(digital, ()) == digital


def rows(*texts: str) -> Table:
    cells = tuple(cell(r, k, t) for r, row in enumerate(texts) for k, t in enumerate(row.split()))
    return Table(cells, len(texts), 5, 1, None, Origin.OCR, "alignment", pages=(1,))


def test_a_letter_among_figures_cannot_be_read() -> None:
    done = mark_lone_letters(rows("内容 甲 乙 丙 丁", "新收 1 2 3 4", "结转 山 2 3 4", "公开 5 - 无 4", "总计 6 4 6 9"), {1})
    assert isinstance(done, Table)
    assert [(c.row, c.column) for c in done.cells if c.text == UNREAD] == [(2, 1)]
    assert all(not c.certain and c.doubt == "read as '山'" for c in done.cells if c.text == UNREAD)


def test_letters_that_are_labels_stay() -> None:
    heads = rows("内 甲 乙 丙 丁", "新 1 2 3 4", "结 5 2 3 4", "公 5 - 无 4")
    assert mark_lone_letters(heads, {1}) == heads
    assert mark_lone_letters(rows("新收 1 2 3 4", "结转 山 2 3 4", "公开 5 6 7 4"), ()).cells[6].text == "山"
