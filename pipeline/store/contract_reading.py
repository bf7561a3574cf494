"""The output contract, second part: a `Reading` as the objects of `tables.json` and `pages.json`.

Both hold iterators, which are read once while they are written, so that a long document is not held twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from pipeline.domain import BBox, Block, DocumentResult, PageResult, PageTransform, Reading, State, Table, TableCell, TextBlock
from pipeline.geometry import hull
from pipeline.store.contract import Json, bbox_to_json, rounded, span_to_json

DASHES = re.compile(r"[-‐‑‒–—―−─－﹣_]+|[/／\\]|无")
CERTAIN_CELL = 0.999
DOUBTFUL_CELL = 0.5
TABLE_DOUBT_FACTOR = 0.9


def result_to_tables(result: DocumentResult) -> Json:
    """Returns the object of `tables.json`; its `tables` is an iterator."""
    return {"document": result.document_id, "tables": (table_to_json(table) for table in tables_of(result))}


def result_to_pages(result: DocumentResult) -> Json:
    """Returns the object of `pages.json`; its `pages` is an iterator."""
    title = result.reading.title if result.reading else None
    return {"document": result.document_id, "title": title, "pages": _pages(result.reading) if result.reading else []}


def tables_of(result: DocumentResult) -> tuple[Table, ...]:
    """Returns the recovered tables of a document in reading order."""
    blocks = result.reading.blocks if result.reading else ()
    return tuple(block for block in blocks if isinstance(block, Table))


def table_to_json(table: Table) -> Json:
    """Returns one recovered table, schema or not; rows and columns count from 0."""
    confidence = TABLE_DOUBT_FACTOR ** len(table.doubts)
    return {
        "page": table.page_no,
        "bbox": bbox_to_json(table.bbox),
        "pages": list(table.pages),
        "rows": table.n_rows,
        "columns": table.n_columns,
        "origin": str(table.origin),
        "reading": table.reading,
        "reason": table.reason,
        "doubts": list(table.doubts),
        "cells": [table_cell_to_json(cell, confidence) for cell in table.cells],
    }


def table_cell_to_json(cell: TableCell, table_confidence: float = 1.0) -> Json:
    """Returns one cell of a recovered table; `table_confidence` (0 to 1) is what the doubts about its grid leave."""
    return {
        "row": cell.row,
        "column": cell.column,
        "row_span": cell.row_span,
        "column_span": cell.column_span,
        "text": cell.text,
        "state": str(text_to_state(cell.text)),
        "confidence": rounded(table_confidence * (CERTAIN_CELL if cell.certain else DOUBTFUL_CELL), 4),
        "review": not cell.certain,
        "page": cell.page_no,
        "bbox": bbox_to_json(cell.bbox),
        "span": span_to_json(cell.char_span),
        "reason": cell.doubt,
    }


def text_to_state(text: str) -> State:
    """Returns what a cell of a recovered table holds: `blank`, `dash` (`-` `—` `/` `无` alone) or `printed`."""
    squeezed = "".join(text.split())
    if not squeezed:
        return State.BLANK
    return State.DASH if DASHES.fullmatch(squeezed) else State.PRINTED


def _pages(reading: Reading) -> Iterator[Json]:
    """Yields the object of each page in order; a block without a page belongs to the first."""
    first = reading.pages[0].page_no if reading.pages else 1
    known = {page.page_no: page for page in reading.pages}
    placed: list[tuple[int, int, Block, int | None]] = []
    hulls: list[dict[int, BBox]] = []
    for order, block in enumerate(reading.blocks):
        number = None
        if isinstance(block, Table):
            number = len(hulls)
            hulls.append(_page_hulls(block))
        placed += [(page, order, block, number) for page in block_pages(block, first)]
    placed += [(page_no, -1, _NO_BLOCK, None) for page_no in known]
    placed.sort(key=lambda item: item[:2])
    for page_no, group in groupby(placed, key=lambda item: item[0]):
        yield _page_to_json(page_no, known.get(page_no), [(b, n) for _, _, b, n in group if b is not _NO_BLOCK], hulls)


_NO_BLOCK = TextBlock("")


def block_pages(block: Block, first: int = 1) -> tuple[int, ...]:
    """Returns the pages that a block lies on; `first` where it does not say."""
    if isinstance(block, Table) and block.pages:
        return tuple(sorted(set(block.pages)))
    return (block.page_no or first,)


def _page_to_json(
    page_no: int, page: PageResult | None, blocks: list[tuple[Block, int | None]], hulls: list[dict[int, BBox]]
) -> Json:
    """Returns one page: what lies where, and the text outside tables; `hulls` has the places of each table."""
    texts = [block for block, _ in blocks if isinstance(block, TextBlock)]
    regions = [_region_to_json(block, number, page_no, hulls) for block, number in blocks]
    return {
        "page": page_no,
        "kind": page.kind if page else None,
        "status": page.status if page else None,
        "width": None if page is None or page.width_pt is None else rounded(page.width_pt, 2),
        "height": None if page is None or page.height_pt is None else rounded(page.height_pt, 2),
        "regions": [region for region in regions if region["table"] is not None or region["bbox"] is not None],
        "headings": [_text_to_json(text) for text in texts if text.kind == "heading"],
        "narrative": [_text_to_json(text) for text in texts if text.kind != "heading"],
        "transform": None if page is None or page.transform is None else transform_to_json(page.transform),
    }


def transform_to_json(transform: PageTransform) -> Json:
    """Returns how the straightened page lies on the page, in points."""
    return {
        "matrix": [float(f"{number:.9g}") for number in transform.matrix],
        "width": rounded(transform.width_pt, 2),
        "height": rounded(transform.height_pt, 2),
        "turn": transform.turn_deg,
        "skew": rounded(transform.skew_deg, 3),
        "bend": [[[rounded(dx, 3), rounded(dy, 3)] for dx, dy in row] for row in transform.bend],
    }


def _region_to_json(block: Block, number: int | None, page_no: int, hulls: list[dict[int, BBox]]) -> Json:
    """Returns the place of a block on one page; `table` is its index in `tables.json`."""
    if isinstance(block, TextBlock):
        return {"kind": block.kind, "table": None, "page": block.page_no, "bbox": bbox_to_json(block.bbox)}
    box = hulls[number].get(page_no) if number is not None else None
    return {"kind": "table", "table": number, "page": None if block.page_no is None else page_no, "bbox": bbox_to_json(box)}


def table_box(table: Table, page_no: int) -> BBox | None:
    """Returns the hull of a table on one of its pages, or None where the source has no geometry."""
    return _page_hulls(table).get(page_no)


def _page_hulls(table: Table) -> dict[int, BBox]:
    """The hull of a table on each of its pages: looked through once, since a table may go on over thousands of pages."""
    boxes: dict[int, list[BBox]] = {}
    for cell in table.cells:
        if cell.bbox is not None and cell.page_no is not None:
            boxes.setdefault(cell.page_no, []).append(cell.bbox)
    hulls = {page_no: hull(found) for page_no, found in boxes.items()}
    if table.page_no is not None and table.bbox is not None:
        hulls.setdefault(table.page_no, table.bbox)
    return hulls


def _text_to_json(block: TextBlock) -> Json:
    """Returns a block of text outside tables."""
    return {
        "kind": block.kind,
        "text": block.text,
        "page": block.page_no,
        "bbox": bbox_to_json(block.bbox),
        "span": span_to_json(block.char_span),
    }
