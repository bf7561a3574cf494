"""Tables without figures over a page break, and heads with a blank row below them."""

from __future__ import annotations

from pipeline.config import DEFAULT
from pipeline.domain import Page, Table, Word
from pipeline.grid.label_rows import with_label_rows
from pipeline.grid.page import order_items, page_to_pieces
from pipeline.grid.pieces import Piece
from pipeline.grid.stitch import stitch
from tests.test_grid import line, word
from tests.test_grid_blank import HEADS, blank, body, head
from tests.test_grid_unruled import centre, left, right, rows_of, sure_pieces

REST = ("1.要求公开出版物", "2.重复申请", "3.其他处理")


def on(page_no: int, words: list[Word]) -> Page:
    return Page(page_no, 595, 230, tuple(Word(w.text, w.bbox, page_no, w.upright) for w in words), ())


def rest(labels: tuple[str, ...] = REST, top: float = 50) -> list[Word]:
    return [left(t, 60, top + 18 * k) for k, t in enumerate(labels)]


def upper() -> tuple[Page, Piece]:
    page = on(1, blank())
    (piece,) = page_to_pieces(page, DEFAULT.pdf)
    return page, piece


def both(words: list[Word]) -> list[Piece]:
    page = on(2, words)
    return with_label_rows(page, page_to_pieces(page, DEFAULT.pdf), upper()[1])


def test_labels_alone_on_the_next_page_are_rows_of_the_table():
    first, piece = upper()
    lower = on(2, rest())
    pieces = with_label_rows(lower, page_to_pieces(lower, DEFAULT.pdf), piece)
    blocks = stitch([*order_items(first, [piece]), *order_items(lower, pieces)], {1: 200.0, 2: 200.0})
    (table,) = [b for b in blocks if isinstance(b, Table)]
    found = [[c.text for c in table.cells if c.row == r] for r in range(table.n_rows)]
    assert found == [*body(), *([t, "", "", ""] for t in REST)]


def test_labels_above_rows_with_figures_are_rows_with_them():
    words = rest() + [
        w for k, t in enumerate(("总计", "结转")) for w in (left(t, 60, 104 + 18 * k), centre("7", 440, 104 + 18 * k))
    ]
    (piece,) = both(words)
    assert [r[0] for r in rows_of(piece)] == [*REST, "总计", "结转"]


def test_a_running_head_is_left_out():
    (piece,) = both([centre("某市某年度报告", 200, 20), *rest(top=70)])
    assert [r[0] for r in rows_of(piece)] == list(REST)


def test_headings_and_paragraphs_are_no_rows():
    assert both([left("四、复议诉讼", 60, 50), left("五、存在问题", 60, 68)]) == []
    assert both([word("1.要求公开", 60, 50, 14), word("2.重复申请", 60, 74, 14)]) == []
    assert both([left("1.本机关一年来认真贯彻落实各项决策部署并持续深化工作", 60, 50), left("2.其他", 60, 68)]) == []


def test_a_blank_row_between_the_lines_below_a_head_is_a_row():
    rules = [line(55, y, 480, y) for y in (90, 110, 130)]
    (piece,) = sure_pieces(head(100), rules)
    assert rows_of(piece) == [["（各项之和）", *HEADS], ["", "", "", ""]]
    assert sure_pieces([*head(100), left("四、复议诉讼", 60, 150)], rules[:2]) == []


def test_figures_of_another_table_join_no_labels():
    words = [*rest(), left("项目", 60, 150), centre("上年", 300, 150), left("甲", 60, 168), right("3", 310, 168)]
    assert [r[0] for r in rows_of(both(words)[0])] == list(REST)
