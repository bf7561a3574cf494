"""What the recogniser and the equations say together of each cell: Bayesian choice among explanations.

An explanation is a set of cells that differ from what was read or meant, and of equations that print breaks by itself. Each of
its cells is either misread, or read rightly and printed wrong. Its weight, against "all is as it was read", is the product of

- the odds of each misreading, from the recogniser;
- the probability of each misprint, one cell among all;
- the prior of so many mistakes in one printed table.

What concerns a cell is decided by the best explanation and those that differ from it there: mistakes in other places multiply
both sides alike.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pipeline.check.beliefs import Place
from pipeline.check.localise import Search, Solution, localise
from pipeline.check.problem import ANOTHER, MISTAKEN, OUT_BY, OWN_SUM, Problem

_UNSEEN = 10.0
"""Explanations that were not looked at weigh at most this many times the next one."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """Probabilities after the equations were asked.

    Attributes:
        best: the likeliest explanation, or None where the search found none in time.
        repaired: for each unknown of `best`, the probability that the print shows what `best` says.
        wrong: for each cell that an explanation names, the probability that it was misread.
        faulty: for each equation of the problem, the probability that one of its cells was misread.
        unseen: probability of all that was not looked at; 1 where the search did not end.
    """

    best: Solution | None
    repaired: Mapping[int, float] = field(default_factory=dict)
    wrong: Mapping[Place, float] = field(default_factory=dict)
    faulty: tuple[float, ...] = ()
    unseen: float = 1.0


def weigh_up(problem: Problem, gap: float, rivals: int, most: int, work: int, seconds: float) -> Posterior:
    """Searches the explanations of a table and weighs them.

    Args:
        problem: a table whose equations do not all hold.
        gap: rivals are wanted that are more probable than `exp(-gap)` of the best explanation.
        rivals: how many are looked at for each change.
        most: rivals of an explanation with more changes are not looked at.
        work: limit of what is computed; see `localise`.
        seconds: limit of processor time, far beyond that.
    """
    weights = _Weights(problem)
    search = localise(problem.unknowns, problem.balances, weights.of, gap, rivals, most, work, seconds)
    if search.best is None or weights.of(search.best) <= 0.0:
        return Posterior(None)
    return _posterior(problem, weights, search, search.best)


def _posterior(problem: Problem, weights: _Weights, search: Search, best: Solution) -> Posterior:
    top = weights.of(best)
    beyond = _UNSEEN * math.exp(-search.bound) if search.bound > -math.inf else math.inf
    unseen = beyond / (top + beyond) if beyond < math.inf else 1.0
    repaired = {}
    for change in best.changes:
        others = [s for s in search.solutions if (change.unknown, change.amount) not in s.key[0]]
        repaired[change.unknown] = weights.misread(best, {change.unknown}) / (top + sum(map(weights.of, others)) + beyond)
    named = {p for s in search.solutions for c in s.changes for p in problem.members[c.unknown]}
    wrong = {p: _misread_share(problem, weights, search, best, {p}, beyond) for p in sorted(named)}
    faulty = tuple(_misread_share(problem, weights, search, best, set(e.signs), beyond) for e in problem.equalities)
    return Posterior(best, repaired, wrong, faulty, unseen)


def _misread_share(
    problem: Problem, weights: _Weights, search: Search, best: Solution, places: Collection[Place], beyond: float
) -> float:
    """Probability that any of some cells was misread, from `best` and the explanations that differ from it there."""
    unknowns = {n for n, some in enumerate(problem.members) if not set(places).isdisjoint(some)}
    equations = {n for n, e in enumerate(problem.equalities) if not set(places).isdisjoint(e.signs)}

    def here(solution: Solution) -> tuple[object, object]:
        return [c for c in solution.changes if c.unknown in unknowns], [e for e in solution.broken if e in equations]

    rivals = [s for s in search.solutions if s is not best and here(s) != here(best)]
    total = sum(weights.of(s) for s in (best, *rivals))
    faultless = sum(weights.without_misreading(s, unknowns) for s in (best, *rivals))
    return max(0.0, total - faultless) / (total + (beyond if beyond < math.inf else 0.0))


class _Weights:
    """Weights of explanations; those of single changes are kept."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._odds: dict[tuple[int, int], tuple[float, float]] = {}
        self._known: dict[int, float] = {}

    def of(self, solution: Solution) -> float:
        """Weight of an explanation, whoever is at fault in it."""
        if id(solution) not in self._known:
            self._known[id(solution)] = self._sum(solution, (), ())
        return self._known[id(solution)]

    def misread(self, solution: Solution, unknowns: Collection[int]) -> float:
        """Weight of an explanation with all of `unknowns` misread."""
        return self._sum(solution, unknowns, ())

    def without_misreading(self, solution: Solution, unknowns: Collection[int]) -> float:
        """Weight of an explanation with none of `unknowns` misread."""
        return self._sum(solution, (), unknowns)

    def _sum(self, solution: Solution, not_printed: Collection[int], not_read: Collection[int]) -> float:
        """Sum over who is at fault in each cell; `by_count[m]` is the weight of all ways with m misprints."""
        by_count = [1.0]
        for change in solution.changes:
            key = (change.unknown, change.amount)
            if key not in self._odds:
                self._odds[key] = self._problem.odds(*key)
            read, printed = self._odds[key]
            read = 0.0 if change.unknown in not_read else read
            printed = 0.0 if change.unknown in not_printed else printed
            grown = [w * read for w in by_count] + [0.0]
            for m, w in enumerate(by_count):
                grown[m + 1] += w * printed
            by_count = grown
        alone = (OWN_SUM * OUT_BY / max(1, self._problem.n_equations)) ** len(solution.broken)
        return alone * sum(w * _prior(m + len(solution.broken)) for m, w in enumerate(by_count))


def _prior(mistakes: int) -> float:
    """Odds of so many mistakes in a printed table."""
    return 1.0 if mistakes == 0 else MISTAKEN / (1.0 - MISTAKEN) * ANOTHER ** (mistakes - 1)
