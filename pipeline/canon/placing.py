"""Which value of a row stands in which column: by count where the count is full, else by the grid, else not for certain."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.canon.beneath import is_beneath, place_beneath
from pipeline.canon.header import HeaderFit
from pipeline.canon.records import Record
from pipeline.canon.tokens import Token
from pipeline.canon.ways import ends_in_bare_number
from pipeline.domain import State

_FEW = 4
# Rows with as many cells begin in the same one: where more than this share begins in others, none is certain.
_SOLE = 0.8


@dataclass(frozen=True, slots=True)
class Placed:
    """The values of one row: `tokens[c]` for column c, None where it has none; `doubt` is None where the place is certain."""

    tokens: tuple[Token | None, ...]
    doubt: str | None


def _windows(record: Record, width: int) -> list[int]:
    """Offsets at which a window of `width` items holds every number of the record."""
    filled = record.filled
    last = len(record.items) - width
    if last < 0:
        return []
    return [o for o in range(last + 1) if not filled or (o <= filled[0] and filled[-1] < o + width)]


def _class_of(record: Record) -> tuple[int, int]:
    """Records of one class have their blanks in the same place: same column of the first item, same number of items."""
    return record.size - len(record.items), len(record.items)


def is_full(record: Record, width: int) -> bool:
    """True where the record has exactly as many numbers as columns, without a blank between them."""
    filled = record.filled
    return len(filled) == width and filled[-1] - filled[0] == width - 1


def holds(record: Record, width: int) -> bool:
    """True where a record has numbers that may be a row of that many columns, blank cells around them left out."""
    exact = len(record.items) == width and record.is_filled
    in_row = bool(record.items) and record.items[0].line >= 0 and record.is_filled and bool(_windows(record, width))
    return exact or in_row or is_full(record, width)


def has_room(record: Record, width: int) -> bool:
    """True where all numbers of a record lie within so many neighbouring items."""
    return bool(_windows(record, width))


def place_rows(rows: Sequence[Record | None], header: HeaderFit, group: int) -> list[Placed | None]:
    """Places the values of the matched records of one table.

    Args:
        rows: the record of each row of the schema, None where it was not found.
        header: the alignment of the header; it has one entry for each column.
        group: number of neighbouring columns that end in their total, or all of them.

    Returns:
        For each row its values, or None where there is no record.
    """
    n = len(header.texts)
    present = [r for r in rows if r is not None]
    columns, doubt = _kept_columns(present, header, n)
    width = len(columns)
    spans = _column_spans(present, width)
    offsets: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for record in present:
        choices = _windows(record, width)
        sound = all(t.delimited for t in record.items) and _size_doubt(record) is None
        if len(choices) == 1 and len(record.items) > width and sound:
            offsets[_class_of(record)][choices[0]] += 1
    placed: list[Placed | None] = []
    for row in rows:
        if row is None:
            placed.append(None)
            continue
        heads = [header.spans[c] for c in columns] if header.spans else []
        below = place_beneath(row, heads, header.others) if heads and len(row.items) != width else None
        narrow = _place(row, width, offsets, spans, len(present) > 1) if below is None else Placed(below, row.doubt)
        moved = (
            None
            if is_beneath(row, narrow.tokens, heads, header.others)
            else "its values do not stand below the names of their columns"
        )
        wide: list[Token | None] = [None] * n
        for column, token in zip(columns, narrow.tokens, strict=True):
            wide[column] = token
        placed.append(Placed(tuple(wide), narrow.doubt or doubt or moved))
    placed = _doubt_bare_ends(rows, placed)
    found = _doubt_lone(rows, _doubt_open_ends(placed, group, len(header.found) == n), width)
    found = _doubt_narrow(present, _doubt_leads(present, _doubt_strays(rows, found), width), width)
    return _doubt_few(present, found, width)


def _doubt_lone(rows: Sequence[Record | None], placed: list[Placed | None], width: int) -> list[Placed | None]:
    """Doubts the only row of a table where blanks stand around fewer numbers than columns: a lost value leaves the same."""
    present = [r for r in rows if r is not None]
    if len(present) != 1 or present[0].table >= 0 or not present[0].is_filled:
        return placed
    record = present[0]
    line = record.items[0].line
    # Several labels on its line are pieces of the header: the blanks behind them may be theirs.
    mixed = line >= 0 and sum(t.line == line for t in record.labels) > 1
    padded = line < 0 and record.size == record.usual
    if (len(record.items) <= width and not mixed) or padded or _length(record) >= width:
        return placed
    text = "blank cells beside its numbers may be columns or not"
    return [p and Placed(p.tokens, p.doubt or text) for p in placed]


def _doubt_bare_ends(rows: Sequence[Record | None], placed: list[Placed | None]) -> list[Placed | None]:
    """Doubts rows that end in a small number on a bare line, and hold nothing else but blank cells or dashes.

    A row that lost a cell and got the number of the page instead has the right count, and no sum speaks against it.
    """
    ends = [r is not None and r.table < 0 and len(r.items) > _FEW and _is_bare_end(r.items) for r in rows]
    if not any(ends) or 2 * sum(ends) > sum(r is not None for r in rows):
        return placed
    text = "its only number may be that of the page"
    return [Placed(p.tokens, p.doubt or text) if p is not None and end else p for p, end in zip(placed, ends, strict=True)]


def _is_bare_end(items: Sequence[Token]) -> bool:
    """True for a number such as pages have behind cells without any."""
    return ends_in_bare_number(items) and all(t.value.value is None for t in items[:-1])


def _doubt_strays(rows: Sequence[Record | None], placed: list[Placed | None]) -> list[Placed | None]:
    """Doubts a row with blanks that begins in a cell of its printed line in which no other row begins."""
    starts: Counter[int] = Counter()
    own: dict[int, int] = {}
    for k, (row, place) in enumerate(zip(rows, placed, strict=True)):
        first = place.tokens[0] if place is not None else None
        if row is None or first is None or row.table >= 0 or row.items[0].line < 0 or not row.is_filled:
            continue
        own[k] = row.size - len(row.items) + next(i for i, t in enumerate(row.items) if t is first)
        starts[own[k]] += 1
    if not starts or starts.most_common(1)[0][1] < _FEW - 1:
        return placed
    text = "it begins in another cell of its line than all other rows"
    return [
        Placed(p.tokens, p.doubt or text) if p is not None and k in own and starts[own[k]] == 1 and _has_blank(p) else p
        for k, p in enumerate(placed)
    ]


def _doubt_leads(records: Sequence[Record], placed: list[Placed | None], width: int) -> list[Placed | None]:
    """Doubts scraped rows that begin in a blank cell where many rows are too short or in doubt.

    A table that lost a column is too narrow in most rows; where a label is narrower than those of the other rows, the blank
    behind it, in which others have a part of their label, stands in for the lost cell and moves all values by one.
    """
    scraped = [r for r in records if r.table < 0 and r.items and all(t.delimited for t in r.items)]
    doubted = sum(p is not None and p.doubt is not None and _is_any_filled(p) for p in placed)
    doubted += sum(len(r.items) < width and not r.is_filled for r in scraped)
    if width < _FEW or len(records) < _FEW or len(scraped) < len(records) or _FEW * doubted < len(records):
        return placed
    text = "it begins in a blank cell, and many rows of the table have another count of values"
    return [Placed(p.tokens, p.doubt or text) if p is not None and _begins_blank(p) else p for p in placed]


def _doubt_narrow(records: Sequence[Record], placed: list[Placed | None], width: int) -> list[Placed | None]:
    """Doubts all rows of a scraped table of one column where one of them has several numbers: it may have more columns."""
    if width > 1 or not any(r.table < 0 and sum(t.is_filled for t in r.items) > 1 for r in records):
        return placed
    text = "a row of its table has several values where the table has 1 column"
    return [p and Placed(p.tokens, p.doubt or text) for p in placed]


def _is_any_filled(placed: Placed) -> bool:
    return any(t is not None and t.is_filled for t in placed.tokens)


def _begins_blank(placed: Placed) -> bool:
    """True for a row with numbers whose first cell is blank."""
    first = placed.tokens[0]
    return first is not None and not first.is_filled and _is_any_filled(placed)


def _has_blank(placed: Placed) -> bool:
    return any(t is None or not t.is_filled for t in placed.tokens)


def _doubt_few(records: Sequence[Record], placed: list[Placed | None], width: int) -> list[Placed | None]:
    """Doubts rows of bare lines that have the right count where most rows do not: theirs may be right by accident."""
    bare = [r for r in records if not any(t.delimited for t in r.items)]
    full = sum(len(r.items) == width for r in bare)
    if len(bare) < _FEW or len(bare) < len(records) or 2 * full > len(bare):
        return placed
    text = f"most rows of the table have another count of values than {width}"
    return [p and Placed(p.tokens, p.doubt or text) for p in placed]


def _doubt_open_ends(placed: Sequence[Placed | None], group: int, named: bool) -> list[Placed | None]:
    """Doubts rows of a scrape that end in a blank: a row that lost a cell and was padded again looks the same.

    Where most rows end so, but not all, under a header that names every column (`named`), it is the report's manner; but
    not where they are the first or the last part of the table, which may have lost its last column.
    """
    filled = [p for p in placed if p is not None and any(t is not None and t.is_filled for t in p.tokens)]
    is_open = [_has_open_end(p.tokens, group) for p in filled]
    ends = [p for p, is_end in zip(filled, is_open, strict=True) if is_end]
    part = sum(a != b for a, b in pairwise(is_open)) == 1
    if not ends or (named and not part and len(filled) >= 4 and len(filled) > len(ends) > len(filled) / 2):
        return list(placed)
    text = "the row ends in a blank: it may have lost a cell"
    open_ended = {id(p) for p in ends}
    return [Placed(p.tokens, p.doubt or text) if p is not None and id(p) in open_ended else p for p in placed]


def _has_open_end(tokens: Sequence[Token | None], group: int) -> bool:
    """True where a group of delimited scraped cells has numbers, but a blank at its end."""
    for start in range(0, len(tokens), group):
        part = [t for t in tokens[start : start + group] if t is not None]
        scraped = bool(part) and all(t.delimited and t.table < 0 for t in part)
        if scraped and not part[-1].is_filled and any(t.is_filled for t in part):
            return True
    return False


def _kept_columns(records: Sequence[Record], header: HeaderFit, n: int) -> tuple[tuple[int, ...], str | None]:
    """The columns that the report has, and why that is doubtful.

    All of them, unless the header lacks some and the rows are too short for them. Where the header lacks some and no row
    is long enough to tell whether its label or the whole column was lost, nobody can say.
    """
    everything = tuple(range(n))
    found = header.found
    if not records or len(found) in (0, n):
        return everything, None
    lengths = Counter(_length(r) for r in records)
    clear = min(header.margins[k] for k in found) >= 0.1 and not header.conflicts
    # More than half of the rows must agree, or a single short row would move the columns of all the others; and where
    # blanks might be cells, several rows must be full of numbers.
    short = [r for r in records if _length(r) == len(found) and (len(r.items) < n or is_full(r, len(found)))]
    sure = len(records) >= _FEW or all(len(r.items) < n for r in short)
    if clear and 2 * len(found) > n and 2 * len(short) > len(records) and sure:
        # A lone scraped row may just as well have lost a value, and the header a label, of different columns.
        alone = len(records) == 1 and records[0].table < 0
        return found, "the header lacks a label and the only row a value: they need not be of one column" if alone else None
    # In delimited cells a row may be full of blanks: a few that reach from the first column to the last are proof enough.
    enough = 1 if records[0].items[0].delimited else len(records) / 2
    if lengths[n] >= enough or max(lengths) > n or 2 * len(found) < n:
        return everything, None
    text = "the header lacks a column, and no row tells whether its label or all of it was lost"
    return (found if all(len(r.items) == len(found) for r in records) else everything), text


def _length(record: Record) -> int:
    """Number of columns that a record is sure to have; in scraped cells those from the first number to the last."""
    if record.table >= 0 or not all(t.delimited for t in record.items):
        return len(record.items)
    filled = record.filled
    return filled[-1] - filled[0] + 1 if filled else 0


def _column_spans(records: Sequence[Record], width: int) -> list[tuple[int, int]] | None:
    """The columns of the recovered grid that belong to each column, from rows whose count is right; None elsewhere."""
    exact = [r for r in records if len(r.items) == width and r.table >= 0 and all(t.column >= 0 for t in r.items)]
    if not exact:
        return None
    usual, _ = Counter(tuple((t.column, t.column_end) for t in r.items) for r in exact).most_common(1)[0]
    return list(usual)


def _place(
    record: Record,
    width: int,
    offsets: dict[tuple[int, int], Counter[int]],
    spans: list[tuple[int, int]] | None,
    several: bool,
) -> Placed:
    """Places the values of one record, which may be one of `several` of its table, in `width` columns."""
    items = record.items
    odd = next((t.text for t in items if t.value.state is State.UNREADABLE), None)
    if record.table < 0 and odd is not None and not any(c.isdigit() for c in odd):
        # Words are no value that was misread: they belong to another row, and the count is right by accident.
        return Placed((*items[:width], *[None] * (width - len(items))), f"{odd[:40]!r} stands among its numbers")
    if is_full(record, width) and all(t.delimited for t in items):
        # As many numbers as columns: no cell was lost, whatever the number of blank cells around them.
        start = next(k for k, t in enumerate(items) if t.is_filled)
        return Placed(items[start : start + width], None)
    if len(items) == width:
        return Placed(items, record.doubt or _size_doubt(record))
    if spans is not None and record.table >= 0:
        by_grid = _place_by_grid(record, spans)
        if by_grid is not None:
            return Placed(by_grid, record.doubt)
    if len(items) < width:
        padded = (*items, *[None] * (width - len(items)))
        return Placed(padded, f"{len(items)} values where the table has {width} columns")
    if not all(t.delimited for t in items):
        return Placed(items[:width], f"{len(items)} values where the table has {width} columns")
    start, doubt = _window(record, width, offsets, several)
    return Placed(items[start : start + width], record.doubt or _size_doubt(record) or doubt)


def _size_doubt(record: Record) -> str | None:
    """Why a row with blank cells may have lost one: its number of cells is not that of the rows around it.

    The last row of a stream may lack the blanks that pad it: it is complete where it ends in a number, or where more
    than one cell is wanting, since a lost cell would leave the padding.
    """
    if not record.usual and record.is_filled and record.table < 0 and record.items[0].delimited:
        return "no row beside it tells how many of its blanks are cells"
    missing = record.usual - record.size
    if not record.usual or not missing:
        return None
    if record.may_trim and missing > 0 and (record.items[-1].is_filled or missing > 1):
        return None
    return f"this row has {record.size} cells where the rows around it have {record.usual}"


def _window(record: Record, width: int, offsets: dict[tuple[int, int], Counter[int]], several: bool) -> tuple[int, str | None]:
    """Returns where the values of a row with more cells than columns begin, and why that is doubtful."""
    choices = _windows(record, width)
    if len(choices) == 1:
        own = offsets.get(_class_of(record), Counter())
        sole = own[choices[0]] >= _SOLE * own.total()
        return choices[0], None if sole else "rows with as many cells begin in another cell than it"
    if not choices:
        return 0, f"its numbers spread over more than {width} cells"
    if not record.is_filled:
        return choices[0], None
    agreed = _agreed(record, offsets)
    # In rows of just a label and the columns a lost label leaves its cell.
    nameless = not record.labels and (bool(offsets) or (several and record.size == record.usual == width + 1))
    stream = record.usual and record.items[0].line < 0
    if (agreed is None or nameless) and stream and all(set(c) <= {0} for c in offsets.values()):
        # The rows of a stream are padded at their end, never in front of their values; a lost label leaves its cell.
        agreed = 1 if nameless else 0
    if agreed in choices:
        return agreed, None
    return choices[0], "blank cells at both ends of the row leave its columns open"


def _agreed(record: Record, offsets: dict[tuple[int, int], Counter[int]]) -> int | None:
    """The offset on which the determined rows of the same class agree, else on which all determined rows agree."""
    own = offsets.get(_class_of(record))
    if own and len(own) == 1:
        return next(iter(own))
    together: set[int] = set().union(*offsets.values()) if offsets else set()
    # One row alone is no agreement.
    several = sum(sum(c.values()) for c in offsets.values()) > 1
    return together.pop() if not own and several and len(together) == 1 else None


def _place_by_grid(record: Record, spans: Sequence[tuple[int, int]]) -> tuple[Token | None, ...] | None:
    """Places values by the columns of the recovered grid; None where two values or half a value would share a column."""
    placed: list[Token | None] = [None] * len(spans)
    for token in record.items:
        touched = [k for k, (a, b) in enumerate(spans) if token.column < b and a < token.column_end]
        if not touched and not token.is_filled:
            continue
        if len(touched) != 1 or placed[touched[0]] is not None:
            return None
        placed[touched[0]] = token
    return tuple(placed) if all(p is not None for p in placed) else None
