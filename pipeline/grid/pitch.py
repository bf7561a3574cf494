"""Uprights of which hardly anything is left, where the even pitch of the columns says that one stood."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

_OFF_IN, _EVEN, _LEAST = 0.03, 0.5, 4


def in_pitch(places: Sequence[float], rests: Sequence[float], dpi: float) -> list[bool]:
    """Tells for each rest whether it stands where the pitch of the columns has a line that was not found.

    Args:
        places: of the uprights that were found, ascending, in pixels.
        rests: places of what else is left of uprights.
        dpi: pixels an inch.
    """
    off = _OFF_IN * dpi
    gaps = [b - a for a, b in pairwise(places)]
    pitch = min((g for g in gaps if sum(abs(g - h) <= off for h in gaps) >= max(_LEAST, _EVEN * len(gaps))), default=0.0)
    if pitch <= 2 * off:
        return [False] * len(rests)
    pitch = median(g for g in gaps if abs(g - pitch) <= off)
    return [any(_is_missing(at, a, b, pitch, off) for a, b in pairwise(places)) for at in rests]


def _is_missing(at: float, left: float, right: float, pitch: float, off: float) -> bool:
    """True where some columns of even width fit between two lines, and a place is on an edge of one of them."""
    count = round((right - left) / pitch)
    if count < 2 or abs((right - left) / count - pitch) > off:
        return False
    k = round((at - left) / ((right - left) / count))
    return 0 < k < count and abs(left + k * (right - left) / count - at) <= off
