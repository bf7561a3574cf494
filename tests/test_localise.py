"""Error localisation: the least change that closes the equations, its rivals, the traps of big-M, and the clock."""

from __future__ import annotations

import itertools
import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.check.localise import Balance, Unknown, localise

FREE = Unknown((), 10.0, None)


def grid(values: list[list[int]], break_cost: float | None = None) -> list[Balance]:
    """Equations of a table whose last row and column are sums; unknown `i * columns + j` is a cell."""
    rows, columns = len(values), len(values[0])
    lines = [[(i, j) for j in range(columns)] for i in range(rows)] + [[(i, j) for i in range(rows)] for j in range(columns)]
    found = []
    for line in lines:
        terms = tuple((i * columns + j, -1 if (i, j) == line[-1] else 1) for i, j in line)
        off = sum(sign * values[n // columns][n % columns] for n, sign in terms)
        found.append(Balance(terms, off, break_cost if off else None))
    return found


def summed(details: list[list[int]]) -> list[list[int]]:
    """Adds row and column sums."""
    rows = [[*row, sum(row)] for row in details]
    return [*rows, [sum(c) for c in zip(*rows, strict=True)]]


DETAILS = st.lists(st.lists(st.integers(0, 999), min_size=3, max_size=3), min_size=3, max_size=3)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(DETAILS, st.integers(0, 3), st.integers(0, 3), st.integers(1, 500))
def test_one_wrong_cell_is_found_with_its_true_value(details: list[list[int]], i: int, j: int, wrong: int) -> None:
    values = summed(details)
    values[i][j] += wrong
    search = localise([FREE] * 16, grid(values))
    assert search.best is not None and search.best.determined
    assert [(c.unknown, c.amount) for c in search.best.changes] == [(i * 4 + j, -wrong)]


@settings(derandomize=True, deadline=None, max_examples=40)
@given(DETAILS, st.data())
def test_no_solution_is_cheaper_than_the_best(details: list[list[int]], data: st.DataObject) -> None:
    values = summed(details)
    places = data.draw(st.lists(st.integers(0, 15), min_size=1, max_size=2, unique=True))
    for n in places:
        values[n // 4][n % 4] += data.draw(st.integers(1, 900))
    costs = data.draw(st.lists(st.integers(3, 20), min_size=16, max_size=16))
    search = localise([Unknown((), float(c), None) for c in costs], grid(values), rivals=1)
    assert search.best is not None
    cheapest = min(sum(costs[n] for n in some) for size in (1, 2) for some in itertools.combinations(range(16), size)
                   if closes(values, some))  # fmt: skip
    assert min(s.cost for s in search.solutions) == pytest.approx(min(cheapest, search.best.cost))


def closes(values: list[list[int]], cells: tuple[int, ...]) -> bool:
    """True where changing these cells can close every equation."""
    import numpy as np

    balances = grid(values)
    matrix = np.array([[dict(b.terms).get(n, 0) for n in cells] for b in balances], dtype=float)
    off = np.array([-b.off for b in balances], dtype=float)
    found = np.linalg.lstsq(matrix, off, rcond=None)[0]
    return bool(np.abs(matrix @ found - off).max() < 1e-6)


def test_a_proposed_value_is_preferred_and_its_rival_is_known() -> None:
    # 3 + 4 is not 9: the total was perhaps 7, the first detail perhaps 5.
    unknowns = [Unknown(((2, 6.0),), 12.0, -3), Unknown((), 12.0, -4), Unknown(((-2, 2.0),), 12.0, -9)]
    search = localise(unknowns, [Balance(((0, 1), (1, 1), (2, -1)), -2, 15.0)], gap=20.0)
    assert search.best is not None
    assert [(c.unknown, c.amount) for c in search.best.changes] == [(2, -2)]
    assert {tuple((c.unknown, c.amount) for c in s.changes) for s in search.solutions} >= {((2, -2),), ((0, 2),), ((1, 2),)}


def test_an_equation_may_be_left_open() -> None:
    search = localise([Unknown((), 30.0, None)] * 3, [Balance(((0, 1), (1, 1), (2, -1)), 5, 3.0)])
    assert search.best is not None and search.best.broken == (0,) and not search.best.changes


def test_two_cells_of_one_equation_are_not_determined() -> None:
    unknowns = [Unknown(((4, 1.0),), None, None), Unknown(((5, 1.0),), None, None)]
    search = localise(unknowns, [Balance(((0, 1), (1, 1)), -9)])
    assert search.best is not None and len(search.best.changes) == 2 and not search.best.determined


def test_an_inequality_holds_with_room_to_spare() -> None:
    unknowns = [Unknown(((-8, 1.0), (-2, 0.5)), None, None)]
    search = localise(unknowns, [Balance(((0, 1),), 5, None, at_most=True)])
    assert search.best is not None and [c.amount for c in search.best.changes] == [-8]


@pytest.mark.parametrize("size", [10**7, 10**9])
def test_a_small_mistake_beside_large_numbers_does_not_leak_away(size: int) -> None:
    values = summed([[size, size, size], [size, 3, 4], [5, 6, 7]])
    values[1][1] += 1
    search = localise([FREE] * 16, grid(values))
    assert search.best is not None and [(c.unknown, c.amount) for c in search.best.changes] == [(5, -1)]


def test_two_grand_totals_that_lost_a_digit_are_found() -> None:
    values = summed([[1200, 30, 4], [5000, 600, 70], [8, 90, 100]])
    values[3][0], values[3][3] = values[3][0] // 10, values[3][3] // 10
    search = localise([FREE] * 16, grid(values))
    assert search.best is not None and {c.unknown for c in search.best.changes} == {12, 15}


def test_nothing_takes_a_cell_below_its_least_value() -> None:
    # The detail cannot become -2, so the total must change.
    unknowns = [Unknown((), 1.0, 0), Unknown((), 5.0, -1)]
    search = localise(unknowns, [Balance(((0, 1), (1, -1)), 2 - 0)])
    assert search.best is not None and [c.unknown for c in search.best.changes] == [1]


def test_the_clock_ends_the_search() -> None:
    values = summed([[i * 37 % 91 + j for j in range(12)] for i in range(24)])
    for n in range(0, 24, 2):
        values[n][n % 12] += 100 + n
    start = time.monotonic()
    search = localise([FREE] * (25 * 13), grid(values), most=99, seconds=0.3)
    assert time.monotonic() - start < 2.0
    assert search.bound == -math.inf
