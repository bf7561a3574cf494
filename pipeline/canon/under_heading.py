"""Tables whose row labels are lost: as many numbers as the table has cells, under its heading or between its neighbours.

Nothing but the count says which number is which cell, so that all of them are in doubt; a person gets a table to confirm
instead of one that is absent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from pipeline.canon.fitting import Candidate, RowPlace
from pipeline.canon.header import HeaderFit, fit_header, printed_unit
from pipeline.canon.labels import best_similarity
from pipeline.canon.placing import Placed
from pipeline.canon.records import Record
from pipeline.canon.schema import Schema, TableSchema
from pipeline.canon.tokens import Token

_HEADING = 0.9
_FIT = 0.5
_SOME_HEADER, _MOST_ROWS = 0.5, 6


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The numbers between the heading of one table and whatever heading comes next, the labels among them, their records."""

    table: str
    labels: tuple[Token, ...]
    numbers: tuple[Token, ...]
    records: frozenset[int]


def tables_under_headings(
    records: Sequence[Record], schema: Schema, chosen: Mapping[tuple[str, str], Candidate], taken: Collection[int]
) -> dict[tuple[str, str], Candidate]:
    """Returns the tables that were not found by their rows, by family and name; every row of them is in doubt.

    Args:
        records: of the document.
        schema: a family.
        chosen: the tables that were found.
        taken: indices of the records that they use.
    """
    lacking = [t for t in schema.table_ids if (schema.family, t) not in chosen]
    if not lacking:
        return {}
    found: dict[tuple[str, str], Candidate] = {}
    for stretch in _stretches(records, schema, frozenset(taken)):
        key = (schema.family, stretch.table)
        if stretch.table in lacking and key not in found:
            candidate = _candidate(stretch, schema, chosen)
            if candidate is not None:
                found[key] = candidate
    return found


def tables_between(
    records: Sequence[Record], schema: Schema, chosen: Mapping[tuple[str, str], Candidate], taken: Collection[int]
) -> dict[tuple[str, str], Candidate]:
    """Returns the tables of a scrape that can only be what stands between the table before and the table behind them.

    Their headings and row labels are lost or cannot be known again; as many numbers as they have cells stand there, and
    above the first table of a document its header. Every row of them is in doubt.
    """
    found: dict[tuple[str, str], Candidate] = {}
    order = schema.table_ids
    used = {t: c.used for (family, t), c in chosen.items() if family == schema.family}
    for k, name in enumerate(order):
        before, after = order[k - 1] if k else None, order[k + 1] if k + 1 < len(order) else None
        if name in used or after not in used or (before is not None and before not in used):
            continue
        first = max(used[before]) + 1 if before is not None else 0
        for start in _starts(range(first, min(used[after])), before is None):
            stretch = _between(records, name, start, min(used[after]), taken)
            candidate = _candidate(stretch, schema, chosen) if stretch is not None else None
            if candidate is not None and (before is not None or candidate.header.coverage >= _SOME_HEADER):
                found[schema.family, name] = candidate
                break
    return found


def _starts(places: range, is_first: bool) -> list[int]:
    """Where a table may begin: behind the table before it, or some records in front of the one behind it."""
    return list(reversed(places))[:_MOST_ROWS] if is_first else list(places[:1])


def _between(records: Sequence[Record], name: str, start: int, end: int, taken: Collection[int]) -> _Stretch | None:
    """The numbers of the records from `start` to `end`; None where another table has some of them, or they are of a grid."""
    places = range(start, end)
    if any(k in taken or records[k].table >= 0 for k in places):
        return None
    labels = tuple(t for k in places for t in records[k].labels)
    numbers = tuple(t for k in places for t in records[k].items if t.is_filled)
    return _Stretch(name, labels, numbers, frozenset(k for k in places if records[k].is_filled))


def _stretches(records: Sequence[Record], schema: Schema, taken: frozenset[int]) -> Iterator[_Stretch]:
    """Yields what stands under each heading of a family's tables, up to the next one or a record that is `taken`."""
    headings = {t.table: h for t in schema.tables if (h := t.headings)}
    ends = tuple(dict.fromkeys(s for t in schema.tables for s in t.sections))
    name, labels, numbers, used = "", [], [], set()  # type: str, list[Token], list[Token], set[int]
    for k, record in enumerate(records):
        for label, after in zip_longest(record.labels, record.labels[1:]):
            opened = _opened(label.text, headings, ends)
            if opened is None and after is not None:
                # A heading may be split over two lines.
                opened = _opened(label.text + after.text, headings, ends)
            if opened is None:
                labels.append(label)
                continue
            if name and numbers:
                yield _Stretch(name, tuple(labels), tuple(numbers), frozenset(used))
            name, labels, numbers, used = opened, [], [], set()
        if k in taken:
            # A table that was found ends what stands in front of it.
            if name and numbers:
                yield _Stretch(name, tuple(labels), tuple(numbers), frozenset(used))
            name = ""
        elif record.is_filled:
            numbers += [t for t in record.items if t.is_filled]
            used.add(k)
    if name and numbers:
        yield _Stretch(name, tuple(labels), tuple(numbers), frozenset(used))


def _opened(text: str, headings: Mapping[str, tuple[str, ...]], ends: tuple[str, ...]) -> str | None:
    """The table whose heading a text is, an empty name for a section's title, None for any other text."""
    scores = {table: best_similarity(text, labels) for table, labels in headings.items()}
    best = max(scores, key=lambda table: scores[table], default="")
    if scores and scores[best] >= _HEADING and sum(s == scores[best] for s in scores.values()) == 1:
        return best
    return "" if best_similarity(text, ends) >= _HEADING else None


def _candidate(stretch: _Stretch, schema: Schema, chosen: Mapping[tuple[str, str], Candidate]) -> Candidate | None:
    """The table with just as many cells as there are numbers, in the format that its header or its neighbours have."""
    fitting = [
        t
        for t in schema.variants_of(stretch.table)
        if t.layout == "grid" and len(t.rows) * len(t.columns) == len(stretch.numbers)
    ]
    if not fitting:
        return None
    group = {t.table for t in schema.tables if t.group == fitting[0].group}
    votes = Counter(c.table.variant for (_, t), c in chosen.items() if t in group)
    headers = {t.variant: fit_header(stretch.labels, t) for t in fitting}
    table = max(fitting, key=lambda t: (round(headers[t.variant].score, 1), votes[t.variant]))
    return _filled(table, stretch, headers[table.variant])


def _filled(table: TableSchema, stretch: _Stretch, header: HeaderFit) -> Candidate:
    """Puts the numbers into the cells one after the other."""
    n = len(table.columns)
    doubt = "its label is lost: only its place and the count of numbers say that it is this row"
    rows = tuple(
        RowPlace(None, 0.0, 0.0, doubt, Placed(stretch.numbers[n * k : n * (k + 1)], None)) for k in range(len(table.rows))
    )
    return Candidate(table, rows, header, printed_unit(stretch.labels), stretch.records, header.score, _FIT, True)
