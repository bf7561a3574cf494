"""Letters of labels that are written downwards: 无 among them is no value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.grid.segments import Segment, SegmentLine
from pipeline.grid.text import is_cjk

_REACH = 3
_STEP_EM, _OFF_EM = 1.5, 0.3


def without_stacked_values(lines: Sequence[SegmentLine]) -> list[SegmentLine]:
    """Marks single Chinese letters that look like a value as words where another letter stands closely above or below.

    Args:
        lines: from top to bottom.
    """
    found = list(lines)
    for k, line in enumerate(lines):
        for i, segment in enumerate(line.segments):
            if not (_is_letter(segment) and segment.is_value):
                continue
            near = [s for other in lines[max(0, k - _REACH) : k + _REACH + 1] for s in other.segments if s is not segment]
            if any(_is_letter(s) and not s.is_value and _is_next(segment, s) for s in near):
                segments = found[k].segments
                found[k] = SegmentLine((*segments[:i], replace(segment, is_letter=True), *segments[i + 1 :]))
    return found


def _is_letter(segment: Segment) -> bool:
    return len(segment.text) == 1 and is_cjk(segment.text)


def _is_next(segment: Segment, other: Segment) -> bool:
    em = segment.bottom - segment.top
    step = abs(segment.top + segment.bottom - other.top - other.bottom) / 2
    return 0 < step < _STEP_EM * em and abs(segment.mid - other.mid) < _OFF_EM * em
