"""Short uprights that the long lines of a table hold, so that they are no strokes of print."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.grid.ridges import PixelRule

_LONG_IN, _TOUCH_IN = 0.8, 0.03
_TEETH, _RAKE = 3, 2


def held_uprights(uprights: Sequence[PixelRule], flat: Sequence[PixelRule], dpi: float) -> set[PixelRule]:
    """Returns the uprights that end on long lines at both ends, or on one and end alike at the other.

    Args:
        uprights: joined ones of a page, of any length.
        flat: long horizontal lines.
        dpi: pixels an inch.
    """
    touch = _TOUCH_IN * dpi
    between = {r for r in uprights if all(any(_meets(r, f, end, touch) for f in flat) for end in (r.start, r.end))}
    short = [r for r in uprights if r.length < _LONG_IN * dpi]
    return between.union(*(_free(short, line, flat, side, touch) for line in flat for side in (0, 1)))


def _free(short: Sequence[PixelRule], line: PixelRule, flat: Sequence[PixelRule], side: int, touch: float) -> set[PixelRule]:
    """Returns uprights that stand on one line and end alike: a row cut by the page break, or one that no line closes.

    One of them stands at the end of the line; or all cross another line, as those of a table without an outer frame do.
    """
    ends = [(r, (r.start, r.end) if side == 0 else (r.end, r.start)) for r in short]
    stand = [(r, free) for r, (held, free) in ends if _meets(r, line, held, touch)]
    found: set[PixelRule] = set()
    for _, free in stand:
        alike = [r for r, other in stand if abs(other - free) <= touch]
        corner = any(min(abs(r.at - line.start), abs(r.at - line.end)) <= 2 * touch for r in alike)
        crossing = [r for r in alike if any(_crosses(r, f, touch) for f in flat)]
        if corner and len(alike) >= _TEETH:
            found |= set(alike)
        elif len(crossing) >= _RAKE:
            found |= set(crossing)
    return found


def _meets(upright: PixelRule, line: PixelRule, end: float, touch: float) -> bool:
    return abs(line.at - end) <= touch and line.start - touch <= upright.at <= line.end + touch


def _crosses(upright: PixelRule, line: PixelRule, touch: float) -> bool:
    inside = upright.start + 2 * touch < line.at < upright.end - 2 * touch
    return inside and line.start - touch <= upright.at <= line.end + touch
