"""A card: one cell with all that a person needs to say what it holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pipeline.canon.values import parse_value
from pipeline.domain import State
from pipeline.review.balance import Broken, broken_equations, closes, equations_json
from pipeline.review.labels import lane_labels, plain
from pipeline.review.places import spot_of, strip_of, turned_json
from pipeline.review.raw_tables import raw_table
from pipeline.review.sources import Sources, lines_around
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import cells_of, pages_of, tables_of
from pipeline.store.ledger_checks import Check
from pipeline.store.ledger_rows import CellRow, DocumentRow, TableRow, Value

_CANDIDATES = 9
_PICTURED = ("pdf", "scan", "image")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """A cell in its table and document.

    Attributes:
        cells: all cells of the table.
        check: the measuring card that it is shown for, or None.
    """

    document: DocumentRow
    table: TableRow
    cells: tuple[CellRow, ...]
    cell: CellRow
    check: Check | None = None

    @property
    def blind(self) -> bool:
        """True where neither the reading nor the rest of the table may be shown."""
        return self.check is not None and self.check.kind in ("sample", "second")


def find_subject(ledger: Ledger, document: str, table: str, row: str, column: str, check: Check | None = None) -> Subject | None:
    """Returns a cell with its surroundings, or None where there is none."""
    found = ledger.document(document)
    lane = next((t for t in tables_of(ledger, document) if t.key == table), None)
    if found is None or lane is None:
        return None
    cells = tuple(cells_of(ledger, document, table))
    cell = next((c for c in cells if (c.row_key, c.column_key) == (row, column)), None)
    return None if cell is None else Subject(found, lane, cells, cell, check)


def card_json(ledger: Ledger, sources: Sources, subject: Subject, why: list[Json]) -> Json:
    """Returns a card as the page shows it; of a blind one, nothing that tells what was read."""
    cell, document = subject.cell, subject.document
    rows, columns = lane_labels(subject.table, "rows"), lane_labels(subject.table, "columns")
    return {
        "document": {
            "id": document.id, "name": document.name, "issuer": document.issuer, "year": document.year, "kind": document.kind,
            "pages": document.n_pages, "source": sources.state(document), "review_state": document.review_state,
        },
        "cell": {
            "document": document.id, "table": cell.table, "row": cell.row_key, "column": cell.column_key,
            "row_label": rows[cell.row_key][0], "column_label": columns[cell.column_key][0],
            "row_name": rows[cell.row_key][1], "column_name": columns[cell.column_key][1], "version": cell.version,
        },
        "check": None if subject.check is None else subject.check.id,
        "blind": subject.blind,
        "why": why,
        "now": None if subject.blind else _now(subject),
        "candidates": [] if subject.blind else candidates(subject),
        "matrix": _matrix(subject),
        "place": _place(ledger, subject),
        "strip": _strip(subject),
        "lines": _lines(sources, subject),
        "raw": raw_table(ledger.out, subject.table, cell) if document.kind == "html" else None,
    }  # fmt: skip


def why_json(subject: Subject, source: str = "") -> list[Json]:
    """Returns why a card is asked: `kind` and, where there is one, the text or equation."""
    cell = subject.cell
    if subject.blind:
        return [{"kind": "sample" if subject.check and subject.check.kind == "sample" else "second"}]
    found: list[Json] = [{"kind": source}] if source else []
    here = (cell.row_key, cell.column_key)
    told = [broken_json(b) for b in broken_equations(subject.table, _shown_cells(subject)) if here in b.cells]
    found += [{"kind": "equation", "equation": b} for b in told]
    if subject.check is None and cell.machine_review and cell.reason:
        found.append({"kind": "doubt", "text": cell.reason})
    if subject.check is None and cell.correction is not None:
        said = cell.correction
        found.append({"kind": "said", "text": said.reviewer, "action": said.action})
    return found


def broken_json(broken: Broken) -> Json:
    """Returns an equation that is out of balance."""
    return {
        "rule": broken.rule, "lane": broken.lane, "over": broken.over, "left": broken.left, "right": broken.right,
        "reason": broken.reason,
    }  # fmt: skip


def candidates(subject: Subject) -> list[Json]:
    """Returns what the cell may hold, best first: what holds now, then what the recogniser proposed, each once.

    Nothing that only the arithmetic proposes is offered: a person would take it without looking.
    """
    cell = subject.cell
    shown = subject.check.shown if subject.check is not None else None
    found: dict[tuple[Value, str], Json] = {}
    if shown is not None:
        found[shown, "printed"] = {"value": shown, "state": "printed", "text": str(shown), "share": None}
    if cell.state in ("printed", "blank", "dash"):
        found.setdefault((cell.value, cell.state), {"value": cell.value, "state": cell.state, "text": cell.text, "share": None})
    for reading in cell.readings:
        parsed = parse_value(reading.text)
        if parsed.state is State.UNREADABLE:
            continue
        key = (parsed.value, str(parsed.state))
        share = round(math.exp(min(0.0, reading.log_prob)), 4)
        known = found.setdefault(key, {"value": parsed.value, "state": str(parsed.state), "text": reading.text, "share": share})
        if known["share"] is None and subject.check is None:
            known["share"] = share
    chosen = list(found.values())[:_CANDIDATES]
    cells, here = _shown_cells(subject), (cell.row_key, cell.column_key)
    for one in chosen:
        one["closes"] = closes(subject.table, cells, here, one["value"], one["state"])
    return chosen


def _now(subject: Subject) -> Json:
    """Returns what holds in the cell now, and what the machine read."""
    cell = subject.cell
    shown = subject.check.shown if subject.check is not None else None
    if shown is not None:
        return {"value": shown, "state": "printed", "text": str(shown), "origin": cell.origin, "confidence": None}
    return {
        "value": cell.value, "state": cell.state, "text": cell.text, "origin": cell.origin, "confidence": cell.confidence,
        "machine": {"value": cell.machine_value, "state": cell.machine_state, "text": cell.machine_text},
    }  # fmt: skip


def _shown_cells(subject: Subject) -> tuple[CellRow, ...]:
    """Returns the cells of the table as the card shows them: a planted one with its wrong number."""
    from dataclasses import replace

    check = subject.check
    if check is None or check.shown is None:
        return subject.cells
    wrong = replace(subject.cell, machine_value=check.shown, machine_state="printed", machine_review=True)
    return tuple(wrong if c.id == wrong.id else c for c in subject.cells)


def _matrix(subject: Subject) -> Json | None:
    """Returns the table with its equations; None for a blind card, whose value the rest of the table would tell."""
    if subject.blind:
        return None
    table = subject.table
    grid = {(c.row, c.column): c for c in _shown_cells(subject)}

    def lanes(axis: str) -> list[Json]:
        names = lane_labels(table, axis)
        printed = table.rows if axis == "rows" else table.columns
        return [{"key": m.key, "label": names[m.key][0], "printed": plain(m.label or "")} for m in printed]

    return {
        "rows": lanes("rows"),
        "columns": lanes("columns"),
        "unit": table.unit,
        "cells": [[_small(grid[i, j]) for j in range(len(table.columns))] for i in range(len(table.rows))],
        "equations": equations_json(table),
    }


def _small(cell: CellRow) -> Json:
    """Returns a cell of the table: value, state, whether it is open, and what a person did with it."""
    action = None if cell.correction is None else cell.correction.action
    is_open = cell.correction is None and cell.machine_review
    return {"v": cell.value, "s": cell.state, "open": is_open, "said": action, "version": cell.version}


def _place(ledger: Ledger, subject: Subject) -> Json | None:
    """Returns where the cell lies in a picture, or None."""
    if subject.document.kind not in _PICTURED:
        return None
    spot = spot_of(subject.cell, subject.cells)
    page = next((p for p in pages_of(ledger, subject.document.id) if spot is not None and p.page_no == spot.page_no), None)
    if spot is None or page is None or not page.width_pt or not page.height_pt:
        return None
    return turned_json(spot, page.width_pt, page.height_pt)


def _strip(subject: Subject) -> list[tuple[float, float] | None] | None:
    """Returns where the cells of the row stand in its strip, or None where it cannot be shown as one."""
    if subject.check is not None or subject.document.kind not in _PICTURED:
        return None
    strip = strip_of(subject.cell, subject.cells)
    return None if strip is None else list(strip.spans)


def _lines(sources: Sources, subject: Subject) -> list[Json] | None:
    """Returns the lines around a cell of a text source, or None."""
    if subject.document.kind != "text" or subject.cell.char_span is None:
        return None
    text = sources.text(subject.document)
    if text is None:
        return None
    around = lines_around(text, subject.cell.char_span)
    return [{"number": line.number, "text": line.text, "mark": line.mark} for line in around]
