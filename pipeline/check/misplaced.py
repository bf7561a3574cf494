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
from pipeline.check.pairs import offsetting
from pipeline.domain import State

_ALONE = 1e-4
"""What is surer than this is as sure as what two readers agree on."""


def misplaced(
    cells: Cells, usable: Sequence[Equality], beliefs: Mapping[Place, Belief], changed: Sequence[Sequence[Place]]
) -> set[Place]:
    """Returns the cells of such patterns.

    Args:
        cells: of the table.
        usable: all its equations that can be evaluated.
        beliefs: of its cells.
        changed: the cells of each change of the best explanation.
    """
    touched: dict[Place, list[Equality]] = {}
    for equation in usable:
        for place in equation.signs:
            touched.setdefault(place, []).append(equation)
    rows = Counter(row for places in changed for row in {p[0] for p in places})
    blanks = [p for p, cell in cells.items() if cell.state is State.BLANK]
    robbed = {p[0] for p in blanks if p in touched and _is_missing(p, touched[p])}
    spoilt = robbed | {row for row, count in rows.items() if count > 1}
    # Of a spoilt row nothing is trusted that no equation vouches for.
    unvouched = {p for p, some in touched.items() if p[0] in spoilt and all(e.failed for e in some)}
    lost = {p for p in blanks if p[0] in robbed}
    crowded = {p for places in changed for p in places if p[0] in spoilt}
    alone = {p for places in changed if len(places) == 1 for p in places}
    return unvouched | lost | crowded | _offset(touched, beliefs, alone)


def _is_missing(place: Place, equations: Sequence[Equality]) -> bool:
    """True where all equations of a blank fail, each by a figure that is missing there."""
    return all(e.failed and e.signs[place] * e.off < 0 for e in equations)


def _offset(
    touched: Mapping[Place, Sequence[Equality]], beliefs: Mapping[Place, Belief], changed: Collection[Place]
) -> set[Place]:
    # Where one cell explains two equations that fail, they do not call for a pair.
    crossings = [failed for p in changed if len(failed := [e for e in touched[p] if e.failed]) > 1]
    explained = {id(e) for failed in crossings for e in failed}
    known = {p: some for p, some in touched.items() if beliefs[p].is_known and not any(id(e) in explained for e in some)}

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
    vouched = {p for e in usable if not e.failed for p in e.signs}
    known = {p: beliefs[p] for p in places if p in beliefs and p not in vouched}
    return {p for p, b in known.items() if not (b.is_known or b.fixed or b.value == 0) and 1.0 - b.keep > _ALONE}
