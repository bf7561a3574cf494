"""Names of rows and columns for people: those of the schema, since printed ones may be misread or cut."""

from __future__ import annotations

import re

from pipeline.review.balance import schema_of
from pipeline.store.ledger_rows import TableRow

# White space between two Chinese characters is a line break of the cell.
_BREAK = re.compile(r"(?<=[\u2e80-\uffef])\s+|\s+(?=[\u2e80-\uffef])")


def lane_labels(table: TableRow, axis: str) -> dict[str, tuple[str, str]]:
    """Returns for each row or column a short name and one with the names of the merged cells around it.

    Args:
        table: a matrix.
        axis: `rows` or `columns`.
    """
    schema = schema_of(table)
    lanes = {} if schema is None else {lane.key: lane for lane in (schema.rows if axis == "rows" else schema.columns)}
    found = {}
    for printed in table.rows if axis == "rows" else table.columns:
        lane = lanes.get(printed.key)
        own = (lane.label if lane is not None else "") or plain(printed.label or "") or printed.key
        under = lane.under if lane is not None else ()
        found[printed.key] = (own, " · ".join([*under[-1:], own]))
    return found


def plain(text: str) -> str:
    """Returns a printed label on one line."""
    return _BREAK.sub("", " ".join(text.split()))
