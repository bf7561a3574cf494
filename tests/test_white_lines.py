"""White lines between filled cells are drawn dark; other pages stay as they are."""

import cv2
import numpy as np
import pytest

from pipeline.layout.white_lines import _with_corners, with_dark_lines
from pipeline.raster import Gray

_DPI = 150.0
_LEFT, _TOP, _WIDTH, _HEIGHT = 200, 300, 160, 50
_COLUMNS, _ROWS = 4, 5


def _table(fill: int = 236, head: int = 196, line: int = 255, gap: int = 3) -> Gray:
    """Returns a page with a table of filled cells, print in each; the last row is one cell over all columns."""
    page = np.full((900, 1100), 255, dtype=np.uint8)
    right, bottom = _LEFT + _COLUMNS * _WIDTH, _TOP + _ROWS * _HEIGHT
    page[_TOP:bottom, _LEFT:right] = line
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            x, y = _LEFT + column * _WIDTH, _TOP + row * _HEIGHT
            wide = _COLUMNS * _WIDTH if row == _ROWS - 1 else _WIDTH
            if column == 0 or row < _ROWS - 1:
                page[y + gap : y + _HEIGHT, x + gap : x + wide] = head if row == 0 else fill
            cv2.putText(page, str(10 * row + column), (x + 40, y + 36), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (20,), 2)
    return np.asarray(page, dtype=np.uint8)


def _noisy(page: Gray, noise: float = 4.0) -> Gray:
    grain = np.random.default_rng(5).normal(0, noise, page.shape)
    return np.asarray(np.clip(page * 0.95 + grain, 0, 255), dtype=np.uint8)


def _is_drawn(page: Gray, drawn: Gray, x: int, y: int) -> bool:
    place = np.s_[y - 7 : y + 8, x - 7 : x + 8]
    return bool((drawn[place] < 60).any()) and not bool((page[place] < 60).any())


@pytest.mark.parametrize("gap", [2, 3, 5])
def test_lines_between_filled_cells_are_drawn(gap: int) -> None:
    page = _noisy(_table(gap=gap))
    drawn = with_dark_lines(page, page, _DPI)
    for column in range(_COLUMNS + 1):
        for row in range(_ROWS - 1):
            assert _is_drawn(page, drawn, _LEFT + column * _WIDTH, _TOP + row * _HEIGHT + 25), (column, row)
    for row in range(_ROWS + 1):
        for column in range(_COLUMNS):
            assert _is_drawn(page, drawn, _LEFT + column * _WIDTH + 130, _TOP + row * _HEIGHT), (column, row)


def test_an_outline_goes_on_to_a_corner_that_was_taken_off() -> None:
    eaten = np.array([(0, 0), (300, 3), (299, 170), (290, 201), (0, 198)], dtype=np.float64)
    assert np.allclose(_with_corners(eaten, 45.0), [(0, 0), (300, 3), (298.8, 201.1), (0, 198)], atol=0.2)
    step = np.array([(0, 0), (300, 0), (300, 200), (200, 200), (200, 212), (0, 212)], dtype=np.float64)
    assert np.array_equal(_with_corners(step, 45.0), step)


@pytest.mark.parametrize(("wide", "high"), [(8, 25), (10, 30)])
def test_the_outline_of_a_table_does_not_lean_into_a_cell_whose_corner_is_pale(wide: int, high: int) -> None:
    page, right, bottom = _table(), _LEFT + _COLUMNS * _WIDTH, _TOP + _ROWS * _HEIGHT
    cv2.fillPoly(page, [np.array([(right, bottom), (right - wide, bottom), (right, bottom - high)])], (255,))
    page = _noisy(page)
    drawn = with_dark_lines(page, page, _DPI)
    sides = [np.flatnonzero(drawn[bottom - above, right - 20 : right + 12] < 60).max() for above in (3, 6, 10, 15, 25, 45)]
    assert np.ptp(sides) <= 1


def test_no_line_runs_on_into_a_cell_that_spans_columns() -> None:
    page = _noisy(_table())
    drawn = with_dark_lines(page, page, _DPI)
    for column in range(1, _COLUMNS):
        assert not _is_drawn(page, drawn, _LEFT + column * _WIDTH, _TOP + (_ROWS - 1) * _HEIGHT + 25)


def test_print_is_left_as_it_is() -> None:
    page = _noisy(_table())
    drawn = with_dark_lines(page, page, _DPI)
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            x, y = _LEFT + column * _WIDTH, _TOP + row * _HEIGHT
            place = np.s_[y + 8 : y + _HEIGHT - 5, x + 8 : x + _WIDTH - 5]
            assert np.array_equal(page[place], drawn[place])


def test_lines_are_found_on_a_page_that_lies_askew_in_a_shadow() -> None:
    page = _table()
    turn = cv2.getRotationMatrix2D((550.0, 450.0), 1.5, 1.0)
    askew = cv2.warpAffine(page, turn, (1100, 900), borderValue=(255,)) * np.linspace(0.65, 1.0, 1100)
    askew = _noisy(np.asarray(askew, dtype=np.uint8), 2.0)
    drawn = with_dark_lines(askew, askew, _DPI)
    for column in range(_COLUMNS + 1):
        x, y = turn @ (_LEFT + column * _WIDTH, _TOP + 1.5 * _HEIGHT, 1)
        assert _is_drawn(askew, drawn, round(x), round(y)), column


@pytest.mark.parametrize(
    "page",
    [
        _table(fill=255, head=255),
        _table(line=0),
        _table(line=0, gap=1),
        _table(fill=255, head=196, line=0),
        _table(fill=236, head=196, gap=0),
    ],
    ids=["bare", "dark lines", "fine dark lines", "shaded head", "no lines"],
)
def test_other_pages_stay_as_they_are(page: Gray) -> None:
    noisy = _noisy(page)
    assert with_dark_lines(noisy, noisy, _DPI) is noisy


def test_the_gap_between_boxes_is_no_line() -> None:
    page = _table(gap=4)
    for row in range(_ROWS - 1):
        for column in range(_COLUMNS):
            x, y = _LEFT + column * _WIDTH + 4, _TOP + row * _HEIGHT + 4
            cv2.rectangle(page, (x, y), (x + _WIDTH - 5, y + _HEIGHT - 5), (0,), 1)
    page[_TOP + (_ROWS - 1) * _HEIGHT :] = 255
    assert with_dark_lines(page, page, _DPI) is page


def test_shade_that_dark_lines_cross_has_no_white_ones() -> None:
    """What shines through from the back parts like filled cells, but the page's own rulings go through it."""
    page = _table()
    assert (with_dark_lines(_noisy(page), _noisy(page), _DPI) != _noisy(page)).any()
    page[_TOP - 60 : _TOP + 300, _LEFT + 240 : _LEFT + 243] = 30
    crossed = _noisy(page)
    assert np.array_equal(with_dark_lines(crossed, crossed, _DPI), crossed)


def test_every_other_row_shaded_has_no_lines() -> None:
    page = np.full((900, 1100), 255, dtype=np.uint8)
    for row in range(0, 10, 2):
        page[300 + 25 * row : 325 + 25 * row, 200:900] = 232
    soft = _noisy(np.asarray(cv2.GaussianBlur(page, (0, 0), 1.2), dtype=np.uint8), 2.0)
    assert with_dark_lines(soft, soft, _DPI) is soft


def test_lines_are_as_dark_as_the_print() -> None:
    pale = np.asarray(120 + _noisy(_table()) * (135 / 255), dtype=np.uint8)
    lines = with_dark_lines(pale, pale, _DPI)[(_TOP + 25) : (_TOP + 28), _LEFT - 8 : _LEFT + 8]
    assert 110 < int(lines.min()) < 165


@pytest.mark.parametrize("dpi", [3.0, 12.0, 60.0])
def test_a_page_of_few_pixels_an_inch_is_looked_at_without_an_error(dpi: float) -> None:
    page = _noisy(_table())
    assert with_dark_lines(page, page, dpi).shape == page.shape
