"""Uprights of worn tables: those of even columns and those of the frame are made whole from short rests, strokes are none."""

import cv2
import numpy as np
import pytest
from test_image_rulings import found_in, grid, paper
from test_worn_tables import PAPER, is_drawn, worn, write, ys

from pipeline.grid.courses import Course
from pipeline.grid.even_columns import even_places, told_by_columns
from pipeline.grid.ridges import PixelRule
from pipeline.grid.ruling_evidence import NOTHING, WHOLE, Evidence
from pipeline.grid.ruling_lanes import Lane, SeenLane, Stretch
from pipeline.grid.strips import cut_strip
from pipeline.raster import Gray

DPI = 200.0
LEFT, PITCH = 100, 80
XS = tuple(LEFT + PITCH * k for k in range(11))
LOST = XS[5]


def table(rows: int = 5, seed: int = 1, title: int = -1) -> tuple[Gray, tuple[int, ...]]:
    """A worn table of ten even columns, most of its cells blank; one row may be a title's."""
    tops = ys(80, rows)
    page = worn(grid(paper(1000, tops[-1] + 200), XS, tops), XS, tops, seed)
    for y in tops[:-1]:
        for a, b in zip(XS[:2], XS[1:], strict=False):
            if title < 0 or y != tops[title]:
                write(page, "40", (a + b) // 2, y)
    return page, tops


def leave_rests(page: Gray, x: int, tops: tuple[int, ...], left: tuple[int, int] = (14, 26)) -> None:
    """Rubs an upright off but for a short rest in every other row."""
    for k, (top, bottom) in enumerate(zip(tops, tops[1:], strict=False)):
        page[top + 4 : bottom - 3, x - 4 : x + 5] = PAPER
        if k % 2 == 0:
            page[top + left[0] : top + left[1], x - 1 : x + 1] = 40


def test_an_upright_of_even_columns_is_made_whole_from_its_rests() -> None:
    page, tops = table()
    leave_rests(page, LOST, tops)
    found = found_in(page)
    assert all(is_drawn(found, LOST, a, b) for a, b in zip(tops, tops[1:], strict=False))


@pytest.mark.parametrize("side", [XS[0], XS[-1]])
def test_the_frame_is_made_whole_from_its_rests(side: int) -> None:
    page, tops = table()
    leave_rests(page, side, tops)
    found = found_in(page)
    assert all(is_drawn(found, side, a, b) for a, b in zip(tops, tops[1:], strict=False))


def test_a_table_without_a_frame_gets_none() -> None:
    page, tops = table()
    for x in (XS[0], XS[-1]):
        page[tops[0] + 4 : tops[-1] - 3, x - 4 : x + 5] = PAPER
    found = found_in(page)
    assert not any(is_drawn(found, x, a, b) for x in (XS[0], XS[-1]) for a, b in zip(tops, tops[1:], strict=False))


@pytest.mark.parametrize("seed", range(3))
def test_strokes_of_letters_within_a_column_are_no_upright(seed: int) -> None:
    page, tops = table(seed=seed)
    at = (XS[6] + XS[7]) // 2
    for top in tops[1:3]:
        # Letters one below the other, each with an upright stroke at the same place.
        for y in (top + 5, top + 24):
            cv2.rectangle(page, (at - 8, y), (at + 8, y + 14), 40, 1)
            page[y : y + 15, at - 1 : at + 1] = 40
    found = found_in(page)
    assert not any(is_drawn(found, at, a, b) for a, b in zip(tops, tops[1:], strict=False))


def test_places_of_even_columns() -> None:
    places = (0.0, 300.0, 380.0, 461.0, 500.0, 619.0, 700.0, 780.0)
    assert even_places(places, DPI) == pytest.approx((300, 380, 461, 540, 619, 700, 780))


@pytest.mark.parametrize("places", [(0, 100, 200, 300, 400), (0, 100, 230, 310, 480, 530, 700, 760), ()])
def test_few_or_uneven_columns_have_none(places: tuple[float, ...]) -> None:
    assert even_places(places, DPI) == ()


def test_a_row_over_all_columns_stays_whole() -> None:
    page, tops = table(title=2)
    for x in XS[1:-1]:
        page[tops[2] + 3 : tops[3] - 2, x - 4 : x + 5] = PAPER
    write(page, "TITLE", (XS[0] + XS[-1]) // 2, tops[2])
    found = found_in(page)
    assert not any(is_drawn(found, x, tops[2], tops[3]) for x in XS[1:-1])


def seen(at: int, *evidence: Evidence) -> SeenLane:
    rule = PixelRule(float(at), 0.0, 100.0 * len(evidence), 2.0, 1.0)
    course = Course((rule.start,), (rule.at,), 1.0)
    stretches = tuple(Stretch(100.0 * k, 100.0 * (k + 1), e) for k, e in enumerate(evidence))
    strip = cut_strip(np.zeros((1000, 300), np.uint8), course, [rule], rule.start, rule.end, DPI)
    return SeenLane(Lane((rule,), course, rule.at, rule.start, rule.end, False), strip, stretches)


def test_a_row_that_most_even_columns_part_has_all_of_their_uprights_and_no_other() -> None:
    # The first row is a title's; in the second one line is lost, and a stroke stands between two others.
    lanes = [seen(x, NOTHING, NOTHING if x == LOST else WHOLE) for x in XS]
    stroke = seen(XS[6] + PITCH // 2, NOTHING, WHOLE)
    told = told_by_columns(sorted([*lanes, stroke], key=lambda s: s.lane.at), DPI)
    assert all(row[0] == 0 for row in told)
    assert told[5][1] > 3 and told[7][1] < -3
