"""How probable it is that the value of a cell read from pixels is right, from all that speaks for it.

The probability that the readers give, whether they agree, the equations that close over the cell and the text of the report
that repeats its figure are joined in a logistic model (Platt, 1999, with more than one score); its coefficients are fitted to
scans whose truth is known, see `docs/certainty.md`. What was not read from pixels keeps the confidence of its alignment.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.check.beliefs import Place, is_reading_doubt
from pipeline.check.cells import by_place
from pipeline.check.equations import check_instance, instances
from pipeline.check.misreading import do_agree
from pipeline.domain import Equation, LaneMatch, Matrix, MatrixCell, Origin, State

_READ_AS = "read as "
_LEAST, _MOST = 1e-4, 1.0 - 1e-6
_ROW_SHARE, _COLUMN_SHARE = 4e-3, 2e-3
_FLAGGED_MOST = 0.5
_AGAINST = math.log(0.02)
"""Added where the text of the report gives another number: of 50 right cells one at most is contradicted by its own report."""
_LEAST_CLEARED = math.log(0.9 / 0.1)
"""Odds that the readers must give for a doubt to be cleared on their word, or on one equation's."""
_WITH_RULING = "with a ruling"
"""So ends the doubt of a reader that takes a stroke for a ruling as well as for a digit (`ocr.sureness`)."""
_MANY_BAD, _BAD_SHARE = 5, 0.2
_BADLY_READ = "read well, in a table of which much could hardly be read, and no sum vouches for it"
_RARE_BLANK = "nothing is to be seen in it, in a report that prints its zeros"
_BADLY_SEEN = "nothing is to be seen in it, in a table of which much could hardly be read"


@dataclass(frozen=True, slots=True)
class Calibration:
    """Coefficients of the logarithm of the odds that a value is right.

    Attributes:
        base: of a figure; `blank` of a cell whose pixels show nothing.
        reading: of the logarithm of the odds that the readers give.
        agreed: added where two readers name the same text; `alone` where only one was asked or named it.
        doubted: added where its print is doubtful for another reason than its probability.
        closed_once: added where one equation closes over the cell; `closed_twice` where several do.
        told: added where the text of the report gives the same number.
        threshold: least probability of a cell that needs no review.
    """

    base: float
    blank: float
    reading: float
    agreed: float
    alone: float
    doubted: float
    closed_once: float
    closed_twice: float
    told: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one cell.

    Attributes:
        reading: logarithm of the odds that the readers give; 0 for a blank.
        is_blank: true where the pixels show nothing.
        agreed: two readers name its text; `doubted`: its print is doubtful.
        closed: equations that close over it.
        told: the text of the report gives its number.
    """

    reading: float
    is_blank: bool
    agreed: bool
    doubted: bool
    closed: int
    told: bool


def evidence_of(cell: MatrixCell, closed: int, told: bool) -> Evidence:
    """Gathers what speaks for a cell that was read from pixels.

    Args:
        cell: printed, blank or a dash.
        closed: equations that close over it.
        told: whether the text of the report gives its number.
    """
    if cell.state is State.BLANK:
        return Evidence(0.0, True, False, was_read_with_doubt(cell), closed, told)
    taken = next((c for c in cell.readings if c.text == cell.text), None)
    share = math.exp(taken.log_prob) if taken is not None else cell.confidence
    share = min(max(share, _LEAST), _MOST)
    return Evidence(
        math.log(share / (1.0 - share)), False, do_agree(cell.readings, taken), was_read_with_doubt(cell), closed, told
    )


def probability(evidence: Evidence, calibration: Calibration, more: float = 0.0) -> float:
    """Returns the probability, 0 to 1, that a value with this evidence is right; `more` is added to the logarithm of its odds."""
    odds = calibration.blank if evidence.is_blank else calibration.base + calibration.reading * evidence.reading
    if not evidence.is_blank:
        odds += calibration.agreed if evidence.agreed else calibration.alone
    odds += calibration.doubted * evidence.doubted + calibration.told * evidence.told
    odds += more + (0.0, calibration.closed_once, calibration.closed_twice)[min(evidence.closed, 2)]
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


def reading_probabilities(matrix: Matrix, calibration: Calibration) -> dict[Place, float]:
    """Returns for every cell read from pixels the probability that it is right, before any equation is asked."""
    return {
        place: probability(evidence_of(cell, 0, False), calibration)
        for place, cell in by_place(matrix).items()
        if cell.origin is Origin.OCR and cell.state in (State.PRINTED, State.BLANK, State.DASH)
    }


def with_confidence(
    matrix: Matrix,
    equations: Sequence[Equation],
    told: Collection[Place],
    calibration: Calibration,
    settled: Collection[Place] = (),
    against: Collection[Place] = (),
    blanks_are_rare: bool = False,
) -> Matrix:
    """Gives every cell read from pixels its probability; flags those that stay below the threshold.

    A cell that was flagged for its reading alone is cleared where equations, the text of the report or two readers that are
    rather sure lift it over the threshold; a doubt about its place never is.

    Args:
        matrix: after its equations were asked.
        equations: of its table.
        told: cells whose number the text of the report gives.
        calibration: fitted coefficients.
        settled: cells whose value was repaired; they keep what the repair gave them.
        against: cells of which the text of the report gives another number.
        blanks_are_rare: the report prints its zeros, so that each blank is asked for: a lost 0 adds nothing to a sum.
    """
    if not any(cell.origin is Origin.OCR for cell in by_place(matrix).values()):
        return matrix
    closed = closed_equations(matrix, equations)
    badly_read = is_badly_read(matrix)

    def judged(cell: MatrixCell, row: LaneMatch, column: LaneMatch) -> MatrixCell:
        place = (row.key, column.key)
        if cell.origin is not Origin.OCR or place in settled or cell.state in (State.MISSING, State.UNREADABLE):
            return cell
        evidence = evidence_of(cell, closed[place], place in told)
        made = _judged(cell, row, column, evidence, calibration, place in against)
        if blanks_are_rare and cell.state is State.BLANK and not made.review:
            return _asked(made, _RARE_BLANK, calibration)
        is_doubtful = badly_read and cell.state in (State.PRINTED, State.BLANK)
        if is_doubtful and not made.review and not closed[place] and not evidence.told:
            return _asked(made, _BADLY_SEEN if cell.state is State.BLANK else _BADLY_READ, calibration)
        return made

    cells = tuple(
        tuple(judged(cell, row, column) for column, cell in zip(matrix.columns, line, strict=True))
        for row, line in zip(matrix.rows, matrix.cells, strict=True)
    )
    return replace(matrix, cells=cells)


def _asked(cell: MatrixCell, reason: str, calibration: Calibration) -> MatrixCell:
    return replace(cell, review=True, confidence=round(min(cell.confidence, calibration.threshold), 4), reason=reason)


def is_badly_read(matrix: Matrix) -> bool:
    """True where so many figures of a table could hardly be read that what reads well cannot be trusted without a sum.

    The probabilities of readings are those of figures of all kinds of print. Print that spoils many figures of a table spoils
    others alike, and two readers see the same picture: a digit lost leaves a figure that both read well, and a figure lost
    leaves a blank.
    """
    figures = [c for c in by_place(matrix).values() if c.origin is Origin.OCR and c.state in (State.PRINTED, State.UNREADABLE)]
    bad = sum(c.state is State.UNREADABLE or evidence_of(c, 0, False).reading < _LEAST_CLEARED for c in figures)
    return bad >= _MANY_BAD and bad >= _BAD_SHARE * len(figures)


def closed_equations(matrix: Matrix, equations: Sequence[Equation]) -> Counter[Place]:
    """Counts for each cell the equations that close over it."""
    counts: Counter[Place] = Counter()
    for instance in instances(matrix, equations):
        if instance.severity == "error" and check_instance(instance) == "ok":
            counts.update({(ref.row, ref.column) for ref, _ in (*instance.left, *instance.right)})
    return counts


def _judged(
    cell: MatrixCell, row: LaneMatch, column: LaneMatch, evidence: Evidence, calibration: Calibration, against: bool
) -> MatrixCell:
    read = probability(evidence, calibration, _AGAINST * against)
    place = 1.0 - _ROW_SHARE * (1.0 - row.similarity) ** 2 - _COLUMN_SHARE * (1.0 - column.similarity) ** 2
    confidence = read * place
    if cell.review and not is_reading_doubt(cell):
        return replace(cell, confidence=round(min(_FLAGGED_MOST, confidence), 4))
    # A ruling beside a figure is a stroke to every reader alike: that they agree on it says nothing.
    agreeing = evidence.reading >= _LEAST_CLEARED and (evidence.closed > 0 or not (cell.reason or "").endswith(_WITH_RULING))
    clears = not cell.review or evidence.closed > 1 or evidence.told or agreeing
    if read >= calibration.threshold and clears:
        reason = f"{cell.reason}; {_vouches(evidence.closed, evidence.told)}" if cell.review else cell.reason
        return replace(cell, confidence=round(confidence, 4), review=False, reason=reason)
    reason = cell.reason or f"read as {cell.text!r}; readings and sums leave a doubt of {100 * (1 - read):.2g} %"
    if against:
        reason += "; the text of the report gives another number"
    return replace(cell, confidence=round(min(confidence, calibration.threshold), 4), review=True, reason=reason)


def was_read_with_doubt(cell: MatrixCell) -> bool:
    """True for a cell whose reason, flagged still or not, begins with the doubt of its reader."""
    return (cell.reason or "").startswith(_READ_AS)


def _vouches(closed: int, told: bool) -> str:
    """Says in words what cleared a cell."""
    sums = {0: "", 1: "an equation closes over it"}.get(closed, f"{closed} equations close over it")
    text = "the text of the report says the same" if told else ""
    return ", ".join(part for part in (sums, text) if part) or "two readers agree"


def to_calibration(numbers: Mapping[str, float]) -> Calibration:
    """Returns the coefficients by their names.

    Raises:
        TypeError: one is missing, or not known.
    """
    return Calibration(**numbers)
