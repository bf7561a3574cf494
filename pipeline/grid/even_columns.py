"""Columns of even width: where their uprights stand, those too that wear has taken, and what cannot be one of them."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.grid.ruling_lanes import SeenLane, Stretch

_OFF_IN, _BETWEEN_IN, _NARROW_IN, _WIDE_IN = 0.03, 0.06, 0.2, 2.0
_NEAREST, _LEAST, _KNOWN, _MOST_LOST = 3, 6, 0.65, 2
_PRESENT, _MOST, _EVEN, _ODD = 0.35, 0.6, 5.0, -6.0


def even_places(places: Sequence[float], dpi: float) -> tuple[float, ...]:
    """Returns where the uprights of columns of even width stand, lost ones too; none where too few columns are even.

    Args:
        places: of the uprights that were found, ascending, in pixels; some may be strokes of print.
        dpi: pixels an inch.
    """
    best: tuple[tuple[int, int], tuple[float, ...]] = ((0, 0), ())
    for k, first in enumerate(places):
        for other in places[k + 1 : k + 1 + _NEAREST]:
            pitch = other - first
            if not _NARROW_IN * dpi <= pitch <= _WIDE_IN * dpi:
                continue
            hits = [*_run(places, first, -pitch, _OFF_IN * dpi)[::-1], first, *_run(places, first, pitch, _OFF_IN * dpi)]
            filled = _filled(hits, pitch)
            score = len(hits), -len(filled)
            if len(hits) >= max(_LEAST, _KNOWN * len(filled)) and score > best[0]:
                best = score, filled
    return best[1]


def _run(places: Sequence[float], first: float, step: float, off: float) -> list[float]:
    """Returns the places that follow one at even steps, up to where too many are lost."""
    hits: list[float] = []
    at, lost = first, 0
    while lost <= _MOST_LOST:
        wanted = at + (lost + 1) * step
        near = min(places, key=lambda p: abs(p - wanted))
        if abs(near - wanted) <= off:
            hits.append(near)
            at, lost = near, 0
        else:
            lost += 1
    return hits


def _filled(hits: Sequence[float], pitch: float) -> tuple[float, ...]:
    """Returns the places, with those between them that are lost."""
    found = [hits[0]]
    for a, b in zip(hits, hits[1:], strict=False):
        count = max(1, round((b - a) / pitch))
        found += [a + (b - a) * n / count for n in range(1, count + 1)]
    return tuple(found)


def told_by_columns(lanes: Sequence[SeenLane], dpi: float) -> list[list[float]]:
    """Odds of the stretches of uprights by the even columns: in a row that most of them part, all do, and nothing else does.

    Args:
        lanes: uprights of a worn region, in order of their places.
        dpi: pixels an inch.
    """
    told = [[0.0] * len(seen.stretches) for seen in lanes]
    places = even_places([seen.lane.at for seen in lanes], dpi)
    if not places:
        return told
    off = [min(abs(seen.lane.at - p) for p in places) for seen in lanes]
    even = [k for k, d in enumerate(off) if d <= _OFF_IN * dpi]
    inner = [k for k in even if places[0] + _OFF_IN * dpi < lanes[k].lane.at < places[-1] - _OFF_IN * dpi]
    for k, seen in enumerate(lanes):
        is_between = places[0] < seen.lane.at < places[-1] and off[k] > _BETWEEN_IN * dpi
        if k not in even and not is_between:
            continue
        for n, stretch in enumerate(seen.stretches):
            beside = [s for m in inner if m != k for s in [_beside(lanes[m], stretch)] if s is not None]
            drawn = sum(_is_present(s) for s in beside)
            if drawn >= max(_LEAST - 2, _MOST * (len(places) - 2 - (k in inner))):
                told[k][n] = _EVEN if k in even else _ODD
    return told


def _beside(seen: SeenLane, stretch: Stretch) -> Stretch | None:
    """The stretch of another lane in the same row."""
    middle = (stretch.left + stretch.right) / 2
    return next((s for s in seen.stretches if s.left <= middle < s.right), None)


def _is_present(stretch: Stretch) -> bool:
    """True where enough of a stretch is left, up to a crossing, or figures on both sides tell of it."""
    return (stretch.evidence.drawn >= _PRESENT and stretch.evidence.ends > 0) or stretch.parts_print or stretch.is_flush
