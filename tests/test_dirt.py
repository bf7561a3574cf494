"""Specks are told from print by what other dirt the page has."""

import numpy as np

from pipeline.layout.dirt import has_company, specks

LETTER = 30.0


def boxes_at(places: list[tuple[int, int]], size: int) -> np.ndarray:
    return np.array([(x, y, x + size, y + size) for x, y in places], dtype=np.int64)


def told(boxes: np.ndarray, darkness: float = 1.0) -> tuple[np.ndarray, float]:
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    speck, level = specks(boxes, areas, np.full(len(boxes), darkness), np.ones(len(boxes), bool), LETTER)
    return speck, level


def test_a_dark_dot_on_a_clean_page_is_print() -> None:
    speck, level = told(boxes_at([(300, 300)], 4))
    assert not speck.any() and level == 0


def test_a_pale_dot_is_dirt() -> None:
    assert told(boxes_at([(300, 300)], 4), 0.3)[0].all()


def test_many_single_pixels_are_dirt_and_letters_are_not() -> None:
    dirt = boxes_at([(40 * k, 17 * k) for k in range(20)], 1)
    speck, _ = told(np.vstack([dirt, boxes_at([(300, 300)], 25)]))
    assert speck[:-1].all() and not speck[-1]


def test_a_column_of_short_dashes_is_print() -> None:
    dashes = np.array([(300, 60 * k, 310, 60 * k + 3) for k in range(20)], dtype=np.int64)
    assert not told(dashes)[0].any()


def test_company_is_what_stands_near_a_letter() -> None:
    boxes = np.array([(100, 100, 130, 130), (135, 120, 138, 123), (400, 400, 403, 403)], dtype=np.int64)
    near = has_company(boxes, np.array([True, False, False]), (600, 600), LETTER)
    assert near.tolist() == [True, True, False]
