"""Cells drawn as if let into the page, dark above and at the left, pale below and at the right, as browsers draw them."""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import pytest
from test_box_rulings import DPI, covers, scanned

from pipeline.grid.image_rulings import find_rulings
from pipeline.grid.pale_sides import pale_sides
from pipeline.grid.ridges import PixelRule
from pipeline.raster import Gray

DARK, PALE, SHORT_OF = 60, 212, 3


def let_in(xs: Sequence[int], ys: Sequence[int]) -> Gray:
    """Draws cells whose lines stand three pixels short of where they would meet."""
    page = np.full((ys[-1] + 80, xs[-1] + 80), 252, np.uint8)
    for a, b in pairwise(xs):
        for c, d in pairwise(ys):
            x0, y0, x1, y1 = a + SHORT_OF, c + SHORT_OF, b - SHORT_OF, d - SHORT_OF
            cv2.line(page, (x1, y0), (x1, y1), PALE, 2)
            cv2.line(page, (x0, y1), (x1, y1), PALE, 2)
            cv2.line(page, (x0, y0), (x1, y0), DARK, 2)
            cv2.line(page, (x0, y0), (x0, y1), DARK, 2)
    return page


def written(page: Gray, text: str, x: int, y: int) -> None:
    cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 30, 2)


@pytest.mark.parametrize("row", [54, 62])
def test_uprights_go_through_all_rows_and_are_not_taken_for_worn(row: int) -> None:
    xs, ys = [80, 480, 580, 680, 780], [80 + row * k for k in range(9)]
    page = let_in(xs, ys)
    for c in ys[:-1]:
        for b in xs[2:]:
            written(page, "407", b - 52, c + row // 2 + 8)
    found = find_rulings(scanned(page), DPI)
    for x in xs[1:-1]:
        assert covers(found.verticals, x + SHORT_OF, ys[0] + SHORT_OF, ys[-1] - SHORT_OF), x


def test_pale_sides_are_masked_and_the_figures_beside_them_are_not() -> None:
    xs, ys = [80, 480, 580, 680, 780], [80 + 60 * k for k in range(9)]
    page = let_in(xs, ys)
    figures = np.zeros_like(page)
    for c in ys[:-1]:
        for b in xs[2:]:
            for target in (page, figures):
                cv2.putText(target, "11", (b - 40, c + 38), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 30, 2)
    mask = find_rulings(scanned(page), DPI).mask > 0
    for b in xs[1:-1]:
        for c, d in pairwise(ys):
            assert mask[c + 10 : d - 10, b - SHORT_OF].mean() > 0.9, (b, c)
            assert mask[d - SHORT_OF, b + 10 : b + 60].mean() > 0.9, (b, c)
    assert not (mask & (figures > 0)).any()


def test_strokes_of_figures_along_a_ruling_are_no_side_of_boxes() -> None:
    # Noughts and ones at the left of low cells: their strokes stand in line, with paper between the rows.
    page = np.full((900, 400), 252, np.uint8)
    cv2.line(page, (100, 60), (100, 840), DARK, 2)
    for y in range(60, 840, 40):
        page[y + 8 : y + 34, 107:109] = 30
    ink = np.asarray(255 - scanned(page), dtype=np.uint8)
    turned = np.asarray(cv2.transpose(ink), dtype=np.uint8)
    assert not pale_sides(turned, [PixelRule(100.0, 60.0, 840.0, 2.0, 1.0)], DPI).any()


def test_a_ruling_as_short_as_one_row_tells_nothing() -> None:
    page = np.full((300, 400), 252, np.uint8)
    cv2.line(page, (100, 60), (100, 120), DARK, 2)
    page[62:118, 107:109] = 30
    ink = np.asarray(255 - page, dtype=np.uint8)
    turned = np.asarray(cv2.transpose(ink), dtype=np.uint8)
    assert not pale_sides(turned, [PixelRule(100.0, 60.0, 120.0, 2.0, 1.0)], DPI).any()
    assert not pale_sides(ink, [PixelRule(2.0, 60.0, 380.0, 2.0, 1.0)], DPI).any(), "too near to the edge of the page"


def test_the_two_lines_of_boxes_are_as_dark_as_each_other() -> None:
    page = np.full((300, 900), 252, np.uint8)
    for y in (100, 106):
        cv2.line(page, (60, y), (840, y), DARK, 2)
    ink = np.asarray(255 - scanned(page), dtype=np.uint8)
    assert not pale_sides(ink, [PixelRule(100.0, 60.0, 840.0, 2.0, 1.0)], DPI).any()
    assert not pale_sides(ink, [PixelRule(103.0, 60.0, 840.0, 2.0, 1.0)], DPI).any(), "a ruling between them"
