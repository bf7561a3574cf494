"""Equations: kinds, severities and blanks as the contract says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.check.equations import check_matrix
from pipeline.domain import Equation, Finding, LaneMatch, Matrix, MatrixCell, Origin, State

ROW_TOTAL = Equation("row_total", "rows", ("a", "b", "c"), ("t",), ("t",), "zero")
TEXTS = {State.BLANK: "", State.DASH: "—", State.UNREADABLE: "8?1", State.MISSING: ""}
Content = int | float | State


def cell(content: Content, review: bool = False) -> MatrixCell:
    """A cell that holds a number or a state."""
    if isinstance(content, State):
        flagged = review or content in (State.UNREADABLE, State.MISSING)
        return MatrixCell(None, TEXTS[content], content, 0.5, flagged, Origin.SCRAPE)
    return MatrixCell(content, str(content), State.PRINTED, 0.99, review, Origin.SCRAPE)


def matrix(rows: list[list[MatrixCell]], keys: str = "abct") -> Matrix:
    """A matrix with rows r0, r1 …"""
    names = tuple(LaneMatch(f"r{i}", None, 1.0, 1.0, True) for i in range(len(rows)))
    columns = tuple(LaneMatch(k, None, 1.0, 1.0, True) for k in keys)
    return Matrix("x", "s", "", None, names, columns, tuple(map(tuple, rows)), 1.0, 1.0)


def check(contents: list[Content], blanks: str = "zero", flagged: int | None = None) -> list[Finding]:
    """Findings of one row."""
    cells = [cell(c, i == flagged) for i, c in enumerate(contents)]
    equation = Equation("row_total", "rows", ("a", "b", "c"), ("t",), ("t",), blanks)
    return check_matrix(matrix([cells]), [equation])


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 10**6), min_size=3, max_size=3), st.integers(-3, 3))
def test_a_finding_of_severity_error_exactly_where_the_sum_fails(details: list[int], off: int) -> None:
    found = check([*details, sum(details) + off])
    assert [f.severity for f in found] == (["error"] if off else [])
    if off:
        assert (found[0].left, found[0].right) == (sum(details), sum(details) + off)
        assert found[0].kind == "source"
        assert [c.column for c in found[0].cells] == ["a", "b", "c", "t"]


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 10**7), min_size=3, max_size=3))
def test_sums_of_printed_decimals_hold(cents: list[int]) -> None:
    assert check([*(c / 100 for c in cents), sum(cents) / 100]) == []


@pytest.mark.parametrize("flagged", range(4))
def test_a_failed_equation_with_one_doubtful_cell_is_undecided(flagged: int) -> None:
    (found,) = check([1, 2, 3, 9], flagged=flagged)
    assert (found.kind, found.severity) == ("undecided", "error")


@pytest.mark.parametrize("state", [State.BLANK, State.DASH])
@pytest.mark.parametrize("blanks", ["zero", "some", "stop"])
def test_a_blank_total_is_a_note_and_never_an_error(state: State, blanks: str) -> None:
    (found,) = check([1, 2, 3, state], blanks)
    assert found.severity == "note"


@pytest.mark.parametrize("state", [State.BLANK, State.DASH])
def test_a_blank_detail_counts_as_0_and_the_message_says_so(state: State) -> None:
    assert check([1, state, 3, 4]) == []
    (found,) = check([1, state, 3, 9])
    assert found.severity == "error"
    assert "1 blank" in found.message


@pytest.mark.parametrize(("blanks", "severity"), [("zero", "error"), ("some", "note"), ("stop", "note")])
def test_details_that_are_all_blank(blanks: str, severity: str) -> None:
    (found,) = check([State.BLANK] * 3 + [5], blanks)  # type: ignore[list-item]
    assert found.severity == severity


def test_one_blank_detail_stops_an_equation_that_asks_for_it() -> None:
    (found,) = check([1, State.BLANK, 3, 9], "stop")
    assert found.severity == "note"


@pytest.mark.parametrize("state", [State.MISSING, State.UNREADABLE])
@pytest.mark.parametrize("place", range(4))
def test_nothing_is_said_of_an_equation_with_a_cell_that_nobody_read(state: State, place: int) -> None:
    contents: list[Content] = [1, 2, 3, 9]
    contents[place] = state
    assert all(f.severity == "note" for f in check(contents))


def test_the_sides_of_a_column_equation() -> None:
    equation = Equation("balance", "columns", ("r0", "r1"), ("r2",), ("r2",))
    good = matrix([[cell(1), cell(2)], [cell(3), cell(4)], [cell(4), cell(7)]], "ab")
    (found,) = check_matrix(good, [equation])
    assert (found.left, found.right) == (6, 7)
    assert {(c.row, c.column) for c in found.cells} == {("r0", "b"), ("r1", "b"), ("r2", "b")}
