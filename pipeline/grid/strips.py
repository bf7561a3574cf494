"""The pixels along a line: where it is drawn, where print runs across it, where nothing can be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.grid.band_pixels import band_pixels
from pipeline.grid.courses import Course
from pipeline.grid.ridges import PixelRule
from pipeline.raster import Gray, find_runs

Bools = npt.NDArray[np.bool_]

FIGURE_IN = 0.2
_BESIDE_IN, _SEARCH_IN, _NEAR_IN = 0.018, 0.012, 0.06
_SPACE_IN = 0.05
_DRAWN, _DARK, _INK = 0.35, 0.5, 0.35
_DOT_GAP_IN, _DASH_GAP_IN = 0.03, 0.05
_LEAST_CONTRAST, _OWN_DEPTH = 6.0, 0.5
_THROUGH_IN, _PINHOLE_PX = 0.015, 2
PALE_IN, _EVEN_IN, _PALE_CONTRAST, _PALE = 0.16, 0.03, 10.0, 0.1


@dataclass(frozen=True, slots=True)
class Strip:
    """The pixels along a line, from `start` on.

    Attributes:
        start: coordinate of the first sample.
        drawn: shape (n,): darker than both sides, or a gap as between two dots.
        crossed: shape (n,): print on both sides.
        unknown: shape (n,): print on one side touches it, so that nothing can be told.
        flanked: shape (n,): print close by on both sides.
        hugged: shape (n,): print close by on a side.
        width: shape (n,): pixels of ink on the line and close by.
        through: shape (n,): one stroke of ink from beyond the line on one side to beyond it on the other.
        long: shape (n,): of an unbroken piece longer than any stroke of a figure.
        courses: shape (k, n): the darkest of three neighbouring rows, for all places where the line may lie.
        sides: shape (2, n): likewise beside the line, where it cannot lie.
        own: how dark the line is where it was found.
        pale: shape (n,): of a piece that goes on evenly, however pale it is.
        solid: shape (n,): darker than both sides.
        lit: shape (n,): darker than the nearest paper on both sides, however close print stands beyond it.
    """

    start: int
    drawn: Bools
    crossed: Bools
    unknown: Bools
    flanked: Bools
    hugged: Bools
    width: npt.NDArray[np.int_]
    through: Bools
    long: Bools
    courses: npt.NDArray[np.float32]
    sides: npt.NDArray[np.float32]
    own: float
    pale: Bools
    solid: Bools
    lit: Bools


def cut_strip(ink: Gray, course: Course, pieces: Sequence[PixelRule], start: float, end: float, dpi: float) -> Strip:
    """Looks along a horizontal line.

    Args:
        ink: 0 is paper, 255 black.
        course: of the line.
        pieces: where it was found.
        start: first coordinate looked at.
        end: one past the last.
        dpi: pixels an inch.
    """
    first, last = max(0, round(start)), min(ink.shape[1], round(end))
    along = np.arange(first, max(first + 1, last))
    along = np.minimum(along, ink.shape[1] - 1)
    path = course.at(along)
    reach = round(course.half + _SEARCH_IN * dpi)
    beside, near = max(2, round(_BESIDE_IN * dpi)), max(3, round(_NEAR_IN * dpi))
    offsets = np.arange(-reach - beside - near, reach + beside + near + 1)
    strip = band_pixels(ink, np.rint(path).astype(int), along, offsets).astype(np.float32)
    center = strip[beside + near : -beside - near].max(axis=0)
    above, below = strip[near - 1 : near + 1].mean(axis=0), strip[-near - 1 : -near + 1].mean(axis=0)
    higher, lower = np.maximum(above, below), np.minimum(above, below)
    paper = float(np.percentile(lower, 50))
    own = _own_contrast(center - higher, center - paper, pieces, along)
    triples = np.maximum(np.maximum(strip[:-2], strip[1:-1]), strip[2:])
    courses, sides = triples[beside + near : -beside - near], np.stack((triples[near - 1], triples[-near]))
    pale = _is_pale(courses - higher, own, dpi)
    drawn = center - higher >= max(_LEAST_CONTRAST, _DRAWN * own)
    crossed = (lower - paper >= _DARK * own) & ~drawn
    unknown = ~drawn & ~crossed & (center - np.minimum(lower, paper + _DARK * own) >= _DRAWN * own)
    is_print = strip - paper >= _DARK * own
    # Letters of one word stand closer than figures on both sides of a line.
    above_gap, below_gap = _first(is_print[near - 1 :: -1]), _first(is_print[-near:])
    space = round(_SPACE_IN * dpi)
    flanked, hugged = above_gap + below_gap <= space, np.minimum(above_gap, below_gap) <= space
    width = np.asarray((strip[near:-near] - paper >= _INK * own).sum(axis=0), dtype=np.int_)
    through = _through(strip - paper >= _INK * own, round(course.half + _THROUGH_IN * dpi))
    long = _long_runs(_closed(drawn, _PINHOLE_PX), FIGURE_IN * dpi)
    closed = _closed(drawn, round(_DOT_GAP_IN * dpi))
    if any(p.is_dotted for p in pieces):
        # A figure that touches the line hides a dash or a gap.
        closed = _closed(closed | unknown, _dot_gap(drawn, pieces, first, dpi)) & ~(unknown & ~drawn)
    paper_near = np.maximum(strip[near - 1 : near + beside].min(axis=0), strip[-near - beside : -near + 1].min(axis=0))
    lit = center - paper_near >= max(_LEAST_CONTRAST, _DRAWN * own)
    return Strip(first, closed, crossed, unknown, flanked, hugged, width, through, long, courses, sides, own, pale, drawn, lit)


def _is_pale(contrast: npt.NDArray[np.float32], own: float, dpi: float) -> Bools:
    """Tells where a line goes on evenly, be it far paler than elsewhere, as below the dark edge of a head.

    Args:
        contrast: shape (k, n): to the darker of both sides, for all places where the line may lie.
        own: how dark the line is where it was found.
        dpi: pixels an inch.
    """
    even = cv2.blur(np.ascontiguousarray(contrast), (max(3, round(_EVEN_IN * dpi)) | 1, 1))
    marked = np.asarray(even >= max(_PALE_CONTRAST, _PALE * own), dtype=np.uint8)
    long = cv2.morphologyEx(marked, cv2.MORPH_OPEN, np.ones((1, max(3, round(PALE_IN * dpi))), np.uint8))
    return np.asarray(long.any(axis=0), dtype=np.bool_)


def _through(is_ink: Bools, reach: int) -> Bools:
    """Tells where ink goes on without a gap from `reach` pixels on one side of the middle to as many on the other.

    The line may lie a pixel off its course, so one side may reach a pixel less far.
    """
    middle = len(is_ink) // 2
    low, high = is_ink[middle - reach : middle], is_ink[middle + 1 : middle + reach + 1]
    inner = is_ink[middle - reach + 1 : middle + reach].all(axis=0)
    return np.asarray(inner & (low[0] | high[-1]), dtype=np.bool_)


def _long_runs(drawn: Bools, least: float) -> Bools:
    """Tells which samples belong to an unbroken run longer than any stroke of a figure."""
    starts, ends = find_runs(drawn)
    is_long = ends - starts > least
    marks = np.zeros(len(drawn) + 1, dtype=np.int8)
    np.add.at(marks, starts[is_long], 1)
    np.add.at(marks, ends[is_long], -1)
    return np.asarray(np.cumsum(marks)[:-1] > 0, dtype=np.bool_)


def _first(is_print: Bools) -> npt.NDArray[np.int_]:
    """Returns how many rows of paper come before the first print in each column; 99 where there is none."""
    return np.where(is_print.any(axis=0), is_print.argmax(axis=0), 99)


def _own_contrast(
    contrast: npt.NDArray[np.float32], depth: npt.NDArray[np.float32], pieces: Sequence[PixelRule], along: npt.NDArray[np.int_]
) -> float:
    """How dark the line is where it was found.

    Args:
        contrast: shape (n,): of the line to the darker of its sides.
        depth: shape (n,): of the line to the paper. A stroke with print on a side has hardly any contrast, but is not pale:
            else the grain of the paper would look as dark as the line.
        pieces: where it was found.
        along: shape (n,): coordinates of the samples.
    """
    found = np.zeros(len(along), dtype=bool)
    for p in pieces:
        found |= (along >= p.start) & (along < p.end)
    if not found.any():
        found[:] = True
    beside, to_paper = (float(np.percentile(values[found], 60)) for values in (contrast, depth))
    return max(_LEAST_CONTRAST, beside, _OWN_DEPTH * to_paper)


def _dot_gap(drawn: Bools, pieces: Sequence[PixelRule], start: int, dpi: float) -> int:
    """Returns the longest gap between two dots, or two dashes, of a line: that of the pieces found to be dotted."""
    usual, longest = round(_DOT_GAP_IN * dpi), _DASH_GAP_IN * dpi
    gaps: list[int] = []
    for p in pieces:
        if p.is_dotted:
            places = np.flatnonzero(drawn[max(0, round(p.start) - start) : max(0, round(p.end) - start)])
            gaps += [int(g) for g in np.diff(places) - 1 if 0 < g <= longest]
    return max(usual, round(float(np.median(gaps))) + 1) if gaps else usual


def _closed(drawn: Bools, gap: int) -> Bools:
    """Closes gaps of at most `gap` samples: those of a dotted line."""
    if gap < 1 or drawn.all() or not drawn.any():
        return drawn
    places = np.flatnonzero(drawn)
    apart = np.diff(places)
    closed = drawn.copy()
    for k in np.flatnonzero((apart > 1) & (apart <= gap + 1)):
        closed[places[k] : places[k + 1]] = True
    return closed
