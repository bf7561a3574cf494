"""Heads of narrow columns that are written downwards, outside of ruled cells: letters one below the other, several such beside
one another. Read line by line across all columns they make no words.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from pipeline.geometry import connected
from pipeline.layout.bands import hull
from pipeline.layout.dirt import Ints
from pipeline.layout.freelines import level_pairs
from pipeline.layout.ink import Ink
from pipeline.layout.local_letter import local_letters
from pipeline.layout.stacks import looks_like_digits
from pipeline.raster import PixelBox

_SIDE, _LEVEL = 0.3, 0.3
_WIDEST, _TALL, _HIGH, _WIDE, _SQUARE = 1.5, 1.7, 1.45, 0.6, 1.3
_GAP, _UNDER = 0.5, 0.5
_BESIDE, _SHARED, _LEAST = 0.75, 0.5, 3
_PITCHES = tuple(n / 100 for n in range(95, 152, 3))
_WINDOW = 0.22


def free_stacks(ink: Ink, members: Ints) -> tuple[list[tuple[PixelBox, ...]], Ints]:
    """Finds letters that are written downwards, three or more such columns beside one another.

    The letters of one stand closer below one another than rows do, and all columns stand apart by most of a letter at least.
    A lone column is left as it is: the label of several rows is read well letter by letter, and a lone column of signs is none.

    Args:
        ink: print of the page.
        members: the pieces that stand in no ruled cell.

    Returns:
        For each column the boxes of its letters from top to bottom, and the pieces that stand in none.
    """
    columns = _tall_columns(ink, members) if len(members) else []
    hulls = [hull(ink.boxes[c]) for c in columns]
    found: list[tuple[PixelBox, ...]] = []
    taken: list[int] = []
    for group in _side_by_side(hulls):
        letters = _letters(ink, [columns[k] for k in group]) if len(group) >= _LEAST else []
        stacks = [(k, boxes) for k, boxes in zip(group, letters, strict=False) if boxes]
        if len(stacks) >= _LEAST:
            found += [boxes for _, boxes in stacks]
            taken += [int(m) for k, _ in stacks for m in columns[k]]
    return found, members[~np.isin(members, taken)]


def _tall_columns(ink: Ink, members: Ints) -> list[Ints]:
    """Returns the columns that are as wide as a letter around them and higher than one; a lone 1, or many figures, are not."""
    columns = [c for c in _columns(ink, members) if _is_tall(ink.boxes[c])]
    if not columns:
        return []
    boxes = ink.boxes[members]
    # Letters that touch the ones below them are one piece, as wide as one letter still.
    heights = np.minimum(boxes[:, 3] - boxes[:, 1], _SQUARE * (boxes[:, 2] - boxes[:, 0]))
    hulls = np.asarray([hull(ink.boxes[c]) for c in columns], dtype=np.int64)
    around = local_letters(hulls, boxes, np.asarray(heights, dtype=np.float64), ink.letter)
    width, height = hulls[:, 2] - hulls[:, 0], hulls[:, 3] - hulls[:, 1]
    high = (height >= _HIGH * around) & (width >= _WIDE * around) & (width <= _WIDEST * around)
    return [c for c, is_high in zip(columns, high.tolist(), strict=True) if is_high]


def _columns(ink: Ink, members: Ints) -> list[Ints]:
    """Joins pieces that stand level and close, then those below one another that are as narrow as a letter."""
    order = members[np.argsort(ink.boxes[members, 1], kind="stable")]
    boxes = ink.boxes[order]
    first, second = level_pairs(boxes)
    a, b = boxes[first], boxes[second]
    gap = np.maximum(a[:, 0], b[:, 0]) - np.minimum(a[:, 2], b[:, 2])
    shared = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    level = shared >= _LEVEL * np.minimum(a[:, 3] - a[:, 1], b[:, 3] - b[:, 1])
    close = np.column_stack([first, second])[level & (gap <= _SIDE * ink.letter)]
    parts = [order[group] for group in connected(len(order), close.tolist())]
    parts = [p for p in parts if _width(ink.boxes[p]) <= _WIDEST * ink.letter]
    return [np.concatenate([parts[k] for k in group]) for group in _below_one_another([hull(ink.boxes[p]) for p in parts])]


def _below_one_another(parts: Sequence[PixelBox]) -> list[list[int]]:
    """Groups parts of which each stands close below another, and under it."""
    if not parts:
        return []
    boxes = np.asarray(parts, dtype=np.int64)
    order = np.argsort(boxes[:, 0], kind="stable")
    ends = np.searchsorted(boxes[order, 0], boxes[order, 2], side="left")
    pairs: list[tuple[int, int]] = []
    for i, end in zip(range(len(order)), ends.tolist(), strict=True):
        a, others = boxes[order[i]], order[i + 1 : end]
        b = boxes[others]
        wide_a, wide_b = a[2] - a[0], b[:, 2] - b[:, 0]
        under = np.minimum(a[2], b[:, 2]) - np.maximum(a[0], b[:, 0]) >= _UNDER * np.minimum(wide_a, wide_b)
        gap = np.maximum(a[1], b[:, 1]) - np.minimum(a[3], b[:, 3])
        near = under & (gap <= _GAP * np.maximum(wide_a, wide_b))
        pairs += [(int(order[i]), int(k)) for k in others[near]]
    return connected(len(parts), pairs)


def _is_tall(boxes: Ints) -> bool:
    return hull(boxes)[3] - hull(boxes)[1] >= _TALL * _width(boxes)


def _width(boxes: Ints) -> int:
    x0, _, x1, _ = hull(boxes)
    return x1 - x0


def _side_by_side(hulls: Sequence[PixelBox]) -> list[list[int]]:
    """Groups columns that stand beside one another, most of the lower one at the height of the other."""
    pairs = []
    for i, a in enumerate(hulls):
        for k in range(i + 1, len(hulls)):
            b = hulls[k]
            shared = min(a[3], b[3]) - max(a[1], b[1])
            if shared >= _SHARED * min(a[3] - a[1], b[3] - b[1]):
                pairs.append((i, k))
    groups = []
    for group in connected(len(hulls), pairs):
        row = sorted(group, key=lambda k: hulls[k])
        em = float(np.median([hulls[k][2] - hulls[k][0] for k in row]))
        apart = all(hulls[b][0] - hulls[a][2] >= _BESIDE * em for a, b in zip(row, row[1:], strict=False))
        groups += [row] if apart else []
    return groups


def _letters(ink: Ink, group: Sequence[Ints]) -> list[tuple[PixelBox, ...]]:
    """Returns the boxes of the letters of each column, all columns at one pitch; none of one that looks like figures."""
    hulls = [hull(ink.boxes[column]) for column in group]
    em = float(np.median([h[2] - h[0] for h in hulls]))
    profiles = [(ink.binary[h[1] : h[3], h[0] : h[2]] > 0).sum(axis=1) for h in hulls]
    pitch = min(_PITCHES, key=lambda p: sum(_misfit(profile, p * em, em) for profile in profiles)) * em
    found = []
    for column, (x0, top, x1, _), profile in zip(group, hulls, profiles, strict=True):
        rows = [top + row for row in _cuts(profile, pitch, em)]
        letters = [_tight(ink, (x0, a, x1, b)) for a, b in pairwise(rows)]
        figures = all(_is_figure(ink.boxes[column], a, b) for a, b in pairwise(rows))
        found.append(() if figures or len(letters) < 2 else tuple(letters))
    return found


def _is_figure(boxes: Ints, top: int, bottom: int) -> bool:
    """True where the pieces of one letter look like digits beside one another; what touches another letter is none."""
    here = boxes[(boxes[:, 1] < bottom - 1) & (boxes[:, 3] > top + 1)]
    within = (here[:, 1] >= top - 1) & (here[:, 3] <= bottom + 1)
    return len(here) > 0 and bool(within.all()) and looks_like_digits(here, bottom - top)


def _count(height: int, pitch: float, em: float) -> int:
    return max(1, round((height - em) / pitch) + 1)


def _misfit(profile: Ints, pitch: float, em: float) -> float:
    """How badly letters at this pitch fill a column: height that is left over, in letters, and print that is cut."""
    n = _count(len(profile), pitch, em)
    over = abs(len(profile) - em - (n - 1) * pitch) / em
    cuts = _cuts(profile, pitch, em)[1:-1]
    return over + (sum(float(profile[row]) for row in cuts) / (em * len(cuts)) if cuts else 1.0)


def _cuts(profile: Ints, pitch: float, em: float) -> list[int]:
    """Returns the rows at which the letters of a column begin, and where the last one ends: the emptiest near even places."""
    n = _count(len(profile), pitch, em)
    step = len(profile) / n
    rows = [0]
    for k in range(1, n):
        first, last = round((k - _WINDOW) * step), round((k + _WINDOW) * step) + 1
        low = profile[first:last]
        emptiest = np.flatnonzero(low == low.min())
        rows.append(first + int(emptiest[len(emptiest) // 2]))
    return [*rows, len(profile)]


def _tight(ink: Ink, box: PixelBox) -> PixelBox:
    """The part of a box that holds print."""
    x0, top, x1, bottom = box
    dark = ink.binary[top:bottom, x0:x1] > 0
    columns, rows = np.flatnonzero(dark.any(axis=0)), np.flatnonzero(dark.any(axis=1))
    if not len(columns):
        return box
    return x0 + int(columns[0]), top + int(rows[0]), x0 + int(columns[-1]) + 1, top + int(rows[-1]) + 1
