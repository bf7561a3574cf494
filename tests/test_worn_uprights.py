"""Bits that wear has left of uprights are no ones, and ones in a column are no bits of an upright."""

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.grid.image_rulings import find_rulings
from pipeline.grid.ridges import PixelRule
from pipeline.grid.worn_uprights import worn_uprights
from pipeline.raster import Gray

DPI, ROW, AT = 200.0, 56, 500
BITS = ((0, 12), (38, 12), (18, 17), (4, 40), (22, 13), (31, 17))
"""Where bits begin below the line above them, and how long they are."""


def page_of(bits: Sequence[tuple[int, int]], at: int = AT) -> Gray:
    """Draws broken lines over the whole width, a figure in each row, and a bit of an upright at the left of it."""
    page = np.full((200 + ROW * len(bits), 1300), 252, np.uint8)
    for k in range(len(bits) + 1):
        y = 80 + ROW * k
        for start in range(120, 1240, 280):
            page[y : y + 3, start : start + 215] = 50
    for k, (below, length) in enumerate(bits):
        y = 80 + ROW * k
        page[y + below + 4 : y + below + 4 + length, at : at + 3] = 60
        cv2.putText(page, "239", (at + 9, y + 38), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 30, 2)
    return page


def bits_of(page: Gray) -> Gray:
    """Returns the mask of the bits of a page, upright."""
    turned = np.asarray(cv2.transpose(np.asarray(255 - page, dtype=np.uint8)), dtype=np.uint8)
    flat = [PixelRule(float(y + 1), float(x), float(x + 215), 3.0, 1.0) for y in range(80, page.shape[0] - 100, ROW)
            for x in range(120, 1240, 280)]  # fmt: skip
    return np.asarray(cv2.transpose(worn_uprights(turned, flat, [], DPI)), dtype=np.uint8)


def test_bits_one_below_another_are_marked_and_figures_are_not() -> None:
    page = page_of(BITS)
    mask = bits_of(page) > 0
    for k, (below, length) in enumerate(BITS):
        top = 80 + ROW * k + below + 4
        inner = mask[max(top, 80 + ROW * k + 6) : min(top + length, 80 + ROW * (k + 1) - 6), AT : AT + 3]
        assert inner.all(), k
    assert not mask[:, AT + 8 :].any()
    assert (find_rulings(page, DPI).mask[80 + ROW + 44 : 80 + ROW + 52, AT + 1] > 0).all()


def test_ones_in_a_column_are_left() -> None:
    assert not bits_of(page_of([(18, 22)] * 6)).any()
    # A bit among them changes nothing.
    assert not bits_of(page_of([(18, 22)] * 5 + [(2, 9)])).any()


def test_bits_at_the_very_side_are_marked() -> None:
    # The place before the first one is none: where the side of the table stands is told by the lines alone.
    assert [bool(bits_of(page_of(BITS, at)).any()) for at in range(110, 118)] == [False] * 4 + [True] * 4


def test_two_bits_are_too_few() -> None:
    assert not bits_of(page_of([(0, 12), (38, 12), (60, 0), (60, 0), (60, 0), (60, 0)])).any()


def test_strokes_with_print_at_their_side_are_left() -> None:
    page = page_of(BITS)
    for k in range(len(BITS)):
        page[80 + ROW * k + 8 : 80 + ROW * k + 50 : 6, AT - 8 : AT + 8] = 40
    assert not bits_of(page).any()


def test_where_an_upright_runs_across_a_line_the_table_is_known() -> None:
    page = page_of(BITS)
    turned = np.asarray(cv2.transpose(np.asarray(255 - page, dtype=np.uint8)), dtype=np.uint8)
    flat = [PixelRule(81.0 + ROW * k, float(x), float(x + 215), 3.0, 1.0) for k in range(7) for x in range(120, 1240, 280)]
    across = PixelRule(900.0, 80.0 + ROW, 80.0 + 3 * ROW, 3.0, 0.9)
    assert worn_uprights(turned, flat, [], DPI).any()
    assert not worn_uprights(turned, flat, [across], DPI).any()
