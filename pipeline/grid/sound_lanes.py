"""Which lanes are lines at all, by their own pixels."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.grid.ruling_evidence import Evidence
from pipeline.grid.ruling_lanes import Lane, Stretch

_CROSSED, _FLANKED = 0.06, 0.12
_LIKELY_DRAWN, _SEVERAL, _UNBROKEN = 0.5, 3, 0.97
_SURE_DRAWN, _ALONE_DRAWN, _ALONE_CROSSED = 0.8, 0.88, 0.06
_LEFT, _STROKE_IN, _FREE_IN = 0.35, 0.2, 0.08


def is_sound(lane: Lane, stretches: Sequence[Stretch]) -> bool:
    """True where at least one stretch is a line beyond doubt, or several are mostly drawn.

    Strokes of print do not reach from line to line.
    """
    if lane.is_short:
        return any(stands_alone(s.evidence) for s in stretches)
    likely = sum(s.evidence.drawn >= _LIKELY_DRAWN and s.evidence.ends >= 1 for s in stretches)
    return likely >= _SEVERAL or any(s.evidence.drawn >= _SURE_DRAWN and s.evidence.ends >= 1 for s in stretches)


def stands_alone(evidence: Evidence) -> bool:
    """True for a stretch that is a line beyond doubt, whatever its neighbours are."""
    if is_free(evidence):
        return True
    # Letters may stand close to a line on both sides; a line that has gaps as well may be a row of their strokes.
    clear = evidence.crossed <= _ALONE_CROSSED and (evidence.flanked <= _FLANKED or evidence.drawn >= _UNBROKEN)
    return evidence.drawn >= _ALONE_DRAWN and evidence.ends == 2 and clear


def is_free(evidence: Evidence, least: float = _FREE_IN) -> bool:
    """True for a stretch that goes on unbroken far beyond the print beside it, up to both crossings.

    Two long figures may stand so close to the line that nothing parts their strokes from it. The stroke of a letter does not
    leave its letter so far behind at both ends.

    Args:
        evidence: of the stretch.
        least: inches over which it is drawn with no print close by.
    """
    return evidence.free >= least and evidence.drawn >= _LIKELY_DRAWN and evidence.ends == 2


def may_be_worn(lane: Lane, stretches: Sequence[Stretch], dpi: float) -> bool:
    """True for a line of which much is left where print is not: one of a worn print, if its region is worn."""
    seen = [s for s in stretches if lane.start < s.right and lane.end > s.left]
    clear = [s for s in seen if s.evidence.crossed < _CROSSED and s.evidence.flanked < _FLANKED]
    left = [(s.evidence, s.evidence.drawn * (s.right - s.left)) for s in clear]
    is_line = any(e.ends or length > _STROKE_IN * dpi for e, length in left)
    return is_line and sum(length for _, length in left) >= _LEFT * sum(s.right - s.left for s in clear)
