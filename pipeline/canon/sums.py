"""What the equations of a table say of figures in given places: they close, they fail, or they say nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.canon.header import leaves
from pipeline.canon.schema import TableSchema
from pipeline.canon.tokens import Token
from pipeline.domain import Equation, Number

CLOSED, TRIVIAL = 1.0, 0.05
# What is lost most often is a nought.
_NOUGHT, _OPEN = 0.6, 1.0
_TOLERANCE = 1e-6

Values = Sequence[Number | None]
Implied = dict[int, list[Number]]
Memory = dict[tuple[int, bool, Number | None], tuple[float, list[Number]]]


@dataclass(frozen=True, slots=True)
class Sum:
    """An equation between places of one row, or of one column: the left ones together are the right ones.

    Attributes:
        totals: places whose blank leaves it open; `parts` are the others.
        needs_part: true where it says nothing as long as all parts are blank.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    totals: frozenset[int]
    parts: tuple[int, ...]
    needs_part: bool


@cache
def row_sums(table: TableSchema) -> tuple[Sum, ...]:
    """The equations within each printed row; places are printed columns from left to right."""
    lines: dict[int, dict[str, int]] = {}
    for place, leaf in enumerate(leaves(table)):
        lines.setdefault(leaf.row, {})[table.columns[leaf.column].key] = place
    return tuple(_sum(e, places) for e in _binding(table, "rows") for places in lines.values())


@cache
def column_sums(table: TableSchema) -> tuple[Sum, ...]:
    """The equations within each column of a grid; places are its rows."""
    if table.layout == "one_row":
        return ()
    places = {row.key: k for k, row in enumerate(table.rows)}
    return tuple(_sum(e, places) for e in _binding(table, "columns"))


def _binding(table: TableSchema, over: str) -> list[Equation]:
    """The equations that honest tables obey."""
    return [e for e in table.equations if e.over == over and e.relation == "equal" and e.severity == "error"]


def _sum(equation: Equation, places: dict[str, int]) -> Sum:
    left, right = (tuple(places[key] for key in side) for side in (equation.left, equation.right))
    totals = frozenset(places[key] for key in equation.totals)
    parts = tuple(p for p in (*left, *right) if p not in totals)
    return Sum(left, right, totals, parts, equation.blank_details != "zero")


def ask(
    sums: Sequence[Sum], values: Values, lost: Collection[int] = (), absent: Collection[int] = (), wants_totals: bool = False
) -> tuple[float, Implied]:
    """How well equations close with these values, and what they imply for lost places.

    Args:
        sums: the equations.
        values: by place, None for a blank.
        lost: places whose figure was lost: any may have stood there.
        absent: places that the print never had, as a column that was dropped since nothing stood in it.
        wants_totals: true where figures without a total speak against these places.

    Returns:
        1 for an equation that closes and -1 for one that fails, next to nothing where there is nothing to add up, and
        something for lost places that should hold noughts; the figures that a lost place should hold, by place.
    """
    total = 0.0
    implied: Implied = {}
    added = [value or 0 for value in values]
    for one in sums:
        if absent and not one.totals.isdisjoint(absent):
            continue
        left, right = sum([added[p] for p in one.left]), sum([added[p] for p in one.right])
        gone = [p for p in (*one.left, *one.right) if p in lost] if lost else []
        if gone:
            on_left = gone[0] in one.left
            if any((p in one.left) != on_left for p in gone):
                continue
            wanted = right - left if on_left else left - right
            # Several lost places say only that the others are not too much.
            if len(gone) == 1 or wanted < -_TOLERANCE:
                implied.setdefault(gone[0], []).append(wanted)
            total += _NOUGHT if right and abs(wanted) <= _TOLERANCE else 0.0
        elif None in [values[p] for p in one.totals]:
            total -= _OPEN if wants_totals and any(values[p] is not None for p in one.parts) else 0.0
        elif one.needs_part and all(values[p] is None for p in one.parts):
            continue
        elif abs(left - right) > _TOLERANCE:
            total -= CLOSED
        else:
            total += CLOSED if left else TRIVIAL
    return total, implied


def agreement(implied: Sequence[Number]) -> float:
    """What figures that several equations imply for one place say of it: that they agree, or that one is impossible."""
    if not implied:
        return 0.0
    worth = -CLOSED * (min(implied) < 0)
    if len(implied) > 1 and max(implied) - min(implied) <= _TOLERANCE:
        worth += CLOSED if implied[0] else TRIVIAL
    return worth


def gain(table: TableSchema, grid: Sequence[Sequence[Token | None]], k: int, memory: Memory | None = None) -> float:
    """How well all equations close in which printed row `k` has part.

    Args:
        table: the table.
        grid: the cells of each printed row, None where one was lost.
        k: index of a row.
        memory: keeps what columns say, for calls in which only row `k` changes.
    """
    row = grid[k]
    total, implied = ask(row_sums(table), figures(row), [c for c, t in enumerate(row) if t is None])
    said, by_column = ask_columns(table, grid, k, row, (), memory if memory is not None else {})
    return total + said + sum(agreement([*implied.get(c, ()), *by_column.get(c, ())]) for c in {*implied, *by_column})


def ask_columns(
    table: TableSchema,
    grid: Sequence[Sequence[Token | None]],
    k: int,
    row: Sequence[Token | None],
    absent: Collection[int],
    memory: Memory,
) -> tuple[float, Implied]:
    """What the equations of all columns say if printed row `k` were this one: their gain, and figures by lost column."""
    own = _own_sums(table, k)
    total = 0.0
    implied: Implied = {}
    for c, token in enumerate(row) if own else ():
        if c in absent:
            continue
        cell = (c, token is None, token.value.value if token is not None else None)
        if cell not in memory:
            lane = [token if i == k else other[c] for i, other in enumerate(grid)]
            said, of_places = ask(own, figures(lane), {i for i, t in enumerate(lane) if t is None})
            elsewhere = sum(agreement(found) for i, found in of_places.items() if i != k) if of_places else 0
            memory[cell] = said + elsewhere, of_places.get(k, [])
        total += memory[cell][0]
        if memory[cell][1]:
            implied[c] = memory[cell][1]
    return total, implied


@cache
def _own_sums(table: TableSchema, k: int) -> tuple[Sum, ...]:
    """The equations over columns in which a row has part."""
    return tuple(s for s in column_sums(table) if k in s.left or k in s.right)


def figures(tokens: Sequence[Token | None]) -> list[Number | None]:
    """The values of cells, None for a blank and for a lost one."""
    return [t.value.value if t is not None else None for t in tokens]
