"""Lines of segments → columns: strips that stay blank through the lines that matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.grid.segments import Segment, SegmentLine, is_bare_marker

_STRAY_SHARE = 0.04
_MANY_LINES = 4
_GAP_EM, _GAP_FEW_EM = 0.45, 0.9
_SUPPORT_SHARE = 0.06
_TEXT_GAP_EM = 0.4
_CROSSING_SHARE = 0.5
_ROOM = 1.6
_ITEM_GAP_EM = 1.2
_TOUCH_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Lane:
    """A column: the text in it runs from `x0` to `x1`.

    Attributes:
        figures: true where it holds numbers, or stands empty among columns that do.
        head: its head, where that is known by order and not by place.
    """

    x0: float
    x1: float
    figures: bool
    head: Segment | None = None

    def shares(self, segment: Segment) -> float:
        """Returns the width that a segment shares with the column, in points."""
        return min(self.x1, segment.x1) - max(self.x0, segment.x0)


def lines_to_lanes(
    lines: Sequence[SegmentLine], cuts: Sequence[float] = (), turned: Sequence[Segment] = ()
) -> list[Lane]:
    """Finds the columns of a run of lines.

    1. Strips blank through all lines that carry numbers (else: through those with several segments) part columns.
    2. A column in which some lines have several segments is cut again where those agree; in the others the text
       spans both parts (labels with groups to their left).
    3. Labels of groups that stand in no line with figures are a column where they lie beside all others.
    4. A segment outside all columns (the head of a column without values) is a column of its own.

    Args:
        lines: from top to bottom.
        cuts: places where several rules begin or end; they part columns where texts keep to both sides.
        turned: heads of columns that are turned by 90 degrees.
    """
    core = core_lines(lines)
    em = _median([line.em for line in core])
    spans = _blank_strips([[(w.bbox.x0, w.bbox.x1) for s in line.segments for w in s.words] for line in core], em)
    spans = _with_wide_labels(lines, core, spans, em)
    refined: list[tuple[float, float]] = []
    for x0, x1 in spans:
        refined += _cut_again(lines, x0, x1, em, cuts)
    lanes = [Lane(x0, x1, _holds_figures(core, x0, x1)) for x0, x1 in refined]
    return _with_outlying_lanes(lines, _with_headed_lanes(lines, lanes, turned))


def core_lines(lines: Sequence[SegmentLine]) -> list[SegmentLine]:
    """Returns the lines that tell the columns: those with numbers, else those with the most segments."""
    most = max(line.n_values for line in lines)
    if most:
        core = [line for line in lines if line.n_values >= (2 if most > 2 else 1) and len(line.segments) > 1]
        if core:
            return core
    widest = max(len(line.segments) for line in lines)
    return [line for line in lines if len(line.segments) >= max(2, 0.6 * widest)] or list(lines)


def _with_wide_labels(
    lines: Sequence[SegmentLine], core: Sequence[SegmentLine], spans: list[tuple[float, float]], em: float
) -> list[tuple[float, float]]:
    """Widens the column of labels by the labels of rows that hold few figures or none, and so tell no columns."""
    first = next((k for k, span in enumerate(spans) if _holds_figures(core, *span)), 0)
    if not first:
        return spans
    x0, x1 = spans[first - 1]
    left, right = spans[first - 2][1] if first > 1 else float("-inf"), spans[first][0] - _GAP_EM * em
    body = lines[next(k for k, line in enumerate(lines) if line is core[0]) :]
    texts = [s for line in body for s in line.segments if left < s.x0 < x1 and x0 < s.x1 <= right]
    wide = min([x0, *(s.x0 for s in texts)]), max([x1, *(s.x1 for s in texts)])
    return [*spans[: first - 1], wide, *spans[first:]]


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _blank_strips(rows: Sequence[Sequence[tuple[float, float]]], em: float) -> list[tuple[float, float]]:
    """Returns the stretches of x that text covers, parted by strips blank in (nearly) all rows."""
    stray = int(_STRAY_SHARE * len(rows))
    least = (_GAP_EM if len(rows) >= _MANY_LINES else _GAP_FEW_EM) * em
    steps = sorted((x, delta) for row in rows for a, b in row for x, delta in ((a, 1), (b, -1)))
    spans: list[list[float]] = []
    depth = 0
    for x, delta in steps:
        before, depth = depth, depth + delta
        if before <= stray < depth:
            if spans and x - spans[-1][1] < least:
                continue
            spans.append([x, x])
        elif depth <= stray < before:
            spans[-1][1] = max(spans[-1][1], x)
    return [(a, b) for a, b in spans if b > a]


def _cut_again(
    lines: Sequence[SegmentLine], x0: float, x1: float, em: float, cuts: Sequence[float]
) -> list[tuple[float, float]]:
    """Cuts one column where the lines that have several texts in it agree on a strip, or on a left edge."""
    rows = [_texts_inside(line, x0, x1, em) for line in lines]
    several = [row for row in rows if len(row) > 1]
    parts = [(x0, x1)]
    if len(several) >= max(2, _SUPPORT_SHARE * len(lines)):
        parts = _blank_strips(several, em * _TEXT_GAP_EM / _GAP_EM)
        if len(parts) > 1:
            parts[0], parts[-1] = (x0, parts[0][1]), (parts[-1][0], x1)
    parts = [piece for part in parts for piece in _cut_at_places(rows, *part, cuts)]
    words = [part for part in parts if not _holds_figures(lines, *part)]
    parts = [piece for part in parts for piece in (_cut_at_left_edges(rows, *part, em) if part in words else [part])]
    words = [part for part in parts if not _holds_figures(lines, *part)]
    body = [t for line, row in zip(lines, rows, strict=True) if line.n_values or len(line.segments) == 1 for t in row]
    return [piece for part in parts for piece in (_cut_between_texts(body, *part, em) if part in words else [part])]


def _cut_at_places(
    rows: Sequence[Sequence[tuple[float, float]]], x0: float, x1: float, cuts: Sequence[float]
) -> list[tuple[float, float]]:
    """Cuts a column at the given places that have two texts or more on either side within the column."""
    texts = [t for row in rows for t in row if t[0] >= x0 - 1 and t[1] <= x1 + 1]
    for place in sorted(c for c in cuts if x0 < c < x1):
        before = [t for t in texts if t[1] <= place + 1]
        after = [t for t in texts if t[0] >= place - 1]
        if len(before) >= 2 and len(after) >= 2:
            right = _cut_at_places(rows, min(t[0] for t in after), x1, [c for c in cuts if c > place])
            return [(x0, max(t[1] for t in before)), *right]
    return [(x0, x1)]


def _cut_at_left_edges(
    rows: Sequence[Sequence[tuple[float, float]]], x0: float, x1: float, em: float
) -> list[tuple[float, float]]:
    """Cuts a column at the left edge that most of its texts share, where others end before it and few cross it."""
    texts = sorted(t for row in rows for t in row if t[0] >= x0 - 1 and t[1] <= x1 + 1)
    for edge in sorted({t[0] for t in texts if t[0] > x0 + em}, reverse=True):
        starting = sum(abs(t[0] - edge) <= 1 for t in texts)
        before = [t for t in texts if t[1] <= edge - 0.3 * em]
        crossing = sum(t[0] < edge - 1 and t[1] > edge - 0.3 * em for t in texts)
        if starting >= 3 and len(before) >= 2 and crossing < starting:
            return [*_cut_at_left_edges(rows, x0, max(t[1] for t in before), em), (edge, x1)]
    return [(x0, x1)]


def _cut_between_texts(
    body: Sequence[tuple[float, float]], x0: float, x1: float, em: float
) -> list[tuple[float, float]]:
    """Cuts a column where two texts or more end before a place and three begin after it, and at most half cross it."""
    texts = [t for t in body if t[0] >= x0 - 1 and t[1] <= x1 + 1]
    best: tuple[int, float, float] | None = None
    for edge in sorted({t[0] for t in texts if t[0] > x0 + em}):
        before = [t for t in texts if t[1] <= edge - 0.3 * em]
        after = [t for t in texts if t[0] >= edge - 0.5]
        crossing = len(texts) - len(before) - len(after)
        if len(before) >= 2 and len(after) >= 3 and crossing <= _CROSSING_SHARE * len(texts):
            option = (-crossing, max(t[1] for t in before), edge)
            best = option if best is None else max(best, option)
    return [(x0, best[1]), (best[2], x1)] if best else [(x0, x1)]


def _texts_inside(line: SegmentLine, x0: float, x1: float, em: float) -> list[tuple[float, float]]:
    """Extents of the texts of a line within a column: words that stand closer than 0.4 em count as one."""
    texts: list[tuple[float, float]] = []
    for segment in line.segments:
        item = False
        for word in segment.words:
            box = word.bbox
            if box.x0 < x0 - em or box.x1 > x1 + em:
                continue
            if texts and box.x0 - texts[-1][1] < (_ITEM_GAP_EM if item else _TEXT_GAP_EM) * em:
                texts[-1] = (texts[-1][0], max(texts[-1][1], box.x1))
            else:
                texts.append((box.x0, box.x1))
            item = is_bare_marker(word.text)
    return texts


def _holds_figures(lines: Sequence[SegmentLine], x0: float, x1: float) -> bool:
    inside = [s for line in lines for s in line.segments if x0 <= s.mid <= x1]
    return sum(s.is_value for s in inside) * 2 > len(inside)


def _with_outlying_lanes(lines: Sequence[SegmentLine], lanes: list[Lane]) -> list[Lane]:
    """Adds columns for texts below the head that lie beside all columns, to the left of the figures."""
    first = next((k for k, line in enumerate(lines) if line.n_values), len(lines))
    figures = min((lane.x0 for lane in lanes if lane.figures), default=0.0)
    beside = [s for line in lines[first:] for s in line.segments if s.x1 < figures and all(n.shares(s) <= 0 for n in lanes)]
    spans: list[list[float]] = []
    for segment in sorted(beside, key=lambda s: s.x0):
        if spans and segment.x0 < spans[-1][1]:
            spans[-1] = [spans[-1][0], max(spans[-1][1], segment.x1)]
        else:
            spans.append([segment.x0, segment.x1])
    return sorted([*lanes, *(Lane(a, b, False) for a, b in spans)], key=lambda lane: lane.x0)


def _with_headed_lanes(lines: Sequence[SegmentLine], lanes: list[Lane], turned: Sequence[Segment]) -> list[Lane]:
    """Gives heads that stand beside all columns to a column next to them, or a column of their own.

    A head need not stand over its figures (centred above, figures to the right). So the lowest texts of the head that
    stand beside all columns go, in order and to the nearest, to columns without a head; what finds none is new.
    """
    head = _lowest_of_head(lines, turned)
    ordered = _in_order(head, lanes)
    if ordered is not None:
        return ordered
    taken = {k for s in head for k, lane in enumerate(lanes) if lane.shares(s) > 0}
    beside = [s for s in head if all(lane.shares(s) <= 0 for lane in lanes)]
    if not beside:
        return lanes
    found = list(lanes)
    figures = min((lane.x0 for lane in lanes if lane.figures), default=float("inf"))
    for segment, k in _match(beside, lanes, taken, lines[0].em):
        if k is None:
            found.append(Lane(segment.x0, segment.x1, segment.x0 > figures))
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


def _stands_over(segment: Segment, lane: Lane) -> bool:
    """True where a head and a column share more than they do by accident where both are shifted."""
    return lane.shares(segment) > _TOUCH_SHARE * min(lane.x1 - lane.x0, segment.x1 - segment.x0)


def _lowest_of_head(lines: Sequence[SegmentLine], turned: Sequence[Segment]) -> list[Segment]:
    """Returns the texts above the first line with figures that have no other text of the head below them.

    Lines of one text before the first line of several are captions.
    """
    first = next((k for k, line in enumerate(lines) if line.n_values), 0)
    lowest: list[Segment] = []
    for segment in turned:
        lowest += [segment] if all(min(segment.x1, o.x1) - max(segment.x0, o.x0) <= 0 for o in lowest) else []
    several = next((k for k, line in enumerate(lines[:first]) if len(line.segments) > 1), first)
    for line in reversed(lines[several:first]):
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
    return right.mid - left.mid < _ROOM * _median([b - a for a, b in pairwise(mids)])


def _match(
    segments: Sequence[Segment], lanes: Sequence[Lane], taken: set[int], em: float
) -> list[tuple[Segment, int | None]]:
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


def lanes_to_boundaries(lanes: Sequence[Lane], left: float, right: float) -> list[float]:
    """Returns the boundaries of the columns: `left`, the middles of the gaps, `right`."""
    inner = [(a.x1 + b.x0) / 2 for a, b in zip(lanes, lanes[1:], strict=False)]
    return [min(left, lanes[0].x0), *inner, max(right, lanes[-1].x1)]
