"""One page as SVG: its picture, and over it the words, rulings, cells and matrix cells that were found there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.domain import BBox, Matrix, Page, Quad, Ruling, Table, TableCell
from pipeline.store.contract_reading import table_box
from pipeline.store.webpage import esc

_LAYERS = (
    ("picture", "page", "#98a2b3"),
    ("words", "words", "#8a94a6"),
    ("rulings", "rulings", "#e0218a"),
    ("cells", "recovered cells", "#2f5fd0"),
    ("matrix", "cells of a matrix (orange: to review)", "#12a05c"),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is drawn of one page.

    Attributes:
        width: in points; `height` likewise.
        picture: a data address, or empty.
        page: words and rulings as intake delivered them, or None.
        place: maps a box of `page` to where it lies on the picture, for a page that was straightened; else None.
        tables: number in the document (from 0) and table, for those that lie on this page.
    """

    page_no: int
    width: float
    height: float
    picture: str
    page: Page | None
    tables: Sequence[tuple[int, Table]]
    matrices: Sequence[Matrix]
    place: Callable[[BBox], tuple[BBox, Quad | None]] | None = None


def sheet_to_html(sheet: Sheet) -> str:
    """Returns the page with a box to tick for each layer; needs no script."""
    boxes = []
    for name, label, color in _LAYERS:
        identifier = f"p{sheet.page_no}-{name}"
        boxes.append(f'<input type="checkbox" class="on-{name}" id="{identifier}" checked>')
        boxes.append(f'<label for="{identifier}"><span class="key" style="background:{color}"></span>{esc(label)}</label>')
    layers = "\n".join(_layers(sheet))
    return (
        f'<div class="layers">{"".join(boxes)}'
        f'<svg class="sheet" viewBox="0 0 {sheet.width:.2f} {sheet.height:.2f}" role="img" aria-label="page {sheet.page_no}">\n'
        f"{layers}\n</svg></div>"
    )


def _layers(sheet: Sheet) -> Iterator[str]:
    """Yields the layers from bottom to top."""
    if sheet.picture:
        size = f'width="{sheet.width:.2f}" height="{sheet.height:.2f}"'
        name = f"picture-{sheet.page_no}"
        yield f'<defs><image id="{name}" href="{sheet.picture}" {size} preserveAspectRatio="none"/></defs>'
        # The explanations of cells show parts of the same picture.
        yield f'<use class="picture" href="#{name}"/>'
    page = sheet.page
    if page is not None:
        place = sheet.place or (lambda box: (box, None))
        words = (_rect(*place(word.bbox), word.text, "" if word.upright else "turned") for word in page.words)
        yield _group("words", words)
        yield _group("rulings", (_line(r, sheet) for r in page.rulings))
    yield _group("cells", (part for number, table in sheet.tables for part in _table(number, table, sheet.page_no)))
    yield _group("matrix", (part for matrix in sheet.matrices for part in _matrix(matrix, sheet.page_no)))


def _table(number: int, table: Table, page_no: int) -> Iterator[str]:
    """Yields the cells of a table on this page, and the numbers of its rows and columns at its edges."""
    cells = [(cell, cell.bbox) for cell in table.cells if cell.bbox is not None and cell.page_no == page_no]
    for cell, box in cells:
        span = f", {cell.row_span}×{cell.column_span}" if (cell.row_span, cell.column_span) != (1, 1) else ""
        doubt = f" — {cell.doubt or 'in doubt'}" if not cell.certain else ""
        tip = f"table {number}, row {cell.row}, column {cell.column}{span}: {cell.text}{doubt}"
        yield _rect(box, cell.quad, tip, "doubt" if not cell.certain else "")
    hull = table_box(table, page_no)
    if hull is None:
        return
    yield _text(hull.x1, hull.top - 8, f"table {number} ({table.reading})", "name", "end")
    for row, box in _first_boxes(cells, "row").items():
        yield _text(hull.x0 - 1.5, box.center[1] + 2, str(row), "", "end")
    for column, box in _first_boxes(cells, "column").items():
        yield _text(box.center[0], hull.top - 1.5, str(column), "", "middle")


def _first_boxes(cells: Iterable[tuple[TableCell, BBox]], axis: str) -> dict[int, BBox]:
    """Returns a box of each row or column, of a cell that spans no other where there is one."""
    found: dict[int, tuple[int, BBox]] = {}
    for cell, box in cells:
        place, span = (cell.row, cell.row_span) if axis == "row" else (cell.column, cell.column_span)
        if place not in found or span < found[place][0]:
            found[place] = (span, box)
    return {place: box for place, (_, box) in sorted(found.items())}


def _matrix(matrix: Matrix, page_no: int) -> Iterator[str]:
    """Yields the cells of a matrix on this page with their names and values."""
    for row, cells in zip(matrix.rows, matrix.cells, strict=True):
        for column, cell in zip(matrix.columns, cells, strict=True):
            if cell.bbox is not None and cell.page_no == page_no:
                held = cell.state if cell.value is None else f"= {cell.value}"
                reason = f" — review: {cell.reason}" if cell.review else ""
                tip = f"{matrix.table} · {row.key} · {column.key} {held} (confidence {cell.confidence:.4f}){reason}"
                yield _rect(cell.bbox, cell.quad, tip, "flag" if cell.review else "")


def _group(name: str, parts: Iterable[str]) -> str:
    return f'<g class="{name}">' + "\n".join(parts) + "</g>"


def _line(ruling: Ruling, sheet: Sheet) -> str:
    """Returns a ruling, from the middle of its one end to that of the other where the page was straightened."""
    ends = (ruling.x0, ruling.top, ruling.x1, ruling.bottom)
    if sheet.place is not None:
        hull, quad = sheet.place(BBox(*ends))
        a, b = (quad[0], quad[2]) if quad else ((hull.x0, hull.top), (hull.x1, hull.bottom))
        ends = (*a, *b)
    return '<line x1="{:.2f}" y1="{:.2f}" x2="{:.2f}" y2="{:.2f}"/>'.format(*ends)


def _rect(box: BBox, quad: Quad | None, tip: str, kind: str) -> str:
    if quad is not None:
        named = f' class="{kind}"' if kind else ""
        corners = " ".join(f"{x:.2f},{y:.2f}" for x, y in quad)
        return f'<polygon{named} points="{corners}"><title>{esc(tip)}</title></polygon>'
    place = f'x="{box.x0:.2f}" y="{box.top:.2f}" width="{box.width:.2f}" height="{box.height:.2f}"'
    named = f' class="{kind}"' if kind else ""
    return f"<rect{named} {place}><title>{esc(tip)}</title></rect>"


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}">{esc(text)}</text>'
