"""Odds of stretches → which of them are drawn, each with a look at its neighbours along the line and beside it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.grid.ruling_lanes import Stretch

_BESIDE, _ROUNDS = 0.6, 4


def settled(lanes: Sequence[Sequence[Stretch]], odds: Sequence[Sequence[float]], along: float) -> list[tuple[bool, ...]]:
    """Labels the stretches: each lane as a whole, with its neighbours to both sides as they were labelled before.

    Args:
        lanes: their stretches, in order of the places of the lanes.
        odds: of each stretch, see `_best_chain`.
        along: how much neighbours along a lane tend to be alike.
    """
    beside = _neighbours(lanes)
    state = [_best_chain(lane, along) for lane in odds]
    for _ in range(_ROUNDS):
        before = list(state)
        for k, lane in enumerate(odds):
            votes = [_BESIDE * sum(1.0 if before[m][j] else -1.0 for m, j in beside[k, i]) for i in range(len(lane))]
            state[k] = _best_chain([o + v for o, v in zip(lane, votes, strict=True)], along)
        if state == before:
            break
    return state


def _best_chain(odds: Sequence[float], along: float) -> tuple[bool, ...]:
    """Returns the most likely labels of a chain whose neighbours tend to be alike (Viterbi)."""
    score = (-odds[0], odds[0])
    back: list[tuple[int, int]] = []
    for own in odds[1:]:
        came = tuple(0 if score[0] + (along if k == 0 else -along) >= score[1] + (along if k == 1 else -along) else 1
                     for k in (0, 1))  # fmt: skip
        back.append((came[0], came[1]))
        score = (
            score[came[0]] + (along if came[0] == 0 else -along) - own,
            score[came[1]] + (along if came[1] == 1 else -along) + own,
        )
    k = 0 if score[0] >= score[1] else 1
    labels = [k]
    for pair in reversed(back):
        k = pair[k]
        labels.append(k)
    return tuple(label == 1 for label in reversed(labels))


def _neighbours(lanes: Sequence[Sequence[Stretch]]) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Returns for each stretch those of the next lanes to either side that lie beside it."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for k, lane in enumerate(lanes):
        for i, stretch in enumerate(lane):
            middle = (stretch.left + stretch.right) / 2
            near = [m for m in (k - 1, k + 1) if 0 <= m < len(lanes)]
            found[k, i] = [(m, j) for m in near for j, s in enumerate(lanes[m]) if s.left <= middle < s.right]
    return found
