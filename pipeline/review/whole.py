"""A table that was not found, stands on a page that was not read, or stands twice: what a person sees and says of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pipeline.canon.schema import Lane, TableSchema
from pipeline.errors import InputMissingError
from pipeline.geometry import hull
from pipeline.review.answers import Answer, Entry, correction_of, follow, lease_problem, require_lease, stale
from pipeline.review.balance import broken_equations, schema_equations_json
from pipeline.review.labels import lane_labels
from pipeline.review.problems import Problem
from pipeline.review.sources import Sources
from pipeline.store.files import PAGES, TABLES, read_json
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import cells_of, pages_of, tables_of
from pipeline.store.ledger_lacking import Lacking, lacking, lay_out, say_of_table, table_said
from pipeline.store.ledger_queue import Filters
from pipeline.store.ledger_review import StaleCellError, correct_all, lease_of
from pipeline.store.ledger_rows import Action, CellRow, CorrectionRow, DocumentRow
from pipeline.store.whole_tables import laid_out, schemas_of

Json = dict[str, Any]
_PICTURED = ("pdf", "scan", "image")
_LINES, _WIDTH, _ROWS, _RAW = 4000, 600, 120, 30
_PLAIN = re.compile(r"[\W_]+")


def find_lacking(ledger: Ledger, document: str, table: str, whole: bool = False) -> Lacking:
    """Returns a table that a person must look for.

    Args:
        ledger: open.
        document: its id.
        table: its key.
        whole: also one that is there, which a person wants to type as a whole.

    Raises:
        Problem: `unknown`: nobody needs to look for it, or somebody has.
    """
    wanted = Filters(document=document, table=table, sent_back=True)
    found = next(iter(lacking(ledger, wanted)), None)
    known = ledger.document(document)
    there = whole and known is not None and any(t.key == table for t in tables_of(ledger, document))
    if there and known is not None and (found is None or found.what != "second"):
        names = (known.issuer, known.year, known.kind, known.name, known.review_state)
        return Lacking(document, table, "whole", *names, message=None, holder=None)
    if found is None:
        raise Problem("unknown", "Nobody needs to look for this table, or somebody has.", "Go to the queue.")
    return found


def whole_json(ledger: Ledger, sources: Sources, found: Lacking) -> Json:
    """Returns what the page of a table shows: why, where to look, and the table in each format, to be typed."""
    document = ledger.document(found.document)
    assert document is not None
    schemas = schemas_of(found.table)
    present = tables_of(ledger, found.document)
    families = {t.schema for t in present}
    schemas = [s for s in schemas if s.family in families] or schemas
    likely = [t.variant for t in present]
    schemas.sort(key=lambda s: -likely.count(s.variant))
    if found.what == "whole":
        schemas = [s for s in schemas for t in present if (t.key, t.schema, t.variant) == (s.table, s.family, s.variant)]
    return {
        "document": {
            "id": document.id, "name": document.name, "issuer": document.issuer, "year": document.year, "kind": document.kind,
            "source": sources.state(document),
        },
        "table": found.table, "what": found.what, "message": found.message,
        "formats": [_format(schema) for schema in schemas] if found.what != "second" else [],
        "taken": _taken(ledger, found) if found.what in ("second", "whole") else None,
        **_where(ledger, sources, document, found, schemas),
    }  # fmt: skip


def _format(schema: TableSchema) -> Json:
    def lanes(every: Sequence[Lane]) -> list[Json]:
        return [{"key": m.key, "label": m.label or m.key, "name": " · ".join((*m.under[-1:], m.label or m.key))} for m in every]

    return {
        "variant": schema.variant, "title": schema.title, "rows": lanes(schema.rows), "columns": lanes(schema.columns),
        "equations": schema_equations_json(schema),
    }  # fmt: skip


def _taken(ledger: Ledger, found: Lacking) -> Json | None:
    """Returns the table that was taken, of those that stand twice."""
    table = next((t for t in tables_of(ledger, found.document) if t.key == found.table), None)
    if table is None:
        return None
    cells = cells_of(ledger, found.document, found.table)
    rows, columns = lane_labels(table, "rows"), lane_labels(table, "columns")
    grid = {(c.row, c.column): c for c in cells}
    return {
        "rows": [{"key": m.key, "label": rows[m.key][0]} for m in table.rows],
        "columns": [{"key": m.key, "label": columns[m.key][0]} for m in table.columns],
        "cells": [[_held(grid[i, j]) for j in range(len(table.columns))] for i in range(len(table.rows))],
        "broken": len(broken_equations(table, cells)),
    }


def _held(cell: CellRow) -> Json:
    return {"v": cell.value, "s": cell.state, "open": cell.machine_review and cell.correction is None}


def _where(ledger: Ledger, sources: Sources, document: DocumentRow, found: Lacking, schemas: Sequence[TableSchema]) -> Json:
    """Returns where to look: pages with the likeliest, the lines of a text, or the recovered tables."""
    headings = [_plain(t) for s in schemas for t in s.headings if t]
    sections = [_plain(t) for s in schemas for t in s.sections if t]
    pages = [p for p in pages_of(ledger, document.id) if p.width_pt and p.height_pt]
    pictured = document.kind in _PICTURED and sources.state(document) == "ok"
    lines, here = None, None
    if document.kind == "text":
        text = sources.text(document)
        if text is not None:
            lines = [line[:_WIDTH] for line in text.splitlines()[:_LINES]]
            here = _first_titled(lines, headings, sections)
    page = _likely_page(ledger, document, found, headings, sections)
    here_too = cells_of(ledger, document.id, found.table)
    boxes = [c.bbox for c in here_too if c.bbox is not None and c.page_no == page]
    box = hull(boxes) if boxes else None
    return {
        "pages": [{"page": p.page_no, "width": p.width_pt, "height": p.height_pt} for p in pages] if pictured else [],
        "page": page, "box": None if box is None else [box.x0, box.top, box.x1, box.bottom],
        "lines": lines, "line": here,
        "raw": [] if pictured or lines is not None else _raw_tables(ledger, document),
    }  # fmt: skip


def _likely_page(ledger: Ledger, document: DocumentRow, found: Lacking, *titles: Sequence[str]) -> int:
    """Returns the page with a heading of the table, else that on which the table before it ends."""
    try:
        pages = read_json(ledger.out / document.id / PAGES)["pages"]
    except (InputMissingError, KeyError):
        pages = []
    printed = [(str(h["text"]), int(page["page"])) for page in pages for h in page.get("headings", ())]
    own = [c.page_no for c in cells_of(ledger, document.id, found.table) if c.page_no is not None]
    if own:
        return min(own)
    titled = _first_titled([text for text, _ in printed], *titles)
    if titled is not None:
        return printed[titled][1]
    order = [s.table for s in schemas_of_family(found.table)]
    before = order[: order.index(found.table)] if found.table in order else []
    ends = [c.page_no for c in cells_of(ledger, document.id) if c.table in before and c.page_no is not None]
    failed = next((p.page_no for p in pages_of(ledger, document.id) if p.state == "failed"), None)
    return failed if found.what == "unread" and failed is not None else max(ends, default=1)


def schemas_of_family(table: str) -> list[TableSchema]:
    """Returns the tables of the family that a table belongs to, in their order."""
    from pipeline.canon.schema import load_schemas

    for schema in load_schemas():
        if any(t.table == table for t in schema.tables):
            return list(schema.tables)
    return []


def _raw_tables(ledger: Ledger, document: DocumentRow) -> list[Json]:
    """Returns every recovered table, as `tables.json` has it."""
    try:
        tables = read_json(ledger.out / document.id / TABLES)["tables"]
    except (InputMissingError, KeyError):
        return []
    found = []
    for table in tables[:_RAW]:
        rows: dict[int, list[Json]] = {}
        for one in table["cells"]:
            if one["row"] < _ROWS:
                rows.setdefault(one["row"], []).append({n: one[n] for n in ("text", "row_span", "column_span")})
        found.append({"page": table.get("page"), "rows": [rows[n] for n in sorted(rows)]})
    return found


def _plain(text: str) -> str:
    return _PLAIN.sub("", text)


def _first_titled(texts: Sequence[str], *titles: Sequence[str]) -> int | None:
    """Returns the place of the first text with a title of the first list that is found at all; then of the next list."""
    plain = [_plain(text) for text in texts]
    for wanted in titles:
        for place, text in enumerate(plain):
            if any(title in text for title in wanted):
                return place
    return None


def save_table(
    ledger: Ledger,
    found: Lacking,
    variant: str,
    said: Sequence[tuple[str, str, Entry]],
    lease: str,
    reviewer: str,
    seconds: float | None,
) -> Json:
    """Keeps a table that a person typed, as one act; cells that they did not name stay `missing` and are asked for.

    Raises:
        Problem: `lease` (held by another, or lost), `invalid` (another format, a cell that it has not, no number).
    """
    require_lease(ledger, found.document, found.table, lease, reviewer)
    schema = next((s for s in schemas_of(found.table) if s.variant == variant), None)
    there = next((t.variant for t in tables_of(ledger, found.document) if t.key == found.table), None)
    if schema is None or found.what == "second" or there not in (None, variant):
        raise Problem("invalid", "This table has no such format.", "Use the page.")
    rows, columns = {m.key for m in schema.rows}, {m.key for m in schema.columns}
    places = [(row, column) for row, column, _ in said]
    if len(set(places)) != len(places) or any(r not in rows or c not in columns for r, c in places):
        raise Problem("invalid", "These are not the cells of this table.", "Use the page.")
    for _, _, entry in said:
        entry.value()
    if there is None:
        lay_out(ledger, found.document, laid_out(schema))
    cells = {(c.row_key, c.column_key): c for c in cells_of(ledger, found.document, found.table)}
    each = None if seconds is None else round(seconds / len(said), 1)
    news = [
        correction_of(
            Answer(found.document, found.table, r, c, cells[r, c].version, "value", entry, lease, each), cells[r, c], reviewer
        )
        for r, c, entry in said
    ]
    try:
        correct_all(ledger, news)
    except StaleCellError as error:
        raise stale(error.current, None, "missing") from error
    warning = follow(ledger, found.document, [found.table])
    named = {(new.row, new.column) for new in news}
    left = sum(c.machine_review and c.correction is None and place not in named for place, c in cells.items())
    return {"saved": len(news), "left": left, "warning": warning}


def settle_table(ledger: Ledger, found: Lacking, lease: str, reviewer: str, seconds: float | None) -> Json:
    """Keeps that a table is not printed, or that the one taken of two is the right one."""
    require_lease(ledger, found.document, found.table, lease, reviewer)
    if found.what == "whole":
        raise Problem("invalid", "This table is there.", "Type it, or send the document back.")
    action: Action = "confirm" if found.what == "second" else "printed_so"
    say_of_table(ledger, found.document, found.table, action, reviewer, seconds=seconds)
    return {"settled": action, "warning": follow(ledger, found.document, [])}


def unsettle_table(ledger: Ledger, said: CorrectionRow, reviewer: str, redo: bool) -> Json:
    """Takes back what a person said of a whole table, or brings it back."""
    held = lease_of(ledger, said.document_id, said.table)
    if held is not None and held.reviewer != reviewer:
        raise lease_problem(held.reviewer, held.expires_at)
    holds = table_said(ledger, said.document_id, said.table)
    if not redo and (holds is None or holds.id != said.id):
        raise Problem("nothing", "Somebody has said something else of this table since.", "Look at the queue.")
    say_of_table(ledger, said.document_id, said.table, "undo", reviewer, undoes=said.id)
    warning = follow(ledger, said.document_id, [])
    return {"table": {"document": said.document_id, "table": said.table, "open": not redo}, "warning": warning}
