"""Which stretches of the lanes of a ruled region are really drawn.

A stretch is judged by its own pixels first. Where those are not clear, because print touches the line or a scan has worn it
off, its neighbours along the line and beside it tell: lines usually go on, and spans end several stretches at once. This is
the labelling of a small Markov random field by iterated conditional modes (Besag, 1986).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.grid.even_columns import told_by_columns
from pipeline.grid.labels import settled
from pipeline.grid.ruling_evidence import NOTHING, Evidence, reaches
from pipeline.grid.ruling_lanes import JudgedLane, Lane, SeenLane, Stretch
from pipeline.grid.sound_lanes import is_free, is_sound, stands_alone

_PARTLY, _WEAR_LOW, _WEAR_SPAN = (0.1, 0.93), 0.04, 0.08
_CROSSED, _FLANKED = 0.06, 0.12
_LIKELY_DRAWN, _SURE_DRAWN, _ALONE_DRAWN, _UNBROKEN = 0.5, 0.8, 0.88, 0.97
_SHARES = (0.0, 0.15, 0.4, 0.7, 0.85, 0.95)
# Odds of a stretch by the share that is drawn, on a clean print and on a worn one.
_CLEAN, _WORN = (-6.0, -5.0, -4.0, -2.0, 2.0, 6.0), (-2.8, -0.5, 1.5, 3.0, 4.5, 6.0)

_ALONG, _ALONG_WORN, _FRAME = 1.0, 0.5, 2.0
_FRAME_IN, _FRAME_REST, _AMONG_LETTERS = 0.03, 3.0, 0.5
WORN_REGION = 0.5
_FLOATING, _PARTED, _ONE_RUN = -1.0, 5.0, 3.0
_NOTHING, _PRESENT, _ENDS, _WORN_OFF, _GAP = 0.18, 0.4, -0.75, 1.0, -2.5
_REST, _CLEAR = 0.15, 1.0
_THROUGH, _LETTERED = (0.015, 0.06), 6.0
_FREE_LONG_IN, _GOES_ON = 0.04, 2.0
_IN_PRINT, _AMONG_STROKES, _FOUND = 0.4, 0.15, 0.6
_STRUCK, _HARDLY = 0.3, 0.2
_BOXES, _FEW_BOXES = 0.08, 4
_SIDES, _SIDES_SHARE = 4, 0.5


def judge(
    lanes: Sequence[SeenLane], across: Sequence[SeenLane], wear: float, dpi: float, is_upright: bool = False
) -> list[JudgedLane]:
    """Tells which stretches of all lanes of one direction of a region are drawn; lanes without any are dropped.

    Args:
        lanes: in order of their places.
        across: those of the other direction.
        wear: of the region, see `wear_of`.
        dpi: pixels an inch.
        is_upright: the lanes part columns.
    """
    # Weak ones are lines only where lines are worn.
    lanes = [s for s in lanes if wear >= WORN_REGION or is_sound(s.lane, s.stretches)]
    states = settled([s.stretches for s in lanes], odds_of(lanes, across, wear, dpi, is_upright), _ALONG + _ALONG_WORN * wear)
    pairs = zip(lanes, states, strict=True)
    return [JudgedLane(s.lane, s.strip, s.stretches, state) for s, state in pairs if any(state)]


def wear_of(lanes: Sequence[SeenLane]) -> float:
    """How worn the lines of a region are, 0 to 1: by the share of stretches of long lines that are drawn in part."""
    # A column of noughts has a stroke as long as a figure in every row, where a lane of another table would go on through it.
    seen = [s.evidence for lane in lanes if not lane.lane.is_short for s in lane.stretches if not s.evidence.stroke]
    clear = [e for e in seen if e.drawn >= _PARTLY[0] and e.crossed < _CROSSED and e.flanked < _FLANKED]
    # The corners of boxes are no wear.
    boxes = _has_boxes(lanes)
    shares = [1.0 if boxes and e.is_boxed else e.drawn for e in clear]
    # One of them may be a stroke of print.
    partly = (sum(share < _PARTLY[1] for share in shares) - 1) / max(1, len(shares))
    return float(np.clip((partly - _WEAR_LOW) / _WEAR_SPAN, 0.0, 1.0))


def _has_boxes(lanes: Sequence[SeenLane]) -> bool:
    """True where enough stretches lack their ends alone: each cell has a box of its own. One may do so by chance."""
    drawn = [s.evidence for lane in lanes for s in lane.stretches if s.evidence.drawn >= _PARTLY[0]]
    return sum(e.is_boxed for e in drawn) >= max(_FEW_BOXES, _BOXES * len(drawn))


def odds_of(
    lanes: Sequence[SeenLane], across: Sequence[SeenLane], wear: float, dpi: float, is_upright: bool = False
) -> list[list[float]]:
    """Returns for each stretch how much its own pixels speak for a line, as a logarithm of odds; arguments as of `judge`.

    Lanes where the lines across end are the frame of the region, which goes all the way where it is there at all.
    """
    near = _FRAME_IN * dpi
    ends = (min(a.lane.start for a in across), max(a.lane.end for a in across)) if across else (0.0, 0.0)
    told = told_by_columns(lanes, dpi) if is_upright and wear >= WORN_REGION else [[0.0] * len(x.stretches) for x in lanes]
    boxes = _has_boxes([*lanes, *across])
    found = []
    for x, own in zip(lanes, told, strict=True):
        odds = [_odd(s.evidence, wear) + wear * (_told_by_print(s) + _told_by_ends(x, k, dpi)) for k, s in enumerate(x.stretches)]
        # A line that is one elsewhere needs to go on less far beyond the figures that nearly touch it.
        if wear < WORN_REGION:
            odds = [max(o, _GOES_ON) if is_free(s.evidence, _FREE_LONG_IN) else o for o, s in zip(odds, x.stretches, strict=True)]
            # Where lines are worn, what is pale may be what wear has left of a line that ended here.
            even = [s.evidence.is_pale or (boxes and s.evidence.is_boxed) for s in x.stretches]
            odds = [max(o, _CLEAN[-1]) if is_even else o for o, is_even in zip(odds, even, strict=True)]
            # Letters close to each other, level with a line of other columns, are as dark as a pale one all the way.
            odds = [_CLEAN[0] if _is_stroke(x.lane, s) else o for o, s in zip(odds, x.stretches, strict=True)]
        if x.lane.is_short and not _is_chain([s.evidence for s in x.stretches]):
            is_dotted = any(p.is_dotted for p in x.lane.pieces)
            is_print = _is_stroke if is_upright else _is_row
            clean = _short_odds([NOTHING if is_print(x.lane, s) else s.evidence for s in x.stretches], is_dotted, boxes)
            odds = [(1 - wear) * c + wear * o for c, o in zip(clean, odds, strict=True)]
        if min(abs(x.lane.at - end) for end in ends) <= near:
            odds = [o + _FRAME * wear + _told_by_rest(s.evidence, wear) for o, s in zip(odds, x.stretches, strict=True)]
        found.append([o + t for o, t in zip(odds, own, strict=True)])
    return found


def _told_by_rest(evidence: Evidence, wear: float) -> float:
    """Odds of a stretch of the frame of a worn region by what is left of it: where all lines end, no print stands."""
    is_clear = max(evidence.crossed / _CROSSED, evidence.flanked / _FLANKED) < 1
    return _FRAME_REST if wear >= WORN_REGION and evidence.drawn >= _REST and is_clear else 0.0


def _told_by_print(stretch: Stretch) -> float:
    """Odds by the print beside a stretch, where lines are worn."""
    if stretch.is_flush:
        return _PARTED
    if stretch.evidence.stroke == "figure":
        return -_ONE_RUN
    if stretch.parts_print:
        return _PARTED
    is_weak = stretch.evidence.drawn < _LIKELY_DRAWN or not stretch.evidence.ends
    return -_ONE_RUN if stretch.runs_across and is_weak else 0.0


def _told_by_ends(seen: SeenLane, k: int, dpi: float) -> float:
    """Odds of a stretch with nothing left, by the ends of its neighbours: a line ends at a crossing, and wear anywhere."""
    own = seen.stretches[k]
    if own.evidence.drawn >= _NOTHING:
        return 0.0
    told = []
    for n, at, step in ((k - 1, own.left, -1), (k + 1, own.right, 1)):
        if 0 <= n < len(seen.stretches) and seen.stretches[n].evidence.drawn >= _PRESENT:
            told.append(_ENDS if reaches(seen.strip, at, step, dpi) else _WORN_OFF)
    # Wear does not begin and end at crossings.
    return _GAP if told == [_ENDS, _ENDS] else sum(told)


def _short_odds(evidence: Sequence[Evidence], is_dotted: bool, has_boxes: bool) -> list[float]:
    """Odds of the stretches of a short line of a clean print.

    Where one of them is a line beyond doubt, the others may have letters close by. One alone must have no gap: the upright
    stroke of a letter reaches nearly from line to line of a low row, but does not leave its letter far behind. Between letters,
    the gaps of dots fill too easily. The dash that meets a line across may be a gap: what is whole but for that, on clear
    paper, is drawn too where another stretch is a line; and so is the side of a box, where cells have boxes of their own.
    """
    alone = [stands_alone(e) for e in evidence]
    freely = [is_free(e, _FREE_LONG_IN) if any(alone) else is_free(e) for e in evidence]
    beside = [any(alone) and ((has_boxes and e.is_boxed) or (is_dotted and _is_all_but_an_end(e))) for e in evidence]
    whole = [f or b or (e.drawn >= _ALONE_DRAWN and e.ends == 2 and not (is_dotted and e.flanked >= _AMONG_LETTERS))
             for f, b, e in zip(freely, beside, evidence, strict=True)]  # fmt: skip
    single = sum(whole) == 1
    drawn = [(w if any(alone) else a) and (f or not (single and e.drawn < _UNBROKEN))
             for a, w, f, e in zip(alone, whole, freely, evidence, strict=True)]  # fmt: skip
    return [6.0 if d else -6.0 for d in drawn]


def _is_row(lane: Lane, stretch: Stretch) -> bool:
    """True for strokes of figures that fill a cell from side to side: in line, but in pieces, as a line of this length is not."""
    is_in_print = stretch.evidence.hugged >= _IN_PRINT or stretch.evidence.through >= _AMONG_STROKES
    return is_in_print and _found(lane, stretch) < _FOUND


def _is_stroke(lane: Lane, stretch: Stretch) -> bool:
    """True for letters in line with a line of other rows or columns: strokes cross it, and no piece was found there."""
    return stretch.evidence.through >= _STRUCK and _found(lane, stretch) < _HARDLY


def _found(lane: Lane, stretch: Stretch) -> float:
    """Returns the share of a stretch over which pieces of its lane were found."""
    found = sum(max(0.0, min(p.end, stretch.right) - max(p.start, stretch.left)) for p in lane.pieces)
    return found / (stretch.right - stretch.left)


def _is_all_but_an_end(e: Evidence) -> bool:
    """True for a stretch that is drawn all the way but for one of its ends, with no print near it."""
    return e.drawn >= _ALONE_DRAWN and e.ends >= 1 and not (e.crossed or e.flanked) and e.hugged <= _REST


def _is_chain(evidence: Sequence[Evidence]) -> bool:
    """True for short pieces of a line that follow each other from crossing to crossing, as the sides of boxes do."""
    drawn = [e for e in evidence if e.drawn >= _REST]
    sides = sum(e.drawn >= _SURE_DRAWN and e.ends >= 1 and e.hugged <= _REST and not e.stroke for e in drawn)
    return sides >= max(_SIDES, _SIDES_SHARE * len(drawn))


def _odd(e: Evidence, wear: float) -> float:
    if e.stroke:
        told = _WORN[0] if e.stroke == "figure" else _FLOATING
        return (1 - wear) * _CLEAN[0] + wear * told
    clean, worn = (float(np.interp(e.drawn, _SHARES, odds)) for odds in (_CLEAN, _WORN))
    score = (1 - wear) * clean + wear * worn
    score -= (2 - e.ends) * (1.5 - wear)
    if e.drawn < _SURE_DRAWN and max(e.crossed / _CROSSED, e.flanked / _FLANKED) >= 1:
        # Strokes of letters do not reach both lines across; what is left of a worn line between rows of print may.
        score -= 4.0 - (3.0 if e.ends == 2 and e.crossed < _CROSSED else 1.5) * wear
    if _REST <= e.drawn < _SURE_DRAWN and not (e.crossed or e.flanked or e.through):
        # A rest of a line on clear paper: no print is near that it could be a stroke of.
        score += _CLEAR * wear
    if e.drawn < _ALONE_DRAWN and e.through >= _THROUGH[e.ends == 2]:
        # A row of letters lies on the line; a letter beside a line that goes from crossing to crossing may touch it.
        score -= _LETTERED * wear
    return score
