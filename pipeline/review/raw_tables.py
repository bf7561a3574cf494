"""The recovered table that a cell of a web page came from, as it stands in `tables.json`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.errors import InputMissingError
from pipeline.store.files import TABLES, read_json
from pipeline.store.ledger_rows import CellRow, TableRow

Json = dict[str, Any]
_ROWS = 80


def raw_table(out: Path, table: TableRow, cell: CellRow) -> Json | None:
    """Returns the recovered table that has most of the labels of a matrix, its row of the cell marked.

    Args:
        out: folder of results.
        table: the matrix.
        cell: of it.

    Returns:
        `{"rows": [[{text, row_span, column_span}]], "marked": row or None}`, or None where there is no such table.
    """
    try:
        tables = read_json(out / table.document_id / TABLES)["tables"]
    except (InputMissingError, KeyError):
        return None
    labels = {_plain(lane.label) for lane in (*table.rows, *table.columns) if lane.label}
    best = max(tables, key=lambda t: _hits(t["cells"], labels), default=None)
    if best is None or not _hits(best["cells"], labels):
        return None
    wanted = _plain(cell.row_label or "")
    marked = next((c["row"] for c in best["cells"] if wanted and wanted in _plain(c["text"])), None)
    first = max(0, (marked or 0) - _ROWS // 2)
    rows: dict[int, list[Json]] = {}
    for one in best["cells"]:
        if first <= one["row"] < first + _ROWS:
            told = {name: one[name] for name in ("text", "row_span", "column_span")}
            rows.setdefault(one["row"], []).append(told)
    numbers = sorted(rows)
    return {"rows": [rows[n] for n in numbers], "marked": numbers.index(marked) if marked in rows else None}


def _hits(cells: Iterable[Json], labels: set[str]) -> int:
    return len(labels & {_plain(cell["text"]) for cell in cells})


def _plain(text: str) -> str:
    return "".join(text.split())
