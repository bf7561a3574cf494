"""Lines of text → runs of lines that look like a table without (enough) rulings."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.domain import BBox, Word
from pipeline.grid.edges import Edge
from pipeline.grid.segments import SegmentLine, starts_item

_BULLET = re.compile(r"^([•●○◆■□▪‧∙*–—-]|[（(]?(\d{1,3}|[a-zA-Z]|[ivx]+|[一二三四五六七八九十]+)[)）.、．])$")
_UNIT_LINE = re.compile(r"^[（(]?\s*(计量|金额)?单位\s*[:：]")
_NOTE = re.compile(r"^\s*(注|备注|说明|附注|Note|Source|\*|来源)", re.IGNORECASE)
_SECTION = re.compile(r"^\s*(第?[一二三四五六七八九十]+[、.．]|第[一二三四五六七八九十]+[章节条部])")
_GAP_EM, _RULED_GAP_EM = 3.0, 6.0
_TOUCHING_EM = 0.4
_PENDING = 8
_LARGER = 1.12
_WIDE_SHARE = 0.62
_PROSE_CHARS = 34


@dataclass(frozen=True, slots=True)
class Run:
    """Lines of a likely table, the horizontal lines between and around them, the hull of both, and turned words there."""

    lines: tuple[SegmentLine, ...]
    rules: tuple[Edge, ...]
    bbox: BBox
    turned: tuple[Word, ...] = ()


def lines_to_runs(lines: Sequence[SegmentLine], rules: Sequence[Edge], text: tuple[float, float]) -> list[Run]:
    """Finds stretches of lines with several segments each.

    Between two such lines others may stand (wrapped labels, labels of groups) as long as no line is as wide as running
    text, or larger, and no blank is wide.

    Args:
        lines: from top to bottom, none of them in a ruled table.
        rules: horizontal lines that belong to no ruled table, by height.
        text: left and right edge of the page's text, in points.
    """
    tabular = [k for k, line in enumerate(lines) if is_tabular(line)]
    stretches: list[list[int]] = []
    for k in tabular:
        if stretches and _connected(lines, stretches[-1], k, rules, text):
            stretches[-1].append(k)
        else:
            stretches.append([k])
    runs = []
    taken = -1
    for stretch in stretches:
        first, last = _trim(lines, stretch[0], stretch[-1])
        first, last = _extend(lines, first, last, rules, taken + 1, sum(text) / 2)
        if last >= first and last > taken:
            runs.append(_run(lines[first : last + 1], rules))
            taken = last
    return runs


def is_section(text: str) -> bool:
    """True for the heading of a section or article: 三、… or 第二十条…"""
    return bool(_SECTION.match(text))


def is_tabular(line: SegmentLine) -> bool:
    """True for a line of several segments that is no list item, no prose in columns and no entry of contents."""
    if len(line.segments) < 2 or line.is_leader:
        return False
    texts = [s.text for s in line.segments]
    if len(texts) == 2 and _BULLET.match(texts[0]) and not line.segments[1].is_value:
        return False
    return line.n_values > 0 or len(texts) > 3 or not all(len(t) > _PROSE_CHARS for t in texts)


def _connected(
    lines: Sequence[SegmentLine], stretch: list[int], k: int, rules: Sequence[Edge], text: tuple[float, float]
) -> bool:
    """True where line `k` goes on with the stretch."""
    last = stretch[-1]
    figures = min((s.x0 for i in stretch for s in lines[i].segments if s.is_value), default=0.0)
    if k - last > _PENDING and any(line.x1 > figures for line in lines[last + 1 : k]):
        return False
    em = lines[last].em
    for i in range(last, k):
        blank = lines[i + 1].top - lines[i].bottom
        limit = _RULED_GAP_EM if _rule_between(lines[i], lines[i + 1], rules) else _GAP_EM
        if blank > limit * em:
            return False
    for line in lines[last + 1 : k]:
        if line.em > _LARGER * em and line.em > _LARGER * lines[k].em:
            return False
        if line.x1 - line.x0 > _WIDE_SHARE * (text[1] - text[0]):
            return False
    if any(_set_apart(lines, i, stretch, sum(text) / 2) for i in range(last + 1, k)):
        return False
    if k - last > 1 and _begins_anew([lines[i] for i in stretch], lines[last + 1 : k], lines[k], sum(text) / 2):
        return False
    return not (lines[k].em > 1.35 * em or em > 1.35 * lines[k].em)


def _set_apart(lines: Sequence[SegmentLine], i: int, stretch: Sequence[int], text_mid: float) -> bool:
    """True for a centred line of one segment with clearly more blank above and below it than the stretch has between lines."""
    blanks = sorted(lines[b].top - lines[a].bottom for a, b in pairwise(stretch))
    if len(lines[i].segments) > 1 or len(blanks) < 2 or i + 1 >= len(lines):
        return False
    if abs((lines[i].x0 + lines[i].x1) / 2 - text_mid) > lines[i].em:
        return False
    limit = 1.4 * max(blanks[len(blanks) // 2], 0.3 * lines[i].em)
    return lines[i].top - lines[i - 1].bottom > limit and lines[i + 1].top - lines[i].bottom > limit


def _begins_anew(
    above: Sequence[SegmentLine], between: Sequence[SegmentLine], line: SegmentLine, text_mid: float
) -> bool:
    """True where figures stand above, and `line` is the head of another table.

    It has no figure, and over it stands a section heading, or a centred line and words where the figures were.
    """
    figures = [s for other in above for s in other.segments if s.is_value]
    if line.n_values or not figures:
        return False
    alone = [other for other in between if len(other.segments) == 1]
    if any(_SECTION.match(other.text) for other in alone):
        return True
    centred = any(abs((other.x0 + other.x1) / 2 - text_mid) < other.em for other in alone)
    return centred and any(f.x0 - line.em <= s.mid <= f.x1 + line.em for s in line.segments for f in figures)


def _rule_between(upper: SegmentLine, lower: SegmentLine, rules: Sequence[Edge]) -> bool:
    k = bisect_left(rules, (upper.y,))
    return k < len(rules) and rules[k].at <= lower.y


def _trim(lines: Sequence[SegmentLine], first: int, last: int) -> tuple[int, int]:
    """Leaves out a line above that only names the unit."""
    while first < last and _UNIT_LINE.match(lines[first].segments[-1].text):
        first += 1
    return first, last


def _extend(
    lines: Sequence[SegmentLine], first: int, last: int, rules: Sequence[Edge], low: int, text_mid: float
) -> tuple[int, int]:
    """Takes in lines of one segment above (heads over several columns) and below (labels without figures)."""
    own = lines[first : last + 1]
    x0, x1 = min(line.x0 for line in own), max(line.x1 for line in own)
    figures = min((s.x0 for line in own for s in line.segments[1:] if s.is_value), default=x0)
    labels = [s.x1 for line in own for s in line.segments if s.x1 < figures and not s.is_value and not _is_head(line)]
    blanks = sorted(b.top - a.bottom for a, b in pairwise(own))
    blank = blanks[len(blanks) // 2] if blanks else 0.0
    while first > low and _belongs_above(lines[first - 1], lines[first], x0, x1, text_mid, rules):
        first -= 1
    while last + 1 < len(lines) and _belongs_below(lines[last], lines[last + 1], x0, max(labels, default=x0), blank, rules):
        last += 1
    return first, last


def _is_head(line: SegmentLine) -> bool:
    """True for a line of several texts without figures."""
    return line.n_values == 0 and len(line.segments) > 1


def _belongs_above(
    line: SegmentLine, below: SegmentLine, x0: float, x1: float, text_mid: float, rules: Sequence[Edge]
) -> bool:
    if line.em > _LARGER * below.em or line.x1 - line.x0 > _WIDE_SHARE * (x1 - x0) + line.em:
        return False
    closed = _rule_above(line, x0, x1, rules)
    if is_section(line.text) and not closed:
        return False
    if below.top - line.bottom < _TOUCHING_EM * line.em and not _rule_between(line, below, rules):
        return True
    if line.x0 < x0 - line.em or line.x1 > x1 + line.em:
        return False
    if _underlined(line, below, x0, x1, rules):
        return True
    if _UNIT_LINE.match(line.segments[-1].text) or line.is_leader:
        return False
    if _rule_between(line, below, rules) and not closed:
        return False
    if below.top - line.bottom > (_RULED_GAP_EM if closed else 1.6) * line.em:
        return False
    if closed:
        return True
    mid = (line.x0 + line.x1) / 2
    centred = abs(mid - (x0 + x1) / 2) < 0.06 * (x1 - x0) or abs(mid - text_mid) < 0.03 * (x1 - x0)
    if centred or len(line.segments) > 1:
        return False
    return line.x0 > x0 + 0.15 * (x1 - x0)


def _underlined(line: SegmentLine, below: SegmentLine, x0: float, x1: float, rules: Sequence[Edge]) -> bool:
    """True where a rule shorter than the table runs between two lines and under the whole of the upper one."""
    return any(
        line.y < r.at < below.y
        and r.start <= line.x0 + line.em
        and r.end >= line.x1 - line.em
        and r.end - r.start < 0.95 * (x1 - x0)
        and r.at - line.bottom < 1.5 * line.em
        for r in rules
    )


def _rule_above(line: SegmentLine, x0: float, x1: float, rules: Sequence[Edge]) -> bool:
    """True where a rule as wide as the table (or, from the line on, to its right edge) runs above the line."""
    em = line.em
    return any(
        line.top - 6 * em <= r.at <= line.top + 0.2 * em
        and r.start <= max(x0, line.x0) + 2 * em
        and r.end >= x1 - 2 * em
        for r in rules
    )


def _belongs_below(
    above: SegmentLine, line: SegmentLine, x0: float, labels: float, blank: float, rules: Sequence[Edge]
) -> bool:
    """True for a line in the columns of labels that stands as close as rows do, or within the table's last rule."""
    if _NOTE.match(line.text) or line.x0 < x0 - line.em or line.x1 > labels + 2 * line.em or len(line.segments) > 1:
        return False
    if not 0.9 < line.em / above.em < 1.1 or (_rule_between(above, line, rules) and not starts_item(line.text)):
        return False
    space = line.top - above.bottom
    closed = any(0 <= r.at - line.bottom < 2 * line.em and r.start <= x0 + line.em and r.end >= labels for r in rules)
    return space < max(0.45 * line.em, 1.3 * blank, 3 * line.em if closed else 0.0)


def _run(lines: Sequence[SegmentLine], rules: Sequence[Edge]) -> Run:
    em = lines[0].em
    top, bottom = min(line.top for line in lines), max(line.bottom for line in lines)
    x0, x1 = min(line.x0 for line in lines), max(line.x1 for line in lines)
    own = [r for r in rules if top - 2 * em <= r.at <= bottom + 2 * em and r.start < x1 and r.end > x0]
    wide = [r for r in own if r.end - r.start > 0.5 * (x1 - x0)]
    box = BBox(
        min([x0, *(r.start for r in wide)]),
        min([top, *(r.at for r in wide)]),
        max([x1, *(r.end for r in wide)]),
        max([bottom, *(r.at for r in wide)]),
    )
    return Run(tuple(lines), tuple(own), box)
