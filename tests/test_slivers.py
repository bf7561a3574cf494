"""Blank rows that no print would find room in are dropped, and no others."""

from dataclasses import replace
from pathlib import Path

from pipeline.config import DEFAULT
from pipeline.domain import BBox, TableCell
from pipeline.grid.pieces import Piece
from pipeline.grid.slivers import without_slivers
from pipeline.run.document import process

ROOT = Path(__file__).resolve().parents[1]

Place = tuple[int, int, int, int, str]


def piece(ys: tuple[float, ...], *cells: Place) -> Piece:
    made = tuple(TableCell(*cell) for cell in cells)
    return Piece(1, (0.0, 50.0, 100.0), ys, made, (True, True), (False, False), "rulings")


def test_the_shade_of_a_cell_below_the_last_row_of_a_page_is_no_row() -> None:
    seen = piece((0, 20, 40, 47), (0, 0, 3, 1, "三"), (0, 1, 1, 1, "1"), (1, 1, 1, 1, "2"), (2, 1, 1, 1, ""))
    found = without_slivers(seen)
    assert found.ys == (0, 20, 40)
    assert [c.row_span for c in found.cells] == [2, 1, 1]
    assert found.bottom_walls == (False, True)


def test_a_shade_that_ends_early_parts_no_row() -> None:
    seen = piece(
        (0, 20, 34, 40, 60), (0, 0, 2, 1, "三"), (0, 1, 1, 1, "1"), (1, 1, 2, 1, "2"), (2, 0, 1, 1, ""), (3, 0, 1, 1, "四"),
        (3, 1, 1, 1, "3"),
    )  # fmt: skip
    found = without_slivers(seen)
    assert found.ys == (0, 20, 40, 60)
    assert [(c.row, c.row_span, c.text) for c in found.cells] == [
        (0, 2, "三"),
        (0, 1, "1"),
        (1, 1, "2"),
        (2, 1, "四"),
        (2, 1, "3"),
    ]


def test_a_low_row_at_the_top_of_a_page_is_dropped() -> None:
    found = without_slivers(piece((0, 7, 27), (0, 0, 2, 1, "三"), (0, 1, 1, 1, ""), (1, 1, 1, 1, "1")))
    assert found.ys == (7, 27)
    assert [(c.row, c.row_span, c.text) for c in found.cells] == [(0, 1, "三"), (0, 1, "1")]


def test_rows_with_print_rows_as_high_as_others_and_rows_that_no_cell_goes_across_stay() -> None:
    across = piece((0, 20, 27, 47), (0, 0, 3, 1, "三"), (0, 1, 1, 1, "1"), (1, 1, 1, 1, ""), (2, 1, 1, 1, "2"))
    assert without_slivers(across).n_rows == 2
    for cells in (
        tuple(replace(c, text=c.text or "-") for c in across.cells),
        tuple(replace(c, row_span=1) if c.text == "三" else c for c in across.cells),
    ):
        kept = replace(across, cells=cells)
        assert without_slivers(kept) is kept
    high = replace(across, ys=(0.0, 20.0, 33.0, 53.0))
    assert without_slivers(high) is high


def test_what_a_dropped_row_shows_belongs_to_the_cell_above_and_a_doubt_keeps_it() -> None:
    cells = (TableCell(0, 0, 3, 1, "三"), TableCell(0, 1, 1, 1, "1", 1, BBox(50, 0, 100, 20)), TableCell(1, 1, 1, 1, ""),
             TableCell(2, 1, 1, 1, "2", 1, BBox(50, 27, 100, 47)))  # fmt: skip
    seen = replace(piece((0, 20, 27, 47)), cells=cells)
    assert [c.bbox for c in without_slivers(seen).cells[1:]] == [BBox(50, 0, 100, 27), BBox(50, 27, 100, 47)]
    doubted = replace(seen, cells=(*cells[:2], replace(cells[2], certain=False, doubt="open"), cells[3]))
    assert without_slivers(doubted) is doubted


def test_a_printed_web_page_whose_shaded_cells_a_page_break_cuts_is_read_whole() -> None:
    (path,) = ROOT.glob("fixtures/generated/seen_11/reporting-150021-*-white.pdf")
    result = process(path, path.name, DEFAULT)
    assert result.matrices and not any(c.review for m in result.matrices for line in m.cells for c in line)
