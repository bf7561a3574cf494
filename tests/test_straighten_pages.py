"""Pages are made level, upright and flat, and each place of the sheet is known in the picture that came in."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import Scan
from pipeline.grid.image_rulings import find_rulings
from pipeline.layout.light import even_light
from pipeline.layout.outline import Corners, find_outline
from pipeline.layout.skew import find_skew, lies_on_side
from pipeline.layout.warp import scale_of, warped
from pipeline.raster import Gray, Points, Raster, Sheet, Transform
from tests.straightened import straighten

DPI = 100.0
WIDTH, HEIGHT = 827, 1169
MARKS = ((60, 70), (760, 80), (750, 1100), (70, 1090), (740, 560))
Floats = npt.NDArray[np.float64]


def printed(ruled: bool = True, text: str = "T7T74T7TT4") -> Gray:
    """A page of 8.27 by 11.69 inches with a table and print whose letters are heavier at their top."""
    fine = np.full((2 * HEIGHT, 2 * WIDTH), 250, np.uint8)
    for y in range(280, 2100, 60):
        for x in range(230, 1350, 280):
            cv2.putText(fine, text[: 4 + (x + y) // 20 % 5], (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 25, 4, cv2.LINE_AA)
    if ruled:
        for y in range(898, 1619, 60):
            cv2.line(fine, (215, y), (1335, y), 40, 4)
        for x in range(215, 1400, 280):
            cv2.line(fine, (x, 898), (x, 1618), 40, 4)
    return np.asarray(cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def marked(page: Gray) -> Gray:
    """Puts solid squares at `MARKS`, by which places are found again."""
    done = page.copy()
    for x, y in MARKS:
        done[y - 18 : y + 19, x - 18 : x + 19] = 250
        done[y - 6 : y + 7, x - 6 : x + 7] = 0
    return done


def mark_places(gray: Gray, near: Points) -> Points:
    """Returns the middles of the squares of `marked`, each near to a place."""
    found = []
    for x, y in near:
        x0, y0 = max(0, round(x) - 14), max(0, round(y) - 14)
        dark = np.clip(200.0 - gray[y0 : y0 + 29, x0 : x0 + 29].astype(np.float64), 0, None)
        ys, xs = np.mgrid[0 : dark.shape[0], 0 : dark.shape[1]]
        found.append((x0 + np.average(xs, weights=dark), y0 + np.average(ys, weights=dark)))
    return np.array(found)


def raster(gray: Gray, dpi: float = DPI) -> Raster:
    return Raster(1, np.repeat(gray[:, :, None], 3, axis=2), dpi)


def rotated(page: Gray, angle: float, border: int = 250) -> Gray:
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return np.asarray(cv2.warpAffine(page, turn, (width, height), borderValue=(border,) * 3), dtype=np.uint8)


def lidded(page: Gray, sides: str) -> Gray:
    """Shows the dark lid of a scanner at some sides."""
    done = page.copy()
    spots = {"left": np.s_[:, :45], "right": np.s_[:, -45:], "bottom": np.s_[-60:, :]}
    for side in sides.split():
        done[spots[side]] = 20
    return done


def projected(points: Sequence[tuple[float, float]] | Points, matrix: Floats) -> Points:
    there = np.column_stack([np.asarray(points, dtype=np.float64), np.ones(len(points))]) @ matrix.T
    return np.asarray(there[:, :2] / there[:, 2:])


def photographed(page: Gray, corners: Corners, width: int = 1100, height: int = 1450) -> tuple[Gray, Floats]:
    """Lays a page on a dark textured ground in uneven light; returns the photo and the homography of the page to it."""
    here = np.array([(0, 0), (page.shape[1], 0), (page.shape[1], page.shape[0]), (0, page.shape[0])], dtype=np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(here, corners.astype(np.float32)), dtype=np.float64)
    rng = np.random.default_rng(8)
    grain = cv2.GaussianBlur(rng.normal(0, 60, (height, width)), (0, 0), 3.0)
    ground = 85 + grain + 15 * np.sin(np.arange(width) / 23)[None, :]
    inside = cv2.warpPerspective(np.full_like(page, 255), matrix, (width, height)) / 255.0
    photo = ground * (1 - inside) + cv2.warpPerspective(page, matrix, (width, height), flags=cv2.INTER_AREA) * inside
    light = 1 - 0.3 * np.arange(width)[None, :] / width - 0.15 * np.arange(height)[:, None] / height
    return np.clip(photo * light + rng.normal(0, 2, photo.shape), 0, 255).astype(np.uint8), matrix


def heavy_at_bottom(crops: Sequence[Gray]) -> bool:
    """Tells whether letters of `printed` stand on their heads."""
    ink = [255.0 - c for c in crops]
    return sum(float(i[len(i) // 2 :].sum()) for i in ink) > sum(float(i[: len(i) // 2].sum()) for i in ink)


QUADS = (
    np.array([(120, 110), (960, 130), (985, 1330), (90, 1300)], dtype=np.float64),
    np.array([(180, 90), (930, 140), (1010, 1290), (60, 1350)], dtype=np.float64),
    np.array([(60, 160), (940, 60), (1040, 1290), (170, 1390)], dtype=np.float64),
)


@pytest.mark.parametrize("angle", [-14.6, -7.3, -2.2, -0.45, 0.0, 0.2, 0.65, 3.4, 9.0, 14.9])
@pytest.mark.parametrize("ruled", [True, False])
def test_skew_is_found_from_the_least_to_the_most(angle: float, ruled: bool) -> None:
    assert find_skew(rotated(printed(ruled), angle), 15.0) == pytest.approx(-angle, abs=0.06)


@pytest.mark.parametrize("angle", [-3.0, 0.4])
def test_skew_of_a_page_on_its_side(angle: float) -> None:
    page = rotated(np.ascontiguousarray(np.rot90(printed())), angle)
    assert find_skew(page, 15.0) == pytest.approx(-angle, abs=0.06)


@pytest.mark.parametrize("angle", [-4.0, 1.3])
@pytest.mark.parametrize("sides", ["left", "bottom", "left right"])
def test_the_dark_lid_beside_a_page_says_nothing_of_its_skew(angle: float, sides: str) -> None:
    page = lidded(rotated(printed(ruled=False), angle), sides)
    assert find_skew(page, 15.0) == pytest.approx(-angle, abs=0.06)


def test_an_empty_page_has_no_skew() -> None:
    assert find_skew(np.full((400, 300), 255, np.uint8), 15.0) == 0.0
    assert find_skew(np.full((1, 1), 255, np.uint8), 15.0) == 0.0


@pytest.mark.parametrize("ruled", [True, False])
def test_text_from_top_to_bottom_lies_on_its_side(ruled: bool) -> None:
    page = printed(ruled)
    assert [lies_on_side(np.ascontiguousarray(np.rot90(page, k)), DPI) for k in range(4)] == [False, True, False, True]
    assert not lies_on_side(np.full((400, 300), 255, np.uint8), DPI)


@pytest.mark.parametrize("corners", QUADS)
def test_the_outline_of_a_page_on_a_darker_ground(corners: Corners) -> None:
    photo, _ = photographed(printed(), corners)
    found = find_outline(photo)
    assert found is not None
    # It is looked for at 640 pixels; what is left is told by the lines of print.
    assert np.hypot(*(found - corners).T).max() < 12


def test_a_plain_scan_has_no_outline() -> None:
    page = printed()
    framed = page.copy()
    cv2.rectangle(framed, (70, 80), (WIDTH - 70, HEIGHT - 80), 20, 6)
    shaded = (page * np.linspace(1.0, 0.5, WIDTH)[None, :]).astype(np.uint8)
    for gray in (page, rotated(page, 3.0), framed, shaded, np.full_like(page, 250), np.zeros_like(page)):
        assert find_outline(gray) is None


def test_the_lid_of_a_scanner_is_no_ground() -> None:
    for sides in ("left", "bottom", "left bottom", "left right"):
        assert find_outline(lidded(rotated(printed(), 0.7), sides)) is None


def test_a_page_that_is_not_seen_whole_has_no_outline() -> None:
    cut = QUADS[0] + np.array([0.0, -300.0])
    photo, _ = photographed(printed(), cut)
    assert find_outline(photo) is None


def test_uneven_light_becomes_even_and_print_stays_dark() -> None:
    page = printed()
    light = 0.45 + 0.5 * np.linspace(0, 1, WIDTH)[None, :] * np.linspace(1, 0.8, HEIGHT)[:, None]
    even = even_light((page * light).astype(np.uint8), DPI)
    assert np.percentile(even[page > 245], 2) > 230
    assert np.percentile(even[page < 60], 95) < 110


def test_the_ground_becomes_paper() -> None:
    page = printed()
    page[:, :80] = 40
    ground = np.zeros_like(page)
    ground[:, :80] = 255
    even = even_light(page, DPI, ground)
    assert even[:, :80].min() > 240
    assert np.percentile(even[:, 82:][page[:, 82:] > 245], 1) > 230


@pytest.mark.parametrize(
    "matrix",
    [
        np.array([[1.0, 0.02, 5.0], [-0.02, 1.0, 3.0], [0.0, 0.0, 1.0]]),
        np.array([[1.1, 0.05, -9.0], [-0.03, 0.95, 8.0], [4e-5, -6e-5, 1.0]]),
    ],
)
def test_a_flat_picture_is_resampled_as_by_opencv(matrix: Floats) -> None:
    page = printed()
    wanted = cv2.warpPerspective(page, matrix, (700, 900), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    done = warped(page, matrix, (700, 900), 255)
    assert done.shape == (900, 700)
    assert np.abs(done.astype(int) - wanted.astype(int)).mean() < 0.05
    assert warped(page, np.eye(3), (WIDTH, HEIGHT), 255) is page


def test_a_bend_of_zeros_changes_nothing() -> None:
    page = printed()
    matrix = np.array([[1.1, 0.05, -9.0], [-0.03, 0.95, 8.0], [4e-5, -6e-5, 1.0]])
    flat = warped(page, matrix, (700, 900), 255)
    bent = warped(page, matrix, (700, 900), 255, np.zeros((5, 7, 2)))
    # Places are rounded to a 32nd of a pixel on either way.
    assert np.mean(np.abs(flat.astype(int) - bent.astype(int))) < 1.0


def test_a_picture_made_smaller_is_not_picked_from_single_pixels() -> None:
    stripes = np.where(np.arange(800) % 2, 0, 255).astype(np.uint8)[None, :].repeat(600, axis=0)
    small = warped(stripes, np.diag([0.3, 0.3, 1.0]), (240, 180), 255)
    assert np.ptp(small[10:-10, 10:-10].astype(int)) < 40


def test_the_scale_of_a_homography() -> None:
    assert scale_of(np.diag([0.5, 0.5, 1.0]), (100, 100)) == pytest.approx(0.5)
    assert scale_of(np.array([[0.0, 2.0, 0.0], [-2.0, 0.0, 9.0], [0.0, 0.0, 1.0]]), (100, 100)) == pytest.approx(2.0)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_what_is_resampled_is_where_the_transform_says(seed: int, is_bent: bool) -> None:
    rng = np.random.default_rng(seed)
    width, height = (int(n) for n in rng.integers(150, 320, 2))
    # A picture whose gray levels tell the place: once across, once down.
    ramps = [np.tile(np.linspace(20, 235, 400), (400, 1)), np.tile(np.linspace(20, 235, 400)[:, None], (1, 400))]
    angle, scale = rng.uniform(-0.3, 0.3), rng.uniform(0.9, 1.3)
    back = np.array([
        [np.cos(angle) * scale, -np.sin(angle) * scale, 80.0],
        [np.sin(angle) * scale, np.cos(angle) * scale, 60.0],
        [*rng.uniform(-2e-4, 2e-4, 2), 1.0],
    ])  # fmt: skip
    rows, columns = (int(n) for n in rng.integers(2, 9, 2))
    mesh = rng.uniform(-25, 25, (rows, columns, 2)) if is_bent else None
    bend = () if mesh is None else tuple(tuple((float(x), float(y)) for x, y in row) for row in mesh)
    transform = Transform(tuple(float(n) for n in back.ravel()), width, height, bend)
    points = np.column_stack([rng.integers(0, width, 40), rng.integers(0, height, 40)])
    there = transform.apply(points.astype(np.float64))
    inside = ((there > 4) & (there < 395)).all(axis=1)
    for axis, ramp in enumerate(ramps):
        seen = warped(ramp.astype(np.uint8), np.linalg.inv(back), (width, height), 255, mesh, cv2.INTER_LINEAR)
        levels = seen[points[:, 1], points[:, 0]].astype(np.float64)
        places = (levels - 20) * 399 / 215
        # One gray level is two pixels wide.
        assert np.abs(places - there[:, axis])[inside].max(initial=0) < 2.6


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_a_transform_leads_back_where_its_homography_came_from(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = np.eye(3) + rng.uniform(-0.3, 0.3, (3, 3)) * np.array([[1, 1, 200], [1, 1, 200], [1e-3, 1e-3, 0]])
    back = np.linalg.inv(matrix)
    transform = Transform(tuple(float(n) for n in (back / back[2, 2]).ravel()), 800, 1100)
    points = rng.uniform(0, 800, (20, 2))
    assert np.allclose(transform.apply(projected(points, matrix)), points, atol=1e-6)
    shift = rng.uniform(-9, 9, 2)
    evenly = tuple(((float(shift[0]), float(shift[1])),) * 4 for _ in range(3))
    bent = Transform(transform.matrix, 800, 1100, evenly)
    assert np.allclose(bent.apply(points), transform.apply(points + shift), atol=1e-6)


def straightened(gray: Gray, dpi: float = DPI) -> Sheet:
    return straighten(raster(gray, dpi), Scan(dpi=DPI), heavy_at_bottom)


def places_agree(sheet: Sheet, there: Points, near: float) -> bool:
    """True where the squares of the sheet map to where they are in the picture that came in."""
    grid_y, grid_x = np.mgrid[0 : sheet.transform.height : 4, 0 : sheet.transform.width : 4]
    nodes = np.column_stack([grid_x.ravel(), grid_y.ravel()]).astype(np.float64)
    mapped = sheet.transform.apply(nodes)
    guesses = np.array([nodes[np.argmin(np.hypot(*(mapped - p).T))] for p in there])
    seen = mark_places(sheet.gray, guesses)
    return bool(np.hypot(*(sheet.transform.apply(seen) - there).T).max() < near)


@pytest.mark.parametrize("quarters", range(4))
def test_quarter_turns_and_skew_are_undone(quarters: int) -> None:
    page = marked(printed())
    turned = np.ascontiguousarray(np.rot90(page, -quarters))
    came_in = rotated(turned, 1.7)
    sheet = straightened(came_in)
    assert sheet.turn_deg == 90 * quarters
    assert sheet.skew_deg == pytest.approx(-1.7, abs=0.06)
    assert abs(find_skew(sheet.gray, 3.0)) < 0.06
    where = mark_places(came_in, _turned_marks(quarters, came_in.shape))
    assert places_agree(sheet, where, 1.0)
    upright = mark_places(sheet.gray, np.array(MARKS, dtype=np.float64))
    assert np.hypot(*(upright - MARKS).T).max() < 3


def _turned_marks(quarters: int, shape: tuple[int, ...]) -> Points:
    points = np.array(MARKS, dtype=np.float64)
    width, height = WIDTH, HEIGHT
    for _ in range(quarters):
        points = np.column_stack([height - 1 - points[:, 1], points[:, 0]])
        width, height = height, width
    turn = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), 1.7, 1.0)
    return np.asarray(points @ turn[:, :2].T + turn[:, 2])


def test_a_level_scan_stays_as_it_is() -> None:
    page = marked(printed())
    sheet = straightened(page)
    assert sheet.gray.shape == page.shape and sheet.dpi == DPI
    assert (sheet.turn_deg, sheet.skew_deg, sheet.transform.bend) == (0, 0.0, ())
    assert np.allclose(sheet.transform.matrix, np.eye(3).ravel(), atol=1e-9)


@pytest.mark.parametrize("sides", ["left", "left bottom"])
def test_the_lid_of_a_scanner_is_gone(sides: str) -> None:
    sheet = straightened(lidded(rotated(printed(), 1.3), sides))
    assert sheet.turn_deg == 0 and sheet.skew_deg == pytest.approx(-1.3, abs=0.06)
    assert np.percentile(sheet.gray[:, :40], 5) > 230 and np.percentile(sheet.gray[-50:], 5) > 230


def test_a_finer_scan_is_brought_to_the_usual_resolution() -> None:
    page = marked(printed())
    fine = np.asarray(cv2.resize(page, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    sheet = straightened(fine, 1.5 * DPI)
    assert abs(sheet.gray.shape[0] - HEIGHT) <= 1 and abs(sheet.gray.shape[1] - WIDTH) <= 1
    assert places_agree(sheet, (np.array(MARKS) + 0.5) * 1.5 - 0.5, 1.0)


@pytest.mark.parametrize("corners", QUADS[:2])
def test_a_photographed_page_becomes_flat(corners: Corners) -> None:
    page = marked(printed())
    photo, matrix = photographed(page, corners)
    sheet = straightened(photo)
    assert sheet.turn_deg == 0
    assert places_agree(sheet, projected(MARKS, matrix), 1.5)
    found = find_rulings(sheet.gray, sheet.dpi)
    assert (len(found.horizontals), len(found.verticals)) == (13, 5)
    lengths = [r.length for r in found.horizontals]
    assert max(lengths) - min(lengths) < 6
    # Ground is gone, and paper is even.
    assert np.percentile(sheet.gray, 60) > 235
    assert sheet.gray[:, :20].mean() > 225 and sheet.gray[-20:].mean() > 225


def test_tiny_and_empty_pictures_are_straightened_too() -> None:
    for shape in ((1, 1), (3, 200), (70, 70), (400, 300)):
        for level in (0, 255):
            sheet = straightened(np.full(shape, level, np.uint8))
            assert sheet.gray.ndim == 2 and sheet.transform.apply(np.zeros((1, 2))).shape == (1, 2)
