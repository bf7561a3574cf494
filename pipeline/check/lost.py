"""Blanks that may hide what was printed there: figures that are missing in all of their sums, and in all alike.

What is lost to the reader is seldom lost alone: where figures of a row were not read, its sums and those of their columns are
short of them. So a blank comes into question only where other blanks together can make up for all that its sums are short of;
where nothing is left of a row, its total and one of its details must be missing both. A column that is short by itself is
printed so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from pipeline.check.beliefs import Place
from pipeline.check.equalities import Equality


def lost(blanks: Collection[Place], touched: Mapping[Place, Sequence[Equality]]) -> set[Place]:
    """Returns the blanks that may have lost a figure.

    Args:
        blanks: cells in which nothing was read.
        touched: equations of each cell.
    """
    most = {p: short for p in blanks if (short := _short_of(p, touched.get(p, ()))) > 0}
    while True:
        left = {p: min([short, *(_made_up(p, e, most) for e in touched[p])]) for p, short in most.items()}
        left = {p: short for p, short in left.items() if short > 0}
        if left == most:
            return set(left)
        most = left


def _short_of(place: Place, equations: Sequence[Equality]) -> Fraction:
    """What all equations of a blank are short of at its place; 0 where one is not."""
    asked = [e for e in equations if not e.idle]
    if not asked or any(not e.failed or e.signs[place] * e.off >= 0 for e in asked):
        return Fraction(0)
    return min(abs(e.off) for e in asked)


def _made_up(place: Place, equation: Equality, most: Mapping[Place, Fraction]) -> Fraction:
    """The largest figure that an equation leaves room for at a blank, given what others can have lost at most; 0 for none."""
    sign = equation.signs[place]
    if equation.idle:
        return sum((most.get(p, Fraction(0)) for p, s in equation.signs.items() if s != sign), Fraction(0))
    together = sum((most.get(p, Fraction(0)) for p, s in equation.signs.items() if s == sign), Fraction(0))
    return abs(equation.off) if together >= abs(equation.off) else Fraction(0)
