"""The course of a line: straight from knot to knot, and how wide it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from pipeline.grid.ridges import PixelRule

Floats = npt.NDArray[np.float64]

_SOUND, _BESIDE_SHARE, _DOUBLED = 0.3, 0.2, 0.5


@dataclass(frozen=True, slots=True)
class Course:
    """Where a line runs: straight from knot to knot, and how wide it is.

    Attributes:
        along: coordinates of the knots, ascending; `places`: where the line lies there.
        half: half of the width over which it is drawn, in pixels: of its thickness, or of a double line.
    """

    along: tuple[float, ...]
    places: tuple[float, ...]
    half: float

    def at(self, along: float | Floats | npt.NDArray[np.int_]) -> Floats:
        """Returns where the line lies at coordinates along it."""
        return np.asarray(np.interp(along, self.along, self.places), dtype=np.float64)


def to_course(pieces: Sequence[PixelRule]) -> Course:
    """Returns the course of a line through the middles of its pieces, or between the two strokes of a double line."""
    longest = max(p.length for p in pieces)
    # Short pieces say less of the place than long ones near them.
    sound = sorted((p for p in pieces if p.length >= _SOUND * longest), key=lambda p: (p.start + p.end) / 2)
    ends = min(p.start for p in sound), max(p.end for p in sound)
    if _doubled(sound) >= _DOUBLED * (ends[1] - ends[0]):
        low, high = min(p.at for p in sound), max(p.at for p in sound)
        thickness = _mean_thickness(sound)
        return Course(ends, ((low + high) / 2,) * 2, (high - low + thickness) / 2)
    # Where pieces lie side by side now and then, the longer one is the line.
    alone = [p for p in sound if not any(q.length > p.length and is_beside(p, q) for q in sound)]
    return Course(tuple((p.start + p.end) / 2 for p in alone), tuple(p.at for p in alone), _mean_thickness(alone) / 2)


def _mean_thickness(pieces: Sequence[PixelRule]) -> float:
    return sum(p.thickness * p.length for p in pieces) / sum(p.length for p in pieces)


def _doubled(pieces: Sequence[PixelRule]) -> float:
    """Returns over which length two pieces run side by side."""
    pairs = combinations(pieces, 2)
    return sum(min(a.end, b.end) - max(a.start, b.start) for a, b in pairs if is_beside(a, b))


def is_beside(a: PixelRule, b: PixelRule) -> bool:
    """True where two pieces run side by side."""
    return min(a.end, b.end) - max(a.start, b.start) > _BESIDE_SHARE * min(a.length, b.length) and abs(a.at - b.at) >= 2
