"""Arithmetic of boxes and intervals, in points; origin top left, y down."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.domain import BBox


def hull(boxes: Iterable[BBox]) -> BBox:
    """Returns the smallest box around all `boxes`; raises ValueError where there are none."""
    xs = list(boxes)
    if not xs:
        raise ValueError("no boxes")
    return BBox(min(b.x0 for b in xs), min(b.top for b in xs), max(b.x1 for b in xs), max(b.bottom for b in xs))


def overlap(a0: float, a1: float, b0: float, b1: float) -> float:
    """Returns the length that two intervals share; 0 where they do not meet."""
    return max(0.0, min(a1, b1) - max(a0, b0))


def contains_center(outer: BBox, inner: BBox) -> bool:
    """True where the centre of `inner` lies in `outer`, edges included."""
    x, y = inner.center
    return outer.x0 <= x <= outer.x1 and outer.top <= y <= outer.bottom


def cluster(values: Iterable[float], tolerance: float) -> list[list[float]]:
    """Groups sorted values whose neighbours are at most `tolerance` apart (single linkage)."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= tolerance:
            groups[-1].append(value)
        else:
            groups.append([value])
    return groups


def connected(n: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Returns the connected groups of `0 .. n - 1`, each in order, sorted by their first members (union-find)."""
    parent = list(range(n))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in pairs:
        parent[root(i)] = root(j)
    groups: dict[int, list[int]] = {}
    for i in range(n):
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())
