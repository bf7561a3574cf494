"""Thin lines of which a fax leaves dots, and what only looks like them."""

import cv2
import numpy as np
import pytest

from pipeline.layout.dotted_rests import with_whole_lines

_LEFT, _TOP, _RIGHT, _BOTTOM = 60, 80, 760, 480
_ROWS, _COLUMNS = (180, 280, 380), (260, 460, 620)


def fax(share=0.0005, seed=3):
    """Paper in black and white with salt."""
    page = np.full((600, 840), 255, np.uint8)
    page[np.random.default_rng(seed).random(page.shape) < share] = 0
    return page


def table(kept, seed=7):
    """A frame that is whole, and lines of a pixel within it of which some share of the pixels is left."""
    page = fax()
    rng = np.random.default_rng(seed)
    cv2.rectangle(page, (_LEFT, _TOP), (_RIGHT, _BOTTOM), 0, 4)
    for y in _ROWS:
        page[y, _LEFT:_RIGHT][rng.random(_RIGHT - _LEFT) < kept] = 0
        for x in (80, 300, 500, 660):
            cv2.putText(page, "4026", (x, y - 40), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2)
    for x in _COLUMNS:
        page[_TOP:_BOTTOM, x][rng.random(_BOTTOM - _TOP) < kept] = 0
    return page


def cut_off(page):
    """Dark pixels outside the frame of a table."""
    beside = page < 128
    beside[_TOP - 4 : _BOTTOM + 5, _LEFT - 4 : _RIGHT + 5] = False
    return beside


@pytest.mark.parametrize("seed", [7, 8, 9])
@pytest.mark.parametrize("kept", [0.2, 0.25])
def test_lines_of_which_dots_are_left_are_whole_from_frame_to_frame(kept, seed):
    page = table(kept, seed)
    whole = with_whole_lines(page)
    near = cv2.dilate((whole < 128).astype(np.uint8), np.ones((3, 3), np.uint8))
    for y in _ROWS:
        assert near[y, _LEFT:_RIGHT].all()
    for x in _COLUMNS:
        assert near[_TOP:_BOTTOM, x].all()
    assert np.array_equal(cut_off(whole), cut_off(page))
    # Nothing but the lines is new, and nothing is lost.
    lines = np.zeros_like(page)
    for y in _ROWS:
        lines[y - 1 : y + 2] = 1
    for x in _COLUMNS:
        lines[:, x - 1 : x + 2] = 1
    assert not ((whole != page) & (lines == 0)).any()
    assert not ((page < 128) & (whole >= 128)).any()


def test_the_same_lines_turned_by_a_quarter_are_whole_as_well():
    page = np.ascontiguousarray(table(0.2).T)
    assert np.array_equal(with_whole_lines(page), with_whole_lines(page.T).T)


def test_a_line_ends_where_its_dots_end():
    page = fax(0.0)
    rng = np.random.default_rng(2)
    page[300, 200:500][rng.random(300) < 0.2] = 0
    page[300, 545] = 0  # salt behind its end
    columns = np.flatnonzero((with_whole_lines(page) != page)[300])
    assert columns[0] >= 200 and columns[-1] <= 500


def test_leaders_stay_as_they_are():
    page = fax()
    rng = np.random.default_rng(4)
    for y, gap in ((150, 8), (300, 10), (450, 14)):
        cv2.putText(page, "Part", (60, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
        cv2.putText(page, "12", (720, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
        for x in range(140, 700, gap):
            if rng.random() < 0.95:
                page[y - 2 : y, x : x + 2 + int(rng.integers(2))] = 0
    assert with_whole_lines(page) is page


def test_salt_and_shades_stay_as_they_are():
    salt = fax(0.01)
    assert with_whole_lines(salt) is salt
    rng = np.random.default_rng(6)
    shade = table(1.0)
    for top, share in ((100, 0.04), (200, 0.07), (300, 0.1)):
        shade[top : top + 34, _LEFT:_RIGHT][rng.random((34, _RIGHT - _LEFT)) < share] = 0
    assert with_whole_lines(shade) is shade


def test_broken_strokes_of_a_line_of_letters_stay_as_they_are():
    page = fax()
    rng = np.random.default_rng(8)
    # Feet of letters, of which dots are left, and what stands above them.
    page[300, 200:400][rng.random(200) < 0.2] = 0
    for x in range(150, 460, 24):
        page[280:292, x : x + 3] = 0
        page[290:292, x : x + 10] = 0
    assert with_whole_lines(page) is page


def test_a_gray_scan_stays_as_it_is():
    page = table(0.2)
    gray = np.clip(page.astype(np.int64) - np.random.default_rng(1).integers(0, 40, page.shape), 0, 255).astype(np.uint8)
    assert with_whole_lines(gray) is gray


def test_a_black_or_white_picture_stays_as_it_is():
    for level in (0, 255):
        page = np.full((70, 70), level, np.uint8)
        assert with_whole_lines(page) is page
