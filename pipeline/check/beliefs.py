"""What may be printed in a cell, and how probable each of it is, before the equations are asked.

The recogniser gives a list of readings; a calibrated probability that the first is right may come beside it. What is left over
goes to the other readings and, in part, to whatever the list does not name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipeline.check.laws import Unlisted
from pipeline.domain import Matrix, MatrixCell, Number, Origin, State

Place = tuple[str, str]
"""Row and column of a matrix, by their identifiers."""

UNLISTED_SHARE = 0.2
"""Share of the wrong readings whose truth the recogniser does not propose at all (0.15 where lists are long)."""

_MOST_RAW, _MOST_REVIEWED, _MOST_SURE = 0.9995, 0.9, 1.0 - 1e-9
_LEAST = 1e-9
_READ_AS = "read as "


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to read a cell.

    Attributes:
        value: the number; None for a blank or a dash, which count as 0 in a sum.
        log_prob: natural logarithm of its probability, at most 0.
        text: the raw text of this reading.
    """

    value: Number | None
    log_prob: float
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    """A value that a reading proposes for a cell and that differs from the present one; `odds` are against the present one."""

    value: Fraction
    odds: float
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Belief:
    """What may be printed in one cell.

    Attributes:
        value: the present value; a blank counts as 0.
        keep: probability that the present value is what is printed, from its reading alone.
        options: other values that readings propose, best first.
        unlisted: odds, against the present value, of the ways in which something else is printed that no reading proposes.
        fixed: true where nothing but the present value is possible: text that was not read from pixels.
        is_known: true where the ways in which it may be wrong are known: two readers agree on it.
    """

    value: Fraction
    keep: float
    options: tuple[Option, ...]
    unlisted: Unlisted
    fixed: bool
    is_known: bool = False


def exact(value: Number | None) -> Fraction:
    """Returns a printed number without the error of binary fractions; 0 for a blank."""
    if value is None:
        return Fraction(0)
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))


def is_reading_doubt(cell: MatrixCell) -> bool:
    """Tells whether a cell is flagged only because its print could be read in two ways, so that sums may settle it."""
    return cell.review and cell.origin is Origin.OCR and (cell.reason or "").startswith(_READ_AS)


def beliefs(
    matrix: Matrix,
    proposals: Mapping[Place, Sequence[Proposal]],
    sure: Mapping[Place, float] | None = None,
    kinds: Mapping[str, str] | None = None,
    common: Mapping[Place, Unlisted] | None = None,
) -> dict[Place, Belief]:
    """Returns what may be printed in every cell of a matrix that holds a value, a blank or a dash.

    Args:
        matrix: as read.
        proposals: readings of a cell, the present one first; cells without any are taken as they stand.
        sure: probability, 0 to 1, that the reading of a cell is right; from the readings and the review flag where it is not
            given.
        kinds: kind of each column, `count` (whole, not negative; the default), `signed` or `decimal`.
        common: odds of mistakes that two readers which agree on a cell make together; of it `sure` is then not asked.
    """
    found = {}
    for row, line in zip(matrix.rows, matrix.cells, strict=True):
        for column, cell in zip(matrix.columns, line, strict=True):
            if cell.state in (State.PRINTED, State.BLANK, State.DASH):
                place = (row.key, column.key)
                kind = (kinds or {}).get(column.key, "count")
                readings = proposals.get(place, ())
                if place in (common or {}):
                    found[place] = _agreed(cell, readings, (common or {})[place], kind)
                else:
                    found[place] = _belief(cell, readings, (sure or {}).get(place), kind)
    return found


def _belief(cell: MatrixCell, proposals: Sequence[Proposal], sure: float | None, kind: str) -> Belief:
    value = exact(cell.value)
    if cell.origin is not Origin.OCR:
        return Belief(value, 1.0, (), Unlisted(0.0), True)
    keep = min(_keep(cell, proposals) if sure is None else sure, _MOST_SURE)
    keep = max(keep, 1e-3)
    rivals = _rivals(value, proposals, kind)
    mass = sum(math.exp(p.log_prob) for _, p in rivals)
    # A doubt about the place says nothing about other readings; their share is not raised by it.
    is_about_reading = not cell.review or is_reading_doubt(cell)
    room = (1.0 - keep) * (1.0 - UNLISTED_SHARE)
    factor = room / mass if mass > 0.0 and (is_about_reading or mass > room) else 1.0
    options = tuple(Option(v, max(math.exp(p.log_prob) * factor, _LEAST * 1e-3) / keep, p) for v, p in rivals)
    listed = sum(o.odds for o in options)
    return Belief(value, keep, options, Unlisted(max((1.0 - keep) / keep - listed, _LEAST)), False)


def _agreed(cell: MatrixCell, proposals: Sequence[Proposal], common: Unlisted, kind: str) -> Belief:
    """What may be printed where two readers agree: the joint list of their readings has been fitted, and is taken as it is."""
    value = exact(cell.value)
    options = tuple(Option(v, math.exp(p.log_prob), p) for v, p in _rivals(value, proposals, kind))
    odds = sum(o.odds for o in options) + common.total
    return Belief(value, 1.0 / (1.0 + odds), options, common, False, True)


def _keep(cell: MatrixCell, proposals: Sequence[Proposal]) -> float:
    """How sure a reading is where nobody has calibrated it: no surer than recognisers are in fact."""
    value = exact(cell.value)
    same = sum(math.exp(p.log_prob) for p in proposals if exact(p.value) == value)
    raw = min(same, _MOST_RAW) if same > 0.0 else _MOST_RAW
    return min(raw, _MOST_REVIEWED) if cell.review else raw


def _rivals(value: Fraction, proposals: Sequence[Proposal], kind: str) -> list[tuple[Fraction, Proposal]]:
    """Other values, each once with the sum of its probabilities and the text of its best reading, best first."""
    found: dict[Fraction, Proposal] = {}
    for proposal in proposals:
        other = exact(proposal.value)
        if other == value or not is_possible(other, kind):
            continue
        if other in found:
            total = math.exp(found[other].log_prob) + math.exp(proposal.log_prob)
            found[other] = Proposal(found[other].value, min(0.0, math.log(max(total, 1e-300))), found[other].text)
        else:
            found[other] = proposal
    return sorted(found.items(), key=lambda item: (-item[1].log_prob, item[0]))


def is_possible(value: Fraction, kind: str) -> bool:
    """Tells whether a number can stand in a column of this kind."""
    if kind == "signed":
        return True
    return value >= 0 and (kind == "decimal" or value.denominator == 1)
