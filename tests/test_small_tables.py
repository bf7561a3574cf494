"""Tables without rulings that are set smaller than the paragraphs of their page."""

import cv2
import numpy as np
import pytest

from pipeline.domain import BBox, Candidate, Word
from pipeline.grid.text import words_to_lines
from pipeline.layout.textlines import find_ink, find_lines
from pipeline.raster import PixelBox, TextLine
from pipeline.run.parted_heads import part_heads

SMALL, LARGE = 20, 34


def letter(page, x, y, size):
    """Draws what a Chinese letter looks like from afar: a square of crossing strokes."""
    cv2.rectangle(page, (x + 1, y + 2), (x + size - 2, y + size - 3), 20, 2)
    cv2.line(page, (x + size // 2, y), (x + size // 2, y + size - 1), 20, 2)
    cv2.line(page, (x, y + size // 2), (x + size - 1, y + size // 2), 20, 2)


def page_with_paragraphs():
    page = np.full((1300, 1200), 250, np.uint8)
    for row in range(9):
        for k in range(26):
            letter(page, 60 + 40 * k, 700 + 60 * row, LARGE)
    return page


def boxes_of(page) -> list[PixelBox]:
    ink = find_ink(page, np.zeros_like(page), 200.0)
    return [line.hull for line in find_lines(ink, [], 200.0)]


def test_dashes_of_two_rows_are_not_one_sign():
    """Rows stand as close as the strokes of 二 in the print of the paragraphs."""
    page = page_with_paragraphs()
    for row in range(4):
        y = 100 + 30 * row
        for k in range(8):
            letter(page, 60 + 26 * k, y, SMALL)
        for k in range(5):
            cv2.rectangle(page, (500 + 100 * k, y + 12), (506 + 100 * k, y + 13), 20, -1)
    found = [b for b in boxes_of(page) if b[0] >= 480 and b[1] < 400]
    assert len(found) == 20, found
    assert all(b[3] - b[1] <= 1.3 * SMALL for b in found), found


def test_letters_below_one_another_stay_apart():
    for columns in (2, 10):
        page = page_with_paragraphs()
        for column in range(columns):
            for k in range(4):
                letter(page, 60 + 110 * column, 100 + 22 * k, SMALL - 3)
        ink = find_ink(page, np.zeros_like(page), 200.0)
        found = [line for line in find_lines(ink, [], 200.0) if line.hull[1] < 400]
        # Three columns and more beside one another are heads: a run each, of four letters.
        assert len(found) == (8 if columns == 2 else 10), found
        assert sum(len(line.boxes) for line in found) == 4 * columns


def test_strokes_of_one_large_letter_stay_together():
    """A lone 二 beside paragraphs of its own size, away from them."""
    page = page_with_paragraphs()
    cv2.rectangle(page, (566, 606), (590, 609), 20, -1)
    cv2.rectangle(page, (560, 628), (596, 631), 20, -1)
    found = [b for b in boxes_of(page) if 580 < b[1] < 640 or 580 < b[3] < 640]
    assert len(found) == 1, found


def test_a_short_dash_stands_at_half_the_height_of_its_line():
    """It is narrower than a third of a letter, as a dot is; but a dot is not twice as wide as high."""
    page = page_with_paragraphs()
    for k in range(8):
        letter(page, 60 + 26 * k, 100, SMALL)
    cv2.rectangle(page, (500, 109), (505, 110), 20, -1)
    dash = next(b for b in boxes_of(page) if b[0] >= 480 and b[1] < 400)
    assert abs((dash[1] + dash[3]) / 2 - 110) <= 2, dash


def test_a_stroke_of_a_pen_does_not_join_the_rows_beside_it():
    page = page_with_paragraphs()
    for row in range(4):
        for k in range(12):
            letter(page, 100 + 26 * k, 100 + 28 * row, SMALL)
    cv2.polylines(page, [np.array([(62, 110), (90, 130), (66, 150), (92, 175)])], False, 20, 4)
    found = [b for b in boxes_of(page) if b[1] < 400]
    assert len([b for b in found if b[0] >= 95 and b[3] - b[1] <= 1.3 * SMALL]) == 4, found


def test_a_stroke_across_two_rows_goes_to_one_of_them():
    def word(text, x0, top, height=8.0):
        return Word(text, BBox(x0, top, x0 + 5 * len(text), top + height), 1)

    rows = [[word("label", 60, 100 + 12 * k), word("1", 200, 100 + 12 * k), word("2", 250, 100 + 12 * k)] for k in range(4)]
    lines = words_to_lines([*(w for row in rows for w in row), word("Z", 40, 100, 24.0)])
    assert [" ".join(w.text for w in line if w.text != "Z") for line in lines] == ["label 1 2"] * 4


@pytest.mark.parametrize(
    "text, widths, gap, parts",
    [
        ("结果维 结果纠 其他结", [3, 3, 3], 7, ["结果维", "结果纠", "其他结"]),
        ("结果维持结果纠正总计", [4, 4, 2], 12, ["结果维持", "结果纠正", "总计"]),
        ("结果维 结果纠正总计", [5, 4], 7, None),
        ("维持，其他结果", [3, 4], 12, None),
        ("结果维持", [2, 2], 3, None),
    ],
)
def test_heads_of_narrow_columns_are_parted_where_their_letters_fit(text, widths, gap, parts):
    page = page_with_paragraphs()
    x = 60
    for width in widths:
        for _ in range(width):
            letter(page, x, 100, 22)
            x += 24
        x += gap
    ink = find_ink(page, np.zeros_like(page), 200.0)
    line = TextLine(((60, 100, x - gap - 2, 122),))
    scale = 72 / 200
    box = BBox(60 * scale, 36.0, (x - gap - 2) * scale, 44.0)
    words, lines = part_heads([Word(text, box, 1, readings=(Candidate(text, -0.1),))], [line], ink)
    assert [w.text for w in words] == (parts or [text])
    assert len(lines) == len(words)
    assert all(abs(w.bbox.x0 / scale - run.hull[0]) < 1.5 for w, run in zip(words, lines, strict=True))


def test_heads_that_stand_at_other_heights_are_parted_and_keep_theirs():
    """Each stands in the middle of its cell, so that those of one line stand lower than those of two."""
    page = page_with_paragraphs()
    for k in range(3):
        letter(page, 60 + 24 * k, 100, 22)
        letter(page, 144 + 24 * k, 110, 22)
    ink = find_ink(page, np.zeros_like(page), 200.0)
    line = TextLine(((60, 100, 214, 132),))
    scale = 72 / 200
    box = BBox(60 * scale, 100 * scale, 214 * scale, 132 * scale)
    words, _ = part_heads([Word("自然人 商业企", box, 1, readings=(Candidate("自然人 商业企", -0.1),))], [line], ink)
    assert [w.text for w in words] == ["自然人", "商业企"]
    assert [w.bbox.top / scale for w in words] == pytest.approx([100, 110], abs=1.5)
    assert [w.bbox.bottom / scale for w in words] == pytest.approx([122, 132], abs=1.5)


def test_figures_set_much_smaller_than_the_paragraphs_stay_apart():
    """The gap between two columns is narrower than a letter of the paragraphs."""
    page = page_with_paragraphs()
    for column in range(10):
        x = 60 + 60 * column
        for k in range(3):
            letter(page, x + 10, 100 + 22 * k, 16)
        for k in range(3):
            cv2.rectangle(page, (x + 16 * k, 180), (x + 9 + 16 * k, 195), 20, 2)
    found = [b for b in boxes_of(page) if 170 < b[1] < 400]
    assert len(found) == 10, found
