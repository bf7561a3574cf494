"""Spans as a browser expands them, and bounded where they are absurd."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import Limits
from pipeline.errors import TooLargeError
from pipeline.intake.html_spans import MOST_COLUMNS_SPANNED, parse_span, place_cells


@dataclass(frozen=True)
class Span:
    column_span: int = 1
    row_span: int = 1


def grid(groups):
    """Returns the grid as lists of the running number of the cell in each slot, with None for a slot without one."""
    placed, n_rows, n_columns = place_cells(groups, Limits())
    out = [[None] * n_columns for _ in range(n_rows)]
    for number, item in enumerate(placed):
        for row in range(item.row, item.row + item.row_span):
            for column in range(item.column, item.column + item.column_span):
                assert out[row][column] is None, "cells overlap"
                out[row][column] = number
    return out


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, 1), ("", 1), ("2", 2), (" 3", 3), ("+4", 4), ("2px", 2), ("2.9", 2), ("-1", 1), ("abc", 1), ("0", 1),
        ("1000", 1000), ("1001", 1000), ("100000000", 1000), ("9" * 500, 1000), ("٣", 1), ("３", 1),
    ],
)  # fmt: skip
def test_colspan_is_parsed_as_in_a_browser(value, expected):
    assert parse_span(value, MOST_COLUMNS_SPANNED, 1) == expected


def test_rowspan_zero_is_kept():
    assert parse_span("0", 65534, 0) == 0
    assert parse_span("70000", 65534, 0) == 65534


def test_cells_flow_around_those_from_above():
    assert grid([[[Span(1, 2), Span(), Span(2)], [Span(), Span(), Span()]]]) == [[0, 1, 2, 2], [0, 3, 4, 5]]


def test_rowspan_zero_reaches_to_the_end_of_its_group():
    assert grid([[[Span(1, 0), Span()], [Span()], [Span()]], [[Span(), Span()]]]) == [[0, 1], [0, 2], [0, 3], [4, 5]]


def test_rowspan_ends_with_its_group():
    assert grid([[[Span(1, 9), Span()]], [[Span(), Span()]]]) == [[0, 1], [2, 3]]


def test_rowspan_beyond_the_last_row_makes_no_rows():
    assert grid([[[Span(1, 65534), Span()], [Span()]]]) == [[0, 1], [0, 2]]


def test_a_span_that_meets_a_cell_from_above_is_cut_and_marked():
    groups = [[[Span(), Span(), Span(1, 2)], [Span(), Span(2)]]]
    assert grid(groups) == [[0, 1, 2], [3, 4, 2]]
    placed, _, _ = place_cells(groups, Limits())
    assert [item.cut for item in placed] == [False, False, False, False, True]


def test_columns_in_which_no_cell_begins_have_no_width():
    assert grid([[[Span(1000)], [Span(), Span(), Span(5)]]]) == [[0, 0, 0], [1, 2, 3]]
    assert grid([[[Span(2), Span(2)], [Span(2), Span(2)]]]) == [[0, 1], [2, 3]]


def test_rows_without_cells_have_no_height():
    assert grid([[[Span(1, 3), Span(1, 2)], [], [Span()]]]) == [[0, 1], [0, 2]]


def test_no_cells_at_all():
    assert place_cells([], Limits()) == ([], 0, 0)
    assert place_cells([[[], []]], Limits()) == ([], 0, 0)


def test_absurd_spans_take_neither_time_nor_memory():
    start = time.perf_counter()
    assert grid([[[Span(10**8, 10**8)], [Span(10**8, 10**8)]]]) == [[0, None], [0, 1]]
    with pytest.raises(TooLargeError):
        place_cells([[[Span(1000, 0) for _ in range(3000)]]], Limits())
    with pytest.raises(TooLargeError):  # skipping over cells from above costs too
        place_cells([[[Span(1000, 0)] * 10, *[[Span()]] * 10000]], Limits(html_cells=1_000_000))
    assert time.perf_counter() - start < 5


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.lists(st.builds(Span, st.integers(1, 5), st.integers(0, 5)), max_size=6), max_size=6), max_size=3))
def test_cells_never_overlap_and_none_is_lost(groups):
    placed, n_rows, n_columns = place_cells(groups, Limits())
    grid(groups)
    assert len(placed) == sum(len(row) for group in groups for row in group)
    assert all(item.row + item.row_span <= n_rows and item.column + item.column_span <= n_columns for item in placed)
    assert [(item.row, item.column) for item in placed] == sorted((item.row, item.column) for item in placed)
