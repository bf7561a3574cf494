"""Small dashes of scans: whichever mark one reads as, it is no figure; as a letter it would move its row."""

from __future__ import annotations

import math

import pytest

from pipeline.check.beliefs import is_reading_doubt
from pipeline.domain import BBox, Candidate, MatrixCell, Origin, State, Word
from pipeline.ocr.dashes import with_dashes
from pipeline.ocr.engine import LineReading
from pipeline.ocr.sureness import is_sure


def reading(free: dict[str, float], numeric: dict[str, float]) -> LineReading:
    def candidates(found: dict[str, float]) -> tuple[Candidate, ...]:
        return tuple(Candidate(text, math.log(p)) for text, p in found.items())

    return LineReading(candidates(free), candidates(numeric))


@pytest.mark.parametrize(
    ("free", "numeric", "sure"),
    [
        ({"-": 0.6, "•": 0.35}, {"-": 0.82, "0": 1e-5}, True),
        ({"•": 0.5, "-": 0.4}, {"-": 0.5}, True),
        # A figure is among what it may be, or a letter that a figure is taken for.
        ({"-": 0.6, "•": 0.35}, {"-": 0.82, "2": 0.05}, False),
        ({"-": 0.6, "二": 0.35}, {"-": 0.82}, False),
        ({"-": 0.6, "1": 0.35}, {"-": 0.6, "1": 0.35}, False),
    ],
)
def test_a_speck_is_a_dash_whichever_mark_it_reads_as(free: dict[str, float], numeric: dict[str, float], sure: bool) -> None:
    assert is_sure(reading(free, numeric)) is sure


def word(text: str, x: float, y: float, p: float = 0.95, size: tuple[float, float] = (3.0, 6.0)) -> Word:
    return Word(text, BBox(x, y, x + size[0], y + size[1]), 1, readings=(Candidate(text, math.log(p)),))


def row(y: float, *texts: str) -> list[Word]:
    return [word(t, 100.0 + 40 * k, y, 0.95 if t == "-" or t.isdigit() else 0.4) for k, t in enumerate(texts)]


def taken(words: list[Word], is_free: bool = True) -> str:
    return " ".join(w.text for w in with_dashes(words, [is_free] * len(words)))


def test_what_reads_badly_among_dashes_of_its_size_is_one_and_doubted() -> None:
    words = [*row(100, "-", "-", "è"), *row(120, "-", "二", "-"), *row(140, "5", "-", "\ufffd")]
    assert taken(words) == "- - - - - - 5 - -"
    made = with_dashes(words, [True] * 9)
    assert [w.doubt is not None for w in made] == [w.text in "è二\ufffd" for w in words]
    assert taken(words, is_free=False) == "- - è - 二 - 5 - \ufffd"


def test_letters_larger_than_dashes_or_well_read_or_figures_stay() -> None:
    dashes = [*row(100, "-", "-"), *row(120, "-", "-")]
    large = word("二", 180, 100, 0.4, size=(9.0, 9.0))
    sure = word("x", 180, 120, 0.9)
    figure = word("1", 180, 100, 0.3)
    away = word("è", 300, 400, 0.4)
    assert taken([*dashes, large, sure, figure, away]) == "- - - - 二 x 1 è"
    # A page that prints no dashes has none.
    assert taken([*row(100, "5", "7", "è"), *row(120, "-", "3", "二")]) == "5 7 è - 3 二"


def test_no_sum_clears_a_sign_that_was_taken_for_a_dash() -> None:
    made = with_dashes([*row(100, "-", "-", "o"), *row(120, "-", "-", "-")], [True] * 6)
    cell = MatrixCell(None, "-", State.DASH, 0.9, True, Origin.OCR, reason=made[2].doubt)
    assert not is_reading_doubt(cell)
