"""Tables without rulings that stand below one another: a heading of any wording and a head of columns part them."""

from __future__ import annotations

import pytest

from pipeline.domain import BBox, Word
from tests.test_grid import word
from tests.test_grid_unruled import PLAIN, centre, left, plain, right, rows_of, sure_pieces

HEADS = ("法律服务机构", "社会公益组织", "科研教育机构", "总计合计数字")
SECOND = [["结果维持", "结果纠正", "尚未审结"], ["4", "0", "17"]]


def second(top: float, align=centre) -> list[Word]:
    return [align(t, x, top + 18 * r) for r, row in enumerate(SECOND) for t, x in zip(row, (110, 230, 360), strict=True)]


def turned(text: str, x: float, top: float) -> Word:
    return Word(text, BBox(x, top, x + 9, top + 9 * len(text)), 1, upright=False)


@pytest.mark.parametrize(
    "heading", ["复议诉讼", "（四）行政复议情况", "4. 行政复议情况", "第四部分 行政复议情况", "四、行政复议情况"]
)
@pytest.mark.parametrize("align", [left, centre])
def test_a_heading_of_any_wording_parts_two_tables(heading: str, align):
    words = [*plain(right), align(heading, 60 if align is left else 240, 200), *second(225)]
    assert [rows_of(p) for p in sure_pieces(words)] == [PLAIN, SECOND]


def test_a_note_and_a_heading_part_two_tables():
    words = [*plain(right), left("说明：不含下属单位", 78, 192), left("复议诉讼", 60, 212), *second(230)]
    assert [rows_of(p) for p in sure_pieces(words)][-1] == SECOND


def test_turned_heads_below_a_heading_begin_a_table():
    words = [*plain(right), left("四、行政复议情况", 60, 200), left("（各项之和）", 60, 245)]
    words += [turned("结果维持", 296, 226), turned("结果纠正", 396, 226)]
    words += [w for k, t in enumerate("甲乙") for w in (left(t, 60, 285 + 18 * k), right("3", 310, 285 + 18 * k))]
    pieces = sure_pieces(words)
    assert len(pieces) == 2 and rows_of(pieces[0]) == PLAIN


def test_a_caption_between_rows_of_like_columns_parts_nothing():
    words = [*plain(right), left("其中市级", 60, 200)]
    words += [w for k, t in enumerate("甲乙") for w in (left(t, 60, 222 + 18 * k), right("3", 310, 222 + 18 * k))]
    assert len(sure_pieces(words)) == 1


def test_labels_of_rows_without_figures_begin_no_table():
    words = [left("项目名称", 60, 100), centre("上年", 300, 100), centre("本年", 400, 100)]
    words += [left("一、新收申请数量", 60, 118), right("12", 310, 118), right("7", 410, 118), left("二、结转申请数量", 60, 136)]
    words += [
        word("三", 62, 154, 9),
        left("（一）公开", 80, 154),
        left("（二）部分", 80, 172),
        right("1", 310, 172),
        right("5", 410, 172),
    ]
    (piece,) = sure_pieces(words)
    assert piece.n_rows == 5


def test_rows_below_a_head_of_letters_written_downwards_begin_no_table():
    """Its letters stand closer than rows do, and most of the rows have no figure."""
    heads = [centre(t, 300 + 60 * k, 66 + 11 * n) for k, name in enumerate(HEADS) for n, t in enumerate(name)]
    words = [*heads, left("一、新收申请数量", 60, 140), right("3", 305, 140), right("3", 485, 140)]
    words += [left("二、结转申请数量", 60, 158), right("2", 305, 158), right("2", 485, 158)]
    labels = ["（一）公开", "1.属于国家秘密", "2.其他法律法规禁止公开的", "3.危及三安全一稳定的其他情形", "4.保护第三方合法权益"]
    words += [left(label, 140, 176 + 18 * r) for r, label in enumerate(labels)]
    words += [word("三", 62, 176 + 18 * 3, 9), left("（七）总计", 60, 266), right("5", 305, 266), right("5", 485, 266)]
    assert len(sure_pieces(words)) == 1
