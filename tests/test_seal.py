"""Coloured seals and pen strokes are taken out; black print under them and coloured print stay."""

import time

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from bench import damage
from pipeline.layout.seal import COLORED, TAKEN, without_seals
from pipeline.raster import Gray, Rgb

DPI = 200
SIZE = (1400, 1100)


def page() -> Rgb:
    """Draws a ruled table with numbers; its first row is a grey band."""
    rgb = np.full((*SIZE, 3), 250, np.uint8)
    rgb[200:260, 100:1000] = 215
    for k in range(15):
        cv2.line(rgb, (100, 200 + 60 * k), (1000, 200 + 60 * k), (30, 30, 30), 2)
        for j in range(6):
            place = (130 + 150 * j, 240 + 60 * k)
            cv2.putText(rgb, str(137 * (k + 1) * (j + 3)), place, cv2.FONT_HERSHEY_SIMPLEX, 0.8, (25, 25, 25), 2, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), 0.5), dtype=np.uint8)


def stored(rgb: Rgb, quality: int = 85) -> Rgb:
    """Returns a picture as JPEG keeps it: colours at half the resolution."""
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)[:, :, ::-1])


def oval(dpi: float) -> Image.Image:
    stamp = Image.new("L", (round(45 / 25.4 * dpi), round(30 / 25.4 * dpi)), 0)
    ImageDraw.Draw(stamp).ellipse((4, 4, stamp.width - 4, stamp.height - 4), outline=255, width=round(0.04 * dpi))
    ImageDraw.Draw(stamp).line((60, stamp.height // 2, stamp.width - 60, stamp.height // 2), fill=255, width=8)
    return stamp


STAMPS = {"round": damage.round_seal(DPI, 12), "square": damage.square_seal(DPI, -6), "oval": oval(DPI)}
INKS = {"red": damage.RED, "blue": damage.BLUE, "violet": (110, 50, 170)}


def assert_clean(gray: Gray, truth: Gray, dark: float = 110) -> None:
    """Paper is light and print is dark, as on the page before the seal."""
    paper = cv2.erode((truth > 235).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    # Nothing as large as a stroke of a letter is left.
    left = cv2.morphologyEx(((gray < 150) & paper).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    assert left.sum() < 60
    print_ = truth < 60
    assert np.mean(gray[print_] < dark) > 0.97


@pytest.mark.parametrize("shape", list(STAMPS))
@pytest.mark.parametrize("ink", list(INKS))
@pytest.mark.parametrize("strength", [0.6, 0.8, 0.95])
def test_a_seal_goes_and_print_under_it_stays(shape: str, ink: str, strength: float) -> None:
    bare = page()
    rng = np.random.default_rng(4)
    seen = stored(damage.press(bare, STAMPS[shape], 420, 330, INKS[ink], strength, rng))
    gray, mask = without_seals(seen, DPI)
    assert mask is not None and mask.shape == gray.shape
    assert_clean(gray, cv2.cvtColor(bare, cv2.COLOR_RGB2GRAY))


def test_seals_on_a_band_at_the_edge_and_over_one_another_go() -> None:
    bare = page()
    rng = np.random.default_rng(4)
    seen = damage.press(bare, STAMPS["round"], 300, 120, damage.RED, 0.8, rng)
    seen = damage.press(seen, STAMPS["round"], 420, 700, damage.RED, 0.8, rng)
    seen = damage.press(seen, STAMPS["round"], 620, 760, damage.RED, 0.7, rng)
    # The rest of the last one is on the next sheet.
    wide = np.full((SIZE[0], SIZE[1] + 200, 3), 250, np.uint8)
    wide[:, : SIZE[1]] = seen
    seen = damage.press(wide, STAMPS["round"], 920, 260, damage.RED, 0.8, rng)[:, : SIZE[1]]
    gray, mask = without_seals(stored(np.ascontiguousarray(seen)), DPI)
    assert mask is not None
    for x, y in ((465, 285), (585, 865), (785, 925), (1000, 425)):
        assert mask[y - 170 : y + 170, x - 170 : x + 170].mean() > 10
    assert_clean(gray, cv2.cvtColor(bare, cv2.COLOR_RGB2GRAY), 130)


def unchanged(rgb: Rgb) -> bool:
    gray, mask = without_seals(rgb, DPI)
    return (mask is None or not (mask == TAKEN).any()) and np.array_equal(gray, cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))


def test_coloured_bands_rulings_and_text_are_print() -> None:
    rgb = page()
    rgb[200:260, 100:1000] = np.where(rgb[200:260, 100:1000] > 150, (200, 80, 80), rgb[200:260, 100:1000])
    assert unchanged(stored(rgb))
    for color in ((190, 30, 40), (30, 60, 180)):
        rgb = np.full((*SIZE, 3), 250, np.uint8)
        for k in range(15):
            cv2.line(rgb, (100, 200 + 60 * k), (1000, 200 + 60 * k), color, 2)
            cv2.line(rgb, (100 + 60 * k, 200), (100 + 60 * k, 1040), color, 2)
        cv2.putText(rgb, "http://www.example.gov.cn", (130, 120), cv2.FONT_HERSHEY_SIMPLEX, 0.9, color, 2, cv2.LINE_AA)
        assert unchanged(stored(rgb))


@pytest.mark.parametrize(("height", "skew"), [(150, 1.0), (200, -1.0), (200, 2.0), (230, 1.0)])
def test_the_corners_of_a_coloured_band_with_white_lines_are_no_seal(height: int, skew: float) -> None:
    rgb = np.full((*SIZE, 3), 250, np.uint8)
    rgb[200 : 200 + height, 100:1000] = (84, 122, 186)
    for k in range(1, 15):
        rgb[200 + height // 4 : 200 + height, 100 + 60 * k : 102 + 60 * k] = (190, 200, 220)
    matrix = cv2.getRotationMatrix2D((550, 700), skew, 1)
    turned = cv2.warpAffine(rgb, matrix, (SIZE[1], SIZE[0]), borderValue=(250, 250, 250))
    assert unchanged(stored(np.asarray(turned, dtype=np.uint8)))


def test_a_red_headline_is_print() -> None:
    rgb = page()
    for k in range(7):
        tile = np.asarray(damage._letter("国府文件信息章"[k], 110))
        part = rgb[30 : 30 + tile.shape[0], 120 + 125 * k : 120 + 125 * k + tile.shape[1]]
        part[tile > 100] = (210, 20, 30)
    cv2.line(rgb, (100, 185), (1000, 185), (210, 20, 30), 4)
    assert unchanged(stored(rgb))


def test_grey_seals_cannot_be_told_from_print() -> None:
    seen = damage.press(page(), STAMPS["round"], 420, 330, (70, 70, 70), 0.8, np.random.default_rng(4))
    assert unchanged(seen)


@pytest.mark.parametrize("color", [(30, 50, 150), (190, 30, 40)])
def test_coloured_pen_strokes_go_and_are_told(color: tuple[int, int, int]) -> None:
    bare = page()
    seen = bare.copy()
    strokes = [[(20, 300), (60, 350), (30, 400), (80, 420)], [(300, 500), (380, 560), (420, 500), (470, 580)]]
    for points in strokes:
        cv2.polylines(seen, [np.array(points, np.int32)], False, color, 4, cv2.LINE_AA)
    gray, mask = without_seals(stored(seen), DPI)
    assert mask is not None and mask[300:420, 20:80].any() and mask[500:580, 300:470].any()
    assert_clean(gray, cv2.cvtColor(bare, cv2.COLOR_RGB2GRAY))


def test_a_page_without_colours_is_quick() -> None:
    rgb = np.full((2339, 1654, 3), 250, np.uint8)
    begun = time.process_time()
    for _ in range(3):
        without_seals(rgb, DPI)
    assert (time.process_time() - begun) / 3 < 0.2


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (65, 65)])
def test_tiny_pages(shape: tuple[int, int]) -> None:
    rgb = np.zeros((*shape, 3), np.uint8)
    rgb[..., 0] = 255
    gray, _ = without_seals(rgb, DPI)
    assert gray.shape == shape


@pytest.mark.parametrize("color", [(30, 50, 170), (205, 30, 40)])
def test_coloured_figures_stay(color: tuple[int, int, int]) -> None:
    """A lone figure in colour is left, and told; in a page printed in colour it is print like all the rest."""
    rgb = page()
    rgb[600:660, 540:640] = 250
    cv2.putText(rgb, "48", (560, 640), cv2.FONT_HERSHEY_SIMPLEX, 0.9, color, 2, cv2.LINE_AA)
    gray, mask = without_seals(stored(rgb), DPI)
    assert np.array_equal(gray, cv2.cvtColor(stored(rgb), cv2.COLOR_RGB2GRAY))
    assert mask is not None and (mask[610:645, 555:620] == COLORED).any() and not (mask == TAKEN).any()
    everywhere = np.full_like(rgb, 250)
    for y in range(60, 1000, 60):
        for x in range(60, 1000, 130):
            cv2.putText(everywhere, str((x * y) % 997), (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, color, 2, cv2.LINE_AA)
    cv2.polylines(everywhere, [np.array([[300, 900], [300, 780], [420, 780]], np.int32)], False, color, 3)
    assert without_seals(stored(everywhere), DPI)[1] is None


def test_a_mark_on_black_print_goes() -> None:
    rgb = page()
    bare = rgb.copy()
    y, x = (int(v) for v in np.argwhere(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[300:900, 300:900] < 60)[0] + 300)
    cv2.polylines(rgb, [np.array([[x - 14, y - 8], [x - 4, y + 14], [x + 16, y - 18]], np.int32)], False, (205, 30, 40), 3)
    mask = without_seals(stored(rgb), DPI)[1]
    assert mask is not None and (mask[y - 18 : y + 14, x - 14 : x + 16] == TAKEN).any()
    assert not np.array_equal(rgb, bare)


def test_thin_coloured_rulings_of_a_page_that_lies_a_little_turned_are_no_strokes_of_a_pen() -> None:
    rgb = np.full((*SIZE, 3), 235, np.uint8)
    for k in range(16):
        cv2.line(rgb, (100, 200 + 50 * k), (1000, 200 + 50 * k), (110, 140, 200), 2)
    for j in range(7):
        cv2.line(rgb, (100 + 150 * j, 200), (100 + 150 * j, 950), (110, 140, 200), 2)
    turned = cv2.warpAffine(rgb, cv2.getRotationMatrix2D((550, 600), 1.6, 1), SIZE[::-1], borderValue=(235, 235, 235))
    ruled = cv2.cvtColor(turned, cv2.COLOR_RGB2GRAY) < 190
    cv2.polylines(turned, [np.array([(400, 1100), (440, 1160), (560, 1040)])], False, (60, 100, 210), 5, cv2.LINE_AA)
    noise = np.random.default_rng(3).normal(0, 2, turned.shape)
    page = stored(np.clip(cv2.GaussianBlur(turned, (0, 0), 1.3) + noise, 0, 255).astype(np.uint8), 75)
    gray, found = without_seals(page, DPI)
    assert found is not None and found[ruled].max() == 0 and found[1040:1160, 400:560].max() == TAKEN
    assert np.mean(gray[ruled] < 215) > 0.95


def test_a_grey_page_is_not_looked_at_for_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise of a channel is no colour; with one coloured pixel the page is looked at as before."""
    page = np.full((200, 301, 3), 240, dtype=np.uint8)
    page[50:60, 20:200] = 40
    page[100, 30:50, 0] -= 20

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError

    monkeypatch.setattr(cv2, "resize", refuse)
    gray, found = without_seals(page, 200.0)
    assert found is None
    assert np.array_equal(gray, cv2.cvtColor(page, cv2.COLOR_RGB2GRAY))
    page[150, 150] = (220, 60, 60)
    with pytest.raises(AssertionError):
        without_seals(page, 200.0)
