"""Mistakes of reading come in company: where one figure of a table is misread or moved, no other is as certain as it seems.

How often two readers that agree are wrong together was counted over all tables (`check/misreading.py`), and in nearly all of them
nothing was wrong. A table in which a reading is known to be at fault is none of those: its print is bad, or its lines are. There
the rates say nothing, and an equation that does not close is not blamed on the print with certainty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from pipeline.check.beliefs import Place
from pipeline.check.equalities import Equality

_LIKELY = 0.5


def is_misread(faulty: Sequence[float]) -> bool:
    """Tells whether a cell of a table was likelier misread than not.

    Args:
        faulty: for each equation, the probability that one of its cells was misread.
    """
    return any(share > _LIKELY for share in faulty)


def outvoted(places: Collection[Place], usable: Sequence[Equality]) -> set[Place]:
    """Returns the cells of an equation against which more equations speak than for them.

    Args:
        places: the cells of an equation that fails.
        usable: all equations that can be evaluated.
    """
    votes = Counter(dict.fromkeys(places, 0))
    for equation in usable:
        if not equation.idle:
            votes.update({p: 1 if equation.failed else -1 for p in equation.signs if p in votes})
    return {p for p, count in votes.items() if count > 0}
