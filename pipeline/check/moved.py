"""Figures that stand in a neighbour's cell: what the sums of a whole row or of two columns say of it.

Both readers read a figure rightly that came into the wrong cell, so nothing that they say speaks against it, and a lone total
that does not close looks like a mistake of the print. Three patterns tell a move from it, or leave it open:

- two neighbours whose exchange closes an equation, and touches none that holds;
- a row that stands one cell off from some place on: the figure at its end is lost, a blank or a 0 stands where it begins, and
  every column in which that changes a figure fails; where no column can tell, as with a 0 for the total alone or in a table
  without column sums, it remains possible;
- two neighbouring columns that are out by the same amount, one more and one less, as by two such pairs.

What moved once may have moved twice, and beside a move another figure may be misread: the same is asked of the table as it stands
after a move was undone, and after what its readings propose was put right.

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
Changes = Mapping[Place, Fraction]

_MOST_MOVES, _MOST_STATES = 2, 8
"""Of a row or a table that fell apart more than that, all that no sum vouches for is flagged anyway."""


def moved(matrix: Matrix, equations: Sequence[Equation], read: Beliefs, proposed: Changes | None = None) -> set[Place]:
    """Returns the cells whose figure may belong to a neighbour.

    Args:
        matrix: as it stands after repairs.
        equations: of severity `error`; nothing is asked where all hold.
        read: beliefs of its cells as they were read.
        proposed: values that readings propose for some cells and with which their equations may close.
    """
    cells = by_place(matrix)
    beliefs = {p: replace(belief, value=exact(cells[p].value)) for p, belief in read.items()}
    table = _Table([m.key for m in matrix.rows], [m.key for m in matrix.columns], {p for p, cell in cells.items() if cell.ruled})
    state = _State(beliefs, equalities(list(instances(matrix, equations)), beliefs))
    waiting = [(state, 0)]
    if put_right := {p: value - beliefs[p].value for p, value in (proposed or {}).items() if value != beliefs[p].value}:
        waiting.append((state.after(put_right), 0))
    found: set[Place] = set()
    asked: list[Mapping[Place, Fraction]] = []
    while waiting and len(asked) < _MOST_STATES:
        state, count = waiting.pop(0)
        values = {p: b.value for p, b in state.beliefs.items()}
        if values in asked or not any(e.failed for e in state.usable):
            continue
        asked.append(values)
        for move in table.moves(state):
            found |= move.keys()
            if count + 1 < _MOST_MOVES:
                waiting.append((state.after(move), count + 1))
    return found


@dataclass(frozen=True, slots=True)
class _State:
    """The figures of a table, and its equations over them."""

    beliefs: Beliefs
    usable: Sequence[Equality]

    def after(self, changes: Changes) -> _State:
        """The same with some figures changed."""
        beliefs = {p: replace(b, value=b.value + changes[p]) if p in changes else b for p, b in self.beliefs.items()}
        return _State(beliefs, [_changed(e, changes) for e in self.usable])


def _changed(equality: Equality, changes: Changes) -> Equality:
    amount = sum((sign * changes[p] for p, sign in equality.signs.items() if p in changes), Fraction(0))
    if amount == 0 or equality.idle:
        return equality
    off = equality.off + amount
    return replace(equality, off=off, failed=off > 0 if equality.instance.relation == "at_most" else off != 0)


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows and columns in printed order, and the cells that lines close."""

    rows: Sequence[str]
    columns: Sequence[str]
    ruled: set[Place]

    def moves(self, state: _State) -> list[Changes]:
        """The ways in which figures may have moved, each as what its cells must change by."""
        touched: dict[Place, list[Equality]] = {}
        for equation in state.usable:
            for place in equation.signs:
                touched.setdefault(place, []).append(equation)
        beliefs = state.beliefs
        found: list[Changes] = [
            {pair.first: pair.first_change, pair.second: pair.second_change}
            for pair in exchanged(touched, beliefs, self.rows, self.columns)
        ]
        for row in self.rows:
            places = [(row, c) for c in self.columns]
            if all(p in beliefs and not beliefs[p].fixed for p in places):
                shifts = [s for s in _shifts(places, beliefs) if _is_possible(s, touched, beliefs, self.ruled)]
                found += [{**s.changes, s.lost: _lost_amount(s, touched)} for s in shifts]
        for a, b in pairwise(self.columns):
            found += _traded(self.rows, (a, b), state.usable, beliefs)
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


def _across(shift: _Shift, touched: Mapping[Place, Sequence[Equality]]) -> list[Equality]:
    """The sums of a row that fail, and that a shift closes by the figure that was lost, whatever that is."""
    own = [e for e in touched.get(shift.lost, ()) if e.failed and all(p in e.signs or p == shift.lost for p in shift.changes)]
    return [e for e in own if sum(p in e.signs for p in shift.row) > 1]


def _lost_amount(shift: _Shift, touched: Mapping[Place, Sequence[Equality]]) -> Fraction:
    """What the cell of the lost figure must change by."""
    equation = _across(shift, touched)[0]
    return -_changed(equation, shift.changes).off / equation.signs[shift.lost]


def _is_possible(shift: _Shift, touched: Mapping[Place, Sequence[Equality]], beliefs: Beliefs, ruled: set[Place]) -> bool:
    """True where no sum speaks against a shift, and more than one sum for it or none can."""
    across = _across(shift, touched)
    if not across or beliefs[shift.lost].value + (amount := _lost_amount(shift, touched)) < 0:
        return False
    others = [(e, e.signs[p] * c) for p, c in shift.changes.items() for e in touched.get(p, ()) if e not in across]
    if not all(e.failed for e, _ in others):
        return False
    if others and (amount == 0 or any(e.off + change == 0 for e, change in others)):
        return True
    if others or not all(e.failed for e in touched[shift.lost]):
        return False
    # No sum can tell. A figure that only came to its total, or the 0 or blank before a total in its place, may have moved all the
    # same, and so may several figures behind a 0 or blank. Where lines close every cell of the row, only that a figure came to
    # its total is believed.
    is_closed = all(p in ruled for p in shift.row)
    is_usual = amount == 0 or beliefs[shift.row[-1]].value == 0
    return (is_usual and (bool(shift.changes) or not is_closed)) or (len(shift.changes) > 1 and not is_closed)


def _traded(rows: Sequence[str], columns: tuple[str, str], usable: Sequence[Equality], beliefs: Beliefs) -> list[Changes]:
    """The cells of two neighbouring columns that fail by opposite amounts, where two pairs exchanged would close both."""
    first, second = ([e for e in usable if e.failed and e.instance.lane == c] for c in columns)
    found: list[Changes] = []
    for e in first:
        for f in second:
            if e.instance.rule != f.instance.rule or e.off + f.off != 0:
                continue
            change = {}
            for row in rows:
                a, b = (row, columns[0]), (row, columns[1])
                if a in e.signs and b in f.signs and e.signs[a] == f.signs[b] and beliefs[a].value != beliefs[b].value:
                    change[row] = beliefs[b].value - beliefs[a].value
            for some in combinations(change, 2):
                if e.off + sum(e.signs[(r, columns[0])] * change[r] for r in some) == 0:
                    found.append({(r, c): sign * change[r] for r in some for c, sign in zip(columns, (1, -1), strict=True)})
    return found
