"""Rows of tables that a recogniser read: whether each figure stands in the column of the grid that the others stand in.

A pen stroke read as a figure or as a letter is one cell more in its row, and by their count alone the cells beside it would
move unseen. In a recovered grid each cell knows its columns, so those decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.canon.placing import Placed
from pipeline.canon.records import Record
from pipeline.canon.tokens import Token
from pipeline.domain import Origin, State

_UNREAD = "\ufffd"
"""Print that no reading was found for: it stands where a value stands."""

Span = tuple[int, int]
Lanes = Sequence[Span | None]


def doubt_recognised(rows: Sequence[Record | None], placed: Sequence[Placed | None], heads: Lanes = ()) -> list[Placed | None]:
    """Doubts rows of recognised tables whose figures may have moved, whole.

    Args:
        rows: the record of each row, None where it was not found.
        placed: the values of these rows.
        heads: the columns of the grid `[column, column_end)` over which the name of each column stands, None where unknown.

    Returns:
        The same rows. A row is in doubt where its values stand in other columns of the grid than those of most rows; and,
        unless it has one value in each ruled column, where no other row is like it and its values do not stand below their
        names, or where a text among them is no number.
    """
    # A head whose names were read as one cell tells no columns apart.
    known = [h for h in heads if h is not None]
    heads = heads if len(set(known)) == len(known) else ()
    lanes = _usual_lanes(rows, placed)
    result: list[Placed | None] = []
    for row, place in zip(rows, placed, strict=True):
        if row is None or place is None or place.doubt is not None or not _is_recognised(row):
            result.append(place)
            continue
        result.append(Placed(place.tokens, _why(row, place.tokens, lanes[row.table], heads)))
    return result


def _is_recognised(record: Record) -> bool:
    return record.table >= 0 and bool(record.items) and record.items[0].origin is Origin.OCR


def _why(record: Record, tokens: Sequence[Token | None], lanes: Lanes, heads: Lanes) -> str | None:
    """Why the values of a row may stand in wrong columns, or None."""
    if not all(_stands_in(t, k, lanes) for k, t in enumerate(tokens)):
        return "its values stand in other columns of the grid than those of the other rows"
    if _is_whole(record, tokens):
        return None
    alone = [h if lane is None else None for h, lane in zip(heads, lanes, strict=False)]
    if not all(_stands_in(t, k, alone) for k, t in enumerate(tokens)):
        return "its values do not stand below the names of their columns"
    strange = _strange_text(record, lanes, _stand_as_others(record, tokens, lanes))
    return None if strange is None else f"{strange[:40]!r} among its values is no number: the others may have moved"


def _stands_in(token: Token | None, column: int, lanes: Lanes) -> bool:
    """True where a token shares columns of the grid with its own lane; nothing is asked where either is unknown."""
    own = lanes[column] if column < len(lanes) else None
    return token is None or own is None or _overlap((token.column, token.column_end), own)


def _overlap(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _usual_lanes(rows: Sequence[Record | None], placed: Sequence[Placed | None]) -> dict[int, list[Span | None]]:
    """For each recovered table the columns in which most rows have each of their values, None where no two rows agree."""
    found: dict[int, list[Counter[Span]]] = {}
    for row, place in zip(rows, placed, strict=True):
        if row is None or place is None or not _is_recognised(row):
            continue
        counts = found.setdefault(row.table, [Counter() for _ in place.tokens])
        for k, token in enumerate(place.tokens):
            if token is not None and token.column >= 0:
                counts[k][token.column, token.column_end] += 1
    return {table: [_agreed(c) for c in counts] for table, counts in found.items()}


def _agreed(counts: Counter[Span]) -> Span | None:
    """The commonest columns, where two rows have them or more."""
    usual = counts.most_common(1)
    return usual[0][0] if usual and usual[0][1] > 1 else None


def _stand_as_others(record: Record, tokens: Sequence[Token | None], lanes: Lanes) -> bool:
    """True where a row has one cell in each column, those of the other rows: none of them is one too many, or has moved."""
    spans = [(t.column, t.column_end) if t is not None else None for t in tokens]
    return None not in spans and spans == list(lanes) and len(spans) == len(record.items)


def _strange_text(record: Record, lanes: Lanes, stand_as_others: bool) -> str | None:
    """A text in the columns of the values that is neither number nor blank nor dash, or None.

    Print that nobody could read is its own cell's doubt alone where the cells `stand_as_others`; likewise a figure with
    other print beside it (a stamp, a stroke) in a row without blanks: it is the figure of its own column.
    """
    full = stand_as_others and all(t.is_filled for t in record.items)
    for token in record.items:
        own = (stand_as_others and _UNREAD in token.text) or (full and any(c.isdigit() for c in token.text))
        if token.value.state is State.UNREADABLE and not own:
            return token.text
    first = min((a for a, _ in filter(None, lanes)), default=None)
    line = record.items[0].line
    for token in record.labels:
        behind = token.column >= first if first is not None else token.column > record.items[0].column
        if token.line == line and token.text.strip() and behind:
            return token.text
    return None


def _is_whole(record: Record, tokens: Sequence[Token | None]) -> bool:
    """True where a row has one value in each column between rulings, and none more."""
    spans = [(t.column, t.column_end) for t in tokens if t is not None]
    apart = all(a[1] <= b[0] for a, b in zip(spans, spans[1:], strict=False))
    return apart and len(spans) == len(tokens) == len(record.items) and all(t.ruled for t in record.items)
