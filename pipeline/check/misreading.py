"""How two readers that agree can both be wrong, how often, and what they then make of a figure.

Two networks that name the same text with confidence have hardly ever been seen to be wrong (`docs/certainty.md` gives the
counts). What is left has three causes, and each has its own law of what was printed instead:

- a *slip*: both take the same strokes for another figure. The less the surer of the two doubts, the rarer.
- a *cut*: the picture of the cell lost a digit at an end, or gained a stroke there. No reader can see that.
- a *displaced* figure, that of another cell.

That a misreading is at fault for a sum that does not close needs more than a misreading: it must have changed the figure by the
very amount that the sum is out by. These laws say how probable that is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipeline.check.beliefs import Place, exact
from pipeline.check.cells import by_place
from pipeline.check.laws import Unlisted
from pipeline.domain import Candidate, Matrix, MatrixCell, Origin, State

_LEAST_DOUBT = 1e-5
"""No reader is taken to be surer than this leaves it."""
_READ_AS = "read as "


@dataclass(frozen=True, slots=True)
class Rates:
    """How often two readers that agree are wrong together, fitted to print whose truth is known.

    Attributes:
        slip: share of the doubt that the surer of them leaves which is really a common slip.
        cut: probability that a digit was lost or gained at an end of a figure.
        displaced: probability that a figure is another cell's, though nothing speaks against its place.
        blank: probability that a cell in which the picture shows no print holds a figure.
        dash: probability that a dash of two readers is a figure.
    """

    slip: float
    cut: float
    displaced: float
    blank: float
    dash: float


def common_mistakes(matrix: Matrix, rates: Rates) -> Mapping[Place, Unlisted]:
    """Returns for each figure and dash that two readers agree on, and for each blank, the odds of mistakes that nobody can see.

    What is doubtful is not among them.

    Args:
        matrix: as read.
        rates: fitted.
    """
    found: dict[Place, Unlisted] = {}
    cells = by_place(matrix)
    if not any(cell.origin is Origin.OCR for cell in cells.values()):
        return found
    lanes: dict[tuple[int, str], dict[Place, Fraction]] = {}
    for place, cell in cells.items():
        for lane in enumerate(place):
            lanes.setdefault(lane, {})[place] = exact(cell.value)

    def beside(place: Place) -> frozenset[Fraction]:
        """The numbers of the other cells of its row and of its column."""
        return frozenset(v for lane in enumerate(place) for p, v in lanes[lane].items() if p != place)

    for place, cell in cells.items():
        doubt = agreed_doubt(cell)
        if cell.state is State.BLANK and cell.origin is Origin.OCR and not cell.review:
            found[place] = Unlisted(rates.blank, displaced=rates.displaced, near=beside(place))
        elif doubt is not None:
            is_dash = cell.state is State.DASH
            slips, cuts = (rates.dash, 0.0) if is_dash else (rates.slip * doubt, rates.cut)
            found[place] = Unlisted(0.0, slips, cuts, rates.displaced, beside(place), is_dash)
    return found


def agreed_doubt(cell: MatrixCell) -> float | None:
    """Returns what the surer of two agreeing readers leaves, 0 to 1; None where they do not agree, or the print is doubtful."""
    is_sound = cell.origin is Origin.OCR and cell.state in (State.PRINTED, State.DASH) and not cell.review
    if not is_sound or (cell.reason or "").startswith(_READ_AS):
        return None
    taken = next((c for c in cell.readings if c.text == cell.text), None)
    if taken is None or not do_agree(cell.readings, taken):
        return None
    return surer_doubt(taken)


def surer_doubt(taken: Candidate) -> float:
    """Returns what the surer of the readers that name a text leaves, 0 to 1."""
    return max(_LEAST_DOUBT, 1.0 - math.exp(max(log_prob for _, log_prob in taken.said)))


def do_agree(readings: Sequence[Candidate], taken: Candidate | None) -> bool:
    """True where each of two readers finds the text that was taken the most probable."""
    if taken is None or len(taken.said) < 2:
        return False
    best: dict[str, float] = {}
    for candidate in readings:
        for reader, log_prob in candidate.said:
            best[reader] = max(best.get(reader, -math.inf), log_prob)
    return all(log_prob >= best[reader] for reader, log_prob in taken.said)
