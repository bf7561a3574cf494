"""Runs of print on straightened pages: drawn ones, and the pages of digital reports rendered and made worse."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.config import DEFAULT
from pipeline.grid.ruled import page_to_ruled
from pipeline.intake.pdf import iter_pages
from pipeline.layout.crops import crop_line
from pipeline.layout.textlines import find_ink, find_lines, ink_points, is_blank
from pipeline.raster import TextLine

TUNING = Path(__file__).resolve().parents[1] / "fixtures" / "generated" / "tuning"
GLYPH = 26


def paper(height=400, width=600):
    return np.full((height, width), 250, np.uint8)


def chinese(page, x, y, size=GLYPH):
    """Draws what a Chinese letter looks like from afar: a square of crossing strokes."""
    cv2.rectangle(page, (x + 1, y + 2), (x + size - 2, y + size - 3), 20, 2)
    cv2.line(page, (x + size // 2, y), (x + size // 2, y + size - 1), 20, 2)
    cv2.line(page, (x, y + size // 2), (x + size - 1, y + size // 2), 20, 2)


def zero(page, x, y, height=20):
    cv2.ellipse(page, (x + 6, y + height // 2), (5, height // 2 - 1), 0, 0, 360, 20, 2)


def context(page):
    """Draws a line of letters far below, so that the usual size of a letter is known."""
    for k in range(12):
        chinese(page, 20 + 30 * k, page.shape[0] - 60)


def lines_of(page, cells=(), mask=None, dpi=200.0):
    ink = find_ink(page, np.zeros_like(page) if mask is None else mask, dpi)
    return ink, find_lines(ink, list(cells), dpi)


def in_cell(lines, k=0):
    return [line for line in lines if line.cell == k]


CELL = (100, 40, 220, 120)


def test_figures_in_a_square_each_are_one_run_and_columns_are_not():
    page = paper()
    for row, y in enumerate((40, 80, 120, 160)):
        for x in (100, 130, 160)[row % 3 :]:
            zero(page, x + 8, y)
        for x in (250, 290):
            zero(page, x, y)
    context(page)
    _, lines = lines_of(page)
    places = sorted((line.hull[1] // 40, line.hull[0], line.hull[2]) for line in lines if line.hull[1] < 200)
    assert [len([p for p in places if p[0] == row]) for row in (1, 2, 3, 4)] == [3, 3, 3, 3]
    assert [x1 - x0 for _, x0, x1 in places] == pytest.approx([72, 13, 13, 42, 13, 13, 13, 13, 13, 72, 13, 13], abs=3)


def test_figures_set_far_apart_are_drawn_together():
    page = paper()
    for k in range(3):
        zero(page, 100 + 30 * k, 40)
    context(page)
    _, lines = lines_of(page)
    (wide,) = [line for line in lines if line.hull[1] < 100]
    crop = crop_line(page, wide, np.zeros_like(page))
    assert crop.shape[1] < 60 < wide.hull[2] - wide.hull[0]
    dark = (crop < 120).any(axis=0).astype(int)
    assert np.count_nonzero(np.diff(dark) == 1) == 3, "no figure is lost or cut"


@pytest.mark.parametrize("dpi, one", [(100, (2, 10)), (200, (3, 20))])
def test_a_lone_one_is_found(dpi, one):
    page = paper()
    context(page)
    wide, tall = one
    page[70 : 70 + tall, 150 : 150 + wide] = 60
    ink, lines = lines_of(page, [CELL], dpi=dpi)
    assert not is_blank(ink, CELL)
    assert len(in_cell(lines)) == 1


@pytest.mark.parametrize(
    "box", [(150, 80, 157, 82), (140, 80, 166, 82), (150, 70, 152, 90)], ids=["hyphen", "one stroke", "upright stroke"]
)
def test_flat_and_thin_signs_are_no_dirt(box):
    page = paper()
    context(page)
    x0, top, x1, bottom = box
    page[top:bottom, x0:x1] = 60
    ink, lines = lines_of(page, [CELL])
    assert not is_blank(ink, CELL)
    (line,) = in_cell(lines)
    assert line.hull[3] - line.hull[1] >= 15, "a flat sign gets the height of a letter"


def test_a_column_of_hyphens_is_not_taken_for_dirt():
    page = paper(800)
    context(page)
    cells = [(100, 20 + 40 * k, 200, 58 + 40 * k) for k in range(16)]
    for _, top, _, _ in cells:
        page[top + 18 : top + 20, 147:153] = 70
    _, lines = lines_of(page, cells)
    assert [line.cell for line in lines if line.cell is not None] == list(range(16))


def test_dirt_leaves_a_cell_blank():
    page = paper(800, 800)
    context(page)
    rng = np.random.default_rng(3)
    for y, x in rng.integers(5, 790, (300, 2)):
        page[y, x] = 30
    page[80, 150] = 30
    ink, lines = lines_of(page, [CELL])
    assert is_blank(ink, CELL)
    assert in_cell(lines) == []
    assert len(ink_points(ink, 200.0)) == len(ink.boxes)


def boxed(page):
    """Draws the sides of boxes that stand apart, and returns the mask of them: they reach well into the cell."""
    mask = np.zeros_like(page)
    x0, top, x1, bottom = CELL
    for inset in (-4, 5):
        cv2.rectangle(page, (x0 + inset, top + inset), (x1 - inset, bottom - inset), 120, 2)
        cv2.rectangle(mask, (x0 + inset, top + inset), (x1 - inset, bottom - inset), 255, 4)
    return mask


def test_a_blank_cell_in_a_box_of_its_own_is_blank():
    page = paper()
    context(page)
    mask = boxed(page)
    ink, lines = lines_of(page, [CELL], mask)
    assert is_blank(ink, CELL) and in_cell(lines) == []


def test_pale_print_beside_the_side_of_a_box_is_seen():
    page = paper()
    context(page)
    mask = boxed(page)
    page[70:92, 112:124] = 226  # too pale for any single pixel to be print
    ink, lines = lines_of(page, [CELL], mask)
    assert not is_blank(ink, CELL) and len(in_cell(lines)) == 1


def test_a_cell_that_rulings_hide_is_not_taken_for_blank():
    page = paper()
    context(page)
    mask = np.zeros_like(page)
    mask[CELL[1] : CELL[3], CELL[0] : CELL[2] : 4] = 255
    ink, _ = lines_of(page, [CELL], mask)
    assert not is_blank(ink, CELL)


def test_an_empty_page_has_no_lines():
    ink, lines = lines_of(paper(), [CELL])
    assert lines == [] and is_blank(ink, CELL)


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (40, 5)])
def test_tiny_pages_are_read_without_an_error(shape):
    page = np.zeros(shape, np.uint8)
    assert isinstance(lines_of(page)[1], list)


def test_wide_spaced_letters_of_a_cell_are_one_line():
    page = paper()
    context(page)
    chinese(page, 110, 60)
    chinese(page, 185, 60)
    _, lines = lines_of(page, [CELL])
    assert len(in_cell(lines)) == 1 and len(in_cell(lines)[0].boxes) == 1


def test_dense_lines_of_a_cell_are_parted():
    page = paper()
    context(page)
    cell = (90, 20, 560, 140)
    for row in range(3):
        for k in range(12):
            chinese(page, 100 + 30 * k, 30 + 29 * row)
    _, lines = lines_of(page, [cell])
    found = in_cell(lines)
    assert len(found) == 3 and all(len(line.boxes) == 1 for line in found)
    assert [line.hull[1] for line in found] == sorted(line.hull[1] for line in found)


@pytest.mark.parametrize("strokes", [2, 3])
def test_strokes_of_one_letter_are_one_line(strokes):
    page = paper()
    context(page)
    for k in range(strokes):
        y = 65 + k * 22 // (strokes - 1)
        page[y : y + 2, 140:166] = 20
    _, lines = lines_of(page, [CELL])
    assert len(in_cell(lines)) == 1


def test_stacked_letters_are_one_run():
    page = paper()
    context(page)
    cell = (100, 20, 140, 200)
    for k in range(4):
        chinese(page, 107, 30 + 32 * k)
    _, lines = lines_of(page, [cell])
    (line,) = in_cell(lines)
    assert len(line.boxes) == 4
    assert [b[1] for b in line.boxes] == sorted(b[1] for b in line.boxes)
    crop = crop_line(page, line, np.zeros_like(page))
    assert crop.shape[1] > 3.5 * GLYPH and crop.shape[0] < 2 * GLYPH


def test_figures_below_one_another_are_never_one_run():
    page = paper()
    context(page)
    cell = (100, 20, 140, 120)
    for row in range(2):
        zero(page, 105, 30 + 30 * row)
        zero(page, 119, 30 + 30 * row)
    _, lines = lines_of(page, [cell])
    assert [len(line.boxes) for line in in_cell(lines)] == [1, 1]


def test_print_of_two_cells_is_never_joined():
    page = paper()
    context(page)
    cells = [(100, 40, 200, 120), (202, 40, 300, 120)]
    zero(page, 180, 70)
    zero(page, 210, 70)
    page[78:81, 185:215] = 20
    _, lines = lines_of(page, cells)
    assert [line.cell for line in lines if line.cell is not None] == [0, 1]
    assert in_cell(lines, 0)[0].hull[2] <= 200 and in_cell(lines, 1)[0].hull[0] >= 202


def test_cells_may_be_some_pixels_off():
    page = paper()
    context(page)
    zero(page, 150, 45)
    for shift in (-3, 0, 3):
        _, lines = lines_of(page, [(100 + shift, 44 + shift, 220 + shift, 120)])
        assert len(in_cell(lines)) == 1
        assert in_cell(lines)[0].hull[1] <= 47


def test_columns_without_rulings_are_kept_apart_and_sentences_are_not():
    page = paper(300, 900)
    for k in range(25):
        chinese(page, 20 + 29 * k, 30)
    for column in range(4):
        zero(page, 100 + 46 * column, 100)
        zero(page, 113 + 46 * column, 100)
    lines = lines_of(page)[1]
    assert len([line for line in lines if line.hull[1] < 80]) == 1
    assert len([line for line in lines if line.hull[1] > 80]) == 4


def test_pictures_and_the_rim_of_a_copy_are_no_text():
    page = paper(900, 900)
    context(page)
    page[100:400, 100:400] = 60
    page[:, :9] = 0
    lines = lines_of(page)[1]
    assert all(line.hull[1] > 800 for line in lines)


def test_a_coloured_band_is_paper():
    page = paper()
    page[:200] = 205
    context(page)
    zero(page, 150, 70)
    ink, lines = lines_of(page, [CELL, (300, 40, 400, 250)])
    assert len(in_cell(lines)) == 1
    assert is_blank(ink, (300, 40, 400, 250))


def test_a_crop_holds_its_print_alone():
    page = paper()
    mask = np.zeros_like(page)
    page[100:103], mask[100:103] = 0, 255
    zero(page, 150, 106)
    zero(page, 150, 128)
    line = TextLine(((150, 106, 163, 126),))
    crop = crop_line(page, line, mask)
    assert crop.shape == (30, 23)
    assert crop[0].min() > 200 and crop[-1].min() > 200, "neither the ruling nor the line below"
    assert crop[5:25].min() < 60


def test_a_crop_at_the_edge_of_the_page_is_filled_with_paper():
    page = paper(40, 40)
    zero(page, 0, 0)
    crop = crop_line(page, TextLine(((0, 0, 13, 20),)), np.zeros_like(page))
    assert crop.shape == (30, 23) and crop[0, 0] > 200


def rendered(path, dpi, seed=1):
    """Yields page, picture, mask and cells of a digital report, blurred and with noise."""
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(str(path))
    rng = np.random.default_rng(seed)
    scale = dpi / 72
    for page in iter_pages(path, DEFAULT):
        picture = document[page.page_no - 1].render(scale=scale, grayscale=True).to_numpy()
        gray = np.ascontiguousarray(picture.reshape(picture.shape[:2]))
        mask = np.zeros_like(gray)
        for r in page.rulings:
            x0, top, x1, bottom = (round(v * scale) for v in (r.x0, r.top, r.x1, r.bottom))
            cv2.rectangle(mask, (x0 - 1, top - 1), (x1 + 1, bottom + 1), 255, -1)
        mask[gray > 200] = 0
        mask = cv2.dilate(mask, np.ones((3, 3), np.uint8))
        gray = cv2.GaussianBlur(gray, (0, 0), 0.6 * dpi / 200)
        gray = np.clip(gray * 0.96 + 8 + rng.normal(0, 6, gray.shape), 0, 255).astype(np.uint8)
        pieces = page_to_ruled(page, DEFAULT.pdf).pieces
        boxes = [c.bbox for piece in pieces for c in piece.cells]
        cells = [(round(b.x0 * scale), round(b.top * scale), round(b.x1 * scale), round(b.bottom * scale)) for b in boxes]
        yield page, gray, mask, cells


def lines_in_cell(words):
    rows = []
    for word in sorted(words, key=lambda w: w.bbox.center[1]):
        if rows and abs(word.bbox.center[1] - rows[-1]) < 0.5 * word.bbox.height:
            continue
        rows.append(word.bbox.center[1])
    return len(rows)


def score(path, dpi):
    """Returns cells, cells with the wrong number of lines, cells with print and none found, and seconds a page."""
    wrong = lost = total = 0
    seconds = []
    for page, gray, mask, cells in rendered(path, dpi):
        start = time.perf_counter()
        _, lines = lines_of(gray, cells, mask, dpi)
        seconds.append(time.perf_counter() - start)
        truth = defaultdict(list)
        for word in page.words:
            x, y = (v * dpi / 72 for v in word.bbox.center)
            for k, (x0, top, x1, bottom) in enumerate(cells):
                if x0 <= x < x1 and top <= y < bottom:
                    truth[k].append(word)
        found = defaultdict(int)
        for line in lines:
            if line.cell is not None:
                found[line.cell] += len(line.boxes)
        for k in range(len(cells)):
            total += 1
            wrong += found[k] != lines_in_cell(truth[k])
            lost += bool(truth[k]) and not found[k]
    return total, wrong, lost, sorted(seconds)[len(seconds) // 2]


@pytest.mark.parametrize("dpi", [100, 200])
@pytest.mark.parametrize("name", ["tuning-1005-reportlab-stsong-rects", "tuning-1010-chromium-wqy-thin"])
def test_every_line_of_every_cell_of_a_rendered_report_is_found(name, dpi):
    total, wrong, lost, seconds = score(TUNING / f"{name}.pdf", dpi)
    assert total > 250
    assert lost == 0
    assert wrong <= 0.005 * total
    assert seconds < 1.0


def test_a_real_report_is_found_whole(shared_data):
    total, wrong, lost, _ = score(shared_data / "real" / "hongze-2023.pdf", 200)
    assert total == 264 and lost == 0 and wrong == 0


def test_rests_of_rulings_are_no_print():
    page = paper()
    context(page)
    page[41:43, 100:220] = 90
    page[41:120, 217:219] = 90
    zero(page, 150, 70)
    page[122:124, 230:330] = 90
    _, lines = lines_of(page, [CELL, (230, 40, 330, 124)])
    (line,) = in_cell(lines)
    assert line.hull[0] >= 145 and line.hull[2] <= 170
    assert in_cell(lines, 1) == []


def test_pale_print_is_not_taken_for_a_blank():
    page = paper()
    context(page)
    zero(page, 150, 70)
    pale = page.astype(np.int16)
    pale[:200] = 250 - (250 - pale[:200]) // 6
    noise = np.random.default_rng(5).normal(0, 2, page.shape)
    page = np.clip(pale + noise, 0, 255).astype(np.uint8)
    ink, lines = lines_of(page, [CELL, (300, 40, 420, 120)])
    assert not is_blank(ink, CELL) and len(in_cell(lines)) == 1
    assert is_blank(ink, (300, 40, 420, 120)) and in_cell(lines, 1) == []


@pytest.mark.parametrize("rows_below", [100, 0], ids=["goes on", "ends"])
def test_dots_of_a_ruling_beside_a_figure_are_not_in_its_crop(rows_below):
    page, mask = paper(), np.zeros((400, 600), np.uint8)
    for y in range(20, 130 + rows_below, 10):
        page[y : y + 4, 128:131] = [[150, 60, 150]] * 4
    mask[20 : 130 + rows_below, 126:134] = 255
    for x in (80, 96, 112):
        zero(page, x, 100)
    crop = crop_line(page, TextLine(((80, 100, 125, 121),)), mask)
    assert crop.shape[1] > 60, "the ruling stands in the frame"
    assert crop[:, -9:].min() > 200
    assert crop[:, :-9].min() < 100
