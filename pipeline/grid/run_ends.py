"""Where a run of lines that look like a table begins and ends: heads above it, labels without figures below it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from pipeline.grid.blank_heads import last_blank_row
from pipeline.grid.edges import Edge
from pipeline.grid.segments import SegmentLine, is_note, is_section, starts_item

_UNIT_LINE = re.compile(r"^[（(]?\s*(计量|金额)?单位\s*[:：]")
RULED_GAP_EM = 6.0
LARGER = 1.12
WIDE_SHARE = 0.62
_TOUCHING_EM = 0.4
_REACH = 8
_NEARER_EM = 1.0


def rule_between(upper: SegmentLine, lower: SegmentLine, rules: Sequence[Edge]) -> bool:
    """True where one of `rules` (by height) runs between two lines."""
    k = bisect_left(rules, (upper.y,))
    return k < len(rules) and rules[k].at <= lower.y


def trim(lines: Sequence[SegmentLine], first: int, last: int) -> tuple[int, int]:
    """Leaves out a line above that only names the unit."""
    while first < last and _UNIT_LINE.match(lines[first].segments[-1].text):
        first += 1
    return first, last


def extend(
    lines: Sequence[SegmentLine], first: int, last: int, rules: Sequence[Edge], low: int, text_mid: float
) -> tuple[int, int]:
    """Takes in lines of one segment above (heads over several columns) and below (labels without figures)."""
    own = lines[first : last + 1]
    x0, x1 = min(line.x0 for line in own), max(line.x1 for line in own)
    figures = min((s.x0 for line in own for s in line.segments[1:] if s.is_value), default=x0)
    labels = [s.x1 for line in own for s in line.segments if s.x1 < figures and not s.is_value and not _is_head(line)]
    blanks = sorted(b.top - a.bottom for a, b in pairwise(own))
    blank = blanks[len(blanks) // 2] if blanks else 0.0
    while first > low and _belongs_above(lines, first - 1, x0, x1, text_mid, rules):
        first -= 1
    last = last_blank_row(lines, first, last)
    edge = max(labels, default=x0)
    wide = max(edge, figures - 3 * own[-1].em)
    while last + 1 < len(lines):
        beneath = max(blank, _usual_blank(lines[first : last + 1], lines[last + 1], rules))
        # Labels without figures may be longer than those with some; so may the heading of a section be.
        item = starts_item(lines[last + 1].text) and not is_section(lines[last + 1].text)
        if not _belongs_below(lines[last], lines[last + 1], x0, wide if item else edge, beneath, rules):
            break
        last += 1
    return first, last


def _usual_blank(own: Sequence[SegmentLine], line: SegmentLine, rules: Sequence[Edge]) -> float:
    """The blank above enumerated labels over `line`: where rules part several of them the blank there, else most of it."""
    over = [s for other in own for s in other.segments if s.x0 < line.x1 and s.x1 > line.x0]
    above = [s for s in over if starts_item(s.text)]
    if not above or not starts_item(line.text):
        return 0.0
    blanks = sorted(b.top - a.bottom for a, b in pairwise(above) if any(a.bottom < r.at < b.top for r in rules))
    if len(blanks) > 1:
        return blanks[len(blanks) // 2]
    blanks = sorted(b.top - a.bottom for a, b in pairwise(over) if starts_item(b.text) and b.top > a.bottom)
    return blanks[3 * len(blanks) // 4] if len(blanks) > 1 else 0.0


def _is_head(line: SegmentLine) -> bool:
    """True for a line of several texts without figures."""
    return line.n_values == 0 and len(line.segments) > 1


def _belongs_above(lines: Sequence[SegmentLine], k: int, x0: float, x1: float, text_mid: float, rules: Sequence[Edge]) -> bool:
    line, below = lines[k : k + 2]
    if line.em > LARGER * below.em or line.x1 - line.x0 > WIDE_SHARE * (x1 - x0) + line.em:
        return False
    closed = _rule_above(lines, k, x0, x1, rules)
    if is_section(line.text) and not closed:
        return False
    if below.top - line.bottom < _TOUCHING_EM * line.em and not rule_between(line, below, rules):
        return True
    if line.x0 < x0 - line.em or line.x1 > x1 + line.em:
        return False
    if _underlined(line, below, x0, x1, rules):
        return True
    if _UNIT_LINE.match(line.segments[-1].text) or line.is_leader:
        return False
    if rule_between(line, below, rules) and not closed and not _is_row_ruled(below, x0, x1, rules):
        return False
    if below.top - line.bottom > (RULED_GAP_EM if closed else 1.6) * line.em:
        return False
    if closed:
        return True
    mid = (line.x0 + line.x1) / 2
    centred = abs(mid - (x0 + x1) / 2) < 0.06 * (x1 - x0) or abs(mid - text_mid) < 0.03 * (x1 - x0)
    if centred or len(line.segments) > 1:
        return False
    return line.x0 > x0 + 0.15 * (x1 - x0)


def _is_row_ruled(first: SegmentLine, x0: float, x1: float, rules: Sequence[Edge]) -> bool:
    """True where three rules or more as wide as the table follow below its first line: every row has one."""
    em = first.em
    wide = [r for r in rules if r.start <= x0 + 2 * em and r.end >= x1 - 2 * em and 0 < r.at - first.y < 12 * em]
    return len(wide) >= 3


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


def _rule_above(lines: Sequence[SegmentLine], k: int, x0: float, x1: float, rules: Sequence[Edge]) -> bool:
    """True where a rule as wide as the table (or, from the line on, to its right edge) runs above the k-th line.

    The rule may as well close the table before: so no note stands below it, no other line between it and the heading of a
    section, and the line is not clearly nearer to what follows than to what stands above it.
    """
    line, em = lines[k], lines[k].em
    places = [
        r.at
        for r in rules
        if line.top - 6 * em <= r.at <= line.top + 0.2 * em and r.start <= max(x0, line.x0) + 2 * em and r.end >= x1 - 2 * em
    ]
    if not places:
        return False
    between = [other for other in lines[max(0, k - _REACH) : k] if other.y > places[-1]]
    if any(is_note(other.text) or other.x1 - other.x0 > WIDE_SHARE * (x1 - x0) + em for other in between):
        return False
    if between and is_section(line.text):
        return False
    above = line.top - max([places[-1], *(other.bottom for other in between)])
    following = [lines[k + 1].top, *(r.at for r in rules if r.at > line.y and r.end > line.x0 and r.start < line.x1)]
    return above <= 2 * max(min(following) - line.bottom, 0.0) + _NEARER_EM * em


def _belongs_below(above: SegmentLine, line: SegmentLine, x0: float, labels: float, blank: float, rules: Sequence[Edge]) -> bool:
    """True for a line in the columns of labels that stands as close as rows do, or within the table's last rule."""
    # The column of labels may begin further left than the rows above show: a rule over all of it tells.
    x0 = min([x0, *(r.start for r in rules if above.y < r.at < line.bottom + 2 * line.em and r.end >= labels)])
    if is_note(line.text) or line.x0 < x0 - line.em or line.x1 > labels + 2 * line.em or len(line.segments) > 1:
        return False
    ruled = any(above.y < r.at <= line.y and r.start < line.x1 and r.end > line.x0 for r in rules)
    if not 0.9 < line.em / above.em < 1.1 or (ruled and not starts_item(line.text)):
        return False
    space = line.top - above.bottom
    closed = any(0 <= r.at - line.bottom < 2 * line.em and r.start <= x0 + line.em and r.end >= labels for r in rules)
    return space < max(0.45 * line.em, 1.3 * blank, 3 * line.em if closed else 0.0)
