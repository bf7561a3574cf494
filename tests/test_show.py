"""What `gouji show` writes: every step is there, every text is escaped, and a broken source does not stop it."""

from __future__ import annotations

import html.parser
from dataclasses import replace
from pathlib import Path

import pytest
from sample_result import FORMULA, SCRIPT, failed_result, pdf_result, text_result

from pipeline.domain import BBox, DocumentResult, Page, Ruling, TextBlock, Word
from pipeline.errors import OutputError
from pipeline.show import show_document
from pipeline.show.document import choose_pages
from pipeline.show.page_overlay import Sheet, sheet_to_html
from pipeline.show.scrape import Mark, blocks_to_html, matrices_to_marks


class Document(html.parser.HTMLParser):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.raw = path.read_text(encoding="utf-8")
        self.feed(self.raw)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def count(self, tag: str, kind: str = "") -> int:
        return sum(t == tag and kind in (a.get("class") or "").split() if kind else t == tag for t, a in self.tags)


def show(result: DocumentResult, folder: Path) -> Document:
    (path,) = show_document(result, folder)
    assert path == folder / f"{result.document_id}.html"
    document = Document(path)
    assert not {tag for tag, _ in document.tags} & {"script", "iframe", "link", "form", "object"}
    assert "http" not in "".join(value or "" for _, a in document.tags for name, value in a.items() if name in ("src", "href"))
    return document


def make_pdf(path: Path, pages: int = 2) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=(595.3, 841.9))
    for number in range(1, pages + 1):
        canvas.drawString(20, 800, f"word{number} on this page, long enough to be text")
        canvas.line(20, 700, 300, 700)
        canvas.showPage()
    canvas.save()


def test_pdf_without_its_source(tmp_path: Path) -> None:
    page = show(pdf_result(), tmp_path)
    assert SCRIPT in page.text and FORMULA in page.text
    assert "7 is not 0" in page.text
    assert page.count("svg", "sheet") == 2
    assert page.count("rect", "doubt") == 1
    assert "table 0, row 1, column 0: － — two texts <overlap>" in page.text


def test_pdf_with_its_source(tmp_path: Path) -> None:
    make_pdf(tmp_path / "a.pdf")
    result = pdf_result()
    result = replace(result, source=replace(result.source, path=str(tmp_path / "a.pdf")))
    page = show(result, tmp_path / "out")
    pictures = [a["href"] or "" for tag, a in page.tags if tag == "image"]
    assert len(pictures) == 2 and all(href.startswith("data:image/png;base64,") for href in pictures)
    assert "word1" in page.text and "word2" in page.text
    assert page.count("line") >= 2
    assert page.raw == show(result, tmp_path / "again").raw


def test_alignment_tells_label_similarity_and_doubt(tmp_path: Path) -> None:
    page = show(pdf_result(), tmp_path)
    for wanted in ("未经复议直接起诉", "0.988", "no: the label is cropped & <short>", "score 0.9123"):
        assert wanted in page.text
    assert page.count("td", "unsure") == 1
    assert page.count("td", "flag") == 3
    assert page.count("td", "wrong") == 1


def test_tables_keep_spans_and_doubts(tmp_path: Path) -> None:
    page = show(pdf_result(), tmp_path)
    assert any(tag == "td" and a.get("colspan") == "2" for tag, a in page.tags)
    assert "a ruling is missing" in page.text and "closed grid" in page.text


def test_text_source_is_coloured(tmp_path: Path) -> None:
    page = show(text_result(), tmp_path)
    marks = [a for tag, a in page.tags if tag == "mark"]
    assert [a.get("class") for a in marks] == [None, "flag"]
    assert "rules · repealed = 34 (confidence 0.6000) — review: markup" in (marks[1]["title"] or "")
    assert "<b>34</b>" in page.text
    assert page.text.index("规章") < page.text.index("<b>34</b>")


def test_failed_document(tmp_path: Path) -> None:
    page = show(failed_result(), tmp_path)
    assert "It needs a password." in page.text and "Save it without one." in page.text


def test_failed_pdf_is_still_drawn(tmp_path: Path) -> None:
    make_pdf(tmp_path / "a.pdf", 1)
    result = failed_result()
    page = show(replace(result, source=replace(result.source, path=str(tmp_path / "a.pdf"))), tmp_path)
    assert page.count("image") == 1


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 garbage", b"<html>"])
def test_broken_source(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(content)
    result = pdf_result()
    page = show(replace(result, source=replace(result.source, path=str(tmp_path / "a.pdf"))), tmp_path)
    assert page.count("image") == 0 and page.count("svg", "sheet") == 2


def test_pages_of_matrices_come_first() -> None:
    result = pdf_result()
    assert result.reading is not None
    pages = tuple(replace(result.reading.pages[0], page_no=number) for number in range(1, 101))
    many = replace(result, reading=replace(result.reading, pages=pages))
    assert choose_pages(many, 3) == [1, 2, 3]
    moved = tuple(tuple(replace(cell, page_no=77) for cell in row) for row in result.matrices[0].cells)
    assert choose_pages(replace(many, matrices=(replace(result.matrices[0], cells=moved),)), 3) == [1, 2, 77]


def test_words_and_rulings_are_drawn() -> None:
    words = (Word(SCRIPT, BBox(1, 2, 3, 4), 1), Word("侧", BBox(5, 2, 6, 4), 1, upright=False))
    page = Page(1, 100, 50, words, (Ruling(0, 10, 90, 10, 1),))
    drawn = sheet_to_html(Sheet(1, 100, 50, "", page, (), ()))
    assert 'viewBox="0 0 100.00 50.00"' in drawn
    assert '<rect x="1.00" y="2.00" width="2.00" height="2.00"><title>&lt;script&gt;' in drawn
    assert '<rect class="turned"' in drawn
    assert '<line x1="0.00" y1="10.00" x2="90.00" y2="10.00"/>' in drawn
    assert "<image" not in drawn


def mark(start: int, end: int) -> Mark:
    return Mark(start, end, "red", "tip", "s", False)


def test_marks_that_reach_over_a_line_and_empty_ones() -> None:
    blocks = [TextBlock("abcd", "line", None, None, (0, 4)), TextBlock("efgh", "line", None, None, (5, 9))]
    drawn = blocks_to_html(blocks, [mark(1, 1), mark(2, 7)])
    text = drawn.replace("<sub>s</sub>", "")
    assert text.count("<mark") == 3
    assert ">▯</mark>" in text and ">cd</mark>" in text and ">ef</mark>gh" in text


def test_overlapping_cells_leave_one_mark() -> None:
    result = text_result()
    matrix = result.matrices[0]
    cells = (tuple(replace(cell, char_span=(10, 12)) for cell in matrix.cells[0]),)
    assert len(matrices_to_marks([replace(matrix, cells=cells)])) == 1


def test_text_without_spans_is_shown_plain() -> None:
    assert blocks_to_html([TextBlock("<x>")], [mark(0, 3)]).count("<mark") == 0


def test_destination_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError):
        show_document(text_result(), tmp_path / "x")


def test_real_report(shared_data: Path, tmp_path: Path) -> None:
    document = pytest.importorskip("pipeline.run.document")
    path = shared_data / "real" / "hongze-2023.pdf"
    page = show(document.process(path, path.name), tmp_path)
    assert page.count("image") == 5
    assert "litigation_total" in page.text
    assert page.count("mark") == 0
