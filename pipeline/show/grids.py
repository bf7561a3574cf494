"""Recovered tables as they stand before any schema: rows and columns numbered, spans kept, doubts marked."""

from __future__ import annotations

from pipeline.domain import Table, TableCell
from pipeline.store.webpage import esc, grid_html

MAX_ROWS = 400
MAX_COLUMNS = 60


def table_to_html(number: int, table: Table) -> str:
    """Returns one recovered table; `number` counts from 0 as in `tables.json`."""
    place = f"page {', '.join(map(str, table.pages or (table.page_no,)))} · " if table.page_no else ""
    size = f"{table.n_rows} × {table.n_columns}"
    doubts = "".join(f"<li>{esc(doubt)}</li>" for doubt in table.doubts)
    return (
        f"<details{' open' if table.doubts else ''}><summary>table {number} "
        f'<span class="soft">{place}{size} · read by {esc(table.reading)} · {esc(table.origin)}</span></summary>'
        + (f'<p class="soft">{esc(table.reason)}</p>' if table.reason else "")
        + (f'<ul class="reasons">{doubts}</ul>' if doubts else "")
        + f'<div class="grid">{_grid(table)}</div></details>'
    )


def _grid(table: Table) -> str:
    """Returns the cells; rows and columns beyond what a page can show are only counted."""
    n_rows, n_columns = min(table.n_rows, MAX_ROWS), min(table.n_columns, MAX_COLUMNS)
    at = {(cell.row, cell.column): cell for cell in table.cells}
    covered = {
        (row, column)
        for cell in table.cells
        if cell.row < n_rows and cell.column < n_columns
        for row in range(cell.row, min(cell.row + cell.row_span, n_rows))
        for column in range(cell.column, min(cell.column + cell.column_span, n_columns))
    }
    head = "<th></th>" + "".join(f'<th class="no">{column}</th>' for column in range(n_columns))
    rows = []
    for row in range(n_rows):
        cells = []
        for column in range(n_columns):
            if (row, column) in at:
                cells.append(_cell(at[row, column], n_rows, n_columns))
            elif (row, column) not in covered:
                cells.append('<td class="empty" title="no cell"></td>')
        rows.append(f'<tr><th class="no">{row}</th>{"".join(cells)}</tr>')
    cut = "" if (n_rows, n_columns) == (table.n_rows, table.n_columns) else '<p class="soft">The rest is not shown.</p>'
    return grid_html(head, rows) + cut


def _cell(cell: TableCell, n_rows: int, n_columns: int) -> str:
    """Returns one cell with its spans, within the part that is shown."""
    spans = f' rowspan="{min(cell.row_span, n_rows - cell.row)}" colspan="{min(cell.column_span, n_columns - cell.column)}"'
    doubt = "" if cell.certain else f' class="doubt" title="{esc(cell.doubt or "in doubt")}"'
    return f"<td{spans if (cell.row_span, cell.column_span) != (1, 1) else ''}{doubt}>{esc(cell.text)}</td>"
