"""Rows over the whole width of a table without an outer frame: no upright crosses them, yet they are part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from pipeline.grid.edges import Edge

_NEAR_IN, _SIDES_IN = 0.04, 0.09
_LINES, _LIKE, _COVERED = 4, 0.9, 0.5
Band = tuple[Edge, Edge, bool]
HasPrint = Callable[[Edge, Edge], bool]
"""True where print stands between two lines."""


def close_open_bands(
    lines: Sequence[Edge], tall: Sequence[Edge], inch: float, has_print: HasPrint
) -> tuple[list[Edge], list[Edge]]:
    """Returns the lines around rows that no upright crosses, and the sides of these rows.

    Args:
        lines: long horizontal lines.
        tall: vertical rulings.
        inch: how many of their units make an inch.
        has_print: a band without print that no upright crosses is no row, but the paper between two tables.
    """
    around: set[Edge] = set()
    sides: list[Edge] = []
    for group in _alike(lines, _NEAR_IN * inch):
        for bands in _runs(group, tall, _NEAR_IN * inch, has_print):
            bare = _titles(bands)
            first, last = median(r.start for r in group), median(r.end for r in group)
            beside = [t for t in tall if t.start < bands[-1][1].at and t.end > bands[0][0].at]
            if not bare or any(min(abs(t.at - first), abs(t.at - last)) <= _SIDES_IN * inch for t in beside):
                continue
            around |= {r for pair in bare for r in pair}
            sides += [Edge(x, a.at, b.at) for a, b in bare for x in (first, last)]
    return sorted(around), sides


def holds_any(points: Sequence[tuple[float, float]], upper: Edge, lower: Edge) -> bool:
    """True where one of `points` lies between two lines."""
    return any(upper.at < y < lower.at and upper.start < x < upper.end for x, y in points)


def _alike(lines: Sequence[Edge], near: float) -> list[list[Edge]]:
    """Groups lines that begin and end alike, each from top to bottom."""
    groups: list[list[Edge]] = []
    for line in sorted(lines):
        fits = (g for g in groups if abs(g[0].start - line.start) <= near and abs(g[0].end - line.end) <= near)
        group = next(fits, None)
        if group is None:
            groups.append([line])
        else:
            group.append(line)
    return [g for g in groups if len(g) >= _LINES]


def _runs(group: Sequence[Edge], tall: Sequence[Edge], near: float, has_print: HasPrint) -> Iterator[list[Band]]:
    """Yields the bands between following lines, and whether uprights cross each; what is blank, or too tall, parts tables."""
    bands = [(a, b, _is_crossed(a.at, b.at, tall)) for a, b in pairwise(group) if b.at - a.at > near]
    heights = [b.at - a.at for a, b, is_crossed in bands if is_crossed]
    run: list[Band] = []
    for a, b, is_crossed in bands if heights else ():
        if not is_crossed and (b.at - a.at > median(heights) / _LIKE or not has_print(a, b)):
            if run:
                yield run
            run = []
        else:
            run.append((a, b, is_crossed))
    if run:
        yield run


def _titles(bands: Sequence[Band]) -> list[tuple[Edge, Edge]]:
    """Returns the rows of a table that no upright crosses.

    Titles stand above its first part too, and are as high as a row; captions of several tables have no line above the first
    of them, and a strip lower than a row parts tables.
    """
    bare = [(a, b) for k, (a, b, is_crossed) in enumerate(bands)
            if not is_crossed and any(n[2] for n in bands[max(0, k - 1) : k + 2])]  # fmt: skip
    heights = [b.at - a.at for a, b, is_crossed in bands if is_crossed]
    if bands[0][2] or len(bands) < _LINES - 1 or not heights:
        return []
    return bare if all(b.at - a.at >= _LIKE * median(heights) for a, b in bare) else []


def _is_crossed(top: float, bottom: float, tall: Sequence[Edge]) -> bool:
    return any(min(t.end, bottom) - max(t.start, top) >= _COVERED * (bottom - top) for t in tall)
