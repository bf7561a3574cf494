"""Tables whose uprights wear has broken all over: rows of long broken lines, with rests of uprights that run across them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from pipeline.domain import BBox
from pipeline.grid.ridges import PixelRule

_SAME_IN, _ACROSS_IN, _ROWS = 0.03, 0.06, 1.3
_LINES, _WHOLE, _BROKEN, _SHARED = 4, 0.93, 0.5, 0.3


def worn_tables(lines: Sequence[PixelRule], uprights: Sequence[PixelRule], dpi: float) -> list[BBox]:
    """Returns the hulls of groups of long lines above one another, row by row, most of them with gaps.

    No print runs across a line, so a piece of an upright that does tells that the lines are those of a table with columns.

    Args:
        lines: long horizontal ones, gaps and all; their strength is the share that is drawn.
        uprights: pieces of vertical lines.
        dpi: pixels an inch.
    """
    return [box for group, box in broken_groups(lines, dpi) if any(runs_across(p, group, box, dpi) for p in uprights)]


def broken_groups(lines: Sequence[PixelRule], dpi: float, most: float = _ROWS) -> list[tuple[list[PixelRule], BBox]]:
    """Returns groups of long lines above one another, row by row, most of them with gaps; and their hulls.

    Args:
        lines: long horizontal ones, gaps and all; their strength is the share that is drawn.
        dpi: pixels an inch.
        most: how far the next line is at most, in rows.
    """
    found = []
    for group in (part for g in _groups(lines) for part in _in_rows(g, _SAME_IN * dpi, most)):
        box = BBox(min(r.start for r in group), group[0].at, max(r.end for r in group), group[-1].at)
        rows = _in_lines(group, _SAME_IN * dpi)
        broken = sum(sum(r.strength * r.length for r in row) < _WHOLE * box.width for row in rows)
        if len(rows) >= _LINES and broken >= _BROKEN * len(rows):
            found.append((group, box))
    return found


def _groups(lines: Sequence[PixelRule]) -> list[list[PixelRule]]:
    """Groups lines that stand above one another, from top to bottom."""
    groups: list[list[PixelRule]] = []
    for line in sorted(lines, key=lambda r: r.at):
        host = next((g for g in groups if _is_over(g, line)), None)
        if host is None:
            groups.append([line])
        else:
            host.append(line)
    return groups


def _is_over(group: Sequence[PixelRule], line: PixelRule) -> bool:
    start, end = min(r.start for r in group), max(r.end for r in group)
    shared = min(end, line.end) - max(start, line.start)
    return shared >= _SHARED * min(line.length, end - start)


def _in_lines(group: Sequence[PixelRule], same: float) -> list[list[PixelRule]]:
    """Puts together what is left of one line; `group` from top to bottom."""
    rows: list[list[PixelRule]] = []
    for rule in group:
        if rows and rule.at - rows[-1][0].at <= same:
            rows[-1].append(rule)
        else:
            rows.append([rule])
    return rows


def _in_rows(group: Sequence[PixelRule], same: float, most: float) -> list[list[PixelRule]]:
    """Parts a group where the next line is more than a row away."""
    rows = _in_lines(group, same)
    gaps = [b[0].at - a[0].at for a, b in pairwise(rows)]
    if not gaps:
        return []
    parts = [[*rows[0]]]
    for row, gap in zip(rows[1:], gaps, strict=True):
        if gap <= most * median(gaps):
            parts[-1] += row
        else:
            parts.append([*row])
    return parts


def runs_across(piece: PixelRule, lines: Sequence[PixelRule], box: BBox, dpi: float) -> bool:
    """True where an upright goes on well beyond one of the lines of a group, inside of its hull, on both sides of the line."""
    least = _ACROSS_IN * dpi
    if not box.x0 - least <= piece.at <= box.x1 + least:
        return False
    inner = (r.at for r in lines if box.top + least < r.at < box.bottom - least)
    return any(piece.start <= at - least and piece.end >= at + least for at in inner)
