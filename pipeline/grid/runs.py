"""Lines of text → runs of lines that look like a table without (enough) rulings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain import BBox, Word
from pipeline.grid.anew import begins_anew, figures_edge
from pipeline.grid.blank_heads import blank_row
from pipeline.grid.edges import Edge
from pipeline.grid.run_ends import LARGER, RULED_GAP_EM, WIDE_SHARE, extend, rule_between, trim
from pipeline.grid.segments import SegmentLine, is_section

_BULLET = re.compile(r"^([•●○◆■□▪‧∙*–—-]|[（(]?(\d{1,3}|[a-zA-Z]|[ivx]+|[一二三四五六七八九十]+)[)）.、．])$")
_GAP_EM = 3.0
_PENDING = 8
_PROSE_CHARS = 34
_COVERED = 3
_LARGER_LABEL = 1.25


@dataclass(frozen=True, slots=True)
class Run:
    """Lines of a likely table, the horizontal lines between and around them, the hull of both, and turned words there."""

    lines: tuple[SegmentLine, ...]
    rules: tuple[Edge, ...]
    bbox: BBox
    turned: tuple[Word, ...] = ()


def lines_to_runs(
    lines: Sequence[SegmentLine], rules: Sequence[Edge], text: tuple[float, float], turned: Sequence[Word] = ()
) -> list[Run]:
    """Finds stretches of lines with several segments each.

    Between two such lines others may stand (wrapped labels, labels of groups) as long as no line is as wide as running
    text, or larger, and no blank is wide.

    Args:
        lines: from top to bottom, none of them in a ruled table.
        rules: horizontal lines that belong to no ruled table, by height.
        text: left and right edge of the page's text, in points.
        turned: words turned by 90 degrees, which fill the blank between two lines.
    """
    stretches: list[list[int]] = []
    for k, line in enumerate(lines):
        tabular = is_tabular(line)
        if not tabular and not (stretches and _is_lone_figure(lines, stretches[-1], k)):
            continue
        if stretches and _connected(lines, stretches[-1], k, rules, text, turned):
            stretches[-1].append(k)
        elif tabular:
            stretches.append([k])
    runs = []
    taken = -1
    for stretch in stretches:
        if stretch[-1] <= taken:
            continue
        first, last = trim(lines, max(stretch[0], taken + 1), stretch[-1])
        first, last = extend(lines, first, last, rules, taken + 1, sum(text) / 2)
        if last >= first and last > taken:
            beneath = lines[last + 1].top if last + 1 < len(lines) else float("inf")
            runs.append(_run(lines[first : last + 1], rules, beneath))
            taken = last
    return runs


def _is_lone_figure(lines: Sequence[SegmentLine], stretch: Sequence[int], k: int) -> bool:
    """True for a line with nothing but a figure in a column of figures: the only one of its row, beside a label of two lines."""
    if len(lines[k].segments) > 1 or not lines[k].segments[0].is_figure:
        return False
    figures = [s for i in stretch for s in lines[i].segments if s.is_figure]
    return any(min(s.x1, lines[k].x1) > max(s.x0, lines[k].x0) for s in figures)


def is_tabular(line: SegmentLine) -> bool:
    """True for a line of several segments that is no list item, no prose in columns and no entry of contents."""
    if len(line.segments) < 2 or line.is_leader:
        return False
    texts = [s.text for s in line.segments]
    if len(texts) == 2 and _BULLET.match(texts[0]) and not line.segments[1].is_value:
        return False
    return line.n_values > 0 or len(texts) > 3 or not all(len(t) > _PROSE_CHARS for t in texts)


def _connected(
    lines: Sequence[SegmentLine],
    stretch: list[int],
    k: int,
    rules: Sequence[Edge],
    text: tuple[float, float],
    turned: Sequence[Word],
) -> bool:
    """True where line `k` goes on with the stretch."""
    last = stretch[-1]
    figures = figures_edge(lines, stretch, k) or 0.0
    if _is_prose_below([lines[i] for i in stretch], lines[k]):
        return False
    if k - last > _PENDING and any(line.x1 > figures for line in lines[last + 1 : k]):
        return False
    em = lines[last].em
    for i in range(last, k):
        blank = _blank_between(lines[i], lines[i + 1], turned)
        limit = RULED_GAP_EM if rule_between(lines[i], lines[i + 1], rules) else _GAP_EM
        if blank > limit * em:
            return False
    for line in lines[last + 1 : k]:
        # A label with brackets, which are higher than letters, is none of a larger print.
        larger = _LARGER_LABEL if line.x1 < figures and not is_section(line.text) else LARGER
        # How high the print is, a lone letter of a label written downwards does not tell: a comma of it may be read as one.
        if not line.is_letter and line.em > larger * max(em, lines[k].em):
            return False
        if line.x1 - line.x0 > WIDE_SHARE * (text[1] - text[0]):
            return False
    if begins_anew(lines, stretch, k, sum(text) / 2, turned):
        return False
    # Beside a label of two lines figures and dashes stand alone; without letters their height is not that of the print.
    if _is_of_figures(lines[k]) or _is_of_figures(lines[last]):
        return True
    return not (lines[k].em > 1.35 * em or em > 1.35 * lines[k].em)


def _is_of_figures(line: SegmentLine) -> bool:
    """True for a line of several segments, all figures or the signs that stand for them."""
    return len(line.segments) > 1 and line.n_values == len(line.segments)


def _is_prose_below(above: Sequence[SegmentLine], line: SegmentLine) -> bool:
    """True for a sentence that runs below several figures of a line above, whatever stands beside it."""
    long = [s for s in line.segments if len(s.text) > _PROSE_CHARS and not s.is_value]
    return any(sum(s.x0 <= f.mid <= s.x1 for f in other.segments if f.is_figure) >= _COVERED for s in long for other in above)


def _blank_between(upper: SegmentLine, lower: SegmentLine, turned: Sequence[Word]) -> float:
    """Height between two lines less that of the turned words there, in points."""
    blank = lower.top - upper.bottom
    inside = [w.bbox for w in turned if upper.top <= w.bbox.center[1] <= lower.bottom]
    return blank - max((box.height for box in inside), default=0.0)


def _run(lines: Sequence[SegmentLine], rules: Sequence[Edge], beneath: float) -> Run:
    em = lines[0].em
    top, bottom = min(line.top for line in lines), max(line.bottom for line in lines)
    x0, x1 = min(line.x0 for line in lines), max(line.x1 for line in lines)
    row = blank_row(lines, rules, beneath)
    end = row[1].at if row else bottom + 2 * em
    own = [r for r in rules if top - 2 * em <= r.at <= end and r.start < x1 and r.end > x0]
    wide = [r for r in own if r.end - r.start > 0.5 * (x1 - x0)]
    box = BBox(
        min([x0, *(r.start for r in wide)]),
        min([top, *(r.at for r in wide)]),
        max([x1, *(r.end for r in wide)]),
        max([bottom, *(r.at for r in wide)]),
    )
    return Run(tuple(lines), tuple(own), box)
