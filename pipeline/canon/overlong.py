"""Runs of bare numbers that are several rows of a table, since the labels between them were lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.canon.records import Record
from pipeline.canon.schema import TableSchema
from pipeline.canon.sums import ask, figures, row_sums
from pipeline.canon.ways import ends_in_bare_number

# Labels of a group and of a row; more are the header of a table whose only row is long.
_FEW_LABELS = 2
_OVERLONG = "more numbers than one row has stand behind its label"


def split_overlong(records: Sequence[Record], table: TableSchema) -> list[Record]:
    """Cuts bare runs of several rows, whose labels were lost but for the first.

    Args:
        records: those in which rows of a table are looked for.
        table: the table.

    Returns:
        The records, the pieces of a run with a doubt where their count alone does not say where they end.
    """
    made: list[Record] = []
    n_columns = len(table.columns)
    loose = [bool(r.items) and all(t.table < 0 and t.line < 0 and t.is_filled for t in r.items) for r in records]
    lengths = Counter(len(r.items) for r, is_loose in zip(records, loose, strict=True) if is_loose and r.labels)
    usual = lengths.most_common(1)[0][0] if lengths else n_columns
    # Most rows of a table that lost a column are shorter than it.
    width = usual if n_columns / 2 < usual < n_columns and 2 * lengths[usual] > lengths.total() else n_columns
    for record, is_loose in zip(records, loose, strict=True):
        cuts = _cuts(record, width, table) if is_loose else []
        items = record.items[: cuts[-1]] if cuts else record.items
        unsure = bool(cuts) and cuts[0] == width and (width == 1 or width != n_columns or len(record.items) % width > 0)
        doubt = _OVERLONG if unsure else record.doubt
        made.append(replace(record, items=items[: cuts[0]] if cuts else items, doubt=doubt))
        made += [Record((), items[a:b], split=True) for a, b in pairwise(cuts)]
    return made


def _cuts(record: Record, width: int, table: TableSchema) -> list[int]:
    """Where the rows of a run end; nothing where it is a single row.

    Two rows of which one lost a value are parted where the sum of the other one closes; the number of a page behind a run is
    none of its values.
    """
    items = record.items
    count = len(items)
    if count >= 2 * width and count % width == 0 and (width > 1 or count == len(table.rows)):
        return list(range(width, count + 1, width))
    sums = row_sums(table) if width == len(table.columns) and table.layout == "grid" else ()
    if not sums or abs(count - 2 * width) != 1 or len(record.labels) > _FEW_LABELS:
        return []
    first, last = (ask(sums, figures(part))[0] for part in (items[:width], items[: 2 * width][-width:]))
    if count > 2 * width:
        return [width, 2 * width] if ends_in_bare_number(items) and min(first, last) >= 0 else []
    if first == last:
        return []
    return [width, count] if first > last else [width - 1, count]
