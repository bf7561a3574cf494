"""Tables without rulings that are nearly empty: heads, labels and single figures show rows and columns."""

from __future__ import annotations

import pytest

from pipeline.domain import Word
from tests.test_grid_seam import page, tables
from tests.test_grid_unruled import centre, left, read, right, rows_of


def stacked(heads: list[str], xs: list[float], y: float) -> list[Word]:
    """Heads of two lines each, centred at `xs`; a newline parts the lines."""
    return [centre(t, x, y + 11 * k) for head, x in zip(heads, xs, strict=True) for k, t in enumerate(head.split("\n"))]


def test_heads_that_stand_closely_over_blank_columns_are_columns():
    xs = [200.0, 232.0, 264.0, 296.0, 328.0]
    words = stacked(["商业企\n业", "科研机\n构", "社会公\n益组织", "法律服\n务机构", "总计"], xs, 100)
    for k, label in enumerate(("甲项", "乙项", "丙项")):
        words += [left(label, 60, 130 + 18 * k), centre("12", xs[0], 130 + 18 * k), centre("34", xs[4], 130 + 18 * k)]
    found = rows_of(read(words))
    assert [t.replace("\n", "") for t in found[0][-5:]] == ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "总计"]
    assert found[1] == ["甲项", "12", "", "", "", "34"]


def test_a_head_of_one_line_beside_heads_of_two_is_a_column():
    xs = [200.0, 232.0, 264.0, 296.0]
    words = stacked(["自然人", "社会公\n益组织", "法律服\n务机构", "科研机\n构"], xs, 100)
    for k, label in enumerate(("甲项", "乙项", "丙项")):
        words += [left(label, 60, 130 + 18 * k), centre("12", xs[1], 130 + 18 * k), centre("34", xs[2], 130 + 18 * k)]
    assert rows_of(read(words))[1] == ["甲项", "", "12", "34", ""]


def test_figures_set_to_the_right_tell_which_heads_have_none():
    xs = [230.0, 262.0, 294.0, 326.0, 358.0, 390.0]
    words = [centre(t, x, 100) for t, x in zip(("自然", "商业", "科研", "公益", "法律", "总计"), xs, strict=True)]
    for k in range(3):
        y = 118 + 18 * k
        words += [left(f"{k + 1}.某一项事务的情况", 130, y), *(right("7", x + 14, y) for x in (xs[0], xs[3], xs[5]))]
    found = rows_of(read(words))
    assert found[0][-6:] == ["自然", "商业", "科研", "公益", "法律", "总计"]
    assert found[1] == ["1.某一项事务的情况", "7", "", "", "7", "", "7"]


def test_a_row_with_a_single_figure_beside_its_label_keeps_the_table_together():
    words = [centre(t, x, 100) for t, x in (("甲", 300), ("乙", 350), ("总计", 400))]
    words += [left("1.首项", 60, 118), *(centre("5", x, 118) for x in (300, 350, 400))]
    y = 136.0
    for k in range(2, 6):
        words += [left(f"{k}.第{k}项事务的情况", 60, y), left("以及其他", 60, y + 11), left("事务", 60, y + 22)]
        words += [centre("3", 400, y + 11 + 5.5)] if k == 3 else []
        y += 40
    words += [left("6.末项", 60, y), *(centre("5", x, y) for x in (300, 350, 400))]
    found = {row[0].split(".")[0]: row[1:] for row in rows_of(read(words))[1:]}
    assert found["3"] == ["", "", "3"] and found["6"] == ["5", "5", "5"] and found["4"] == ["", "", ""]


def test_labels_without_figures_below_the_last_row_belong_to_the_table():
    words = [centre(t, x, 100) for t, x in (("甲", 400), ("总计", 450))]
    for k, (label, figure) in enumerate((("一、首项", "5"), ("二、次项", "7"), ("（一）公开", "3"))):
        words += [left(label, 60, 124 + 24 * k), centre(figure, 400, 124 + 24 * k), centre(figure, 450, 124 + 24 * k)]
    words += [left("（二）部分公开（区分处理的只计这一情形，不计", 60, 196), left("其他情形）", 60, 207)]
    found = rows_of(read(words))
    assert found[-1] == ["（二）部分公开（区分处理的只计这一情形，不计\n其他情形）", "", ""]


def test_a_section_below_a_table_is_none_of_its_rows():
    words = [centre(t, x, 100) for t, x in (("甲", 400), ("总计", 450))]
    for k, (label, figure) in enumerate((("一、首项", "5"), ("二、次项", "7"), ("（一）公开", "3"))):
        words += [left(label, 60, 124 + 24 * k), centre(figure, 400, 124 + 24 * k), centre(figure, 450, 124 + 24 * k)]
    words += [left("四、行政复议和行政诉讼情况的说明", 60, 196)]
    assert rows_of(read(words))[-1][0] == "（一）公开"


def test_rows_of_labels_after_a_label_like_a_section_go_on():
    words = [centre(t, x, 100) for t, x in (("甲", 300), ("总计", 400))]
    words += [left("一、首项事务的情况", 60, 118), centre("5", 300, 118), centre("5", 400, 118)]
    words += [left("二、次项", 80, 136), left("三", 60, 154), left("（一）公开", 90, 154)]
    words += [left("（二）其他", 90, 172), centre("6", 300, 172), centre("6", 400, 172)]
    piece = read(words)
    assert any("次项" in c.text for c in piece.cells)
    assert [row[-2:] for row in rows_of(piece)[1:]] == [["5", "5"], ["", ""], ["", ""], ["6", "6"]]


def test_a_group_label_beside_a_row_takes_no_row_from_its_label():
    words = [centre(t, x, 90) for t, x in (("甲", 300), ("总计", 400))]
    labels = [("一、新收数量", 60), ("二、结转数量", 60), ("（一）予以公开", 102), ("（二）部分公开", 102)]
    for k, (label, x) in enumerate(labels):
        words += [left(label, x, 110 + 12 * k), centre(str(k), 300, 110 + 12 * k), centre("9", 400, 110 + 12 * k)]
    words += [left("三、本", 60, 133), left("年度办", 60, 145), left("理结果", 60, 157)]
    for k in range(3):
        words += [left(f"{k + 1}.某项", 180, 166 + 12 * k), centre(str(k), 300, 166 + 12 * k), centre("9", 400, 166 + 12 * k)]
    found = rows_of(read(words))
    assert "（二）部分公开" in [cell for row in found for cell in row]


def test_a_head_on_both_pages_makes_no_column_of_its_own():
    head = ["项目", "甲", "乙", "总计"]
    xs = [60.0, 200.0, 300.0, 400.0, 500.0]
    first = page(1, [head, ["1.某项事务", "10", "20", "3"], ["2.某项事务", "1", "20", "4"]], 700, [], xs)
    second = page(2, [head, ["3.某项事务", "100", "7", "3"], ["4.某项事务", "10", "6", "4"]], 60, [], xs)
    (table,) = tables(first, second)
    assert (table.n_rows, table.n_columns) == (5, 4)


@pytest.mark.parametrize("shift", [0.0, 10.0])
def test_heads_of_the_second_level_part_the_columns_between_them(shift: float):
    xs = [60.0 + 34 * k for k in range(10)]
    leaves = ["维持", "纠正", "其他", "未结", "总计"] * 2
    words = [centre("行政诉讼", sum(xs) / 10, 80), centre("直接起诉", xs[2], 98), centre("复议后起诉", xs[7], 98)]
    words += [centre(t, x, 116) for t, x in zip(leaves, xs, strict=True)]
    words += [right(str(k), x + 4 + shift, 134) for k, x in enumerate(xs)]
    cells = {c.text: (c.column, c.column_span) for c in read(words).cells}
    assert cells["直接起诉"] == (0, 5) and cells["复议后起诉"] == (5, 5)


def test_two_labels_in_one_row_are_doubtful():
    words = [centre(t, x, 100) for t, x in (("甲", 300), ("总计", 400))]
    words += [left("1.首项", 60, 118), centre("5", 300, 118), centre("5", 400, 118)]
    words += [left("2.次项", 60, 136), left("3.又一项", 60, 145.5), centre("6", 300, 140.5), centre("6", 400, 140.5)]
    words += [left("4.末项", 60, 165), centre("8", 300, 165), centre("8", 400, 165)]
    piece = read(words)
    doubted = {c.text for c in piece.cells if not c.certain}
    rows = {row[0] for row in rows_of(piece)}
    assert "2.次项\n3.又一项" not in rows or {"6"} <= doubted
