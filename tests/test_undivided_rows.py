"""Rows with rulings around them, and white space between their columns: a frame and horizontal lines alone."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest

from pipeline.grid.image_rulings import find_rulings
from pipeline.layout.ink import find_ink
from pipeline.layout.undivided import undivided_rows
from pipeline.raster import Gray, PixelBox

DPI = 200.0
LEFT, RIGHT, TOP, HEIGHT = 100, 1100, 100, 44


def letters(page: Gray, x: int, y: int, count: int) -> None:
    """Draws letters as crossing strokes, 22 pixels high."""
    for k in range(count):
        cv2.rectangle(page, (x + 26 * k, y), (x + 26 * k + 20, y + 20), 20, 2)
        cv2.line(page, (x + 26 * k, y + 10), (x + 26 * k + 20, y + 10), 20, 2)


def table(rows: list[list[tuple[int, int]]], indents: list[int] | None = None) -> Gray:
    """Draws a frame and a line below each row; a row is places and lengths of its runs, an indent moves the line above it."""
    bottom = TOP + HEIGHT * len(rows)
    page = np.full((bottom + 200, RIGHT + 100), 250, np.uint8)
    cv2.rectangle(page, (LEFT, TOP), (RIGHT, bottom), 20, 2)
    for k, row in enumerate(rows):
        if k:
            cv2.line(page, (LEFT + (indents[k] if indents else 0), TOP + HEIGHT * k), (RIGHT, TOP + HEIGHT * k), 20, 2)
        for x, count in row:
            letters(page, LEFT + x, TOP + HEIGHT * k + 12, count)
    return page


def cells(rows: int, columns: tuple[int, ...] = (LEFT, RIGHT)) -> list[PixelBox]:
    return [
        (a, TOP + HEIGHT * k, b, TOP + HEIGHT * (k + 1)) for k in range(rows) for a, b in zip(columns, columns[1:], strict=False)
    ]


def undivided(page: Gray, boxes: list[PixelBox]) -> list[bool]:
    mask = find_rulings(page, DPI).mask
    return undivided_rows(find_ink(page, mask, DPI), boxes)


def test_rows_of_several_columns_are_told() -> None:
    page = table([[(20, 5), (400, 1), (600, 2), (900, 1)]] * 8)
    assert undivided(page, cells(8)) == [True] * 8


def test_a_row_and_its_head_at_the_foot_of_a_page_are_told() -> None:
    page = table([[(300, 4)], [(20, 5), (600, 2), (900, 1)]])
    assert undivided(page, cells(2)) == [True, True]


def test_labels_of_a_ruled_column_are_no_rows() -> None:
    lengths = random.Random(3).choices(range(3, 14), k=8)
    rows = [[(20, n)] for n in lengths]
    rows[2] = [(20, 2), (200, 2)]
    page = table([[*row, (600, 1)] for row in rows])
    split = cells(8, (LEFT, LEFT + 500, RIGHT))
    assert not any(undivided(page, split))


def test_a_cell_with_several_rows_is_told_from_a_label_of_several_lines() -> None:
    page = np.full((500, 1200), 250, np.uint8)
    cv2.rectangle(page, (100, 100), (1100, 300), 20, 2)
    cv2.line(page, (500, 100), (500, 300), 20, 2)
    for y in range(110, 290, 36):
        letters(page, 120, y, 13)
        for x in (540, 760, 960):
            letters(page, x, y, 2)
    assert undivided(page, [(100, 100, 500, 300), (500, 100, 1100, 300)]) == [False, True]


@pytest.mark.parametrize("indent", [150, 320])
def test_lines_of_a_frame_without_uprights_end_where_they_are_drawn(indent: int) -> None:
    rows = [[(20, 4), (400, 4), (900, 1)]] * 3 + [[(400, 4), (900, 1)]] * 5
    page = table(rows, [0, 0, 0, *[indent] * 5])
    found = find_rulings(page, DPI)
    inner = [r for r in found.horizontals if TOP + 10 < r.at < TOP + HEIGHT * 8 - 10]
    assert len(inner) == 7
    assert [round((r.start - LEFT) / 10) * 10 for r in inner] == [0, 0, *[indent] * 5]


def test_a_line_does_not_go_on_over_the_strokes_of_print() -> None:
    # Strokes of letters beside the end of the line, at its height.
    page = table([[(20, 4)], [(400, 4)], [(400, 4)], [(20, 4)]], [0, 0, 300, 0])
    for x in range(LEFT + 180, LEFT + 290, 30):
        cv2.line(page, (x, TOP + 2 * HEIGHT), (x + 7, TOP + 2 * HEIGHT), 20, 2)
    inner = [r for r in find_rulings(page, DPI).horizontals if abs(r.at - (TOP + 2 * HEIGHT)) < 5]
    assert [round((r.start - LEFT) / 10) * 10 for r in inner] == [300]
