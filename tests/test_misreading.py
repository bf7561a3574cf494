"""Two readers that agree: what they can have misread together, and that a mistake of the print is then told from it."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.check.beliefs import Proposal, beliefs
from pipeline.check.cells import by_place
from pipeline.check.equations import instances
from pipeline.check.laws import Unlisted, alike, cut, slip
from pipeline.check.likeness import digits
from pipeline.check.misreading import Rates, agreed_doubt, common_mistakes
from pipeline.check.parts import parts
from pipeline.check.problem import make_problem
from pipeline.check.settle import Settled, settle
from pipeline.domain import Candidate, Matrix, MatrixCell, Origin, State
from tests.test_settle import COLUMNS, EQUATIONS, GOOD, PLACES, ROWS, Place, Values, at, changed, errors, flags, listed, matrix

RATES = Rates(0.019, 3.4e-5, 3.4e-5, 3e-4, 1e-3)
SURE = 1e-4
COMMON = Unlisted(0.0, RATES.slip * SURE, RATES.cut, RATES.displaced)


def agreed(values: Values, alone: tuple[Place, ...] = ()) -> Settled:
    """What becomes of a table on whose printed cells two readers agree, but for those of `alone`."""
    table = matrix(values)
    common = {p: COMMON for p in PLACES if p not in alone and at(values, p) is not None}
    return settle(table, EQUATIONS, listed(values, {}, 1 - 1e-9), common=common)


@pytest.mark.parametrize("place", [p for p in PLACES if (at(GOOD, p) or 0) > 9])
def test_a_misprint_among_agreed_figures_is_the_source_s_and_nobody_is_asked(place: Place) -> None:
    printed = changed(place, 5555)
    found = agreed(printed)
    assert set(errors(found)) == {"source"} and not flags(found)
    assert found.matrix == matrix(printed)


def test_a_sum_that_was_left_at_0_is_the_source_s() -> None:
    found = agreed(changed(("b", "total"), 0))
    assert set(errors(found)) == {"source"} and not flags(found)


def test_a_figure_that_may_have_lost_its_end_is_asked_for() -> None:
    # 97 was cut to 9, and no reader can know.
    found = agreed(changed(("sum", "total"), 16))
    assert flags(found) == {("sum", "total")} and "source" not in errors(found)


def test_a_cell_that_one_reader_alone_read_keeps_the_source_from_being_blamed() -> None:
    place = ("b", "total")
    printed = changed(place, 54)
    table = matrix(printed)
    common = {p: COMMON for p in PLACES if p != place}
    found = settle(table, EQUATIONS, listed(printed, {place: [(9, 0.03)]}), common=common)
    assert "source" not in errors(found) and place in flags(found)


def test_blanks_that_may_have_lost_figures_are_asked_for() -> None:
    lost = changed(("b", "y"), None, changed(("b", "x"), None))
    found = agreed(lost)
    assert {("b", "x"), ("b", "y")} <= flags(found) and "source" not in errors(found)


def test_a_row_that_moved_is_asked_for() -> None:
    moved = [list(line) for line in GOOD]
    moved[2] = [0, 7, 81, 97]
    found = agreed(moved)
    assert {("c", c) for c in ("x", "y", "z")} <= flags(found)


def test_two_figures_misread_alike_that_offset_in_a_row_are_asked_for() -> None:
    wrong = changed(("c", "total"), 47, changed(("c", "y"), 31))
    assert sum(wrong[2][:3]) == wrong[2][3]
    assert {("c", "y"), ("c", "total")} <= flags(agreed(wrong))


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.sampled_from(PLACES), st.integers(0, 400))
def test_nothing_changes_where_all_agree_and_someone_looks_unless_the_print_is_at_fault(place: Place, value: int) -> None:
    printed = changed(place, value)
    found = agreed(printed)
    assert [[c.value for c in line] for line in found.matrix.cells] == printed and not found.repairs
    assert set(errors(found)) <= {"source"} or flags(found)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, 99_999))
def test_the_laws_are_probabilities_and_no_value_is_likelier_than_said(read: int) -> None:
    text = str(read)
    numbers = (within_two_digits(text) | set(range(max(0, read - 200), read + 200))) - {read}
    assert sum(slip(str(n), text) for n in numbers) <= 1.0 and sum(cut(str(n), text) for n in numbers) <= 1.0
    for n in numbers:
        assert COMMON.odds(matrix_value(n), matrix_value(read)) <= COMMON.likeliest(matrix_value(read))


def within_two_digits(text: str) -> set[int]:
    """Numbers with one or two other digits, a digit more, or one less: all that the laws of slips and cuts reach."""
    ends = [(text[:i], text[i + 1 :]) for i in range(len(text))]
    one = {f"{a}{d}{b}" for a, b in ends for d in "0123456789"}
    two = {f"{t[:i]}{d}{t[i + 1 :]}" for t in one for i in range(len(text)) for d in "0123456789"}
    more = {f"{text[:i]}{d}{text[i:]}" for i in range(len(text) + 1) for d in "0123456789"}
    return {int(t) for t in two | more | {a + b for a, b in ends} if t and t == str(int(t))}


def matrix_value(number: int) -> Fraction:
    """A number as the check has it."""
    return Fraction(number)


def test_what_looks_alike_is_likelier_and_what_has_nothing_in_common_is_none() -> None:
    assert slip("3", "8") > slip("3", "4") > 0.0 == slip("3", "1204")
    assert slip("1003", "103") > slip("1203", "103")
    assert cut("155227", "15522") > 0.0 and cut("0", "10") > cut("0", "20") > 0.0 == cut("42", "97")
    assert cut("274", "2741") > cut("274", "2740")
    assert alike(matrix_value(42), matrix_value(47)) and not alike(matrix_value(42), matrix_value(999))
    assert digits(matrix_value(42)) == "42"


def test_agreement_needs_both_readers_and_sound_print() -> None:
    both = Candidate("42", -1e-3, (("lines", math.log(0.999)), ("figures", math.log(0.99))))
    alone = Candidate("42", -1e-3, (("lines", math.log(0.999)),))
    other = Candidate("47", -7.0, (("figures", -0.001),))

    def cell(*readings: Candidate, reason: str | None = None, origin: Origin = Origin.OCR) -> MatrixCell:
        return MatrixCell(42, "42", State.PRINTED, 0.99, reason is not None, origin, 1, reason=reason, readings=readings)

    assert agreed_doubt(cell(both)) == pytest.approx(1e-3)
    assert agreed_doubt(cell(alone)) is None and agreed_doubt(cell(both, other)) is None
    assert agreed_doubt(cell(both, reason="read as '42', with a mark beside it")) is None
    assert agreed_doubt(cell(both, origin=Origin.HTML)) is None and agreed_doubt(cell()) is None
    good = matrix(GOOD)
    table = Matrix("t", "s", "v", None, good.rows[:1], good.columns[:1], ((cell(both),),), 1.0, 1.0, 1)
    (found,) = common_mistakes(table, RATES).values()
    assert found.slip == pytest.approx(1.9e-5, rel=1e-3) and found.any == 0.0


def test_rows_without_column_sums_are_parts_of_their_own() -> None:
    wrong = changed(("a", "total"), 99, changed(("b", "total"), 3))
    rows = EQUATIONS[:1]
    table = matrix(wrong)
    problem = make_problem(list(instances(table, rows)), beliefs(table, listed(wrong, {})), {}, (ROWS, COLUMNS))
    found = parts(problem)
    assert [len(p.equalities) for p in found] == [1, 1]
    for part in found:
        assert [problem.members[n] for n in part.unknowns] == list(part.problem.members)
        assert [problem.equalities[n] for n in part.equalities] == list(part.problem.equalities)


def test_misprints_in_many_rows_are_weighed_row_by_row() -> None:
    wrong = changed(("a", "total"), 999, changed(("b", "total"), 3111, changed(("c", "total"), 5)))
    common = dict.fromkeys(PLACES, COMMON)
    found = settle(matrix(wrong), EQUATIONS[:1], listed(wrong, {}, 1 - 1e-9), common=common)
    assert errors(found) == ["source"] * 3 and not flags(found)


def test_a_proposal_that_a_reader_made_still_repairs() -> None:
    place = ("b", "total")
    wrong = changed(place, 56)
    readings = listed(wrong, {place: [(51, 0.4)]})
    assert readings[place][1] == Proposal(51, math.log(0.4), "51")
    found = settle(matrix(wrong), EQUATIONS, readings, common={p: COMMON for p in PLACES if p != place})
    assert by_place(found.matrix)[place].value == 51 and not flags(found)


def test_a_displaced_figure_has_left_its_own_beside_it() -> None:
    law = Unlisted(0.0, 0.0, 0.0, 1.0, frozenset({Fraction(608), Fraction(0)}))
    anywhere = Unlisted(0.0, 0.0, 0.0, 1.0)
    assert law.odds(Fraction(608), Fraction(31)) == anywhere.odds(Fraction(608), Fraction(31))
    assert law.odds(Fraction(609), Fraction(31)) < 0.1 * anywhere.odds(Fraction(609), Fraction(31))
    assert all(law.odds(Fraction(n), Fraction(31)) <= law.likeliest(Fraction(31)) for n in (0, 5, 55, 608, 609))


def test_what_was_read_beside_a_figure_is_known() -> None:
    table = by_place_with_readings(GOOD)
    near = common_mistakes(table, RATES)["b", "y"].near
    assert near == {Fraction(at(GOOD, p) or 0) for p in PLACES if p != ("b", "y") and (p[0] == "b" or p[1] == "y")}


def test_a_dash_of_two_readers_looks_like_no_digit_more_than_like_another() -> None:
    table = by_place_with_readings(changed(("b", "y"), None))
    dash = common_mistakes(table, RATES)["b", "y"]
    chances = {dash.odds(Fraction(n), Fraction(0)) - dash.odds(Fraction(55), Fraction(0)) for n in range(1, 10) if n not in NEAR}
    assert dash.is_dash and len({float(f"{c:.3g}") for c in chances}) == 1
    assert dash.odds(Fraction(5), Fraction(0)) <= dash.likeliest(Fraction(0))


NEAR = {40, 6, 51, 3, 81, 89}


def by_place_with_readings(values: Values) -> Matrix:
    """A matrix whose cells two readers agree on; a dash for None."""
    table = matrix(values)
    said = (("lines", math.log(0.99)), ("figures", math.log(0.95)))

    def cell(before: MatrixCell) -> MatrixCell:
        text = before.text or "-"
        state = before.state if before.text else State.DASH
        return replace(before, text=text, state=state, readings=(Candidate(text, -1e-4, said),))

    return replace(table, cells=tuple(tuple(map(cell, line)) for line in table.cells))
