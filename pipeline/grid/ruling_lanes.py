"""Pieces of lines → the lanes of a ruled region: all that lies on one line, double lines too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.grid.courses import Course, to_course
from pipeline.grid.line_pieces import find_lines, place_of
from pipeline.grid.ridges import PixelRule
from pipeline.grid.ruling_evidence import Evidence
from pipeline.grid.strips import Strip

_SAME_LANE_IN, _DOUBLE_IN, _WIDEST_LANE_IN = 0.03, 0.046, 0.055
_BESIDE = 0.8
_LEAST_ROW_IN, _USUAL_HALF_IN, _BOLD_IN = 0.08, 0.005, 0.02


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
        is_flush: print stands on one side as near to it as figures set flush do in this table, and far from it on the other.
    """

    left: float
    right: float
    evidence: Evidence
    parts_print: bool = False
    runs_across: bool = False
    is_flush: bool = False


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


def to_lanes(pieces: Sequence[PixelRule], dpi: float) -> list[Lane]:
    """Groups pieces that lie on one line, double lines too."""
    near, widest = _SAME_LANE_IN * dpi, _WIDEST_LANE_IN * dpi
    lines = sorted(find_lines(pieces, dpi))
    chains, is_long = [(rule, c) for rule, c, _ in lines], [is_whole for _, _, is_whole in lines]
    groups: list[list[PixelRule]] = []
    # Long lines make the lanes; short ones join the nearest.
    for (rule, chain), wanted in zip(chains, is_long, strict=True):
        if not wanted:
            continue
        group = groups[-1] if groups else []
        reach = near + _bold([*group, *chain], dpi) if group else 0.0
        is_same = bool(group) and (rule.at - place_of(group) <= reach or _are_double(group, rule, dpi))
        if is_same and rule.at - group[0].at <= widest:
            group += chain
        else:
            groups.append([*chain])
    rest: list[list[PixelRule]] = []
    for (rule, chain), unwanted in zip(chains, is_long, strict=True):
        if unwanted:
            continue
        host = min(groups, key=lambda g: abs(place_of(g) - rule.at), default=None)
        if host is not None and abs(place_of(host) - rule.at) <= near:
            host += chain
        elif rest and rule.at - place_of(rest[-1]) <= near and rule.at - min(p.at for p in rest[-1]) <= widest:
            rest[-1] += chain
        else:
            rest.append([*chain])
    lanes = [_lane(g, False) for g in groups]
    lanes += [lane for lane in (_lane(g, True) for g in rest) if not _is_squeezed(lane, lanes, dpi)]
    return sorted(lanes, key=lambda lane: lane.at)


def _are_double(group: Sequence[PixelRule], rule: PixelRule, dpi: float) -> bool:
    """True where a line runs beside another so close that no print fits between: apart, each is print close by to the other."""
    beside = sum(max(0.0, min(p.end, rule.end) - max(p.start, rule.start)) for p in group)
    shorter = min(rule.length, sum(p.length for p in group))
    return rule.at - place_of(group) <= _DOUBLE_IN * dpi and beside >= _BESIDE * shorter


def _bold(pieces: Sequence[PixelRule], dpi: float) -> float:
    """Returns how much further from its middle the edge of a bold line lies than that of a usual one; 0 where none is bold."""
    thickest = max(p.thickness for p in pieces)
    return thickest / 2 - _USUAL_HALF_IN * dpi if thickest >= _BOLD_IN * dpi else 0.0


def _is_squeezed(lane: Lane, others: Sequence[Lane], dpi: float) -> bool:
    """True for a short line so close beside a long one that no print fits between them."""
    least = _LEAST_ROW_IN * dpi
    return any(abs(o.at - lane.at) < least and o.start < lane.end and lane.start < o.end for o in others)


def _lane(group: Sequence[PixelRule], is_short: bool) -> Lane:
    ordered = tuple(sorted(group, key=lambda p: p.start))
    return Lane(ordered, to_course(ordered), place_of(group), ordered[0].start, max(p.end for p in ordered), is_short)
