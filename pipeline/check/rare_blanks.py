"""Blanks in a report that prints its zeros: there are next to none, so that one has most likely lost its figure.

Who fills in such a report writes 0 (or a dash) in every cell that has nothing to count, or leaves these cells blank; hardly
anybody does both. So a few blanks among many zeros are no habit of the report. Nothing else tells of them: no pixels are left of
a lost figure, and where it was a 0 all sums close without it.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.check.cells import by_place
from pipeline.domain import Matrix, Origin, State

_LEAST_ZEROS, _SHARE = 10, 0.1


def are_blanks_rare(matrices: Sequence[Matrix]) -> bool:
    """True where a report, read from pixels, prints its zeros: it has at least ten, or dashes, for each blank.

    Args:
        matrices: all tables of one document.
    """
    cells = [c for m in matrices for c in by_place(m).values() if c.origin is Origin.OCR]
    zeros = sum(c.state is State.DASH or (c.state is State.PRINTED and c.value == 0) for c in cells)
    blanks = sum(c.state is State.BLANK for c in cells)
    return zeros >= _LEAST_ZEROS and 0 < blanks <= _SHARE * zeros
