"""Print of the back is taken off a page; a page without any comes back as it was."""

import cv2
import numpy as np
import pytest

from bench import damage
from pipeline.layout.bleed import without_bleed
from pipeline.raster import Gray

DPI = 200
SIZE = (1800, 1300)


def page(seed: int, ink: int = 20, rulings: int = 40) -> Gray:
    """Draws a ruled table with numbers, blurred as a scanner blurs and with its grain."""
    rng = np.random.default_rng(seed)
    fine = np.full((SIZE[0] * 2, SIZE[1] * 2), 250, np.uint8)
    for k in range(12):
        top = 400 + 240 * k + 20 * seed
        cv2.line(fine, (300, top), (2300, top), rulings, 3)
        for j in range(7):
            left = 340 + 280 * j + 35 * seed
            cv2.putText(fine, str(rng.integers(0, 9999)), (left, top - 70), cv2.FONT_HERSHEY_SIMPLEX, 2.0, ink, 7, cv2.LINE_AA)
    small = cv2.resize(fine, (SIZE[1], SIZE[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.6), dtype=np.uint8)


def grained(gray: Gray, sigma: float = 3.0) -> Gray:
    noise = np.random.default_rng(9).normal(0, sigma, gray.shape)
    return np.clip(gray + noise, 0, 255).astype(np.uint8)


def shining(front: Gray, back: Gray, strength: float) -> Gray:
    rgb = [cv2.cvtColor(g, cv2.COLOR_GRAY2RGB) for g in (front, back)]
    return np.asarray(damage.bleed(rgb[0], rgb[1], strength, DPI)[:, :, 0], dtype=np.uint8)


@pytest.mark.parametrize("strength", [0.12, 0.2, 0.28])
def test_what_shines_through_becomes_paper(strength: float) -> None:
    front = page(0)
    seen = shining(front, page(1), strength)
    clean = without_bleed(grained(seen), DPI)
    bare = cv2.dilate((front < 240).astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    through = bare & (seen < 250 - 200 * strength * 0.6)
    assert through.sum() > 1000
    assert np.percentile(clean[through], 5) > 225
    assert np.mean(clean[through]) > 240


@pytest.mark.parametrize("ink", [140, 150])
def test_of_a_page_that_came_out_pale_the_back_shines_through_more_palely(ink: int) -> None:
    front = page(0, ink, ink)
    back = np.minimum.reduce([page(k, ink, ink) for k in range(1, 4)])
    seen = grained(shining(front, back, 0.13), 1.0)
    clean = without_bleed(seen, DPI)
    bare = cv2.dilate((front < 240).astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    through = bare & (back < ink + 20)
    assert np.mean(seen[through]) < 243.5 < 244.5 < np.mean(clean[through])
    assert np.array_equal(clean[front < ink + 20], seen[front < ink + 20])


@pytest.mark.parametrize("strength", [0.12, 0.28])
def test_print_on_a_page_that_shines_through_stays(strength: float) -> None:
    front = page(0)
    seen = grained(shining(front, page(1), strength))
    clean = without_bleed(seen, DPI)
    assert clean is not seen
    assert np.array_equal(clean[front < 120], seen[front < 120])


@pytest.mark.parametrize("ink", [20, 120, 190])
def test_a_page_that_nothing_shines_through_is_unchanged(ink: int) -> None:
    # Pale print, and pale rulings beside dark print.
    for gray in (grained(page(0, ink)), grained(page(0, 20, ink))):
        assert without_bleed(gray, DPI) is gray


def test_pale_print_with_sharp_edges_stays_where_the_back_shines_through() -> None:
    front = page(0, 20, 150)
    seen = grained(shining(front, page(1), 0.2), 1.0)
    clean = without_bleed(seen, DPI)
    rulings = (front > 150) & (front < 200)
    far = cv2.dilate((front < 150).astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
    kept = clean[rulings & far] < 235
    assert clean is not seen
    assert kept.mean() > 0.9


def test_soft_shadows_of_the_rim_are_no_print_of_the_back() -> None:
    gray = page(0).astype(np.float32)
    gray[:, -60:] *= np.linspace(1, 0.4, 60)
    seen = grained(np.clip(gray, 0, 255).astype(np.uint8))
    assert without_bleed(seen, DPI) is seen


def test_black_and_white_pages_are_unchanged() -> None:
    gray = np.where(page(0) < 140, 0, 250).astype(np.uint8)
    assert without_bleed(gray, DPI) is gray


@pytest.mark.parametrize("gray", [np.full(SIZE, 250, np.uint8), np.zeros((3, 3), np.uint8), np.full((900, 700), 0, np.uint8)])
def test_empty_pages_are_unchanged(gray: Gray) -> None:
    assert without_bleed(gray, DPI) is gray


def test_soft_pale_rulings_alone_are_the_page_s_own() -> None:
    # Wider than the print is bold, so that they look softer than it; between the rows of print.
    rulings = np.full(SIZE, 250, np.uint8)
    for k in range(12):
        cv2.line(rulings, (150, 230 + 120 * k), (1150, 230 + 120 * k), 215, 4)
    soft = cv2.GaussianBlur(rulings, (0, 0), 1.6)
    front = grained(np.minimum(page(0), soft))
    assert without_bleed(front, DPI) is front


@pytest.mark.parametrize(("level", "width", "grain"), [(228, 3, 4.0), (224, 4, 8.0), (215, 3, 6.0)])
def test_pale_rulings_that_grain_breaks_are_the_page_s_own(level: int, width: int, grain: float) -> None:
    rulings = np.full(SIZE, 250, np.uint8)
    for k in range(12):
        cv2.line(rulings, (150, 230 + 120 * k), (1150, 230 + 120 * k), level, width)
    for k in range(11):
        cv2.line(rulings, (150 + 100 * k, 230), (150 + 100 * k, 1550), level, width)
    front = grained(np.minimum(page(0, 60, 60), cv2.GaussianBlur(rulings, (0, 0), 1.6)), grain)
    assert without_bleed(front, DPI) is front


def test_gray_double_rulings_that_are_dark_in_part_are_the_page_s_own() -> None:
    # Some of their pixels are as dark as the palest print, so that what is left between these is short.
    rulings = np.full(SIZE, 250, np.uint8)
    for k in range(13):
        for beside in (0, 4):
            cv2.line(rulings, (150, 212 + 120 * k + beside), (1150, 195 + 120 * k + beside), 195, 2, cv2.LINE_AA)
    soft = cv2.GaussianBlur(rulings, (0, 0), 1.0)
    front = grained(np.minimum(page(0, 120, 120), soft), 4.5)
    assert without_bleed(front, DPI) is front


def test_a_pale_line_of_the_page_stays_whole_where_the_back_shines_through_beside_it() -> None:
    front, lines = page(0), np.full(SIZE, 250, np.uint8)
    places = [200 + 140 * k for k in range(7)]
    for x in places:
        lines[300:1500, x : x + 3] = 220
    seen = grained(shining(np.minimum(front, cv2.GaussianBlur(lines, (0, 0), 0.6)), page(1), 0.28), 1.5)
    clean = without_bleed(seen, DPI)
    away = cv2.dilate((front < 240).astype(np.uint8), np.ones((15, 15), np.uint8)) == 0
    for x in places:
        before, after = (g[300:1500, x : x + 3].mean(axis=1)[away[300:1500, x]] for g in (seen, clean))
        assert np.mean(after < before + 8) > 0.93


def half_pale(page_: Gray) -> Gray:
    """Adds small print of which most is pale and soft, and a spot of each piece dark, between sharp pale print."""
    soft, sharp = np.full(SIZE, 250, np.uint8), np.full(SIZE, 250, np.uint8)
    places = [(190 + 150 * j + 60 * i, 292 + 120 * k) for k in range(11) for j in range(6) for i in range(2)]
    for x, y in places:
        cv2.ellipse(soft, (x + 9, y), (9, 9), 0, 0, 320, 120, 3)
    for x, y in places[::2]:
        cv2.line(sharp, (x, y + 40), (x + 5, y + 49), 185, 2, cv2.LINE_AA)
    soft = cv2.GaussianBlur(soft, (0, 0), 2.2)
    for x, y in places:
        cv2.circle(soft, (x, y), 2, 30, -1)
    return grained(np.minimum(np.minimum(page_, soft), cv2.GaussianBlur(sharp, (0, 0), 0.6)))


def test_pale_parts_of_strokes_that_are_dark_elsewhere_are_the_page_s_own() -> None:
    front = half_pale(page(0))
    assert without_bleed(front, DPI) is front


@pytest.mark.parametrize(("ink", "blur"), [(140, 1.2), (170, 0.9)])
def test_small_pale_print_that_a_coarse_scan_hardly_resolves_is_the_page_s_own(ink: int, blur: float) -> None:
    rng = np.random.default_rng(4)
    fine = np.full((4400, 3000), 250, np.uint8)
    for k in range(3):
        cv2.putText(fine, "REPORT 2019", (400, 300 + 200 * k), cv2.FONT_HERSHEY_SIMPLEX, 4.0, 20, 14, cv2.LINE_AA)
    for k in range(4):
        cv2.line(fine, (400, 1000 + 900 * k), (2600, 1000 + 900 * k), 20, 8)
    for x, y in ((450 + 270 * column, 1120 + 120 * row) for row in range(22) for column in range(8)):
        cv2.putText(fine, str(rng.integers(0, 99999)), (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.5, ink, 4, cv2.LINE_AA)
    small = cv2.GaussianBlur(cv2.resize(fine, (750, 1100), interpolation=cv2.INTER_AREA), (0, 0), blur)
    front = grained(np.asarray(small, dtype=np.uint8))
    assert without_bleed(front, 100) is front
