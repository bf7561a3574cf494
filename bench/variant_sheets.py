"""Tables of generated reports as boxes that a variant may move, add and take away, each figure knowing which cell it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fixtures.gen.report import Number, Report
from fixtures.gen.sheets import Sheet, SheetCell, art20_sheets, litigation_sheet, requests_sheet

Place = tuple[str, str, str]  # table, row, column


@dataclass
class Box:
    """One printed cell; `place` is the cell that its figure is, or None, and `value` what it says (None for a blank)."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    role: str
    place: Place | None = None
    value: Number | None = None

    @property
    def end_row(self) -> int:
        return self.row + self.row_span

    @property
    def end_column(self) -> int:
        return self.column + self.column_span


@dataclass
class Grid:
    """One printed table; `above` are lines of text before it, `beside` a table that stands to its right."""

    name: str
    boxes: list[Box]
    head_rows: int
    above: list[str] = field(default_factory=list)
    beside: Grid | None = None

    @property
    def n_rows(self) -> int:
        return max((b.end_row for b in self.boxes), default=0)

    @property
    def n_columns(self) -> int:
        return max((b.end_column for b in self.boxes), default=0)

    def figures(self) -> list[Box]:
        """The figures that the statutory table has."""
        return [b for b in self.boxes if b.place is not None]

    def body_rows(self) -> list[int]:
        """The rows that hold figures."""
        return sorted({b.row for b in self.figures()})

    def first_figure_column(self) -> int:
        """The first column of figures."""
        return min(b.column for b in self.figures())

    def at(self, row: int, column: int) -> Box | None:
        """The box that covers a place."""
        return next((b for b in self.boxes if b.row <= row < b.end_row and b.column <= column < b.end_column), None)

    def add_column(self, at: int, head: str, text: Callable[[int], str]) -> None:
        """Puts a column before column `at`; its head reaches over the header, `text` gives what stands in a row of figures."""
        rows = set(self.body_rows())
        first = min(rows)
        for box in self.boxes:
            if box.column >= at:
                box.column += 1
            elif (box.end_column > at and (box.row >= first or box.role == "band")) or box.end_column > at:
                box.column_span += 1
        covered = {r for b in self.boxes if b.column <= at < b.end_column for r in range(b.row, b.end_row)}
        if self.name == "art20":
            for r in self._heads():
                if r not in covered:
                    self.boxes.append(Box(r, at, 1, 1, head, "head"))
        else:
            free = [r for r in range(first) if r not in covered]
            if free:
                self.boxes.append(Box(free[0], at, len(free), 1, head, "head"))
        for r in range(self.n_rows):
            if r in rows and r not in covered:
                self.boxes.append(Box(r, at, 1, 1, text(r), "number"))

    def _heads(self) -> list[int]:
        rows = set(self.body_rows())
        bands = {b.row for b in self.boxes if b.role == "band"}
        return [r for r in range(self.n_rows) if r not in rows and r not in bands]

    def add_row(self, at: int, boxes: list[Box]) -> None:
        """Puts a row before row `at`; boxes that reach over it grow."""
        for box in self.boxes:
            if box.row >= at:
                box.row += 1
            elif box.end_row > at:
                box.row_span += 1
        held = {c for b in self.boxes if b.row <= at < b.end_row for c in range(b.column, b.end_column)}
        for box in boxes:
            box.row = at
            while box.column in held and box.column_span > 1:
                box.column, box.column_span = box.column + 1, box.column_span - 1
        self.boxes += [b for b in boxes if b.column not in held]

    def drop_column(self, at: int) -> list[Box]:
        """Takes a column away and returns its figures."""
        gone = [b for b in self.boxes if b.column == at and b.column_span == 1]
        self.boxes = [b for b in self.boxes if b not in gone]
        for box in self.boxes:
            if box.column > at:
                box.column -= 1
            elif box.end_column > at:
                box.column_span -= 1
        return [b for b in gone if b.place]

    def drop_row(self, at: int) -> list[Box]:
        """Takes a row away and returns its figures."""
        gone = [b for b in self.boxes if b.row == at and b.row_span == 1]
        moved = [b for b in self.boxes if b.row == at and b.row_span > 1]
        self.boxes = [b for b in self.boxes if b not in gone]
        for box in self.boxes:
            if box in moved:
                box.row_span -= 1
            elif box.row > at:
                box.row -= 1
            elif box.end_row > at:
                box.row_span -= 1
        return [b for b in gone if b.place]

    def sheet(self) -> Sheet:
        """The table as the writers of the fixtures take it."""
        boxes = sorted(self.boxes, key=lambda b: (b.row, b.column))
        cells = tuple(SheetCell(b.row, b.column, b.row_span, b.column_span, b.text, b.role) for b in boxes)  # type: ignore[arg-type]
        return Sheet(self.name, self.n_rows, self.n_columns, cells, self.head_rows)


@dataclass
class Paper:
    """A report in the making.

    Attributes:
        report: where its words come from.
        items: headings, paragraphs and tables in reading order.
        lost: cells whose value the print does not say: they must be flagged or absent.
        either: values beside that of the print that are right too (a second table with nothing that says which counts).
        ruled: cells are merged, which only rulings show: not to be printed without them.
        page: wraps the finished web page where a variant does something to all of it.
    """

    report: Report
    items: list[str | Grid]
    lost: set[Place] = field(default_factory=set)
    either: dict[Place, set[Number | None]] = field(default_factory=dict)
    ruled: bool = False
    page: Callable[[str], str] = lambda text: text

    def grids(self) -> list[Grid]:
        """The tables, those that stand beside others too."""
        return [g for item in self.items if isinstance(item, Grid) for g in ([item, item.beside] if item.beside else [item])]

    def grid(self, name: str) -> Grid:
        """The first table of a name; `art20` for whatever holds figures of section 二."""
        return next(g for g in self.grids() if g.name.startswith(name))

    def lose(self, boxes: list[Box]) -> None:
        """Notes figures that are no longer printed, or not as themselves."""
        self.lost |= {b.place for b in boxes if b.place}

    def truth(self) -> dict[Place, set[Number | None]]:
        """What the print says of each cell."""
        out: dict[Place, set[Number | None]] = {}
        for grid in self.grids():
            for box in grid.figures():
                assert box.place is not None
                out.setdefault(box.place, set()).add(box.value)
        for place, values in self.either.items():
            out.setdefault(place, set()).update(values)
        return out


def make_paper(report: Report, art20_layout: str = "one", header: str = "official") -> Paper:
    """Lays a report out; nothing is changed yet."""
    h = report.headings
    art20 = _grids(art20_sheets(report, art20_layout), report, [t for t in report.tables if t.startswith("art20")])
    items: list[str | Grid] = [
        h[0], *report.narrative, h[1], *art20, h[2], *_grids([requests_sheet(report, header)], report, ["requests"]),
        h[3], *_grids([litigation_sheet(report)], report, ["litigation"]),
        h[4], *report.closing[0], h[5], *report.closing[1],
    ]  # fmt: skip
    return Paper(report, items)


def _grids(sheets: list[Sheet], report: Report, tables: list[str]) -> list[Grid]:
    """Turns sheets into grids; figures come in the order of the truth."""
    places = _places(report, tables)
    grids = []
    for sheet in sheets:
        boxes = []
        for c in sheet.cells:
            place, value = next(places) if c.role == "number" else (None, None)
            boxes.append(Box(c.row, c.column, c.row_span, c.column_span, c.text, c.role, place, value))
        grids.append(Grid(sheet.name, boxes, sheet.head_rows, [sheet.caption] if sheet.caption else []))
    return grids


def _places(report: Report, tables: list[str]) -> Iterator[tuple[Place, Number | None]]:
    for name in tables:
        table = report.tables[name]
        for row, values in zip(table.rows, table.values, strict=True):
            yield from (((name, row, column), value) for column, value in zip(table.columns, values, strict=True))
