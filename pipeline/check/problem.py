"""A matrix whose equations do not all hold → the programme that localises what is wrong.

Every cell may have been misread, or be printed wrong; two neighbours may have been exchanged; an equation may be broken in
print by itself (a sum that was never made). Costs are negative logarithms of probability against "everything is as it was
read", and never too high: what is found is weighed again, exactly, in `posterior`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pipeline.check.beliefs import Belief, Place, is_possible
from pipeline.check.equalities import Equality, equalities
from pipeline.check.equations import Instance
from pipeline.check.exchangeable import classes
from pipeline.check.likeness import likeliest_misprint, misprint
from pipeline.check.localise import Balance, Unknown
from pipeline.check.pairs import Pair, exchanged, offsetting

MISTAKEN = 0.01
"""Share of tables that are printed with an equation broken: 0.5 to 1 % of real reports."""
ANOTHER = 0.2
"""Probability of one more such mistake where there is one: who adds up wrong once does so again."""
OWN_SUM, OUT_BY = 0.3, 0.02
"""Share of the mistakes that break one equation alone; probability of the very difference that is found."""

SELDOM_READ = 0.05
"""Share of a change that is due to its reading at most, where it is said to be the print's."""

_DOUBTFUL, _WORTH = 1e-3, 1e-4
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be explained.

    Attributes:
        members: cells of each unknown: those of which one changes, mostly one alone; of `pairs` the two that change together.
        equalities: the equations that failed or hold an unknown, in the order of `balances`.
        scale: whole numbers of the programme are the printed ones times this.
        n_cells: cells that stand in any equation; `n_equations` likewise.
    """

    members: tuple[tuple[Place, ...], ...]
    pairs: Mapping[int, Pair]
    beliefs: Mapping[Place, Belief]
    unknowns: tuple[Unknown, ...]
    equalities: tuple[Equality, ...]
    balances: tuple[Balance, ...]
    scale: int
    n_cells: int
    n_equations: int

    def odds(self, unknown: int, amount: int) -> dict[tuple[Place, ...], tuple[float, float]]:
        """Odds of a change, against no change, by the cells that change together.

        First that they were misread, then that one is misprinted (once among all cells).
        """
        if unknown in self.pairs:
            return {self.members[unknown]: (self.pairs[unknown].odds, 0.0)}
        found: dict[tuple[Place, ...], tuple[float, float]] = {}
        for place in self.members[unknown]:
            belief = self.beliefs[place]
            other = belief.value + Fraction(amount, self.scale)
            # Of a class one cell may be too small for what another can lose.
            if other >= 0 or len(self.members[unknown]) == 1:
                found[(place,)] = odds_of(belief, other), misprint(belief.value, other) / max(1, self.n_cells)
        return found


def odds_of(belief: Belief, other: Fraction) -> float:
    """Odds that `other` is printed in a cell, against its present value, from its reading alone."""
    listed = sum(o.odds for o in belief.options if o.value == other)
    # Where nothing is known of what readings leave out, a value that they list is not among it.
    known = replace(belief.unlisted, any=0.0) if listed else belief.unlisted
    return listed + known.odds(other, belief.value)


def make_problem(
    instances: Sequence[Instance],
    beliefs: Mapping[Place, Belief],
    kinds: Mapping[str, str],
    lanes: tuple[Sequence[str], Sequence[str]],
) -> Problem:
    """Builds the programme from the equations of a table.

    Args:
        instances: all its equations, of severity `error`.
        beliefs: of its cells.
        kinds: kind of each column; `count` where a column is not named.
        lanes: its rows and its columns, in printed order.
    """
    usable = equalities(instances, beliefs)
    touched: dict[Place, list[Equality]] = {}
    for equality in usable:
        for place in equality.signs:
            touched.setdefault(place, []).append(equality)
    scale = _scale([b.value for b in beliefs.values()] + [o.value for b in beliefs.values() for o in b.options])
    linked = _linked(usable)
    single: dict[Place, Unknown] = {}
    for place in dict.fromkeys(p for e in linked for p in e.signs):
        unknown = _unknown(beliefs[place], touched[place], kinds.get(place[1], "count"), scale, len(touched))
        if unknown is not None:
            single[place] = unknown
    members, unknowns = classes(list(single), list(single.values()), touched)
    pairs = {}
    for pair in _pairs(touched, beliefs, kinds, lanes):
        pairs[len(members)] = pair
        members.append((pair.first, pair.second))
        unknowns.append(Unknown(((1, -math.log(pair.odds)),), None, None))
    inside = {p for some in members for p in some}
    kept = [e for e in linked if e.failed or not inside.isdisjoint(e.signs)]
    break_cost = -math.log(ANOTHER * OWN_SUM * OUT_BY / max(1, len(usable)))
    balances = tuple(_balance(e, members, pairs, scale, break_cost) for e in kept)
    return Problem(tuple(members), pairs, beliefs, tuple(unknowns), tuple(kept), balances, scale, len(touched), len(usable))


def _linked(usable: Sequence[Equality]) -> list[Equality]:
    """The failed equations, and those that are linked with them through cells."""
    inside = [e for e in usable if e.failed]
    reached = {p for e in inside for p in e.signs}
    waiting = [e for e in usable if not e.failed]
    while linked := [e for e in waiting if not reached.isdisjoint(e.signs)]:
        inside += linked
        reached.update(p for e in linked for p in e.signs)
        waiting = [e for e in waiting if reached.isdisjoint(e.signs)]
    return inside


def _unknown(belief: Belief, touched: Sequence[Equality], kind: str, scale: int, n_cells: int) -> Unknown | None:
    """The variable of a cell; None where nothing but its present value comes into question.

    A cell may take any value where two equations that fail, or all of its equations, speak against the present one. Elsewhere it
    can only be wrong together with others, and only what its own reading proposes counts.
    """
    failed = sum(e.failed for e in touched)
    per_cell = ANOTHER / max(1, n_cells)
    is_free = failed >= 2 or failed == len(touched)
    read, printed = belief.unlisted.likeliest(belief.value), per_cell * likeliest_misprint(belief.value)
    choices, own_most = [], read
    for option in belief.options:
        own = odds_of(belief, option.value)
        odds = own + (per_cell * misprint(belief.value, option.value) if failed else 0.0)
        if is_free and odds <= read + printed:
            # What costs more than any value is found as such.
            own_most = max(own_most, own)
        # Beside other mistakes a next to impossible reading explains nothing.
        elif is_free or option.odds >= (_WORTH if failed else _DOUBTFUL):
            choices.append((int((option.value - belief.value) * scale), -math.log(odds)))
    free_cost = -math.log(read + printed)
    if not choices and not is_free:
        return None
    least = None if kind == "signed" else -int(belief.value * scale)
    return Unknown(tuple(choices), free_cost if is_free else None, least, own_most <= SELDOM_READ * (read + printed))


def _pairs(
    touched: Mapping[Place, Sequence[Equality]],
    beliefs: Mapping[Place, Belief],
    kinds: Mapping[str, str],
    lanes: tuple[Sequence[str], Sequence[str]],
) -> list[Pair]:
    """Two cells that are wrong together: exchanged neighbours, and two misreadings that offset each other in a line."""
    found: dict[tuple[tuple[Place, Fraction], ...], Pair] = {}
    for pair in (*exchanged(touched, beliefs, *lanes), *offsetting(touched, beliefs, odds_of)):
        changes = {pair.first: pair.first_change, pair.second: pair.second_change}
        values = {p: beliefs[p].value + change for p, change in changes.items()}
        possible = all(is_possible(value, kinds.get(p[1], "count")) for p, value in values.items())
        # What readings propose for both is there already, as changes of each.
        proposed = all(any(o.value == value and o.odds >= _WORTH for o in beliefs[p].options) for p, value in values.items())
        if possible and not proposed:
            found.setdefault(tuple(sorted(values.items())), pair)
    return list(found.values())


def _balance(
    equality: Equality, members: Sequence[tuple[Place, ...]], pairs: Mapping[int, Pair], scale: int, break_cost: float
) -> Balance:
    terms = []
    for n, places in enumerate(members):
        if n in pairs:
            pair = pairs[n]
            first, second = equality.signs.get(pair.first, 0), equality.signs.get(pair.second, 0)
            factor = int((first * pair.first_change + second * pair.second_change) * scale)
        else:
            factor = equality.signs.get(places[0], 0)  # the same for all of a class
        if factor:
            terms.append((n, factor))
    at_most = equality.instance.relation == "at_most"
    return Balance(tuple(terms), int(equality.off * scale), break_cost if equality.failed else None, at_most)


def _scale(values: Sequence[Fraction]) -> int:
    """The least power of ten that makes all numbers whole, so that hundredths add up without a tolerance."""
    scale = 1
    while scale < 10**_MOST_DIGITS and any(scale % v.denominator for v in values):
        scale *= 10
    return scale
