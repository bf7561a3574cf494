"""Tables without rulings, or with too few: columns, rows, heads and labels by the alignment of the text."""

from __future__ import annotations

import pytest

from pipeline.config import DEFAULT
from pipeline.domain import BBox, Page, Ruling, Word
from pipeline.grid.edges import rulings_to_edges
from pipeline.grid.lanes import Lane, without_nested
from pipeline.grid.page import page_to_pieces
from pipeline.grid.pieces import Piece
from pipeline.grid.rows import Part, attach_labels
from pipeline.grid.runs import is_tabular
from pipeline.grid.segments import Segment, is_value, words_to_segment_lines
from tests.test_grid import line, texts, word

SIZE = 9.0


def right(text: str, x1: float, y: float) -> Word:
    w = word(text, 0, y, SIZE)
    return word(text, x1 - w.bbox.width, y, SIZE)


def centre(text: str, x: float, y: float) -> Word:
    w = word(text, 0, y, SIZE)
    return word(text, x - w.bbox.width / 2, y, SIZE)


def left(text: str, x: float, y: float) -> Word:
    return word(text, x, y, SIZE)


def sure_pieces(words: list[Word], rulings: list[Ruling] = ()) -> list[Piece]:  # type: ignore[assignment]
    found = page_to_pieces(Page(1, 595, 842, tuple(words), tuple(rulings)), DEFAULT.pdf)
    return [p for p in found if not p.provisional]


def read(words: list[Word], rulings: list[Ruling] = ()) -> Piece:  # type: ignore[assignment]
    (piece,) = sure_pieces(words, rulings)
    return piece


def rows_of(piece: Piece) -> list[list[str]]:
    return [[c.text for c in piece.cells if c.row == r] for r in range(piece.n_rows)]


def test_columns_within_one_another_are_one():
    wide, narrow, apart = Lane(10, 60, False), Lane(20, 50, True), Lane(70, 90, True)
    assert without_nested([wide, narrow, apart]) == [Lane(10, 60, True), apart]
    assert without_nested([wide, apart]) == [wide, apart]


PLAIN = [
    ["项目", "上年", "本年"],
    ["行政许可", "12", "7"],
    ["行政处罚", "0", "1,204"],
    ["行政强制", "3", ""],
    ["合计", "15", "1,211"],
]


def plain(align) -> list[Word]:
    words = []
    for r, cells in enumerate(PLAIN):
        y = 100 + 18 * r
        words.append(left(cells[0], 60, y))
        words += [align(t, x, y) for t, x in zip(cells[1:], (300, 400), strict=True) if t]
    return words


@pytest.mark.parametrize("align", [left, right, centre])
def test_a_plain_table(align):
    assert rows_of(read(plain(align))) == PLAIN


def test_three_rules_are_no_other_table():
    rules = [line(55, y, 420, y) for y in (90, 109, 181)]
    piece = read(plain(right), rules)
    assert rows_of(piece) == PLAIN and all(piece.top_walls)


def test_a_rule_below_every_row():
    assert rows_of(read(plain(right), [line(55, 109 + 18 * k, 420, 109 + 18 * k) for k in range(5)])) == PLAIN


def test_a_frame_and_a_rule_below_the_head():
    frame = [line(55, 90, 420, 90), line(55, 182, 420, 182), line(55, 90, 55, 182), line(420, 90, 420, 182)]
    assert rows_of(read(plain(right), [*frame, line(55, 109, 420, 109)])) == PLAIN


def test_upright_lines_only():
    uprights = [line(x, 90, x, 182) for x in (55, 240, 340, 420)]
    assert rows_of(read(plain(right), [*uprights, line(55, 90, 420, 90), line(55, 182, 420, 182)])) == PLAIN


def test_every_other_row_coloured():
    fills = [line(55, y, 420, y) for y in (109, 127, 145, 163)] + [line(x, y, x, y + 18) for x in (55, 420) for y in (109, 145)]
    assert rows_of(read(plain(right), fills)) == PLAIN


def test_wrapped_labels_stay_with_their_figures():
    words = [centre("合计", 300, 80), centre("其中", 400, 80)]
    for k, (label, value) in enumerate([("甲", "1"), ("丙", "3")]):
        words += [left(label, 60, 100 + 50 * k), right(value, 310, 100 + 50 * k), right(value + "0", 410, 100 + 50 * k)]
    words += [left("乙很长的", 60, 119), left("标签", 60, 130), right("2", 310, 124.5), right("20", 410, 124.5)]
    assert [r[:2] for r in rows_of(read(words))[1:]] == [["甲", "1"], ["乙很长的\n标签", "2"], ["丙", "3"]]


def test_a_row_without_figures_is_a_row():
    words = [w for w in plain(right) if w.text not in ("0", "1,204")]
    assert rows_of(read(words))[2] == ["行政处罚", "", ""]


def test_a_column_without_figures_is_a_column():
    words = [*plain(right), centre("备注数", 480, 100)]
    assert rows_of(read(words))[1] == ["行政许可", "12", "7", ""]


def test_a_head_over_several_columns():
    words = [left("项目", 60, 100), centre("其中", 350, 91)]
    words += [centre("上年", 300, 108), centre("本年", 400, 108)]
    for k in range(3):
        y = 126 + 18 * k
        words += [left(f"{k + 1}.项", 60, y), centre(str(k), 300, y), centre("7", 400, y)]
    piece = read(words)
    assert (0, 1, 1, 2, "其中") in texts(piece)
    assert [c.text for c in piece.cells if c.row == 1 and c.column] == ["上年", "本年"]


def test_heads_beside_their_figures_go_by_order():
    words = [left("信息内容", 110, 100), left("本年制发", 210, 100), left("本年废止", 300, 100), left("现行有效", 400, 100)]
    for k, label in enumerate(("规章", "规范性文件")):
        y = 118 + 18 * k
        words += [left(label, 60, y), *(right(str(k * 3 + c), x, y) for c, x in enumerate((290, 390, 500)))]
    head = ["信息内容", "本年制发", "本年废止", "现行有效"]
    assert rows_of(read(words)) == [head, ["规章", "0", "1", "2"], ["规范性文件", "3", "4", "5"]]


def test_a_label_of_several_rows_stands_over_them():
    words = [centre("甲", 300, 80), centre("乙", 400, 80)]
    for k in range(4):
        words += [left(f"{k + 1}.具体事项", 140, 100 + 18 * k), right(str(k), 310, 100 + 18 * k), right("5", 410, 100 + 18 * k)]
    words += [left("（一）前", 60, 109), left("（二）后", 60, 145)]
    piece = read(words)
    assert (1, 0, 2, 1, "（一）前") in texts(piece) and (3, 0, 2, 1, "（二）后") in texts(piece)


def test_prose_lists_and_contents_are_no_tables():
    words = []
    for k in range(5):
        y = 100 + 18 * k
        words += [left(f"{k}、章", 60, y), left("…" * 20, 120, y), left(str(k), 500, y)]
        words += [left(f"{k}.", 60, y + 200), left("一项说明文字", 90, y + 200)]
    assert sure_pieces(words) == []
    assert not any(is_tabular(x) for x in words_to_segment_lines(words))


def test_values():
    assert all(map(is_value, ["12", "1,234.5", "-5", "增3", "减12", "12%", "-", "—", "无", "/", "４５", "3件", "12.5万元"]))
    assert not any(map(is_value, ["第3", "2024年3月", "甲", "1.项", ""]))


def test_numbers_of_neighbouring_columns_are_not_one_number():
    (narrow,) = words_to_segment_lines([word("1234567", 0, 10), word("7654321", 38, 10)])
    (grouped,) = words_to_segment_lines([word("1", 0, 10), word("234", 8, 10)])
    assert [s.text for s in narrow.segments] == ["1234567", "7654321"]
    assert [s.is_value for s in grouped.segments] == [True]


def test_labels_and_figures_are_matched_by_height():
    parts = [Part(Segment((left(t, 60, y),)), 0, 0) for t, y in (("1.甲", 100), ("2.乙乙", 113), ("乙", 124), ("3.丙", 137))]
    owned, alone = attach_labels(parts, [100.0, 118.5])
    assert owned == [[0], [1, 2]] and alone == [[3]]


def test_labels_of_blank_rows_are_rows_of_their_own_but_for_lines_that_were_full():
    lines = (("规章", 100), ("规范性文件", 113), ("行政许可和其他行政审批", 126), ("事项", 137))
    parts = [Part(Segment((left(t, 60, y),)), 0, 0) for t, y in lines]
    assert attach_labels(parts, []) == ([], [[0], [1], [2, 3]])
    pair = [Part(Segment((left(t, 60, y),)), 0, 0) for t, y in (("行政处罚", 100), ("行政强制", 112))]
    assert attach_labels(pair, []) == ([], [[0], [1]])


def turned(text: str, x: float, top: float) -> Word:
    return Word(text, BBox(x - SIZE / 2, top, x + SIZE / 2, top + SIZE * len(text)), 1, upright=False)


def test_turned_heads_keep_columns_that_are_empty():
    words = [left("项目", 60, 100), centre("行政诉讼", 300, 100)]
    words += [turned(t, x, 115) for t, x in zip(("结果维持", "结果纠正", "尚未审结", "总计"), (240, 280, 320, 360), strict=True)]
    words += [centre("12", 240, 165), centre("12", 360, 165), centre("3", 240, 183), centre("3", 360, 183)]
    words += [left("复议", 60, 165), left("诉讼", 60, 183)]
    piece = read(words)
    assert piece.n_columns == 5
    assert rows_of(piece)[-2:] == [["复议", "12", "", "", "12"], ["诉讼", "3", "", "", "3"]]


def test_a_head_between_two_columns_makes_no_column():
    words = [centre("行政诉讼", 320, 100)]
    xs = (260, 300, 340, 380)
    for k, row in enumerate((["维持", "纠正", "未结", "总计"], ["1", "2", "3", "6"], ["4", "5", "6", "15"])):
        words += [centre(t, x, 118 + 18 * k) for t, x in zip(row, xs, strict=True)]
    words += [left("复议", 60, 136), left("诉讼", 60, 154)]
    assert read(words).n_columns == 5


def test_a_wrapped_group_label_takes_no_row_of_its_first_label():
    names = ["甲项情况说明", "乙项情况说明", "丙项情况说明", "丁项情况说明"]
    words = [left("本年度", 60, 120), left("办理", 60, 132), left("结果", 60, 144)]
    for k, name in enumerate(names):
        words += [left(name, 110, 120 + 18 * k), centre(str(k + 1), 300, 120 + 18 * k), centre("9", 380, 120 + 18 * k)]
    words += [centre("上年", 300, 100), centre("本年", 380, 100)]
    found = rows_of(read(words))
    assert [row[-3:] for row in found[1:]] == [[name, str(k + 1), "9"] for k, name in enumerate(names)]


def test_dots_of_crossing_lines_are_no_lines():
    dots = [Ruling(x, y, x + 0.7, y, 1) for y in (100, 101.5, 103, 104.5) for x in range(60, 300, 2)]
    dots += [Ruling(r.x0, r.top - 0.35, r.x0, r.top + 0.35, 1) for r in dots]
    horizontals, verticals = rulings_to_edges(dots, DEFAULT.pdf)
    assert horizontals
    assert not verticals


@pytest.mark.parametrize(("text", "wider", "columns"), [("à", 0.0, 5), ("à", 40.0, 6), ("7", 0.0, 6)])
def test_a_stray_text_between_figures_makes_no_column_where_there_is_no_room_for_one(text: str, wider: float, columns: int):
    ends = [200.0, 240.0, 280.0 + wider, 320.0 + wider]
    words = [left("label", 60, 100), *(centre("名称", x - 4, 100) for x in ends)]
    for k in range(5):
        words += [left("label", 60, 120 + 20 * k), *(right("-" if k % 2 else "12", x, 120 + 20 * k) for x in ends)]
    stray = centre(text, 256.0 + wider / 2, 160)
    assert read([*words, stray]).n_columns == columns


def test_a_high_letter_of_a_label_written_downwards_parts_no_rows():
    rows = [
        w
        for k in range(6)
        for w in (left(f"（{k + 1}）答复", 90, 100 + 20 * k), right("4", 300, 100 + 20 * k), right("5", 360, 100 + 20 * k))
    ]
    piece = read([*rows, word("本", 60, 148, 14)])
    assert piece.n_rows == 6


def test_low_figures_and_dashes_between_the_lines_of_their_label_are_a_row():
    """Without letters beside them they are lower than the print of the rows around them."""
    words = []
    for r, (label, figures) in enumerate([("行政许可", "12 -"), ("行政处罚", "3 -"), ("", "5 -"), ("行政强制", "- 7")]):
        y = 100 + 18 * r
        words += (
            [left(label, 60, y)]
            if label
            else [left("部分公开（区分处理的，只计这一情形", 60, y - 6), left("不计其他情形）", 60, y + 6)]
        )
        size = SIZE if label else SIZE / 1.45
        words += [word(t, x, y + (SIZE - size) / 2, size) for t, x in zip(figures.split(), (300, 400), strict=True)]
    piece = read(words)
    assert piece.n_rows == 4
    assert rows_of(piece)[2][1:] == ["5", "-"]
