"""Rows of recovered grids that have more or fewer cells than the table has columns: values stand below the names of theirs.

A column more (备注, 占比, 上年数, a serial number) leaves the count of a row's cells telling nothing, and where noughts are left
blank the numbers alone fit several places. The grid knows which name stands over which cell.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.canon.records import Record
from pipeline.canon.tokens import Token
from pipeline.domain import Origin

Span = tuple[int, int]
Heads = Sequence[Span | None]
_SHIFTS = (0, 1, 2, 3)


def place_beneath(record: Record, heads: Heads, others: Sequence[Span]) -> tuple[Token | None, ...] | None:
    """Places the values of a row below the names of their columns.

    Args:
        record: a row of a recovered grid.
        heads: the columns of the grid `[column, column_end)` over which the name of each column stands.
        others: those of further cells of the header, which name no column of the table.

    Returns:
        A value for each column, or None where the names do not settle it: one is unknown, the text was read from pixels, a
        value stands below two names or none at all, or two stand below one.
    """
    known = [h for h in heads if h is not None]
    if len(known) != len(heads) or _overlapping(known) or record.table < 0 or record.items[0].origin is Origin.OCR:
        return None
    placed: list[Token | None] = [None] * len(known)
    further = _further(record, others)
    for token in record.items:
        own = [k for k, head in enumerate(known) if _overlap(_span(token), head)]
        if not own and (not token.is_filled or any(_overlap(_span(token), o) for o in further)):
            continue
        if len(own) != 1 or placed[own[0]] is not None:
            return None
        placed[own[0]] = token
    return tuple(placed) if all(t is not None for t in placed) else None


def is_beneath(record: Record, tokens: Sequence[Token | None], heads: Heads, others: Sequence[Span]) -> bool:
    """False where values of a row in a grid stand below the name of another column, or two below one name.

    Only a row whose count of cells does not say where they belong is asked; header and body may be divided differently. It says
    nothing where a value stands below a further name. The rows of a scrape are asked only for cells too many: one too few has
    been lost, and the others closed up.
    """
    if len(heads) != len(tokens) or any(t.column < 0 for t in record.items):
        return True
    if record.table < 0 and len(record.items) < len(tokens):
        return True
    filled = [_span(t) for t in record.items if t.is_filled]
    is_further = any(_overlap(span, other) for span in filled for other in _further(record, others))
    if len(record.items) == len(tokens) and not is_further:
        return True
    known = [h for h in heads if h is not None]
    if not known or _overlapping(known) or not record.is_filled:
        return True
    # A row of a scrape may have lost the blank cells before its label: all of its values then stand as far to the left. Not so
    # where one stands below a further name, whose value it may be.
    taken = {_span(t) for t in tokens if t is not None}
    shifts = _SHIFTS if record.table < 0 and taken.issuperset(filled) and not is_further else (0,)
    return any(_stands_below(filled, tokens, heads, shift) for shift in shifts)


def _further(record: Record, others: Sequence[Span]) -> list[Span]:
    """Those of further names that may have values of their own.

    A name that reaches over the labels of the rows is theirs: a number below it says that header and body do not agree.
    """
    if not record.items:
        return list(others)
    labels = [_span(t) for t in record.labels if t.line == record.items[0].line]
    return [o for o in others if not any(_overlap(o, label) for label in labels)]


def _stands_below(filled: Sequence[Span], tokens: Sequence[Token | None], heads: Heads, shift: int) -> bool:
    """True where values that stand `shift` cells too far to the left stand below their names, and one below each."""
    moved = [None if h is None else (h[0] - shift, h[1] - shift) for h in heads]
    if any(sum(_overlap(span, head) for span in filled) > 1 for head in moved if head is not None):
        return False
    return all(t is None or h is None or _overlap(_span(t), h) for t, h in zip(tokens, moved, strict=True))


def _span(token: Token) -> Span:
    return token.column, token.column_end


def _overlapping(spans: Sequence[Span]) -> bool:
    """True where two names share a column of the grid: their cells were pushed together."""
    ordered = sorted(spans)
    return any(a[1] > b[0] for a, b in zip(ordered, ordered[1:], strict=False))


def _overlap(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]
