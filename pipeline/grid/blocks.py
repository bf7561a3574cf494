"""Words outside tables → headings, paragraphs and page chrome, in reading order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from pipeline.domain import BBox, Page, TextBlock, Word
from pipeline.geometry import hull
from pipeline.grid.text import is_cjk, line_text, words_to_lines

_HEADING = re.compile(
    r"^\s*(第?[一二三四五六七八九十百]+[、.．]|第[一二三四五六七八九十百\d]+[章节条部]|[（(][一二三四五六七八九十]+[)）])"
)
_PAGE_NO = re.compile(r"^[\s\-—–―·•~第/]*\d{1,4}(\s*(/|页|of|/\s*共|页\s*[,，]?\s*共)\s*\d{0,4})?[\s\-—–―·•~页]*$", re.IGNORECASE)
_SENTENCE_END = tuple("。；;：:，,、！!？?")
_LETTER = re.compile(r"\w")
MARGIN_SHARE = 0.12
"""Share of the height of a page that its upper and its lower margin have at most."""

_HEADING_CHARS = 45
_LARGER = 1.15


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text outside tables."""

    text: str
    bbox: BBox
    page_no: int

    @property
    def size(self) -> float:
        """Height of the line in points, which stands for its font size."""
        return self.bbox.height


def words_to_text_lines(words: Sequence[Word]) -> list[Line]:
    """Returns the lines of a page from top to bottom; turned text comes last, a word a line."""
    if not words:
        return []
    page_no = words[0].page_no
    lines = [Line(line_text(line), hull(w.bbox for w in line), page_no) for line in words_to_lines(w for w in words if w.upright)]
    return lines + [Line(w.text, w.bbox, page_no) for w in words if not w.upright]


def lines_to_blocks(lines: Sequence[Line], width_pt: float, height_pt: float, text: tuple[float, float]) -> list[TextBlock]:
    """Joins lines into paragraphs and tells headings and page numbers from them.

    Args:
        lines: consecutive lines of one page, without a table between them.
        width_pt: of the page.
        height_pt: of the page.
        text: left and right edge of the page's text.
    """
    if not lines:
        return []
    body = _body_size(lines)
    left, right = text
    blocks: list[TextBlock] = []
    previous: Line | None = None
    for line in lines:
        kind = _kind_of(line, body, width_pt, height_pt)
        full = right - line.bbox.x1 < 2 * line.size and line.bbox.x0 < 0.3 * width_pt
        if kind == "heading" and full and line.size < _LARGER * body:
            kind = "paragraph"
        block = TextBlock(line.text, kind, line.page_no, line.bbox)
        follows = previous is not None and blocks[-1].kind == kind == "paragraph"
        if follows and previous is not None and _goes_on(previous, line, left, right):
            blocks[-1] = _joined(blocks[-1], line)
        else:
            blocks.append(block)
        previous = line
    return blocks


def _body_size(lines: Sequence[Line]) -> float:
    return median(line.size for line in lines for _ in range(max(1, len(line.text))))


def is_page_number(text: str, top: float, bottom: float, height_pt: float) -> bool:
    """True for a line of digits and dashes, or 第 1 页, in the upper or lower margin of the page."""
    margin = MARGIN_SHARE * height_pt
    return bool(_PAGE_NO.match(text.strip())) and (bottom < margin or top > height_pt - margin)


def body_words(page: Page) -> list[Word]:
    """Returns the words without a page number in the first or the last line."""
    lines = words_to_lines(w for w in page.words if w.upright)
    numbers: set[int] = set()
    for line in (lines[0], lines[-1]) if lines else ():
        if is_page_number(line_text(line), line[0].bbox.top, line[0].bbox.bottom, page.height_pt):
            numbers |= {id(w) for w in line}
    return [w for w in page.words if id(w) not in numbers]


def in_margin(box: BBox, height_pt: float) -> bool:
    """True for what stands in the upper or lower margin of a page."""
    return box.bottom <= MARGIN_SHARE * height_pt or box.top >= (1 - MARGIN_SHARE) * height_pt


def _kind_of(line: Line, body: float, width_pt: float, height_pt: float) -> Literal["heading", "paragraph", "chrome"]:
    text = line.text.strip()
    if is_page_number(text, line.bbox.top, line.bbox.bottom, height_pt):
        return "chrome"
    if in_margin(line.bbox, height_pt) and not _LETTER.search(text):
        return "chrome"
    if len(text) <= _HEADING_CHARS and not text.endswith(_SENTENCE_END):
        centred = abs(line.bbox.x0 - (width_pt - line.bbox.x1)) < 0.05 * width_pt and line.bbox.width < 0.7 * width_pt
        if _HEADING.match(text) or (centred and line.bbox.x0 > 0.15 * width_pt) or line.size >= _LARGER * body:
            return "heading"
    return "paragraph"


def _goes_on(previous: Line, line: Line, left: float, right: float) -> bool:
    """True where `line` continues the paragraph of `previous`: it starts at the margin, and `previous` was full."""
    em = line.size
    gap = line.bbox.top - previous.bbox.bottom
    return (
        gap < 1.5 * em
        and line.bbox.x0 - left < 1.2 * em
        and right - previous.bbox.x1 < 3 * em
        and abs(line.size - previous.size) < 0.3 * em
    )


def _joined(block: TextBlock, line: Line) -> TextBlock:
    tight = is_cjk(block.text[-1]) or is_cjk(line.text[0])
    box = hull([block.bbox, line.bbox]) if block.bbox else line.bbox
    return replace(block, text=block.text + ("" if tight else " ") + line.text, bbox=box)
