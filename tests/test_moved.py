"""Figures that came into a neighbour's cell, both readers right about each: never blamed on the print with certainty."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.check.cells import by_place, with_cells
from pipeline.check.laws import Unlisted
from pipeline.check.settle import Settled, settle
from pipeline.domain import Matrix
from tests.test_settle import COLUMNS, EQUATIONS, GOOD, PLACES, Place, Values, at, changed, errors, flags, listed, matrix, summed

COMMON = Unlisted(0.0, 1e-8, 3.4e-5, 3.4e-5)
LONE_ROW = EQUATIONS[:1]


def agreed(values: Values, equations: tuple[object, ...] = EQUATIONS, table: Matrix | None = None) -> Settled:
    """A table on whose printed cells two readers agree."""
    common = {p: COMMON for p in PLACES if at(values, p) is not None}
    return settle(table or matrix(values), equations, listed(values, {}, 1 - 1e-9), common=common)  # type: ignore[arg-type]


def shifted(values: Values, row: int, start: int) -> Values:
    """The figures of a row one cell too far right from a column on; the last is lost."""
    copy = [list(line) for line in values]
    copy[row] = [*copy[row][:start], 0, *copy[row][start:-1]]
    return copy


def wrong_cells(values: Values) -> set[Place]:
    return {p for p in PLACES if at(values, p) != at(GOOD_LARGE, p)}


GOOD_LARGE = summed([[512, 3, 97], [40, 506, 61], [7, 81, 990]])


@pytest.mark.parametrize("row", range(3))
@pytest.mark.parametrize("start", range(3))
def test_a_row_one_cell_off_is_asked_for_whole(row: int, start: int) -> None:
    values = shifted(GOOD_LARGE, row, start)
    found = agreed(values)
    assert wrong_cells(values) <= flags(found) and "source" not in errors(found)


@pytest.mark.parametrize("column", range(3))
def test_two_pairs_of_neighbours_exchanged_are_asked_for(column: int) -> None:
    values = [list(line) for line in GOOD_LARGE]
    for row in (0, 1):
        values[row][column], values[row][column + 1] = values[row][column + 1], values[row][column]
    found = agreed(values)
    assert wrong_cells(values) <= flags(found) and "source" not in errors(found)


def test_an_exchange_that_two_sums_show_is_asked_for_though_other_cells_are_printed_wrong() -> None:
    values = changed(("c", "total"), 5, GOOD_LARGE)
    values[1][0], values[1][1] = values[1][1], values[1][0]
    assert {("b", "x"), ("b", "y")} <= flags(agreed(values))


@pytest.mark.parametrize("details", [[0, 8, 0, 0], [0, 0, 0, 76], [0, 4, 6, 0]])
def test_a_0_or_the_only_figure_in_the_place_of_a_lone_total_may_have_moved(details: list[int]) -> None:
    values: Values = [details, *GOOD_LARGE[1:]]
    found = agreed(values, LONE_ROW)
    assert errors(found) == ["undecided"] and ("a", "total") in flags(found)


def test_a_total_of_0_behind_a_0_is_the_print_s_only_where_lines_close_every_cell() -> None:
    values = changed(("a", "total"), 0, changed(("a", "z"), 0, summed([[512, 3, 0], *(r[:3] for r in GOOD_LARGE[1:3])])))
    table = matrix(values)
    assert flags(agreed(values)) == {("a", "total")} and "source" not in errors(agreed(values))
    ruled = with_cells(table, {p: replace(c, ruled=True) for p, c in by_place(table).items()})
    found = agreed(values, EQUATIONS, ruled)
    assert not flags(found) and set(errors(found)) == {"source"}


def test_lines_do_not_vouch_where_the_columns_show_a_move() -> None:
    values = shifted(GOOD_LARGE, 1, 1)
    table = matrix(values)
    ruled = with_cells(table, {p: replace(c, ruled=True) for p, c in by_place(table).items()})
    assert wrong_cells(values) <= flags(agreed(values, EQUATIONS, ruled))


@pytest.mark.parametrize("place", [("a", "x"), ("b", "y"), ("c", "total"), ("sum", "z")])
def test_a_single_misprint_looks_like_no_move(place: Place) -> None:
    found = agreed(changed(place, 7_777, GOOD_LARGE))
    assert set(errors(found)) == {"source"} and not flags(found)


def test_beside_a_figure_that_one_reader_alone_read_no_misprint_is_certain() -> None:
    # Both are wrong, so that the sum is out by an amount that neither explains.
    values = changed(("a", "x"), 44_612, changed(("a", "y"), 898, [[4_612, 893, 494, 5_999], *GOOD[1:]]))
    alone = ("a", "x")
    common = {p: COMMON for p in PLACES if p != alone}
    sure = {p: 0.998 if p == alone else 1 - 1e-9 for p in PLACES}
    found = settle(matrix(values), LONE_ROW, listed(values, {}, 1 - 1e-9), sure=sure, common=common)
    assert errors(found) == ["undecided"] and {("a", c) for c in COLUMNS} <= flags(found)


@pytest.mark.parametrize("details", [[0, 0, 3, 47], [7, 0, 3, 58], [0, 5, 0, 47]])
def test_several_figures_behind_a_0_may_have_moved_where_no_column_tells(details: list[int]) -> None:
    values: Values = [details, *GOOD_LARGE[1:]]
    table = matrix(values)
    found = agreed(values, LONE_ROW)
    assert errors(found) == ["undecided"] and {("a", "z"), ("a", "total")} <= flags(found)
    ruled = with_cells(table, {p: replace(c, ruled=True) for p, c in by_place(table).items()})
    found = agreed(values, LONE_ROW, ruled)
    assert errors(found) == ["source"] and not flags(found)


def test_a_move_beside_another_in_the_same_columns_is_asked_for() -> None:
    values = shifted(GOOD_LARGE, 1, 0)
    values[2][1], values[2][2] = values[2][2], values[2][1]
    found = agreed(values)
    assert wrong_cells(values) <= flags(found) and "source" not in errors(found)
