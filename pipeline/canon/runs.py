"""Rows in runs of delimited cells: where every printed row has the same number of cells, a longer run is several rows."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.canon.labels import numbering
from pipeline.canon.records import Record
from pipeline.canon.tokens import Token

_REACH = 4
_MIN_CELLS = 3
_SHORT = 16
_ENUMERATOR = re.compile(r"[1-9]\d?")
_BEHIND_NUMBER = re.compile(r"\s*[、.．]\s*\D")


def regularise(records: list[Record]) -> list[Record]:
    """Splits delimited records that hold more than one printed row, and says how long each row should be.

    A pipe stream has no line ends, but its rows are padded to one length: the commonest size among the records around
    one. What is longer is split there. In rows with lines of their own the size tells whether a cell was lost.
    """
    records = _join_unreadable(_close_rows(_return_numbers(records)))
    whole, records = records, [_without_loose(r) for r in records]
    kinds = [_kind(r) for r in records]
    lines = {t.line: t.line_size for r in records for t in (*r.labels, *r.items) if t.line_size}
    runs = _runs(records, kinds)
    result: list[Record] = []
    opened = False
    for k, record in enumerate(records):
        if not all(t.delimited for t in record.labels):
            # A pipe in front of the first row of a run: every row opens with one, which the row before it counts.
            opened = len(record.items) == 1 and not record.is_filled and not any(t.delimited for t in record.labels)
        near: list[int] = []
        if kinds[k] == "line":
            usual, count = _usual_size(record.items[0].line, lines)
        else:
            near = [i for i in range(k - _REACH, k + _REACH + 1) if i in runs and runs[i] == runs.get(k)]
            sizes = {i: records[i].size for i in near if not _is_head(records[i])}
            usual, count = _usual_size(k, sizes)
            # The first row of a table behind one of half its width is no two rows of that.
            after = [sizes[i] == record.size for i in range(k + 1, k + 1 + _REACH) if i in sizes]
            usual = record.size if count and sum(after) > max(1, len(after) / 2) and record.is_filled else usual
        if record is not whole[k] and (count < 2 or usual < _MIN_CELLS or not _fits(record.size, usual)):
            # Only a row that is complete without it says that a number outside all cells is none of its values.
            result.append(whole[k])
            continue
        if kinds[k] is None or count < 2 or usual < _MIN_CELLS or record.split:
            result.append(record)
            continue
        ends = k + 1 == len(records) or kinds[k + 1] != kinds[k] or (kinds[k] == "stream" and runs[k + 1] != runs[k])
        stream_end = ends and kinds[k] == "stream"
        long = record.size > usual and kinds[k] == "stream"
        head = _head_before(records, k, usual) if long else 0
        behind = _rows_behind_header(record, usual, head, stream_end and opened) if head else None
        pieces = behind or (_split(record, usual, _padding(records, near, record, usual)) if long else [record])
        result += [replace(p, usual=usual) for p in pieces[:-1]]
        result.append(replace(pieces[-1], usual=usual - (stream_end and opened), may_trim=stream_end and not opened))
    return result


def _runs(records: Sequence[Record], kinds: Sequence[str | None]) -> dict[int, int]:
    """Numbers the stretches of stream records that no bare line interrupts; what is no stream is in none.

    A bare line between rows of one size is no interruption: a label that fell over two lines, or a line of page chrome.
    """
    runs: dict[int, int] = {}
    number = 0
    for k, record in enumerate(records):
        stream = kinds[k] == "stream"
        number += not stream or not (all(t.delimited for t in record.labels) or _goes_on(records, kinds, k))
        if stream:
            runs[k] = number
    return runs


def _goes_on(records: Sequence[Record], kinds: Sequence[str | None], k: int) -> bool:
    """True where record `k` has the size of the rows before it, or is several of them and one more follows, or the end."""
    sizes: list[int] = []
    for place in range(k - 1, -1, -1):
        if kinds[place] != "stream" or len(sizes) == _REACH:
            break
        if not _is_head(records[place]):
            sizes.append(records[place].size)
    usual, count = Counter(sizes).most_common(1)[0] if sizes else (0, 0)
    size = records[k].size
    if count < 2 or 2 * count < len(sizes) or usual < _MIN_CELLS or not _fits(size, usual):
        return False
    if size == usual or k + 1 == len(records) or kinds[k + 1] != "stream":
        return True
    return records[k + 1].size <= usual or _fits(records[k + 1].size, usual)


def _fits(size: int, usual: int) -> bool:
    """True for whole rows, each of which but the first may lack the place of its label."""
    rest = size - usual
    return rest >= 0 and (rest % usual == 0 or -rest % usual <= rest // usual + 1)


def _return_numbers(records: list[Record]) -> list[Record]:
    """Puts the number of a label that fell apart behind it (`3` and `、其他`) from a row of cells back in front of the rest."""
    made = list(records)
    for k, (record, after) in enumerate(pairwise(records)):
        last = record.items[-1] if len(record.items) > 1 or (record.items and not record.labels) else None
        if last is None or last.delimited or last.line >= 0 or not after.labels or not _ENUMERATOR.fullmatch(last.text):
            continue
        label = after.labels[0]
        if all(t.delimited for t in record.items[:-1]) and _BEHIND_NUMBER.match(label.text):
            made[k] = replace(made[k], items=record.items[:-1])
            made[k + 1] = replace(after, labels=(label._replace(text=last.text + label.text), *after.labels[1:]))
    return made


def _close_rows(records: Sequence[Record]) -> list[Record]:
    """Gives a row of a stream its last cell back, where a line of page chrome stands in front of it.

    Where every row opens with a pipe, the row before counts it, unless such a line is in between.
    """
    made = list(records)
    gone: set[int] = set()
    for k in range(1, len(made) - 1):
        # The number of a page before that line is none of the row's cells: it is complete without it.
        before, chrome, after = _without_loose(made[k - 1]), made[k], made[k + 1]
        lone = len(chrome.items) == 1 and not chrome.is_filled and bool(chrome.labels)
        if not lone or any(t.delimited for t in chrome.labels) or not chrome.items[0].delimited:
            continue
        rows = [made[i] for i in (k - 2, k + 1) if i >= 0]
        sizes = {r.size for r in rows if _kind(r) == "stream"}
        if _kind(before) == "stream" and len(rows) == 2 and sizes == {before.size + 1} and all(t.delimited for t in after.labels):
            made[k - 1] = replace(before, items=(*before.items, *chrome.items))
            made[k + 1] = replace(after, labels=(*chrome.labels, *after.labels))
            gone.add(k)
    return [r for k, r in enumerate(made) if k not in gone]


def _without_loose(record: Record) -> Record:
    """A row of delimited cells without the bare numbers among them, which may be those of pages; any other as it is."""
    loose = [t for t in record.items if not t.delimited and t.line < 0 and t.table < 0 and _ENUMERATOR.fullmatch(t.text)]
    if not loose or len(record.items) < len(loose) + _MIN_CELLS:
        return record
    rest = tuple(t for t in record.items if not any(t is x for x in loose))
    return replace(record, items=rest) if all(t.delimited for t in rest) else record


def _is_head(record: Record) -> bool:
    """True for labels with hardly a blank behind them: a piece of a header with holes tells no row's length."""
    return not record.is_filled and len(record.items) <= len(record.labels)


def _usual_size(place: int, sizes: Mapping[int, int]) -> tuple[int, int]:
    """The size of the rows around one, the nearest counting most, and how many have it; (0, 0) where there are none."""
    weights: dict[int, float] = defaultdict(float)
    counts: Counter[int] = Counter()
    for other in range(place - _REACH, place + _REACH + 1):
        if other != place and other in sizes:
            weights[sizes[other]] += 1 / abs(other - place)
            counts[sizes[other]] += 1
    if not weights:
        return 0, 0
    usual = max(weights, key=lambda size: (weights[size], -size))
    return usual, counts[usual]


def _join_unreadable(records: list[Record]) -> list[Record]:
    """Joins two records of a stream that a text among their numbers cut in two; that text is a value nobody can read.

    Only a short text with a digit is taken for one, and only where the two together are as long as the rows around.
    """
    made: list[Record] = []
    for k, record in enumerate(records):
        before = made[-1] if made else None
        cut = before is not None and before.is_filled and bool(before.labels) and len(record.labels) == 1
        if before is not None and cut and _kind(before) == _kind(record) == "stream" and _looks_like_value(record.labels[0]):
            near = Counter(r.size for r in records[max(0, k - 1 - _REACH) : k - 1] + records[k + 1 : k + 1 + _REACH])
            together = before.size + record.size
            if near[together] >= 2 and near[before.size] < near[together]:
                made[-1] = replace(before, items=(*before.items, *record.labels, *record.items))
                continue
        made.append(record)
    return made


def _looks_like_value(token: Token) -> bool:
    """True for a short delimited text with a digit that is no enumeration."""
    text = token.text
    return token.delimited and len(text) <= _SHORT and any(c.isdigit() for c in text) and numbering(text) is None


def _kind(record: Record) -> str | None:
    """`stream` for cells in a stream of pipes, `line` for delimited cells on a line of their own, None for the others."""
    if not record.items or record.table >= 0 or not all(t.delimited for t in record.items):
        return None
    return "line" if record.items[0].line >= 0 else "stream"


def _head_before(records: Sequence[Record], k: int, usual: int) -> int:
    """Number of cells of the pieces of a header with holes that stand before a record on its printed row."""
    head = 0
    while k > 0 and _is_head(records[k - 1]) and _kind(records[k - 1]) == "stream" and head + records[k - 1].size < usual:
        k -= 1
        head += records[k].size
    return head


def _rows_behind_header(record: Record, usual: int, head: int, opened: bool) -> list[Record] | None:
    """Cuts the rest of a header that has lost labels, of which `head` cells stand before, from the rows behind it.

    Where rows are `opened` by a pipe that the row before counts, the last one has a cell less.
    """
    cells = (*record.labels, *record.items)
    if not record.labels or not all(t.delimited for t in cells):
        return None
    # The header is as long as a row is, where what is left then is whole rows; else a single row ends with the record.
    end = usual - head
    if (len(cells) + opened - end) % usual or len(cells) <= end or any(t.is_item and t.is_filled for t in cells[:end]):
        end = len(cells) - usual
    if end < len(record.labels) - 1 or end <= 0 or any(t.is_item and t.is_filled for t in cells[:end]):
        return None
    made = [replace(record, labels=_labels(cells[:end]), items=_items(cells[:end]))]
    for start in range(end, len(cells), usual):
        row = cells[start : start + usual]
        doubt = "a header with holes stands in front of it" if start == end else None
        made.append(Record(_labels(row), _items(row), doubt=doubt, split=not _labels(row)))
    return made


def _labels(cells: Sequence[Token]) -> tuple[Token, ...]:
    return tuple(t for t in cells if not t.is_item)


def _items(cells: Sequence[Token]) -> tuple[Token, ...]:
    return tuple(t for t in cells if t.is_item)


def _padding(records: Sequence[Record], near: Sequence[int], record: Record, usual: int) -> int:
    """The number of blanks at the end of the rows around one that have as many labels and are as long as is usual."""
    ends = []
    for other in (records[i] for i in near):
        if other is record or other.size != usual or not other.is_filled or len(other.labels) != len(record.labels):
            continue
        ends.append(next(k for k, t in enumerate(reversed(other.items)) if t.is_filled))
    return min(ends, default=0)


def _split(record: Record, usual: int, padding: int) -> list[Record]:
    """Cuts a record after every `usual` delimited cells.

    What is left after the first row is cut on only where it is whole rows, or lacks at most the lost label of each:
    else it is a row of another table. Then the first row is the last of its table, which may lack the blanks that pad the
    others: numbers where those have none (`padding`) are the other table's, and where the row ends remains in doubt.
    """
    tokens = (*record.labels, *record.items)
    rest = sum(t.delimited for t in tokens) - usual
    several = _fits(usual + rest, usual)
    if not several and not any(t.is_filled for t in tokens if t.is_item):
        # Nothing says that the blanks behind a header are rows of this length.
        return [record]
    trimmed = not several and _is_trimmed(tokens, usual, padding)
    first = usual - padding if trimmed else usual
    pieces: list[list[Token]] = [[]]
    count = 0
    for token in tokens:
        if token.delimited:
            if count == (first if len(pieces) == 1 else usual) and (several or len(pieces) == 1):
                pieces.append([])
                count = 0
            count += 1
        pieces[-1].append(token)
    if len(pieces[-1]) < usual - 2 and not any(t.is_filled for t in pieces[-1]):
        tail = pieces.pop()
        pieces[-1] += tail
    made = []
    for number, piece in enumerate(pieces):
        labels = _labels(piece)
        made.append(Record(labels, _items(piece), split=number > 0 and not labels))
    if not several and len(made) > 1 and made[1].is_filled:
        made[0] = replace(made[0], doubt="numbers of another table run on behind it")
    return made


def _is_trimmed(tokens: Sequence[Token], usual: int, padding: int) -> bool:
    """True where a number stands among the last `padding` of the first `usual` cells."""
    cells = [t for t in tokens if t.delimited][:usual]
    return padding > 0 and any(t.is_item and t.is_filled for t in cells[usual - padding :])
