"""Cells of which no equation can tell one from another: of these the search takes one for all.

The details of a sum whose rows have no total of their own stand in the same equations with the same sign. A change of one of them
explains what that of another does; taken one by one, each combination with mistakes elsewhere would be an explanation of its own,
and the search would end before it had seen anything else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pipeline.check.beliefs import Place
from pipeline.check.equalities import Equality
from pipeline.check.localise import Unknown


def classes(
    places: Sequence[Place], unknowns: Sequence[Unknown], touched: Mapping[Place, Sequence[Equality]]
) -> tuple[list[tuple[Place, ...]], list[Unknown]]:
    """Returns the cells of each class, and its variable; a cell of which a reading proposes a value is a class of its own.

    The cost of a class is that of any of its cells: its probability is the sum of theirs.

    Args:
        places: cells that may change.
        unknowns: the variable of each.
        touched: equations of each cell.
    """
    groups: dict[object, list[int]] = {}
    for n, (place, unknown) in enumerate(zip(places, unknowns, strict=True)):
        alone = bool(unknown.choices) or unknown.free_cost is None or unknown.least is None
        signs = tuple((id(e), e.signs[place]) for e in touched[place])
        groups.setdefault(n if alone else signs, []).append(n)
    members = [tuple(places[n] for n in some) for some in groups.values()]
    return members, [_joint([unknowns[n] for n in some]) for some in groups.values()]


def _joint(some: Sequence[Unknown]) -> Unknown:
    if len(some) == 1:
        return some[0]
    odds = sum(math.exp(-u.free_cost) for u in some if u.free_cost is not None)
    least = min(u.least for u in some if u.least is not None)
    return Unknown((), -math.log(odds), least, all(u.by_print for u in some))
