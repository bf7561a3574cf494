"""Curl and what is left of perspective are found by lines of print, and a flat page is left alone."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from pipeline.config import Scan
from pipeline.layout.curl import MESH_COLUMNS, MESH_ROWS, composed, find_curl
from pipeline.layout.fitting import robust_fit
from pipeline.layout.flatten import Flattening, find_flattening
from pipeline.layout.perspective import moved
from pipeline.layout.slopes import FIELD_DPI, slopes_across, slopes_down
from pipeline.layout.warp import warped
from pipeline.raster import Gray, Raster, Transform
from tests.straightened import straighten

WIDTH, HEIGHT = 827, 1000
Floats = npt.NDArray[np.float64]
Shift = Callable[[Floats, Floats], Floats]


def printed(ruled: bool = True) -> Gray:
    """A page with lines of print and, where it is ruled, a table of eight columns."""
    rng = np.random.default_rng(3)
    fine = np.full((2 * HEIGHT, 2 * WIDTH), 250, np.uint8)
    for y in range(150, 1880, 60):
        for x in range(130, 1500, 180):
            text = str(rng.integers(10**5, 10 ** int(rng.integers(6, 8))))
            cv2.putText(fine, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 25, 4, cv2.LINE_AA)
    if ruled:
        for y in range(468, 1569, 60):
            cv2.line(fine, (112, y), (1552, y), 40, 4)
        for x in range(112, 1560, 180):
            cv2.line(fine, (x, 468), (x, 1548), 40, 4)
    return np.asarray(cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def still(x: Floats, y: Floats) -> Floats:
    return np.zeros(np.broadcast(x, y).shape)


def arched(x: Floats, y: Floats) -> Floats:
    return 7.0 * np.sin(np.pi * x / WIDTH) + 0.0 * y


def fanned(x: Floats, y: Floats) -> Floats:
    """More at the bottom than at the top, and rising towards the back of a book."""
    return (3.0 + 5.0 * y / HEIGHT) * (x / WIDTH) ** 3 * 2.0


def bowed(x: Floats, y: Floats) -> Floats:
    """Across: uprights are bowed."""
    return 14.0 * np.cos(np.pi * (y / HEIGHT - 0.5)) + 0.0 * x


def curled(page: Gray, dx: Shift, dy: Shift) -> Gray:
    """Moves what is at `x, y` to `x + dx, y + dy`."""
    y, x = np.mgrid[0 : page.shape[0], 0 : page.shape[1]].astype(np.float64)
    from_x, from_y = x.copy(), y.copy()
    for _ in range(8):
        from_x, from_y = x - dx(from_x, from_y), y - dy(from_x, from_y)
    done = cv2.remap(page, from_x.astype(np.float32), from_y.astype(np.float32), cv2.INTER_CUBIC, borderValue=(250, 250, 250))
    return np.asarray(done, dtype=np.uint8)


def mesh_of(gray: Gray) -> Floats:
    return find_curl(slopes_across(gray), slopes_down(gray), (gray.shape[1], gray.shape[0]))


def print_nodes(top: float, bottom: float) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Returns places of the nodes of the mesh, and which of them lie in print between two heights."""
    y, x = np.meshgrid(np.linspace(0, HEIGHT, MESH_ROWS), np.linspace(0, WIDTH, MESH_COLUMNS), indexing="ij")
    return x, y, (x > 60) & (x < 770) & (y > top) & (y < bottom)


def off_level(mesh: Floats, dy: Shift) -> float:
    """How far, in pixels, straightened lines across are from straight at worst; as a whole they may lie higher or lower."""
    x, y, inside = print_nodes(80, 920)
    rest = (mesh[..., 1] - dy(x, y))[inside.any(axis=1)][:, inside.any(axis=0)]
    return float(np.abs(rest - rest.mean(axis=1, keepdims=True)).max())


def off_upright(mesh: Floats, dx: Shift) -> float:
    """How far straightened uprights of the table are from straight; as a whole they may lie further left or right."""
    x, y, inside = print_nodes(234, 774)
    rest = (mesh[..., 0] - dx(x, y))[inside.any(axis=1)][:, inside.any(axis=0)]
    return float(np.abs(rest - rest.mean(axis=0, keepdims=True)).max())


@pytest.mark.parametrize("dy", [arched, fanned])
@pytest.mark.parametrize("ruled", [True, False])
def test_the_shift_of_lines_across_is_found(dy: Shift, ruled: bool) -> None:
    assert off_level(mesh_of(curled(printed(ruled), still, dy)), dy) < 1.0


def test_the_shift_of_uprights_is_found() -> None:
    mesh = mesh_of(curled(printed(), bowed, arched))
    assert np.ptp(bowed(np.zeros(9), np.linspace(234, 774, 9))) > 4
    assert off_upright(mesh, bowed) < 1.0 and off_level(mesh, arched) < 1.5


@pytest.mark.parametrize("ruled", [True, False])
def test_a_flat_page_has_no_shift(ruled: bool) -> None:
    page = printed(ruled)
    assert np.abs(mesh_of(page)).max() < 1.0
    found = find_flattening(page, FIELD_DPI, is_photo=False)
    assert not found.changes and found.bend is None and not found.crooked
    assert found.size == (WIDTH, HEIGHT)


def test_grain_is_no_print() -> None:
    rng = np.random.default_rng(2)
    grain = np.clip(rng.normal(250, 5, (HEIGHT, WIDTH)), 0, 255).astype(np.uint8)
    for gray in (np.full((HEIGHT, WIDTH), 255, np.uint8), grain):
        assert not find_flattening(gray, FIELD_DPI, is_photo=False).changes
    assert not find_flattening(np.full((20, 30), 100, np.uint8), FIELD_DPI, is_photo=False).changes


def test_slopes_are_those_of_the_lines() -> None:
    found = slopes_across(curled(printed(), still, fanned))
    wanted = (fanned(found.x + 1, found.y) - fanned(found.x - 1, found.y)) / 2
    sure = found.weight > 0.5
    assert sure.sum() > 200
    assert np.median(np.abs(found.slope - wanted)[sure]) < 0.003
    falling = slopes_across(curled(printed(), still, lambda x, y: 0.0133 * x))
    assert np.median(falling.slope[falling.weight > 0.5]) == pytest.approx(0.0133, abs=0.0006)
    leaning = curled(printed(), lambda x, y: 0.012 * y, still)
    down = slopes_down(leaning)
    assert len(down.slope) > 50 and np.median(down.slope) == pytest.approx(0.012, abs=0.0015)


def test_slopes_are_told_at_their_places() -> None:
    page = printed()
    half = curled(page, still, lambda x, y: np.where(x > WIDTH / 2, 0.02 * (x - WIDTH / 2), 0.0))
    found = slopes_across(half)
    assert abs(np.median(found.slope[found.x < 300])) < 0.001
    assert np.median(found.slope[found.x > 520]) == pytest.approx(0.02, abs=0.001)


def test_a_curled_page_becomes_flat() -> None:
    page = printed()
    found = find_flattening(curled(page, bowed, fanned), FIELD_DPI, is_photo=True)
    assert found.bend is not None and not found.crooked
    flat = warped(curled(page, bowed, fanned), found.matrix, found.size, 255, found.bend)
    rest = slopes_across(flat)
    assert np.percentile(np.abs(rest.slope), 80) < 0.002


def test_perspective_is_taken_out() -> None:
    page = printed()
    tilt = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [4e-5, 3e-5, 1.0]])
    seen = np.asarray(cv2.warpPerspective(page, tilt, (WIDTH, HEIGHT), borderValue=(250, 250, 250)), dtype=np.uint8)
    found = find_flattening(seen, FIELD_DPI, is_photo=True)
    assert not np.array_equal(found.matrix, np.eye(3))
    y, x = np.mgrid[234:774:8j, 60:770:6j]
    before = moved(tilt, np.column_stack([x.ravel(), y.ravel()]))
    after = unbent(moved(found.matrix, before), found).reshape(8, 6, 2)
    before = before.reshape(8, 6, 2)
    assert np.ptp(before[..., 1], axis=1).max() > 15 and np.ptp(before[..., 0], axis=0).max() > 10
    assert np.ptp(after[..., 1], axis=1).max() < 2.0
    assert np.ptp(after[..., 0], axis=0).max() < 3.0


def unbent(points: Floats, found: Flattening) -> Floats:
    """Returns where in the flat picture places are that its bend moves to `points`."""
    if found.bend is None:
        return points
    mesh = tuple(tuple((float(dx), float(dy)) for dx, dy in row) for row in found.bend)
    bend = Transform(tuple(np.eye(3).ravel()), *found.size, mesh)
    done = points
    for _ in range(8):
        done = points - (bend.apply(done) - done)
    return done


def test_two_meshes_become_one() -> None:
    rng = np.random.default_rng(6)
    size = (320, 160)
    first, then = (rng.uniform(-3, 3, (MESH_ROWS, MESH_COLUMNS, 2)) for _ in range(2))
    assert np.allclose(composed(np.zeros_like(first), then, size), then)
    assert np.allclose(composed(first, np.zeros_like(first), size), first)
    even = np.full_like(first, 2.0)
    assert np.allclose(composed(first, even, size)[:-1, :-1], _shifted(first, size) + 2.0)


def _shifted(mesh: Floats, size: tuple[int, int]) -> Floats:
    """A mesh two pixels on, to the right and down."""
    b, a = 2.0 * (MESH_COLUMNS - 1) / size[0], 2.0 * (MESH_ROWS - 1) / size[1]
    over = mesh[:, :-1] * (1 - b) + mesh[:, 1:] * b
    return np.asarray(over[:-1] * (1 - a) + over[1:] * a, dtype=np.float64)


def test_outliers_do_not_sway_a_fit() -> None:
    rng = np.random.default_rng(7)
    terms = np.column_stack([np.ones(400), rng.uniform(-1, 1, 400)])
    target = terms @ np.array([0.01, 0.02]) + rng.normal(0, 0.0005, 400)
    target[:100] = rng.uniform(0.05, 0.1, 100)
    done = robust_fit(terms, target, np.ones(400), np.array([0.1, 0.1]), (0.03, 0.01, 0.003))
    assert np.allclose(done, (0.01, 0.02), atol=0.001)
    assert not robust_fit(np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.ones(2), (0.1,)).any()


def test_places_of_a_curled_page_map_to_where_they_came_from() -> None:
    page = printed()
    marks = np.array([(45.0, 45.0), (780.0, 50.0), (775.0, 960.0), (50.0, 955.0)])
    for x, y in marks.astype(int):
        page[y - 5 : y + 6, x - 5 : x + 6] = 0
    seen = curled(page, still, fanned)
    sheet = straighten(Raster(1, np.repeat(seen[:, :, None], 3, axis=2), FIELD_DPI), Scan(dpi=FIELD_DPI))
    assert sheet.transform.bend
    there = marks + np.column_stack([np.zeros(4), fanned(marks[:, 0], marks[:, 1])])
    _, _, stats, middles = cv2.connectedComponentsWithStats((sheet.gray < 100).astype(np.uint8))
    squares = middles[(stats[:, 4] > 90) & (np.abs(stats[:, 2] - stats[:, 3]) <= 2) & (stats[:, 2] < 16)]
    assert len(squares) == 4
    mapped = sheet.transform.apply(squares)
    for place in there:
        assert np.hypot(*(mapped - place).T).min() < 1.0
