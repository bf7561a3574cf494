"""Small documents made by hand, with strings that break careless writers."""

from __future__ import annotations

from pipeline.domain import (
    BBox,
    CellRef,
    DocumentFacts,
    DocumentResult,
    Failure,
    Finding,
    LaneMatch,
    Matrix,
    MatrixCell,
    Origin,
    PageResult,
    Reading,
    Source,
    SourceKind,
    State,
    Table,
    TableCell,
    TextBlock,
)
from pipeline.store.files import document_id

FORMULA = "=1+1"
SCRIPT = "<script>alert('1')</script>"
QUOTES = "a \"b\", 'c';\nnext \U0001f600"
LABELS = {"reconsideration": FORMULA, "direct_suit": SCRIPT, "suit_after_reconsideration": QUOTES}
COLUMNS = ("upheld", "corrected", "other", "pending", "total")
LONE = "bad\udcff"


def lane(key: str, label: str | None, certain: bool = True) -> LaneMatch:
    reason = None if certain else "the label is cropped & <short>"
    return LaneMatch(key, label, 0.987654 if certain else 0.4, 0.25, certain, reason)


def printed(value: float, number: int) -> MatrixCell:
    box = BBox(72.004 + 30 * number, 310.5, 101.2 + 30 * number, 322)
    return MatrixCell(value, str(value), State.PRINTED, 0.99984999, False, Origin.TEXT_LAYER, 1, box)


def litigation() -> Matrix:
    first = tuple(printed(n, i) for i, n in enumerate((0, 2, 0, 1, 3)))
    second = (
        MatrixCell(None, "", State.BLANK, 0.9, False, Origin.TEXT_LAYER, 1),
        MatrixCell(None, "—", State.DASH, 0.9, False, Origin.TEXT_LAYER, 1),
        MatrixCell(None, "=cmd|' /C calc'!A0", State.UNREADABLE, 0.2, True, Origin.TEXT_LAYER, 1, None, None, "@reason <b>"),
        MatrixCell(None, "", State.MISSING, 0.1, True, Origin.TEXT_LAYER, reason=None),
        MatrixCell(7, "７", State.PRINTED, 0.5, True, Origin.TEXT_LAYER, 1, None, None, "one of the row's cells is lost"),
    )
    third = (
        printed(9007199254740993, 0),
        MatrixCell(-5, "-5", State.PRINTED, 0.99, False, Origin.TEXT_LAYER, 1),
        MatrixCell(0.1, "0.1", State.PRINTED, 0.99, False, Origin.TEXT_LAYER, 1),
        MatrixCell(1250000.0, "1,250,000.0", State.PRINTED, 0.99, False, Origin.TEXT_LAYER, 1),
        MatrixCell(0, "0", State.PRINTED, 0.99, False, Origin.TEXT_LAYER, 1),
    )
    rows = tuple(lane(key, label, certain=key != "direct_suit") for key, label in LABELS.items())
    columns = tuple(lane(key, "结\n果" if key == "upheld" else None) for key in COLUMNS)
    return Matrix("litigation", "cn-gov-disclosure", "2021", "件", rows, columns, (first, second, third), 0.91234567, 0.2, 1)


def source(name: str, kind: SourceKind = SourceKind.PDF, sha256: str = "1f0c9a2b" + "0" * 56) -> Source:
    return Source(f"/nowhere/{name}", name, sha256, 100, kind, "pdf")


def pdf_result(name: str = "in/区 report.pdf") -> DocumentResult:
    """A PDF of two pages: one matrix, a heading, a paragraph, a table over both pages."""
    origin = source(name)
    cells = (
        TableCell(0, 0, 1, 2, FORMULA, 1, BBox(10, 10, 110, 30)),
        TableCell(1, 0, 1, 1, "－", 1, BBox(10, 30, 60, 50), certain=False, doubt="two texts <overlap>"),
        TableCell(1, 1, 1, 1, "", 2, BBox(10, 10, 60, 50)),
    )
    box, doubts = BBox(10, 10, 110, 50), ("a ruling is missing",)
    table = Table(cells, 2, 2, 1, box, Origin.TEXT_LAYER, "rulings", "closed grid", doubts, (1, 2))
    blocks = (
        TextBlock(f"一、{SCRIPT}", "heading", 1, BBox(10, 1, 50, 9)),
        table,
        TextBlock(QUOTES, "paragraph", 2, BBox(10, 60, 90, 70)),
    )
    pages = (PageResult(1, "pdf", "ok", None, 595.3, 841.9), PageResult(2, "pdf", "ok", None, 595.3, 841.9))
    identifier = document_id(name, origin.sha256)
    cell = CellRef(identifier, "litigation", "direct_suit", "total")
    findings = (
        Finding("second_candidate", "undecided", "note", "=note"),
        Finding("litigation_total", "undecided", "error", f"{SCRIPT} 7 is not 0", (cell,), 0, 7),
    )
    reading = Reading(origin, blocks, pages, "title")
    facts = DocumentFacts("泽州县人民政府", 2024, "140525", "https://example.org/?a=1&b=2")
    lost = (("art20_1",), ("requests",))
    return DocumentResult(identifier, origin, facts, "review", None, reading, (litigation(),), findings, *lost)


TEXT = "四、行政复议\n规章\n12\n<b>34</b>\n"


def text_result(name: str = "text.txt") -> DocumentResult:
    """A text scrape with one small matrix and spans."""
    origin = source(name, SourceKind.TEXT, "aa" * 32)
    cells = (
        MatrixCell(12, "12", State.PRINTED, 0.999, False, Origin.SCRAPE, char_span=(10, 12)),
        MatrixCell(34, "<b>34</b>", State.PRINTED, 0.6, True, Origin.SCRAPE, char_span=(13, 22), reason="markup"),
    )
    rows, columns = (lane("rules", "规章"),), (lane("issued", None), lane("repealed", None))
    matrix = Matrix("art20_1", "cn-gov-disclosure", "2021", None, rows, columns, (cells,), 0.8, 0.1)
    lines, start = [], 0
    for line in TEXT.splitlines():
        lines.append(TextBlock(line, "line", None, None, (start, start + len(line))))
        start += len(line) + 1
    reading = Reading(origin, tuple(lines), (PageResult(1, "text", "ok"),), None)
    facts = DocumentFacts(None, 2023)
    return DocumentResult(document_id(name, origin.sha256), origin, facts, "review", None, reading, (matrix,))


def failed_result(name: str = "broken.pdf") -> DocumentResult:
    """A document that could not be opened."""
    origin = source(name, SourceKind.PDF, "bb" * 32)
    failure = Failure("encrypted", "It needs a password.", "Save it without one.")
    return DocumentResult(document_id(name, origin.sha256), origin, DocumentFacts(), "failed", failure, None)
