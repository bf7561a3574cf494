"""The body of a table without rulings: its lines grouped into rows, by figures, labels and the rules there are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from pipeline.domain import BBox
from pipeline.grid.edges import Edge
from pipeline.grid.lanes import Lane
from pipeline.grid.rows import Part, Row, attach_labels
from pipeline.grid.segments import starts_item

_STACK_EM = 2.0


def leaf_lane(placed: Sequence[Sequence[Part]], lanes: Sequence[Lane]) -> int:
    """Returns the column of row labels: words right before a column of figures; of several, the one with most lines."""
    counts = [0] * len(lanes)
    for parts in placed:
        for part in parts:
            counts[part.last] += not part.segment.is_value
    words = [k for k, lane in enumerate(lanes) if not lane.figures]
    beside = [k for k in words if k + 1 < len(lanes) and lanes[k + 1].figures and counts[k]]
    return max(beside or words or [0], key=lambda k: (counts[k], -k))


def rules_to_bands(placed: Sequence[Sequence[Part]], lanes: Sequence[Lane], rules: Sequence[Edge]) -> list[tuple[float, Row]]:
    """Groups the text of the body by the lines that run below its last column; returns upper line and text of each band."""
    last = lanes[-1]
    cuts = sorted({round(r.at, 1) for r in rules if r.start <= (last.x0 + last.x1) / 2 <= r.end})
    bands: dict[float, list[Part]] = {}
    for part in (p for parts in placed for p in parts):
        k = bisect_right(cuts, part.y)
        bands.setdefault(cuts[k - 1] if k else float("-inf"), []).append(part)
    return [(top, Row(tuple(bands[top]))) for top in sorted(bands)]


def find_joins(bands: Sequence[tuple[float, Row]], lanes: Sequence[Lane], rules: Sequence[Edge]) -> list[tuple[int, int]]:
    """Finds the cells above which the line of their band does not run: they go on from the band above.

    A text with an enumeration, or over several columns, begins a cell all the same.
    """
    joins = []
    for r, (top, row) in enumerate(bands[1:], start=1):
        here = [rule for rule in rules if abs(rule.at - top) < 1.0]
        new = [p for p in row.parts if p.last > p.first or starts_item(p.segment.text)]
        for k, lane in enumerate(lanes):
            if any(p.first <= k <= p.last for p in new):
                continue
            if not any(rule.start <= (lane.x0 + lane.x1) / 2 <= rule.end for rule in here):
                joins.append((r, k))
    return joins


def body_rows(placed: Sequence[Sequence[Part]], lanes: Sequence[Lane], leaf: int) -> tuple[list[Row], list[Part], list[str]]:
    """Groups the lines of the body into rows.

    Returns:
        Rows from top to bottom, the parts left over (labels of groups of rows), and doubts.
    """
    anchors = _anchor_lines(placed, lanes)
    if not anchors and not any(lane.figures for lane in lanes):
        return _rows_by_first_column(placed, lanes), [], []
    figures = [[p for parts in lines for p in parts if _is_data(p, lanes, leaf)] for lines in anchors]
    others = sorted((p for parts in placed for p in parts if not _is_data(p, lanes, leaf)), key=lambda p: (p.y, p.first))
    labels = _row_labels(others, figures, leaf)
    ys = [sum(p.y for p in parts) / len(parts) for parts in figures]
    owned, alone = attach_labels(labels, ys)
    used = {id(labels[k]) for block in [*owned, *alone] for k in block}
    rows = [[*parts, *(labels[k] for k in block)] for parts, block in zip(figures, owned, strict=True)]
    rows += [[labels[k] for k in block] for block in alone]
    rest = [p for p in others if id(p) not in used]
    loose = [p for p in rest if p.last < leaf]
    for part in rest:
        if part.last >= leaf:
            min(rows, key=lambda row: abs(_middle(row) - part.y)).append(part)
    unnamed = sum(not block for block in owned)
    doubts = ["a row of figures has no label"] if labels and 2 * unnamed > len(owned) else []
    return sorted((Row(tuple(r)) for r in rows), key=lambda r: r.y), loose, doubts


def _middle(parts: Sequence[Part]) -> float:
    return sum(p.y for p in parts) / len(parts)


def _row_labels(others: Sequence[Part], figures: Sequence[Sequence[Part]], leaf: int) -> list[Part]:
    """Returns the parts that label single rows, one on each height.

    These are the parts over the column of labels, and those to its left that stand alone: on the line of figures that
    have no other label, or a full row away from all other labels and figures, or right below a label that begins over
    their column. The rest label groups of rows.
    """
    parts = _lead_parts([p for p in others if p.first <= leaf <= p.last])
    pitch = min(_pitch([p.y for p in parts], parts), _pitch([_middle(f) for f in figures], parts))
    stacked = _stacked_letters(others)
    # From right to left: of a group's label and a row's on one height, the row's stands nearer to the figures.
    for part in sorted(others, key=lambda p: (-p.first, p.y)):
        if part.last >= leaf or part.segment.is_value or id(part) in stacked:
            continue
        em = part.bottom - part.top
        label = min((abs(p.y - part.y) for p in parts), default=1e9)
        figure = min((abs(_middle(f) - part.y) for f in figures), default=1e9)
        alone = label > 0.8 * pitch and (figure < 0.3 * em or figure > 0.8 * pitch)
        if alone or (label > 0.4 * em and _is_next_line(part, parts)):
            parts.append(part)
    return _lead_parts(sorted(parts, key=lambda p: p.y))


def _is_next_line(part: Part, labels: Sequence[Part]) -> bool:
    """True for a line without an enumeration right below a label that begins over its column."""
    near = any(p.first <= part.first <= p.last and 0 < part.y - p.y < 1.6 * (part.bottom - part.top) for p in labels)
    return near and not starts_item(part.segment.text)


def _stacked_letters(parts: Sequence[Part]) -> set[int]:
    """Identities of the single letters of which three or more stand closely below one another: a label written downwards."""
    letters = sorted((p for p in parts if len(p.segment.text) == 1), key=lambda p: (p.first, p.y))
    stacks: list[list[Part]] = []
    for part in letters:
        last = stacks[-1][-1] if stacks else None
        if last is not None and last.first == part.first and 0 < part.y - last.y < _STACK_EM * part.em:
            stacks[-1].append(part)
        else:
            stacks.append([part])
    return {id(p) for stack in stacks if len(stack) > 2 for p in stack}


def _pitch(heights: Sequence[float], labels: Sequence[Part]) -> float:
    """Distance of rows: the lower quartile of the steps between `heights` that are wider than those within a label."""
    em = labels[0].bottom - labels[0].top if labels else 1.0
    steps = sorted(b - a for a, b in pairwise(sorted(heights)) if b - a > 1.35 * em)
    return steps[len(steps) // 4] if steps else 1e6


def _lead_parts(parts: list[Part]) -> list[Part]:
    """Keeps of several parts on one height only the first: the column of labels has one text a line."""
    kept: list[Part] = []
    for part in parts:
        if not kept or part.y - kept[-1].y > 0.4 * (part.bottom - part.top):
            kept.append(part)
    return kept


def _is_data(part: Part, lanes: Sequence[Lane], leaf: int) -> bool:
    """True for what stands over columns of figures and is not a row label."""
    return not (part.first <= leaf <= part.last) and any(lanes[k].figures for k in range(part.first, part.last + 1))


def _anchor_lines(placed: Sequence[Sequence[Part]], lanes: Sequence[Lane]) -> list[list[Sequence[Part]]]:
    """Returns the lines that carry data; lines of words over columns of figures are joined where they stand closely."""
    leaf = leaf_lane(placed, lanes)
    anchors: list[list[Sequence[Part]]] = []
    previous: Part | None = None
    for parts in placed:
        data = [p for p in parts if _is_data(p, lanes, leaf)]
        if not data:
            continue
        words = not any(p.segment.is_value for p in data)
        near = previous is not None and min(p.top for p in data) - previous.bottom < 0.6 * (data[0].bottom - data[0].top)
        if words and near and previous is not None and not previous.segment.is_value:
            anchors[-1].append(parts)
        else:
            anchors.append([parts])
        previous = data[0]
    return anchors


def _rows_by_first_column(placed: Sequence[Sequence[Part]], lanes: Sequence[Lane]) -> list[Row]:
    """Rows of a table of words: a line without text in the first column goes on with the row above, if it is close."""
    rows: list[list[Part]] = []
    for parts in placed:
        if rows and parts and parts[0].first > 0:
            em = parts[0].bottom - parts[0].top
            if min(p.top for p in parts) - max(p.bottom for p in rows[-1]) < 0.6 * em and len(parts) < len(lanes):
                rows[-1] += parts
                continue
        if parts:
            rows.append(list(parts))
    return [Row(tuple(r)) for r in rows]


def row_boundaries(rows: Sequence[Row], rules: Sequence[Edge], bbox: BBox, head_bottom: float | None) -> list[float]:
    """Returns the boundaries of the rows: the rule between two of them, else the middle of the blank."""
    upper = head_bottom if head_bottom is not None else min(bbox.top, rows[0].top)
    first = _between(upper, rows[0].top, rules) if head_bottom is not None else upper
    bounds = [first]
    for a, b in pairwise(rows):
        bounds.append(max(_between(a.bottom, b.top, rules), bounds[-1] + 0.1))
    return [*bounds, max(bbox.bottom, rows[-1].bottom, bounds[-1] + 0.1)]


def _between(upper: float, lower: float, rules: Sequence[Edge]) -> float:
    low, high = min(upper, lower), max(upper, lower)
    inside = [r.at for r in rules if low - 1 <= r.at <= high + 1]
    return inside[0] if inside else (upper + lower) / 2
