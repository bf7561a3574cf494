"""A problem → parts that have nothing to do with one another: no cell of one stands in an equation of another.

The rows of a table without column sums are such parts. Each is searched by itself: its rivals are then not counted once for
every way in which the others may be explained.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.check.localise import Balance
from pipeline.check.problem import Problem


@dataclass(frozen=True, slots=True)
class Part:
    """A problem of its own; `unknowns` and `equalities` are the numbers that its own have in the whole."""

    problem: Problem
    unknowns: tuple[int, ...]
    equalities: tuple[int, ...]


def parts(problem: Problem) -> list[Part]:
    """Returns the parts of a problem, in the order of their first equations."""
    group = list(range(len(problem.balances)))
    first: dict[int, int] = {}
    for n, balance in enumerate(problem.balances):
        for unknown, _ in balance.terms:
            old, new = group[n], group[first.setdefault(unknown, n)]
            group = [new if g == old else g for g in group]
    found: dict[int, list[int]] = {}
    for n, g in enumerate(group):
        found.setdefault(g, []).append(n)
    # An equation that holds and none of whose cells may change says nothing.
    told = [some for some in found.values() if any(problem.balances[n].terms or problem.equalities[n].failed for n in some)]
    return [_part(problem, equations) for equations in told]


def _part(problem: Problem, equations: list[int]) -> Part:
    inside = sorted({unknown for n in equations for unknown, _ in problem.balances[n].terms})
    number = {unknown: k for k, unknown in enumerate(inside)}

    def renumbered(balance: Balance) -> Balance:
        return replace(balance, terms=tuple((number[unknown], factor) for unknown, factor in balance.terms))

    some = replace(
        problem,
        members=tuple(problem.members[n] for n in inside),
        pairs={number[n]: pair for n, pair in problem.pairs.items() if n in number},
        unknowns=tuple(problem.unknowns[n] for n in inside),
        equalities=tuple(problem.equalities[n] for n in equations),
        balances=tuple(renumbered(problem.balances[n]) for n in equations),
    )
    return Part(some, tuple(inside), tuple(equations))
