"""Lines of segments → columns: strips that stay blank through the lines that matter."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.grid.blank_heads import BlankHead, find_blank_head
from pipeline.grid.headed_lanes import with_headed_lanes
from pipeline.grid.lanes import Lane
from pipeline.grid.segments import Segment, SegmentLine, is_bare_marker
from pipeline.grid.stray_lanes import without_stray_lanes

_STRAY_SHARE = 0.04
_MANY_LINES = 4
_GAP_EM, _GAP_FEW_EM = 0.45, 0.9
_HEAD_GAP_EM = 0.3
_SUPPORT_SHARE = 0.06
_TEXT_GAP_EM = 0.4
_CROSSING_SHARE = 0.5
_ITEM_GAP_EM = 1.2


def lines_to_lanes(lines: Sequence[SegmentLine], cuts: Sequence[float] = (), turned: Sequence[Segment] = ()) -> list[Lane]:
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
    blank = find_blank_head(lines, turned)
    if blank is not None and blank.n_lines < len(lines):
        return _lanes_of_blank(lines, blank, cuts)
    core = core_lines(lines)
    em = _median([line.em for line in core])
    if any(line.n_values for line in core):
        spans = _blank_strips([[(w.bbox.x0, w.bbox.x1) for s in line.segments for w in s.words] for line in core], em)
    else:
        spans = _blank_strips([[(s.x0, s.x1) for s in line.segments] for line in core], em * _HEAD_GAP_EM / _GAP_EM)
    spans = _with_wide_labels(lines, core, spans, em)
    refined: list[tuple[float, float]] = []
    for x0, x1 in spans:
        refined += _cut_again(lines, x0, x1, em, cuts)
    lanes = [Lane(x0, x1, _holds_figures(core, x0, x1)) for x0, x1 in refined]
    headed = without_stray_lanes(lines, with_headed_lanes(lines, lanes, turned))
    return _with_outlying_lanes(lines, headed)


def lanes_of_head(lines: Sequence[SegmentLine]) -> list[Lane]:
    """The columns of a table of which nothing but the head has text."""
    head = find_blank_head(lines)
    return [Lane(s.x0, s.x1, True) for s in head.columns] if head else []


def _lanes_of_blank(lines: Sequence[SegmentLine], head: BlankHead, cuts: Sequence[float]) -> list[Lane]:
    """The columns of a table without a figure: those of its labels, and one below each lowest text of its head."""
    labels = lines[head.n_lines :]
    em = _median([line.em for line in labels])
    x0, x1 = min(line.x0 for line in labels), min(max(line.x1 for line in labels), head.edge)
    spans = _cut_again(labels, x0, x1, em, cuts)
    return [*(Lane(a, b, False) for a, b in spans), *(Lane(s.x0, s.x1, True) for s in head.columns)]


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


def _cut_again(lines: Sequence[SegmentLine], x0: float, x1: float, em: float, cuts: Sequence[float]) -> list[tuple[float, float]]:
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
    first = next((k for k, line in enumerate(lines) if line.n_values), len(lines))
    body = [t for k, line in enumerate(lines) if k >= first or len(line.segments) == 1 for t in rows[k]]
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


def _cut_between_texts(body: Sequence[tuple[float, float]], x0: float, x1: float, em: float) -> list[tuple[float, float]]:
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
