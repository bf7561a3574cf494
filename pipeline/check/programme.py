"""The mixed-integer programme of error localisation, solved by HiGHS through `scipy.optimize.milp`.

Changes are continuous, and a binary flag with a bound (big-M) switches each on; values that a reading proposes are binary
choices. Written so, it is 20 to 100 times faster than with whole-number values.

A solver's tolerance is a trap here: with a flag of 1e-6 and a bound of 1e7 a cell changes by 10 and costs nothing. So all
equations are scaled by the largest that they are out by, tolerances are tightened, and every solution is computed again and
verified in whole numbers.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from pipeline.check.localise import Balance, Change, Solution, Unknown
from pipeline.check.quiet import quiet

_WIDE, _SPARE = 12, 100
# The largest number of the programme. The solver's tolerance, 1e-9, must be far below a change by one, and, times a bound, too:
# with 0.1 here it called explanations the cheapest that were not in 3 of 552 programmes, with 100 in 2, with 3,000 in 5.
_UNIT = 100.0
_OPTIMAL, _INFEASIBLE = 0, 2
# Work is counted in variables times nodes of the tree, and a solution costs as much as so many nodes more: about 50 microseconds
# a unit where it was measured. A clock would make a busy machine decide otherwise than an idle one.
_OWN_NODES = 6
_INF = float("inf")
_OPTIONS = {
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
    # Programmes are so small that looking for good solutions beforehand takes more than half of the time and saves nothing.
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_heuristic_run_feasibility_jump": False,
}

Row = tuple[dict[int, float], float, float]


class Stopped(Exception):
    """The limit of work, the clock, or the solver's tolerance ended the search."""


class Programme:
    """The programme of one table.

    Its variables are the flags of the choices, of the free changes and of the equations left open; then the free changes, what
    open equations are out by, and the toll, 1 where any flag is set that only a mistake of the print explains.

    Args:
        unknowns: cells that may change.
        balances: equations over them.
        work: how much may be done in all solutions together, in variables times nodes.
        ends: when the search must end, by `time.thread_time()`: for what the count of work does not foresee.
        toll: cost of the first mistake of the print.
    """

    def __init__(
        self, unknowns: Sequence[Unknown], balances: Sequence[Balance], work: int, ends: float, toll: float = 0.0
    ) -> None:
        self._unknowns, self._balances, self._work, self._ends = unknowns, balances, work, ends
        self._choices = [(i, k) for i, u in enumerate(unknowns) for k in range(len(u.choices))]
        self._free = [i for i, u in enumerate(unknowns) if u.free_cost is not None]
        self._open = [e for e, b in enumerate(balances) if b.break_cost is not None]
        self._flags = len(self._choices) + len(self._free) + len(self._open)
        costs = [unknowns[i].choices[k][1] for i, k in self._choices]
        costs += [unknowns[i].free_cost or 0.0 for i in self._free]
        costs += [balances[e].break_cost or 0.0 for e in self._open]
        first = len(self._choices)
        printed = [first + n for n, i in enumerate(self._free) if unknowns[i].by_print]
        self._printed = frozenset(printed) | frozenset(range(first + len(self._free), self._flags)) if toll > 0.0 else frozenset()
        self._costs = np.asarray([*costs, *[0.0] * (len(self._free) + len(self._open)), toll])
        largest = max(sum(abs(b.off) for b in balances), self._longest_step())
        self._unit = max(1, largest) / _UNIT
        self._bound = (_WIDE * largest + _SPARE) / self._unit
        leasts = [unknowns[i].least for i in self._free] + [None] * len(self._open)
        self._lowest = [-self._bound if n is None else max(-self._bound, n / self._unit) for n in leasts]
        self._rows: list[Row] = [*self._equations(), *self._switches()]

    def _longest_step(self) -> int:
        factors = [1] * len(self._unknowns)
        for balance in self._balances:
            for i, factor in balance.terms:
                factors[i] = max(factors[i], abs(factor))
        return max((abs(change) * f for u, f in zip(self._unknowns, factors, strict=True) for change, _ in u.choices), default=0)

    def _equations(self) -> Iterator[Row]:
        """Each equation: what its cells change by makes up for what it is out by."""
        flags_of: list[dict[int, float]] = [{} for _ in self._unknowns]
        for n, (i, k) in enumerate(self._choices):
            flags_of[i][n] = self._unknowns[i].choices[k][0] / self._unit
        for n, i in enumerate(self._free):
            flags_of[i][self._flags + n] = 1.0
        slack = {e: self._flags + len(self._free) + n for n, e in enumerate(self._open)}
        for e, balance in enumerate(self._balances):
            row: dict[int, float] = {}
            for i, factor in balance.terms:
                for n, weight in flags_of[i].items():
                    row[n] = row.get(n, 0.0) + factor * weight
            if e in slack:
                row[slack[e]] = 1.0
            off = -balance.off / self._unit
            yield row, -_INF if balance.at_most else off, off

    def _switches(self) -> Iterator[Row]:
        """A change is 0 unless its flag is set, and a cell changes in one way only."""
        first = len(self._choices)
        for n, low in enumerate(self._lowest):
            yield {self._flags + n: 1.0, first + n: -self._bound}, -_INF, 0.0
            if low < 0.0:
                yield {self._flags + n: 1.0, first + n: -low}, 0.0, _INF
        for flags in self._flags_of_cells().values():
            if len(flags) > 1:
                yield dict.fromkeys(flags, 1.0), 0.0, 1.0
        for n in sorted(self._printed):
            yield {n: 1.0, len(self._costs) - 1: -1.0}, -_INF, 0.0

    def _flags_of_cells(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for n, (i, _) in enumerate(self._choices):
            found.setdefault(i, []).append(n)
        for n, i in enumerate(self._free):
            found.setdefault(i, []).append(len(self._choices) + n)
        return found

    @contextmanager
    def cuts(self) -> Iterator[None]:
        """Cuts made inside are taken back at the end."""
        count = len(self._rows)
        yield
        del self._rows[count:]

    def elements(self, solution: Solution) -> list[tuple[int, ...]]:
        """For each change and each open equation of a solution, the flags without which it would lack it."""
        first = len(self._choices)
        free = {i: first + n for n, i in enumerate(self._free)}
        choice = {item: n for n, item in enumerate(self._choices)}
        found = []
        for c in solution.changes:
            flags = [choice[(c.unknown, c.choice)]] if c.choice >= 0 else []
            found.append((*flags, *([free[c.unknown]] if c.unknown in free else [])))
        return found + [(first + len(self._free) + self._open.index(e),) for e in solution.broken]

    def exclude(self, flags: Iterable[int]) -> None:
        """Cut: none of these flags is set."""
        self._rows.append((dict.fromkeys(flags, 1.0), 0.0, 0.0))

    def require(self, flags: Iterable[int]) -> None:
        """Cut: one of these flags is set."""
        self._rows.append((dict.fromkeys(flags, 1.0), 1.0, _INF))

    def at_most(self, cost: float) -> None:
        """Cut: nothing costs more than this."""
        self._rows.append(({n: float(c) for n, c in enumerate(self._costs) if c}, -_INF, cost))

    def forbid(self, solution: Solution) -> None:
        """No-good cut: this set of changes, and every larger one, is no solution any more."""
        elements = self.elements(solution)
        self._rows.append((dict.fromkeys([n for flags in elements for n in flags], 1.0), -_INF, len(elements) - 1.0))

    def solve(self) -> Solution | None:
        """Returns the cheapest solution, or None where there is none.

        Raises:
            Stopped: the limit of work or time is reached, or the solver's answer does not hold in whole numbers.
        """
        nodes = self._work // len(self._costs) - _OWN_NODES
        seconds = self._ends - time.thread_time()
        if nodes < 1 or seconds <= 0.0:
            raise Stopped
        whole = np.zeros(len(self._costs))
        whole[: self._flags] = 1
        least = np.asarray([0.0] * self._flags + self._lowest + [0.0])
        most = np.where(whole > 0, 1.0, self._bound)
        most[-1] = 1.0
        with quiet(), warnings.catch_warnings():
            # What scipy does not know of it hands to HiGHS as it is, and warns.
            warnings.simplefilter("ignore", RuntimeWarning)
            result: Any = milp(
                self._costs,
                integrality=whole,
                bounds=Bounds(least, most),
                constraints=self._constraints(),
                options={"node_limit": nodes, "time_limit": seconds, **_OPTIONS},
            )
        self._work -= len(self._costs) * (_OWN_NODES + (result.mip_node_count or 0))
        if result.status == _INFEASIBLE:
            return None
        if result.status != _OPTIMAL or result.x is None:
            raise Stopped
        found = {i: round(float(result.x[self._flags + n]) * self._unit) for n, i in enumerate(self._free)}
        return self._read([int(n) for n in np.flatnonzero(result.x[: self._flags] > 0.5)], found)

    def _constraints(self) -> Any:
        ends = np.cumsum([0, *(len(row) for row, _, _ in self._rows)])
        places = np.fromiter((n for row, _, _ in self._rows for n in row), dtype=np.int32)
        weights = np.fromiter((w for row, _, _ in self._rows for w in row.values()), dtype=np.float64)
        bounds = np.asarray([(low, high) for _, low, high in self._rows], dtype=np.float64)
        matrix = csr_array((weights, places, ends), shape=(len(self._rows), len(self._costs)))
        return LinearConstraint(matrix, bounds[:, 0], bounds[:, 1])

    def _read(self, active: Sequence[int], found: Mapping[int, int]) -> Solution:
        """Makes a solution of the flags that are set; its free changes are computed again, in whole numbers.

        Args:
            active: numbers of these flags.
            found: the free changes as the solver gives them, exact to its tolerance only.
        """
        first, second = len(self._choices), len(self._choices) + len(self._free)
        chosen = {self._choices[n][0]: self._choices[n][1] for n in active if n < first}
        freed = [self._free[n - first] for n in active if first <= n < second]
        broken = tuple(self._open[n - second] for n in active if n >= second)
        offs = {
            e: b.off + sum(factor * self._unknowns[i].choices[chosen[i]][0] for i, factor in b.terms if i in chosen)
            for e, b in enumerate(self._balances)
            if e not in broken
        }
        amounts = self._amounts(freed, offs, found)
        changes = [Change(i, self._unknowns[i].choices[k][0], k) for i, k in chosen.items()]
        changes += [Change(i, amount, -1) for i, amount in amounts.items()]
        changed = [c.unknown for c in changes]
        factors = self._factors(changed, offs)
        determined = bool(factors.size) and int(np.linalg.matrix_rank(factors)) == len(changed)
        cost = float(self._costs[list(active)].sum()) + float(self._costs[-1]) * (not self._printed.isdisjoint(active))
        return Solution(tuple(sorted(changes)), broken, cost, determined)

    def _amounts(self, freed: Sequence[int], offs: Mapping[int, int], found: Mapping[int, int]) -> dict[int, int]:
        """The free changes that close the equations: the one solution there is, else what the solver gives."""
        target = np.asarray([-off for e, off in offs.items() if not self._balances[e].at_most], dtype=np.float64)
        computed = np.linalg.lstsq(self._factors(freed, offs), target, rcond=None)[0] if freed else np.zeros(0)
        for amounts in (
            {i: round(float(v)) for i, v in zip(freed, computed, strict=True)},
            {i: found[i] for i in freed},
        ):
            rests = [(e, off + sum(f * amounts.get(i, 0) for i, f in self._balances[e].terms)) for e, off in offs.items()]
            possible = all(v >= (least if (least := self._unknowns[i].least) is not None else v) for i, v in amounts.items())
            if possible and all(rest == 0 or (rest < 0 and self._balances[e].at_most) for e, rest in rests):
                return amounts
        raise Stopped

    def _factors(self, unknowns: Sequence[int], equations: Iterable[int]) -> npt.NDArray[np.float64]:
        """Shape (equations that are no inequalities, unknowns): the factor of each unknown in each."""
        rows = [dict(self._balances[e].terms) for e in equations if not self._balances[e].at_most]
        return np.asarray([[r.get(i, 0) for i in unknowns] for r in rows], dtype=np.float64).reshape(len(rows), len(unknowns))
