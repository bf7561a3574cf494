"""The output contract: a `DocumentResult` as the object of `matrices.json`; `contract_reading` has the two others.

Pure functions; the keys, their order and their meaning are told in `docs/contract.md`. Boxes are rounded to 2 decimals
of a point, confidences to 4. Nothing here decides anything: what a stage did not say is null.
"""

from __future__ import annotations

import math
from typing import Any

from pipeline.domain import (
    BBox,
    DocumentResult,
    Failure,
    Finding,
    LaneMatch,
    Matrix,
    MatrixCell,
    PageResult,
    Quad,
    State,
)

Json = dict[str, Any]


def result_to_matrices(result: DocumentResult) -> Json:
    """Returns the object of `matrices.json`."""
    pages = result.reading.pages if result.reading else ()
    return {
        "document": document_to_json(result),
        "status": result.status,
        "failure": failure_to_json(result.failure),
        "page_results": [page_result_to_json(page) for page in pages],
        "matrices": [matrix_to_json(matrix) for matrix in result.matrices],
        "findings": [finding_to_json(finding) for finding in result.findings],
        "absent": list(result.absent),
        "unread": list(result.unread),
    }


def document_to_json(result: DocumentResult) -> Json:
    """Returns the `document` object; `pages` is 0 where the document failed before a page was seen."""
    return {
        "id": result.document_id,
        "source": result.source.relative_path,
        "sha256": result.source.sha256,
        "kind": str(result.source.kind),
        "pages": len(result.reading.pages) if result.reading else 0,
        "issuer": result.facts.issuer,
        "year": result.facts.year,
        "region_code": result.facts.region_code,
        "url": result.facts.url,
    }


def failure_to_json(failure: Failure | None) -> Json | None:
    """Returns `{class, message, advice}`, or None."""
    if failure is None:
        return None
    return {"class": failure.failure_class, "message": failure.message, "advice": failure.advice}


def page_result_to_json(page: PageResult) -> Json:
    """Returns how one page ended."""
    return {"page": page.page_no, "kind": page.kind, "status": page.status, "failure": failure_to_json(page.failure)}


def matrix_to_json(matrix: Matrix) -> Json:
    """Returns one matrix with its alignment."""
    return {
        "table": matrix.table,
        "schema": matrix.schema,
        "variant": matrix.variant,
        "unit": matrix.unit,
        "rows": [lane.key for lane in matrix.rows],
        "row_labels": [lane.label or "" for lane in matrix.rows],
        "columns": [lane.key for lane in matrix.columns],
        "column_labels": [lane.label or "" for lane in matrix.columns],
        "cells": [[matrix_cell_to_json(cell) for cell in row] for row in matrix.cells],
        "alignment": {
            "score": rounded(matrix.score, 4),
            "margin": rounded(matrix.margin, 4),
            "rows": [lane_to_json(lane) for lane in matrix.rows],
            "columns": [lane_to_json(lane) for lane in matrix.columns],
        },
    }


def lane_to_json(lane: LaneMatch) -> Json:
    """Returns how one row or column was matched; `label` is null where the report prints none."""
    return {
        "key": lane.key,
        "label": lane.label,
        "similarity": rounded(lane.similarity, 4),
        "margin": rounded(lane.margin, 4),
        "certain": lane.certain,
        "reason": lane.reason,
    }


def matrix_cell_to_json(cell: MatrixCell) -> Json:
    """Returns one cell of a matrix. A value that JSON cannot hold leaves as `unreadable`, never as a number."""
    value, state, review, reason = cell.value, cell.state, cell.review, cell.reason
    if isinstance(value, float) and not math.isfinite(value):
        value, state, review, reason = None, State.UNREADABLE, True, "not a finite number"
    return {
        "value": value,
        "text": cell.text,
        "state": str(state),
        "confidence": rounded(cell.confidence, 4),
        "review": review,
        "origin": str(cell.origin),
        "page": cell.page_no,
        "bbox": bbox_to_json(cell.bbox),
        "quad": quad_to_json(cell.quad),
        "span": span_to_json(cell.char_span),
        "reason": reason,
    }


def finding_to_json(finding: Finding) -> Json:
    """Returns one finding with references to its cells."""
    return {
        "rule": finding.rule,
        "kind": finding.kind,
        "severity": finding.severity,
        "cells": [{"document": c.document, "table": c.table, "row": c.row, "column": c.column} for c in finding.cells],
        "left": finding.left,
        "right": finding.right,
        "message": finding.message,
    }


def bbox_to_json(bbox: BBox | None) -> list[float] | None:
    """Returns `[x0, top, x1, bottom]` in points, or None."""
    return None if bbox is None else [rounded(side, 2) for side in (bbox.x0, bbox.top, bbox.x1, bbox.bottom)]


def quad_to_json(quad: Quad | None) -> list[list[float]] | None:
    """Returns the four corners `[x, y]` in points, or None."""
    return None if quad is None else [[rounded(x, 2), rounded(y, 2)] for x, y in quad]


def span_to_json(span: tuple[int, int] | None) -> list[int] | None:
    """Returns `[start, end)` in characters, or None."""
    return None if span is None else list(span)


def rounded(number: float, digits: int) -> float:
    """Returns `number` rounded, without a negative zero."""
    return round(float(number), digits) + 0.0
