"""`matrices.json` as people corrected it: cells, equations and status follow what the ledger says, at once.

The machine's reading stays in the ledger, so that an undo brings it back, and a new reading never overwrites a person's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.check.equations import check_matrix
from pipeline.domain import Finding, LaneMatch, Matrix, MatrixCell, Origin, State
from pipeline.store.contract import Json, bbox_to_json, finding_to_json, quad_to_json, rounded, span_to_json
from pipeline.store.corrections import CellKey, in_force, load_corrections
from pipeline.store.files import MATRICES, read_json, result_sizes, write_json_file
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import cells_of, findings_of
from pipeline.store.ledger_rows import CellRow, CorrectionRow, to_json
from pipeline.store.status import status_of
from pipeline.store.whole_tables import add_typed_tables, settle_tables

DIFFERS = "review_differs"


def republish(ledger: Ledger, document: str) -> None:
    """Writes `matrices.json` of a document anew, from the ledger: call it after every correction or undo.

    The file is replaced whole or not at all.

    Raises:
        InputMissingError: the file is not there. OutputError: it cannot be written.
    """
    path = ledger.out / document / MATRICES
    with ledger.unit() as db:
        known = ledger.document(document)
        data = read_json(path)
        _put_cells(data, {(c.table, c.row_key, c.column_key): machine_cell(c) for c in cells_of(ledger, document)})
        data["findings"] = [finding_to_json(row.finding) for row in findings_of(ledger, document)]
        if known is not None:
            present = {matrix["table"] for matrix in data["matrices"]}
            data["status"] = known.machine_status
            data["absent"] = [table for table in known.absent if table not in present]
            data["unread"] = [table for table in known.unread if table not in present]
        told = with_corrections(data, in_force(load_corrections(db, document)))
        write_json_file(path, told)
        row = (to_json(result_sizes(path.parent)), told["status"], document)
        db.execute("UPDATE documents SET sizes = ?, status = ? WHERE id = ?", row)


def correct_staged(staged: Path, holding: Mapping[CellKey, CorrectionRow | None]) -> str | None:
    """Puts the corrections in force into the staged result of a document that was read anew.

    Returns:
        The status of the document with them, or None where there are none.
    """
    if all(correction is None for correction in holding.values()):
        return None
    told = with_corrections(read_json(staged / MATRICES), holding)
    write_json_file(staged / MATRICES, told)
    return str(told["status"])


def with_corrections(data: Json, holding: Mapping[CellKey, CorrectionRow | None]) -> Json:
    """Returns the object of `matrices.json` with corrections put in; `data` is what the machine read.

    A corrected cell has origin `review`. The equations of its table are evaluated anew, and where the machine now reads
    neither what the person said nor what it read before, a finding `review_differs` says so. A table that people typed
    and the machine has not is laid out; what they said of whole tables is put in.
    """
    add_typed_tables(data, holding)
    differs: list[Json] = []
    touched: set[str] = set()
    cells: dict[CellKey, Json] = {}
    for key, cell in _cells(data):
        correction = holding.get(key)
        if correction is None:
            continue
        touched.add(key[0])
        cells[key] = corrected_cell(cell, correction)
        now = (cell["value"], cell["state"])
        if now not in ((correction.value, correction.state), (correction.machine_value, correction.machine_state)):
            differs.append(_differs(data["document"]["id"], key, cell, correction))
    if touched:
        _put_cells(data, cells)
        so = {key for key, c in holding.items() if c is not None and c.action == "printed_so"}
        data["findings"] = [*_findings(data, touched, so), *differs]
    if settle_tables(data, holding) or touched:
        data["status"] = _status(data)
    return data


def corrected_cell(cell: Json, correction: CorrectionRow) -> Json:
    """Returns a cell as a person said that it is; its place stays."""
    unread = correction.state in ("unreadable", "missing")
    said = {
        "value": correction.value,
        "text": correction.text,
        "state": correction.state,
        "confidence": 0.0 if unread else 1.0,
        "review": unread,
        "origin": "review",
        "reason": (correction.reason or "a person could not read it") if unread else correction.reason,
    }
    return {name: said.get(name, value) for name, value in cell.items()}


def machine_cell(cell: CellRow) -> Json:
    """Returns a cell as the machine read it, with the keys of `matrices.json`."""
    return {
        "value": cell.machine_value,
        "text": cell.machine_text,
        "state": cell.machine_state,
        "confidence": rounded(cell.confidence, 4),
        "review": cell.machine_review,
        "origin": cell.machine_origin,
        "page": cell.page_no,
        "bbox": bbox_to_json(cell.bbox),
        "quad": quad_to_json(cell.quad),
        "span": span_to_json(cell.char_span),
        "reason": cell.reason,
    }


def _cells(data: Json) -> Iterator[tuple[CellKey, Json]]:
    """Yields every cell of all matrices with its keys."""
    for matrix in data["matrices"]:
        for row, line in zip(matrix["rows"], matrix["cells"], strict=True):
            for column, cell in zip(matrix["columns"], line, strict=True):
                yield (matrix["table"], row, column), cell


def _put_cells(data: Json, cells: Mapping[CellKey, Json]) -> None:
    """Replaces cells in place; keys that a cell has beyond those given stay."""
    for matrix in data["matrices"]:
        for i, row in enumerate(matrix["rows"]):
            line = matrix["cells"][i]
            for j, column in enumerate(matrix["columns"]):
                line[j] = {**line[j], **cells.get((matrix["table"], row, column), {})}


def _findings(data: Json, touched: Iterable[str], so: Collection[CellKey] = ()) -> list[Json]:
    """Returns the findings, with those of the equations of touched tables evaluated anew.

    Args:
        data: with corrections put in.
        touched: tables with a correction.
        so: cells of which a person said that they are printed so; what does not add up there is the document's own error.
    """
    from pipeline.canon.schema import load_schemas

    schemas = {(t.family, t.table, t.variant): t for s in load_schemas() for t in s.tables}
    tables = frozenset(touched)
    found: list[Finding] = []
    renewed: set[tuple[str, str]] = set()
    for matrix in data["matrices"]:
        schema = schemas.get((matrix["schema"], matrix["table"], matrix["variant"]))
        if matrix["table"] in tables and schema is not None:
            renewed |= {(matrix["table"], equation.rule) for equation in schema.equations}
            found += [_by_source(f, so) for f in check_matrix(to_matrix(matrix), schema.equations)]
    document = data["document"]["id"]
    kept = [f for f in data["findings"] if not any((c["table"], f["rule"]) in renewed for c in f["cells"])]
    return kept + [_named(finding_to_json(f), document) for f in found]


def _by_source(finding: Finding, so: Collection[CellKey]) -> Finding:
    """Returns a finding; a failed equation with a cell that a person called printed so is an error of the source."""
    told = finding.severity == "error" and any((c.table, c.row, c.column) in so for c in finding.cells)
    return replace(finding, kind="source") if told else finding


def _named(finding: Json, document: str) -> Json:
    return {**finding, "cells": [{**cell, "document": document} for cell in finding["cells"]]}


def to_matrix(matrix: Json) -> Matrix:
    """Returns a matrix of `matrices.json` as the checks take it; places are left out."""

    def lanes(axis: str) -> tuple[LaneMatch, ...]:
        return tuple(
            LaneMatch(m["key"], m["label"], m["similarity"], m["margin"], m["certain"], m["reason"])
            for m in matrix["alignment"][axis]
        )

    cells = tuple(tuple(_to_cell(cell) for cell in row) for row in matrix["cells"])
    aligned = matrix["alignment"]
    return Matrix(
        matrix["table"], matrix["schema"], matrix["variant"], matrix["unit"], lanes("rows"), lanes("columns"), cells,
        aligned["score"], aligned["margin"],
    )  # fmt: skip


def _to_cell(cell: Json) -> MatrixCell:
    state, origin = State(cell["state"]), Origin(cell["origin"])
    return MatrixCell(cell["value"], cell["text"], state, cell["confidence"], cell["review"], origin, reason=cell["reason"])


def _differs(document: str, key: CellKey, cell: Json, correction: CorrectionRow) -> Json:
    """Says that the machine now reads something else than the person said."""
    table, row, column = key
    read, said = _told(cell["value"], cell["state"]), _told(correction.value, correction.state)
    message = f"{table} {row} {column}: read anew as {read}, but {correction.reviewer} said {said}; this is kept."
    return {
        "rule": DIFFERS, "kind": "reading", "severity": "note",
        "cells": [{"document": document, "table": table, "row": row, "column": column}],
        "left": cell["value"], "right": correction.value, "message": message,
    }  # fmt: skip


def _told(value: Any, state: str) -> str:
    return state if value is None else str(value)


def _status(data: Json) -> str:
    """Returns the status after corrections: `review` while something is left to look at."""
    if data["status"] == "failed":
        return "failed"
    flagged = any(cell["review"] for _, cell in _cells(data))
    broken = any(page["status"] == "failed" for page in data["page_results"])
    lacking = bool(broken or data["absent"] or data["unread"] or not data["matrices"])
    return status_of(flagged, ((f["rule"], f["kind"], f["severity"]) for f in data["findings"]), lacking)
