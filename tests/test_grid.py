"""Rulings → edges → networks → lattice → cells, and words in them: each step by itself."""

from __future__ import annotations

import pytest

from pipeline.config import DEFAULT
from pipeline.domain import BBox, Page, Ruling, Table, TextBlock, Word
from pipeline.grid.blocks import is_page_number, lines_to_blocks, words_to_text_lines
from pipeline.grid.edges import Edge, edges_to_networks, rulings_to_edges
from pipeline.grid.fill import fill_lattice, lattice_to_piece
from pipeline.grid.lattice import CellBox, lattice_to_cells, network_to_lattice
from pipeline.grid.page import order_items, page_to_pieces
from pipeline.grid.pieces import Piece
from pipeline.grid.ruled import page_to_ruled
from pipeline.grid.running_heads import mark_running_heads
from pipeline.grid.stitch import stitch
from pipeline.grid.text import words_to_text

PDF = DEFAULT.pdf


def line(x0: float, top: float, x1: float, bottom: float, page_no: int = 1) -> Ruling:
    return Ruling(x0, top, x1, bottom, page_no)


def grid(xs: list[float], ys: list[float], page_no: int = 1) -> list[Ruling]:
    return [line(xs[0], y, xs[-1], y, page_no) for y in ys] + [line(x, ys[0], x, ys[-1], page_no) for x in xs]


def word(text: str, x: float, y: float, size: float = 10.0, page_no: int = 1, upright: bool = True) -> Word:
    """A word whose middle is at height `y` and whose left edge is at `x`."""
    wide = sum(size if c > "\u2000" else size / 2 for c in text)
    return Word(text, BBox(x, y - size / 2, x + wide, y + size / 2), page_no, upright)


def page(words: list[Word], rulings: list[Ruling], page_no: int = 1) -> Page:
    return Page(page_no, 595, 842, tuple(words), tuple(rulings))


def texts(piece: Piece | Table) -> list[tuple[int, int, int, int, str]]:
    return [(c.row, c.column, c.row_span, c.column_span, c.text) for c in piece.cells]


def lattice_of(rulings: list[Ruling], points=()):
    (network,) = edges_to_networks(*rulings_to_edges(rulings, PDF), PDF.ruling_snap_pt)
    return network_to_lattice(network, PDF.ruling_snap_pt, points)


# --- edges


def test_pieces_of_a_line_are_one_edge_and_short_ones_are_dropped():
    horizontals, verticals = rulings_to_edges([line(0, 10, 50, 10), line(51, 10.5, 90, 10.5), line(200, 10, 202, 10)], PDF)
    assert [(round(e.start), round(e.end)) for e in horizontals] == [(0, 90)] and verticals == []


def test_dots_make_a_line():
    dots = [line(x, 10, x + 0.8, 10) for x in range(0, 60, 2)]
    assert [(e.start, round(e.end)) for e in rulings_to_edges(dots, PDF)[0]] == [(0, 59)]


def test_a_double_line_is_one():
    rulings = grid([0, 50, 100], [0, 20, 40]) + grid([1.5, 51.5, 101.5], [1.5, 21.5, 41.5])
    lattice = lattice_of(rulings)
    assert (lattice.n_rows, lattice.n_columns) == (2, 2)


def test_tables_that_do_not_touch_are_networks_of_their_own():
    edges = rulings_to_edges(grid([0, 50], [0, 20]) + grid([0, 50], [40, 60]), PDF)
    assert [n.bbox.top for n in edges_to_networks(*edges, 3.0)] == [0, 40]


# --- lattice and cells


def test_spans_where_walls_are_missing():
    rulings = [*grid([0, 100], [0, 60]), line(50, 20, 50, 60), line(0, 20, 100, 20), line(50, 40, 100, 40)]
    cells, irregular = lattice_to_cells(lattice_of(rulings))
    assert cells == [CellBox(0, 0, 1, 2), CellBox(1, 0, 3, 1), CellBox(1, 1, 2, 2), CellBox(2, 1, 3, 2)]
    assert not irregular


def test_an_area_that_is_no_rectangle_is_cut_and_named():
    rulings = [*grid([0, 50, 100], [0, 20, 40])]
    rulings = [r for r in rulings if r != line(50, 0, 50, 40) and r != line(0, 20, 100, 20)]
    rulings += [line(50, 20, 50, 40), line(50, 20, 100, 20)]
    cells, irregular = lattice_to_cells(lattice_of(rulings))
    assert len(cells) == 3 and len(irregular) == 2


def test_open_sides_close_at_the_hull():
    no_frame = [line(0, y, 100, y) for y in (20, 40)] + [line(x, 0, x, 60) for x in (30, 60)]
    lattice = lattice_of(no_frame)
    assert (lattice.xs, lattice.ys) == ((0, 30, 60, 100), (0, 20, 40, 60))
    assert not any(lattice.walls_h[0]) and not any(lattice.walls_h[-1])


def test_one_upright_end_is_a_row_only_with_text_beside_it():
    rulings = [line(0, y, 100, y) for y in (20, 40)] + [line(50, 0, 50, 40)] + [line(x, 20, x, 40) for x in (0, 100)]
    assert lattice_of(rulings).n_rows == 1
    assert lattice_of(rulings, [(20, 10)]).n_rows == 2


# --- text of cells


def test_lines_are_joined_by_a_line_feed_and_chinese_without_blanks():
    assert words_to_text([word("本年", 0, 10), word("收费", 21, 10), word("金额", 0, 24)]) == "本年收费\n金额"
    assert words_to_text([word("in", 0, 10), word("force", 14, 10)]) == "in force"
    assert words_to_text([word("总", 0, 10), word("计", 20, 10)]) == "总 计"


def test_characters_one_a_line_read_downwards():
    assert words_to_text([word(c, 0, 10 + 11 * k) for k, c in enumerate("办理结果")]) == "办\n理\n结\n果"


def test_two_columns_of_stacked_characters_read_from_the_right():
    right = [word(c, 30, 10 + 11 * k) for k, c in enumerate("办理")]
    left = [word(c, 0, 10 + 11 * k) for k, c in enumerate("结果")]
    assert words_to_text(left + right) == "办\n理\n结\n果"


def test_turned_words_read_downwards():
    words = [Word("商业", BBox(0, 0, 10, 20), 1, False), Word("企业", BBox(0, 22, 10, 42), 1, False)]
    assert words_to_text(words) == "商业 企业"


def test_every_word_finds_its_cell_and_an_overhang_is_a_doubt():
    lattice = lattice_of(grid([0, 50, 100], [0, 20, 40]))
    words = [word("12", 5, 10), word("overhanging", 20, 30), word("9", 60, 10)]
    piece = lattice_to_piece(lattice, fill_lattice(lattice, words), 1, "rulings")
    assert [c.text for c in piece.cells] == ["12", "9", "overhanging", ""]
    assert [c.certain for c in piece.cells] == [True, True, False, False]


def test_a_comma_that_hangs_over_the_edge_is_no_doubt():
    lattice = lattice_of(grid([0, 50, 100], [0, 20, 40]))
    words = [word("只计这情形，", 2, 10, size=9)]
    piece = lattice_to_piece(lattice, fill_lattice(lattice, words), 1, "rulings")
    assert all(c.certain for c in piece.cells)


# --- pages


def test_a_box_around_paragraphs_is_no_table():
    words = [word("a paragraph in a frame", 10, 30), word("and its second line", 10, 45)]
    assert page_to_pieces(page(words, grid([0, 300], [0, 100])), PDF) == []


@pytest.mark.parametrize("note", [("70", "0", "68"), ("5.281,", "v=3,", "p=0.152"), ("a", "12", "b")])
def test_a_note_right_below_a_ruled_table_is_none_of_its_rows(note):
    words = [word(t, 55 + 60 * j, 110, 9) for j, t in enumerate(("部门", "样本", "总数"))]
    words += [word(t, 55 + 60 * j, 130 + 20 * i, 9) for i in range(4) for j, t in enumerate((f"科{i}", f"{i}1", f"{i}2"))]
    words += [word(t, 55 + 60 * j, 211, 9) for j, t in enumerate(note)]
    pieces = page_to_pieces(page(words, grid([50, 110, 170, 230], [100, 120, 140, 160, 180, 200])), PDF)
    assert [(p.reading, p.n_rows, p.n_columns) for p in pieces] == [("rulings", 5, 3)]


def test_cells_drawn_as_boxes_apart_are_one_table():
    rulings = [r for x in (0, 56, 112) for y in (0, 26, 52) for r in grid([x, x + 50], [y, y + 20])]
    words = [word(str(r * 3 + c), 10 + 56 * c, 10 + 26 * r) for r in range(3) for c in range(3)]
    (piece,) = page_to_pieces(page(words, rulings), PDF)
    assert texts(piece) == [(r, c, 1, 1, str(r * 3 + c)) for r in range(3) for c in range(3)]


def test_text_stands_between_tables_in_reading_order():
    rulings = grid([60, 200, 400], [100, 120, 140]) + grid([60, 200, 400], [200, 220, 240])
    words = [word("标题", 60, 60, 16), word("一", 70, 110), word("1", 210, 110), word("中间", 60, 170), word("2", 210, 210)]
    content = page(words, rulings)
    items = order_items(content, page_to_pieces(content, PDF))
    assert [i.text if isinstance(i, TextBlock) else "table" for i in items] == ["标题", "table", "中间", "table"]


def test_paragraphs_headings_and_page_numbers():
    words = [word("一、总体情况", 60, 100), word("行政许可决定的数量与上年持平，" * 3, 80, 120)]
    words += [word("没有变化。", 60, 136), word("-1-", 290, 810)]
    blocks = lines_to_blocks(words_to_text_lines(words), 595, 842, (60, 545))
    assert [b.kind for b in blocks] == ["heading", "paragraph", "chrome"]
    assert blocks[1].text.endswith("没有变化。")


@pytest.mark.parametrize("text", ["- 3 -", "第 3 页 共 9 页", "3/9", "—12—", "Page 3".removeprefix("Page ")])
def test_page_numbers(text):
    assert is_page_number(text, 800, 812, 842) and not is_page_number(text, 400, 412, 842)


def test_running_heads_are_chrome():
    heads = [TextBlock(f"年度报告 {n}", "paragraph", n, BBox(200, 20, 300, 30)) for n in (1, 2, 3)]
    assert {b.kind for b in mark_running_heads(heads, {1: 842, 2: 842, 3: 842})} == {"chrome"}


def test_every_table_of_a_page_is_a_table_of_the_document():
    content = page([word("1", 70, 110), word("2", 210, 130)], grid([60, 200, 400], [100, 120, 140]))
    (table,) = stitch(order_items(content, page_to_pieces(content, PDF)), {1: 780.0})
    assert isinstance(table, Table)
    assert (table.reading, table.pages, table.n_rows, table.n_columns) == ("rulings", (1,), 2, 2)
    assert table.cells[0].bbox == BBox(60, 100, 200, 120)


def test_edges_keep_their_order():
    assert Edge(1, 2, 3) < Edge(2, 0, 0)


def test_an_area_of_labels_that_is_no_rectangle_leaves_rows_of_slashes_elsewhere_sure():
    rulings = [*grid([0, 50, 100, 150], [0, 20, 40, 60, 80])]
    rulings = [r for r in rulings if r not in (line(50, 0, 50, 80), line(0, 60, 150, 60))]
    rulings += [line(50, 0, 50, 60), line(50, 60, 150, 60)]
    lattice = lattice_of(rulings)
    names = ((2, "名称"), (3, "件数"))
    words = [word(text, 50 * k - 40, 5) for k, text in names]
    words += [word("项目", 60, 20 * k + 5) for k in (1, 2, 3)] + [word("/", 120, 20 * k + 5) for k in (1, 2, 3)]
    piece = lattice_to_piece(lattice, fill_lattice(lattice, words), 1, "lines")
    assert not piece.doubts


@pytest.mark.parametrize(("number", "columns"), [(("-", "2", "-"), 5), (("3", "2", "9"), None)])
def test_a_page_number_below_a_head_is_no_row_of_its_table(number: tuple[str, ...], columns: int | None) -> None:
    # A tall head at the foot of a page, whose figures stand on the next one.
    heads = [word(t, 64 + 100 * k, 740) for k, t in enumerate(("结果维持", "结果纠正", "其他结果", "尚未审结", "总计"))]
    foot = [word(t, 270 + 10 * k, 806) for k, t in enumerate(number)]
    rulings = grid([60, 160, 260, 360, 460, 560], [715, 765])
    found = page_to_ruled(page([*heads, *foot], rulings), PDF)
    assert [p.n_columns for p in found.pieces] == ([columns] if columns else [])
