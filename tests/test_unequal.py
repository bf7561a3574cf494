"""What a failed sum flags in a matrix that was read from pixels."""

from dataclasses import replace

import pytest

from pipeline.check.cells import with_flags
from pipeline.check.equations import check_matrix
from pipeline.check.unequal import suspects
from pipeline.domain import Equation, LaneMatch, Matrix, MatrixCell, Origin, State

ROWS, COLUMNS = ("a", "b", "sum"), ("x", "y", "total")
EQUATIONS = (
    Equation("row_total", "rows", ("x", "y"), ("total",), ("total",)),
    Equation("result_sum", "columns", ("a", "b"), ("sum",), ("sum",)),
)


def matrix(values, origin=Origin.OCR):
    def lane(key):
        return LaneMatch(key, key, 1.0, 1.0, True)

    def cell(value):
        state = State.BLANK if value is None else State.PRINTED
        return MatrixCell(value, "" if value is None else str(value), state, 0.99, False, origin, 1)

    cells = tuple(tuple(cell(v) for v in row) for row in values)
    return Matrix("t", "s", "v", None, tuple(map(lane, ROWS)), tuple(map(lane, COLUMNS)), cells, 1.0, 1.0, 1)


def flagged(found):
    return {
        (r.key, c.key)
        for r, line in zip(found.rows, found.cells, strict=True)
        for c, cell in zip(found.columns, line, strict=True)
        if cell.review
    }


def with_suspects(read, equations):
    return with_flags(read, suspects(read, equations))


GOOD = ((1, 2, 3), (4, 5, 9), (5, 7, 12))


def test_sums_that_close_flag_nothing():
    assert not flagged(with_suspects(matrix(GOOD), EQUATIONS))


@pytest.mark.parametrize("row", range(3))
@pytest.mark.parametrize("column", range(3))
def test_one_wrong_reading_flags_its_cell_and_no_other(row, column):
    values = [list(line) for line in GOOD]
    values[row][column] += 70
    assert flagged(with_suspects(matrix(values), EQUATIONS)) == {(ROWS[row], COLUMNS[column])}


def test_two_wrong_readings_that_hide_in_a_row_flag_their_columns():
    found = flagged(with_suspects(matrix(((2, 1, 3), (4, 5, 9), (5, 7, 12))), EQUATIONS))
    assert {("a", "x"), ("a", "y")} <= found and not any(column == "total" for _, column in found)


def test_a_text_layer_is_not_flagged_and_its_error_is_the_source_s():
    wrong = matrix(((1, 2, 4), (4, 5, 9), (5, 7, 12)), Origin.TEXT_LAYER)
    assert with_suspects(wrong, EQUATIONS) == wrong
    assert {f.kind for f in check_matrix(wrong, EQUATIONS)} == {"source"}


def test_the_same_error_read_from_pixels_is_undecided():
    assert {f.kind for f in check_matrix(matrix(((1, 2, 4), (4, 5, 9), (5, 7, 12))), EQUATIONS)} == {"undecided"}


def test_a_cell_that_is_flagged_already_keeps_its_reason():
    wrong = matrix(((1, 2, 80), (4, 5, 9), (5, 7, 12)))
    line = (*wrong.cells[0][:2], replace(wrong.cells[0][2], review=True, reason="a seal lies over it"))
    found = with_suspects(replace(wrong, cells=(line, *wrong.cells[1:])), EQUATIONS)
    assert found.cells[0][2].reason == "a seal lies over it"
