"""XLSX for people: one sheet a table, doubtful cells marked, and where each number is from; no formula, no link.

The workbook is written row by row in constant memory, and the same input gives the same bytes.
"""

from __future__ import annotations

import contextlib
import datetime
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.store.codebook import CodebookEntry, entries_to_records
from pipeline.store.fields import CELLS, CODEBOOK, DOCUMENTS, FINDINGS, Field, names
from pipeline.store.files import output_errors
from pipeline.store.records import cell_records, document_record, finding_records, number_to_text
from pipeline.store.targets import replacing
from pipeline.store.xlsx_plan import HEADER_ROWS, Plan, TablePlan, plan_workbook, sheet_names

Json = dict[str, Any]
Results = Callable[[], Iterable[Json]]

MAX_TEXT = 32_767
MAX_EXACT = 999_999_999_999_999
_CREATED = datetime.datetime(2000, 1, 1)
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_LONG = (("findings", FINDINGS), ("provenance", CELLS), ("documents", DOCUMENTS), ("codebook", CODEBOOK))
_PANEL_HEAD = ("document", "issuer", "region_code", "year", "variant", "row", "row_label")
_SINGLE_HEAD = ("row", "row_label")


def write_xlsx(path: Path, results: Results, entries: Sequence[CodebookEntry], panel: bool) -> Path:
    """Writes the workbook; `results` is read twice.

    Args:
        path: the file.
        results: gives the results anew at each call.
        entries: the codebook.
        panel: true for many documents (each row tells its document), false for one.

    Raises:
        OutputError: more rows than a sheet has, or the file cannot be written.
    """
    plan = plan_workbook(results())
    # In memory first: a zip file that cannot be ended complains once more, and unasked, when it is thrown away.
    buffer = io.BytesIO()
    with output_errors(path), _workbook(buffer) as book:
        formats = _Formats(book)
        tables = _add_table_sheets(book, plan, formats, panel)
        sheets = {name: _LongSheet(book.add_worksheet(name), fields, formats) for name, fields in _LONG}
        for result in results():
            for matrix in result["matrices"]:
                tables[matrix["schema"], matrix["table"]].add(result, matrix)
            sheets["findings"].add(finding_records(result))
            sheets["provenance"].add(cell_records(result))
            sheets["documents"].add([document_record(result)])
        sheets["codebook"].add(entries_to_records(entries))
    with replacing(path) as temporary:
        temporary.write_bytes(buffer.getbuffer())
    return path


@contextlib.contextmanager
def _workbook(buffer: io.BytesIO) -> Iterator[Any]:
    """Gives a workbook and closes it; an error of its temporary files leaves as the OSError that it is."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    book.set_properties({"created": _CREATED, "title": "Canonical tables", "comments": "Made by gouji export."})
    try:
        yield book
    finally:
        try:
            book.close()
        except FileCreateError as error:
            cause = error.args[0] if error.args else None
            raise (cause if isinstance(cause, OSError) else OSError(str(error))) from error


def _add_table_sheets(book: Any, plan: Plan, formats: _Formats, panel: bool) -> dict[tuple[str, str], _TableSheet]:
    """Returns an open sheet for each table."""
    chosen = sheet_names(plan.tables, [name for name, _ in _LONG])
    return {key: _TableSheet(book.add_worksheet(name), plan.tables[key], formats, panel) for key, name in chosen.items()}


class _Formats:
    """The few cell formats of the workbook."""

    def __init__(self, book: Any) -> None:
        self.head = book.add_format({"bold": True, "bg_color": "#EEF1F6", "text_wrap": True, "valign": "top", "border": 1})
        self.key = book.add_format({"font_color": "#667085", "bg_color": "#EEF1F6", "border": 1})
        self.review = book.add_format({"bg_color": "#FFE699", "border": 1, "border_color": "#C98A00"})
        self.absent = book.add_format({"font_color": "#98A2B3"})


class _TableSheet:
    """A sheet with the matrices of one table, below one another."""

    def __init__(self, sheet: Any, plan: TablePlan, formats: _Formats, panel: bool) -> None:
        self._sheet, self._formats, self._panel = sheet, formats, panel
        self._head = _PANEL_HEAD if panel else _SINGLE_HEAD
        self._columns = {key: number for number, key in enumerate(plan.labels, len(self._head))}
        for number, label in enumerate([*("" for _ in self._head), *map(plan.label, plan.labels)]):
            _write(sheet, 0, number, " ".join(label.split()), formats.head)
        for number, key in enumerate([*self._head, *plan.labels]):
            _write(sheet, 1, number, key, formats.key)
        self._row = HEADER_ROWS
        self._lay_out(len(plan.labels))

    def _lay_out(self, n_columns: int) -> None:
        """Sets widths, and keeps the heads in view."""
        first = len(self._head)
        self._sheet.set_column(0, first - 2, 18)
        self._sheet.set_column(first - 1, first - 1, 38)
        self._sheet.set_column(first, first + n_columns, 12)
        self._sheet.freeze_panes(HEADER_ROWS, first)

    def add(self, result: Json, matrix: Json) -> None:
        """Writes the rows of one matrix."""
        for key, label, cells in zip(matrix["rows"], matrix["row_labels"], matrix["cells"], strict=True):
            told = result["document"] | {"document": result["document"]["id"], "variant": matrix["variant"]}
            told |= {"row": key, "row_label": " ".join(label.split())}
            for number, name in enumerate(self._head):
                _write(self._sheet, self._row, number, told.get(name))
            for column, cell in zip(matrix["columns"], cells, strict=True):
                self._write_cell(self._columns[column], cell)
            self._row += 1

    def _write_cell(self, column: int, cell: Json) -> None:
        """Writes one cell: a number, a dash, or a word for what is not there; a doubtful one is marked with its reason."""
        style = self._formats.review if cell["review"] else None
        if cell["state"] in ("printed", "blank"):
            _write(self._sheet, self._row, column, cell["value"], style)
        else:
            text = "—" if cell["state"] == "dash" else cell["state"]
            _write(self._sheet, self._row, column, text, style or self._formats.absent)
        if cell["review"] and not self._panel:
            note = f"{cell['reason'] or 'to be reviewed'}\nprinted: {cell['text']}"
            self._sheet.write_comment(self._row, column, _fit(note), {"author": "", "x_scale": 2})


class _LongSheet:
    """A sheet with one record a row, under one header row and a filter."""

    def __init__(self, sheet: Any, fields: tuple[Field, ...], formats: _Formats) -> None:
        self._sheet, self._names, self._row, self._review = sheet, names(fields), 1, formats.review
        for number, name in enumerate(self._names):
            _write(sheet, 0, number, name, formats.head)
        sheet.set_column(0, len(self._names) - 1, 15)
        sheet.freeze_panes(1, 0)

    def add(self, records: Iterable[dict[str, Any]]) -> None:
        """Writes `records`; those to be reviewed are marked."""
        for record in records:
            style = self._review if record.get("review") else None
            for number, name in enumerate(self._names):
                _write(self._sheet, self._row, number, record[name], style)
            self._row += 1


def _write(sheet: Any, row: int, column: int, value: Any, style: Any = None) -> None:
    """Writes one value as what it is; a number that Excel cannot show exactly goes as text."""
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, int | float) and abs(value) <= MAX_EXACT:
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, _fit(number_to_text(value) if isinstance(value, int | float) else value), style)


def _fit(text: str | None) -> str:
    """Returns `text` within what a cell can hold; a cut is shown by an ellipsis."""
    shown = text or ""
    return shown if len(shown) <= MAX_TEXT else shown[: MAX_TEXT - 1] + "…"
