"""Hostile texts and pages of another hand than `fixtures/gen/mangle.py`, and what of them comes out wrong without a flag.

`python -m bench.adversary 2000 1` runs 2,000 documents from seed 1 and prints every silent error by what was done to it.
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from fixtures.gen.labels import (
    ART20_COLUMNS,
    ART20_ROWS,
    BANDS,
    CORNER,
    LITIGATION_COLUMNS,
    LITIGATION_ROWS,
    REQUEST_COLUMNS,
    REQUEST_ROWS,
)
from pipeline.config import DEFAULT
from pipeline.domain import DocumentResult, Source, SourceKind
from pipeline.intake.html import read_html
from pipeline.run.document import finish, process_bytes

Ref = tuple[str, str, str]


@dataclass
class Cell:
    """One printed value; `ref` is the cell that it is, `value` what it says (None for a blank)."""

    text: str
    ref: Ref | None
    value: float | int | None


@dataclass
class Row:
    """One printed row: `labels` in front, `cells` behind; a header or a note has no cells."""

    role: str
    labels: list[str]
    cells: list[Cell] = field(default_factory=list)
    key: str = ""
    after: bool = False


@dataclass
class Sheet:
    """One printed table."""

    name: str
    rows: list[Row]
    names: list[str]

    @property
    def body(self) -> list[Row]:
        return [r for r in self.rows if r.role == "body"]


@dataclass
class Doc:
    """A document in the making; `lost` are cells that the print no longer holds or leaves open."""

    sheets: list[Sheet]
    style: str
    title: str
    done: list[str] = field(default_factory=list)
    lost: set[Ref] = field(default_factory=set)
    loose: set[Ref] = field(default_factory=set)
    twice: bool = False
    maybe: set[tuple[Ref, object]] = field(default_factory=set)
    blank: set[Ref] = field(default_factory=set)
    issuer: str = "云岭县人民政府"
    headings: bool = True


def _cell(table: str, row: str, column: str, value: float | int) -> Cell:
    return Cell(str(value), (table, row, column), value)


def build(rng: random.Random) -> Doc:
    """A clean document with values that are all different enough for a shift to show."""
    art, req = rng.choice(("2019", "2021")), rng.choice(("2019", "2021"))
    fill = rng.choice((0.15, 0.5, 1.0))

    def number() -> int:
        return rng.randint(1, rng.choice((9, 99, 999, 99999))) if rng.random() < fill else 0

    sheets = []
    for table, columns in ART20_COLUMNS.items():
        if art not in columns:
            continue
        names = columns[art]
        rows = [Row("band", [BANDS[table]]), Row("head", ["信息内容", *names.values()])]
        for key, label in ART20_ROWS[table][art].items():
            rows.append(Row("body", [label], [_cell(table, key, c, number()) for c in names], key))
        sheets.append(Sheet(table, rows, list(names.values())))
    head = [
        Row("head", [CORNER, "申请人情况"]),
        Row("head", ["自然人", "法人或其他组织", "总计"]),
        Row("head", ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]),
    ]
    if rng.random() < 0.4:
        head = [Row("head", ["项目", *REQUEST_COLUMNS.values()])]
    rows = list(head)
    groups = {
        "denied_1": "（三）不予公开",
        "unable_1": "（四）无法提供",
        "not_processed_1": "（五）不予处理",
        "other_1": "（六）其他处理",
    }
    for key, label in REQUEST_ROWS[req].items():
        details = [number() for _ in range(6)]
        cells = [_cell("requests", key, c, v) for c, v in zip(REQUEST_COLUMNS, [*details, sum(details)], strict=True)]
        front = (["三、本年度办理结果"] if key == "granted" else []) + ([groups[key]] if key in groups else [])
        rows.append(Row("body", [*front, label], cells, key))
    sheets.append(Sheet("requests", rows, list(REQUEST_COLUMNS.values())))
    rows = [
        Row("head", ["行政复议", "行政诉讼"]),
        Row("head", [*LITIGATION_COLUMNS.values(), "未经复议直接起诉", "复议后起诉"]),
        Row("head", [*LITIGATION_COLUMNS.values(), *LITIGATION_COLUMNS.values()]),
    ]
    cells = []
    for key in LITIGATION_ROWS:
        four = [number() for _ in range(4)]
        cells += [_cell("litigation", key, c, v) for c, v in zip(LITIGATION_COLUMNS, [*four, sum(four)], strict=True)]
    rows.append(Row("body", [], cells, "litigation"))
    sheets.append(Sheet("litigation", rows, [*LITIGATION_COLUMNS.values()] * 3))
    return Doc(sheets, rng.choice(list(WRITERS)), "云岭县人民政府2023年政府信息公开工作年度报告")


# ---------------------------------------------------------------- damage


def _pick(doc: Doc, rng: random.Random) -> Sheet:
    return rng.choice([s for s in doc.sheets if s.name == "requests"] * 3 + doc.sheets)


def _row(sheet: Sheet, rng: random.Random) -> Row:
    return rng.choice(sheet.body)


def _lose(doc: Doc, cells: list[Cell]) -> None:
    doc.lost |= {c.ref for c in cells if c.ref}


def drop_label(doc: Doc, rng: random.Random) -> None:
    row = _row(_pick(doc, rng), rng)
    if row.labels:
        row.labels.pop()


def crop_label(doc: Doc, rng: random.Random) -> None:
    row = _row(_pick(doc, rng), rng)
    if row.labels:
        row.labels[-1] = row.labels[-1][: rng.randint(2, 5)]


def crop_tail_kept(doc: Doc, rng: random.Random) -> None:
    row = _row(_pick(doc, rng), rng)
    if row.labels:
        row.labels[-1] = row.labels[-1][rng.randint(2, 5) :]


def mistype(doc: Doc, rng: random.Random) -> None:
    row = _row(_pick(doc, rng), rng)
    if row.labels and row.labels[-1]:
        text = list(row.labels[-1])
        for _ in range(rng.randint(1, 3)):
            text[rng.randrange(len(text))] = rng.choice("的一属于信息公开其他处理")
        row.labels[-1] = "".join(text)


def split_label(doc: Doc, rng: random.Random) -> None:
    row = _row(_pick(doc, rng), rng)
    if row.labels and len(row.labels[-1]) > 3:
        text = row.labels.pop()
        k = rng.randint(1, len(text) - 1)
        row.labels += [text[:k], text[k:]]


def drop_row(doc: Doc, rng: random.Random) -> None:
    sheet = _pick(doc, rng)
    row = _row(sheet, rng)
    sheet.rows.remove(row)
    _lose(doc, row.cells)


def repeat_row(doc: Doc, rng: random.Random) -> None:
    sheet = _pick(doc, rng)
    row = _row(sheet, rng)
    sheet.rows.insert(sheet.rows.index(row) + 1, Row("body", list(row.labels), list(row.cells), row.key))


def repeat_row_other(doc: Doc, rng: random.Random) -> None:
    """A row printed twice with different values: nobody can say which; both or neither, but flagged."""
    sheet = _pick(doc, rng)
    row = _row(sheet, rng)
    other = [Cell(str(7 + rng.randint(0, 99)), None, None) for _ in row.cells]
    sheet.rows.insert(sheet.rows.index(row) + rng.randint(0, 1), Row("body", list(row.labels), other, row.key))
    doc.lost |= {c.ref for c in row.cells if c.ref}


def extra_row(doc: Doc, rng: random.Random) -> None:
    sheet = _pick(doc, rng)
    k = sheet.rows.index(_row(sheet, rng)) + 1
    label = rng.choice(("其中：网络申请", "其中：当面申请", "小计", "备注", "9.其他情形", "上述合计", "9.属于内部管理信息"))
    sheet.rows.insert(k, Row("extra", [label], [Cell(str(rng.randint(1, 500)), None, None) for _ in sheet.body[0].cells]))


def serial_column(doc: Doc, rng: random.Random) -> None:
    sheet = _pick(doc, rng)
    for r in sheet.rows:
        if r.role == "head":
            r.labels.insert(0, "序号")
            break
    for n, r in enumerate(sheet.body, 1):
        r.labels.insert(0, str(n))


def remark_column(doc: Doc, rng: random.Random) -> None:
    sheet = _pick(doc, rng)
    text = rng.choice(("", "无", "0", "5", "含网上"))
    for r in sheet.rows:
        if r.role == "head":
            r.labels.append("备注")
            break
    for r in sheet.body:
        r.cells.append(Cell(text, None, None))


def permute_columns(doc: Doc, rng: random.Random) -> None:
    sheet = next(s for s in doc.sheets if s.name == "requests")
    order = list(range(7))
    if rng.random() < 0.5:
        order = [6, 0, 1, 2, 3, 4, 5]
    else:
        i = rng.randrange(6)
        order[i], order[i + 1] = order[i + 1], order[i]
    names = list(REQUEST_COLUMNS.values())
    body = sheet.rows.index(sheet.body[0])
    sheet.rows[:body] = [Row("head", ["项目", *(names[k] for k in order)])]
    for r in sheet.body:
        r.cells = [r.cells[k] for k in order]


def swap_rows(doc: Doc, rng: random.Random) -> None:
    sheet = next(s for s in doc.sheets if s.name == "requests")
    i = rng.randrange(len(sheet.rows) - 4) + 3
    if all(r.role == "body" for r in sheet.rows[i : i + 2]):
        sheet.rows[i], sheet.rows[i + 1] = sheet.rows[i + 1], sheet.rows[i]


def drop_value(doc: Doc, rng: random.Random) -> None:
    row = _row(_pick(doc, rng), rng)
    _lose(doc, [row.cells.pop(rng.randrange(len(row.cells)))])
    if not row.cells:
        doc.blank |= doc.lost
    doc.loose |= {c.ref for c in row.cells if c.ref}


def _drop_name(sheet: Sheet, k: int) -> None:
    heads = [r for r in sheet.rows if r.role == "head"]
    if sheet.name == "litigation":
        heads[1 if k < 5 else 2].labels.pop(k % 5 if k < 5 else k - 5)
        return
    for r in heads:
        if sheet.names[k] in r.labels:
            r.labels.remove(sheet.names[k])
            break


def drop_column(doc: Doc, rng: random.Random) -> None:
    """A column lost with its values and its name."""
    sheet = _pick(doc, rng)
    k = rng.randrange(len(sheet.names))
    _drop_name(sheet, k)
    for r in sheet.body:
        _lose(doc, [r.cells.pop(k)])


def drop_column_values(doc: Doc, rng: random.Random) -> None:
    """A column that lost its values, its name still there."""
    sheet = _pick(doc, rng)
    k = rng.randrange(len(sheet.names))
    for r in sheet.body:
        _lose(doc, [r.cells.pop(k)])
        doc.loose |= {c.ref for c in r.cells if c.ref}


def drop_column_name(doc: Doc, rng: random.Random) -> None:
    sheet = _pick(doc, rng)
    _drop_name(sheet, rng.randrange(len(sheet.names)))


def blanks(doc: Doc, rng: random.Random) -> None:
    """Zeros printed in one of the ways of a blank."""
    text = rng.choice(
        ("", "　", "&nbsp;", "空", "/", "—", "-", "无", "\\", "——", "*", "○", "〇", "零", "O", "o", ".", "nan", "None")
    )
    doc.done.append(repr(text))
    share = rng.choice((0.3, 1.0))
    for sheet in doc.sheets:
        for r in sheet.body:
            for c in r.cells:
                if c.value == 0 and rng.random() < share:
                    c.text, c.value = text, None
                    if text in ("○", "〇", "零", "O", "o"):
                        c.value = 0


def label_after(doc: Doc, rng: random.Random) -> None:
    for r in _pick(doc, rng).body:
        r.after = True


def header_again(doc: Doc, rng: random.Random) -> None:
    sheet = _pick(doc, rng)
    heads = [r for r in sheet.rows if r.role == "head"]
    k = sheet.rows.index(_row(sheet, rng))
    sheet.rows[k:k] = [replace(r, labels=list(r.labels)) for r in heads]


def running_head(doc: Doc, rng: random.Random) -> None:
    """A running head or page number somewhere among the values of a row."""
    row = _row(_pick(doc, rng), rng)
    k = rng.randint(0, len(row.cells))
    text = rng.choice((doc.issuer, doc.title, "- 3 -", "第3页 共5页", "3", "3/5", "云岭县人民政府办公室 2024年1月20日"))
    doc.done.append(text)
    row.cells.insert(k, Cell(text, None, None))
    doc.loose |= {c.ref for c in row.cells if c.ref}


def table_twice(doc: Doc, rng: random.Random) -> None:
    """Another table of the same form with other values, behind or in front of the right one: it is one of the two."""
    sheet = _pick(doc, rng)
    rows = [replace(r, labels=list(r.labels), cells=[replace(c) for c in r.cells]) for r in sheet.rows]
    shift = rng.randint(1, 9)
    for r in rows:
        for c in r.cells:
            if c.value is not None:
                c.value += shift
                c.text = str(c.value)
    doc.twice = True
    k = doc.sheets.index(sheet)
    doc.sheets.insert(k + 1, Sheet(sheet.name, rows, sheet.names))


def notes(doc: Doc, rng: random.Random) -> None:
    sheet = _pick(doc, rng)
    k = rng.randint(0, len(sheet.rows))
    text = rng.choice(
        (
            "单位：件",
            "（单位：万元）",
            "注：1.本表数据截至2023年12月31日。",
            "填报单位：云岭县人民政府",
            "续表",
            "见下表：",
            "接上页",
            "注：2",
        )
    )
    sheet.rows.insert(k, Row("note", [text]))


def page_number(doc: Doc, rng: random.Random) -> None:
    """A bare page number between two rows."""
    sheet = _pick(doc, rng)
    sheet.rows.insert(rng.randint(1, len(sheet.rows) - 1), Row("note", [str(rng.randint(1, 12))]))


def colons(doc: Doc, rng: random.Random) -> None:
    for r in _pick(doc, rng).body:
        if r.labels:
            r.labels[-1] += "："


def group_labels(doc: Doc, rng: random.Random) -> None:
    sheet = next(s for s in doc.sheets if s.name == "requests")
    group = ""
    for r in sheet.body:
        for g in r.labels[:-1]:
            group = g
        if r.key not in ("new", "carried_in", "carried_out") and len(r.labels) == 1 and group:
            r.labels.insert(0, group)


def split_number(doc: Doc, rng: random.Random) -> None:
    cells = [c for r in _pick(doc, rng).body for c in r.cells if c.value and c.value > 9]
    if cells:
        c = rng.choice(cells)
        k = rng.randint(1, len(c.text) - 1)
        c.text = c.text[:k] + rng.choice(("\n", " ")) + c.text[k:]


def join_numbers(doc: Doc, rng: random.Random) -> None:
    row = _row(_pick(doc, rng), rng)
    if len(row.cells) > 1:
        k = rng.randrange(len(row.cells) - 1)
        a, b = row.cells[k : k + 2]
        glue = rng.choice(("", " ", "\n"))
        row.cells[k : k + 2] = [Cell(a.text + glue + b.text, None, None)]
        if glue:
            doc.maybe |= {(x.ref, x.value) for x in (a, b) if x.ref}
        doc.lost |= {x.ref for x in (a, b) if x.ref}
        doc.loose |= {c.ref for c in row.cells if c.ref}


def forms(doc: Doc, rng: random.Random) -> None:
    form = rng.choice(("wide", "comma", "unit", "aside", "comma_wide", "space", "point", "star", "superscript", "dotzero", "yue"))
    doc.done.append(form)
    for sheet in doc.sheets:
        for r in sheet.body:
            for c in r.cells:
                if c.value is not None and rng.random() < 0.5:
                    c.text = _form(int(c.value), form)


def _form(value: int, form: str) -> str:
    wide = str(value).translate({48 + i: 0xFF10 + i for i in range(10)})
    return {
        "wide": wide, "comma": f"{value:,}", "unit": f"{value}件", "aside": f"{value}（其中1件转办）",
        "comma_wide": f"{value:,}".replace(",", "，"),
        "space": f"{value:,}".replace(",", " "), "point": f"{value}.", "star": f"{value}*",
        "superscript": f"{value}¹", "dotzero": f"{value}.00", "yue": f"约{value}",
    }[form]  # fmt: skip


def join_rows(doc: Doc, rng: random.Random) -> None:
    """Two rows printed on one line."""
    sheet = _pick(doc, rng)
    k = sheet.rows.index(_row(sheet, rng))
    if k + 1 < len(sheet.rows) and sheet.rows[k + 1].role == "body":
        sheet.rows[k].after, sheet.rows[k].role = False, "joined"


def year_columns(doc: Doc, rng: random.Random) -> None:
    """Last year's figures printed beside this year's in every column of an art20 table."""
    sheets = [s for s in doc.sheets if s.name.startswith("art20")]
    sheet = rng.choice(sheets)
    for r in sheet.rows:
        if r.role == "head":
            r.labels[1:] = [y + n for n in r.labels[1:] for y in ("2023年", "2022年")]
    for r in sheet.body:
        r.cells = [x for c in r.cells for x in (c, Cell(str(rng.randint(1, 99)), None, None))]


def no_headings(doc: Doc, rng: random.Random) -> None:
    doc.headings = False


def drop_band(doc: Doc, rng: random.Random) -> None:
    for s in doc.sheets:
        if rng.random() < 0.5:
            s.rows = [r for r in s.rows if r.role != "band"]


def drop_head(doc: Doc, rng: random.Random) -> None:
    sheet = _pick(doc, rng)
    sheet.rows = [r for r in sheet.rows if r.role != "head"]


def drop_sheet(doc: Doc, rng: random.Random) -> None:
    sheet = _pick(doc, rng)
    doc.sheets.remove(sheet)
    for r in sheet.body:
        _lose(doc, r.cells)


def empty_body(doc: Doc, rng: random.Random) -> None:
    sheet = _pick(doc, rng)
    for r in sheet.body:
        _lose(doc, r.cells)
    sheet.rows = [r for r in sheet.rows if r.role != "body"]


def order_sheets(doc: Doc, rng: random.Random) -> None:
    rng.shuffle(doc.sheets)


def drop_values_only(doc: Doc, rng: random.Random) -> None:
    """A row keeps its label and loses all its values."""
    row = _row(_pick(doc, rng), rng)
    _lose(doc, row.cells)
    doc.blank |= {c.ref for c in row.cells if c.ref}
    row.cells = []


def drop_three_labels(doc: Doc, rng: random.Random) -> None:
    sheet = next(s for s in doc.sheets if s.name == "requests")
    k = rng.randrange(len(sheet.body) - 3)
    for r in sheet.body[k : k + 3]:
        r.labels = []


def shift_labels(doc: Doc, rng: random.Random) -> None:
    """One row loses its label and another in the same group its values: count alone would match them."""
    sheet = next(s for s in doc.sheets if s.name == "requests")
    k = rng.randrange(4, len(sheet.body) - 2)
    a, b = sheet.body[k], sheet.body[k + 1]
    _lose(doc, a.cells)
    a.cells = []
    if b.labels:
        b.labels = []
    doc.loose |= {c.ref for c in b.cells if c.ref}
    doc.blank |= doc.lost


def merged_names(doc: Doc, rng: random.Random) -> None:
    """Two neighbouring header cells run together."""
    sheet = _pick(doc, rng)
    heads = [r for r in sheet.rows if r.role == "head" and len(r.labels) > 2]
    row = rng.choice(heads)
    k = rng.randrange(1, len(row.labels) - 1)
    row.labels[k : k + 2] = [row.labels[k] + rng.choice(("", " ")) + row.labels[k + 1]]


def page_break(doc: Doc, rng: random.Random) -> None:
    """A page ends: its number, a running head, the header once more, and the last row printed a second time."""
    sheet = next(s for s in doc.sheets if s.name == "requests")
    k = sheet.rows.index(rng.choice(sheet.body[1:]))
    before = sheet.rows[k - 1]
    new = [Row("note", [rng.choice(("- 3 -", "3", doc.title))])]
    new += [replace(r, labels=list(r.labels)) for r in sheet.rows if r.role == "head"] if rng.random() < 0.7 else []
    new += [Row("body", list(before.labels), list(before.cells), before.key)] if rng.random() < 0.5 and before.cells else []
    sheet.rows[k:k] = new


def footnote_digits(doc: Doc, rng: random.Random) -> None:
    """Figures followed by the mark of a note, or printed as circled digits."""
    cells = [c for r in _pick(doc, rng).body for c in r.cells if c.value]
    for c in rng.sample(cells, min(len(cells), 3)):
        mark = rng.choice(("①", "[1]", "(1)", "（注1）", "¹"))
        c.text = chr(0x245F + int(c.value)) if c.value is not None and c.value <= 20 and rng.random() < 0.5 else c.text + mark


def blank_column(doc: Doc, rng: random.Random) -> None:
    """A blank column in the middle of the figures, with or without a cell in the header."""
    sheet = _pick(doc, rng)
    k = rng.randint(1, max(1, len(sheet.names) - 1))
    for r in sheet.body:
        r.cells.insert(k, Cell("", None, None))
    heads = [r for r in sheet.rows if r.role == "head" and len(r.labels) > k]
    if heads and rng.random() < 0.5:
        heads[-1].labels.insert(k, "")


def digit_lost(doc: Doc, rng: random.Random) -> None:
    """A number lost its first or last digit at a cut: it looks whole, and only its sums can tell."""
    cells = [c for r in _pick(doc, rng).body for c in r.cells if c.value and c.value > 9]
    if cells:
        c = rng.choice(cells)
        c.text = c.text[1:].lstrip("0") or "0" if rng.random() < 0.5 else c.text[:-1]
        # What is printed is what there is to read.
        c.value = int(c.text)


def two_bodies(doc: Doc, rng: random.Random) -> None:
    """The report of a township with the same tables follows that of the county, with or without a title."""
    sheets = [Sheet(s.name, _other_rows(s.rows, rng), s.names) for s in doc.sheets]
    if rng.random() < 0.7:
        sheets[0].rows.insert(0, Row("note", ["青石镇人民政府2023年政府信息公开工作年度报告"]))
    doc.sheets += sheets
    doc.twice = True


def other_year(doc: Doc, rng: random.Random) -> None:
    """The same table of the year before stands in front of one, or behind it."""
    sheet = _pick(doc, rng)
    other = Sheet(sheet.name, [Row("note", ["2022年度"]), *_other_rows(sheet.rows, rng)], sheet.names)
    sheet.rows.insert(0, Row("note", ["2023年度"]))
    doc.sheets.insert(doc.sheets.index(sheet) + rng.randint(0, 1), other)
    doc.twice = True


def _other_rows(rows: list[Row], rng: random.Random) -> list[Row]:
    """The same rows with other figures that count as right too."""
    made = [replace(r, labels=list(r.labels), cells=[replace(c) for c in r.cells]) for r in rows]
    for r in made:
        for c in r.cells:
            if c.value is not None:
                c.value = int(c.value) + rng.randint(1, 9)
                c.text = str(c.value)
    return made


def interleaved(doc: Doc, rng: random.Random) -> None:
    """Two tables that stood side by side: their rows come in turn."""
    art20 = [s for s in doc.sheets if s.name.startswith("art20")]
    a, b = rng.sample(art20, 2)
    rows: list[Row] = []
    for k in range(max(len(a.rows), len(b.rows))):
        rows += a.rows[k : k + 1] + b.rows[k : k + 1]
    a.rows = rows
    doc.sheets.remove(b)


def reversed_rows(doc: Doc, rng: random.Random) -> None:
    """The rows of a table stand from the last to the first."""
    sheet = _pick(doc, rng)
    body = sheet.body
    k = sheet.rows.index(body[0])
    sheet.rows[k:] = list(reversed(sheet.rows[k:]))


def reversed_columns(doc: Doc, rng: random.Random) -> None:
    """The columns stand from right to left, header and all."""
    sheet = next(s for s in doc.sheets if s.name == "requests")
    k = sheet.rows.index(sheet.body[0])
    sheet.rows[:k] = [Row("head", ["项目", *reversed(sheet.names)])]
    for r in sheet.body:
        r.cells.reverse()


def split_columns(doc: Doc, rng: random.Random) -> None:
    """A wide table cut in two: its last columns follow below, under the same row labels."""
    sheet = next(s for s in doc.sheets if s.name == "requests")
    k, body = rng.randint(2, 5), sheet.body
    at = sheet.rows.index(body[0])
    names = sheet.names
    right = [Row("head", ["项目", *names[k:]])] + [Row("body", list(r.labels), r.cells[k:], r.key) for r in body]
    sheet.rows[:at] = [Row("head", ["项目", *names[:k]])]
    for r in body:
        r.cells = r.cells[:k]
    sheet.rows += right


# fmt: off
DAMAGE: list[Callable[[Doc, random.Random], None]] = [
    drop_label, crop_label, crop_tail_kept, mistype, split_label, drop_row, repeat_row,
    repeat_row_other, extra_row, serial_column,
    remark_column, permute_columns, swap_rows, drop_value, drop_column, drop_column_values, drop_column_name, blanks, label_after,
    header_again,
    running_head, table_twice, notes, group_labels, split_number, join_numbers, forms,
    join_rows, year_columns, no_headings, drop_band,
    drop_head,
    drop_sheet, empty_body, order_sheets, drop_values_only, page_number, colons, drop_three_labels, shift_labels,
    merged_names, page_break, footnote_digits, blank_column, digit_lost, two_bodies, other_year, interleaved,
    reversed_rows, reversed_columns, split_columns,
]
# fmt: on


# ---------------------------------------------------------------- writers


def _parts(row: Row) -> list[str]:
    values = [c.text for c in row.cells]
    return values + row.labels if row.after else row.labels + values


def _lines(rows: list[Row], rng: random.Random) -> str:
    gap = rng.choice(("\n", "\n\n"))
    return gap.join(p for r in rows for p in _parts(r))


def _joined(rows: list[Row], glue: str, start: str = "", end: str = "") -> str:
    out, held = [], ""
    for r in rows:
        held += (glue if held else "") + glue.join(_parts(r))
        if r.role != "joined":
            out.append(start + held + end)
            held = ""
    return "\n".join(out)


def _padded(rows: list[Row], glue: str, start: str, end: str, to: int) -> str:
    width = max(len(r.labels) for r in rows if r.role == "body") if any(r.role == "body" for r in rows) else 1
    out = []
    for r in rows:
        parts = _parts(r)
        if r.role == "body" and not r.after:
            parts = [""] * (width - len(r.labels)) + parts
        out.append(start + glue.join(parts + [""] * (to - len(parts))) + end)
    return "\n".join(out)


def _pipe_cells(rows: list[Row], opening: bool) -> str:
    width = max((len(_parts(r)) for r in rows), default=1)
    out = []
    for r in rows:
        parts = _parts(r)
        lines = [f"{p} |" for p in parts]
        if opening:
            out.append("|")
        if lines:
            lines[-1] += " " + "|" * (width - len(parts)) if width > len(parts) else ""
        out += lines
    return "\n".join(x.rstrip() for x in out)


def _label_then_values(rows: list[Row], rng: random.Random) -> str:
    out = []
    for r in rows:
        out += r.labels
        if r.cells:
            out.append("  ".join(c.text for c in r.cells))
    return "\n".join(out)


def _width(rows: list[Row]) -> int:
    return max((len(_parts(r)) for r in rows), default=1)


WRITERS: dict[str, Callable[[list[Row], random.Random], str]] = {
    "lines": _lines,
    "pipes": lambda rows, rng: _joined(rows, " | ", "| ", " |"),
    "pipes_padded": lambda rows, rng: _padded(rows, " | ", "| ", " |", _width(rows)),
    "pipes_open": lambda rows, rng: _joined(rows, "|"),
    "pipes_left": lambda rows, rng: _joined(rows, "|", "|"),
    "tabs": lambda rows, rng: _joined(rows, "\t"),
    "tabs_padded": lambda rows, rng: _padded(rows, "\t", "", "", _width(rows)),
    "spaces": lambda rows, rng: _joined(rows, " "),
    "wide_spaces": lambda rows, rng: _joined(rows, "    "),
    "ideographic": lambda rows, rng: _joined(rows, "　"),
    "pipe_cells": lambda rows, rng: _pipe_cells(rows, False),
    "pipe_cells_open": lambda rows, rng: _pipe_cells(rows, True),
    "label_then_values": _label_then_values,
    "commas": lambda rows, rng: _joined(rows, ","),
    "commas_wide": lambda rows, rng: _joined(rows, "，"),
    "glued": lambda rows, rng: "\n".join("".join(r.labels) + " ".join(c.text for c in r.cells) for r in rows),
    "html": lambda rows, rng: _html(rows),
    "html_padded": lambda rows, rng: _html(rows),
}


PADDED = ("pipes_padded", "tabs_padded", "pipe_cells", "pipe_cells_open", "html_padded")


def _html(rows: list[Row]) -> str:
    out = []
    for r in rows:
        out.append("<tr>" + "".join(f"<td>{p}</td>" for p in _parts(r)) + "</tr>")
    return "<table>" + "".join(out) + "</table>"


def _html_padded(rows: list[Row]) -> str:
    lab = max((len(r.labels) for r in rows if r.role == "body"), default=1)
    width = max(lab + max((len(r.cells) for r in rows), default=0), max((len(r.labels) for r in rows), default=0))
    out = []
    for r in rows:
        if r.role in ("body", "extra", "joined") and not r.after:
            cells = [f"<td>{p}</td>" for p in r.labels[:-1]]
            span = lab - len(r.labels) + 1
            cells += (
                [f'<td colspan="{span}">{r.labels[-1]}</td>'] if r.labels else ([f'<td colspan="{lab}"></td>'] if lab else [])
            )
            cells += [f"<td>{c.text}</td>" for c in r.cells]
        else:
            parts = _parts(r)
            cells = [f"<td>{p}</td>" for p in parts]
            if r.role == "head" and len(parts) < width and not r.after:
                cells[0] = f'<td colspan="{width - len(parts) + 1}">{parts[0]}</td>' if parts else ""
        out.append("<tr>" + "".join(cells) + "</tr>")
    return "<table>" + "".join(out) + "</table>"


SECTIONS = {
    "art20_1": "二、主动公开政府信息情况",
    "requests": "三、收到和处理政府信息公开申请情况",
    "litigation": "四、政府信息公开行政复议、行政诉讼情况",
}


def write(doc: Doc, rng: random.Random) -> str:
    """The document as its style prints it."""
    html = doc.style.startswith("html")
    parts = [doc.title, "一、总体情况", "2023年，我县主动公开政府信息1234条，受理申请70件，已全部办结，行政复议3件。"]
    for sheet in doc.sheets:
        if doc.headings and sheet.name in SECTIONS:
            parts.append(SECTIONS[sheet.name])
        parts.append(_html_padded(sheet.rows) if doc.style == "html_padded" else WRITERS[doc.style](sheet.rows, rng))
    parts += [
        "五、存在的主要问题及改进情况",
        "一是队伍不稳。二是公开不够及时。",
        "六、其他需要报告的事项",
        "本年度收取信息处理费0元。",
        doc.issuer,
        "2024年1月20日",
    ]
    if html:
        body = "".join(p if p.startswith("<table") else f"<p>{p}</p>" for p in parts)
        return f"<html><head><meta charset='utf-8'><title>{doc.title}</title></head><body>{body}</body></html>"
    return "\n\n".join(parts) if rng.random() < 0.5 else "\n".join(parts)


def read(doc: Doc, text: str) -> DocumentResult:
    """Runs the pipeline."""
    data = text.encode("utf8")
    if not doc.style.startswith("html"):
        return process_bytes("a.txt", data)
    source = Source("a.html", "a.html", hashlib.sha256(data).hexdigest(), len(data), SourceKind.HTML, "html")
    return finish(source, read_html(source, data, DEFAULT), DEFAULT)


# ---------------------------------------------------------------- judgement


@dataclass
class Verdict:
    """What came out of one document."""

    silent: list[tuple[Ref, object, object]]
    flagged: int
    cells: int
    missing: int
    false_source: bool


def judge(doc: Doc, result: DocumentResult) -> Verdict:
    """Compares with what the print says; a lost cell must be flagged or not there, whatever it says."""
    truth: dict[Ref, list[object]] = defaultdict(list)
    for sheet in doc.sheets:
        for r in sheet.rows:
            for c in r.cells:
                if c.ref:
                    truth[c.ref].append(c.value)
    silent, flagged, cells = [], 0, 0
    seen = set()
    for m in result.matrices:
        for i, row in enumerate(m.rows):
            for j, column in enumerate(m.columns):
                ref = (m.table, row.key, column.key)
                cell = m.cells[i][j]
                seen.add(ref)
                cells += 1
                flagged += cell.review
                if cell.review:
                    continue
                if (ref, cell.value) in doc.maybe:
                    continue
                if ref in doc.blank and cell.value is None and doc.style in PADDED:
                    continue
                if ref in doc.lost or cell.value not in truth.get(ref, ["nothing"]):
                    silent.append((ref, cell.value, "lost" if ref in doc.lost else truth.get(ref, ["nothing"])[0]))
    missing = sum(1 for ref in truth if ref not in seen)
    gone = doc.lost - doc.blank - {ref for ref, _ in doc.maybe}
    false_source = any(
        f.kind == "source" and f.severity == "error" and any((c.table, c.row, c.column) in gone for c in f.cells)
        for f in result.findings
    )
    return Verdict(silent, flagged, cells, missing, false_source)


def make(seed: int, n_damage: int | None = None, style: str | None = None, damage: str | None = None) -> tuple[Doc, str]:
    """One document."""
    rng = random.Random(f"adversary/{seed}")
    doc = build(rng)
    if style:
        doc.style = style
    count = rng.choice((0, 1, 1, 1, 2, 3)) if n_damage is None else n_damage
    chosen = [d for d in DAMAGE if d.__name__ == damage] if damage else rng.sample(DAMAGE, count)
    for act in chosen:
        doc.done.append(act.__name__)
        try:
            act(doc, rng)
        except (IndexError, StopIteration, ValueError):
            doc.done[-1] += "(nothing)"
    return doc, write(doc, rng)


def main(count: int, first: int, n_damage: int | None = None, styles: tuple[str, ...] = ()) -> None:
    """Runs many and prints what was silent."""
    totals: Counter[str] = Counter()
    by_cause: dict[str, list[str]] = defaultdict(list)
    shares: dict[str, list[float]] = defaultdict(list)
    for seed in range(first, first + count):
        doc, text = make(seed, n_damage, styles[seed % len(styles)] if styles else None)
        result = read(doc, text)
        if result.failure and result.failure.failure_class == "internal":
            by_cause["CRASH " + result.failure.message].append(str(seed))
        verdict = judge(doc, result)
        totals["documents"] += 1
        totals["cells"] += verdict.cells
        totals["flagged"] += verdict.flagged
        totals["missing"] += verdict.missing
        totals["silent cells"] += len(verdict.silent)
        totals["silent documents"] += bool(verdict.silent)
        totals["false source"] += verdict.false_source
        cause = "+".join(doc.done) or "none"
        shares[cause if len(doc.done) <= 1 else "several"].append(
            (verdict.flagged + verdict.missing) / max(1, verdict.cells + verdict.missing)
        )
        if verdict.silent:
            by_cause[f"{doc.style}: {cause}"].append(f"{seed}: {len(verdict.silent)} {verdict.silent[:3]}")
        if verdict.false_source:
            by_cause[f"SOURCE {doc.style}: {cause}"].append(f"{seed}")
    print(dict(totals))
    for cause, cases in sorted(by_cause.items(), key=lambda kv: kv[0].split(": ")[-1]):
        print(f"{len(cases):4d} {cause}\n       " + "\n       ".join(cases[:2]))
    for cause, values in sorted(shares.items()):
        print(f"flagged or missing {sum(values) / len(values):6.3f} max {max(values):.3f} of {len(values)} {cause}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None, tuple(sys.argv[4:]))
