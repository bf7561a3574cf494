"""Probabilities of cells: what speaks for a value raises them, flags for the place stay, and doubts of reading can be cleared."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.check.confidence import Calibration, Evidence, closed_equations, evidence_of, probability, with_confidence
from pipeline.domain import Candidate, Equation, LaneMatch, Matrix, MatrixCell, Origin, State
from pipeline.ocr.engine import LineReading
from pipeline.ocr.sureness import doubt

CALIBRATION = Calibration(1.0, 6.0, 0.6, 2.0, 0.0, -1.0, 2.0, 4.0, 2.0, 0.995)
SUM = Equation("row_total", "rows", ("a", "b"), ("total",), ("total",))


def read(value: int, share: float = 0.999, second: float | None = 0.999, **changes: object) -> MatrixCell:
    said = (("lines", math.log(share)), *((("figures", math.log(second)),) if second else ()))
    cell = MatrixCell(
        value, str(value), State.PRINTED, 0.9, False, Origin.OCR, readings=(Candidate(str(value), math.log(share), said),)
    )
    return replace(cell, **changes)  # type: ignore[arg-type]


def matrix(*cells: MatrixCell) -> Matrix:
    lanes = tuple(LaneMatch(k, k, 1.0, 5.0, True) for k in ("a", "b", "total"))
    return Matrix("t", "s", "v", None, (LaneMatch("r", "r", 1.0, 5.0, True),), lanes, (cells,), 1.0, 1.0)


def judged(*cells: MatrixCell, told: frozenset[tuple[str, str]] = frozenset()) -> tuple[MatrixCell, ...]:
    return with_confidence(matrix(*cells), [SUM], told, CALIBRATION).cells[0]


@given(st.floats(-9, 9), st.booleans(), st.booleans(), st.integers(0, 3), st.booleans())
def test_every_piece_of_evidence_raises_the_probability(reading, agreed, doubted, closed, told):
    base = Evidence(reading, False, agreed, doubted, closed, told)
    p = probability(base, CALIBRATION)
    assert 0.0 < p < 1.0
    assert probability(replace(base, reading=reading + 1), CALIBRATION) > p
    assert probability(replace(base, closed=closed + 1), CALIBRATION) >= p
    assert probability(replace(base, agreed=True), CALIBRATION) >= p
    assert probability(replace(base, told=True), CALIBRATION) >= p
    assert probability(replace(base, doubted=True), CALIBRATION) <= p


def test_sure_figures_in_a_sum_that_closes_need_no_review():
    assert not any(c.review for c in judged(read(3), read(4), read(7)))


def test_one_reader_and_no_sum_ask_for_review():
    first, *_ = judged(read(3, share=0.9, second=None), read(4), read(9))
    assert first.review and "doubt" in first.reason and first.confidence < 0.995


def test_sums_clear_a_doubt_of_reading_and_say_so():
    doubted = read(3, 0.97, 0.99, review=True, reason="read as '3' with a probability of 0.97")
    first, *_ = judged(doubted, read(4), read(7), told=frozenset({("r", "a")}))
    assert not first.review and "closes over it" in first.reason and "text of the report" in first.reason
    still, *_ = judged(doubted, read(4), read(9))
    assert still.review


def test_readers_that_agree_clear_no_ruling_that_may_be_a_stroke():
    # 14 beside the side of its box, which both readers take for a 1.
    words = doubt(
        LineReading((Candidate("141", math.log(0.95)), Candidate("14|", math.log(0.05))), (Candidate("141", math.log(0.95)),), 20)
    )
    barred = read(141, review=True, reason=words)
    assert judged(barred, read(4), read(18))[0].review
    assert not judged(barred, read(4), read(145))[0].review
    assert not judged(replace(barred, reason="read as '141', or '14'"), read(4), read(18))[0].review


def test_a_doubt_of_place_is_never_cleared():
    moved = read(3, review=True, reason="14 values where the table has 15 columns")
    first, *_ = judged(moved, read(4), read(7))
    assert first.review and first.confidence <= 0.5 and first.reason == moved.reason


def test_what_was_not_read_from_pixels_keeps_what_it_has():
    cells = [read(v, origin=Origin.TEXT_LAYER, readings=()) for v in (3, 4, 9)]
    assert judged(*cells) == tuple(cells)


def test_closed_equations_are_counted_by_cell():
    assert closed_equations(matrix(read(3), read(4), read(7)), [SUM]) == {("r", "a"): 1, ("r", "b"): 1, ("r", "total"): 1}
    assert not closed_equations(matrix(read(3), read(4), read(9)), [SUM])


@pytest.mark.parametrize("second, agreed", [("3", True), ("8", False), (None, False)])
def test_two_readers_agree_only_where_both_find_one_text_best(second, agreed):
    near, far = (("figures", math.log(0.9)),), (("figures", math.log(0.05)),)
    mine, other = (near, far) if second == "3" else (far, near) if second else ((), ())
    readings = (
        Candidate("3", math.log(0.9), (("lines", math.log(0.9)), *mine)),
        Candidate("8", math.log(0.1), (("lines", math.log(0.1)), *other)),
    )
    assert evidence_of(replace(read(3), readings=readings), 0, False).agreed is agreed


def test_readers_that_are_unsure_and_one_equation_clear_nothing():
    doubted = read(3, 0.6, 0.6, review=True, reason="read as '3' with a probability of 0.60")
    lone = replace(CALIBRATION, agreed=9.0)
    assert with_confidence(matrix(doubted, read(4), read(7)), [SUM], frozenset(), lone).cells[0][0].review


def with_bad(n_bad: int, n_good: int) -> list[MatrixCell]:
    """A row of figures of which some could hardly be read, and no equation asks for."""
    bad = [read(3, share=0.6, review=True, reason="read as '3' with a probability of 0.60") for _ in range(n_bad)]
    lanes = tuple(LaneMatch(f"c{k}", "c", 1.0, 5.0, True) for k in range(n_bad + n_good))
    cells = (*bad, *(read(5) for _ in range(n_good)))
    table = Matrix("t", "s", "v", None, (LaneMatch("r", "r", 1.0, 5.0, True),), lanes, (cells,), 1.0, 1.0)
    return list(with_confidence(table, [], frozenset(), CALIBRATION).cells[0][n_bad:])


def test_what_reads_well_among_much_that_does_not_needs_a_sum():
    assert not any(c.review for c in with_bad(4, 10))
    assert not any(c.review for c in with_bad(5, 30))
    doubted = with_bad(6, 10)
    assert all(c.review and "much could hardly be read" in c.reason and c.confidence <= 0.995 for c in doubted)


@pytest.mark.parametrize(("n_bad", "flagged"), [(6, True), (4, False)])
def test_a_blank_among_figures_that_could_hardly_be_read_may_be_a_lost_one(n_bad: int, flagged: bool):
    bad = [read(3, share=0.6, review=True, reason="read as '3' with a probability of 0.60") for _ in range(n_bad)]
    blank = MatrixCell(None, "", State.BLANK, 1.0, False, Origin.OCR)
    lanes = tuple(LaneMatch(f"c{k}", "c", 1.0, 5.0, True) for k in range(n_bad + 1))
    table = Matrix("t", "s", "v", None, (LaneMatch("r", "r", 1.0, 5.0, True),), lanes, ((*bad, blank),), 1.0, 1.0)
    made = with_confidence(table, [], frozenset(), CALIBRATION).cells[0][-1]
    assert made.review == flagged
    assert not flagged or (made.reason is not None and "could hardly be read" in made.reason and made.confidence <= 0.995)


def test_a_sum_vouches_in_a_badly_read_table_too():
    bad = [read(3, share=0.6, review=True, reason="read as '3' with a probability of 0.60") for _ in range(6)]
    lanes = tuple(LaneMatch(k, k, 1.0, 5.0, True) for k in ("a", "b", "total", *"cdefgh"))
    cells = (read(3), read(4), read(7), *bad)
    table = Matrix("t", "s", "v", None, (LaneMatch("r", "r", 1.0, 5.0, True),), lanes, (cells,), 1.0, 1.0)
    made = with_confidence(table, [SUM], frozenset(), CALIBRATION).cells[0]
    assert not any(c.review for c in made[:3])
