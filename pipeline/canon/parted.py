"""A row of several sums that lost many cells: which of its figures belong to which sum, and the likeliest place of each.

Too many cells are wanting to weigh every way; but each group of figures ends in its total, and adds up to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

from pipeline.canon.sums import Sum
from pipeline.canon.tokens import Token

_CLOSED, _NOUGHT, _ALONE, _OPEN = 1.0, 0.3, 0.0, -1.0
_TOLERANCE = 1e-6

Tokens = tuple[Token | None, ...]


def part_by_sums(items: Sequence[Token], sums: Sequence[Sum], width: int) -> Tokens | None:
    """Returns the figures of a row in the likeliest columns, None where its sums do not part it.

    Args:
        items: its figures, fewer than columns, in printed order.
        sums: the equations of the row; each is to hold the neighbouring columns of one group, its total the last of them.
        width: number of columns.
    """
    groups = [tuple(sorted((*s.left, *s.right))) for s in sums]
    is_parted = [c for group in groups for c in group] == list(range(width))
    if not is_parted or any(s.totals != {group[-1]} for s, group in zip(sums, groups, strict=True)):
        return None
    if len(items) >= width or not all(t.is_filled for t in items):
        return None
    # best[i]: the worth of the groups so far with the first i figures, and how many figures each has.
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for group in groups:
        after: dict[int, tuple[float, tuple[int, ...]]] = {}
        for i, (worth, counts) in best.items():
            for n in range(min(len(group), len(items) - i) + 1):
                option = worth + _worth(items[i : i + n]), (*counts, n)
                if i + n not in after or option[0] > after[i + n][0]:
                    after[i + n] = option
        best = after
    if len(items) not in best:
        return None
    made: list[Token | None] = [None] * width
    rest = list(items)
    for group, n in zip(groups, best[len(items)][1], strict=True):
        for column, token in zip(_places(group, n), rest[:n], strict=True):
            made[column] = token
        del rest[:n]
    return tuple(made)


def _worth(items: Sequence[Token]) -> float:
    """What figures say of being one group: the last is as much as the others together."""
    values = [t.value.value or 0 for t in items]
    if len(values) < 2:
        return _NOUGHT if values and not values[0] else _ALONE
    return _CLOSED if abs(values[-1] - sum(values[:-1])) <= _TOLERANCE else _OPEN


def _places(group: Sequence[int], n: int) -> list[int]:
    """The likeliest columns of the `n` figures that are left of a group, the last of them its total."""
    n_parts, n_slots = n - 1, len(group) - 1
    found = []
    for i in range(n_parts):
        odds = [comb(s, i) * comb(n_slots - 1 - s, n_parts - 1 - i) for s in range(n_slots)]
        found.append(group[odds.index(max(odds))])
    return [*found, group[-1]] if n else []
