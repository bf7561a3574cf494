"""Two cells that are wrong together, unseen by a sum that holds both: neighbours exchanged, misreadings that offset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipeline.check.beliefs import Belief, Place
from pipeline.check.equalities import Equality

EXCHANGED = 2e-4
"""Share of tables in which two neighbouring figures came into each other's cell."""

_LEAST_ODDS = 1e-16
_MOST = 80


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cells, what each must change by, and the odds that both are so, against the present values."""

    first: Place
    second: Place
    first_change: Fraction
    second_change: Fraction
    odds: float


def exchanged(
    touched: Mapping[Place, Sequence[Equality]], beliefs: Mapping[Place, Belief], rows: Sequence[str], columns: Sequence[str]
) -> Iterator[Pair]:
    """Neighbours in a row or column whose exchange touches failed equations alone.

    Args:
        touched: equations of each cell.
        beliefs: of each cell.
        rows: keys of the rows in printed order.
        columns: keys of the columns in printed order.
    """
    across = [((r, a), (r, b)) for r in rows for a, b in zip(columns, columns[1:], strict=False)]
    down = [((a, c), (b, c)) for c in columns for a, b in zip(rows, rows[1:], strict=False)]
    neighbours = [(p, q) for p, q in across + down if p in touched and q in touched]
    odds = EXCHANGED / max(1, len(neighbours))
    for p, q in neighbours:
        change = beliefs[q].value - beliefs[p].value
        if change == 0 or beliefs[p].fixed or beliefs[q].fixed:
            continue
        moved = {id(e): e for e in (*touched[p], *touched[q]) if e.signs.get(p, 0) != e.signs.get(q, 0)}.values()
        # One that closes nothing needs a further mistake for each equation: those mistakes alone explain it better.
        closes = any(e.off + (e.signs.get(p, 0) - e.signs.get(q, 0)) * change == 0 for e in moved)
        if closes and all(e.failed for e in moved):
            yield Pair(p, q, change, -change, odds)


def offsetting(
    touched: Mapping[Place, Sequence[Equality]], beliefs: Mapping[Place, Belief], odds_of: Callable[[Belief, Fraction], float]
) -> list[Pair]:
    """Two cells of one equation that holds, each of which would close the equations that fail; the likeliest ones.

    Args:
        touched: equations of each cell.
        beliefs: of each cell.
        odds_of: odds that a value is printed in a cell, from its reading alone.
    """
    wanted = {p: change for p in touched if not beliefs[p].fixed and (change := _closing_change(p, touched[p])) is not None}
    held: dict[int, list[Place]] = {}
    for place in wanted:
        for equation in touched[place]:
            if not equation.failed:
                held.setdefault(id(equation), []).append(place)
    odds = {p: odds_of(beliefs[p], beliefs[p].value + change) for p, change in wanted.items()}
    found: dict[tuple[Place, Place], Pair] = {}
    for places in held.values():
        for n, p in enumerate(places):
            for q in places[n + 1 :]:
                both = odds[p] * odds[q]
                if both >= _LEAST_ODDS and _cancel(p, wanted[p], q, wanted[q], (*touched[p], *touched[q])):
                    found[(p, q)] = Pair(p, q, wanted[p], wanted[q], both)
    return sorted(found.values(), key=lambda pair: -pair.odds)[:_MOST]


def _closing_change(place: Place, equations: Sequence[Equality]) -> Fraction | None:
    """The change of a cell that closes all its failed equations; None where it has none, or none that fail, or only such."""
    changes = {-e.off / e.signs[place] for e in equations if e.failed and e.signs[place]}
    return changes.pop() if len(changes) == 1 and not all(e.failed for e in equations) else None


def _cancel(p: Place, change: Fraction, q: Place, other: Fraction, equations: Sequence[Equality]) -> bool:
    """True where two changes leave every equation that holds as it is, and no failed one holds both."""
    for e in equations:
        if e.failed:
            if p in e.signs and q in e.signs:
                return False
        elif e.signs.get(p, 0) * change + e.signs.get(q, 0) * other != 0:
            return False
    return True
