"""Which record is which row of a table: by its own label, its neighbours and its count of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.canon.labels import normalise, similarity
from pipeline.canon.records import Record
from pipeline.canon.schema import Lane, TableSchema
from pipeline.canon.sequence import Alignment, align

# A match gains its similarity less this; an unlabelled record gains next to nothing but may fill a gap.
_BASE, _UNLABELLED = 0.35, 0.02
_SKIP_ROW, _SKIP_RECORD, _SKIP_BLANK = 0.25, 0.25, 0.0
_COUNT_BONUS = 0.08
_ANCHOR = 0.6
_UNKNOWN = 0.45
_CLEAR = 0.9
# A row without a single number is one only if its label says so.
_BLANK_ROW = 0.7
_SUFFIX = 4
_PROSE = 120
_MIN_CROP = 3


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


def own_label_similarity(record: Record, lane: Lane) -> tuple[float, int]:
    """Returns how well the end of a record's labels fits a row, and how many tokens that end has.

    The last one to four tokens are tried together, since a label may be split over lines.
    """
    best, width = 0.0, 0
    for count in range(1, min(_SUFFIX, len(record.labels)) + 1):
        tokens = record.labels[-count:]
        if len(tokens[0].text) > _PROSE:
            break
        text = "".join(t.text for t in tokens)
        for label in lane.labels:
            score = similarity(text, label)
            if score > best + 1e-9:
                best, width = score, count
    return best, width


def _similarities(
    records: Sequence[Record], rows: Sequence[Lane], rivals: Sequence[Lane]
) -> tuple[list[tuple[float, ...]], list[tuple[int, ...]]]:
    """Similarity and label width of every record with every row.

    A record whose label is exact fits only that row; one that fits a row of another table better fits none of this.
    """
    exact: dict[str, list[int]] = {normalise(label): [] for lane in rivals for label in lane.labels}
    for j, lane in enumerate(rows):
        for label in lane.labels:
            exact.setdefault(normalise(label), []).append(j)
    scores, widths = [], []
    for record in records:
        score, width = [0.0] * len(rows), [0] * len(rows)
        if record.labels and record.items:
            hits = exact.get(normalise(record.labels[-1].text))
            for j in range(len(rows)) if hits is None else hits:
                score[j], width[j] = own_label_similarity(record, rows[j])
            best = max(score)
            if hits is None and _BASE < best < _CLEAR and any(own_label_similarity(record, r)[0] > best + 0.05 for r in rivals):
                score, width = [0.0] * len(rows), [0] * len(rows)
        scores.append(tuple(score))
        widths.append(tuple(width))
    return scores, widths


def windows(records: Sequence[Record], rows: Sequence[Lane], rivals: Sequence[Lane]) -> list[tuple[int, int]]:
    """Returns the stretches `[start, end)` of records in which rows of this table may lie.

    A stretch is a chain of records whose label fits some row, none further from the next than twice the table's length.
    """
    anchors = [i for i, s in enumerate(_similarities(records, rows, rivals)[0]) if max(s, default=0.0) >= _ANCHOR]
    reach = 2 * len(rows) + 8
    chains: list[list[int]] = []
    for i in anchors:
        if chains and i - chains[-1][-1] <= reach:
            chains[-1].append(i)
        else:
            chains.append([i])
    margin = len(rows) if len(rows) > 2 else 1
    return [(max(0, c[0] - margin), min(len(records), c[-1] + margin + 1)) for c in chains]


def fit_rows(records: Sequence[Record], table: TableSchema, rivals: Sequence[Lane]) -> RowFit:
    """Aligns the records of one window with the rows of a table; `rivals` are the rows of the family's other tables."""
    pieces = _join_interrupted(_split_overlong(records, len(table.columns)), table)
    scores, widths = _similarities(pieces, table.rows, rivals)
    n_columns = len(table.columns)
    gains: dict[tuple[int, int, int], float] = {}
    for i, record in enumerate(pieces):
        if not record.items:
            continue
        bonus = _COUNT_BONUS if len(record.items) >= n_columns else -_COUNT_BONUS
        bare = record.split or not record.labels or max(scores[i], default=0.0) < _UNKNOWN
        for j in range(len(table.rows)):
            if scores[i][j] > (_BASE if record.is_filled else _BLANK_ROW):
                gains[(i, 1, j)] = scores[i][j] - _BASE + bonus
            elif bare and record.is_filled and len(record.items) >= n_columns:
                gains[(i, 1, j)] = _UNLABELLED
    filled = [i for i, r in enumerate(pieces) if max(scores[i], default=0.0) >= _ANCHOR]
    inside = range(filled[0], filled[-1] + 1) if filled else range(0)
    skip = [_SKIP_RECORD if r.is_filled and i in inside else _SKIP_BLANK for i, r in enumerate(pieces)]
    alignment = align(gains, skip, [_SKIP_ROW] * len(table.rows))
    return RowFit(tuple(pieces), alignment, tuple(scores), tuple(widths))


def _split_overlong(records: Sequence[Record], n_columns: int) -> list[Record]:
    """Cuts a bare run of a whole multiple of the row's length: rows whose labels were lost."""
    made: list[Record] = []
    for record in records:
        count = len(record.items)
        loose = all(t.table < 0 and t.line < 0 and t.is_filled for t in record.items)
        if n_columns < 2 or count < 2 * n_columns or count % n_columns or not loose:
            made.append(record)
            continue
        made.append(replace(record, items=record.items[:n_columns]))
        made += [Record((), record.items[k : k + n_columns], split=True) for k in range(n_columns, count, n_columns)]
    return made


def _join_interrupted(records: Sequence[Record], table: TableSchema) -> list[Record]:
    """Joins a row that a foreign line (a running head) cut in two: the two counts make one row, the label is unknown."""
    made: list[Record] = []
    for record in records:
        before = made[-1] if made else None
        if before is not None and before.items and record.items and len(before.items) < len(table.columns):
            loose = all(t.table < 0 and t.line < 0 for t in (*before.items, *record.items))
            together = len(before.items) + len(record.items)
            foreign = max((own_label_similarity(record, lane)[0] for lane in table.rows), default=0.0) < _UNKNOWN
            missing = len(table.columns) - together
            if loose and foreign and missing in (0, 1) and before.is_filled:
                # Where one value is wanting, the foreign line stands in its place: it cannot be read.
                between = record.labels[-1:] if missing else ()
                doubt = "a foreign line stands between its values"
                made[-1] = replace(before, items=(*before.items, *between, *record.items), doubt=doubt)
                continue
        made.append(record)
    return made


def is_cropped(text: str, lane: Lane) -> bool:
    """True where a text is the exact beginning of a row's label, long enough to be no accident."""
    own = normalise(text)
    return len(own) >= _MIN_CROP and any(normalise(label).startswith(own) for label in lane.labels)
