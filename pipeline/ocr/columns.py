"""From batches of crops to lattices: by a network whole, or in two, whose last layer is asked for columns that may hold ink.

The last layer of a recogniser has 18,710 classes and takes a quarter of its time, and half of all columns are paper. So the
quick look's network is in two parts (`models.quantising.parting`): the first says of each column by how much the blank leads
all ink, and the second is asked only where that leaves a doubt, for the columns of many crops at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import numpy.typing as npt

from pipeline.ocr.lattice import Step, sparse
from pipeline.ocr.runtime import Batch, Network

Look = Callable[[Iterable[Batch]], Iterator[list[Step]]]
"""From batches of crops to a lattice each, in their order."""

_PAPER = 10.5
"""Where the blank leads by more, in logarithms, no class of ink has a probability that the search for readings looks at."""

_ROWS = (16, 32, 64, 128)
"""Columns that the last layer takes at once: few numbers, since a runtime prepares itself for each that it has not seen."""


def whole(network: Network) -> Look:
    """Returns the look of a network in one part."""

    def look(made: Iterable[Batch]) -> Iterator[list[Step]]:
        for batch in made:
            yield from sparse(network(batch))

    return look


def in_parts(body: Network, last: Network) -> Look:
    """Returns the look of a network in two parts.

    Args:
        body: from crops to columns, shape (crops, columns, features + 1); the last number of each is the lead of the blank.
        last: from columns, shape (n, features), to the probabilities of their classes.
    """

    def look(made: Iterable[Batch]) -> Iterator[list[Step]]:
        # Copied: a runtime writes the next batch to the same place.
        seen = [np.array(body(batch), dtype=np.float32) for batch in made]
        if not seen:
            return
        columns = np.concatenate([batch.reshape(-1, batch.shape[2]) for batch in seen])
        lead = columns[:, -1]
        inked = iter(_steps(last, np.ascontiguousarray(columns[lead <= _PAPER, :-1])))
        steps = [next(inked) if ahead <= _PAPER else [(0, 1.0 / (1.0 + math.exp(-ahead)))] for ahead in lead.tolist()]
        start = 0
        for crops, width, _ in (batch.shape for batch in seen):
            for _ in range(crops):
                yield steps[start : start + width]
                start += width

    return look


def _steps(last: Network, columns: npt.NDArray[np.float32]) -> Iterator[Step]:
    for start in range(0, len(columns), _ROWS[-1]):
        part = columns[start : start + _ROWS[-1]]
        size = next(rows for rows in _ROWS if rows >= len(part))
        filled = np.zeros((size, columns.shape[1]), dtype=np.float32)
        filled[: len(part)] = part
        yield from sparse(last(filled)[None, : len(part)])[0]
