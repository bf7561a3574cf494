"""What the print on both sides of a worn upright tells: figures of two columns, or the letters of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
import numpy.typing as npt

from pipeline.grid.ruling_lanes import SeenLane, Stretch
from pipeline.raster import Gray

_INSET_IN, _HALO_IN, _PRINT, _SHOWN = 0.02, 0.018, 90, 0.3
_CLEAR_IN, _APART_IN, _FAR_IN, _CENTRED = 0.04, 0.1, 0.25, 0.5
_FLANKED, _EVEN = 0.12, 2.5
_SAME_IN, _CLOSE_IN, _SEVERAL, _USUAL = 0.015, 0.06, 4, 0.25


@dataclass(frozen=True, slots=True)
class _Gaps:
    """The paper beside a stretch, in pixels.

    Attributes:
        before: from the print before it to the line; `after`: from the line to the print after it.
        beyond: from the lines on both sides to that print.
        within: the widest gap within the print of either side.
        inset: half of the width of the line, with what is blurred of it.
        between: where the print on both sides ends and begins, and where the stretch does: the same for all lanes between them.
    """

    before: int
    after: int
    beyond: tuple[int, int]
    within: int
    inset: int
    between: tuple[int, int, int]

    @property
    def off_middle(self) -> int:
        """By how much the line stands nearer to the one print than to the other."""
        return abs(self.before - self.after)


def with_print(ink: Gray, lanes: Sequence[SeenLane], ends: tuple[float, float], dpi: float) -> list[SeenLane]:
    """Returns the lanes with what the print of the columns on both sides of each stretch tells of it.

    Args:
        ink: 0 is paper, 255 black; the lanes run along its rows.
        lanes: of one direction, in order of their places.
        ends: where the lines across begin and end.
        dpi: pixels an inch.
    """
    # Double lines are wider, and wear leaves one of the two at places.
    halves = [m.lane.course.half for m in lanes if not m.lane.is_short] or [0.0]
    inset = round(max(_INSET_IN * dpi, median(halves) + _HALO_IN * dpi))
    gaps = [[_gaps(ink, lanes, k, stretch, ends, inset) for stretch in seen.stretches] for k, seen in enumerate(lanes)]
    known = [g for own in gaps for g in own if g is not None]
    flush = _usual([(g.before, g.after) for g in known], dpi), _usual([(g.after, g.before) for g in known], dpi)
    rivals: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
    for k, own in enumerate(gaps):
        for g in own:
            if g is not None:
                rivals.setdefault(g.between, []).append((g.off_middle, k))
    return [
        replace(
            seen,
            stretches=tuple(
                _told(s, g, flush, _is_nearest((g.off_middle, k), rivals[g.between]), dpi) if g else s
                for s, g in zip(seen.stretches, own, strict=True)
            ),
        )
        for k, (seen, own) in enumerate(zip(lanes, gaps, strict=True))
    ]


def _usual(gaps: Sequence[tuple[int, int]], dpi: float) -> int | None:
    """Returns the small gap that figures set flush have from their line; None where they are not set flush.

    Args:
        gaps: on the side where they may be set flush, and on the other.
        dpi: pixels an inch.
    """
    same, close, apart = _SAME_IN * dpi, _CLOSE_IN * dpi, _APART_IN * dpi
    near = [gap for gap, other in gaps if gap <= close and gap + other >= apart]
    most, gap = max(((sum(abs(g - k) <= same for g in near), -k) for k in set(near)), default=(0, 0))
    return -gap if most >= max(_SEVERAL, _USUAL * len(gaps)) else None


def _shows_at(seen: SeenLane, along: float) -> bool:
    """True where some of a lane is left beside a place."""
    return any(s.left <= along < s.right and s.evidence.drawn >= _SHOWN for s in seen.stretches)


def _gaps(ink: Gray, lanes: Sequence[SeenLane], k: int, stretch: Stretch, ends: tuple[float, float], inset: int) -> _Gaps | None:
    """Measures the paper beside a stretch of the k-th lane; None where no print stands on one of its sides."""
    seen = lanes[k]
    middle = (stretch.left + stretch.right) / 2
    room = (
        next((m.lane.at for m in reversed(lanes[:k]) if _shows_at(m, middle)), ends[0]),
        next((m.lane.at for m in lanes[k + 1 :] if _shows_at(m, middle)), ends[1]),
    )
    first, last = round(stretch.left) + inset, round(stretch.right) - inset
    at = round(seen.lane.place((first + last) / 2))
    low, high = max(0, round(room[0]) + inset), round(room[1]) - inset
    if min(at - inset - low, high - at - inset, last - first) <= 0:
        return None
    print_rows = _print_rows(ink[low:high, first:last]) + low
    # The rest of another line is no print.
    others = [m.lane.place(middle) for m in lanes if room[0] < m.lane.at < room[1] and m is not seen]
    print_rows = print_rows[(np.abs(print_rows[:, None] - np.asarray(others)) > inset).all(axis=1)]
    before, after = print_rows[print_rows < at - inset], print_rows[print_rows >= at + inset]
    if min(len(before), len(after)) < 2:
        return None
    within = max(int(np.diff(before).max()), int(np.diff(after).max())) - 1
    beyond = int(before[0]) - low, high - 1 - int(after[-1])
    between = int(before[-1]), int(after[0]), first
    return _Gaps(at - inset - 1 - between[0], between[1] - at - inset, beyond, within, inset, between)


def _is_nearest(own: tuple[int, int], lanes: Sequence[tuple[int, int]]) -> bool:
    """True where no other lane stands nearer to the middle between the same two prints: one line parts them, not several.

    Args:
        own: how far a lane is off the middle, and its number.
        lanes: the same of all lanes between these prints.
    """
    return not any(other[1] != own[1] and other < own for other in lanes)


def _told(stretch: Stretch, gaps: _Gaps, flush: tuple[int | None, int | None], is_nearest: bool, dpi: float) -> Stretch:
    """Returns a stretch with what the paper beside it tells.

    Figures of two columns stand nearer to their middles than to the line between them, or as far from it as all figures of
    their table that are set flush; the letters of one run stand close to both sides of a line that would part it.
    """
    near = gaps.before, gaps.after
    wide = sum(near) >= _APART_IN * dpi
    is_free = not stretch.evidence.crossed and stretch.evidence.flanked <= _FLANKED / 2
    clear = is_nearest and is_free and min(near) >= _CLEAR_IN * dpi and wide
    parts = clear and all(g >= min(_CENTRED * b, _FAR_IN * dpi) for g, b in zip(near, gaps.beyond, strict=True))
    same = _SAME_IN * dpi
    is_flush = any(usual is not None and abs(gap - usual) <= same and wide for gap, usual in zip(near, flush, strict=True))
    # Within a run the letters stand about evenly; figures of two narrow columns stand further apart than their own figures.
    across = sum(near) < _APART_IN * dpi and sum(near) + 2 * gaps.inset <= _EVEN * gaps.within
    return replace(stretch, parts_print=parts, runs_across=across, is_flush=is_flush and not stretch.evidence.crossed)


def _print_rows(ink: Gray) -> npt.NDArray[np.int_]:
    """Returns the rows with print."""
    return np.flatnonzero((ink > _PRINT).any(axis=1))
