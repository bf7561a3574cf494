"""The heads of a table without rulings → its columns: each head has a column, also where that is blank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median_high

from pipeline.grid.lanes import Lane
from pipeline.grid.segments import Segment, SegmentLine

_ROOM = 1.6
_TOUCH_SHARE = 0.15
_OFFSET_EM = 0.25


def with_headed_lanes(lines: Sequence[SegmentLine], lanes: list[Lane], turned: Sequence[Segment]) -> list[Lane]:
    """Gives heads that stand beside all columns to a column next to them, or a column of their own.

    A head need not stand over its figures (centred above, figures to the right). So the lowest texts of the head that
    stand beside all columns go, in order and to the nearest, to columns without a head; what finds none is new.

    Args:
        lines: from top to bottom.
        lanes: the columns that figures and labels show.
        turned: heads of columns that are turned by 90 degrees.
    """
    head = _lowest_of_head(lines, turned)
    ordered = _in_order(head, lanes)
    if ordered is not None:
        return ordered
    lanes = _at_one_offset(head, lanes, lines[0].em)
    taken = {k for s in head for k, lane in enumerate(lanes) if lane.shares(s) > 0}
    beside = [s for s in head if all(lane.shares(s) <= 0 for lane in lanes)]
    if not beside:
        return lanes
    found = list(lanes)
    # A column right of all labels is one of figures, also where it is blank.
    figures = min((lane.x0 for lane in lanes if lane.figures), default=float("inf"))
    labels = max((lane.x1 for lane in lanes if not lane.figures), default=figures)
    for segment, k in _match(beside, lanes, taken, lines[0].em):
        if k is None:
            found.append(Lane(segment.x0, segment.x1, segment.x0 > min(labels, figures)))
        else:
            lane = found[k]
            found[k] = Lane(min(lane.x0, segment.x0), max(lane.x1, segment.x1), lane.figures)
    return sorted(found, key=lambda lane: lane.x0)


def _in_order(head: Sequence[Segment], lanes: Sequence[Lane]) -> list[Lane] | None:
    """Gives each column its head by order, where by place some column of figures would have none.

    That needs as many heads as there are columns of figures, and one more at most, which is that of the labels.

    Returns:
        The columns with their heads, or None.
    """
    first = next((k for k, lane in enumerate(lanes) if lane.figures), len(lanes))
    bare = any(lane.figures and not any(_stands_over(s, lane) for s in head) for lane in lanes)
    n_labels = len(head) - (len(lanes) - first)
    if not bare or n_labels not in (0, 1) or n_labels > first:
        return None
    if n_labels == 0 and first and head[0].x0 < lanes[first - 1].x1:
        return None
    heads: list[Segment | None] = [None] * (first - n_labels)
    return [replace(lane, head=s) for lane, s in zip(lanes, [*heads, *head], strict=True)]


def _at_one_offset(heads: Sequence[Segment], lanes: list[Lane], em: float) -> list[Lane]:
    """Gives each column of figures its head, where all columns stand at one distance beside a head of their own.

    Figures set to the right under centred heads are all shifted alike, and by less than half a column; so it shows which
    of the heads have no figures. Needs two columns of figures, heads for all of them, and a single such distance.
    """
    figures = [k for k, lane in enumerate(lanes) if lane.figures]
    mids = sorted(s.mid for s in heads)
    if not 2 <= len(figures) < len(heads):
        return lanes
    reach = 0.5 * median_high([b - a for a, b in pairwise(mids)])
    options: dict[tuple[int, ...], float] = {}
    for share in (1.0, 0.5, 0.0):
        edges = [lanes[k].x0 + share * (lanes[k].x1 - lanes[k].x0) for k in figures]
        for head in heads:
            offset = edges[0] - head.mid
            own = [min(range(len(heads)), key=lambda i: abs(edge - offset - heads[i].mid)) for edge in edges]
            rest = max(abs(edge - offset - heads[i].mid) for i, edge in zip(own, edges, strict=True))
            if abs(offset) < reach and rest <= _OFFSET_EM * em and len(set(own)) == len(own):
                options[tuple(own)] = min(rest, options.get(tuple(own), rest))
    if len(options) != 1:
        return lanes
    found = list(lanes)
    for k, i in zip(figures, next(iter(options)), strict=True):
        lane, head = lanes[k], heads[i]
        x0, x1 = min(lane.x0, head.x0), max(lane.x1, head.x1)
        if all(other is lane or other.x1 <= x0 or other.x0 >= x1 for other in lanes):
            found[k] = Lane(x0, x1, True, lane.head)
    return found


def _stands_over(segment: Segment, lane: Lane) -> bool:
    """True where a head and a column share more than they do by accident where both are shifted."""
    return lane.shares(segment) > _TOUCH_SHARE * min(lane.x1 - lane.x0, segment.x1 - segment.x0)


def _lowest_of_head(lines: Sequence[SegmentLine], turned: Sequence[Segment]) -> list[Segment]:
    """Returns the lowest texts above the first line with figures."""
    return lowest_texts(lines[: next((k for k, line in enumerate(lines) if line.n_values), 0)], turned)


def lowest_texts(head: Sequence[SegmentLine], turned: Sequence[Segment]) -> list[Segment]:
    """Returns the texts of a head that have no other text of it below them, from left to right.

    Lines of one text before the first line of several are captions.
    """
    lowest: list[Segment] = []
    for segment in turned:
        lowest += [segment] if all(min(segment.x1, o.x1) - max(segment.x0, o.x0) <= 0 for o in lowest) else []
    several = next((k for k, line in enumerate(head) if len(line.segments) > 1), len(head))
    for line in reversed(head[several:]):
        lowest += [s for s in line.segments if all(min(s.x1, o.x1) - max(s.x0, o.x0) <= 0 for o in lowest)]
    ordered = sorted(lowest, key=lambda s: s.x0)
    return [s for k, s in enumerate(ordered) if not _names_both_sides(ordered, k)]


def _names_both_sides(heads: Sequence[Segment], k: int) -> bool:
    """True for a text above both of its neighbours, which leave no room for a column between them."""
    if not 0 < k < len(heads) - 1 or len(heads) < 4:
        return False
    left, own, right = heads[k - 1 : k + 2]
    if min(left.top, right.top) < own.bottom - 1:
        return False
    mids = [s.mid for s in heads if s is not own]
    return right.mid - left.mid < _ROOM * median_high([b - a for a, b in pairwise(mids)])


def _match(segments: Sequence[Segment], lanes: Sequence[Lane], taken: set[int], em: float) -> list[tuple[Segment, int | None]]:
    """Matches segments with free columns: in order, none past a taken one, least total distance (new column: 8 em)."""
    best: dict[int, tuple[float, list[int | None]]] = {-1: (0.0, [])}
    for segment in segments:
        low = max([k for k in taken if lanes[k].x1 <= segment.x0 + 1], default=-1)
        high = min([k for k in taken if lanes[k].x0 >= segment.x1 - 1], default=len(lanes))
        after: dict[int, tuple[float, list[int | None]]] = {}
        for last, (cost, choice) in best.items():
            options: list[tuple[int | None, float]] = [(None, 8 * em)]
            options += [
                (k, max(lanes[k].x0 - segment.x1, segment.x0 - lanes[k].x1, 0.0))
                for k in range(max(low, last) + 1, high)
                if k not in taken
            ]
            for k, step in options:
                key = last if k is None else k
                if key not in after or cost + step < after[key][0]:
                    after[key] = (cost + step, [*choice, k])
        best = after
    return list(zip(segments, min(best.values(), key=lambda b: b[0])[1], strict=True)) if segments else []
