"""Tables without rulings that are set smaller than the paragraphs of their page."""

import cv2
import numpy as np

from pipeline.layout.textlines import find_ink, find_lines
from pipeline.raster import PixelBox

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
            letter(page, 60 + 22 * k, y, SMALL)
        for k in range(5):
            cv2.rectangle(page, (500 + 100 * k, y + 12), (506 + 100 * k, y + 13), 20, -1)
    found = [b for b in boxes_of(page) if b[0] >= 480 and b[1] < 400]
    assert len(found) == 20, found
    assert all(b[3] - b[1] <= 1.3 * SMALL for b in found), found


def test_letters_below_one_another_stay_apart():
    page = page_with_paragraphs()
    for column in range(10):
        for k in range(4):
            letter(page, 60 + 110 * column, 100 + 22 * k, SMALL)
    found = [b for b in boxes_of(page) if b[1] < 400]
    assert len(found) == 40, found


def test_strokes_of_one_large_letter_stay_together():
    """A lone 二 beside paragraphs of its own size, away from them."""
    page = page_with_paragraphs()
    cv2.rectangle(page, (566, 606), (590, 609), 20, -1)
    cv2.rectangle(page, (560, 628), (596, 631), 20, -1)
    found = [b for b in boxes_of(page) if 580 < b[1] < 640 or 580 < b[3] < 640]
    assert len(found) == 1, found
