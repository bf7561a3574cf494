"""The head of a table of which every figure is blank: its texts alone show the columns, and how far the labels of rows reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.grid.edges import Edge
from pipeline.grid.headed_lanes import lowest_texts
from pipeline.grid.segments import Segment, SegmentLine, is_note, is_section

_LEVEL_GAP_EM = 2.5
_LINE_GAP_EM = 0.35
_LEAST_COLUMNS = 2
_PEEK = 3
_FIRST_GAP_EM, _LEAST_GAP_EM = 2.5, 0.4
_WIDER = 1.4
_ROW_EM, _ROWS_EM, _NEAR_EM = 0.8, 5.0, 2.5
_WIDE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class BlankHead:
    """The head of a table without a figure.

    Attributes:
        n_lines: number of its lines.
        columns: the lowest texts over columns of figures, from left to right.
        edge: where the first of these columns begins; labels of rows stand to the left of it.
    """

    n_lines: int
    columns: tuple[Segment, ...]
    edge: float


def find_blank_head(lines: Sequence[SegmentLine], turned: Sequence[Segment] = ()) -> BlankHead | None:
    """Finds the head above lines that hold labels alone; None where any line has a figure, or nothing tells columns.

    The head goes on as long as lines reach over its columns: the next one at the height of another level, and others after
    lines that touch one another, since those of a wide label may stand between those of heads of several lines.

    Args:
        lines: of a run, from top to bottom; the first belongs to the head.
        turned: heads of columns that are turned by 90 degrees.
    """
    if not lines or any(line.n_values for line in lines):
        return None
    n = 1
    while True:
        columns, edge = _columns(lines, n, turned)
        after = _next_head_line(lines, n, edge)
        if after is None:
            break
        n = after + 1
    if len(columns) + (n < len(lines)) < _LEAST_COLUMNS or any(s.text.endswith(("：", ":")) for s in columns):
        return None
    return BlankHead(n, columns, edge)


def _columns(lines: Sequence[SegmentLine], n: int, turned: Sequence[Segment]) -> tuple[tuple[Segment, ...], float]:
    """Returns the lowest texts of the first `n` lines but that over the labels, and where the first of them begins."""
    lowest = lowest_texts(lines[:n], turned)
    if len(lowest) > 1 and _stands_over_labels(lowest[0], lowest[1], lines[n:]):
        lowest = lowest[1:]
    return tuple(lowest), min((s.x0 for s in lowest), default=float("inf"))


def _stands_over_labels(first: Segment, second: Segment, below: Sequence[SegmentLine]) -> bool:
    """True where a label below the first text of a head reaches under it, or stands nearer to it than the second text does."""
    reach = [line.x1 for line in below if line.x1 < second.x0]
    return bool(reach) and first.x0 - max(reach) < 0.5 * (second.x0 - first.x1)


def _next_head_line(lines: Sequence[SegmentLine], n: int, edge: float) -> int | None:
    """Returns the number of the next line from `n` on that belongs to the head."""
    bottom = max(line.bottom for line in lines[:n])
    for k in range(n, len(lines)):
        line = lines[k]
        if line.top - bottom > (_LEVEL_GAP_EM if k == n else _LINE_GAP_EM) * line.em:
            return None
        if line.x1 > edge or line.x1 > max(other.x1 for other in lines[:n]):
            return k
        bottom = max(bottom, line.bottom)
    return None


def last_blank_row(lines: Sequence[SegmentLine], first: int, last: int) -> int:
    """Returns the number of the last line of a run, with the labels of rows below a head without figures.

    Args:
        lines: of the page, from top to bottom.
        first: number of the first line of the run.
        last: number of its last line that is known.
    """
    peek = last + 1
    while peek < min(len(lines), last + 1 + _PEEK) and _is_near(lines[peek - 1], lines[peek]):
        peek += 1
    head = find_blank_head(lines[first:peek])
    if head is None or first + head.n_lines >= peek:
        return last
    start = first + head.n_lines
    bottom = max(line.bottom for line in lines[first:start])
    left = min(line.x0 for line in lines[first:peek])
    return max(last, blank_rows_end(lines, start, left, head.edge, lines[start].em, bottom) - 1)


def blank_rows_end(
    lines: Sequence[SegmentLine], start: int, left: float, edge: float, em: float, bottom: float | None = None
) -> int:
    """Returns the number of the first line from `start` on that is no label of a row without figures.

    Args:
        lines: of the page, from top to bottom.
        start: number of the first line that may be one.
        left: left edge of the labels.
        edge: where the columns of figures begin.
        em: height of the table's text.
        bottom: lower edge of what stands above; None at the top of a page.
    """
    widest: float | None = None
    reach = max((s.x1 for line in lines[max(0, start - 1) : start] for s in line.segments if s.x1 <= edge), default=left)
    for k in range(start, len(lines)):
        line = lines[k]
        if k > start and is_section(line.text) and line.x0 > reach:
            # The heading of the next table stands beside all labels.
            return k
        reach = max(reach, line.x1)
        gap = line.top - bottom if bottom is not None else 0.0
        limit = _FIRST_GAP_EM * em if widest is None else _WIDER * widest
        # A letter of a label that is written downwards may be as low as 二.
        fits = left - em <= line.x0 and line.x1 <= edge and (line.is_letter or 0.85 < line.em / em < 1.15)
        if line.n_values or is_note(line.text) or not fits or gap > limit:
            return k
        bottom = line.bottom if bottom is None else max(bottom, line.bottom)
        # The lines of one label stand closer than labels do.
        if k > start and gap > _LEAST_GAP_EM * em:
            widest = max(widest or 0.0, gap)
    return len(lines)


def _is_near(upper: SegmentLine, lower: SegmentLine) -> bool:
    return not lower.n_values and lower.top - upper.bottom < _FIRST_GAP_EM * upper.em and 0.85 < lower.em / upper.em < 1.15


def blank_row(lines: Sequence[SegmentLine], rules: Sequence[Edge], beneath: float = float("inf")) -> tuple[Edge, Edge] | None:
    """Returns the lines above and below a row without any text, where a head is all that a run has; else None.

    Args:
        lines: of the run.
        rules: horizontal lines, by height.
        beneath: upper edge of what stands below the run.
    """
    head = find_blank_head(lines)
    if head is None or head.n_lines < len(lines):
        return None
    em, bottom = lines[-1].em, max(line.bottom for line in lines)
    x0, x1 = min(line.x0 for line in lines), max(line.x1 for line in lines)
    wide = [r for r in rules if min(r.end, x1) - max(r.start, x0) > _WIDE_SHARE * (x1 - x0) and bottom - 1 <= r.at <= beneath]
    upper = next((r for r in wide if r.at - bottom < _NEAR_EM * em), None)
    lower = next((r for r in wide if upper and _ROW_EM * em <= r.at - upper.at < _ROWS_EM * em), None)
    return (upper, lower) if upper and lower else None
