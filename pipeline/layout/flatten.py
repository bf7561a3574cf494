"""What is left of perspective, and curl: found by the lines of a page, and taken only where the lines are straighter for it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.layout.curl import Mesh, composed, find_curl
from pipeline.layout.fitting import share_above, usual_size
from pipeline.layout.perspective import find_perspective, moved
from pipeline.layout.slopes import FIELD_DPI, Slopes, slopes_across, slopes_down
from pipeline.layout.warp import Matrix, warped
from pipeline.raster import Gray

_ROUNDS = 4
# How far some place of the page must move at least, in inches; and how few lines may stay crooked, of those that were.
_LEAST_PHOTO_IN, _LEAST_SCAN_IN = 0.004, 0.03
_BETTER_PHOTO, _BETTER_SCAN = 0.97, 0.92
_MOST_GROWTH, _FURTHEST = 0.12, 0.4
_CROOKED, _NOT_STRAIGHT, _TRUSTED, _FEW = 0.012, 0.004, 0.85, 40
# Lines that fill less of the height of a page tell nothing of the rest of it.
_LEAST_FILLED = 0.3


@dataclass(frozen=True)
class _Gate:
    least_px: float
    better: float
    across_keeps: bool = False


@dataclass(frozen=True)
class Flattening:
    """How a level page is made flat.

    Attributes:
        matrix: homography from the level picture to the flat one; the identity where there is no perspective.
        size: width and height of the flat picture.
        bend: as `warped` takes it; None where nothing is curled.
        crooked: True where lines stay crooked all the same.
    """

    matrix: Matrix
    size: tuple[int, int]
    bend: Mesh | None
    crooked: bool

    @property
    def changes(self) -> bool:
        """False where the level picture is flat."""
        return self.bend is not None or not np.array_equal(self.matrix, np.eye(3))

    def enlarged(self, factor: float) -> Flattening:
        """Returns what makes the flat picture larger by a factor."""
        size = (round(self.size[0] * factor), round(self.size[1] * factor))
        bend = None if self.bend is None else self.bend * factor
        return Flattening(np.diag([factor, factor, 1.0]) @ self.matrix, size, bend, self.crooked)


def find_flattening(level: Gray, dpi: float, is_photo: bool) -> Flattening:
    """Finds what makes the lines of a page straight.

    Args:
        level: upright, nearly level, light evened.
        dpi: pixels an inch.
        is_photo: True where the page is known to be photographed; what a scanner makes is bent only on strong evidence.
    """
    scale = min(1.0, FIELD_DPI / dpi)
    resized = level if scale == 1 else cv2.resize(level, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = np.asarray(resized, dtype=np.uint8)
    of_photo = _Gate(_LEAST_PHOTO_IN * dpi * scale, _BETTER_PHOTO)
    of_scan = _Gate(_LEAST_SCAN_IN * dpi * scale, _BETTER_SCAN, across_keeps=True)
    gate = of_photo if is_photo else of_scan
    state, field = _State(small, np.eye(3), (small.shape[1], small.shape[0]), None), _Field.of(small, sparse=True)
    if (is_photo or field.reach >= _LEAST_FILLED * state.size[1]) and _may_be_bent(field, state.size, gate):
        state, field = _perspective_out(state, _Field.of(small), gate)
        for _ in range(_ROUNDS):
            before = state
            # What a scanner makes has no perspective: where there was one, it is a photo.
            gate = gate if np.array_equal(state.matrix, np.eye(3)) else of_photo
            state, field = _curl_out(state, field, gate)
            if state is before:
                break
    if state.bend is None and np.array_equal(state.matrix, np.eye(3)):
        return Flattening(np.eye(3), (level.shape[1], level.shape[0]), None, field.across_slope > _CROOKED)
    sized = np.diag([scale, scale, 1.0])
    matrix = np.linalg.inv(sized) @ state.matrix @ sized
    bend = None if state.bend is None else state.bend / scale
    return Flattening(matrix, (round(state.size[0] / scale), round(state.size[1] / scale)), bend, field.across_slope > _CROOKED)


@dataclass(frozen=True)
class _State:
    """The picture as it came in, and what is done to it so far."""

    picture: Gray
    matrix: Matrix
    size: tuple[int, int]
    bend: Mesh | None

    def seen(self) -> Gray:
        return warped(self.picture, self.matrix, self.size, 255, self.bend, cv2.INTER_LINEAR)


@dataclass(frozen=True)
class _Field:
    across: Slopes
    down: Slopes

    @staticmethod
    def of(gray: Gray, sparse: bool = False) -> _Field:
        return _Field(slopes_across(gray, sparse), slopes_down(gray, sparse))

    @property
    def across_slope(self) -> float:
        """The usual slope of lines across; 0 where there are too few to tell."""
        few = len(self.across.x) < _FEW
        return 0.0 if few else usual_size(self.across.slope, self.across.weight, _TRUSTED)

    @property
    def reach(self) -> float:
        """Height from the upper to the lower lines across, in pixels."""
        if len(self.across.y) < _FEW:
            return 0.0
        low, high = np.percentile(self.across.y, (5, 95))
        return float(high - low)

    @property
    def crooked_share(self) -> float:
        """The share of lines that are not straight; those down count half, and columns of letters are among them."""
        return self.across_share + 0.5 * share_above(self.down.slope, self.down.weight, _NOT_STRAIGHT)

    @property
    def across_share(self) -> float:
        """The share of lines across that are not straight."""
        return share_above(self.across.slope, self.across.weight, _NOT_STRAIGHT)


def _may_be_bent(field: _Field, size: tuple[int, int], gate: _Gate) -> bool:
    matrix = find_perspective(field.across, field.down, size)
    if matrix is not None and _corners_move(matrix, size)[1] >= gate.least_px:
        return True
    return float(np.abs(find_curl(field.across, field.down, size)).max()) >= gate.least_px


def _corners_move(matrix: Matrix, size: tuple[int, int]) -> tuple[Matrix, float]:
    """Returns where a homography maps the corners of a picture, and how far the furthest moves."""
    corners = np.array([(0, 0), (size[0], 0), (size[0], size[1]), (0, size[1])], dtype=np.float64)
    there = moved(matrix, corners)
    return there, float(np.hypot(*(there - corners).T).max())


def _perspective_out(state: _State, field: _Field, gate: _Gate) -> tuple[_State, _Field]:
    matrix = find_perspective(field.across, field.down, state.size)
    if matrix is None:
        return state, field
    there, furthest = _corners_move(matrix, state.size)
    if not gate.least_px <= furthest <= _FURTHEST * max(state.size):
        return state, field
    low = np.clip(there.min(axis=0), -_MOST_GROWTH * np.array(state.size), 0)
    high = np.clip(there.max(axis=0), state.size, (1 + _MOST_GROWTH) * np.array(state.size))
    size = (int(np.ceil(high[0] - low[0])), int(np.ceil(high[1] - low[1])))
    shift = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]])
    return _if_better(state, field, _State(state.picture, shift @ matrix, size, None), gate)


def _curl_out(state: _State, field: _Field, gate: _Gate) -> tuple[_State, _Field]:
    mesh = find_curl(field.across, field.down, state.size)
    if float(np.abs(mesh).max()) < gate.least_px:
        return state, field
    whole = mesh if state.bend is None else composed(state.bend, mesh, state.size)
    return _if_better(state, field, _State(state.picture, state.matrix, state.size, whole), gate)


def _if_better(state: _State, field: _Field, other: _State, gate: _Gate) -> tuple[_State, _Field]:
    seen = _Field.of(other.seen())
    better = seen.crooked_share < gate.better * field.crooked_share
    # Bits of dotted uprights lean by chance: in what a scanner makes, lines across may not pay for them.
    return (other, seen) if better and not (gate.across_keeps and seen.across_share > field.across_share) else (state, field)
