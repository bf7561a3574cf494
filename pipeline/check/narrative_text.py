"""Blocks of text → passages without white space, cut into sentences, with the place of every character.

Lines that a scrape broke are joined where the sentence goes on; what belongs to a table is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.domain import Block, Matrix, TextBlock

# Full-width forms as their ASCII twins, one character for one, so that places stay; NFKC would turn ② into a digit.
_FOLD = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20, 0xA0: 0x20, 0xFF61: 0x3002, 0x2212: 0x2D}
_INVISIBLE = frozenset("\u200b\u200c\u200d\ufeff\u2060\u00ad")
_END = re.compile(r"[。!?]")
_STOPS = tuple("。!?;:")
# A line that begins so is an item or a heading, not the rest of the line above.
_ITEM = re.compile(
    r"\(?[一二三四五六七八九十]{1,3}[)、.]|\(?\d{1,2}[)、.](?!\d)|[一二三四五六七八九十]是|第[一二三四五六七八九十]+[章条]|[#*|-]"
)
# A wrapped line is at least this long, in characters; shorter ones are cells, menus, headings.
_WRAPPED = 15
_MAX_PASSAGE = 20_000


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph.

    Attributes:
        text: its characters, full-width forms folded, without white space.
        places: for each character the index of its block and its offset in the text of that block.
        gaps: indices of characters that white space or a line break stands before.
    """

    text: str
    places: tuple[tuple[int, int], ...]
    gaps: frozenset[int]

    def sentences(self) -> Iterator[tuple[int, int]]:
        """Yields `[start, end)` of each sentence."""
        start = 0
        for match in _END.finditer(self.text):
            yield start, match.end()
            start = match.end()
        if start < len(self.text):
            yield start, len(self.text)


Lines = list[tuple[str, int, int]]
"""Of each line its text, the index of its block, and its offset in that block."""


def passages(blocks: Sequence[Block], matrices: Sequence[Matrix] = ()) -> Iterator[Passage]:
    """Yields the paragraphs of a document outside its tables, running heads and navigation left out.

    Args:
        blocks: of the document in reading order.
        matrices: of the document; in a text source the lines from the first to the last cell of each are left out.
    """
    spans = _table_spans(matrices)
    lines: Lines = []
    for number, block in enumerate(blocks):
        if not isinstance(block, TextBlock):
            yield from _joined(lines)
            lines = []
            continue
        if block.kind == "chrome":
            continue
        inside = _in_table(block, spans)
        if block.kind == "heading" or inside:
            yield from _joined(lines)
            lines = []
        if inside:
            continue
        offset = 0
        for line in block.text.splitlines(keepends=True) or [""]:
            if lines and not _goes_on(lines[-1][0], line):
                yield from _joined(lines)
                lines = []
            if line.strip():
                lines.append((line, number, offset))
            offset += len(line)
        if block.kind == "heading":
            yield from _joined(lines)
            lines = []
    yield from _joined(lines)


def _table_spans(matrices: Sequence[Matrix]) -> list[tuple[int, int]]:
    """The characters from the first to the last cell of each matrix of a text source."""
    found = []
    for matrix in matrices:
        spans = [c.char_span for row in matrix.cells for c in row if c.char_span is not None]
        if spans:
            found.append((min(s for s, _ in spans), max(e for _, e in spans)))
    return found


def _in_table(block: TextBlock, spans: Sequence[tuple[int, int]]) -> bool:
    own = block.char_span
    return own is not None and any(own[0] < end and start < own[1] for start, end in spans)


def _goes_on(above: str, line: str) -> bool:
    """True where a line is the rest of the one above."""
    first, second = _squeezed(above), _squeezed(line)
    return len(first) >= _WRAPPED and bool(second) and not first.endswith(_STOPS) and not _ITEM.match(second)


def _squeezed(text: str) -> str:
    return "".join(text.translate(_FOLD).split())


def _joined(lines: Lines) -> Iterator[Passage]:
    """Yields lines that belong together as one passage."""
    text: list[str] = []
    places: list[tuple[int, int]] = []
    gaps: set[int] = set()
    for line, number, offset in lines:
        gap = True
        for i, char in enumerate(line.translate(_FOLD)):
            if char.isspace():
                gap = True
            elif char not in _INVISIBLE:
                if gap:
                    gaps.add(len(text))
                gap = False
                text.append(char)
                places.append((number, offset + i))
    if text:
        yield Passage("".join(text[:_MAX_PASSAGE]), tuple(places[:_MAX_PASSAGE]), frozenset(gaps))
