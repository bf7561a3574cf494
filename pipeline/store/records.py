"""Flat records, one dict a row, from the objects of `matrices.json`; the columns are those of `fields.py`."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
Record = dict[str, Any]


def number_to_text(value: int | float | None) -> str | None:
    """Returns the exact decimal text of a number without an exponent: 70 as `70`, 0.1 as `0.1`, 1e22 in full."""
    if value is None:
        return None
    return str(value) if isinstance(value, int) else format(Decimal(repr(value)), "f")


def cell_records(result: Json) -> Iterator[Record]:
    """Yields one record for each cell of each matrix of a document, in the order of the file."""
    document = result["document"]
    head = {
        "document": document["id"],
        "source": document["source"],
        "issuer": document["issuer"],
        "region_code": document.get("region_code"),
        "year": document["year"],
    }
    for matrix in result["matrices"]:
        for i, row in enumerate(matrix["cells"]):
            for j, cell in enumerate(row):
                yield head | _place(matrix, i, j) | _cell(cell) | {"unit": matrix["unit"], "status": result["status"]}


def document_record(result: Json) -> Record:
    """Returns the one record of a document; failed ones have it too."""
    document = result["document"]
    failure = result["failure"] or {}
    cells = [cell for matrix in result["matrices"] for row in matrix["cells"] for cell in row]
    return {
        "document": document["id"],
        **{name: document.get(name) for name in ("source", "sha256", "kind", "pages", "issuer", "region_code", "year", "url")},
        "status": result["status"],
        "failure_class": failure.get("class"),
        "failure_message": failure.get("message"),
        "failure_advice": failure.get("advice"),
        "matrices": len(result["matrices"]),
        "cells": len(cells),
        "review_cells": sum(cell["review"] for cell in cells),
        "findings": len(result["findings"]),
        "absent": " ".join(result["absent"]),
        "unread": " ".join(result["unread"]),
    }


def finding_records(result: Json) -> Iterator[Record]:
    """Yields one record for each finding of a document."""
    for number, finding in enumerate(result["findings"], 1):
        yield {
            "document": result["document"]["id"],
            "finding": number,
            **{name: finding[name] for name in ("rule", "kind", "severity", "left", "right", "message")},
            "cells": " ".join(cell_name(cell) for cell in finding["cells"]),
        }


def cell_name(cell: Json) -> str:
    """Returns a cell reference as `table.row.column`."""
    return f"{cell['table']}.{cell['row']}.{cell['column']}"


def _place(matrix: Json, i: int, j: int) -> Record:
    """Returns where a cell stands in its matrix."""
    return {
        "schema": matrix["schema"],
        "variant": matrix["variant"],
        "table": matrix["table"],
        "row": matrix["rows"][i],
        "row_label": matrix["row_labels"][i],
        "column": matrix["columns"][j],
        "column_label": matrix["column_labels"][j],
    }


def _cell(cell: Json) -> Record:
    """Returns what a cell holds and where it lies."""
    x0, top, x1, bottom = cell["bbox"] or (None, None, None, None)
    start, end = cell["span"] or (None, None)
    return {
        "value": cell["value"],
        "value_text": number_to_text(cell["value"]),
        **{name: cell[name] for name in ("text", "state", "confidence", "review", "reason", "origin", "page")},
        "x0": x0,
        "top": top,
        "x1": x1,
        "bottom": bottom,
        "span_start": start,
        "span_end": end,
    }
