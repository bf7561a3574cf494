"""What stands around the rows of a table and makes them doubtful: left-over numbers, labels without numbers, repeats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.canon.labels import best_similarity, normalise, numbering
from pipeline.canon.records import Record
from pipeline.canon.rows import RowFit
from pipeline.canon.schema import TableSchema
from pipeline.domain import State

_SAME_LABEL, _EXACT_LABEL, _LABEL_FLOOR = 0.9, 0.95, 0.6
_LONG = 6
# A text adds nothing to a label that fits no worse without it.
_NO_PART, _LONG_TABLE = 0.02, 5
_PUNCTUATION = frozenset("：:、，,。.；;）)")
# Digits, and what stands for a nought or a blank.
_ENDS_IN_DIGIT = re.compile(r"[\dOo○〇零/—-][.．、]?\s*$")


def neighbour_doubts(fit: RowFit, table: TableSchema) -> dict[int, str]:
    """Returns why rows are doubtful because of what stands around them, by index of the row.

    Args:
        fit: the records of a window and the rows that they were matched with.
        table: the table.
    """
    picks = [m.start if m is not None else None for m in fit.alignment.matches]
    doubts: dict[int, str] = {}
    for doubt in _DOUBTS:
        for row, reason in doubt(fit, table, picks).items():
            doubts.setdefault(row, reason)
    return doubts


Picks = Sequence[int | None]


def _rows(fit: RowFit, picks: Picks) -> list[tuple[int, int, Record]]:
    """The rows that were found: index of the row, of its record, and the record."""
    return [(row, p, fit.records[p]) for row, p in enumerate(picks) if p is not None]


def _left_over(fit: RowFit, table: TableSchema, picks: Picks) -> dict[int, str]:
    """Rows followed by numbers that belong to no row: the rest of a broken number, or of a run too long for a row.

    A row with a figure in each of its ruled cells lacks nothing that could stand outside of them.
    """
    found = {}
    for row, p, record in _rows(fit, picks):
        if p + 1 >= len(fit.records) or p + 1 in picks:
            continue
        after = fit.records[p + 1]
        if after.table != record.table and len(record.filled) == len(table.columns) and _has_ruled_values(record, table):
            continue
        if not after.labels and after.is_filled and len(after.filled) <= len(table.columns):
            found[row] = "numbers that belong to no row follow it"
    return found


def _left_above(fit: RowFit, table: TableSchema, picks: Picks) -> dict[int, str]:
    """Rows of a grid with a blank right below a number that belongs to no row: it may be theirs, a little above its line."""
    found = {}
    for row, p, record in _rows(fit, picks):
        before = fit.records[p - 1] if p > 0 and p - 1 not in picks else None
        if before is None or before.labels or not before.is_filled or not 0 <= before.table == record.table:
            continue
        own = {c for k in record.filled for c in range(record.items[k].column, record.items[k].column_end)}
        if any(before.items[k].column not in own for k in before.filled):
            found[row] = "numbers that belong to no row stand above it"
    return found


def _row_left_over(fit: RowFit, table: TableSchema, picks: Picks) -> dict[int, str]:
    """Rows beside numbers inside the table that fill a row and belong to none: one of them may be that row.

    In a table of one column any number fills a row: there only those without a clear label of their own are doubtful.
    """
    rows = sorted((p, row) for row, p, _ in _rows(fit, picks))
    lone = len(table.columns) == 1
    found: dict[int, str] = {}
    for (p, row), (after, following) in pairwise(rows):
        for q in range(p + 1, after):
            record = fit.records[q]
            whole = len(record.filled) >= len(table.columns) and (not lone or record.table < 0)
            if whole and not any(_is_copy(fit, q, k, j) for k, j in ((p, row), (after, following))):
                beside = [(p, row), (after, following)]
                unclear = [j for k, j in beside if not lone or fit.similarities[k][j] < _SAME_LABEL]
                found |= dict.fromkeys(unclear, "a whole row of numbers beside it belongs to no row")
    return found


def _is_copy(fit: RowFit, q: int, p: int, row: int) -> bool:
    """True where record `q` is the same row as record `p`, printed a second time."""
    return fit.similarities[q][row] >= _SAME_LABEL and _values(fit.records[q]) == _values(fit.records[p])


def _off_line(fit: RowFit, table: TableSchema, picks: Picks) -> dict[int, str]:
    """Rows whose label stands on another printed line than their numbers, where this is not the manner of the table."""
    rows = [(row, r) for row, _, r in _rows(fit, picks) if r.items and r.items[0].line >= 0]
    off = [row for row, r in rows if r.labels and all(t.line != r.items[0].line for t in r.labels)]
    everywhere = len(off) == len(rows) and None not in picks
    if everywhere or (2 * len(off) > len(rows) and len(rows) > 2):
        return {}
    return dict.fromkeys(off, "its label stands on another line than its numbers")


def _wanting_next(fit: RowFit, table: TableSchema, picks: Picks) -> dict[int, str]:
    """Rows whose successor is wanting and whose label no printed line holds to its numbers: they may be the successor's."""
    found = {}
    for row, _, record in _rows(fit, picks):
        line = record.items[0].line
        loose = line < 0 or all(t.line != line for t in record.labels)
        if loose and row + 1 < len(picks) and picks[row + 1] is None:
            found[row] = "the next row is wanting: these may be its numbers"
    return found


def _shifted(fit: RowFit, table: TableSchema, picks: Picks) -> dict[int, str]:
    """All rows, where a whole run of numbers stands in front of the first label and the last label has none."""
    # A row without a label of its own in front of the others is such a run.
    matched = [p for row, p in enumerate(picks) if p is not None and fit.own[p][row]]
    last = picks[-1]
    if not matched or matched[0] == 0 or (last is not None and fit.records[last].is_filled):
        return {}
    before = fit.records[matched[0] - 1]
    delimited = any(t.delimited for t in before.items)
    as_long = len(before.items) >= len(table.columns) if delimited else len(before.items) == len(table.columns)
    if not before.is_filled or not as_long:
        return {}
    return {row: "labels may stand behind their numbers" for row, _, _ in _rows(fit, picks)}


def _repeated(fit: RowFit, table: TableSchema, picks: Picks) -> dict[int, str]:
    """Rows that are printed a second time with other numbers."""
    found = {}
    used = set(picks)
    own = {row: _label_of(fit.records[p]) for row, p, _ in _rows(fit, picks)}
    named: dict[str, set[int]] = {}
    for row, label in own.items():
        named.setdefault(label, set()).add(row)
    named.pop("", None)
    for q, record in enumerate(fit.records):
        if q in used or not record.items:
            continue
        best = fit.similarities[q].index(max(fit.similarities[q]))
        again = set().union(*(named.get(normalise(t.text), ()) for t in record.labels))
        if fit.similarities[q][best] >= _SAME_LABEL:
            again.add(best)
        for row in again:
            p = picks[row]
            if p is not None and _alike(record, fit.records[p], own[row]) and _values(record) != _values(fit.records[p]):
                found[row] = "it is printed a second time with other numbers"
    return found


def _label_of(record: Record) -> str:
    """The last label of a record, without its numbering, where it is long enough to be no word of another table's header."""
    label = normalise(record.labels[-1].text) if record.labels else ""
    return label if len(label) >= _LONG else ""


def _passed_over(fit: RowFit, table: TableSchema, picks: Picks) -> dict[int, str]:
    """Rows on the wrong side of numbers whose label is exactly that of a row, which took others without such a label."""
    found = {}
    used = set(picks)
    for q, record in enumerate(fit.records):
        # A record of another count is a row of another table, whose header has a word like that label (总计).
        if q in used or not record.is_filled or len(record.filled) > len(table.columns):
            continue
        best = fit.similarities[q].index(max(fit.similarities[q]))
        taken = picks[best]
        own = fit.similarities[taken][best] if taken is not None else 0.0
        if fit.similarities[q][best] < _EXACT_LABEL or own >= _LABEL_FLOOR:
            continue
        for row, p, _ in _rows(fit, picks):
            if (row <= best and p > q) or (row >= best and p < q):
                found[row] = "numbers with the label of another row stand on the other side of it"
    return found


def _alike(a: Record, b: Record, own: str) -> bool:
    """True for records of one length whose labels are enumerated alike, and for such with the same long label."""
    if own and any(normalise(t.text) == own for t in a.labels):
        return True
    numbers = [numbering(r.labels[-1].text) if r.labels else None for r in (a, b)]
    return len(a.items) == len(b.items) and numbers[0] == numbers[1]


def _glued(fit: RowFit, table: TableSchema, picks: Picks) -> dict[int, str]:
    """Rows whose label ends in a digit that no such label has: a number may stick to it.

    None does where rulings close a cell for each column of the row, and the first of them has its figure.
    """
    found = {}
    for row, _, record in _rows(fit, picks):
        own = any(_ENDS_IN_DIGIT.search(label) for label in table.rows[row].labels)
        if record.labels and _ENDS_IN_DIGIT.search(record.labels[-1].text) and not own and not _has_ruled_values(record, table):
            found[row] = "a number may stick to its label"
    return found


def _has_ruled_values(record: Record, table: TableSchema) -> bool:
    """True where a label and as many values as the table has columns stand in ruled cells of their own, the first no blank."""
    if not record.labels or not record.items:
        return False
    label, items = record.labels[-1], record.items
    if len(items) != len(table.columns) or not items[0].is_filled or not all(t.ruled for t in (label, *items)):
        return False
    starts = [t.column for t in items]
    return label.column_end <= starts[0] and starts == list(range(starts[0], starts[0] + len(items)))


def _emptied(fit: RowFit, table: TableSchema, picks: Picks) -> dict[int, str]:
    """Rows without a number beside numbers whose label is lost: a label and its numbers may have come apart."""
    found = {}
    for row, p, record in _rows(fit, picks):
        if record.is_filled:
            continue
        for q in (p - 1, p + 1):
            beside = fit.records[q] if 0 <= q < len(fit.records) else None
            if beside is not None and beside.is_filled and max(fit.similarities[q]) < _LABEL_FLOOR:
                found[row] = "numbers beside it have no label: they may be its own"
    return found


def _worded(fit: RowFit, table: TableSchema, picks: Picks) -> dict[int, str]:
    """Rows of a printed line with a text between label and values that is no part of the label: a value may be lost in it.

    Where most rows of a longer table have such a text it is a column of its own (计量单位).
    """
    found = {}
    for row, p, record in _rows(fit, picks):
        own = record.labels[len(record.labels) - fit.own[p][row] :]
        if len(own) < 2 or not record.items or record.items[0].line < 0 or own[-1].line != record.items[0].line:
            continue
        text, labels = own[-1].text.strip(), table.rows[row].labels
        alone = "".join(t.text for t in own[:-1])
        if text not in _PUNCTUATION and best_similarity(alone, labels) >= fit.similarities[p][row] - _NO_PART:
            found[row] = f"{text[:40]!r} stands between its label and its values"
    usual = len(found) > len(table.rows) / 2 and len(table.rows) >= _LONG_TABLE
    return {} if usual else found


def _several(fit: RowFit, table: TableSchema, picks: Picks) -> dict[int, str]:
    """Rows whose label cell holds the labels of several rows, line by line: the values are those of one of them."""
    found = {}
    for row, p, record in _rows(fit, picks):
        lines = [line for t in record.labels[len(record.labels) - fit.own[p][row] :] for line in t.text.split("\n")]
        if len(lines) < 2 or fit.similarities[p][row] >= _EXACT_LABEL:
            continue
        named = {k for line in lines for k, lane in enumerate(table.rows) if best_similarity(line, lane.labels) >= _SAME_LABEL}
        if len(named) > 1:
            found[row] = "its label cell holds the labels of several rows"
    return found


def _values(record: Record) -> list[object]:
    """The numbers and blanks of a record, those at its end left out that are blank."""
    values: list[object] = [t.value.value if t.value.state is not State.UNREADABLE else t.text for t in record.items]
    while values and values[-1] is None:
        values.pop()
    return values


_DOUBTS = (
    _left_over, _left_above, _row_left_over, _off_line, _wanting_next, _shifted, _repeated, _passed_over, _glued, _emptied,
    _worded, _several,
)  # fmt: skip
