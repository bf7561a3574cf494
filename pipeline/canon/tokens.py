"""Tokens: the cells and lines of a document in reading order, with their place; chrome is left out.

A text scrape has lost its tables, but not all of their traces: pipes and tabs still delimit cells, also blank ones.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from pipeline.canon.pipes import PIPES, SEPARATOR, manners
from pipeline.canon.values import Value, is_value, parse_value
from pipeline.domain import BBox, Candidate, Origin, Quad, State, TextBlock

# Page numbers as printed at the foot of a page; a bare number is left in, since it may be a value.
_CHROME = re.compile(
    r"[-–—~·•]+\s*\d{1,4}\s*[-–—~·•]+|第\s*\d{1,4}\s*页(?:\s*[,，/、]?\s*共\s*\d{1,4}\s*页)?|\d{1,4}\s*/\s*\d{1,4}\s*页?|[Pp]age\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?"
)
_ODD_NUMBER = re.compile(r"[^A-Za-z\u3400-\u9fff]{2,16}")
_ENUMERATION = re.compile(r"[（(]?[1-9１-９]\d?[）)]?[.、．]?")
_ROW_LABEL_MAX, _BLANK_ROW = 60, 3
_UNREADABLE, _BLANK = State.UNREADABLE, State.BLANK


# A named tuple is made in a quarter of the time of a frozen dataclass, and a scrape has thousands of tokens.
class Token(NamedTuple):
    """One cell or line.

    Attributes:
        value: what its text says as a value.
        delimited: true for a cell that was marked as one (grid, pipe, tab), false for a bare line.
        line: number shared by the tokens of one printed row, where that is known; -1 elsewhere.
        line_size: number of cells of that printed row, 0 where the source does not delimit them.
        table: index of the recovered table, or -1; `column`, `column_end` its columns `[column, column_end)` there.
        doubt: why its text is uncertain, or None.
        quad: its corners, where the page was turned or warped.
        readings: what a recogniser proposed for it, best first.
        ruled: true for a cell of a table that was recovered by its rulings alone.
    """

    text: str
    value: Value
    origin: Origin
    delimited: bool = False
    line: int = -1
    line_size: int = 0
    table: int = -1
    column: int = -1
    column_end: int = -1
    page_no: int | None = None
    bbox: BBox | None = None
    char_span: tuple[int, int] | None = None
    doubt: str | None = None
    quad: Quad | None = None
    readings: tuple[Candidate, ...] = ()
    ruled: bool = False

    @property
    def is_item(self) -> bool:
        """True for a number, dash or blank, and for digits among signs that nobody can read; false for a label."""
        return self.value.state is not _UNREADABLE or is_odd_number(self.text)

    @property
    def is_filled(self) -> bool:
        """True for a value that is not blank."""
        return self.value.state is not _BLANK


@lru_cache(maxsize=65536)
def is_odd_number(text: str) -> bool:
    """True for digits among signs, without letters, that are no plain number: `82¹`, `8?21`, `0.`; not for `1.` or `（2）`.

    Marks that no recogniser could read (U+FFFD alone), and a pipe that delimits nothing, stand where a value stands and count
    likewise.
    """
    if text and not text.strip("\ufffd|｜"):
        return True
    return bool(_ODD_NUMBER.fullmatch(text)) and not _ENUMERATION.fullmatch(text) and any(c.isdigit() for c in text)


@lru_cache(maxsize=65536)
def is_chrome(text: str) -> bool:
    """True for a page number in one of the usual forms."""
    return bool(_CHROME.fullmatch(text.strip()))


def lines_to_tokens(blocks: Iterable[TextBlock], origin: Origin, first_line: int = 0) -> list[Token]:
    """Splits lines of text into tokens.

    A line with pipes is split at them, blanks kept: `a | b |`, `| a | b |`, `0 |` and `| ||` (two blanks) all end cells
    with a pipe, and a pipe alone after a bare line ends that line's cell. Tabs delimit the cells of one row. A bare line
    is one token, unless it ends in several numbers, which then are the cells of a row.

    Args:
        blocks: lines in reading order, each with its `char_span` where the source is a text.
        origin: where the text is from.
        first_line: number of the first printed row, so that rows of several calls differ.
    """
    blocks = list(blocks)
    texts = [b.text for b in blocks]
    ways, widths = manners(texts), _tab_widths(texts)
    tokens: list[Token] = []
    open_line = False
    for number, (block, way) in enumerate(zip(blocks, ways, strict=True), first_line):
        text = block.text
        if block.kind == "chrome" or is_chrome(text):
            continue
        if PIPES.search(text) and not way.odd:
            alone = not PIPES.sub("", text).strip()
            if alone and open_line and way.closes:
                # A bare line closed by the pipe on the next one: a delimited cell after all.
                tokens[-1] = tokens[-1]._replace(delimited=True)
                block, text = replace(block, text=PIPES.sub(" ", text, count=1)), PIPES.sub(" ", text, count=1)
            new = _pipe_line(block, origin, number, way.rows)
        elif "\t" in text and (_is_tab_row(text) or _is_lone_value(text, widths)):
            new = _tab_line(block, origin, number)
        else:
            new = _bare_line(block, origin, number)
        open_line = bool(new) and not new[-1].delimited and not new[-1].is_item
        tokens += new
    return tokens


def _token(
    block: TextBlock, start: int, end: int, origin: Origin, delimited: bool, line: int, size: int = 0, column: int = -1
) -> Token:
    """Makes a token of `block.text[start:end]`, trimmed; of a row of `size` cells where that is known."""
    raw = block.text[start:end]
    text = raw.strip()
    offset = start + len(raw) - len(raw.lstrip()) if text else start
    span = None
    if block.char_span is not None:
        span = (block.char_span[0] + offset, block.char_span[0] + offset + len(text))
    after = column + 1 if column >= 0 else -1
    return Token(text, parse_value(text), origin, delimited, line, size, -1, column, after, block.page_no, block.bbox, span)


def _pipe_line(block: TextBlock, origin: Origin, number: int, rows: bool) -> list[Token]:
    """Splits a line at its pipes; a pipe in front of the first text of a line opens a row and ends no cell."""
    text = block.text
    if SEPARATOR.fullmatch(text):
        return []
    bounds = [m.start() for m in PIPES.finditer(text)]
    if not bounds:
        return []
    pieces = list(zip([0, *(b + 1 for b in bounds)], [*bounds, len(text)], strict=True))
    filled = [bool(text[a:b].strip()) for a, b in pieces]
    is_open = filled[-1]
    if not is_open:
        pieces = pieces[:-1]
    if not filled[0] and (any(filled) or rows):
        pieces = pieces[1:]
    is_row = sum(filled) >= 2 or (rows and len(pieces) > 1)
    line, size = (number, len(pieces)) if is_row else (-1, 0)
    tokens = [_token(block, a, b, origin, True, line, size, k if is_row else -1) for k, (a, b) in enumerate(pieces)]
    if is_open and tokens and not is_row:
        tokens[-1] = tokens[-1]._replace(delimited=False)
    return tokens


def _is_tab_row(text: str) -> bool:
    """True where tabs delimit cells; a single text with tabs before it is only indented, a line of tabs a row of blanks."""
    pieces = text.rstrip("\r\n").split("\t")
    filled = [i for i, p in enumerate(pieces) if p.strip()]
    if not filled:
        return len(pieces) > _BLANK_ROW
    return len(filled) >= 2 or (len(filled) == 1 and len(pieces) - 1 - filled[0] >= 2)


def _tab_widths(lines: Sequence[str]) -> frozenset[int]:
    """The numbers of cells that several lines with tabs between their texts have."""
    counts = Counter(x.count("\t") + 1 for x in lines if "\t" in x and sum(bool(p.strip()) for p in x.split("\t")) > 1)
    return frozenset(width for width, n in counts.items() if n > 1)


def _is_lone_value(text: str, widths: frozenset[int]) -> bool:
    """True for a number behind tabs alone that has as many cells as other rows: its label is lost, and blanks are before it."""
    return text.count("\t") + 1 in widths and text.count("\t") >= _BLANK_ROW and is_value(text)


def _tab_line(block: TextBlock, origin: Origin, number: int) -> list[Token]:
    """Splits a line at its tabs; all its cells belong to one row."""
    tokens, start = [], 0
    pieces = block.text.rstrip("\r\n").split("\t")
    for column, piece in enumerate(pieces):
        tokens.append(_token(block, start, start + len(piece), origin, True, number, len(pieces), column))
        start += len(piece) + 1
    return tokens


def _bare_line(block: TextBlock, origin: Origin, number: int) -> list[Token]:
    """A line without delimiters: one token, or a row of a label and its numbers."""
    text = block.text
    if len(words := text.split()) < 2:
        return [_token(block, 0, len(text), origin, False, -1)] if words else []
    pieces = [(m.start(), m.end()) for m in re.finditer(r"\S+", text)]
    values = 0
    while values < len(pieces) and parse_value(text[slice(*pieces[-1 - values])]).state is not State.UNREADABLE:
        values += 1
    label = pieces[: len(pieces) - values]
    is_row = values >= 2 or (values == 1 and label and label[-1][1] - label[0][0] <= _ROW_LABEL_MAX)
    if is_row and (not label or label[-1][1] - label[0][0] <= 2 * _ROW_LABEL_MAX):
        ends = ([(label[0][0], label[-1][1])] if label else []) + pieces[len(label) :]
        return [_token(block, a, b, origin, values >= 2, number) for a, b in ends]
    wide = list(re.finditer(r"\S+(?: \S+)*", text.strip("\n")))
    if len(wide) > 1 and all(len(m.group()) <= _ROW_LABEL_MAX for m in wide):
        return [_token(block, m.start(), m.end(), origin, False, -1) for m in wide]
    return [_token(block, 0, len(text), origin, False, -1)]
