"""Tables by their figures: rows, columns and the rulings that they would have, whatever is left of the drawn ones."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import Pdf
from pipeline.domain import BBox, Page, Ruling, Word
from pipeline.grid.figure_body import find_bodies
from pipeline.grid.figure_grid import figure_grids
from pipeline.grid.pieces import Piece
from pipeline.grid.ruled import page_to_ruled

XS, PITCH, EM = (200.0, 240.0, 280.0, 320.0), 20.0, 10.0


def word(text: str, x: float, y: float, width: float | None = None) -> Word:
    wide = width if width is not None else 0.6 * EM * len(text)
    return Word(text, BBox(x - wide / 2, y - EM / 2, x + wide / 2, y + EM / 2), 1)


def table(rows: Sequence[Sequence[str]], top: float = 100.0) -> list[Word]:
    """Words of rows: a label, and figures below one another."""
    words = []
    for r, (label, *figures) in enumerate(rows):
        y = top + r * PITCH
        words.append(word(label, 130.0, y, 60.0))
        words += [word(f, x, y) for f, x in zip(figures, XS, strict=True) if f]
    return words


ROWS = [
    ("本年新收数量", "12", "3", "0", "15"),
    ("上年结转数量", "0", "0", "7", "7"),
    ("予以公开", "1", "1", "1", "3"),
    ("部分公开", "", "2", "", "2"),
    ("不予公开", "10", "105", "6", "121"),
]


def cut(words: Sequence[Word], rulings: Sequence[Ruling] = ()) -> Piece:
    """The one table of a page whose rulings are made whole."""
    (grid,) = figure_grids(words, rulings, 1)
    pieces = page_to_ruled(Page(1, 500.0, 700.0, tuple(words), grid.rulings), Pdf()).pieces
    assert len(pieces) == 1
    return pieces[0]


def texts(piece: Piece) -> list[list[str]]:
    return [[c.text for c in piece.cells if c.row == r] for r in range(piece.n_rows)]


def test_words_alone_give_every_figure_its_cell() -> None:
    assert texts(cut(table(ROWS))) == [list(row) for row in ROWS]


def test_a_line_is_made_whole_where_a_part_of_it_is_left() -> None:
    left = Ruling(257.0, 95.0, 257.0, 110.0, 1)
    (grid,) = figure_grids(table(ROWS), [left], 1)
    body = [r for r in grid.rulings if r.is_vertical and abs(r.x0 - 257.0) < 0.1]
    assert max(r.bottom for r in body) - min(r.top for r in body) > 4 * PITCH


def test_rests_of_an_upright_are_no_rows() -> None:
    rests = [word("1", 221.0, y, 1.5) for y in (109.0, 131.0, 149.0)]
    assert cut([*table(ROWS), *rests]).n_rows == len(ROWS)


def test_a_row_without_figures_between_two_lines_stays_a_row() -> None:
    words = [w for w in table(ROWS) if w.bbox.center[1] != 140.0 or "公开" in w.text]
    lines = [Ruling(100.0, y, 340.0, y, 1) for y in (90.0, 110.0, 130.0, 150.0, 170.0, 190.0)]
    assert texts(cut(words, lines))[2] == ["予以公开", "", "", "", ""]


def test_a_title_over_several_columns_is_not_cut_and_names_read_as_one_are() -> None:
    head = [
        word("申请人情况说明", 260.0, 40.0),
        word("甲", 200.0, 70.0),
        word("商业 科研", 260.0, 70.0, 58.0),
        word("总计", 320.0, 70.0),
    ]
    piece = cut([*head, *table(ROWS)])
    title = next(c for c in piece.cells if "申请人" in c.text)
    assert title.column_span > 1
    first = min(c.row for c in piece.cells if c.text == "12")
    names = [c for c in piece.cells if c.row + c.row_span == first and c.bbox is not None and c.bbox.x0 > 170.0]
    assert len(names) == 4


def test_two_tables_apart_are_two_bodies() -> None:
    lower = table([("结果", "4", "57", "27", "88")], top=330.0)
    names = [word("结果纠正", 240.0, 300.0)]
    assert [len(b.rows) for b in find_bodies([*table(ROWS), *names, *lower])] == [5, 1]


def test_the_expected_number_of_columns_decides_a_tie() -> None:
    rows = [table([("甲乙", "1", "2", "3", "4")], 100.0), table([("丙丁", "1", "2", "3", "")], 120.0)]
    words = [w for row in rows for w in row]
    assert [len(b.columns) for b in find_bodies(words)] == [4]
    assert [len(b.columns) for b in find_bodies(words, counts={3})] == [3]


anywhere = st.builds(
    word,
    st.sampled_from(["1", "0", "12", "3,456", "-", "公开", "一、本年", "\ufffd", "|", "自然人"]),
    st.floats(0, 500),
    st.floats(0, 700),
    st.one_of(st.none(), st.floats(0.5, 120)),
)
line = st.builds(
    lambda x, y, length, upright: Ruling(x, y, x, y + length, 1) if upright else Ruling(x, y, x + length, y, 1),
    st.floats(0, 500),
    st.floats(0, 700),
    st.floats(1, 400),
    st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(anywhere, max_size=40), st.lists(line, max_size=12))
def test_whatever_lies_on_a_page_gives_grids_that_lie_apart(words: list[Word], rulings: list[Ruling]) -> None:
    grids = figure_grids(words, rulings, 1, (3, 7))
    for grid in grids:
        assert grid.rows >= 1 and grid.columns >= 2
        assert all(r.x0 <= r.x1 and r.top <= r.bottom for r in grid.rulings)
    assert all(a.bbox.bottom <= b.bbox.bottom for a, b in zip(grids, grids[1:], strict=False))
