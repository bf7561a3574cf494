"""Beside a misreading no other equation is blamed on the print with certainty."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import pytest

from pipeline.check.company import is_misread, outvoted
from pipeline.check.equalities import Equality
from pipeline.check.equations import Instance
from pipeline.check.laws import Unlisted
from pipeline.check.settle import Settled, settle
from tests.test_settle import EQUATIONS, PLACES, Place, Values, changed, errors, flags, listed, matrix, summed

COMMON = Unlisted(0.0, 1e-8, 3.4e-5, 3.4e-5)
TABLE = summed([[512, 38, 97], [40, 506, 61], [7, 81, 990]])


def read(values: Values, place: Place, printed: int, share: float) -> Settled:
    """A table on which two readers agree but for one cell, of which a reading proposes another figure."""
    readings = listed(values, {place: [(printed, share)]}, 1 - 1e-9)
    return settle(matrix(values), EQUATIONS, readings, common={p: COMMON for p in PLACES if p != place})


def test_a_misprint_is_certain_where_nothing_is_misread_and_else_asked_for() -> None:
    misprint = ("b", "y")
    wrong = changed(misprint, 7_777, TABLE)
    alone = settle(matrix(wrong), EQUATIONS, listed(wrong, {}, 1 - 1e-9), common=dict.fromkeys(PLACES, COMMON))
    assert set(errors(alone)) == {"source"} and not flags(alone)
    # The second figure is not sure enough to be repaired.
    beside = read(changed(("a", "x"), 572, wrong), ("a", "x"), 512, 0.3)
    assert "source" not in errors(beside) and misprint in flags(beside)


def test_a_cell_is_outvoted_by_the_equations_that_fail() -> None:
    instance = cast(Instance, None)
    fails = Equality(instance, {("a", "x"): 1, ("a", "y"): 1, ("a", "z"): -1}, Fraction(5), True)
    also = Equality(instance, {("a", "x"): 1, ("b", "x"): -1}, Fraction(5), True)
    holds = [Equality(instance, {(row, "x"): 1, (row, "z"): -1}, Fraction(0), False) for row in "ab"]
    idle = Equality(instance, {("a", "y"): 1}, Fraction(0), False, True)
    assert outvoted(list(fails.signs), [fails, also, *holds, idle]) == {("a", "x"), ("a", "y")}


@pytest.mark.parametrize(("faulty", "is_so"), [((), False), ((0.01, 0.4), False), ((0.01, 0.6), True)])
def test_company_is_a_cell_that_is_likelier_misread_than_not(faulty: tuple[float, ...], is_so: bool) -> None:
    assert is_misread(faulty) is is_so
