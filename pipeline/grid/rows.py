"""Lines of segments and columns → rows: which lines of wrapped labels belong to which line of figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from pipeline.domain import Word
from pipeline.grid.lanes import Lane
from pipeline.grid.segments import Segment, SegmentLine, starts_item

_MAX_BLOCK = 6
_SKIP_COST, _BLANK_ROW_COST, _MARKER_COST = 3.0, 2.6, 5.0
_FULL_EM, _SHORT_COST = 1.6, 5.0


@dataclass(frozen=True)
class Part:
    """A segment in its place: `first` and `last` are the columns that it lies over."""

    segment: Segment
    first: int
    last: int

    @cached_property
    def top(self) -> float:
        """Upper edge."""
        return self.segment.top

    @cached_property
    def bottom(self) -> float:
        """Lower edge."""
        return self.segment.bottom

    @cached_property
    def em(self) -> float:
        """Height of its lines, which run across it or, where its text is turned, along it."""
        return min(w.bbox.height if w.upright else w.bbox.width for w in self.segment.words)

    @property
    def y(self) -> float:
        """Middle height."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Row:
    """One row of the table: the parts that make it up, over one or several lines."""

    parts: tuple[Part, ...]

    @cached_property
    def top(self) -> float:
        """Upper edge of its text."""
        return min(p.top for p in self.parts)

    @cached_property
    def bottom(self) -> float:
        """Lower edge of its text."""
        return max(p.bottom for p in self.parts)

    @property
    def y(self) -> float:
        """Middle height."""
        return (self.top + self.bottom) / 2


def place_segments(line: SegmentLine, lanes: Sequence[Lane]) -> list[Part]:
    """Says for each segment of a line which columns it lies over; a segment that crosses a gap is cut if it can be."""
    parts = []
    for segment in line.segments:
        own = [] if line.n_values else [k for k, lane in enumerate(lanes) if _goes_with_head(segment, k, lanes)]
        if own:
            parts.append(Part(segment, own[0], own[0]))
            continue
        for piece in _cut_at_gaps(segment, lanes):
            over = [k for k, lane in enumerate(lanes) if lane.shares(piece) > 0.15 * min(piece.x1 - piece.x0, lane.x1 - lane.x0)]
            if not over:
                over = [min(range(len(lanes)), key=lambda k: abs((lanes[k].x0 + lanes[k].x1) / 2 - piece.mid))]
            parts.append(Part(piece, over[0], over[-1]))
    return parts


def _goes_with_head(segment: Segment, k: int, lanes: Sequence[Lane]) -> bool:
    """True for what goes with the head of column `k`; the head of labels is wide, and other columns may lie below it."""
    lane = lanes[k]
    if not _under_head(segment, lane.head):
        return False
    beside = (other.shares(segment) for i, other in enumerate(lanes) if i != k)
    return lane.figures or segment is lane.head or all(width <= 0.5 * (segment.x1 - segment.x0) for width in beside)


def _under_head(segment: Segment, head: Segment | None) -> bool:
    """True for a column's head itself, and for what stands over or under it."""
    if head is None:
        return False
    shared = min(segment.x1, head.x1) - max(segment.x0, head.x0)
    return shared > 0.5 * min(segment.x1 - segment.x0, head.x1 - head.x0) and segment.x1 - segment.x0 < 2 * (head.x1 - head.x0)


def _cut_at_gaps(segment: Segment, lanes: Sequence[Lane]) -> list[Segment]:
    """Cuts a segment between words that lie in different columns: where the right one is a number, or the gap shows."""
    groups: list[list[Word]] = [[segment.words[0]]]
    for left, right in pairwise(segment.words):
        a, b = _home(left.bbox.center[0], lanes), _home(right.bbox.center[0], lanes)
        if a != b and (lanes[b].figures or _stand_apart(left, right, lanes[a], lanes[b])):
            groups.append([])
        groups[-1].append(right)
    return [Segment(tuple(group)) for group in groups] if len(groups) > 1 else [segment]


def _stand_apart(left: Word, right: Word, lane: Lane, following: Lane) -> bool:
    """True where each of two words keeps to its own column, with a visible gap between them."""
    gap = right.bbox.x0 - left.bbox.x1
    return gap > 0.35 * left.bbox.height and left.bbox.x1 <= following.x0 and right.bbox.x0 >= lane.x1


def _home(x: float, lanes: Sequence[Lane]) -> int:
    return min(range(len(lanes)), key=lambda k: max(lanes[k].x0 - x, x - lanes[k].x1, 0.0))


def attach_labels(labels: Sequence[Part], anchors: Sequence[float]) -> tuple[list[list[int]], list[list[int]]]:
    """Groups the lines of a label column into labels and gives each line of figures its own.

    Dynamic programming over both sequences: a label is one to six consecutive lines; its middle (or its first, or its
    last line: whichever mode costs least over the table) should stand at the height of the figures; lines of one label
    stand closer than labels do; an enumeration begins a label.

    Args:
        labels: parts of the label column from top to bottom.
        anchors: heights of the lines of figures, ascending, in points.

    Returns:
        For each anchor the indices of its lines (empty: no label), and the labels that have no figures.
    """
    if not anchors:
        # Every row is blank: nothing but the labels themselves says how many rows there are.
        return [], _solve(labels, anchors, "middle", _join_costs_of_blank_rows(labels))[2]
    joins = _join_costs(labels)
    solutions = [_solve(labels, anchors, mode, joins) for mode in ("middle", "first", "last")]
    _, owned, alone = min(solutions, key=lambda s: s[0])
    return owned, alone


def _solve(
    labels: Sequence[Part], anchors: Sequence[float], mode: str, joins: Sequence[tuple[float, float]]
) -> tuple[float, list[list[int]], list[list[int]]]:
    n, m = len(labels), len(anchors)
    infinity = float("inf")
    best = [[infinity] * (m + 1) for _ in range(n + 1)]
    back: list[list[tuple[int, int]]] = [[(0, 0)] * (m + 1) for _ in range(n + 1)]
    best[0][0] = 0.0
    for k in range(n + 1):
        for i in range(m + 1):
            here = best[k][i]
            if here == infinity:
                continue
            steps = [(k, i + 1, _SKIP_COST)] if i < m else []
            inner = 0.0
            for end in range(k + 1, min(n, k + _MAX_BLOCK) + 1):
                inner += joins[end - 1][0] if end - 1 > k else 0.0
                after = joins[end][1] if end < n else 0.0
                steps.append((end, i, inner + after + _BLANK_ROW_COST))
                if i < m:
                    steps.append((end, i + 1, inner + after + _offset(labels[k:end], anchors[i], mode)))
            for end, anchor, cost in steps:
                if here + cost < best[end][anchor] - 1e-9:
                    best[end][anchor], back[end][anchor] = here + cost, (k, i)
    return _trace(back, best[n][m], n, m)


def _trace(back: list[list[tuple[int, int]]], cost: float, n: int, m: int) -> tuple[float, list[list[int]], list[list[int]]]:
    owned: list[list[int]] = [[] for _ in range(m)]
    alone: list[list[int]] = []
    while n or m:
        k, i = back[n][m]
        block = list(range(k, n))
        if i < m:
            owned[i] = block
        elif block:
            alone.append(block)
        n, m = k, i
    return cost, owned, alone[::-1]


def _join_costs(labels: Sequence[Part]) -> list[tuple[float, float]]:
    """For each line, what it costs to join it with the line above, and to part it from that line."""
    blanks = [b.top - a.bottom for a, b in zip(labels, labels[1:], strict=False)]
    least, most = (min(blanks), max(blanks)) if blanks else (0.0, 0.0)
    costs = [(0.0, 0.0)]
    for (_, low), blank in zip(zip(labels, labels[1:], strict=False), blanks, strict=True):
        em = max(low.bottom - low.top, 1.0)
        loose = 1.5 * max(0.0, (blank - least) / em - 0.1) + 8.0 * max(0.0, blank / em - 0.55)
        join = loose + (_MARKER_COST if starts_item(low.segment.text) else 0.0)
        part = 1.0 if blank <= least + 0.1 * em and most > least + 0.25 * em and not starts_item(low.segment.text) else 0.0
        costs.append((join, part))
    return costs


def _join_costs_of_blank_rows(labels: Sequence[Part]) -> list[tuple[float, float]]:
    """The same where no row has figures: a label goes on in the next line only where its line was full, as far as that shows."""
    costs = _join_costs(labels)
    for k, (above, below) in enumerate(pairwise(labels), start=1):
        # Of two lines that alone are as long, the second is a label of its own: what goes on is seldom full again.
        longest = max((p.segment.x1 for p in labels if p is not above), default=0.0)
        room = _FULL_EM * below.em
        is_full = above.segment.x1 + room >= longest
        others = [p for p in labels if p is not above and p is not below and p.segment.x1 + room >= above.segment.x1]
        if not is_full or (not others and below.segment.x1 + room >= above.segment.x1):
            costs[k] = (costs[k][0] + _SHORT_COST, 0.0)
    return costs


def _offset(block: Sequence[Part], anchor: float, mode: str) -> float:
    em = max(block[0].bottom - block[0].top, 1.0)
    heights = {"middle": (block[0].top + block[-1].bottom) / 2, "first": block[0].y, "last": block[-1].y}
    y = heights[mode]
    return 4.0 * max(0.0, abs(y - anchor) / em - 0.25)
