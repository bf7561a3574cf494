"""Pixels of a straightened page → pieces of straight lines.

A ruling is thin, long, and has paper on both sides; text has strokes that are thin too, but none that goes on. So each
pixel is compared with those a little above and below it (a ridge filter along the line, after Steger, "An unbiased
detector of curvilinear structures", 1998, simplified to two directions), and what goes on without a break for longer than
the strokes of usual print is a piece of a line.

Everything here looks for horizontal lines; vertical ones are those of the transposed page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.grid.dots import has_even_dots, is_dashed
from pipeline.raster import Gray, grey_percentile

_CONTRAST, _FAINT_CONTRAST = 30, 10
_SMOOTH_IN, _SOLID_IN, _FAINT_SOLID_IN = 0.02, 0.18, 1.08
_REACHES_IN = (0.02, 0.03, 0.05)
_CREST = 0.8
_MIN_LENGTH_IN = 0.16
_MAX_THICKNESS_IN, _MAX_SLOPE = 0.06, 0.02
_PAPER_BESIDE, _BARE_BESIDE, _BESIDE_IN = 0.6, 0.85, (0.018, 0.045)
_BEYOND_IN, _UNBROKEN = (0.07, 0.1), 0.97
_DRAWN_LEVEL = 0.4
_DOTTED_SMOOTH_IN, _DOTTED_CONTRAST, _DOTTED_SOLID_IN = 0.036, 12, 0.35
_DOTS, _FEW_DOTS = 8, 4
_BROKEN = 0.8
_AT_ONCE, _BEYOND = 128, 4


class PixelRule(NamedTuple):
    """A ruling in pixels: `at` is its constant coordinate, `start < end` its extent along the other axis.

    Attributes:
        thickness: in pixels.
        strength: share of its length that is really drawn, 0 to 1.
        is_dotted: it is a row of dots or of short dashes.
    """

    at: float
    start: float
    end: float
    thickness: float
    strength: float
    is_dotted: bool = False

    @property
    def length(self) -> float:
        """Its extent in pixels."""
        return self.end - self.start


class Ridges(NamedTuple):
    """Where thin horizontal lines may be: 255, else 0.

    Attributes:
        strong: dark ones.
        faint: pale ones too.
        dotted: those that are dark when the dots of a line are blurred into each other.
    """

    strong: Gray
    faint: Gray
    dotted: Gray


def find_ridges(ink: Gray, dpi: float) -> Ridges:
    """Marks what is darker than above and below, at the distance of a thin, a usual and a double line.

    Args:
        ink: 0 is paper, 255 black.
        dpi: pixels an inch.
    """
    # Some rows at a time stay close to the processor; those above and below that they are compared with go along.
    found = Ridges(*(np.empty_like(ink) for _ in range(3)))
    beyond = max(2, round(_REACHES_IN[-1] * dpi)) + _BEYOND
    for first in range(0, len(ink), _AT_ONCE):
        start = max(0, first - beyond)
        part = _ridges_of(ink[start : first + _AT_ONCE + beyond], dpi)
        for whole, own in zip(found, part, strict=True):
            whole[first : first + _AT_ONCE] = own[first - start : first - start + _AT_ONCE]
    return found


def _ridges_of(ink: Gray, dpi: float) -> Ridges:
    best, crest = _ridge(ink, _SMOOTH_IN, dpi)
    # A line that is not quite level, or ragged, changes its row: neighbours above and below count for it.
    faint, strong = (_grown(_above(best, crest, c)) for c in (_FAINT_CONTRAST, _CONTRAST))
    return Ridges(strong, faint, _grown(_above(*_ridge(ink, _DOTTED_SMOOTH_IN, dpi), _DOTTED_CONTRAST)))


def _ridge(ink: Gray, smooth_in: float, dpi: float) -> tuple[Gray, Gray]:
    """Returns how much darker than above and below each pixel is, blurred along the line, and 255 where it is a crest."""
    height = ink.shape[0]
    smooth = np.asarray(cv2.blur(ink, (max(3, round(smooth_in * dpi)) | 1, 1)), dtype=np.uint8)
    best = np.zeros_like(smooth)
    for inches in _REACHES_IN:
        step = max(2, round(inches * dpi))
        padded = cv2.copyMakeBorder(smooth, step, step, 0, 0, cv2.BORDER_REPLICATE)
        beside = cv2.max(padded[:height], padded[2 * step :])
        best = np.asarray(cv2.max(best, cv2.subtract(smooth, beside)), dtype=np.uint8)
    # Only the crest counts, so that a line and the strokes of print close to it stay apart.
    top = np.asarray(cv2.dilate(smooth, np.ones((5, 1), np.uint8)), dtype=np.uint8)
    crest = cv2.compare(
        smooth,
        np.asarray(cv2.convertScaleAbs(top, alpha=_CREST), dtype=np.uint8),
        cv2.CMP_GE,
    )
    return best, np.asarray(crest, dtype=np.uint8)


def _above(best: Gray, crest: Gray, contrast: int) -> Gray:
    return np.asarray(
        cv2.bitwise_and(cv2.threshold(best, contrast - 1, 255, cv2.THRESH_BINARY)[1], crest),
        dtype=np.uint8,
    )


def find_pieces(ink: Gray, ridges: Ridges, dpi: float, mask: Gray) -> list[PixelRule]:
    """Finds the pieces of horizontal lines.

    Args:
        ink: 0 is paper, 255 black.
        ridges: of the same page.
        dpi: pixels an inch.
        mask: the pixels of pieces are set to 255 in it, and those of what goes on as far as no print does.
    """
    long = max(54, round(_FAINT_SOLID_IN * dpi))
    solid = cv2.bitwise_or(opened(ridges.strong, max(9, round(_SOLID_IN * dpi))), opened(ridges.faint, long))
    # Close beside a bold line a thin one has no paper: it is no ruling of its own, but no print either.
    cv2.bitwise_or(mask, opened(ridges.strong, long), dst=mask)
    rules = _measured_all(solid, ink, dpi, mask, is_dotted=False)
    dotted = opened(ridges.dotted, max(9, round(_DOTTED_SOLID_IN * dpi)))
    near = _near(_without_broken(np.asarray(solid, dtype=np.uint8), rules))
    dotted = np.asarray(cv2.subtract(dotted, near), dtype=np.uint8)
    dots = _measured_all(dotted, ink, dpi, mask, is_dotted=True)
    # A part of them may have looked like a line with gaps, or be dark enough to be found alone.
    return [r for r in rules if _is_whole(r) or not any(_is_part(r, d) for d in dots)] + dots


def _is_whole(rule: PixelRule) -> bool:
    return rule.strength >= _BROKEN and not rule.is_dotted


def _without_broken(solid: Gray, rules: Sequence[PixelRule]) -> Gray:
    """Clears what is drawn in part only: it may be the dots of a line where they are dark, or close to each other."""
    kept = solid.copy()
    for rule in rules:
        if not _is_whole(rule):
            half = rule.thickness / 2 + 2
            kept[max(0, int(rule.at - half)) : int(rule.at + half) + 2, int(rule.start) : int(rule.end)] = 0
    return kept


def _is_part(rule: PixelRule, whole: PixelRule) -> bool:
    near = (rule.thickness + whole.thickness) / 2 + 1
    return abs(rule.at - whole.at) <= near and whole.start - near <= rule.start and rule.end <= whole.end + near


def _near(solid: cv2.typing.MatLike) -> Gray:
    return np.asarray(cv2.dilate(solid, np.ones((5, 1), np.uint8)), dtype=np.uint8)


def _measured_all(solid: cv2.typing.MatLike, ink: Gray, dpi: float, mask: Gray, is_dotted: bool) -> list[PixelRule]:
    """Returns the lines among the connected parts of a picture, only regular dots if `is_dotted`."""
    part, rows = filled_rows(np.asarray(solid, dtype=np.uint8))
    if not len(rows):
        return []
    _, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8, ltype=cv2.CV_32S)
    least = (_DOTTED_SOLID_IN if is_dotted else _MIN_LENGTH_IN) * dpi
    fits = (stats[:, 2] >= least) & (stats[:, 3] <= np.maximum(_MAX_THICKNESS_IN * dpi, _MAX_SLOPE * stats[:, 2]))
    rules = []
    for k in np.flatnonzero(fits[1:]) + 1:
        x, y, width, height, _ = stats[k].tolist()
        shape = labels[y : y + height, x : x + width] == k
        y = int(rows[y])
        rule = measured(shape, ink, x, y, dpi, is_dotted)
        if rule is not None:
            rules.append(rule)
            mask[y : y + height, x : x + width][shape] = 255
    return rules


def filled_rows(image: Gray) -> tuple[Gray, npt.NDArray[np.int_]]:
    """Returns the rows of a picture that are not empty, and their numbers in it; what does not touch in it does not touch here.

    Rows stay in pairs, so that OpenCV, which goes by squares of four pixels, finds its connected parts in the same order.
    """
    filled = image.max(axis=1) > 0
    pairs = np.zeros(len(image) // 2 + 2, dtype=bool)
    pairs[np.flatnonzero(filled) // 2] = True
    pairs[1:] |= pairs[:-1]
    rows = np.flatnonzero(np.repeat(pairs, 2)[: len(image)])
    return image[rows], rows


def _grown(image: Gray) -> Gray:
    return np.asarray(cv2.dilate(image, np.ones((3, 1), np.uint8)), dtype=np.uint8)


def opened(image: Gray, length: int) -> Gray:
    """Keeps what goes on for `length` pixels, as `cv2.MORPH_OPEN` with a kernel of that length does.

    The least of so many neighbours is put together from that of 1, 2, 4 and so on: OpenCV looks at each of them anew.
    """
    before, after = length // 2, length - 1 - length // 2
    done = np.empty_like(image)
    for first in range(0, len(image), _AT_ONCE):
        rows = image[first : first + _AT_ONCE]
        shrunk = _run(_bordered(rows, before, after, 255), length, cv2.min)
        done[first : first + _AT_ONCE] = _run(_bordered(shrunk, before, after, 0), length, cv2.max)
    return done


def _bordered(image: Gray, before: int, after: int, value: int) -> Gray:
    bordered = cv2.copyMakeBorder(image, 0, 0, before, after, cv2.BORDER_CONSTANT, value=(value,))
    return np.asarray(bordered, dtype=np.uint8)


def _run(image: Gray, length: int, choose: Callable[..., Any]) -> Gray:
    """Returns what `choose` makes of each pixel and the `length - 1` to its right; narrower by as many."""
    done = 1
    while done < length:
        step = min(done, length - done)
        image = choose(image[:, :-step], image[:, step:])
        done += step
    return np.asarray(image, dtype=np.uint8)


def measured(shape: npt.NDArray[np.bool_], ink: Gray, x: int, y: int, dpi: float, is_dotted: bool) -> PixelRule | None:
    """Returns the ruling of a component, or None where it has print instead of paper on both sides, or has no dots but should."""
    height, width = shape.shape
    greys = np.where(shape, ink[y : y + height, x : x + width], np.uint8(0))
    weights = greys.astype(np.float32)
    columns = weights.sum(axis=0)
    if not columns.any():
        return None
    rows = np.arange(height, dtype=np.float32)[:, None]
    centers = (weights * rows).sum(axis=0) / np.maximum(columns, 1e-6)
    highest = weights.max(axis=0)
    peak = grey_percentile(greys.max(axis=0), 75)
    # Noise of the paper is no line: drawn is what comes near to the line's own darkness.
    drawn = highest > _DRAWN_LEVEL * peak
    thickness = float(_median((weights > peak / 2).sum(axis=0)[drawn])) if drawn.any() else 1.0
    middles = np.rint(centers).astype(int) + y
    beside = _paper_beside(ink, middles, x, thickness, peak, dpi)
    if beside < _PAPER_BESIDE:
        # Bold lines with thin ones between them leave no paper: what goes on as far as no print does may have it further away.
        goes_on = width >= _FAINT_SOLID_IN * dpi and drawn.mean() >= _UNBROKEN
        if not goes_on or _paper_beside(ink, middles, x, thickness, peak, dpi, _BEYOND_IN) < _PAPER_BESIDE:
            return None
    dots = has_even_dots(highest, dpi, _FEW_DOTS if is_dotted else _DOTS)
    # Where the dashes of each cell begin anew they are not even over several; bare paper beside them tells them from print.
    dots = dots or (is_dotted and beside >= _BARE_BESIDE and is_dashed(drawn, dpi))
    if is_dotted and not dots:
        return None
    return PixelRule(
        float(np.average(centers, weights=np.maximum(columns, 1e-6))) + y,
        float(x),
        float(x + width),
        max(1.0, thickness),
        1.0 if dots else float(drawn.mean()),
        dots,
    )


def _median(counts: npt.NDArray[np.int_]) -> float:
    """Returns the median of small numbers; at least one."""
    ordered = np.sort(counts)
    return float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _paper_beside(
    ink: Gray,
    centers: npt.NDArray[np.int_],
    x: int,
    thickness: float,
    peak: float,
    dpi: float,
    distances: tuple[float, float] = _BESIDE_IN,
) -> float:
    """Share of the length where paper lies on both sides, at one of two distances in inches."""
    near, far = (round(thickness / 2 + inches * dpi) for inches in distances)
    rows = centers + np.array([[-near], [-far], [near], [far]])
    rows = np.minimum(np.maximum(rows, 0), ink.shape[0] - 1)
    is_paper = ink[rows, np.arange(x, x + len(centers))] < peak / 2
    # The other stroke of a double line lies at the nearer distance, paper beyond it.
    both = (is_paper[0] | is_paper[1]) & (is_paper[2] | is_paper[3])
    return int(np.count_nonzero(both)) / len(centers)
