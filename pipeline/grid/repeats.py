"""Rows at the top of a page that repeat the header of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from pipeline.grid.pieces import Piece

Content = tuple[int, int, int, str]

_NUMERAL = re.compile("[0-9一二三四五六七八九十]")
_HEADS, _MISREAD = 2, 0.1


def is_repeated(upper: Sequence[Content], lower: Sequence[Content], is_read: bool) -> bool:
    """True for rows with the same cells and texts; read from pixels, a letter of them may differ, though no numeral."""
    if not is_read or [c[:3] for c in upper] != [c[:3] for c in lower]:
        return upper == lower
    a, b = ("\n".join(c[3] for c in cells) for cells in (upper, lower))
    if sum(bool(c[3]) for c in upper) < _HEADS:
        return a == b
    changes = [op for op in SequenceMatcher(None, a, b, autojunk=False).get_opcodes() if op[0] != "equal"]
    wrong = sum(max(i1 - i0, j1 - j0) for _, i0, i1, j0, j1 in changes)
    return wrong <= _MISREAD * len(a) and not any(_NUMERAL.search(a[i0:i1] + b[j0:j1]) for _, i0, i1, j0, j1 in changes)


def row_content(piece: Piece, row: int) -> list[Content]:
    """Returns the cells that begin in a row: column, spans (of rows at most nine) and text without white space."""
    return [
        (c.column, c.column_span, min(c.row + c.row_span, row + 9) - row, re.sub(r"\s", "", c.text))
        for c in piece.cells
        if c.row == row
    ]


def whole_rows(piece: Piece, count: int) -> int:
    """The largest number of leading rows up to `count` that no cell crosses downwards."""
    while count and any(c.row < count < c.row + c.row_span for c in piece.cells):
        count -= 1
    return count
