"""The alignment routine against trying everything."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.canon.sequence import align

Gains = dict[tuple[int, int, int], float]
Pick = tuple[tuple[int, int] | None, ...]
COSTS = st.sampled_from([0.0, 0.1, 0.25, 0.5])


@st.composite
def problems(draw: st.DrawFn) -> tuple[Gains, list[float], list[float]]:
    """Up to five items and four slots."""
    n_items, n_slots = draw(st.integers(0, 5)), draw(st.integers(0, 4))
    places = [(i, w, j) for i in range(n_items) for w in (1, 2, 3) if i + w <= n_items for j in range(n_slots)]
    gains = {p: draw(st.floats(-0.2, 1.0)) for p in places if draw(st.booleans())}
    return gains, [draw(COSTS) for _ in range(n_items)], [draw(COSTS) for _ in range(n_slots)]


def _ways(gains: Gains, n_slots: int, slot: int = 0, item: int = 0) -> Iterator[Pick]:
    """Every monotone way to match."""
    if slot == n_slots:
        yield ()
        return
    for rest in _ways(gains, n_slots, slot + 1, item):
        yield (None, *rest)
    for start, width, j in gains:
        if j == slot and start >= item:
            for rest in _ways(gains, n_slots, slot + 1, start + width):
                yield ((start, width), *rest)


def _worth(way: Pick, gains: Gains, skip_item: list[float], skip_slot: list[float]) -> float:
    used = {i for pick in way if pick for i in range(pick[0], pick[0] + pick[1])}
    won = sum(gains[(*pick, j)] if pick else -skip_slot[j] for j, pick in enumerate(way))
    return won - sum(cost for i, cost in enumerate(skip_item) if i not in used)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(problems())
def test_total_matches_and_margins_are_those_of_trying_everything(problem: tuple[Gains, list[float], list[float]]) -> None:
    gains, skip_item, skip_slot = problem
    found = align(gains, skip_item, skip_slot)
    worth = {way: _worth(way, gains, skip_item, skip_slot) for way in _ways(gains, len(skip_slot))}
    best = max(worth.values())
    assert abs(found.total - best) < 1e-9
    picked = tuple((m.start, m.width) if m else None for m in found.matches)
    assert abs(worth[picked] - best) < 1e-9
    for slot, match in enumerate(found.matches):
        others = [v for way, v in worth.items() if way[slot] != picked[slot]]
        margin = match.margin if match else found.skip_margins[slot]
        if others:
            assert abs(margin - (best - max(others))) < 1e-6
        else:
            assert margin == float("inf")


@settings(derandomize=True, deadline=None, max_examples=100)
@given(problems())
def test_matches_are_monotone_and_do_not_overlap(problem: tuple[Gains, list[float], list[float]]) -> None:
    end = 0
    for match in align(*problem).matches:
        if match is not None:
            assert match.start >= end
            end = match.start + match.width


def test_two_equal_ways_leave_no_margin() -> None:
    found = align({(0, 1, 0): 1.0, (1, 1, 0): 1.0}, [0.0, 0.0], [0.0])
    assert found.matches[0] is not None
    assert found.matches[0].margin == 0.0
