"""Which cells of a table must differ for its sums to hold: error localisation after Fellegi and Holt.

The least weighted set of cells whose change closes all equations is found by mixed-integer programming (I. P. Fellegi and
D. Holt, A systematic approach to automatic edit and imputation, JASA 71, 1976; T. de Waal, J. Pannekoek and S. Scholtus, Handbook
of statistical data editing and imputation, 2011). For each change of the best explanation its rivals are sought, those that do
without it: mistakes that have nothing to do with one another are then told apart one by one, not by all their combinations.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_SMALL, _ALL = 20, 12
"""Up to so many unknowns the search is cheap, and is taken so many times as far."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A cell that may differ from what stands there, or a group of cells that change together.

    Attributes:
        choices: `(change, cost)` of each proposed value; `change` is never 0.
        free_cost: cost of any other change; None where only the proposed values are possible.
        least: the least change, usually minus the value; None where there is no bound.
        by_print: true where a change that nobody proposed is next to always one of the print.
    """

    choices: tuple[tuple[int, float], ...]
    free_cost: float | None
    least: int | None
    by_print: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    """An equation: the changes of its cells must make up for what it is out by.

    Attributes:
        terms: `(index of the unknown, factor of its change)`; the factor is +1 or -1 for a cell.
        off: left side less right side as it stands.
        break_cost: cost of leaving it open; None where it must close.
        at_most: true for an inequality: left side at most right side.
    """

    terms: tuple[tuple[int, int], ...]
    off: int
    break_cost: float | None = None
    at_most: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One changed unknown: `choice` is the index of the proposed value, -1 where nobody proposed it."""

    unknown: int
    amount: int
    choice: int


Key = tuple[tuple[tuple[int, int], ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Solution:
    """A set of changes and of equations left open that explains everything; `determined` is the result of the rank test."""

    changes: tuple[Change, ...]
    broken: tuple[int, ...]
    cost: float
    determined: bool

    @property
    def key(self) -> Key:
        """What it says, however it was found."""
        return tuple((c.unknown, c.amount) for c in self.changes), self.broken


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found.

    Attributes:
        best: the solution of the greatest weight; None where none was found within the limits.
        solutions: all that were found, each once, `best` among them.
        bound: what lacks a change of `best` and is not in `solutions` costs at least this; minus infinity where the search
            was ended.
    """

    best: Solution | None
    solutions: tuple[Solution, ...]
    bound: float


def localise(
    unknowns: Sequence[Unknown],
    balances: Sequence[Balance],
    weigh: Callable[[Solution], float] = lambda s: math.exp(-s.cost),
    gap: float = 14.0,
    rivals: int = 4,
    most: int = 8,
    work: int = 12_000,
    seconds: float = 300.0,
    verdict_gap: float | None = None,
    toll: float = 0.0,
) -> Search:
    """Finds the best explanation of equations that do not close, and its rivals.

    Args:
        unknowns: cells that may change.
        balances: equations over them; terms of cells that cannot change are in `off`.
        weigh: weight of a solution; `exp(-cost)` is never less.
        gap: rivals are sought up to a cost that is more than minus the logarithm of the best weight by this.
        rivals: how many are sought at most that do without one change; of a small table several times as many.
        most: an explanation with more changes than this is not believed, and no rivals of it are sought.
        work: limit of all that is computed, in variables of the programme times nodes of its trees: every machine, busy or
            idle, decides alike.
        seconds: limit of time, far beyond that: for what the count of work does not foresee.
        verdict_gap: `gap` where no change of the best explanation was proposed, so that nothing can be repaired by it; the same
            where not given.
        toll: cost of the first mistake of the print, beside those of the mistakes themselves.
    """
    from pipeline.check.programme import Programme, Stopped

    programme = Programme(unknowns, balances, work, time.thread_time() + seconds, toll)
    found: dict[Key, Solution] = {}
    bounds: dict[tuple[int, ...], float] = {}
    try:
        best = programme.solve()
        if best is None:
            return Search(None, (), -math.inf)
        found[best.key] = best
        count = rivals if len(unknowns) > _SMALL else _ALL * rivals
        while todo := [flags for flags in programme.elements(best) if flags not in bounds]:
            if len(best.changes) > most:
                return Search(best, tuple(found.values()), -math.inf)
            own_gap = gap if verdict_gap is None or any(c.choice >= 0 for c in best.changes) else verdict_gap
            limit = own_gap - math.log(max(weigh(best), 1e-300))
            with programme.cuts():
                programme.exclude(todo[0])
                # What lacks one of those was sought before.
                for flags in bounds:
                    programme.require(flags)
                programme.at_most(limit)
                bounds[todo[0]] = _search(programme.solve, programme.forbid, found, limit, count)
            best = max(found.values(), key=weigh)
    except Stopped:
        return Search(max(found.values(), key=weigh, default=None), tuple(found.values()), -math.inf)
    return Search(best, tuple(found.values()), min(bounds.values(), default=math.inf))


def _search(
    solve: Callable[[], Solution | None],
    forbid: Callable[[Solution], None],
    found: dict[Key, Solution],
    limit: float,
    count: int,
) -> float:
    """Adds solutions by rising cost, up to `limit`, to `found`; returns what any further one costs at least."""
    cost = -math.inf
    for _ in range(count):
        solution = solve()
        if solution is None:
            return limit
        cost = solution.cost
        found.setdefault(solution.key, solution)
        forbid(solution)
    return cost
