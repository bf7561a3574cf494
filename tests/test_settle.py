"""Failed equations: what is repaired, what is flagged, whose fault it is; and what never happens."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.check.beliefs import Proposal, beliefs, exact, is_reading_doubt
from pipeline.check.cells import by_place
from pipeline.check.settle import Limits, Settled, settle
from pipeline.domain import Candidate, Equation, LaneMatch, Matrix, MatrixCell, Number, Origin, State
from pipeline.ocr.engine import LineReading
from pipeline.ocr.sureness import doubt

ROWS, COLUMNS = ("a", "b", "c", "sum"), ("x", "y", "z", "total")
EQUATIONS = (
    Equation("row_total", "rows", ("x", "y", "z"), ("total",), ("total",)),
    Equation("result_sum", "columns", ("a", "b", "c"), ("sum",), ("sum",)),
)
Values = list[list[Number | None]]
Place = tuple[str, str]
PLACES = [(r, c) for r in ROWS for c in COLUMNS]
SURE = dict.fromkeys(PLACES, 1 - 1e-9)


def summed(details: list[list[int]]) -> Values:
    """Adds row and column sums."""
    rows = [[*row, sum(row)] for row in details]
    return [*rows, [sum(c) for c in zip(*rows, strict=True)]]


GOOD = summed([[12, 3, 0], [40, 5, 6], [7, 81, 9]])


def matrix(values: Values, origin: Origin = Origin.OCR, flagged: dict[Place, str] | None = None) -> Matrix:
    """A matrix of plain cells; `flagged` gives reasons to doubt single ones."""

    def cell(place: Place, value: Number | None) -> MatrixCell:
        reason = (flagged or {}).get(place)
        state = State.BLANK if value is None else State.PRINTED
        return MatrixCell(value, "" if value is None else str(value), state, 0.99, reason is not None, origin, 1, reason=reason)

    rows = tuple(LaneMatch(k, k, 1.0, 1.0, True) for k in ROWS)
    columns = tuple(LaneMatch(k, k, 1.0, 1.0, True) for k in COLUMNS)
    cells = tuple(
        tuple(cell((r, c), v) for c, v in zip(COLUMNS, line, strict=True)) for r, line in zip(ROWS, values, strict=True)
    )
    return Matrix("t", "s", "v", None, rows, columns, cells, 1.0, 1.0, 1)


def listed(
    values: Values, rivals: dict[Place, list[tuple[Number | None, float]]], sure: float = 0.999
) -> dict[Place, list[Proposal]]:
    """Readings of every cell: its value with probability `sure`, or what is left of its rivals."""
    found = {}
    for r, line in zip(ROWS, values, strict=True):
        for c, value in zip(COLUMNS, line, strict=True):
            others = rivals.get((r, c), [])
            first = 1.0 - sum(p for _, p in others) if others else sure
            readings = [(value, first), *others]
            found[(r, c)] = [Proposal(v, math.log(p), "" if v is None else str(v)) for v, p in readings]
    return found


def changed(place: Place, value: Number | None, values: Values = GOOD) -> Values:
    """`values` with one cell replaced."""
    copy = [list(line) for line in values]
    copy[ROWS.index(place[0])][COLUMNS.index(place[1])] = value
    return copy


def at(values: Values, place: Place) -> Number | None:
    """One value."""
    return values[ROWS.index(place[0])][COLUMNS.index(place[1])]


def flags(found: Settled) -> set[Place]:
    """The flagged cells."""
    return {p for p, cell in by_place(found.matrix).items() if cell.review}


def errors(found: Settled) -> list[str]:
    """Kinds of the failed equations."""
    return [f.kind for f in found.findings if f.severity == "error"]


def test_a_matrix_whose_equations_hold_is_the_same_object() -> None:
    table = matrix(GOOD)
    assert settle(table, EQUATIONS, listed(GOOD, {})).matrix is table


def test_it_does_not_even_load_the_solver() -> None:
    code = (
        "import sys; sys.path.insert(0, '.'); from tests.test_settle import *; "
        "settle(matrix(GOOD), EQUATIONS, listed(GOOD, {})); settle(matrix(changed(PLACES[0], 9), Origin.HTML), EQUATIONS); "
        "assert 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("place", PLACES)
def test_a_misreading_is_repaired_where_its_own_reading_proposed_the_truth(place: Place) -> None:
    truth = at(GOOD, place)
    wrong = changed(place, (truth or 0) + 60)
    found = settle(matrix(wrong), EQUATIONS, listed(wrong, {place: [(truth, 0.2), (1, 0.05)]}))
    cell = by_place(found.matrix)[place]
    assert (cell.value, cell.text, cell.state, cell.review) == (truth, str(truth), State.PRINTED, False)
    assert cell.confidence >= 0.9999 and cell.reason and str((truth or 0) + 60) in cell.reason
    assert not errors(found) and not flags(found)
    assert [(f.rule, f.kind, f.severity) for f in found.findings] == [("repair", "reading", "note")]


@pytest.mark.parametrize("place", PLACES)
def test_without_such_a_reading_it_is_flagged_and_nothing_changes(place: Place) -> None:
    wrong = changed(place, (at(GOOD, place) or 0) + 60)
    found = settle(matrix(wrong), EQUATIONS, listed(wrong, {place: [((at(GOOD, place) or 0) + 1, 0.2)]}))
    assert by_place(found.matrix)[place].value == at(wrong, place)
    assert flags(found) == {place}
    assert set(errors(found)) <= {"undecided", "reading"}


def test_a_doubtful_total_does_not_overrule_sure_details() -> None:
    # The row is out by 5: the total could be read so, and so could a detail that is nearly sure.
    place = ("b", "total")
    wrong = changed(place, 56)
    found = settle(matrix(wrong), EQUATIONS, listed(wrong, {place: [(51, 0.4)], ("b", "y"): [(10, 0.0005)]}))
    assert by_place(found.matrix)[place].value == 51 and by_place(found.matrix)[("b", "y")].value == 5


@pytest.mark.parametrize("place", PLACES)
def test_a_figure_that_is_printed_wrong_stays_where_its_reading_is_sure(place: Place) -> None:
    printed = changed(place, 999)
    found = settle(matrix(printed), EQUATIONS, listed(printed, {place: [(at(GOOD, place), 1e-8)]}), sure=SURE)
    assert found.matrix == matrix(printed)
    assert set(errors(found)) == {"source"}


def test_sums_that_were_never_made_are_the_source_s() -> None:
    printed = changed(("b", "total"), 0, changed(("c", "total"), 0))
    found = settle(matrix(printed), EQUATIONS, listed(printed, {}), sure=SURE)
    assert set(errors(found)) == {"source"} and not flags(found)


def test_one_doubtful_cell_keeps_the_source_from_being_blamed() -> None:
    printed = changed(("b", "total"), 54)
    found = settle(matrix(printed), EQUATIONS, listed(printed, {}), sure=SURE | {("b", "total"): 0.97})
    assert "source" not in errors(found) and ("b", "total") in flags(found)


def test_a_text_layer_is_never_repaired_nor_flagged() -> None:
    wrong = changed(("a", "x"), 72)
    table = matrix(wrong, Origin.TEXT_LAYER)
    found = settle(table, EQUATIONS, listed(wrong, {("a", "x"): [(12, 0.4)]}))
    assert found.matrix is table and set(errors(found)) == {"source"}


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.data())
def test_a_repair_never_invents_a_value(data: st.DataObject) -> None:
    numbers = st.integers(0, 400)
    values = summed(data.draw(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=3, max_size=3)))
    for place in data.draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=4, unique=True)):
        values = changed(place, data.draw(numbers), values)
    rivals = {
        p: [(data.draw(numbers), 0.3), (data.draw(numbers), 0.05)]
        for p in data.draw(st.lists(st.sampled_from(PLACES), max_size=6))
    }
    before, readings = matrix(values), listed(values, rivals)
    found = settle(before, EQUATIONS, readings)
    old, new = by_place(before), by_place(found.matrix)
    repaired = {r.place for r in found.repairs}
    for place in PLACES:
        assert (new[place].value, new[place].text) == (old[place].value, old[place].text) or place in repaired
        if place in repaired:
            assert (new[place].value, new[place].text) in [(p.value, p.text) for p in readings[place]]
    left = {(c.row, c.column) for f in found.findings if f.severity == "error" for c in f.cells}
    assert not repaired & left, "every equation that touches a repaired cell closes"
    for finding in found.findings:
        if finding.severity == "error" and finding.kind != "source":
            assert any(new[(c.row, c.column)].review for c in finding.cells), "somebody looks at it"


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 10**7), min_size=3, max_size=3), min_size=3, max_size=3), st.sampled_from(PLACES))
def test_consistent_matrices_are_untouched_whatever_readings_propose(details: list[list[int]], place: Place) -> None:
    values = summed(details)
    table = matrix(values)
    assert settle(table, EQUATIONS, listed(values, {place: [(1, 0.45)]})).matrix is table


def test_two_errors_that_offset_in_a_row_are_found_through_their_columns() -> None:
    wrong = changed(("c", "x"), 1, changed(("c", "y"), 87))
    rivals: dict[Place, list[tuple[Number | None, float]]] = {("c", "x"): [(7, 0.4)], ("c", "y"): [(81, 0.4)]}
    found = settle(matrix(wrong), EQUATIONS, listed(wrong, rivals))
    assert [[c.value for c in line] for line in found.matrix.cells] == GOOD and not flags(found)
    assert flags(settle(matrix(wrong), EQUATIONS, listed(wrong, {}))) >= {("c", "x"), ("c", "y")}


def test_neighbours_that_were_exchanged_are_flagged() -> None:
    wrong = changed(("c", "x"), 81, changed(("c", "y"), 7))
    found = settle(matrix(wrong), EQUATIONS, listed(wrong, {}), sure=SURE)
    assert flags(found) >= {("c", "x"), ("c", "y")} and not found.repairs


def test_values_beyond_ten_million_are_settled() -> None:
    good = summed([[20_000_001, 3, 0], [40, 50_000_005, 6], [7, 81, 9]])
    wrong = changed(("b", "z"), 8, good)
    found = settle(matrix(wrong), EQUATIONS, listed(wrong, {("b", "z"): [(6, 0.3)]}))
    assert by_place(found.matrix)[("b", "z")].value == 6 and not flags(found)


def test_hundredths_add_up_without_a_tolerance() -> None:
    rows = [[0.1, 0.2, 0.07], [10.01, 5.5, 6.33], [7.25, 81.99, 9.3]]
    good: Values = [[*r, round(sum(r), 2)] for r in rows]
    good.append([round(sum(float(line[j] or 0) for line in good), 2) for j in range(4)])
    wrong = changed(("b", "x"), 10.07, good)
    kinds = dict.fromkeys(COLUMNS, "decimal")
    found = settle(matrix(wrong), EQUATIONS, listed(wrong, {("b", "x"): [(10.01, 0.3)]}), kinds=kinds)
    assert by_place(found.matrix)[("b", "x")].value == 10.01
    assert exact(0.1) + exact(0.2) == exact(0.3)


def test_a_blank_counts_as_0_and_may_be_a_figure_that_was_lost() -> None:
    good = changed(("a", "z"), None)
    assert not errors(settle(matrix(good), EQUATIONS, listed(good, {})))
    lost = changed(("b", "z"), None)
    assert flags(settle(matrix(lost), EQUATIONS, listed(lost, {}))) == {("b", "z")}
    speck = changed(("a", "z"), 1)
    repaired = settle(matrix(speck), EQUATIONS, listed(speck, {("a", "z"): [(None, 0.3)]}))
    assert by_place(repaired.matrix)[("a", "z")].state is State.BLANK and not flags(repaired)


def test_a_negative_number_or_a_fraction_is_no_repair_of_a_count() -> None:
    values = summed([[2, 3, 5], [40, 5, 6], [7, 81, 9]])
    wrong = changed(("a", "x"), 5, changed(("a", "total"), 9, changed(("sum", "total"), 157, values)))
    proposals = listed(wrong, {("a", "x"): [(1.5, 0.3), (-2, 0.2)]})
    known = beliefs(matrix(wrong), proposals)
    assert not known[("a", "x")].options
    assert len(beliefs(matrix(wrong), proposals, kinds={"x": "signed"})[("a", "x")].options) == 2


def test_a_flag_that_is_not_about_the_reading_stays_after_a_repair() -> None:
    place = ("b", "z")
    wrong = changed(place, 8)
    for reason, stays in (("a seal lies over it", True), ("read as '8', or '6'", False)):
        found = settle(matrix(wrong, flagged={place: reason}), EQUATIONS, listed(wrong, {place: [(6, 0.4)]}))
        cell = by_place(found.matrix)[place]
        assert cell.review is stays
        assert cell.value == 6


def test_the_reader_s_doubts_about_a_reading_are_known_as_such() -> None:
    unsure = LineReading((Candidate("8", math.log(0.7)),), (Candidate("8", math.log(0.7)), Candidate("6", math.log(0.3))), 20)
    words = doubt(unsure)
    table = matrix(GOOD, flagged={("a", "x"): words or ""})
    assert is_reading_doubt(by_place(table)[("a", "x")])


def test_one_equation_alone_repairs_nothing_on_a_weak_reading() -> None:
    row = EQUATIONS[:1]
    wrong = changed(("b", "y"), 8)
    found = settle(matrix(wrong), row, listed(wrong, {("b", "y"): [(5, 0.05)]}))
    assert not found.repairs and {("b", c) for c in COLUMNS} <= flags(found)


def test_many_wrong_cells_are_flagged_in_time_and_not_repaired() -> None:
    wrong = GOOD
    for n, place in enumerate(PLACES[:9]):
        wrong = changed(place, (at(GOOD, place) or 0) + 10**n, wrong)
    rivals = {p: [(at(GOOD, p), 0.4)] for p in PLACES[:9]}
    found = settle(matrix(wrong), EQUATIONS, listed(wrong, rivals), limits=Limits(seconds=1.0))
    assert not found.repairs and set(PLACES[:9]) <= flags(found)


def test_no_time_at_all_flags_the_suspects() -> None:
    wrong = changed(("a", "x"), 72)
    found = settle(matrix(wrong), EQUATIONS, listed(wrong, {("a", "x"): [(12, 0.4)]}), limits=Limits(seconds=0.0))
    assert ("a", "x") in flags(found) and not found.repairs and set(errors(found)) == {"undecided"}


def test_the_search_ends_by_what_it_did_and_not_by_the_clock() -> None:
    wrong = GOOD
    for n, place in enumerate(PLACES[:6]):
        wrong = changed(place, (at(GOOD, place) or 0) + 7**n, wrong)
    readings = listed(wrong, {p: [(at(GOOD, p), 0.2), (1, 0.1)] for p in PLACES})
    for work in (400, 3_000):
        first, *others = (settle(matrix(wrong), EQUATIONS, readings, limits=Limits(work=work)) for _ in range(3))
        assert all((o.matrix, o.findings) == (first.matrix, first.findings) for o in others)
        assert set(PLACES[:6]) <= flags(first)
    assert not settle(matrix(wrong), EQUATIONS, readings, limits=Limits(work=0)).repairs


def test_a_soft_equation_is_a_note_and_moves_nothing() -> None:
    soft = Equation("share", "rows", ("total",), ("x",), ("x",), relation="at_most", severity="note")
    table = matrix(GOOD)
    found = settle(table, (*EQUATIONS, soft), listed(GOOD, {}))
    assert found.matrix is table and {f.severity for f in found.findings} == {"note"}
    assert "is more than" in found.findings[0].message


def test_a_part_that_is_more_than_its_whole_is_an_error() -> None:
    whole = Equation("part", "rows", ("x",), ("y",), ("y",), relation="at_most")
    wrong = changed(("a", "x"), 72)
    found = settle(matrix(wrong, Origin.HTML), (whole,))
    assert set(errors(found)) == {"source"}
    repaired = settle(
        matrix(changed(("c", "x"), 87)),
        (whole,),
        {("c", "x"): [Proposal(87, math.log(0.5), "87"), Proposal(7, math.log(0.5), "7")]},
    )
    assert ("c", "x") in flags(repaired)


def test_a_cell_of_another_reader_in_a_scan_is_fixed() -> None:
    wrong = changed(("a", "x"), 72)
    table = matrix(wrong)
    cells = [list(line) for line in table.cells]
    cells[0][0] = replace(cells[0][0], origin=Origin.REVIEW)
    found = settle(replace(table, cells=tuple(map(tuple, cells))), EQUATIONS, listed(wrong, {("a", "x"): [(12, 0.4)]}))
    assert by_place(found.matrix)[("a", "x")].value == 72 and ("a", "x") not in flags(found)


def test_somebody_is_asked_wherever_the_verdict_is_open() -> None:
    values = changed(("sum", "x"), 0, changed(("b", "z"), 0, summed([[0, 0, 0], [0, 0, 11], [11, 0, 0]])))
    found = settle(matrix(values), EQUATIONS, listed(values, {}))
    cells = by_place(found.matrix)
    for finding in found.findings:
        if finding.severity == "error" and finding.kind != "source":
            assert any(cells[(c.row, c.column)].review for c in finding.cells)
