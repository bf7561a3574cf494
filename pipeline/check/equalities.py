"""The equations of a table that can be evaluated, as signed sums of its cells in exact numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipeline.check.beliefs import Belief, Place
from pipeline.check.equations import Instance, check_instance
from pipeline.domain import Finding, State

_SHOWN = (State.BLANK, State.DASH, State.PRINTED)


@dataclass(frozen=True, slots=True)
class Equality:
    """An equation that can be evaluated: its cells with their signs, and what it is out by; 0 where it holds.

    `idle`: nothing is printed in it but a 0, so that it says of no cell that it is right; but of a figure that stood in one of
    them, the others would tell.
    """

    instance: Instance
    signs: Mapping[Place, int]
    off: Fraction
    failed: bool
    idle: bool = False


def places_of(instance: Instance) -> list[Place]:
    """The cells of an equation."""
    return [(ref.row, ref.column) for ref, _ in (*instance.left, *instance.right)]


def equalities(instances: Sequence[Instance], beliefs: Mapping[Place, Belief]) -> list[Equality]:
    """The equations that can be evaluated, and idle ones; a blank counts as 0."""
    found = []
    for instance in instances:
        outcome = check_instance(instance)
        idle = outcome == "blank" and all(not c.value and c.state in _SHOWN for _, c in (*instance.left, *instance.right))
        if outcome == "blank" and not idle:
            continue
        signs: dict[Place, int] = {}
        for side, sign in ((instance.left, 1), (instance.right, -1)):
            for ref, _ in side:
                signs[(ref.row, ref.column)] = signs.get((ref.row, ref.column), 0) + sign
        off = sum((sign * beliefs[p].value for p, sign in signs.items()), Fraction(0))
        found.append(Equality(instance, signs, off, isinstance(outcome, Finding), idle))
    return found
