"""The one routine that aligns a sequence of printed things with a sequence of the schema: monotone, with margins.

It is global alignment (Needleman and Wunsch 1970) with free or priced gaps, where several neighbouring items may
together match one slot (a label split over lines). A forward and a backward pass give for every slot the score that is
lost when its match is forbidden: the margin over the next best alignment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Match:
    """A slot's match: items `[start, start + width)`, its gain, and the score lost when it is forbidden."""

    start: int
    width: int
    gain: float
    margin: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """The best alignment: for each slot its match or None, and for each slot without a match the margin of that."""

    matches: tuple[Match | None, ...]
    total: float
    skip_margins: tuple[float, ...]


def align(gains: Mapping[tuple[int, int, int], float], skip_item: Sequence[float], skip_slot: Sequence[float]) -> Alignment:
    """Finds the best monotone alignment of items with slots.

    Args:
        gains: `(item, width, slot)` to the gain of matching that many items from `item` on with the slot; a pair that
            is not there cannot match.
        skip_item: cost (>= 0) of leaving each item out.
        skip_slot: cost (>= 0) of leaving each slot empty.

    Returns:
        The alignment of the highest total; of equal ones that which matches earlier items.
    """
    # Items that match nothing are always left out: they only add their cost.
    kept = sorted({i for start, width, _ in gains for i in range(start, start + width)})
    place = {i: k for k, i in enumerate(kept)}
    idle = sum(skip_item) - sum(skip_item[i] for i in kept)
    steps = tuple((place[s], w, j, g) for (s, w, j), g in gains.items())
    small = _align_kept(steps, tuple(skip_item[i] for i in kept), tuple(skip_slot))
    matches = tuple(m and Match(kept[m.start], m.width, m.gain, m.margin) for m in small.matches)
    return Alignment(matches, small.total - idle, small.skip_margins)


# The forms are official: most tables of a run have the same labels, and so the same gains.
@lru_cache(maxsize=4096)
def _align_kept(
    steps: tuple[tuple[int, int, int, float], ...], skip_item: tuple[float, ...], skip_slot: tuple[float, ...]
) -> Alignment:
    """Aligns items of which each may match some slot; `steps` are the gains with their keys."""
    gains = {(start, width, slot): gain for start, width, slot, gain in steps}
    n_items, n_slots = len(skip_item), len(skip_slot)
    ending: Steps = [{} for _ in range(n_items + 1)]
    starting: Steps = [{} for _ in range(n_items + 1)]
    for (start, width, slot), gain in gains.items():
        ending[start + width].setdefault(slot, []).append((start, gain))
        starting[start].setdefault(slot, []).append((start + width, gain))
    forward = _forward(n_items, n_slots, ending, skip_item, skip_slot)
    backward = _backward(n_items, n_slots, starting, skip_item, skip_slot)
    total = forward[n_items][n_slots]
    chosen = _trace(forward, ending, skip_item, skip_slot)
    best_other = _best_others(gains, forward, backward, chosen, skip_slot)
    matches: list[Match | None] = []
    skips = []
    for slot, pick in enumerate(chosen):
        lost = total - best_other[slot]
        matches.append(None if pick is None else Match(pick[0], pick[1], gains[(pick[0], pick[1], slot)], lost))
        skips.append(lost if pick is None else 0.0)
    return Alignment(tuple(matches), total, tuple(skips))


# For each item, by slot: the other end of the matches that end (or start) there, with their gains.
Steps = list[dict[int, list[tuple[int, float]]]]


def _forward(
    n_items: int, n_slots: int, ending: Steps, skip_item: Sequence[float], skip_slot: Sequence[float]
) -> list[list[float]]:
    """Best score of the first i items with the first j slots, `(n_items + 1, n_slots + 1)`."""
    first = [0.0]
    for cost in skip_slot:
        first.append(first[-1] - cost)
    table = [first]
    for i in range(1, n_items + 1):
        cost, steps = skip_item[i - 1], ending[i]
        row = [score - cost for score in table[i - 1]]
        for j in range(1, n_slots + 1):
            best = row[j]
            other = row[j - 1] - skip_slot[j - 1]
            if other > best:
                best = other
            for start, gain in steps.get(j - 1, ()):
                other = table[start][j - 1] + gain
                if other > best:
                    best = other
            row[j] = best
        table.append(row)
    return table


def _backward(
    n_items: int, n_slots: int, starting: Steps, skip_item: Sequence[float], skip_slot: Sequence[float]
) -> list[list[float]]:
    """Best score of the items from i on with the slots from j on."""
    last = [0.0]
    for cost in reversed(skip_slot):
        last.append(last[-1] - cost)
    table: list[list[float]] = [[]] * n_items + [last[::-1]]
    for i in range(n_items - 1, -1, -1):
        cost, steps = skip_item[i], starting[i]
        row = [score - cost for score in table[i + 1]]
        for j in range(n_slots - 1, -1, -1):
            best = row[j]
            other = row[j + 1] - skip_slot[j]
            if other > best:
                best = other
            for end, gain in steps.get(j, ()):
                other = table[end][j + 1] + gain
                if other > best:
                    best = other
            row[j] = best
        table[i] = row
    return table


def _trace(
    forward: Sequence[Sequence[float]],
    ending: Steps,
    skip_item: Sequence[float],
    skip_slot: Sequence[float],
) -> list[tuple[int, int] | None]:
    """Walks the best path back; returns `(start, width)` or None for each slot."""
    i, j = len(skip_item), len(skip_slot)
    chosen: list[tuple[int, int] | None] = [None] * j
    while i or j:
        here = forward[i][j]
        if i and abs(forward[i - 1][j] - skip_item[i - 1] - here) < 1e-9:
            i -= 1
            continue
        step = next((s for s, g in ending[i].get(j - 1, ()) if abs(forward[s][j - 1] + g - here) < 1e-9), None) if j else None
        j -= 1
        if step is not None:
            chosen[j] = (step, i - step)
            i = step
    return chosen


def _best_others(
    gains: Mapping[tuple[int, int, int], float],
    forward: Sequence[Sequence[float]],
    backward: Sequence[Sequence[float]],
    chosen: Sequence[tuple[int, int] | None],
    skip_slot: Sequence[float],
) -> list[float]:
    """For each slot the best total of an alignment that treats this slot otherwise."""
    best = []
    for slot, pick in enumerate(chosen):
        if pick is None:
            best.append(_NEVER)
        else:
            best.append(max([f[slot] + b[slot + 1] for f, b in zip(forward, backward, strict=True)]) - skip_slot[slot])
    for (start, width, slot), gain in gains.items():
        if chosen[slot] != (start, width):
            best[slot] = max(best[slot], forward[start][slot] + gain + backward[start + width][slot + 1])
    return best
