"""Marks in the margin are told from figures, and words of a picture get boxes as high as their letters."""

import math

import numpy as np
import pytest

from pipeline.config import DEFAULT
from pipeline.domain import BBox, Candidate, Word
from pipeline.ocr.engine import LineReading
from pipeline.ocr.marks import is_margin_mark, without_strays
from pipeline.ocr.words import UNREAD, em_boxes, reading_to_word

CELLS = (BBox(100, 100, 400, 200),)
INSIDE, LEFT, RIGHT = BBox(200, 120, 220, 130), BBox(20, 150, 30, 170), BBox(450, 150, 460, 170)
ABOVE, BELOW = BBox(200, 20, 210, 40), BBox(200, 300, 210, 320)


def word(text: str, box: BBox, score: float = -0.01) -> Word:
    """A word whose reading has a log-probability of `score` a character."""
    return Word(text, box, 1, readings=(Candidate(text, score * len(text)),))


@pytest.mark.parametrize("box", [LEFT, RIGHT, ABOVE, BELOW])
def test_bad_short_readings_around_a_table_are_marks(box: BBox) -> None:
    assert is_margin_mark([word("丿", box, -2.0)], CELLS) == [True]
    assert is_margin_mark([Word(UNREAD, box, 1)], CELLS) == [True]


def test_what_is_well_read_is_no_mark() -> None:
    assert is_margin_mark([word("8", LEFT), word("12", BELOW, -0.3), word("备注", ABOVE, -0.1)], CELLS) == [False] * 3


def test_what_is_long_is_no_mark() -> None:
    assert is_margin_mark([word("政府信息", LEFT, -2.0)], CELLS) == [False]


def test_bad_readings_in_the_table_are_no_marks() -> None:
    over_edge = BBox(90, 120, 110, 130)
    found = is_margin_mark([word("丿", INSIDE, -3.0), Word(UNREAD, INSIDE, 1), word("1", over_edge, -3.0)], CELLS)
    assert found == [False, False, False]


def test_bad_readings_among_text_are_no_marks() -> None:
    # Without a ruled table, well-read words are what a figure may belong to.
    body = [word("本年新收", BBox(100, 100, 180, 112)), word("三、其他处理", BBox(100, 300, 180, 312))]
    between, beside = word("1", BBox(150, 200, 160, 212), -3.0), word("1", BBox(300, 200, 310, 212), -3.0)
    assert is_margin_mark([*body, between, beside], ()) == [False, False, False, True]


def test_one_letter_does_not_widen_the_page() -> None:
    stroke = word("1", LEFT, -0.05)
    assert is_margin_mark([stroke, word("丿", BBox(40, 150, 50, 160), -3.0)], CELLS) == [False, True]


def test_without_anything_read_nothing_is_a_mark() -> None:
    assert is_margin_mark([word("丿", LEFT, -3.0), Word(UNREAD, RIGHT, 1)], ()) == [False, False]
    assert is_margin_mark([], ()) == []


def test_a_bad_reading_in_a_column_of_signs_is_no_mark() -> None:
    """The last column of a table without rulings may hold nothing longer than a dash."""
    body = [word("本年新收", BBox(100, 100 + 20 * k, 180, 110 + 20 * k)) for k in range(8)]
    signs = [word("/", BBox(300, 100 + 20 * k, 305, 110 + 20 * k), -3.0 if k == 5 else -0.01) for k in range(8)]
    alone = word("/", BBox(400, 140, 405, 150), -3.0)
    assert is_margin_mark([*body, *signs, alone], ()) == [False] * 16 + [True]


def heights(words: list[Word]) -> list[float]:
    return [w.bbox.height for w in em_boxes(words)]


def test_ideographs_keep_nearly_their_own_height() -> None:
    assert heights([word("政府", BBox(10, 10, 40, 20))]) == pytest.approx([10.3], abs=0.1)


def test_dashes_and_figures_get_the_em_of_their_row() -> None:
    row = [word("数量", BBox(10, 10, 40, 20)), word("1", BBox(50, 11.5, 54, 18.5)), word("—", BBox(60, 14.5, 70, 15.5))]
    assert heights(row) == pytest.approx([10.3] * 3, abs=0.1)
    for before, after in zip(row, em_boxes(row), strict=True):
        assert (after.bbox.x0, after.bbox.x1, after.text) == (before.bbox.x0, before.bbox.x1, before.text)
        assert np.isclose(after.bbox.top + after.bbox.bottom, before.bbox.top + before.bbox.bottom)


def test_the_nearest_ideographs_of_the_row_tell() -> None:
    words = [word("总计", BBox(0, 4, 40, 26)), word("数量", BBox(100, 10, 120, 20)), word("12", BBox(125, 11, 133, 18))]
    assert heights(words)[2] == pytest.approx(10.3, abs=0.1)


def test_a_figure_away_from_all_text_gets_the_usual_em_but_not_more_than_its_digits_allow() -> None:
    words = [word("数量", BBox(0, 10, 20, 20)), word("总计", BBox(0, 40, 20, 50)), word("7", BBox(60, 100, 64, 107))]
    assert heights(words)[2] == pytest.approx(7 / 0.72, abs=0.1)
    big = [*words[:2], word("7", BBox(60, 100, 70, 118))]
    assert heights(big)[2] == pytest.approx(18, abs=0.1)


def test_a_figure_taken_for_an_ideograph_gets_the_em_of_its_row() -> None:
    """A broken 4 was read as 山; the figures beside it are none the smaller for it."""
    row = [word("予以公开", BBox(0, 10, 40, 20)), word("山", BBox(100, 12, 104, 18.5)), word("6", BBox(120, 12, 124, 18.5))]
    assert heights(row) == pytest.approx([10.3] * 3, abs=0.1)


def test_no_box_shrinks_and_none_is_lost() -> None:
    rng = np.random.default_rng(2)
    words = []
    for k in range(60):
        x, y, w, h = (float(n) for n in rng.uniform((0, 0, 2, 1), (500, 700, 60, 30)))
        words.append(word(("数量", "12", "—", "总计1")[k % 4], BBox(x, y, x + w, y + h)))
    for before, after in zip(words, em_boxes(words), strict=True):
        assert after.bbox.top <= before.bbox.top and after.bbox.bottom >= before.bbox.bottom
    assert em_boxes([]) == []
    assert heights([word("12", BBox(0, 0, 10, 7))]) == pytest.approx([7])


def test_a_staple_in_the_corner_is_a_mark_however_well_it_is_read():
    head = Word("年度报告", BBox(100, 50, 200, 62), 1, readings=(Candidate("年度报告", -0.01),))
    words = [head, word("/", BBox(20, 20, 40, 40), -0.05)]
    assert is_margin_mark(words, ()) == [False, True]
    beside = [words[0], word("/", BBox(20, 52, 40, 60), -0.05)]
    assert is_margin_mark(beside, ()) == [False, False]


FIGURE, UNDER, BEFORE, AFTER = (
    BBox(200, 120, 220, 140),
    BBox(205, 142, 212, 150),
    BBox(188, 128, 195, 132),
    BBox(225, 128, 232, 132),
)


@pytest.mark.parametrize("text, box", [(UNREAD, UNDER), ("-", UNDER), ("△", UNDER), ("一", AFTER)])
def test_a_small_mark_leaves_its_figure_a_doubt(text: str, box: BBox) -> None:
    figure, mark = without_strays([word("12", FIGURE), word(text, box)], [3, 3])
    assert mark is None and figure is not None and figure.text == "12"
    assert (figure.doubt or "").startswith("read as '12'") and math.exp(figure.readings[0].log_prob) <= 0.8


@pytest.mark.parametrize("text", ["é", "4"])
def test_a_speck_above_or_below_a_figure_is_no_letter(text: str) -> None:
    speck = BBox(205, 142, 208, 150)
    figure, mark = without_strays([word("12", FIGURE), word(text, speck, -1.2)], [3, 3])
    assert mark is None and figure is not None and figure.text == "12" and figure.doubt
    for other in (word(text, speck, -0.1), word(text, BBox(205, 142, 218, 150), -1.2)):
        assert without_strays([word("12", FIGURE), other], [3, 3])[1] == other, "well read, or as wide as a letter"


@pytest.mark.parametrize(
    "words",
    [
        [word("12", FIGURE), word("-", BEFORE)],
        [word("12", FIGURE), word("5", UNDER)],
        [word("12", FIGURE), word("-", BBox(200, 142, 260, 180))],
        [word("12", FIGURE), word("件", UNDER)],
        [word("总计", FIGURE), word("-", UNDER)],
        [word("-", FIGURE)],
    ],
    ids=["a sign", "a digit", "large", "a letter", "no figure", "a dash alone"],
)
def test_what_may_be_print_stays(words: list[Word]) -> None:
    assert without_strays(words, [3] * len(words)) == words


def test_marks_of_other_cells_and_outside_of_cells_stay() -> None:
    words = [word("12", FIGURE), word("-", UNDER)]
    assert without_strays(words, [3, 4]) == words and without_strays(words, [None, None]) == words


def taken(text: str) -> Word:
    return reading_to_word(LineReading((Candidate(text, -0.1),), ()), FIGURE, 1, DEFAULT.ocr)


@pytest.mark.parametrize("text, figure", [("2|", "2"), ("53V", "53"), ("8ど", "8"), ("99。", "99"), ("0 -", "0"), ("`7", "7")])
def test_a_figure_with_a_stroke_beside_it_is_read_with_a_doubt(text: str, figure: str) -> None:
    read = taken(text)
    assert read.text == figure and read.doubt == f"read as {figure!r}, but freely as {text!r}"
    assert math.exp(read.readings[0].log_prob) <= 0.5


@pytest.mark.parametrize("text", ["2、", "1.", "第2", "3件", "2年", "A", "5/", "(1"])
def test_labels_and_units_are_no_strokes(text: str) -> None:
    assert taken(text).text == text
