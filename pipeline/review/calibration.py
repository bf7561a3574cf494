"""Confidence against what people said: of the cells that the machine was so sure of, how many were right?"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.store.ledger import Ledger
from pipeline.store.ledger_training import judged_cells

_EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)


@dataclass(frozen=True, slots=True)
class Bin:
    """Cells with a confidence between `low` and `high`: how many people judged, how many were right, mean confidence."""

    low: float
    high: float
    cells: int
    right: int
    mean: float


def calibration(ledger: Ledger) -> list[Bin]:
    """Returns the bins of confidence that people judged cells of; samples of accepted cells count too."""
    judged = judged_cells(ledger)
    found = []
    for low, high in zip(_EDGES, _EDGES[1:], strict=False):
        last = high == _EDGES[-1]
        here = [(c, right) for c, right in judged if low <= c < high or (last and c == high)]
        if here:
            mean = sum(c for c, _ in here) / len(here)
            found.append(Bin(low, high, len(here), sum(right for _, right in here), mean))
    return found
