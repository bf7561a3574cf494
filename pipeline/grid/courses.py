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
_NEAR_PX, _MOSTLY = 1.5, 0.6


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
    # Short pieces say less of the place than long ones near them.
    least = _SOUND * _usual_length(pieces)
    sound = sorted((p for p in pieces if p.length >= least), key=lambda p: (p.start + p.end) / 2)
    double = _double_course(pieces)
    if double is not None:
        return double
    # Where pieces lie side by side now and then, the one that lies with the rest is the line, else the longer one.
    usual = _usual_place(sound)
    alone = [p for p in sound if not any(is_beside(p, q) and _goes_before(q, p, usual) for q in sound)]
    # Where they are as long as each other, it runs between them.
    strokes = [[q for q in alone if q is p or is_beside(p, q)] for p in alone]
    along = [sum(q.start + q.end for q in side) / (2 * len(side)) for side in strokes]
    knots = sorted(zip(along, (sum(q.at for q in side) / len(side) for side in strokes), strict=True))
    return Course(tuple(a for a, _ in knots), tuple(at for _, at in knots), _mean_thickness(alone) / 2)


def _usual_length(pieces: Sequence[PixelRule]) -> float:
    """Returns the length of which, with all longer ones, half of a line is made: in the sides of boxes, that of a box."""
    lengths = np.sort([p.length for p in pieces])[::-1]
    return float(lengths[np.searchsorted(np.cumsum(lengths), lengths.sum() / 2)])


def _usual_place(pieces: Sequence[PixelRule]) -> float | None:
    """Returns where most of a line lies; None where it lies nowhere so, as on a page that is not quite straight."""
    ordered = sorted(pieces, key=lambda p: p.at)
    lengths = np.cumsum([p.length for p in ordered])
    middle = ordered[int(np.searchsorted(lengths, lengths[-1] / 2))].at
    near = sum(p.length for p in pieces if abs(p.at - middle) <= _NEAR_PX)
    return middle if near >= _MOSTLY * lengths[-1] else None


def _goes_before(piece: PixelRule, other: PixelRule, usual: float | None) -> bool:
    """True where the first of two pieces side by side is the line rather than the second."""
    if usual is not None and abs(abs(piece.at - usual) - abs(other.at - usual)) > _NEAR_PX:
        return abs(piece.at - usual) < abs(other.at - usual)
    return piece.length > other.length


def _mean_thickness(pieces: Sequence[PixelRule]) -> float:
    return sum(p.thickness * p.length for p in pieces) / sum(p.length for p in pieces)


def _double_course(pieces: Sequence[PixelRule]) -> Course | None:
    """Returns the middle between two strokes that run side by side most of the way; None where they do not.

    Of the boxes of single cells one stroke may go all the way while the other parts at each cell: its pieces say where both lie.
    """
    partners: dict[PixelRule, list[PixelRule]] = {}
    shared = 0.0
    for a, b in combinations(pieces, 2):
        if is_beside(a, b):
            shared += min(a.end, b.end) - max(a.start, b.start)
            partners.setdefault(a, [a]).append(b)
            partners.setdefault(b, [b]).append(a)
    if shared < _DOUBLED * (max(p.end for p in pieces) - min(p.start for p in pieces)):
        return None
    local = sorted(
        ((p, side) for p, side in partners.items() if p.length <= max(q.length for q in side[1:])),
        key=lambda pair: pair[0].start + pair[0].end,
    )
    low, high = ([extreme(q.at for q in side) for _, side in local] for extreme in (min, max))
    width = float(np.average(np.subtract(high, low), weights=[p.length for p, _ in local]))
    along = tuple((p.start + p.end) / 2 for p, _ in local)
    half = (width + _mean_thickness(list(partners))) / 2
    return Course(along, tuple((a + b) / 2 for a, b in zip(low, high, strict=True)), half)


def is_beside(a: PixelRule, b: PixelRule) -> bool:
    """True where two pieces run side by side."""
    return min(a.end, b.end) - max(a.start, b.start) > _BESIDE_SHARE * min(a.length, b.length) and abs(a.at - b.at) >= 2
