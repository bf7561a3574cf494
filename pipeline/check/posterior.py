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
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.check.beliefs import Place
from pipeline.check.localise import Change, Search, Solution, localise
from pipeline.check.parts import Part, parts
from pipeline.check.problem import ANOTHER, MISTAKEN, OUT_BY, OWN_SUM, SELDOM_READ, Problem

_LEAST_WORK = 1_500
_UNSEEN = 10.0
"""Explanations that were not looked at weigh at most this many times the next one."""
_TOLL = -math.log(MISTAKEN / (1.0 - MISTAKEN) / ANOTHER + SELDOM_READ)
"""Costs count `ANOTHER` for each mistake of the print. The first is rarer; what is not one of the print is seldom."""


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


def weigh_up(
    problem: Problem, gap: float, rivals: int, most: int, work: int, seconds: float, verdict_gap: float | None = None
) -> Posterior:
    """Searches the explanations of a table and weighs them.

    Args:
        problem: a table whose equations do not all hold.
        gap: rivals are wanted that are more probable than `exp(-gap)` of the best explanation.
        rivals: how many are looked at for each change.
        most: rivals of an explanation with more changes are not looked at.
        work: limit of what is computed; see `localise`.
        seconds: limit of processor time, far beyond that.
        verdict_gap: `gap` of an explanation by which nothing can be repaired.
    """
    found = parts(problem)
    whole = sum(len(part.unknowns) for part in found)
    searches = []
    for part in found:
        some = part.problem
        share = work if len(found) == 1 else min(work, max(_LEAST_WORK, work * len(part.unknowns) // max(1, whole)))
        weigh = _Weights(some, _prior if len(found) == 1 else _one_more).of
        toll = _TOLL if len(found) == 1 else 0.0
        search = localise(some.unknowns, some.balances, weigh, gap, rivals, most, share, seconds, verdict_gap, toll)
        if search.best is None or weigh(search.best) <= 0.0:
            return Posterior(None)
        searches.append(search)
    priors = _priors(found, searches)
    each = [_posterior(p.problem, _Weights(p.problem, prior), s) for p, s, prior in zip(found, searches, priors, strict=True)]
    return _joint(problem, found, each)


def _priors(found: Sequence[Part], searches: Sequence[Search]) -> list[Callable[[int], float]]:
    """Odds of so many mistakes in the print of each part, given what the other parts say of theirs."""
    if len(found) == 1:
        return [_prior]
    counts = []
    for part, search in zip(found, searches, strict=True):
        weights = _Weights(part.problem, _prior)
        counts.append(_added(weights.by_count(s) for s in search.solutions))

    def beside(n: int) -> Callable[[int], float]:
        others = [1.0]
        for k, count in enumerate(counts):
            others = _multiplied(others, count) if k != n else others
        alone = sum(w * _prior(m) for m, w in enumerate(others))
        return lambda mistakes: sum(w * _prior(m + mistakes) for m, w in enumerate(others)) / alone if alone else 0.0

    return [beside(n) for n in range(len(found))]


def _joint(problem: Problem, found: Sequence[Part], each: Sequence[Posterior]) -> Posterior:
    """Puts together what was found of the parts."""
    changes, broken, cost, determined = [], [], 0.0, True
    repaired: dict[int, float] = {}
    wrong: dict[Place, float] = {}
    faulty = [0.0] * len(problem.equalities)
    for part, posterior in zip(found, each, strict=True):
        assert posterior.best is not None
        changes += [Change(part.unknowns[c.unknown], c.amount, c.choice) for c in posterior.best.changes]
        broken += [part.equalities[n] for n in posterior.best.broken]
        cost += posterior.best.cost
        determined = determined and (posterior.best.determined or not posterior.best.changes)
        repaired.update({part.unknowns[n]: share for n, share in posterior.repaired.items()})
        wrong.update(posterior.wrong)
        for n, share in zip(part.equalities, posterior.faulty, strict=True):
            faulty[n] = share
    best = Solution(tuple(sorted(changes)), tuple(sorted(broken)), cost, determined)
    return Posterior(best, repaired, wrong, tuple(faulty), max((p.unseen for p in each), default=0.0))


def _posterior(problem: Problem, weights: _Weights, search: Search) -> Posterior:
    best = search.best
    assert best is not None
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
    faultless = sum(weights.without_misreading(s, places) for s in (best, *rivals))
    return max(0.0, total - faultless) / (total + (beyond if beyond < math.inf else 0.0))


class _Weights:
    """Weights of explanations; those of single changes are kept.

    Args:
        problem: that they explain.
        prior: odds of so many mistakes of the print.
    """

    def __init__(self, problem: Problem, prior: Callable[[int], float]) -> None:
        self._problem, self._prior = problem, prior
        self._odds: dict[tuple[int, int], Mapping[tuple[Place, ...], tuple[float, float]]] = {}
        self._known: dict[int, float] = {}

    def of(self, solution: Solution) -> float:
        """Weight of an explanation, whoever is at fault in it."""
        if id(solution) not in self._known:
            self._known[id(solution)] = self._sum(solution, (), frozenset())
        return self._known[id(solution)]

    def misread(self, solution: Solution, unknowns: Collection[int]) -> float:
        """Weight of an explanation with all of `unknowns` misread."""
        return self._sum(solution, unknowns, frozenset())

    def without_misreading(self, solution: Solution, places: Collection[Place]) -> float:
        """Weight of an explanation with none of `places` misread."""
        return self._sum(solution, (), frozenset(places))

    def _sum(self, solution: Solution, not_printed: Collection[int], not_read: frozenset[Place]) -> float:
        return sum(w * self._prior(m) for m, w in enumerate(self.by_count(solution, not_printed, not_read)))

    def by_count(
        self, solution: Solution, not_printed: Collection[int] = (), not_read: frozenset[Place] = frozenset()
    ) -> list[float]:
        """Sums over who is at fault in each cell: entry m is the weight of all ways with m mistakes of the print."""
        by_count = [1.0]
        for change in solution.changes:
            key = (change.unknown, change.amount)
            if key not in self._odds:
                self._odds[key] = self._problem.odds(*key)
            read = sum(odds for some, (odds, _) in self._odds[key].items() if not_read.isdisjoint(some))
            printed = sum(odds for _, odds in self._odds[key].values()) if change.unknown not in not_printed else 0.0
            by_count = _multiplied(by_count, (read, printed))
        alone = OWN_SUM * OUT_BY / max(1, self._problem.n_equations)
        for _ in solution.broken:
            by_count = _multiplied(by_count, (0.0, alone))
        return by_count


def _multiplied(a: Sequence[float], b: Sequence[float]) -> list[float]:
    """Product of two polynomials."""
    found = [0.0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            found[i + j] += x * y
    return found


def _added(polynomials: Iterable[Sequence[float]]) -> list[float]:
    found: list[float] = []
    for p in polynomials:
        found += [0.0] * (len(p) - len(found))
        for i, x in enumerate(p):
            found[i] += x
    return found


def _one_more(mistakes: int) -> float:
    """Odds of so many mistakes beside others; never less than any prior of `_priors` gives."""
    return ANOTHER**mistakes


def _prior(mistakes: int) -> float:
    """Odds of so many mistakes in a printed table."""
    return 1.0 if mistakes == 0 else MISTAKEN / (1.0 - MISTAKEN) * ANOTHER ** (mistakes - 1)
