"""Words → lines of segments: what stands together without a wide gap, for tables that rulings do not describe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.domain import Word
from pipeline.grid.edges import Edge
from pipeline.grid.text import is_cjk, line_text, words_to_lines

_GAP_EM = 0.9
_NUMBER_GAP_EM = 0.6
_FIGURE = re.compile(
    r"^[-−–—+＋－±(（<>≤≥~≈增减]*\d([\d.,，．·]*\d)?\s?[%％‰)）*°]?"
    r"[件项万元个人次家场天篇条份宗起处户台辆套]{0,2}[)）*]?$"
)
_NOUGHT = re.compile(r"^([-−–—/／*·]{1,3}|无|n/?a|:|…|\.\.)$", re.IGNORECASE)
_THOUSANDS = re.compile(r"^\d{3}([.,]\d+)?%?$")
_MARKER = re.compile(
    r"^\s*([（(]\s*([一二三四五六七八九十]+|\d{1,2})\s*[)）]|([一二三四五六七八九十]+|\d{1,2})\s*[、.．](?!\d)|[①-⑳])"
)
_SECTION = re.compile(r"^\s*(第?[一二三四五六七八九十]+[、.．]|第[一二三四五六七八九十]+[章节条部])")
_NOTE = re.compile(r"^\s*(注|备注|说明|附注|Note|Source|\*|来源)", re.IGNORECASE)
_LEADER = re.compile(r"[.…·。_]{4,}|(\.\s){3,}")


def is_figure(text: str) -> bool:
    """True for one number, with its sign, separators and a short unit."""
    return bool(_FIGURE.match(text))


def starts_item(text: str) -> bool:
    """True for a label with an enumeration of its own: 一、 （二） 3. ④."""
    return bool(_MARKER.match(text))


def is_bare_marker(text: str) -> bool:
    """True for an enumeration without its label."""
    return bool(_MARKER.fullmatch(text))


def is_section(text: str) -> bool:
    """True for the heading of a section or article: 三、… or 第二十条…"""
    return bool(_SECTION.match(text))


def is_note(text: str) -> bool:
    """True for a line that begins as a note below a table does."""
    return bool(_NOTE.match(text))


def is_value(text: str) -> bool:
    """True for a number or a sign that stands for none (a dash, a slash, 无)."""
    return is_figure(text) or bool(_NOUGHT.match(text))


@dataclass(frozen=True)
class Segment:
    """Neighbouring words of one line; `x0 x1` in points. `is_letter`: one of a label written downwards, which is no value."""

    words: tuple[Word, ...]
    is_letter: bool = False

    @cached_property
    def text(self) -> str:
        """Its text on one line."""
        return line_text(self.words)

    @cached_property
    def x0(self) -> float:
        """Left edge."""
        return min(w.bbox.x0 for w in self.words)

    @cached_property
    def x1(self) -> float:
        """Right edge."""
        return max(w.bbox.x1 for w in self.words)

    @cached_property
    def top(self) -> float:
        """Upper edge."""
        return min(w.bbox.top for w in self.words)

    @cached_property
    def bottom(self) -> float:
        """Lower edge."""
        return max(w.bbox.bottom for w in self.words)

    @property
    def mid(self) -> float:
        """Middle between the edges."""
        return (self.x0 + self.x1) / 2

    @cached_property
    def is_value(self) -> bool:
        """True where it is a number or stands for none; numbers in groups of three count as one."""
        return not self.is_letter and (is_value(self.text) or is_figure(self.text.replace(" ", "")))

    @cached_property
    def is_figure(self) -> bool:
        """True where it is a number."""
        return is_figure(self.text) or is_figure(self.text.replace(" ", ""))


@dataclass(frozen=True)
class SegmentLine:
    """A line of text, its segments from left to right; `em` is the height of its text in points."""

    segments: tuple[Segment, ...]

    @cached_property
    def top(self) -> float:
        """Upper edge."""
        return min(w.bbox.top for s in self.segments for w in s.words)

    @cached_property
    def bottom(self) -> float:
        """Lower edge."""
        return max(w.bbox.bottom for s in self.segments for w in s.words)

    @cached_property
    def y(self) -> float:
        """Middle height, the mean over its words."""
        words = [w for s in self.segments for w in s.words]
        return sum(w.bbox.top + w.bbox.bottom for w in words) / (2 * len(words))

    @cached_property
    def em(self) -> float:
        """Height of its text."""
        heights = sorted(w.bbox.height for s in self.segments for w in s.words)
        return heights[len(heights) // 2]

    @cached_property
    def text(self) -> str:
        """Its text."""
        return " ".join(s.text for s in self.segments)

    @property
    def x0(self) -> float:
        """Left edge."""
        return self.segments[0].x0

    @property
    def x1(self) -> float:
        """Right edge."""
        return max(s.x1 for s in self.segments)

    @cached_property
    def n_values(self) -> int:
        """Number of segments that are numbers or stand for none."""
        return sum(s.is_value for s in self.segments)

    @cached_property
    def is_letter(self) -> bool:
        """True for a lone Chinese letter, as in a label that is written downwards."""
        return len(self.text) == 1 and is_cjk(self.text)

    @cached_property
    def is_leader(self) -> bool:
        """True for an entry of a table of contents, with a line of dots."""
        return bool(_LEADER.search(self.text))


def words_to_segment_lines(words: Iterable[Word], uprights: Sequence[Edge] = ()) -> list[SegmentLine]:
    """Returns the lines of upright words from top to bottom, each cut into segments at wide gaps.

    A gap is wide from 0.9 em; between numbers from 0.6 em, or at once where they are not groups of three digits.

    Args:
        words: of one page or a part of it.
        uprights: vertical lines; a gap that one of them passes is wide.
    """
    return [SegmentLine(tuple(_cut(line, uprights))) for line in words_to_lines(w for w in words if w.upright)]


def _cut(line: Sequence[Word], uprights: Sequence[Edge]) -> list[Segment]:
    segments: list[list[Word]] = [[line[0]]]
    for left, right in zip(line, line[1:], strict=False):
        gap = right.bbox.x0 - left.bbox.x1
        em = max(left.bbox.height, right.bbox.height)
        wide = gap > _GAP_EM * em
        if is_value(left.text) and is_value(right.text):
            grouped = _THOUSANDS.match(right.text) and left.text.isdigit() and len(left.text) <= 3
            wide = gap > _NUMBER_GAP_EM * em or not grouped
        if wide or _is_fenced(left, right, uprights):
            segments.append([])
        segments[-1].append(right)
    return [Segment(tuple(s)) for s in segments]


def _is_fenced(left: Word, right: Word, uprights: Sequence[Edge]) -> bool:
    """True where a vertical line stands in the gap between two words."""
    y = (left.bbox.center[1] + right.bbox.center[1]) / 2
    return any(left.bbox.center[0] < u.at < right.bbox.center[0] and u.start <= y <= u.end for u in uprights)
