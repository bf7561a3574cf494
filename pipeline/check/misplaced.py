"""Cells whose place or pattern speaks against them, though each by itself is likelier printed wrong than read wrong.

That two readers agree says nothing where one cause has spoilt several cells at once. Three patterns show it: several cells of one
row must change, as where its figures stand in each other's columns; a figure is missing where a cell is blank, for what is lost
to the reader is seldom lost alone; and two cells offset each other in an equation that holds, which two mistakes of a clerk
hardly ever do; both readers may then be wrong alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from pipeline.check.beliefs import Belief, Place
from pipeline.check.cells import Cells
from pipeline.check.equalities import Equality
from pipeline.check.laws import alike
from pipeline.check.lost import lost
from pipeline.check.pairs import offsetting
from pipeline.domain import State

_ALONE = 1e-4
"""What is surer than this is as sure as what two readers agree on."""


def misplaced(
    cells: Cells,
    usable: Sequence[Equality],
    beliefs: Mapping[Place, Belief],
    together: Sequence[Sequence[Place]],
    either: Sequence[Sequence[Place]] = (),
) -> set[Place]:
    """Returns the cells of such patterns.

    Args:
        cells: of the table.
        usable: all its equations that can be evaluated.
        beliefs: of its cells.
        together: the cells of each change of the best explanation.
        either: the same of changes that could be that of any of some cells.
    """
    touched: dict[Place, list[Equality]] = {}
    for equation in usable:
        for place in equation.signs:
            touched.setdefault(place, []).append(equation)
    # One of several cells is a cell of a row only where all of them are.
    changed = [*together, *(places for places in either if len({p[0] for p in places}) == 1)]
    rows = Counter(row for places in changed for row in {p[0] for p in places})
    blanks = [p for p, cell in cells.items() if cell.state is State.BLANK]
    single = [*(places for places in together if len(places) == 1), *either]
    # Where one cell explains two equations that fail, they call neither for a lost figure nor for a pair.
    crossings = [failed for places in single if len(failed := [e for e in touched[places[0]] if e.failed]) > 1]
    explained = {id(e) for failed in crossings for e in failed}
    robbed = {p[0] for p in lost([p for p in blanks if all(id(e) not in explained for e in touched.get(p, ()))], touched)}
    spoilt = robbed | {row for row, count in rows.items() if count > 1}
    # Of a spoilt row nothing is trusted that no equation vouches for.
    unvouched = {p for p, some in touched.items() if p[0] in spoilt and all(e.failed or e.idle for e in some)}
    beside = {p for p in blanks if p[0] in robbed}
    crowded = {p for places in changed for p in places if p[0] in spoilt}
    return unvouched | beside | crowded | _offset(touched, beliefs, explained)


def _offset(
    touched: Mapping[Place, Sequence[Equality]], beliefs: Mapping[Place, Belief], explained: Collection[int]
) -> set[Place]:
    agreed = [p for p in touched if beliefs[p].is_known and beliefs[p].unlisted.any == 0.0]
    known = {p: touched[p] for p in agreed if not any(id(e) in explained for e in touched[p])}

    def possible(belief: Belief, value: Fraction) -> float:
        return float(value >= 0 and alike(value, belief.value))

    return {p for pair in offsetting(known, beliefs, possible) for p in (pair.first, pair.second)}


def read_alone(places: Collection[Place], usable: Sequence[Equality], beliefs: Mapping[Place, Belief]) -> set[Place]:
    """Returns the figures of an equation that one reader alone read, and that no equation vouches for.

    Beside such a figure another one of the equation may be wrong by any amount. That a misreading must have changed a figure by
    the very amount that the equation is out by says nothing there, so that its print is not to be blamed with certainty.

    Args:
        places: the cells of the equation.
        usable: all equations that can be evaluated.
        beliefs: of the cells.
    """
    vouched = {p for e in usable if not (e.failed or e.idle) for p in e.signs}
    known = {p: beliefs[p] for p in places if p in beliefs and p not in vouched}
    return {p for p, b in known.items() if not (b.is_known or b.fixed or b.value == 0) and 1.0 - b.keep > _ALONE}
