"""`gouji export --format training`: what people said, as a labelled set for recognisers, and a report on the machine."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.config import Config
from pipeline.errors import DocumentError, InputMissingError
from pipeline.review.calibration import calibration
from pipeline.review.pictures import Pictures, Place
from pipeline.review.sources import Sources
from pipeline.review.statistics import agreements, attention, rate, silent_errors
from pipeline.store.files import output_errors
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import pages_of
from pipeline.store.ledger_checks import results
from pipeline.store.ledger_rows import CellRow, DocumentRow
from pipeline.store.ledger_training import corrected_cells
from pipeline.store.targets import EXPORT_FOLDER, write_text

Json = dict[str, Any]


def export_training(out: Path, config: Config, destination: Path | None = None) -> list[Path]:
    """Writes the labelled set of a folder of results.

    Args:
        out: folder of results with a ledger.
        config: settings of scans, with which pages are drawn.
        destination: folder to write to; None for `out/export/training`.

    Returns:
        `labels.jsonl` (one line a corrected cell: what was read and proposed, what it really holds, its picture),
        `report.json` and `report.md` (which kinds of cells were wrong, calibration, silent error rate, agreement), and the
        pictures of the cells, `cells/<number>.png`, of those whose source is there unchanged.

    Raises:
        InputMissingError: no ledger, or nobody has said anything yet.
        OutputError: the files cannot be written.
    """
    with Ledger(out, readonly=True) as ledger:
        cells = corrected_cells(ledger)
        if not cells:
            raise InputMissingError(f"{out}: no corrections yet", "Run `gouji review --out DIR` first.")
        folder = destination or out / EXPORT_FOLDER / "training"
        labels, files = _write_cells(ledger, cells, folder, Pictures(config))
        report = _report(ledger, cells)
    lines = "".join(json.dumps(label, ensure_ascii=False, sort_keys=True) + "\n" for label in labels)
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    told = [("labels.jsonl", lines), ("report.json", text), ("report.md", _markdown(report))]
    return [*(write_text(folder / name, content) for name, content in told), *files]


def _write_cells(ledger: Ledger, cells: Sequence[CellRow], folder: Path, pictures: Pictures) -> tuple[list[Json], list[Path]]:
    """Writes the pictures of the cells; returns the labels, and the files."""
    sources = Sources()
    documents: dict[str, DocumentRow | None] = {}
    labels, files = [], []
    for number, cell in enumerate(cells, 1):
        if cell.document_id not in documents:
            documents[cell.document_id] = ledger.document(cell.document_id)
        document = documents[cell.document_id]
        assert document is not None
        data = _picture(ledger, document, cell, sources, pictures)
        name = None
        if data is not None:
            name = f"cells/{number:06d}.png"
            path = folder / name
            with output_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            files.append(path)
        labels.append(_label(cell, document, name))
    return labels, files


def _picture(ledger: Ledger, document: DocumentRow, cell: CellRow, sources: Sources, pictures: Pictures) -> bytes | None:
    if cell.bbox is None or cell.page_no is None or document.kind not in ("pdf", "scan", "image"):
        return None
    page = next((p for p in pages_of(ledger, document.id) if p.page_no == cell.page_no), None)
    if page is None or not page.width_pt or sources.state(document) != "ok":
        return None
    paths = tuple(Path(member) for member in document.members)
    try:
        return pictures.cell(
            document.sha256 or "", paths, document.kind, Place(cell.page_no, page.width_pt, cell.bbox, cell.quad)
        )
    except DocumentError:
        return None


def _label(cell: CellRow, document: DocumentRow, picture: str | None) -> Json:
    said = cell.correction
    assert said is not None
    return {
        "document": document.id, "sha256": document.sha256, "kind": document.kind, "page": cell.page_no,
        "bbox": None if cell.bbox is None else [cell.bbox.x0, cell.bbox.top, cell.bbox.x1, cell.bbox.bottom],
        "quad": cell.quad, "picture": picture, "table": cell.table, "row": cell.row_key, "column": cell.column_key,
        "origin": cell.machine_origin, "confidence": cell.confidence, "reason": cell.reason,
        "read": {"text": cell.machine_text, "value": cell.machine_value, "state": cell.machine_state},
        "readings": [{"text": r.text, "log_prob": r.log_prob} for r in cell.readings],
        "label": {"text": said.text, "value": said.value, "state": said.state}, "action": said.action,
        "right": _right(cell), "reviewer": said.reviewer, "seconds": said.seconds, "at": said.created_at,
    }  # fmt: skip


def _right(cell: CellRow) -> bool | None:
    """True where the machine had read what the person said; None where that person could not read it."""
    said = cell.correction
    if said is None or said.state in ("unreadable", "missing"):
        return None
    return (cell.machine_value, cell.machine_state) == (said.value, said.state)


def _report(ledger: Ledger, cells: Sequence[CellRow]) -> Json:
    silent, unsettled = silent_errors(results(ledger, "sample"))
    judged = [(cell, right) for cell in cells if (right := _right(cell)) is not None]

    def wrong_by(name: str) -> list[Json]:
        seen: Counter[str] = Counter(str(getattr(cell, name)) for cell, _ in judged)
        wrong: Counter[str] = Counter(str(getattr(cell, name)) for cell, right in judged if not right)
        return [{"name": key, "cells": n, "wrong": wrong[key]} for key, n in seen.most_common()]

    def share(hits: int, of: int) -> Json:
        found = rate(hits, of)
        return {"hits": found.hits, "of": found.of, "low": found.low, "high": found.high}

    return {
        "cells": len(cells),
        "judged": len(judged),
        "wrong": share(sum(not right for _, right in judged), len(judged)),
        "wrong_without_a_flag": sum(not right and not cell.machine_review for cell, right in judged),
        "silent_error_rate": {**share(silent.hits, silent.of), "unsettled": unsettled},
        "wrong_by_origin": wrong_by("machine_origin"),
        "wrong_by_table": wrong_by("table"),
        "wrong_by_column": wrong_by("column_key"),
        "wrong_by_state": wrong_by("machine_state"),
        "calibration": [
            {"low": b.low, "high": b.high, "cells": b.cells, "right": b.right, "mean": round(b.mean, 4)}
            for b in calibration(ledger)
        ],
        "agreement": [
            {"first": a.first, "second": a.second, "cells": a.cells, "agree": a.agree, "kappa": a.kappa}
            for a in agreements(results(ledger, "second"))
        ],
        "attention": {name: share(r.hits, r.of) for name, r in attention(results(ledger, "planted")).items()},
    }


def _markdown(report: Json) -> str:
    """Returns the report for people."""
    silent = report["silent_error_rate"]
    bound = "no sample yet" if silent["high"] is None else f"at most {silent['high']:.2%} with 95 % certainty"
    lines = [
        "# What people said of the machine", "",
        f"- {report['cells']} cells were answered; of {report['judged']} that could be read, "
        f"{report['wrong']['hits']} had been read wrong, {report['wrong_without_a_flag']} of them without a flag.",
        f"- Accepted cells looked at blind: {silent['of']}, wrong: {silent['hits']} ({bound}); "
        f"not settled: {silent['unsettled']}.", "",
    ]  # fmt: skip
    for name, title in (("origin", "Origin"), ("table", "Table"), ("column", "Column"), ("state", "State as read")):
        lines += [f"## {title}", "", "| | cells | wrong |", "|---|---|---|"]
        lines += [f"| {one['name']} | {one['cells']} | {one['wrong']} |" for one in report[f"wrong_by_{name}"]]
        lines.append("")
    lines += ["## Calibration", "", "| confidence | cells | mean confidence | right |", "|---|---|---|---|"]
    lines += [
        f"| {one['low']} to {one['high']} | {one['cells']} | {one['mean']:.4f} | {one['right'] / one['cells']:.4f} |"
        for one in report["calibration"]
    ]
    return "\n".join(lines) + "\n"
