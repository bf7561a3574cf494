"""Figures that stand in a neighbour's cell: what the sums of a whole row or of two columns say of it.

Both readers read a figure rightly that came into the wrong cell, so nothing that they say speaks against it, and a lone total
that does not close looks like a mistake of the print. Three patterns tell a move from it, or leave it open:

- two neighbours whose exchange closes an equation, and touches none that holds;
- a row that stands one cell off from some place on: the figure at its end is lost, a blank or a 0 stands where it begins, and
  every column in which that changes a figure fails; where no column can tell, as with a 0 for the total alone or in a table
  without column sums, it remains possible;
- two neighbouring columns that are out by the same amount, one more and one less, as by two such pairs.

No probability is asked: these are the ways in which whole figures go astray, and print that is wrong in such a way is rare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, pairwise

from pipeline.check.beliefs import Belief, Place, exact
from pipeline.check.cells import by_place
from pipeline.check.equalities import Equality, equalities
from pipeline.check.equations import instances
from pipeline.check.pairs import exchanged
from pipeline.domain import Equation, Matrix

Beliefs = Mapping[Place, Belief]


def moved(matrix: Matrix, equations: Sequence[Equation], read: Beliefs) -> set[Place]:
    """Returns the cells whose figure may belong to a neighbour.

    Args:
        matrix: as it stands after repairs.
        equations: of severity `error`; nothing is asked where all hold.
        read: beliefs of its cells as they were read.
    """
    cells = by_place(matrix)
    beliefs = {p: replace(belief, value=exact(cells[p].value)) for p, belief in read.items()}
    usable = equalities(list(instances(matrix, equations)), beliefs)
    if not any(e.failed for e in usable):
        return set()
    touched: dict[Place, list[Equality]] = {}
    for equation in usable:
        for place in equation.signs:
            touched.setdefault(place, []).append(equation)
    rows, columns = [m.key for m in matrix.rows], [m.key for m in matrix.columns]
    found = {p for pair in exchanged(touched, beliefs, rows, columns) for p in (pair.first, pair.second)}
    ruled = {p for p, cell in cells.items() if cell.ruled}
    for row in rows:
        places = [(row, c) for c in columns]
        if all(p in beliefs and not beliefs[p].fixed for p in places):
            found.update(*(s.cells for s in _shifts(places, beliefs) if _is_possible(s, touched, beliefs, ruled)))
    for a, b in pairwise(columns):
        found |= _traded(rows, (a, b), usable, beliefs)
    return found


@dataclass(frozen=True, slots=True)
class _Shift:
    """A row that stands one cell off.

    Attributes:
        lost: the cell whose own figure is gone.
        changes: what the others must change by, those left out that would stay as they are.
        row: all cells of the row.
    """

    lost: Place
    changes: Mapping[Place, Fraction]
    row: Sequence[Place]

    @property
    def cells(self) -> set[Place]:
        """All cells that would be wrong."""
        return {self.lost, *self.changes}


def _shifts(row: Sequence[Place], beliefs: Beliefs) -> Iterator[_Shift]:
    """The ways in which a row may stand one cell too far right, from some place on, or too far left."""
    values = [beliefs[p].value for p in row]
    last = len(row) - 1
    for start in range(last):
        if values[start] == 0:
            changes = {row[k]: values[k + 1] - values[k] for k in range(start, last)}
            yield _Shift(row[last], {p: c for p, c in changes.items() if c}, row)
        if values[last] == 0:
            changes = {row[k]: values[k - 1] - values[k] for k in range(start + 1, last + 1)}
            yield _Shift(row[start], {p: c for p, c in changes.items() if c}, row)


def _is_possible(shift: _Shift, touched: Mapping[Place, Sequence[Equality]], beliefs: Beliefs, ruled: set[Place]) -> bool:
    """True where no sum speaks against a shift, and more than one sum for it or none can."""
    own = [e for e in touched.get(shift.lost, ()) if e.failed and all(p in e.signs or p == shift.lost for p in shift.changes)]
    across = [e for e in own if sum(p in e.signs for p in shift.row) > 1]
    if not across:
        return False
    # The sum of the row closes by what was lost, whatever that is.
    equation = across[0]
    after = equation.off + sum(equation.signs.get(p, 0) * c for p, c in shift.changes.items())
    if beliefs[shift.lost].value - after / equation.signs[shift.lost] < 0:
        return False
    others = [(e, e.signs[p] * c) for p, c in shift.changes.items() for e in touched.get(p, ()) if e not in across]
    if not all(e.failed for e, _ in others):
        return False
    if others and (after == 0 or any(e.off + change == 0 for e, change in others)):
        return True
    if others or not all(e.failed for e in touched[shift.lost]):
        return False
    # No sum can tell: a figure that only came to its total, or the 0 or blank before a total in its place, may have moved all the
    # same. Where lines close every cell of the row, and no figure but the total would be another, nothing says so.
    is_usual = after == 0 or beliefs[shift.row[-1]].value == 0
    return is_usual and (bool(shift.changes) or not all(p in ruled for p in shift.row))


def _traded(rows: Sequence[str], columns: tuple[str, str], usable: Sequence[Equality], beliefs: Beliefs) -> set[Place]:
    """The cells of two neighbouring columns that fail by opposite amounts, where two pairs exchanged would close both."""
    first, second = ([e for e in usable if e.failed and e.instance.lane == c] for c in columns)
    found: set[Place] = set()
    for e in first:
        for f in second:
            if e.instance.rule != f.instance.rule or e.off + f.off != 0:
                continue
            gains = {}
            for row in rows:
                a, b = (row, columns[0]), (row, columns[1])
                if a in e.signs and b in f.signs and e.signs[a] == f.signs[b] and beliefs[a].value != beliefs[b].value:
                    gains[row] = e.signs[a] * (beliefs[b].value - beliefs[a].value)
            for some in combinations(gains, 2):
                if e.off + sum(gains[r] for r in some) == 0:
                    found |= {(r, c) for r in some for c in columns}
    return found
