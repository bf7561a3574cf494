"""Commas that look like points: taken as marks of thousands where only whole numbers are printed, and nowhere else."""

from __future__ import annotations

import math

import pytest

from pipeline.canon.thousands import prints_marks, without_points
from pipeline.canon.tokens import Token
from pipeline.canon.values import parse_value
from pipeline.check.confidence import evidence_of, probability
from pipeline.domain import Candidate, MatrixCell, Origin, State
from pipeline.ocr.engine import LineReading
from pipeline.ocr.numbers import folded_text, is_number
from pipeline.ocr.sureness import doubt
from pipeline.run.settling import load_calibration


def token(*readings: tuple[str, float, float], why: str | None = None, origin: Origin = Origin.OCR) -> Token:
    """A figure with the probabilities that two readers give its readings."""
    listed = tuple(
        Candidate(text, math.log(math.sqrt(a * b)), (("lines", math.log(a)), ("figures", math.log(b)))) for text, a, b in readings
    )
    return Token(readings[0][0], parse_value(readings[0][0]), origin, readings=listed, doubt=why)


def cell_of(t: Token) -> MatrixCell:
    return MatrixCell(t.value.value, t.text, t.value.state, 0.9, True, t.origin, reason=t.doubt, readings=t.readings)


def test_a_point_between_thousands_of_a_count_is_a_comma() -> None:
    found = without_points(token(("799.496", 0.86, 0.33), ("799,496", 0.016, 0.65), ("99,496", 0.003, 0.003)))
    assert (found.text, found.value.value) == ("799,496", 799496)
    assert found.doubt is not None and found.doubt.startswith("read as '799.496'")
    assert [c.text for c in found.readings] == ["799,496", "99,496"]
    said = dict(found.readings[0].said)
    assert math.exp(said["lines"]) == pytest.approx(0.876) and math.exp(said["figures"]) == pytest.approx(0.98)


def test_only_equations_clear_it() -> None:
    cell = cell_of(without_points(token(("12.345", 0.99999, 0.99999), ("12,345", 1e-6, 1e-6))))
    chances = [probability(evidence_of(cell, closed, False), load_calibration()) for closed in (0, 2)]
    assert chances[0] < load_calibration().threshold < chances[1]


def test_two_readers_clear_it_in_a_report_that_prints_such_marks() -> None:
    sure = cell_of(without_points(token(("12.345", 0.999, 0.99), ("12,345", 1e-4, 1e-3)), marks=True))
    unsure = cell_of(without_points(token(("12.345", 0.9, 0.5), ("12,845", 0.05, 0.3)), marks=True))
    least = load_calibration().threshold
    assert [probability(evidence_of(c, 0, False), load_calibration()) >= least for c in (sure, unsure)] == [True, False]


@pytest.mark.parametrize(
    ("texts", "marks"),
    [
        (["1,234", "25,100", "1.234.567", "3.456,789", "9,876.50", "7,001", "0", "31", "12.345"], True),
        (["1.234", "25.100", "12.345", "3.456", "9.876", "7.001", "8.002"], False),
        (["1,234", "25,100", "7,001"], False),
        (["1,234", "25,100", "1,500", "3,456", "9,876", "7,001", "8002", "1999"], False),
        (["1", "25", "-", "", "100", "999", "0.5"], False),
    ],
    ids=["commas and two points", "points alone", "too few", "large ones without marks too", "no large ones"],
)
def test_other_large_numbers_tell_whether_a_report_prints_such_marks(texts: list[str], marks: bool) -> None:
    assert prints_marks(token((text, 0.9, 0.9)) for text in texts) is marks
    assert not prints_marks(token((text, 0.9, 0.9), origin=Origin.HTML) for text in texts)


def test_readings_that_differ_in_the_mark_alone_are_one() -> None:
    found = without_points(token(("86,158", 0.36, 0.84), ("86.158", 0.63, 0.14), why="read as '86,158', or '86.158'"))
    assert (found.text, found.value.value, len(found.readings)) == ("86,158", 86158, 1)
    assert math.exp(found.readings[0].log_prob) > 0.8 and found.doubt == "read as '86,158', or '86.158'"


@pytest.mark.parametrize("text", ["0.123", "012.345", "12.34", "1.2345", "1,234.56", "12345", "减1.234", "1.234元", "-"])
def test_other_numbers_stay_as_they_are(text: str) -> None:
    before = token((text, 0.9, 0.9))
    assert without_points(before) == before


def test_a_fraction_that_was_not_read_from_pixels_stays() -> None:
    before = token(("12.345", 0.9, 0.9), origin=Origin.HTML)
    assert without_points(before) == before


def test_a_doubt_of_its_place_or_print_stays() -> None:
    assert without_points(token(("12.345", 0.9, 0.9), why="a seal lies over it")).doubt == "a seal lies over it"


def test_two_points_in_one_number_are_marks_of_thousands_in_every_column() -> None:
    for text in ("1.234.567", "1.234,567"):
        found = parse_value(text)
        assert (found.value, found.state) == (1234567, State.PRINTED) and found.doubt and is_number(text)
    assert parse_value("1,234.567").value == pytest.approx(1234.567)
    assert parse_value("1.234.56").state is State.UNREADABLE and not is_number("1.234.56")
    assert parse_value("2024.12.31").state is State.UNREADABLE


@pytest.mark.parametrize("text", ["1.234", "8,108.105", "增8,108.105", "1.234,567"])
def test_where_fractions_are_printed_such_a_point_stays_in_doubt(text: str) -> None:
    reading = LineReading((Candidate(text, -1e-6),), (Candidate(text, -1e-6),))
    assert (doubt(reading) or "").startswith("a comma looks like a point")


@pytest.mark.parametrize(("text", "value"), [("減9", -9), ("増1,234", 1234), ("減少 3", -3)])
def test_other_forms_of_the_words_of_change_are_signs(text: str, value: int) -> None:
    assert parse_value(text).value == value and parse_value(text).signed
    assert folded_text(text.replace("少 ", "")) is not None
