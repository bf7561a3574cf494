"""Pages photographed from aside, curled, on a table, or cut by the picture: lines come out straight, ground is no ink."""

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.config import DEFAULT
from pipeline.layout import flatten
from pipeline.layout.curl import MESH_COLUMNS, MESH_ROWS, composed, find_curl
from pipeline.layout.fitting import robust_fit, share_above
from pipeline.layout.flatten import find_flattening
from pipeline.layout.ground import find_ground
from pipeline.layout.outline import find_outline
from pipeline.layout.perspective import find_perspective, moved
from pipeline.layout.slopes import Slopes, slopes_across, slopes_down
from pipeline.layout.warp import warped
from pipeline.raster import Raster
from tests.straightened import straighten

WIDTH, HEIGHT = 1240, 1754
DPI = 150.0


@cache
def printed() -> np.ndarray:
    """A page at 150 dpi: lines of letters above, a ruled table below."""
    rng = np.random.default_rng(5)
    page = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for y in range(170, 800, 48):
        for x in range(180, 1060, 32):
            if rng.random() < 0.9:
                for _ in range(4):
                    a, b = rng.integers(0, 24, 2)
                    cv2.line(page, (x + int(a), y), (x + int(a), y + 24), 0, 2)
                    cv2.line(page, (x, y + int(b)), (x + 24, y + int(b)), 0, 2)
    for y in range(860, 1561, 50):
        cv2.line(page, (180, y), (1060, y), 0, 2)
    for x in range(180, 1061, 110):
        cv2.line(page, (x, 860), (x, 1560), 0, 2)
    return page


def photograph(corners, curl=0.0, ground=70, size=(1500, 2000), shape=None):
    """Returns a picture of the page with its corners at given places, and for each pixel where on the page it is."""
    here = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], np.float32)
    back = cv2.getPerspectiveTransform(np.asarray(corners, np.float32), here)
    grid = np.stack(np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32)), -1)
    flat = cv2.perspectiveTransform(grid.reshape(1, -1, 2), back).reshape(size[1], size[0], 2)
    u = np.clip(flat[..., 0] / WIDTH, 0, 1)
    bend = shape or (lambda u, v: np.sin(np.pi * u))
    flat[..., 1] += HEIGHT * curl * bend(u, np.clip(flat[..., 1] / HEIGHT, 0, 1))
    seen = cv2.remap(printed(), flat[..., 0], flat[..., 1], cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    on_page = (flat[..., 0] > 0) & (flat[..., 0] < WIDTH) & (flat[..., 1] > 0) & (flat[..., 1] < HEIGHT)
    noise = np.random.default_rng(1).normal(0, 2, seen.shape)
    picture = np.where(on_page, seen * 0.85 + 15, ground) + noise
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 0.7), 0, 255).astype(np.uint8), flat


LEVEL = ((130, 140), (1370, 140), (1370, 1894), (130, 1894))
ASIDE = ((150, 190), (1390, 120), (1330, 1900), (90, 1820))


def crookedness(sheet, flat):
    """How far rows and columns of the page stray from straight ones of the sheet, in pixels at 200 dpi: 95 of 100."""
    ys, xs = np.nonzero(sheet.gray < 120)
    chosen = np.random.default_rng(0).choice(len(ys), 4000)
    points = np.column_stack([xs[chosen], ys[chosen]]).astype(float)
    there = sheet.transform.apply(points).astype(np.float32)
    page = cv2.remap(flat, there[None, :, 0], there[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
    page = page * (200 / DPI)
    strays = []
    for k in (1, 0):
        rest = page[:, k] - np.polyval(np.polyfit(points[:, k], page[:, k], 3), points[:, k])
        strays.append(float(np.percentile(np.abs(rest), 95)))
    return strays


def as_raster(picture, dpi=150.0):
    return Raster(1, np.repeat(picture[:, :, None], 3, axis=2), dpi)


@pytest.mark.parametrize(
    ("corners", "curl", "ground"),
    [
        (LEVEL, 0.0, 70), (ASIDE, 0.0, 70), (ASIDE, 0.008, 70), (LEVEL, 0.012, 90), (ASIDE, 0.0, 215), (LEVEL, 0.008, 222),
        (((60, -60), (1480, -90), (1420, 1990), (30, 1960)), 0.0, 70),
    ],
    ids=["level", "aside", "aside curled", "curled", "aside on white", "curled on white", "cut off above"],
)  # fmt: skip
def test_lines_of_a_photo_come_out_straight(corners, curl, ground):
    picture, flat = photograph(corners, curl, ground)
    sheet = straighten(as_raster(picture), DEFAULT.scan)
    across, down = crookedness(sheet, flat)
    assert across < 2.0 and down < 3.0, (across, down)
    assert not sheet.doubts


def test_a_gutter_and_a_bend_that_changes_down_the_page():
    for shape in (lambda u, v: np.exp(-u / 0.15), lambda u, v: v * np.sin(np.pi * u)):
        picture, flat = photograph(LEVEL, 0.012, shape=shape)
        across, _ = crookedness(straighten(as_raster(picture), DEFAULT.scan), flat)
        assert across < 2.5


def test_the_table_top_is_no_ink():
    picture, flat = photograph(ASIDE, 0.008)
    sheet = straighten(as_raster(picture), DEFAULT.scan)
    ys, xs = np.nonzero(sheet.gray < 150)
    there = sheet.transform.apply(np.column_stack([xs, ys]).astype(float)).round().astype(int)
    page = flat[there[:, 1].clip(0, flat.shape[0] - 1), there[:, 0].clip(0, flat.shape[1] - 1)]
    on_page = (page[:, 0] > 0) & (page[:, 0] < WIDTH) & (page[:, 1] > 0) & (page[:, 1] < HEIGHT)
    assert on_page.mean() > 0.999


def test_a_flat_scan_is_not_bent():
    for angle in (0.0, 0.8):
        matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), angle, 1.0)
        scan = cv2.warpAffine(printed(), matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderValue=255)
        sheet = straighten(as_raster(scan), DEFAULT.scan)
        assert sheet.transform.bend == () and sheet.transform.matrix[6:] == (0.0, 0.0, 1.0)


def _leaning(across: float, down: float) -> flatten._Field:
    """What is seen of a page on which those shares of its lines are not straight."""
    places = np.arange(100, dtype=np.float64)
    fields = [Slopes(places, places, np.where(places < 100 * share, 0.02, 0.0), np.ones(100)) for share in (across, down)]
    return flatten._Field(*fields)


@pytest.mark.parametrize(("across", "is_photo", "taken"), [(0.2, False, False), (0.16, False, True), (0.2, True, True)])
def test_bits_of_dotted_uprights_do_not_bend_a_scan_whose_lines_across_get_crooked_for_it(monkeypatch, across, is_photo, taken):
    before, after = _leaning(0.16, 0.74), _leaning(across, 0.57)
    monkeypatch.setattr(flatten._Field, "of", staticmethod(lambda gray, sparse=False: after))
    page = np.full((200, 150), 255, np.uint8)
    state, other = (flatten._State(page, np.diag([k, k, 1.0]), (150, 200), None) for k in (1.0, 1.1))
    kept, _ = flatten._if_better(state, before, other, flatten._Gate(1.0, 0.92, across_keeps=not is_photo))
    assert (kept is other) == taken


@pytest.mark.parametrize("is_photo", [False, True])
def test_only_of_a_scan_the_lines_across_may_not_pay(monkeypatch, is_photo):
    gates = []
    monkeypatch.setattr(flatten._Field, "of", staticmethod(lambda gray, sparse=False: _leaning(0.16, 0.74)))
    monkeypatch.setattr(flatten, "_may_be_bent", lambda field, size, gate: gates.append(gate))
    find_flattening(np.full((200, 150), 255, np.uint8), 100.0, is_photo)
    assert [gate.across_keeps for gate in gates] == [not is_photo]


def test_print_under_a_shadow_is_not_painted_over():
    picture, _ = photograph(((-100, -100), (1600, -100), (1600, 2100), (-100, 2100)))
    y = np.arange(picture.shape[0])[:, None]
    shaded = np.where(y > 1500, picture * 0.5, picture).astype(np.uint8)
    assert find_outline(shaded) is None
    ground = find_ground(shaded, None)
    assert ground is None or not ground.any()


def test_the_lid_of_a_scanner_is_ground():
    page = np.full((1754, 1240), 245, np.uint8)
    page[200:1500:40, 150:1000] = 30
    page[:, 1190:] = 90
    ground = find_ground(page, None)
    assert ground is not None
    wide = cv2.resize(ground, (1240, 1754))
    assert (wide[:, 1200:] > 127).all() and not (wide[:, :1150] > 127).any()


def test_an_outline_is_found_to_within_a_hundredth():
    picture, _ = photograph(ASIDE)
    corners = find_outline(picture)
    assert corners is not None and np.abs(corners - np.array(ASIDE)).max() < 15
    assert find_outline(np.full((800, 600), 240, np.uint8)) is None


@settings(max_examples=25, deadline=None)
@given(st.floats(-0.05, 0.05), st.floats(-0.06, 0.06), st.floats(-0.05, 0.05), st.floats(-0.06, 0.06))
def test_the_points_where_lines_meet_are_found(b, c, e, f):
    """Slopes of a known homography, with some that are wrong, give it back."""
    size, half = (800, 1100), 550.0
    rng = np.random.default_rng(3)
    x, y = rng.uniform(60, 740, 400), rng.uniform(60, 1040, 400)
    u, v = (x - 400) / half, (y - 550) / half
    across, down = (b - c * v) / (1 - c * u), (e - f * u) / (1 - f * v)
    across[::9] = rng.uniform(-0.1, 0.1, len(across[::9]))
    down[::9] = rng.uniform(-0.1, 0.1, len(down[::9]))
    ones = np.ones(400)
    matrix = find_perspective(Slopes(x, y, across, ones), Slopes(x, y, down, ones), size)
    assert matrix is not None
    slope = (b - c * (300 - 550) / half) / (1 - c * (200 - 400) / half)
    ends = moved(matrix, np.array([(200.0, 300.0), (500.0, 300.0 + 300 * slope)]))
    assert abs(ends[1, 1] - ends[0, 1]) < 1.5
    lean = (e - f * (200 - 400) / half) / (1 - f * (300 - 550) / half)
    ends = moved(matrix, np.array([(200.0, 300.0), (200.0 + 300 * lean, 600.0)]))
    assert abs(ends[1, 0] - ends[0, 0]) < 1.5


def test_too_few_lines_tell_nothing():
    few = Slopes(np.arange(5.0), np.arange(5.0), np.full(5, 0.05), np.ones(5))
    assert find_perspective(few, few, (800, 1000)) is None
    assert not find_curl(few, few, (800, 1000)).any()
    blank = np.full((900, 700), 255, np.uint8)
    assert len(slopes_across(blank).x) == 0 and len(slopes_down(blank).x) == 0
    assert len(slopes_across(blank[:20, :20]).x) == 0
    found = find_flattening(blank, 100.0, True)
    assert not found.changes and found.size == (700, 900) and not found.crooked


@pytest.mark.parametrize("slope", [-0.04, -0.01, 0.0, 0.01, 0.04])
def test_no_slope_is_favoured(slope):
    small = cv2.resize(printed(), (827, 1169), interpolation=cv2.INTER_AREA)
    matrix = np.array([[1, 0, 0], [slope, 1, -slope * 413]])
    sheared = cv2.warpAffine(small, matrix, (827, 1169), flags=cv2.INTER_AREA, borderValue=255)
    found = slopes_across(sheared)
    assert len(found.x) > 100 and abs(float(np.median(found.slope)) - slope) < 0.002


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(-12, 12), st.floats(-12, 12), st.floats(-3, 3))
def test_composed_meshes_do_one_after_the_other(a, b, c):
    size = (800, 1000)
    x, y = np.meshgrid(np.linspace(-1, 1, MESH_COLUMNS), np.linspace(-1, 1, MESH_ROWS))
    first = np.stack([c * y, a * x**2], axis=-1)
    then = np.stack([c * y**2, b * x], axis=-1)
    whole = composed(first, then, size)
    points = np.stack([(x + 1) / 2 * size[0], (y + 1) / 2 * size[1]], axis=-1) + then
    u, v = points[..., 0] / size[0] * 2 - 1, points[..., 1] / size[1] * 2 - 1
    expected = then + np.stack([c * v, a * u**2], axis=-1)
    assert np.abs(whole - expected).max() < 0.2


def test_what_is_warped_is_where_the_transform_says():
    """The sheet's pixels are those of the raster at the places that its transform gives."""
    picture, _ = photograph(ASIDE, 0.01)
    smooth = cv2.GaussianBlur(picture, (0, 0), 4)
    sheet = straighten(as_raster(picture), DEFAULT.scan)
    assert sheet.transform.bend
    size, bend = (sheet.transform.width, sheet.transform.height), np.asarray(sheet.transform.bend)
    matrix = np.linalg.inv(np.asarray(sheet.transform.matrix).reshape(3, 3))
    flat = warped(smooth, matrix, size, 255, bend)
    points = np.random.default_rng(2).uniform((100, 100), (size[0] - 100, size[1] - 100), (500, 2)).round()
    there = sheet.transform.apply(points).astype(np.float32)
    seen = cv2.remap(smooth, there[None, :, 0], there[None, :, 1], cv2.INTER_LINEAR)[0].astype(int)
    assert np.abs(flat[points[:, 1].astype(int), points[:, 0].astype(int)] - seen).max() <= 6


def test_outliers_do_not_sway_a_fit():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 300)
    target = 0.02 + 0.03 * x
    target[::4] = rng.uniform(-0.2, 0.2, len(target[::4]))
    done = robust_fit(np.column_stack([np.ones(300), x]), target, np.ones(300), np.ones(2), (0.05, 0.02, 0.005))
    assert np.abs(done - (0.02, 0.03)).max() < 0.002
    assert share_above(np.array([0.0, 1.0]), np.ones(2), 0.01) == pytest.approx(0.5, abs=0.01)
