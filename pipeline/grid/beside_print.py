"""What the print on both sides of a worn upright tells: figures of two columns, or the letters of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from pipeline.grid.ruling_lanes import Lane, SeenLane, Stretch
from pipeline.raster import Gray

_INSET_IN, _PRINT, _SHOWN = 0.02, 90, 0.3
_CLEAR_IN, _APART_IN, _FAR_IN, _CENTRED = 0.04, 0.1, 0.25, 0.5
_FLANKED, _EVEN = 0.12, 2.5


def with_print(ink: Gray, lanes: Sequence[SeenLane], k: int, ends: tuple[float, float], dpi: float) -> SeenLane:
    """Returns the k-th lane with what the print of the columns on both sides of each stretch tells of it.

    Args:
        ink: 0 is paper, 255 black; the lanes run along its rows.
        lanes: of one direction, in order of their places.
        k: which of them.
        ends: where the lines across begin and end.
        dpi: pixels an inch.
    """
    seen, stretches = lanes[k], []
    for stretch in seen.stretches:
        middle = (stretch.left + stretch.right) / 2
        before = next((m.lane.at for m in reversed(lanes[:k]) if _shows_at(m, middle)), ends[0])
        after = next((m.lane.at for m in lanes[k + 1 :] if _shows_at(m, middle)), ends[1])
        others = [m.lane.place(middle) for m in lanes if before < m.lane.at < after and m is not seen]
        stretches.append(_beside_print(ink, seen.lane, (before, after), others, stretch, dpi))
    return replace(seen, stretches=tuple(stretches))


def _shows_at(seen: SeenLane, along: float) -> bool:
    """True where some of a lane is left beside a place."""
    return any(s.left <= along < s.right and s.evidence.drawn >= _SHOWN for s in seen.stretches)


def _beside_print(
    ink: Gray, lane: Lane, room: tuple[float, float], others: Sequence[float], stretch: Stretch, dpi: float
) -> Stretch:
    """Returns a stretch with what the print of both neighbouring columns tells of it.

    Figures of two columns stand nearer to their middles than to the line between them; the letters of one run stand close to
    both sides of a line that would part it.
    """
    inset = round(_INSET_IN * dpi)
    first, last = round(stretch.left) + inset, round(stretch.right) - inset
    at = round(lane.place((first + last) / 2))
    low, high = max(0, round(room[0]) + inset), round(room[1]) - inset
    if min(at - inset - low, high - at - inset, last - first) <= 0:
        return stretch
    print_rows = _print_rows(ink[low:high, first:last]) + low
    # The rest of another line is no print.
    print_rows = print_rows[[all(abs(row - other) > inset for other in others) for row in print_rows]]
    before, after = print_rows[print_rows < at - inset], print_rows[print_rows >= at + inset]
    if min(len(before), len(after)) < 2:
        return stretch
    gap = at - inset - 1 - before[-1], after[0] - at - inset
    beyond = before[0] - low, high - 1 - after[-1]
    is_free = not stretch.evidence.crossed and stretch.evidence.flanked <= _FLANKED / 2
    clear = is_free and min(gap) >= _CLEAR_IN * dpi and sum(gap) >= _APART_IN * dpi
    parts = clear and all(g >= min(_CENTRED * b, _FAR_IN * dpi) for g, b in zip(gap, beyond, strict=True))
    # Within a run the letters stand about evenly; figures of two narrow columns stand further apart than their own figures.
    within = max(int(np.diff(before).max()), int(np.diff(after).max())) - 1
    across = sum(gap) < _APART_IN * dpi and sum(gap) + 2 * inset <= _EVEN * within
    return replace(stretch, parts_print=parts, runs_across=across)


def _print_rows(ink: Gray) -> npt.NDArray[np.int_]:
    """Returns the rows with print."""
    return np.flatnonzero((ink > _PRINT).any(axis=1))
