"""Which stretches of worn lines make cells that are rectangles.

All cells of a table are rectangles. So where lines meet, none ends but on another that goes on both ways, and two never make a
corner but at the corners of the table. Where a judged grid has such a place, the cheapest change by the odds of the stretches
mends it: a lost stretch is drawn up to the next line, or what ends nowhere is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.grid.ruling_lanes import JudgedLane

_NEAR_IN = 0.05
_ALONG, _BROKEN = 1.0, 8.0
_LONGEST_RUN, _MOST_MOVES = 12, 60

Place = tuple[int, int]
"""A stretch: its lane, flat ones first, and its number on it."""
Move = tuple[tuple[Place, ...], bool]


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Where lines meet: the stretches on its left, right, upper and lower side; None where none can be.

    A lane that no line cuts here has the same stretch on both sides.
    """

    left: Place | None
    right: Place | None
    upper: Place | None
    lower: Place | None

    @property
    def sides(self) -> tuple[Place | None, Place | None, Place | None, Place | None]:
        return self.left, self.right, self.upper, self.lower


def with_rectangles(
    flat: Sequence[JudgedLane],
    tall: Sequence[JudgedLane],
    odds: tuple[Sequence[Sequence[float]], Sequence[Sequence[float]]],
    dpi: float,
) -> tuple[list[JudgedLane], list[JudgedLane]]:
    """Mends the places of a judged grid where cells would be no rectangles.

    Args:
        flat: horizontal lanes of a region.
        tall: its vertical ones.
        odds: of the stretches of both, how much their own pixels speak for a line, as logarithms.
        dpi: pixels an inch.
    """
    lanes = [*flat, *tall]
    mending = _Mending(lanes, [*odds[0], *odds[1]], _meetings(flat, tall, _NEAR_IN * dpi))
    mending.run()
    mended = [replace(j, drawn=tuple(d)) for j, d in zip(lanes, mending.drawn, strict=True)]
    return [j for j in mended[: len(flat)] if any(j.drawn)], [j for j in mended[len(flat) :] if any(j.drawn)]


def _meetings(flat: Sequence[JudgedLane], tall: Sequence[JudgedLane], near: float) -> list[_Meeting]:
    found: list[_Meeting] = []
    seen: set[tuple[int, int]] = set()
    for i, across in enumerate(flat):
        for k, upright in enumerate(tall):
            x = upright.lane.place(across.lane.at)
            y = across.lane.place(x)
            left, right = _around(across, i, x, near)
            upper, lower = _around(upright, len(flat) + k, y, near)
            if left == right and upper == lower:
                continue
            found.append(_Meeting(left, right, upper, lower))
            seen |= {(i, n[1]) for n in (left,) if n is not None and left != right}
            seen |= {(len(flat) + k, n[1]) for n in (upper,) if n is not None and upper != lower}
    # Where a lane was cut at one that is no line, it goes on.
    for m, judged in enumerate([*flat, *tall]):
        for n in range(len(judged.stretches) - 1):
            if (m, n) in seen:
                continue
            pair = (m, n), (m, n + 1)
            found.append(_Meeting(*pair, None, None) if m < len(flat) else _Meeting(None, None, *pair))
    return found


def _around(judged: JudgedLane, m: int, at: float, near: float) -> tuple[Place | None, Place | None]:
    """The stretches of a lane before and behind a place on it."""
    before = next(((m, n) for n, s in enumerate(judged.stretches) if abs(s.right - at) <= near), None)
    behind = next(((m, n) for n, s in enumerate(judged.stretches) if abs(s.left - at) <= near), None)
    if before is None and behind is None:
        whole = next(((m, n) for n, s in enumerate(judged.stretches) if s.left < at < s.right), None)
        return whole, whole
    return before, behind


class _Mending:
    """The search for the labels with the least cost, from those that were judged on."""

    def __init__(self, lanes: Sequence[JudgedLane], odds: Sequence[Sequence[float]], meetings: Sequence[_Meeting]) -> None:
        self.drawn = [list(j.drawn) for j in lanes]
        self._odds, self._meetings = odds, meetings
        self._on: dict[Place, list[int]] = {}
        for k, meeting in enumerate(meetings):
            for place in {p for p in meeting.sides if p is not None}:
                self._on.setdefault(place, []).append(k)
        self._corners = {k for k, m in enumerate(meetings) if (m.left is None) != (m.right is None)}

    def run(self) -> None:
        """Makes the change that gains most, as long as one gains."""
        for _ in range(_MOST_MOVES):
            best = min(((self._cost(move), move) for move in self._moves()), default=(0.0, ((), False)))
            if best[0] >= 0:
                return
            places, to = best[1]
            for m, n in places:
                self.drawn[m][n] = to

    def _is_broken(self, k: int) -> bool:
        """True where lines meet as the cells of no table do."""
        left, right, upper, lower = (p is not None and self.drawn[p[0]][p[1]] for p in self._meetings[k].sides)
        count = left + right + upper + lower
        if count == 2 and not (left and right) and not (upper and lower):
            # At its sides a table has corners; where tables stand below one another, more than four.
            return k not in self._corners
        return count == 1

    def _moves(self) -> Iterator[Move]:
        for k, meeting in enumerate(self._meetings):
            if not self._is_broken(k):
                continue
            for place, step in zip(meeting.sides, (-1, 1, -1, 1), strict=True):
                if place is None:
                    continue
                m, n = place
                run: list[Place] = []
                while 0 <= n < len(self.drawn[m]) and len(run) < _LONGEST_RUN:
                    run.append((m, n))
                    yield tuple(run), not self.drawn[place[0]][place[1]]
                    n += step
            for before, behind in ((meeting.left, meeting.right), (meeting.upper, meeting.lower)):
                if before is not None and behind is not None and before != behind:
                    # A line that runs on through this place.
                    yield from (((before, behind), to) for to in (True, False))

    def _cost(self, move: Move) -> float:
        """What a change costs: below 0 where it is one for the better."""
        places, to = move
        changed = [p for p in places if self.drawn[p[0]][p[1]] != to]
        if not changed:
            return 0.0
        sign = 1.0 if to else -1.0
        cost = -2 * sign * sum(self._odds[m][n] for m, n in changed)
        touched = {k for p in changed for k in self._on.get(p, ())}
        before = _BROKEN * sum(self._is_broken(k) for k in touched) - _ALONG * self._alike(changed)
        for m, n in changed:
            self.drawn[m][n] = to
        after = _BROKEN * sum(self._is_broken(k) for k in touched) - _ALONG * self._alike(changed)
        for m, n in changed:
            self.drawn[m][n] = not to
        return cost + after - before

    def _alike(self, places: Sequence[Place]) -> int:
        """How many of some stretches and their neighbours on the same lane are alike, less those that are not."""
        pairs = {(m, k) for m, n in places for k in (n - 1, n) if 0 <= k < len(self.drawn[m]) - 1}
        return sum(1 if self.drawn[m][k] == self.drawn[m][k + 1] else -1 for m, k in pairs)
