"""When an explanation of equations that do not hold is believed, and how far it is sought."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """When an explanation is believed.

    Attributes:
        repair: least probability of a repaired value.
        decide: least probability that readings are at fault, or are not, for that to be said; what is less sure is flagged. It is
            that of a cell that needs no review.
        most_changes: largest number of cells that may be wrong in a repaired table; beyond it localisation was seen to err.
        one_equation: least odds against the present value for a repair that rests on one equation alone.
        gap: natural logarithm of how much less probable a rival must be than the best explanation to be left out.
        verdict_gap: the same where nothing can be repaired, and `decide` alone is asked, which is far less: what is left out
            weighs at most 2e-3 of the best explanation.
        rivals: how many are weighed at most for each change.
        work: limit of the search in a table, about 1.4 seconds of processor time; what takes more has many mistakes and is
            flagged. It is counted, not timed, so that the same table ends alike on every machine.
        seconds: limit of time, for what that count does not foresee.
    """

    repair: float = 0.9999
    decide: float = 0.995
    most_changes: int = 6
    one_equation: float = 0.5
    gap: float = 14.0
    verdict_gap: float = 8.5
    rivals: int = 8
    work: int = 27_000
    seconds: float = 300.0
