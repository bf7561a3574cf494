"""Blank rows that no print would find room in are dropped, and no others."""

from dataclasses import replace

from pipeline.domain import TableCell
from pipeline.grid.pieces import Piece
from pipeline.grid.slivers import without_slivers

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
