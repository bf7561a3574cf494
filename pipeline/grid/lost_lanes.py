"""Uprights of a worn table of which short rests are left, where its columns or the ends of its lines tell that one stood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import numpy as np
import numpy.typing as npt

from pipeline.grid.band_pixels import band_pixels
from pipeline.grid.even_columns import even_places
from pipeline.grid.ridges import PixelRule
from pipeline.grid.ruling_lanes import Lane, SeenLane
from pipeline.raster import Gray, find_runs

_NEAR_IN, _SEARCH_IN, _BESIDE_IN = 0.06, 0.025, 0.02
_DARK, _LEAST_IN, _LEFT = 0.5, 0.04, 0.12
_ENDS_IN, _ENDING, _LINES = 0.06, 0.5, 3


def lost_lanes(ink: Gray, found: Sequence[SeenLane], across: Sequence[Lane], dpi: float) -> list[Lane]:
    """Returns uprights that were not found, each made of its rests.

    Args:
        ink: 0 is paper, 255 black; the uprights run along its rows.
        found: uprights of a worn region, in order of their places.
        across: its horizontal lanes.
        dpi: pixels an inch.
    """
    long = [a for a in across if not a.is_short]
    if not found or len(long) < _LINES:
        return []
    taken = [s.lane.at for s in found]
    wanted = [*_sides(long, dpi), *_gone_on(even_places(taken, dpi))]
    made: list[Lane] = []
    span = min(a.at for a in long), max(a.at for a in long)
    dark = _DARK * median(s.strip.own for s in found)
    for at in wanted:
        if min(abs(at - t) for t in (*taken, *(m.at for m in made))) > _NEAR_IN * dpi:
            near = min(found, key=lambda s: abs(s.lane.at - at)).lane
            lane = _lane_of_rests(ink, at, near, span, dark, dpi)
            made += [lane] if lane is not None else []
    return made


def _gone_on(places: Sequence[float]) -> list[float]:
    """Returns the places of even columns, with one more to both sides."""
    if not places:
        return []
    pitch = (places[-1] - places[0]) / (len(places) - 1)
    return [places[0] - pitch, *places, places[-1] + pitch]


def _sides(lines: Sequence[Lane], dpi: float) -> list[float]:
    """Returns where most horizontal lines end alike: a frame ended them, whose rests may be too short to be found."""
    near, found = _ENDS_IN * dpi, []
    for ends in ([a.start for a in lines], [a.end for a in lines]):
        count, at = max((sum(abs(e - other) <= near / 2 for other in ends), e) for e in ends)
        if count >= max(_LINES, _ENDING * len(ends)):
            found.append(median(e for e in ends if abs(e - at) <= near / 2))
    return found


def _lane_of_rests(ink: Gray, at: float, near: Lane, span: tuple[float, float], dark: float, dpi: float) -> Lane | None:
    """Returns an upright beside a given place that runs as its neighbour does, or None where too little is left of it."""
    along = np.arange(max(0, round(span[0])), min(ink.shape[1], round(span[1]) + 1))
    path = near.course.at(along) + at - near.at
    search, beside = round(_SEARCH_IN * dpi), max(2, round(_BESIDE_IN * dpi + near.course.half))
    band = band_pixels(ink, np.rint(path).astype(int), along, np.arange(-search - beside, search + beside + 1)).astype(np.float32)
    lit = band[beside:-beside] - np.maximum(band[: -2 * beside], band[2 * beside :]) >= dark
    # A line that leans a little changes its row.
    lit[1:-1] = lit[1:-1] | lit[:-2] | lit[2:]
    runs = [_long_runs(row, round(_LEAST_IN * dpi)) for row in lit]
    left = [sum(b - a for a, b in own) for own in runs]
    best = int(np.argmax(left))
    if left[best] < _LEFT * len(along):
        return None
    shift = at - near.at + best - search
    course = replace(near.course, places=tuple(p + shift for p in near.course.places))
    pieces = tuple(
        PixelRule(float(course.at((a + b) / 2 + along[0])), float(a + along[0]), float(b + along[0]), 2 * near.course.half, 1.0)
        for a, b in runs[best]
    )
    return Lane(pieces, course, near.at + shift, pieces[0].start, pieces[-1].end, True)


def _long_runs(lit: npt.NDArray[np.bool_], least: int) -> list[tuple[int, int]]:
    """Returns where unbroken pieces of at least some length begin and end."""
    starts, ends = find_runs(lit)
    return [(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True) if b - a >= least]
