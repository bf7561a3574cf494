"""Tables that are mostly blank and printed wrong in several places: few cells are asked for; a lost row is seen."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import cast

import pytest

from fixtures.gen.report import sample_report
from pipeline.canon.schema import TableSchema, load_schemas
from pipeline.canon.values import parse_value
from pipeline.check.cells import by_place
from pipeline.check.equalities import Equality
from pipeline.check.equations import Instance
from pipeline.check.exchangeable import classes
from pipeline.check.localise import Unknown
from pipeline.domain import Candidate, Finding, LaneMatch, Matrix, MatrixCell, Origin
from pipeline.run.settling import settle_matrices

SAID = (("lines", -1e-5), ("figures", -1e-3))
REQUESTS: TableSchema = next(t for s in load_schemas() for t in s.tables if t.table == "requests" and t.variant == "2021")
ROWS, COLUMNS = ([m.key for m in lane] for lane in (REQUESTS.rows, REQUESTS.columns))


def matrix(texts: tuple[tuple[str, ...], ...]) -> Matrix:
    """A table of which two readers read every figure rightly."""
    rows = tuple(LaneMatch(m.key, m.label, 1.0, 1.0, True) for m in REQUESTS.rows)
    columns = tuple(LaneMatch(m.key, m.label, 1.0, 1.0, True) for m in REQUESTS.columns)
    cells = tuple(tuple(map(cell, line)) for line in texts)
    return Matrix("requests", REQUESTS.family, "2021", None, rows, columns, cells, 1.0, 1.0, 1)


def cell(text: str) -> MatrixCell:
    value = parse_value(text)
    readings = (Candidate(text, -1e-5, SAID),) if text else ()
    return MatrixCell(value.value, text, value.state, 0.99, False, Origin.OCR, 1, readings=readings)


def settled(texts: tuple[tuple[str, ...], ...]) -> tuple[set[tuple[str, str]], list[Finding]]:
    """The cells that are asked for, and the failed equations."""
    (found,), findings = settle_matrices([matrix(texts)], load_schemas(), ())
    return {p for p, c in by_place(found).items() if c.review}, [f for f in findings if f.severity == "error"]


def blank_report(seed: int, mistakes: int) -> tuple[tuple[str, ...], ...]:
    """The requests table of a report that leaves cells blank where others print 0."""
    report = sample_report(seed, zero_style="blank_zero_details" if seed % 2 else "blank_details", n_mistakes=mistakes)
    return report.texts["requests"]


@pytest.mark.parametrize("seed", [1033, 1035, 1036, 1037, 1039, 1041])
def test_of_a_blank_table_with_mistakes_in_print_few_cells_are_asked_for(seed: int) -> None:
    flagged, failed = settled(blank_report(seed, 4))
    assert failed
    assert len(flagged) <= 6


def test_a_row_whose_figures_are_lost_is_asked_for() -> None:
    texts = blank_report(1031, 0)
    row = max(range(2, 21), key=lambda i: sum(bool(t.strip("0")) for t in texts[i]))
    lost = tuple(tuple("" for _ in line) if i == row else line for i, line in enumerate(texts))
    places = {(ROWS[row], COLUMNS[j]) for j, t in enumerate(texts[row]) if t.strip("0")}
    flagged, _ = settled(lost)
    assert places and places <= flagged


def test_a_column_that_is_short_by_itself_robs_no_row() -> None:
    texts = blank_report(1031, 0)
    j, i = len(COLUMNS) - 1, ROWS.index("total_results")
    lines = [list(line) for line in texts]
    lines[i][j] = str(int(lines[i][j]) + 40)
    flagged, _ = settled(tuple(map(tuple, lines)))
    assert len({row for row, _ in flagged}) <= 2


def test_cells_of_the_same_equations_are_sought_as_one() -> None:
    free = Unknown((), 10.0, -3)
    instance = cast(Instance, None)
    both = Equality(instance, {("a", "x"): 1, ("b", "x"): 1, ("c", "x"): -1, ("d", "x"): 1}, Fraction(5), True)
    places = [(row, "x") for row in "abcd"]
    proposed = Unknown(((5, 2.0),), 10.0, -3)
    members, unknowns = classes(places, [free, free, free, proposed], {place: [both] for place in places})
    assert members == [(("a", "x"), ("b", "x")), (("c", "x"),), (("d", "x"),)]
    assert unknowns[1:] == [free, proposed]
    assert unknowns[0].free_cost == pytest.approx(10.0 - math.log(2))
