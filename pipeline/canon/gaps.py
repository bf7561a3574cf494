"""Rows that no label names, but whose place between the rows of a table only they can take.

Where a table lacks so many rows in one place and just so many printed rows stand there that no table has taken, they are its
rows. Nothing but their place says so: all of their cells stay in doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.canon.header import has_heading
from pipeline.canon.labels import best_similarity, numbering
from pipeline.canon.placing import holds
from pipeline.canon.records import Record
from pipeline.canon.rows import RowFit, header_words
from pipeline.canon.schema import Schema, TableSchema
from pipeline.canon.sequence import Match

_HEADER_WORD, _LABELS = 0.75, 2


def fill_gaps(fit: RowFit, table: TableSchema, schema: Schema) -> RowFit:
    """Gives rows that were not found the records that stand in their place, where these are as many as those.

    Args:
        fit: the records of a window, none of which another table uses, and the rows that they were matched with.
        table: the table.
        schema: its family, under whose other headings nothing is taken.

    Returns:
        The fit with more matches, each of margin 0, so that its row stays in doubt.
    """
    matches = list(fit.alignment.matches)
    foreign = _foreign(fit.records, table, schema)
    need = _usual_count(fit, len(table.columns))
    for slots, before, after in list(_gaps(fit)):
        inside = before >= 0 and after < len(fit.records)
        free = [
            i
            for i in range(before + 1, after)
            if not foreign[i] and _is_row(fit.records[i], len(table.columns), need, inside, schema)
        ]
        if len(free) == len(slots):
            for slot, i in zip(slots, free, strict=True):
                matches[slot] = Match(i, 1, 0.0, 0.0)
    return replace(fit, alignment=replace(fit.alignment, matches=tuple(matches)))


def _gaps(fit: RowFit) -> Iterator[tuple[range, int, int]]:
    """Yields each stretch of rows that were not found, with the records between which they should stand."""
    found = [(j, m.start) for j, m in enumerate(fit.alignment.matches) if m is not None]
    ends = [(-1, -1), *found, (len(fit.alignment.matches), len(fit.records))]
    for (row, record), (next_row, next_record) in pairwise(ends):
        if next_row - row > 1:
            yield range(row + 1, next_row), record, next_record


def _usual_count(fit: RowFit, n_columns: int) -> int:
    """How many values the rows of the table have that were found: fewer than columns where it lost one."""
    counts = Counter(len(fit.records[m.start].items) for m in fit.alignment.matches if m is not None)
    usual, times = counts.most_common(1)[0]
    return usual if n_columns / 2 < usual < n_columns and times > 1 and 2 * times > counts.total() else n_columns


def _is_row(record: Record, n_columns: int, need: int, inside: bool, schema: Schema) -> bool:
    """True for a record that may be a row; one of blanks alone only inside the table, and where it is no piece of a header."""
    if record.is_filled:
        return holds(record, n_columns) or len(record.items) == need
    if not inside or len(record.items) < n_columns or len(record.labels) > _LABELS:
        return False
    words = header_words(schema)
    return all(numbering(t.text) is not None or best_similarity(t.text, words) < _HEADER_WORD for t in record.labels)


def _foreign(records: Sequence[Record], table: TableSchema, schema: Schema) -> list[bool]:
    """Which records stand under the heading of another table."""
    others = tuple(dict.fromkeys(h for t in schema.tables if t.table != table.table for h in (*t.headings, *t.sections)))
    found, state = [], False
    for record in records:
        for a, b in pairwise((*record.labels, None)):
            texts = [a] if a is not None else []
            texts += [a._replace(text=a.text + b.text)] if a is not None and b is not None else []
            if has_heading(texts, table.headings, others):
                state = False
            elif has_heading(texts, others, table.headings):
                state = True
        found.append(state)
    return found
