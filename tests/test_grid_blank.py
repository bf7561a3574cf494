"""Tables without rulings of which every figure is blank: their heads and labels alone show rows and columns."""

from __future__ import annotations

from pipeline.domain import BBox, Word
from pipeline.grid.anew import begins_anew
from pipeline.grid.edges import Edge
from pipeline.grid.run_ends import extend
from pipeline.grid.segments import words_to_segment_lines
from tests.test_grid import word
from tests.test_grid_unruled import centre, left, right, rows_of, sure_pieces

HEADS = ("自然人", "商业企业", "总计")
LABELS = ("一、新收申请数量", "二、结转申请数量", "（一）予以公开", "（二）部分公开", "四、结转下年度办理")


def head(y: float) -> list[Word]:
    return [left("（各项之和）", 60, y), *(centre(t, x, y) for t, x in zip(HEADS, (300, 370, 440), strict=True))]


def blank(labels: tuple[str, ...] = LABELS) -> list[Word]:
    return [*head(100), *(left(t, 60, 122 + 18 * k) for k, t in enumerate(labels))]


def body(labels: tuple[str, ...] = LABELS) -> list[list[str]]:
    return [["（各项之和）", *HEADS], *([t, "", "", ""] for t in labels)]


def test_heads_and_labels_make_a_table():
    (piece,) = sure_pieces(blank())
    assert rows_of(piece) == body()


def test_what_follows_is_no_row():
    for below in (left("申请办理", 60, 240), left("注：无", 60, 212), word("五、存在问题", 60, 216, 14)):
        (piece,) = sure_pieces([*blank(), below])
        assert rows_of(piece) == body()


def test_two_blank_tables_are_parted_by_a_heading():
    second = [*(centre(t, x, 260) for t, x in zip(("维持", "纠正", "其他"), (300, 370, 440), strict=True))]
    second += [left("复议", 60, 278), left("诉讼", 60, 296)]
    pieces = sure_pieces([*blank(), left("四、复议诉讼", 60, 236), *second])
    assert [p.n_rows for p in pieces] == [6, 3] and rows_of(pieces[0]) == body()


def test_labels_of_two_lines_are_one_row():
    words = [*head(100), left("一、新收的政府信息", 60, 122), left("公开申请数量", 60, 133)]
    words += [left("二、结转申请数量", 60, 155), left("三、其他", 60, 177)]
    (piece,) = sure_pieces(words)
    assert [r[0] for r in rows_of(piece)[1:]] == ["一、新收的政府信息\n公开申请数量", "二、结转申请数量", "三、其他"]


def test_a_letter_of_a_label_written_downwards_is_no_value():
    words = [*head(100), left("一、新收申请数量", 60, 122), left("二、结转申请数量", 60, 140)]
    words += [left(t, 110, 158 + 18 * k) for k, t in enumerate(("1.不掌握", "2.没有现成", "3.不明确"))]
    words += [Word(t, BBox(62, 154 + 10.8 * k, 71, 163 + 10.8 * k), 1) for k, t in enumerate("无法提供")]
    (piece,) = sure_pieces([*words, left("四、结转下年度", 60, 212)])
    assert piece.n_rows == 7 and all(not c.text for c in piece.cells if c.column >= piece.n_columns - 3 and c.row)


def test_a_heading_below_a_note_is_no_head_though_a_line_runs_above_both():
    words = [left("甲", 60, 100), right("3", 310, 100), left("备注：空白表示无此项", 70, 130), left("四、复议情况", 60, 148)]
    lines = words_to_segment_lines([*words, *(centre(t, x, 168) for t in ("维持",) for x in (78, 300))])
    assert extend(lines, 3, 3, [Edge(112, 55, 420)], 1, 240) == (3, 3)
    assert extend(lines, 3, 3, [Edge(139, 55, 420)], 1, 240) == (2, 3)


def test_letters_of_a_label_written_downwards_may_be_of_any_height():
    items = [left(f"（{n}）答复申请", 90, 158 + 18 * k) for k, n in enumerate("一二三四")]
    letters = [word(t, 64, y, size) for t, y, size in (("三", 168, 6), ("本", 184, 10), ("年", 203, 13))]
    (piece,) = sure_pieces([*blank(LABELS[:2]), *items, *letters, left(LABELS[-1], 60, 230)])
    assert piece.n_rows == 8


def test_a_wider_head_below_a_heading_begins_a_table():
    first = [left("信息内容", 60, 100), centre("处理决定", 400, 100), left("行政处罚", 60, 118), left("行政强制", 60, 136)]
    second = [centre("第二十条第（八）项", 250, 154), left("信息内容", 60, 172), centre("本年收费金额（单位：万元）", 400, 172)]
    lines = words_to_segment_lines([*first, *second])
    assert begins_anew(lines, [0], 4, 250, ())


def form(y: float, number: str, head: str, *labels: str, figure: str = "") -> list[Word]:
    """A table of two columns below its heading; the last of its rows may hold a figure."""
    words = [centre(f"第二十条第（{number}）项", 250, y), centre("信息内容", 150, y + 18), centre(head, 350, y + 18)]
    words += [left(label, 60, y + 36 + 18 * k) for k, label in enumerate(labels)]
    return [*words, right(figure, 440, y + 18 + 18 * len(labels))] if figure else words


def test_blank_tables_of_two_columns_are_known_by_the_head_of_others():
    first = form(100, "五", "处理决定数量", "行政许可", figure="433")
    second = form(160, "六", "处理决定数量", "行政处罚", "行政强制")
    third = form(240, "八", "本年收费金额（单位：万元）", "行政事业性收费")
    pieces = sure_pieces([*first, *second, *third])
    assert [rows_of(p)[1:] for p in pieces] == [
        [["行政许可", "433"]],
        [["行政处罚", ""], ["行政强制", ""]],
        [["行政事业性收费", ""]],
    ]
    # A figure may stand beside its head: what was not read there is asked for.
    assert {p.xs[-1] for p in pieces} == {440.0}


def test_two_texts_beside_one_another_are_no_table_by_themselves():
    alone = [left("联系人姓名", 60, 100), left("办公地点", 350, 100), left("人民路", 60, 118)]
    assert sure_pieces(alone) == []
    other = [left("联系电话号码", 60, 160), left("办公时间", 350, 160), left("工作日", 60, 178)]
    assert sure_pieces([*alone, *other]) == []
