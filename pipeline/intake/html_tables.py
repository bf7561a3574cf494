"""HTML tables: collecting their rows, telling data from layout, and making a `Table` of those that hold data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml.etree import _Element

from pipeline.config import Limits
from pipeline.domain import Origin, Table, TableCell
from pipeline.intake.html_flow import Flow, Item, Line, Picture, lines_text
from pipeline.intake.html_spans import MOST_COLUMNS_SPANNED, MOST_ROWS_SPANNED, Placed, parse_span, place_cells

_NUMBER = re.compile(r"[-+－—增减]?\s*[\d０-９][\d０-９,，.．\s]{0,24}(?:%|％|元|万元|件|个|条|项|次|人)?")
_LONG_CHARS = 100
_SHORT_CHARS = 40


@dataclass(slots=True, eq=False)
class Cell:
    """A `td` or `th` while its content is collected."""

    row_span: int
    column_span: int
    heading: bool
    flow: Flow = field(default_factory=Flow)

    @property
    def inner_tables(self) -> list[Table]:
        """Tables of their own within the cell."""
        return [item for item in self.flow.items if isinstance(item, Table)]


@dataclass(slots=True)
class RowGroup:
    """A `thead`, `tbody` or `tfoot`, or rows without one."""

    kind: str
    rows: list[list[Cell]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class TableBuilder:
    """An open table; a cell, row or group that begins closes the one before it, as in a browser.

    Attributes:
        role: the ARIA role.
        bordered: the page draws it as a table (`border`, `th`, `caption`, `thead`).
        depth: for rows that stand outside any table, the number of open elements around them; else None.
        before: what stands between the cells by mistake, or in the caption; a browser shows it before the table.
    """

    role: str = ""
    bordered: bool = False
    depth: int | None = None
    groups: list[RowGroup] = field(default_factory=list)
    before: Flow = field(default_factory=Flow)
    row: list[Cell] | None = None
    cell: Cell | None = None

    def open_group(self, kind: str) -> None:
        """Begins a row group."""
        self.close_row()
        self.groups.append(RowGroup(kind))
        self.bordered = self.bordered or kind in ("thead", "tfoot")

    def close_group(self) -> None:
        """Ends a row group; rows that follow have none."""
        self.close_row()
        self.groups.append(RowGroup("tbody"))

    def open_row(self) -> None:
        """Begins a row."""
        self.close_row()
        if not self.groups:
            self.groups.append(RowGroup("tbody"))
        self.row = []
        self.groups[-1].rows.append(self.row)

    def open_cell(self, element: _Element, heading: bool) -> Cell:
        """Begins a cell, in a row of its own where none is open."""
        self.close_cell()
        if self.row is None:
            self.open_row()
        assert self.row is not None
        self.cell = Cell(
            parse_span(element.get("rowspan"), MOST_ROWS_SPANNED, 0),
            parse_span(element.get("colspan"), MOST_COLUMNS_SPANNED, 1),
            heading,
        )
        self.bordered = self.bordered or heading
        self.row.append(self.cell)
        return self.cell

    def close_cell(self) -> None:
        """Ends the open cell."""
        if self.cell is not None:
            self.cell.flow.break_line(0)
            self.cell = None

    def close_row(self) -> None:
        """Ends the open row."""
        self.close_cell()
        self.row = None

    def finish(self, limits: Limits) -> list[Item]:
        """Returns what the table is in reading order: one `Table`, or the content of a table that only lays out the page."""
        self.close_row()
        self.before.break_line(0)
        cells = [cell for group in self.groups for row in group.rows for cell in row]
        placed, n_rows, n_columns = place_cells([group.rows for group in _shown_order(self.groups)], limits)
        if _is_layout(self, cells, n_rows, n_columns):
            return [*self.before.items, *(item for cell in cells for item in cell.flow.items)]
        return [*self.before.items, self._table(placed, n_rows, n_columns)]

    def _table(self, placed: list[Placed[Cell]], n_rows: int, n_columns: int) -> Table:
        doubts = []
        if any(item.cut for item in placed):
            doubts.append("cells of the page overlap one another")
        if self.depth is not None:
            doubts.append("the rows stand outside a table")
        return Table(
            cells=tuple(_table_cell(item) for item in placed),
            n_rows=n_rows,
            n_columns=n_columns,
            page_no=None,
            bbox=None,
            origin=Origin.HTML,
            reading="html",
            doubts=tuple(doubts),
        )


def _shown_order(groups: list[RowGroup]) -> list[RowGroup]:
    """Returns the groups as shown: the first `thead` on top, the first `tfoot` at the bottom."""
    head = next((group for group in groups if group.kind == "thead"), None)
    foot = next((group for group in groups if group.kind == "tfoot"), None)
    body = [group for group in groups if group is not head and group is not foot]
    return [*([head] if head else []), *body, *([foot] if foot else [])]


def _table_cell(item: Placed[Cell]) -> TableCell:
    """Returns the finished cell, with its doubts."""
    flow = item.cell.flow
    doubts = list(flow.doubts)
    if item.cut:
        doubts.append("its span meets another cell")
    if any(isinstance(part, Picture) for part in flow.items):
        doubts.append("the cell holds a picture")
    if any(sum(bool(cell.text) for cell in table.cells) > 1 for table in item.cell.inner_tables):
        doubts.append("the cell holds a table of its own")
    return TableCell(
        row=item.row,
        column=item.column,
        row_span=item.row_span,
        column_span=item.column_span,
        text=lines_text(flow.items),
        certain=not doubts,
        doubt="; ".join(doubts) or None,
    )


def is_number(text: str) -> bool:
    """True for a cell that holds a number, with sign and unit."""
    return len(text) < 32 and _NUMBER.fullmatch(text) is not None


def _is_layout(table: TableBuilder, cells: list[Cell], n_rows: int, n_columns: int) -> bool:
    """True where a table only arranges the page: its content then flows as if the table were not there."""
    holders = sum(any(t.n_rows > 1 and t.n_columns > 1 for t in cell.inner_tables) for cell in cells)
    if len(cells) <= 1 or holders * 10 > len(cells):
        return True
    texts = [text for text in (lines_text(cell.flow.items) for cell in cells) if text]
    pictures = any(isinstance(item, Picture) for cell in cells for item in cell.flow.items)
    numbers = sum(map(is_number, texts))
    if holders and numbers < 6:
        return True
    if len(texts) <= 1:
        return not (pictures and n_rows > 1 and n_columns > 1 and table.bordered)
    if n_columns == 1 or n_rows == 1:
        return numbers < 2 and (max(map(len, texts)) > _SHORT_CHARS or (numbers == 0 and not table.bordered))
    if numbers >= 2 and (table.role not in ("presentation", "none") or numbers >= 4):
        return False
    return _is_mostly_prose(table, cells, texts)


def _is_mostly_prose(table: TableBuilder, cells: list[Cell], texts: list[str]) -> bool:
    """True for a table without numbers whose text is paragraphs, or links."""
    if table.role in ("presentation", "none"):
        return True
    total = sum(map(len, texts))
    lines = [item for cell in cells for item in cell.flow.items if isinstance(item, Line)]
    if sum(line.linked for line in lines) >= 0.8 * total:
        return True
    share = sum(len(text) for text in texts if len(text) > _LONG_CHARS) / total
    return share > (0.9 if table.bordered and len(texts) > 4 else 0.5)
