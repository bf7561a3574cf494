"""Small dashes of scans: whichever mark one reads as, it is no figure; as a letter it would move its row."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pipeline.check.beliefs import is_reading_doubt
from pipeline.domain import BBox, Candidate, MatrixCell, Origin, State, Word
from pipeline.layout.flat_signs import flat_signs
from pipeline.layout.textlines import find_ink
from pipeline.ocr.dashes import with_dashes, with_like_dashes
from pipeline.ocr.engine import LineReading
from pipeline.ocr.marks import taken_score
from pipeline.ocr.sureness import is_sure
from pipeline.raster import FlatSign, TextLine
from tests.test_textlines import context, paper, zero


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


SIGN = FlatSign(7, 4, 0.0)


def alike(more: list[tuple[Word, FlatSign | None]], covered: bool = False, n_sure: int = 8) -> list[Word]:
    """What becomes of words beside dashes that a reader is sure of."""
    sure = [(word("-", 100.0 + 40 * k, 100, 0.9), FlatSign(7 + k % 2, 4, 0.02)) for k in range(n_sure)]
    words, signs = zip(*sure, *more, strict=True)
    return with_like_dashes(words, signs, [False] * n_sure + [covered] * len(more))[n_sure:]


@pytest.mark.parametrize("text", ["•", "二", "e", "5", "\ufffd", "-"])
@pytest.mark.parametrize("size", [(6, 4), (9, 5), (7, 3)])
def test_what_has_the_pixels_of_sure_dashes_is_read_as_they_are(text: str, size: tuple[int, int]) -> None:
    doubted = replace(word(text, 100, 120, 0.4), doubt="read badly")
    (made,) = alike([(doubted, FlatSign(*size, -0.05))])
    assert (made.text, made.doubt, made.bbox) == ("-", None, doubted.bbox)
    assert [c.text for c in made.readings] == ["-"] and taken_score(made) >= math.log(0.9) - 1e-9


@pytest.mark.parametrize(
    ("sign", "covered", "n_sure"),
    [
        (FlatSign(12, 4, 0.0), False, 8),  # wider than they are
        (FlatSign(7, 7, 0.0), False, 8),  # higher
        (FlatSign(7, 4, 0.35), False, 8),  # at the foot of its row, as what is left of a 2
        (SIGN, True, 8),  # under a seal
        (SIGN, False, 7),  # too few that tell how they look
        (None, False, 8),  # several pieces
    ],
)
def test_what_has_other_pixels_keeps_its_reading_and_its_doubt(sign: FlatSign | None, covered: bool, n_sure: int) -> None:
    doubted = replace(word("•", 100, 120, 0.4), doubt="read badly")
    assert alike([(doubted, sign)], covered, n_sure) == [doubted]


@pytest.mark.parametrize("text", ["1", "一"])
def test_where_a_figure_that_reads_well_looks_like_a_dash_no_pixels_tell(text: str) -> None:
    doubted = replace(word("•", 100, 120, 0.4), doubt="read badly")
    assert alike([(doubted, SIGN), (word(text, 140, 120, 0.9), SIGN)])[0] == doubted


def test_flat_signs_are_lone_flat_pieces_with_their_height_in_the_row() -> None:
    page = paper()
    context(page)
    for x, y in ((100, 109), (160, 117)):
        page[y : y + 4, x : x + 8] = 20
    page[109:113, 220:228] = page[109:113, 232:240] = 20
    zero(page, 280, 100)
    ink = find_ink(page, np.zeros_like(page), 200.0)
    runs = [(98, 100, 110, 120), (158, 100, 170, 124), (218, 100, 242, 120), (278, 98, 296, 122)]
    level, low, two, round_ = flat_signs(ink, [TextLine((box,)) for box in runs])
    assert level is not None and (level.width, level.height) == (8, 4) and abs(level.aside) < 0.1
    assert low is not None and low.aside > 0.2
    assert two is None and round_ is None
    assert flat_signs(ink, [TextLine((runs[0],))]) == [None] and flat_signs(ink, []) == []
