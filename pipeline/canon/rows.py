"""Which record is which row of a table: by its own label, its neighbours and its count of values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise

from pipeline.canon.header import fit_header
from pipeline.canon.labels import best_similarity, normalise, numbering
from pipeline.canon.overlong import split_overlong
from pipeline.canon.records import Record
from pipeline.canon.schema import Lane, Schema, TableSchema
from pipeline.canon.sequence import Alignment, align

# A match gains its similarity less this; an unlabelled record gains next to nothing but may fill a gap.
_BASE, _UNLABELLED, _UNLABELLED_BLANK = 0.35, 0.02, -0.2
_SKIP_ROW, _SKIP_RECORD, _SKIP_BLANK = 0.25, 0.25, 0.0
_COUNT_BONUS = 0.08
_ANCHOR = 0.6
_UNKNOWN = 0.45
_CLEAR, _EXACT = 0.9, 0.98
# A row without a single number is one only if its label says so.
_BLANK_ROW, _NUMBERED = 0.7, 0.5
_MORE = 2
# A row without a label behind so much of its header is the first of its table.
_HEADED, _HEADER, _WIDE = 0.7, 48, 5
_MIN_CROP = 3
_ENUMERATOR = re.compile(r"[1-9]\d?")
_BEHIND_NUMBER = re.compile(r"\s*[、.．]\s*\D")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A record whose label fits a row: indices of both, and whether it has numbers and fits exactly."""

    record: int
    slot: int
    exact: bool


@dataclass(frozen=True, slots=True)
class RowFit:
    """How the records of a window match the rows of a table.

    Attributes:
        records: the window, after splitting and joining of records; `offset` is the number of records before it.
        alignment: items are these records, slots the rows.
        own: for each record the number of its last label tokens that were taken as its own label, 0 where none.
        similarities: `similarities[i][j]` of record i with row j, 0 to 1.
    """

    records: tuple[Record, ...]
    alignment: Alignment
    similarities: tuple[tuple[float, ...], ...]
    own: tuple[tuple[int, ...], ...]


@lru_cache(maxsize=65536)
def _label_scores(text: str, table: TableSchema) -> tuple[float, ...]:
    """Similarity of one text with the labels of every row of a table."""
    return tuple([best_similarity(text, labels) for labels in _row_labels(table)])


@cache
def _row_labels(table: TableSchema) -> tuple[tuple[str, ...], ...]:
    """The labels of every row."""
    return tuple(lane.labels for lane in table.rows)


@lru_cache(maxsize=65536)
def _best_rival(text: str, schema: Schema, table: str) -> float:
    """Best similarity of a text with a row of another table of the family."""
    return max([best_similarity(text, labels) for labels in _rival_labels(schema, table)], default=0.0)


@cache
def _rival_labels(schema: Schema, table: str) -> tuple[tuple[str, ...], ...]:
    """The labels of the rows of all other tables, each set once."""
    lanes = (r for t in schema.tables if t.table != table and t.layout == "grid" for r in t.rows)
    return tuple(dict.fromkeys(lane.labels for lane in lanes))


@lru_cache(maxsize=65536)
def _group_score(text: str, table: TableSchema) -> float:
    """Best similarity of a text with the label of a group of rows."""
    return best_similarity(text, _group_labels(table))


@cache
def _group_labels(table: TableSchema) -> tuple[str, ...]:
    """The labels of all groups of rows."""
    return tuple(dict.fromkeys(label for lane in table.rows for label in lane.under))


def _as_headed(scores: tuple[float, ...], widths: tuple[int, ...]) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Leaves out what the end of a header seems to say of rows."""
    return (0.0,) * len(scores), (0,) * len(widths)


def _is_headed(record: Record, top: float, table: TableSchema) -> bool:
    """True for a whole row of a table of several columns right behind most of its header, its own label lost.

    Args:
        record: any.
        top: how well its labels fit the row that they fit best; the last one may be a column and a row (其他).
        table: whose header is looked for.
    """
    filled, n = record.filled, len(table.columns)
    if n < _WIDE or not filled or filled[-1] - filled[0] >= n or len(record.labels) < n / 2:
        return False
    labels = record.labels[-_HEADER:]
    coverage = fit_header(labels, table).coverage
    return coverage >= _HEADED and (top < _ANCHOR or fit_header(labels[:-1], table).coverage < coverage)


def _is_rival(record: Record, table: TableSchema, schema: Schema) -> bool:
    """True where a record's label is that of a row of another table, or part of a header."""
    texts = record.own_names
    return any(_best_rival(t, schema, table.table) >= _ANCHOR or _header_score(t, schema) >= _CLEAR for t in texts)


@lru_cache(maxsize=65536)
def _header_score(text: str, schema: Schema) -> float:
    """Best similarity of a text with a word of the family's headers and headings."""
    return best_similarity(text, header_words(schema))


@cache
def header_words(schema: Schema) -> tuple[str, ...]:
    """All words of the headers and headings of a family."""
    words = [w for t in schema.tables for w in (*t.headings, *t.sections, *t.corner)]
    words += [w for t in schema.tables for c in t.columns for w in (*c.labels, *c.under)]
    return tuple(dict.fromkeys(words))


def own_label_scores(record: Record, table: TableSchema, schema: Schema) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """How well the end of a record's labels fits each row, and how many tokens that end has.

    A record whose last label is exact fits only that row; one that fits a row of another table, or the label of a group
    of rows, better fits none.
    """
    return _own_scores(record.own_names if record.items else (), table, schema)


@lru_cache(maxsize=65536)
def _own_scores(texts: tuple[str, ...], table: TableSchema, schema: Schema) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """`own_label_scores` for the joined labels of a record, the last one first."""
    best, widths = [0.0] * len(table.rows), [0] * len(table.rows)
    for width, text in enumerate(texts, 1):
        scores = _label_scores(text, table)
        for j, score in enumerate(scores):
            if score > best[j] + 1e-9:
                best[j], widths[j] = score, width
        if width == 1 and max(scores) >= _EXACT:
            exact = [s >= _EXACT for s in scores]
            return tuple(s if e else 0.0 for s, e in zip(scores, exact, strict=True)), tuple(int(e) for e in exact)
    top = max(best)
    foreign = _BASE < top < _CLEAR and not _is_own_crop(texts, table, schema)
    if foreign and any(max(_best_rival(t, schema, table.table), _group_score(t, table)) > top + 0.05 for t in texts):
        return (0.0,) * len(best), (0,) * len(best)
    return tuple(best), tuple(widths)


def _is_own_crop(texts: tuple[str, ...], table: TableSchema, schema: Schema) -> bool:
    """True where the last label is the exact beginning of a row's label, and of no label of another table.

    A label with a number is only the beginning of one with that number.
    """
    own, number = (normalise(texts[0]), numbering(texts[0])) if texts else ("", None)
    rivals = (label for labels in (*_rival_labels(schema, table.table), header_words(schema)) for label in labels)
    if any(number in (None, numbering(r)) and normalise(r).startswith(own) for r in rivals):
        return False
    return any(is_cropped(own, lane) and number in (None, numbering(lane.label)) for lane in table.rows)


@lru_cache(maxsize=65536)
def _best_row(texts: tuple[str, ...], table: TableSchema, schema: Schema) -> tuple[float, int]:
    """How well joined labels fit the row that they fit best, and its index."""
    scores = _own_scores(texts, table, schema)[0]
    best = max(scores)
    return best, scores.index(best)


def windows(records: Sequence[Record], table: TableSchema, schema: Schema) -> list[tuple[int, int]]:
    """Returns the stretches `[start, end)` of records in which rows of this table may lie.

    A stretch is a chain of records whose label fits some row, none further from the next than twice the table's length.
    """
    n = len(table.rows)
    anchors: list[Anchor] = []
    for i, record in enumerate(records):
        if record.items and record.labels:
            best, slot = _best_row(record.own_names, table, schema)
            if best >= _ANCHOR:
                anchors.append(Anchor(i, slot, best >= _EXACT and record.is_filled))
    chains: list[list[Anchor]] = []
    for k, anchor in enumerate(anchors):
        near = bool(chains) and anchor.record - chains[-1][-1].record <= 2 * n + 8
        # A table of one row stands a second time only under a header of its own; else its row is printed twice.
        bare = n == 1 and len(records[anchor.record].labels) == 1
        if near and (bare or not _begins_anew(chains[-1], anchors[k : k + 2], n)):
            chains[-1].append(anchor)
        else:
            chains.append([anchor])
    # Rows whose labels were lost may stand before the first label and after the last, as many as the table still has.
    starts = [max(0, c[0].record - c[0].slot - _MORE) for c in chains]
    ends = [min(len(records), c[-1].record + n - c[-1].slot + _MORE) for c in chains]
    for k in range(len(chains) - 1):
        ends[k] = min(ends[k], chains[k + 1][0].record)
        starts[k + 1] = max(starts[k + 1], chains[k][-1].record + 1)
    return list(zip(starts, ends, strict=True))


def _begins_anew(chain: Sequence[Anchor], following: Sequence[Anchor], n_rows: int) -> bool:
    """True where a table stands a second time: its first rows come again, with their exact labels."""
    exact = [a.slot for a in chain if a.exact]
    slots = [a.slot for a in following if a.exact]
    if not exact or len(slots) < min(2, n_rows) or not set(slots) <= set(exact):
        return False
    return slots[0] <= 1 and (n_rows == 1 or slots[0] < slots[1])


def fit_rows(records: Sequence[Record], table: TableSchema, schema: Schema) -> RowFit:
    """Aligns the records of one window with the rows of a table of a family."""
    whole = _return_numbering(records, len(table.columns))
    pieces = _join_interrupted(split_overlong(whole, table), table, schema)
    fits = [own_label_scores(r, table, schema) for r in pieces]
    n_columns = len(table.columns)
    headed = [_is_headed(r, max(f[0]), table) for r, f in zip(pieces, fits, strict=True)]
    # The end of a header is no label of the row behind it.
    fits = [_as_headed(*f) if is_headed else f for f, is_headed in zip(fits, headed, strict=True)]
    scores, widths = [f[0] for f in fits], [f[1] for f in fits]
    gains: dict[tuple[int, int, int], float] = {}
    tops = [max(row, default=0.0) for row in scores]
    # Blanks alone are a row only where they are as many as in the rows with a label.
    sizes = {r.usual for r, top in zip(pieces, tops, strict=True) if top >= _ANCHOR and r.items}
    for i, record in enumerate(pieces):
        if not record.items or _is_overfull(record, n_columns):
            continue
        enough, is_filled = len(record.items) >= n_columns, record.is_filled
        bonus = _COUNT_BONUS if enough else -_COUNT_BONUS
        floor = _BASE if is_filled else _BLANK_ROW
        whole_row = enough or (record.split and len(record.items) == n_columns - 1)
        may_lack = whole_row and (is_filled or (not record.labels and _in_place(record) and record.usual in sizes))
        unknown = tops[i] < _ANCHOR and (headed[i] or not _is_rival(record, table, schema))
        bare = may_lack and (record.split or not record.labels or unknown)
        if tops[i] <= _BASE and not bare:
            continue
        for j, score in enumerate(scores[i]):
            own = record.own_texts[widths[i][j] - 1] if widths[i][j] else ""
            if score > floor or (score > _BASE and _is_sign(own, score, table.rows[j])):
                gains[(i, 1, j)] = score - _BASE + bonus
            elif bare:
                gains[(i, 1, j)] = _UNLABELLED if is_filled else _UNLABELLED_BLANK
    inside = _between([i for i, top in enumerate(tops) if top >= _ANCHOR])
    alignment = _align_inside(pieces, gains, len(table.rows), inside)
    found = _between([m.start for m in alignment.matches if m is not None])
    if any(pieces[i].is_filled and i not in found for i in inside):
        # A word like a row's label in another table costs nothing: only what is left over between the rows does.
        alignment = _align_inside(pieces, gains, len(table.rows), found)
    return RowFit(tuple(pieces), alignment, tuple(scores), tuple(widths))


def _in_place(record: Record) -> bool:
    """True where a record was cut from a stream, or stands on a line of its own."""
    return record.split or record.items[0].line >= 0


def _between(places: Sequence[int]) -> range:
    """The stretch from the first to the last of these places."""
    return range(min(places), max(places) + 1) if places else range(0)


def _align_inside(
    records: Sequence[Record], gains: Mapping[tuple[int, int, int], float], n_rows: int, inside: range
) -> Alignment:
    """Aligns records with rows; numbers that are left out cost something where they stand `inside` the table."""
    skip = [_SKIP_RECORD if r.is_filled and i in inside else _SKIP_BLANK for i, r in enumerate(records)]
    return align(gains, skip, [_SKIP_ROW] * n_rows)


def _is_overfull(record: Record, n_columns: int) -> bool:
    """True for far more numbers than a row has: the row of a table whose header ends in a word like a row's label (总计)."""
    count = len(record.filled)
    return count > 2 * n_columns and count > n_columns + _MORE


def _return_numbering(records: Sequence[Record], n_columns: int) -> list[Record]:
    """Puts a number behind a row in front of the next label, where that has lost its own.

    A label that fell apart behind its number (`3` and `、其他`) leaves the number behind the values of the row before it: as
    one value too many, or in the place of a lost one, where it is the number that comes next.
    """
    made = list(records)
    for k, (record, after) in enumerate(pairwise(records)):
        if n_columns < 2 or len(record.items) < n_columns or len(record.items) % n_columns > 1 or not after.labels:
            continue
        last, label = record.items[-1], after.labels[0]
        bare = not last.delimited and last.table < 0 and last.line < 0
        if not bare or not _ENUMERATOR.fullmatch(last.text) or not _BEHIND_NUMBER.match(label.text):
            continue
        own = numbering(record.labels[-1].text) if record.labels else None
        if len(record.items) % n_columns == 1 or last.value.value in (1, (own or 0) + 1):
            made[k] = replace(made[k], items=record.items[:-1])
            made[k + 1] = replace(after, labels=(label._replace(text=last.text + label.text), *after.labels[1:]))
    return made


def _join_interrupted(records: Sequence[Record], table: TableSchema, schema: Schema) -> list[Record]:
    """Joins a row that a foreign line (a running head) cut in two: the two counts make one row, the label is unknown."""
    made: list[Record] = []
    for record in records:
        before = made[-1] if made else None
        if before is not None and before.items and record.items and len(before.items) < len(table.columns):
            loose = all(t.table < 0 and t.line < 0 for t in (*before.items, *record.items))
            together = len(before.items) + len(record.items)
            known = [_best_rival(t, schema, table.table) for t in record.own_texts]
            foreign = max((*own_label_scores(record, table, schema)[0], *known)) < _UNKNOWN
            missing = len(table.columns) - together
            if loose and foreign and missing in (0, 1) and before.is_filled:
                # Where one value is wanting, the foreign line stands in its place: it cannot be read.
                between = record.labels[-1:] if missing else ()
                doubt = "a foreign line stands between its values"
                made[-1] = replace(before, items=(*before.items, *between, *record.items), doubt=doubt)
                continue
        made.append(record)
    return made


def _is_sign(text: str, score: float, lane: Lane) -> bool:
    """True where a label names its row although it hardly fits: its exact beginning, or its number and some of its letters."""
    number = numbering(text)
    return is_cropped(text, lane) or (score >= _NUMBERED and number is not None and number == numbering(lane.label))


def is_cropped(text: str, lane: Lane) -> bool:
    """True where a text is the exact beginning of a row's label, long enough to be no accident."""
    own = normalise(text)
    return len(own) >= _MIN_CROP and any(normalise(label).startswith(own) for label in lane.labels)
