"""Lines that a stroke of a pen adds to a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.grid.ruling_lanes import JudgedLane

_REACH_IN, _OPEN_IN, _LONG_IN = 0.09, 0.3, 1.0
_UNBROKEN, _FLANKED, _STRAY = 0.97, 0.12, 0.2


def without_strays(lanes: Sequence[JudgedLane], across: Sequence[JudgedLane], dpi: float) -> list[JudgedLane]:
    """Drops what a stroke of a pen adds to a frame: a short outermost line, and the one line that runs out beyond the frame.

    Args:
        lanes: of one direction, in order of their places.
        across: those of the other.
        dpi: pixels an inch.
    """
    kept = list(lanes)
    longest = max((_drawn_length(j) for j in kept), default=0.0)
    while len(kept) > 2 and _is_stray(kept[0], longest):
        del kept[0]
    while len(kept) > 2 and _is_stray(kept[-1], longest):
        del kept[-1]
    if not across:
        return kept
    low, high = min(a.lane.at for a in across), max(a.lane.at for a in across)
    reach = _REACH_IN * dpi / 2
    out_low = [k for k, j in enumerate(kept) if j.drawn[0] and j.stretches[0].left < low - reach]
    out_high = [k for k, j in enumerate(kept) if j.drawn[-1] and j.stretches[-1].right > high + reach]
    ends = min(a.lane.start for a in across), max(a.lane.end for a in across)
    if len(out_low) == 1 and kept[out_low[0]].stretches[0].right <= low + reach:
        k = out_low[0]
        if not _parts_open_row(kept[k], 0, ends, dpi):
            kept[k] = replace(kept[k], drawn=(False, *kept[k].drawn[1:]))
    if len(out_high) == 1 and kept[out_high[0]].stretches[-1].left >= high - reach:
        k = out_high[0]
        if not _parts_open_row(kept[k], -1, ends, dpi):
            kept[k] = replace(kept[k], drawn=(*kept[k].drawn[:-1], False))
    return [j for j in kept if any(j.drawn)]


def _parts_open_row(judged: JudgedLane, k: int, ends: tuple[float, float], dpi: float) -> bool:
    """True where what runs out beyond the last line is whole, and well inside or long: it parts a row that no line closes.

    Of a head that a page ends below nothing but its upper line may run on over the labels. No stroke of a pen is as straight.
    """
    inside = min(judged.lane.at - ends[0], ends[1] - judged.lane.at) >= _OPEN_IN * dpi
    stretch = judged.stretches[k]
    is_long = stretch.right - stretch.left >= _LONG_IN * dpi
    evidence = stretch.evidence
    is_whole = evidence.drawn >= _UNBROKEN and not evidence.crossed and evidence.flanked <= _FLANKED
    return is_whole and (inside or is_long)


def _drawn_length(judged: JudgedLane) -> float:
    pairs = zip(judged.stretches, judged.drawn, strict=True)
    return sum(s.right - s.left for s, is_drawn in pairs if is_drawn)


def _is_stray(judged: JudgedLane, longest: float) -> bool:
    return judged.lane.is_short and _drawn_length(judged) < _STRAY * longest
