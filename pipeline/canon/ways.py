"""The ways to put the values of a printed row into its columns: blanks around them are cells or padding, cells may be lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

from pipeline.canon.tokens import Token
from pipeline.domain import State

_MOST_WAYS, _MOST_LOST = 500, 2
_PAGE_NUMBER = re.compile(r"[1-9]\d?")

Tokens = tuple[Token | None, ...]


class Way(NamedTuple):
    """One way to place a row.

    Attributes:
        tokens: for each column its token, None where it has none.
        lost: columns whose cell was lost from this row alone.
        start: index of the row's item that stands in its first column.
        spare: true where its last number was taken for that of a page.
    """

    tokens: Tokens
    lost: tuple[int, ...]
    start: int
    spare: bool = False


def ways_of(items: Sequence[Token], width: int, absent: Sequence[int] = ()) -> Iterator[Way]:
    """Yields the ways to place a row's values in order.

    Args:
        items: its values and the blanks around them, at least one a value.
        width: number of columns.
        absent: columns that the print never had.
    """
    figures = [t for t in items if not _is_word(t)]
    if len(figures) < len(items) and len(figures) + len(absent) >= width:
        # A cell of the header reaches down into the row.
        items = figures
    yield from _ways(items, width, tuple(absent), False)
    if is_page_number(items):
        yield from _ways(items[:-1], width, tuple(absent), True)


def _ways(items: Sequence[Token], width: int, absent: tuple[int, ...], spare: bool) -> Iterator[Way]:
    columns = [c for c in range(width) if c not in absent]
    filled = [k for k, t in enumerate(items) if t.is_filled]
    if not filled:
        return
    if filled[-1] - filled[0] >= len(columns):
        # More cells than columns from the first number to the last: blanks of a header stand between them.
        items = [t for t in items if t.is_filled]
        filled = list(range(len(items)))
    need = max(0, len(columns) - len(items))
    # Blanks may stand in for a cell that was lost, numbers may not.
    padded = all(t.delimited for t in items) and not all(t.is_filled for t in items)
    for n_lost in (need, need + 1) if padded else (need,):
        kept = len(columns) - n_lost
        if kept <= 0 or comb(len(columns), n_lost) > _MOST_WAYS:
            continue
        for start in range(max(0, filled[-1] + 1 - kept), min(filled[0], len(items) - kept) + 1):
            for lost in combinations(columns, n_lost):
                if n_lost > need and lost[-1] == columns[-1]:
                    # The blank behind the row is that cell.
                    continue
                yield Way(_spread(items[start : start + kept], columns, lost, width), lost, start, spare)


def _is_word(token: Token) -> bool:
    """True for a text of Chinese letters that is no value: a misread number has none."""
    return token.value.state is State.UNREADABLE and any("\u3400" <= c <= "\u9fff" for c in token.text)


def _spread(items: Sequence[Token], columns: Sequence[int], lost: tuple[int, ...], width: int) -> Tokens:
    """Puts items into the columns that are not lost, in order."""
    if len(items) == width:
        return tuple(items)
    made: list[Token | None] = [None] * width
    places = [c for c in columns if c not in lost] if lost else columns
    for place, token in zip(places, items, strict=True):
        made[place] = token
    return tuple(made)


def lacking_ways(items: Sequence[Token], width: int) -> Iterator[Tokens]:
    """Yields the ways to place a row of which cells were lost, whatever stands for them: blanks around its values are none."""
    filled = [k for k, t in enumerate(items) if t.is_filled]
    inner = items[filled[0] : filled[-1] + 1] if filled else ()
    n_lost = width - len(inner)
    most = _MOST_WAYS if len(items) < width else comb(width, _MOST_LOST)
    if inner and n_lost > 0 and comb(width, n_lost) <= most and (len(items) < width or n_lost <= _MOST_LOST):
        for lost in combinations(range(width), n_lost):
            yield _spread(inner, range(width), lost, width)


def is_page_number(items: Sequence[Token]) -> bool:
    """True where the last value of a row may be the number of a page, behind figures that are not all noughts."""
    return ends_in_bare_number(items) and any(t.value.value for t in items[:-1])


def ends_in_bare_number(items: Sequence[Token]) -> bool:
    """True where the last value of a row stands on a bare line and is as small as the numbers of pages are."""
    return len(items) > 1 and is_bare_number(items[-1])


def is_bare_number(token: Token) -> bool:
    """True for a number on a bare line that is as small as the numbers of pages are."""
    return not token.delimited and token.line < 0 and token.table < 0 and bool(_PAGE_NUMBER.fullmatch(token.text))
