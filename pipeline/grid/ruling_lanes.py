"""Pieces of lines → the lanes of a ruled region, and which of their stretches between crossings are really drawn.

A stretch is judged by its own pixels first. Where those are not clear, because print touches the line or a scan has worn it
off, its neighbours along the line and beside it tell: lines usually go on, and spans end several stretches at once. This is
the labelling of a small Markov random field by iterated conditional modes (Besag, 1986).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import numpy as np
import numpy.typing as npt

from pipeline.grid.dotted import are_dotted
from pipeline.grid.ridges import PixelRule
from pipeline.grid.ruling_evidence import WHOLE, Course, Evidence, Strip, cut_strip, is_doubled, to_course, weigh
from pipeline.raster import Gray

_SAME_LANE_IN, _WIDEST_LANE_IN = 0.03, 0.055
_LONG_IN, _REACH_IN = 0.8, 0.09
_LEAST_ROW_IN = 0.08
_STRAIGHT_IN, _GAP_IN, _JOINED_DRAWN, _PIECE_IN = 0.0125, 0.3, 0.6, 0.35
_PARTLY, _WEAR_LOW, _WEAR_SPAN = (0.1, 0.93), 0.04, 0.08
_LIKELY_DRAWN, _SEVERAL, _UNBROKEN = 0.5, 3, 0.97
_SURE_DRAWN, _ALONE_DRAWN, _ALONE_CROSSED = 0.8, 0.88, 0.06
_SHARES = (0.0, 0.15, 0.4, 0.7, 0.85, 0.95)
# Odds of a stretch by the share that is drawn, on a clean print and on a worn one.
_CLEAN, _WORN = (-6.0, -5.0, -4.0, -2.0, 2.0, 6.0), (-2.8, -0.5, 1.5, 3.0, 4.5, 6.0)
_CROSSED, _FLANKED = 0.06, 0.12
_ALONG, _ALONG_WORN, _BESIDE, _FRAME = 1.0, 0.5, 0.6, 2.0
_FRAME_IN = 0.03
WORN_REGION = 0.5
_FLOATING, _EVEN = -1.0, 2.5
_LEFT, _STROKE_IN = 0.35, 0.2
_OPEN_IN = 0.3
_PARTED, _ONE_RUN, _SHOWN, _STRAY = 5.0, 3.0, 0.3, 0.2
_CLEAR_IN, _APART_IN, _FAR_IN, _CENTRED, _INSET_IN, _PRINT = 0.04, 0.1, 0.25, 0.5, 0.02, 90
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Lane:
    """A line of a ruled region, drawn in one or more pieces.

    Attributes:
        pieces: from its start on; each has its own place, since no scan is quite straight.
        course: where it runs.
        at: its place, long pieces counting more.
        start: where its first piece begins; `end`: where its last one ends.
        is_short: none of its pieces is long.
    """

    pieces: tuple[PixelRule, ...]
    course: Course
    at: float
    start: float
    end: float
    is_short: bool

    def place(self, along: float) -> float:
        """Returns where the line lies at a coordinate along it."""
        return float(self.course.at(along))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A lane between two neighbouring crossings.

    Attributes:
        left: coordinate of the first crossing; `right` of the second.
        evidence: what its pixels say.
        parts_print: print stands on both sides of it, up to the next lanes, and nearer to their middles than to it.
        runs_across: print stands close by on both sides, as the letters of one run do.
    """

    left: float
    right: float
    evidence: Evidence
    parts_print: bool = False
    runs_across: bool = False


@dataclass(frozen=True, slots=True)
class SeenLane:
    """A lane, the strip of pixels along it, and its stretches."""

    lane: Lane
    strip: Strip
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class JudgedLane(SeenLane):
    """A lane of which is known which stretches are drawn."""

    drawn: tuple[bool, ...]


def join_pieces(pieces: Sequence[PixelRule], dpi: float, gap_in: float = _GAP_IN) -> list[tuple[PixelRule, ...]]:
    """Groups pieces on one line with gaps between them that wear may have made.

    Args:
        pieces: of one direction.
        dpi: pixels an inch.
        gap_in: longest gap in inches.
    """
    near, gap = _STRAIGHT_IN * dpi, gap_in * dpi
    chains: list[list[PixelRule]] = []
    open_: list[list[PixelRule]] = []
    for piece in sorted(pieces, key=lambda p: (p.start, p.at)):
        open_ = [c for c in open_ if piece.start - c[-1].end <= gap]
        fits = [c for c in open_ if abs(c[-1].at - piece.at) <= near and piece.start - c[-1].end > -near]
        if fits:
            min(fits, key=lambda c: abs(c[-1].at - piece.at)).append(piece)
        else:
            chains.append([piece])
            open_.append(chains[-1])
    return [tuple(c) for c in chains]


def as_one(chain: Sequence[PixelRule]) -> PixelRule:
    """Returns a joined line as one ruling; its strength is the share that its pieces cover."""
    start, end = chain[0].start, max(p.end for p in chain)
    drawn = sum(p.length * p.strength for p in chain) / max(1e-6, end - start)
    return PixelRule(_weighted(chain), start, end, max(p.thickness for p in chain), min(1.0, drawn))


def is_line(rule: PixelRule, chain: Sequence[PixelRule], dpi: float) -> bool:
    """True for a joined line that is long, mostly drawn, and in pieces that are longer than strokes of print."""
    long_pieces = rule.length / len(chain) >= _PIECE_IN * dpi
    return rule.length >= _LONG_IN * dpi and rule.strength >= _JOINED_DRAWN and long_pieces


def to_lanes(pieces: Sequence[PixelRule], dpi: float) -> list[Lane]:
    """Groups pieces that lie on one line, double lines too."""
    near, widest = _SAME_LANE_IN * dpi, _WIDEST_LANE_IN * dpi
    chains = sorted((as_one(c), c) for c in join_pieces(pieces, dpi))
    is_long = [is_line(rule, c, dpi) for rule, c in chains]
    groups: list[list[PixelRule]] = []
    # Long lines make the lanes; short ones join the nearest.
    for (rule, chain), wanted in zip(chains, is_long, strict=True):
        if not wanted:
            continue
        if groups and rule.at - _weighted(groups[-1]) <= near and rule.at - groups[-1][0].at <= widest:
            groups[-1] += chain
        else:
            groups.append([*chain])
    rest: list[list[PixelRule]] = []
    for (rule, chain), unwanted in zip(chains, is_long, strict=True):
        if unwanted:
            continue
        host = min(groups, key=lambda g: abs(_weighted(g) - rule.at), default=None)
        if host is not None and abs(_weighted(host) - rule.at) <= near:
            host += chain
        elif rest and rule.at - _weighted(rest[-1]) <= near and rule.at - min(p.at for p in rest[-1]) <= widest:
            rest[-1] += chain
        else:
            rest.append([*chain])
    lanes = [_lane(g, False) for g in groups]
    lanes += [lane for lane in (_lane(g, True) for g in rest) if not _is_squeezed(lane, lanes, dpi)]
    return sorted(lanes, key=lambda lane: lane.at)


def _is_squeezed(lane: Lane, others: Sequence[Lane], dpi: float) -> bool:
    """True for a short line so close beside a long one that no print fits between them."""
    least = _LEAST_ROW_IN * dpi
    return any(abs(o.at - lane.at) < least and o.start < lane.end and lane.start < o.end for o in others)


def _weighted(group: Sequence[PixelRule]) -> float:
    return sum(p.at * p.length for p in group) / max(1e-6, sum(p.length for p in group))


def _lane(group: Sequence[PixelRule], is_short: bool) -> Lane:
    ordered = tuple(sorted(group, key=lambda p: p.start))
    return Lane(ordered, to_course(ordered), _weighted(group), ordered[0].start, max(p.end for p in ordered), is_short)


def look_at(
    ink: Gray, lanes: Sequence[Lane], across: Sequence[Lane], dpi: float, is_upright: bool = False, is_worn: bool = False
) -> list[SeenLane]:
    """Cuts lanes at their crossings and looks at each stretch; those that are nowhere a line beyond doubt are dropped.

    Args:
        ink: 0 is paper, 255 black; the lanes run along its rows.
        lanes: of one direction.
        across: of the other one.
        dpi: pixels an inch.
        is_upright: the page is turned: the lanes part columns.
        is_worn: lines may go on to the next line across, beyond where they were found, and figures of columns tell of one
            that is lost.
    """
    if is_worn:
        across = [_up_to_next(other, lanes, dpi) for other in across]
    found = []
    for lane, places in zip(lanes, _places(lanes, across, dpi, is_worn), strict=True):
        if len(places) < 2:
            continue
        ends = places[0] - _REACH_IN * dpi, places[-1] + _REACH_IN * dpi
        strip = cut_strip(ink, lane.course, lane.pieces, *ends, dpi)
        spans = list(pairwise(places))
        dotted = are_dotted(strip, spans, dpi)
        stretches = tuple(
            Stretch(a, b, WHOLE if sure or is_doubled(lane.pieces, a, b, dpi) else weigh(strip, a, b, dpi))
            for (a, b), sure in zip(spans, dotted, strict=True)
        )
        if _is_sound(lane, stretches) or _may_be_worn(lane, stretches, dpi):
            found.append(SeenLane(lane, strip, stretches))
    if not (found and is_worn and is_upright):
        return found
    ends = min(a.start for a in across), max(a.end for a in across)
    return [_with_print(ink, found, k, ends, dpi) for k in range(len(found))]


def _with_print(ink: Gray, lanes: Sequence[SeenLane], k: int, ends: tuple[float, float], dpi: float) -> SeenLane:
    """Returns the k-th lane with what the print of the columns on both sides of each stretch tells of it."""
    seen, stretches = lanes[k], []
    for stretch in seen.stretches:
        middle = (stretch.left + stretch.right) / 2
        before = next((m.lane.at for m in reversed(lanes[:k]) if _shows_at(m, middle)), ends[0])
        after = next((m.lane.at for m in lanes[k + 1 :] if _shows_at(m, middle)), ends[1])
        others = [m.lane.place(middle) for m in lanes if before < m.lane.at < after and m is not seen]
        stretches.append(_beside_print(ink, seen.lane, (before, after), others, stretch, dpi))
    return replace(seen, stretches=tuple(stretches))


def _shows_at(seen: SeenLane, along: float) -> bool:
    """True where some of a lane is left beside a place."""
    return any(s.left <= along < s.right and s.evidence.drawn >= _SHOWN for s in seen.stretches)


def without_strays(lanes: Sequence[JudgedLane], across: Sequence[JudgedLane], dpi: float) -> list[JudgedLane]:
    """Drops what a stroke of a pen adds to a frame: a short outermost line, and the one line that runs out beyond the frame.

    Args:
        lanes: of one direction, in order of their places.
        across: those of the other.
        dpi: pixels an inch.
    """
    kept = list(lanes)
    longest = max((_drawn_length(j) for j in kept), default=0.0)
    while len(kept) > 2 and _is_stray(kept[0], longest):
        del kept[0]
    while len(kept) > 2 and _is_stray(kept[-1], longest):
        del kept[-1]
    if not across:
        return kept
    low, high = min(a.lane.at for a in across), max(a.lane.at for a in across)
    reach = _REACH_IN * dpi / 2
    out_low = [k for k, j in enumerate(kept) if j.drawn[0] and j.stretches[0].left < low - reach]
    out_high = [k for k, j in enumerate(kept) if j.drawn[-1] and j.stretches[-1].right > high + reach]
    ends = min(a.lane.start for a in across), max(a.lane.end for a in across)
    if len(out_low) == 1 and kept[out_low[0]].stretches[0].right <= low + reach:
        k = out_low[0]
        if not _parts_open_row(kept[k], 0, ends, dpi):
            kept[k] = replace(kept[k], drawn=(False, *kept[k].drawn[1:]))
    if len(out_high) == 1 and kept[out_high[0]].stretches[-1].left >= high - reach:
        k = out_high[0]
        if not _parts_open_row(kept[k], -1, ends, dpi):
            kept[k] = replace(kept[k], drawn=(*kept[k].drawn[:-1], False))
    return [j for j in kept if any(j.drawn)]


def _parts_open_row(judged: JudgedLane, k: int, ends: tuple[float, float], dpi: float) -> bool:
    """True where what runs out beyond the last line is whole and stands well inside: it parts a row that no line closes."""
    inside = min(judged.lane.at - ends[0], ends[1] - judged.lane.at) >= _OPEN_IN * dpi
    evidence = judged.stretches[k].evidence
    return inside and evidence.drawn >= _UNBROKEN and not evidence.crossed and evidence.flanked <= _FLANKED


def _drawn_length(judged: JudgedLane) -> float:
    pairs = zip(judged.stretches, judged.drawn, strict=True)
    return sum(s.right - s.left for s, is_drawn in pairs if is_drawn)


def _is_stray(judged: JudgedLane, longest: float) -> bool:
    return judged.lane.is_short and _drawn_length(judged) < _STRAY * longest


def _beside_print(
    ink: Gray, lane: Lane, room: tuple[float, float], others: Sequence[float], stretch: Stretch, dpi: float
) -> Stretch:
    """Returns a stretch with what the print of both neighbouring columns tells of it.

    Figures of two columns stand nearer to their middles than to the line between them; the letters of one run stand close to
    both sides of a line that would part it.
    """
    inset = round(_INSET_IN * dpi)
    first, last = round(stretch.left) + inset, round(stretch.right) - inset
    at = round(lane.place((first + last) / 2))
    low, high = max(0, round(room[0]) + inset), round(room[1]) - inset
    if min(at - inset - low, high - at - inset, last - first) <= 0:
        return stretch
    print_rows = _print_rows(ink[low:high, first:last]) + low
    # The rest of another line is no print.
    print_rows = print_rows[[all(abs(row - other) > inset for other in others) for row in print_rows]]
    before, after = print_rows[print_rows < at - inset], print_rows[print_rows >= at + inset]
    if min(len(before), len(after)) < 2:
        return stretch
    gap = at - inset - 1 - before[-1], after[0] - at - inset
    beyond = before[0] - low, high - 1 - after[-1]
    is_free = not stretch.evidence.crossed and stretch.evidence.flanked <= _FLANKED / 2
    clear = is_free and min(gap) >= _CLEAR_IN * dpi and sum(gap) >= _APART_IN * dpi
    parts = clear and all(g >= min(_CENTRED * b, _FAR_IN * dpi) for g, b in zip(gap, beyond, strict=True))
    # Within a run the letters stand about evenly; figures of two narrow columns stand further apart than their own figures.
    within = max(int(np.diff(before).max()), int(np.diff(after).max())) - 1
    across = sum(gap) < _APART_IN * dpi and sum(gap) + 2 * inset <= _EVEN * within
    return replace(stretch, parts_print=parts, runs_across=across)


def _print_rows(ink: Gray) -> npt.NDArray[np.int_]:
    """Returns the rows with print."""
    return np.flatnonzero((ink > _PRINT).any(axis=1))


def _may_be_worn(lane: Lane, stretches: Sequence[Stretch], dpi: float) -> bool:
    """True for a line of which much is left where print is not: one of a worn print, if its region is worn."""
    seen = [s for s in stretches if lane.start < s.right and lane.end > s.left]
    clear = [s for s in seen if s.evidence.crossed < _CROSSED and s.evidence.flanked < _FLANKED]
    left = [(s.evidence, s.evidence.drawn * (s.right - s.left)) for s in clear]
    is_line = any(e.ends or length > _STROKE_IN * dpi for e, length in left)
    return is_line and sum(length for _, length in left) >= _LEFT * sum(s.right - s.left for s in clear)


def judge(lanes: Sequence[SeenLane], across: Sequence[SeenLane], wear: float, dpi: float) -> list[JudgedLane]:
    """Tells which stretches of all lanes of one direction of a region are drawn; lanes without any are dropped.

    Args:
        lanes: in order of their places.
        across: those of the other direction.
        wear: of the region, see `wear_of`.
        dpi: pixels an inch.
    """
    # Weak ones are lines only where lines are worn.
    lanes = [s for s in lanes if wear >= WORN_REGION or _is_sound(s.lane, s.stretches)]
    ends = (min(a.lane.start for a in across), max(a.lane.end for a in across)) if across else (0.0, 0.0)
    states = _settled([s.stretches for s in lanes], _all_odds(lanes, ends, wear, _FRAME_IN * dpi), _ALONG + _ALONG_WORN * wear)
    pairs = zip(lanes, states, strict=True)
    return [JudgedLane(s.lane, s.strip, s.stretches, state) for s, state in pairs if any(state)]


def _places(lanes: Sequence[Lane], across: Sequence[Lane], dpi: float, is_worn: bool) -> list[list[float]]:
    """Returns for each lane where others cross it or come near to it, and its ends beyond them.

    Lines of a worn print end alike: where they end on a frame that is lost, each has lost another part of its end.
    """
    reach = _REACH_IN * dpi
    found = [_crossings(lane, across, dpi) for lane in lanes]
    out = [(lane, places) for lane, places in zip(lanes, found, strict=True) if places]
    starts = [lane.start for lane, places in out if lane.start < places[0] - reach]
    ends = [lane.end for lane, places in out if lane.end > places[-1] + reach]
    gap = _GAP_IN * dpi
    first = min((p for p in starts if p >= median(starts) - gap), default=0.0)
    last = max((p for p in ends if p <= median(ends) + gap), default=0.0)
    for lane, places in out:
        if lane.start < places[0] - reach:
            places.insert(0, first if is_worn and first < places[0] - reach else lane.start)
        if lane.end > places[-1] + reach:
            places.append(last if is_worn and last > places[-1] + reach else lane.end)
    return found


def _crossings(lane: Lane, across: Sequence[Lane], dpi: float) -> list[float]:
    """Returns where other lanes cross a lane or come near to it."""
    reach = _REACH_IN * dpi
    places = sorted(other.place(lane.at) for other in across if other.start - reach <= lane.at <= other.end + reach)
    kept: list[float] = []
    for place in places:
        if not kept or place - kept[-1] > reach / 2:
            kept.append(place)
    return kept


def _up_to_next(lane: Lane, across: Sequence[Lane], dpi: float) -> Lane:
    """Returns a lane that goes on to the next one that crosses it, where it ends between two of them."""
    reach = _REACH_IN * dpi
    places = [a.place(lane.at) for a in across if a.start - reach <= lane.at <= a.end + reach]
    start, end = lane.start, lane.end
    if min((abs(p - start) for p in places), default=0.0) > reach:
        start = max((p for p in places if p < start), default=start)
    if min((abs(p - end) for p in places), default=0.0) > reach:
        end = min((p for p in places if p > end), default=end)
    return replace(lane, start=start, end=end)


def _is_sound(lane: Lane, stretches: Sequence[Stretch]) -> bool:
    """True where at least one stretch is a line beyond doubt, or several are mostly drawn.

    Strokes of print do not reach from line to line.
    """
    if lane.is_short:
        return any(_stands_alone(s.evidence) for s in stretches)
    likely = sum(s.evidence.drawn >= _LIKELY_DRAWN and s.evidence.ends >= 1 for s in stretches)
    return likely >= _SEVERAL or any(s.evidence.drawn >= _SURE_DRAWN and s.evidence.ends >= 1 for s in stretches)


def _stands_alone(evidence: Evidence) -> bool:
    # Letters may stand close to a line on both sides; a line that has gaps as well may be a row of their strokes.
    clear = evidence.crossed <= _ALONE_CROSSED and (evidence.flanked <= _FLANKED or evidence.drawn >= _UNBROKEN)
    return evidence.drawn >= _ALONE_DRAWN and evidence.ends == 2 and clear


def wear_of(lanes: Sequence[SeenLane]) -> float:
    """How worn the lines of a region are, 0 to 1: by the share of stretches of long lines that are drawn in part."""
    seen = [s.evidence for lane in lanes if not lane.lane.is_short for s in lane.stretches]
    shares = [e.drawn for e in seen if e.drawn >= _PARTLY[0] and e.crossed < _CROSSED and e.flanked < _FLANKED]
    # One of them may be a stroke of print.
    partly = (sum(share < _PARTLY[1] for share in shares) - 1) / max(1, len(shares))
    return float(np.clip((partly - _WEAR_LOW) / _WEAR_SPAN, 0.0, 1.0))


def _all_odds(lanes: Sequence[SeenLane], ends: tuple[float, float], wear: float, near: float) -> list[list[float]]:
    """Returns for each stretch how much its own pixels speak for a line, as a logarithm of odds.

    Lanes where the lines across end are the frame of the region, which goes all the way where it is there at all.
    """
    found = []
    for x in lanes:
        odds = [_odd(s.evidence, wear) + wear * _told_by_print(s) for s in x.stretches]
        if x.lane.is_short:
            clean = _short_odds([s.evidence for s in x.stretches])
            odds = [(1 - wear) * c + wear * o for c, o in zip(clean, odds, strict=True)]
        if min(abs(x.lane.at - end) for end in ends) <= near:
            odds = [o + _FRAME * wear for o in odds]
        found.append(odds)
    return found


def _told_by_print(stretch: Stretch) -> float:
    """Odds by the print beside a stretch, where lines are worn."""
    if stretch.evidence.stroke == "figure":
        return -_ONE_RUN
    if stretch.parts_print:
        return _PARTED
    is_weak = stretch.evidence.drawn < _LIKELY_DRAWN or not stretch.evidence.ends
    return -_ONE_RUN if stretch.runs_across and is_weak else 0.0


def _short_odds(evidence: Sequence[Evidence]) -> list[float]:
    """Odds of the stretches of a short line of a clean print.

    Where one of them is a line beyond doubt, the others may have letters close by. One alone must have no gap: the upright
    stroke of a letter reaches nearly from line to line of a low row.
    """
    alone = [_stands_alone(e) for e in evidence]
    whole = [e.drawn >= _ALONE_DRAWN and e.ends == 2 for e in evidence]
    single = sum(whole) == 1
    drawn = [(w if any(alone) else a) and not (single and e.drawn < _UNBROKEN)
             for a, w, e in zip(alone, whole, evidence, strict=True)]  # fmt: skip
    return [6.0 if d else -6.0 for d in drawn]


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
    return score


def _settled(lanes: Sequence[Sequence[Stretch]], odds: Sequence[Sequence[float]], along: float) -> list[tuple[bool, ...]]:
    """Labels the stretches: each lane as a whole, with its neighbours to both sides as they were labelled before."""
    beside = _neighbours(lanes)
    state = [_best_chain(lane, along) for lane in odds]
    for _ in range(_ROUNDS):
        before = list(state)
        for k, lane in enumerate(odds):
            votes = [_BESIDE * sum(1.0 if before[m][j] else -1.0 for m, j in beside[k, i]) for i in range(len(lane))]
            state[k] = _best_chain([o + v for o, v in zip(lane, votes, strict=True)], along)
        if state == before:
            break
    return state


def _best_chain(odds: Sequence[float], along: float) -> tuple[bool, ...]:
    """Returns the most likely labels of a chain whose neighbours tend to be alike (Viterbi)."""
    score = (-odds[0], odds[0])
    back: list[tuple[int, int]] = []
    for own in odds[1:]:
        came = tuple(0 if score[0] + (along if k == 0 else -along) >= score[1] + (along if k == 1 else -along) else 1
                     for k in (0, 1))  # fmt: skip
        back.append((came[0], came[1]))
        score = (
            score[came[0]] + (along if came[0] == 0 else -along) - own,
            score[came[1]] + (along if came[1] == 1 else -along) + own,
        )
    k = 0 if score[0] >= score[1] else 1
    labels = [k]
    for pair in reversed(back):
        k = pair[k]
        labels.append(k)
    return tuple(label == 1 for label in reversed(labels))


def _neighbours(lanes: Sequence[Sequence[Stretch]]) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Returns for each stretch those of the next lanes to either side that lie beside it."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for k, lane in enumerate(lanes):
        for i, stretch in enumerate(lane):
            middle = (stretch.left + stretch.right) / 2
            near = [m for m in (k - 1, k + 1) if 0 <= m < len(lanes)]
            found[k, i] = [(m, j) for m in near for j, s in enumerate(lanes[m]) if s.left <= middle < s.right]
    return found
