"""Broken, mislabelled and unread inputs: a status, a reason and advice for each, and never an exception."""

from __future__ import annotations

import json
import os
import random
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures import make_bad
from fixtures.broken import pdf as broken_pdf
from pipeline.config import DEFAULT, Config, Limits
from pipeline.domain import DocumentResult

BAD = Path(__file__).resolve().parents[1] / "fixtures" / "bad"
EXPECTED = json.loads((BAD / "expected.json").read_text(encoding="utf8"))


def process(path: Path, name: str | None = None, config: Config = DEFAULT) -> DocumentResult:
    from pipeline.run.document import process as run

    return run(path, name or path.name, config)


def assert_result(result: DocumentResult, status: str, failure_class: str | None) -> None:
    """Holds what every result owes: the status, and for a failure a class, a reason and advice in words."""
    assert (result.status, result.failure and result.failure.failure_class) == (status, failure_class)
    if result.failure is not None:
        assert len(result.failure.message) > 10
        assert len(result.failure.advice) > 10
        assert "Traceback" not in result.failure.message + result.failure.advice
        assert result.matrices == ()


@pytest.mark.parametrize("name", EXPECTED)
def test_each_bad_input_ends_with_its_status_and_reason(name):
    expected = EXPECTED[name]
    assert_result(process(BAD / name), expected["status"], expected["failure_class"])


def test_samples_are_what_the_program_makes():
    made = make_bad.samples()
    assert set(made) == set(EXPECTED) == {path.name for path in BAD.iterdir()} - {"expected.json"}
    for name, (data, expected) in made.items():
        assert (BAD / name).read_bytes() == data, name
        assert EXPECTED[name] == expected, name


def test_pdfplumber_and_pdfium_differ_on_the_sample_for_it():
    import pdfplumber
    import pypdfium2

    path = BAD / "untyped-pages.pdf"
    document = pypdfium2.PdfDocument(path)
    try:
        assert len(document) == 2
    finally:
        document.close()
    with pdfplumber.open(path) as plumber:
        assert len(plumber.pages) == 0


def test_the_result_does_not_depend_on_what_was_read_before():
    names = ["no-pages.pdf", "truncated-50.pdf", "encrypted.pdf", "encrypted-empty-password.pdf", "untyped-pages.pdf"]
    for name in [*names, *reversed(names)]:
        assert_result(process(BAD / name), EXPECTED[name]["status"], EXPECTED[name]["failure_class"])


# --- names


@pytest.mark.parametrize(
    "name",
    [
        "报" * 82 + ".txt",  # 250 bytes
        "a" * 246 + ".txt",
        "line\nbreak.txt",
        " leading and trailing .txt",
        "'\"`$(id);&|.txt",
        "e\u0301.txt",
        "..txt",
        "\U0001f4c4.txt",
    ],
    ids=range(8),
)
def test_odd_names(tmp_path, name):
    path = tmp_path / name
    path.write_text(make_bad.NEWS, encoding="utf8")
    result = process(path)
    assert_result(result, "accepted", None)
    assert result.source.relative_path == name


def test_a_name_that_is_no_unicode(tmp_path):
    from pipeline.intake.discover import discover

    path = tmp_path / os.fsdecode("报告".encode("gb18030") + b".txt")
    path.write_text(make_bad.NEWS, encoding="utf8")
    (found,) = discover([str(tmp_path)])
    assert found.relative_path == "\\xb1\\xa8\\xb8\\xe6.txt"
    result = process(found.path, found.relative_path)
    assert_result(result, "accepted", None)
    json.dumps([result.document_id, result.source.relative_path]).encode("utf8")


# --- things that are no files, and limits


def test_a_file_that_is_not_there(tmp_path):
    assert_result(process(tmp_path / "gone.pdf"), "failed", "unreadable_file")


def test_a_folder_pipe_or_device(tmp_path):
    folder = tmp_path / "folder.pdf"
    folder.mkdir()
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    for path in (folder, pipe, Path("/dev/zero"), Path("/dev/null")):
        assert_result(process(path), "failed", "unreadable_file")


def test_a_ring_of_links(tmp_path):
    link = tmp_path / "a.pdf"
    link.symlink_to(link)
    assert_result(process(link), "failed", "unreadable_file")


def test_a_name_longer_than_the_system_allows(tmp_path):
    assert_result(process(tmp_path / ("x" * 400 + ".txt")), "failed", "unreadable_file")


def test_too_large(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("总体情况\n" * 100, encoding="utf8")
    assert_result(process(path, config=Config(limits=Limits(file_bytes=100))), "failed", "too_large")
    assert_result(process(path, config=Config(limits=Limits(text_chars=100))), "failed", "too_large")
    pages = tmp_path / "a.html"
    pages.write_text("<p>总体情况</p>" * 100, encoding="utf8")
    assert_result(process(pages, config=Config(limits=Limits(html_nodes=50))), "failed", "too_large")


PDF_BOMBS = {sample.name.decode(): sample.data for sample in broken_pdf.samples(random.Random(1))}
PDF_BOMBS["pdf-whole.pdf"] = make_bad.text_pdf()


@pytest.mark.parametrize(
    ("name", "section", "field", "value"),
    [
        ("pdf-same-page-often.pdf", "limits", "pdf_pages", 19),
        ("pdf-xref-shifted.pdf", "limits", "page_chars", 100),
        ("pdf-same-page-often.pdf", "limits", "page_chars", 100),
        ("pdf-too-many-lines.pdf", "limits", "page_stream_bytes", 1000),
        ("pdf-whole.pdf", "limits", "page_operators", 5),
        ("pdf-whole.pdf", "limits", "page_chars", 20),
        ("pdf-flate-bomb.pdf", "limits", "file_bytes", 1000),
        ("pdf-picture-bomb.pdf", "scan", "max_page_pixels", 100_000),
    ],
)
def test_each_limit_of_a_pdf(tmp_path, name, section, field, value):
    path = tmp_path / name
    path.write_bytes(PDF_BOMBS[name])
    settings = replace(getattr(DEFAULT, section), **{field: value})
    assert_result(process(path, config=replace(DEFAULT, **{section: settings})), "failed", "too_large")


@pytest.mark.parametrize(
    ("text", "name", "field", "value"),
    [
        ("总体情况\n" * 100, "a.txt", "scrape_chars", 499),
        ("<p>总体情况</p>" * 100, "a.html", "text_chars", 1000),
        ("<p>总体情况</p>" * 100, "a.html", "html_nodes", 99),
        ("<table>" + "<tr><td>1<td>2" * 100 + "</table>", "a.html", "html_cells", 199),
    ],
)
def test_each_limit_of_a_text(tmp_path, text, name, field, value):
    path = tmp_path / name
    path.write_text(text, encoding="utf8")
    result = process(path, config=Config(limits=replace(Limits(), **{field: value})))
    assert_result(result, "failed", "too_large")
    assert result.failure is not None and f"limits.{field}" in result.failure.advice
    assert process(path, config=Config(limits=replace(Limits(), **{field: value + 2000}))).status != "failed"


# --- what is behind a PDF, and before its end


def test_junk_behind_a_pdf_does_no_harm_but_objects_without_an_end_do(tmp_path):
    whole = make_bad.text_pdf()
    path = tmp_path / "a.pdf"
    for behind in (bytes(50_000), b"\r\n" * 3000, b"<html>" * 2000):
        path.write_bytes(whole + behind)
        assert_result(process(path), "accepted", None)
    for behind in (b"9 0 obj\n<< /Type /Catalog >>\nendobj\n", b"\n" * 5000 + b"9 0 obj << /Len"):
        path.write_bytes(whole + behind)
        assert_result(process(path), "failed", "damaged")
    path.write_bytes(whole.replace(b"%\xe2\xe3\xcf\xd3\n", b"8 0 obj << /Linearized 1 /L 999999 >> endobj\n"))
    assert_result(process(path), "failed", "damaged")


def test_streams_without_end_or_with_a_fault_are_read_as_before(tmp_path):
    """What a broken stream gives must not depend on who inflates it: all before a missing end, nothing before a fault."""
    from pdfminer.pdftypes import PDFStream

    from pipeline.intake.pdf_bounds import BUDGET, bound_pdfminer

    bound_pdfminer()
    BUDGET.renew(DEFAULT.limits)
    plain = b"BT (x) Tj ET " * 5000
    packed = zlib.compress(plain)

    def inflated(data: bytes) -> bytes:
        from pdfminer.psparser import LIT

        return bytes(PDFStream({"Filter": LIT("FlateDecode")}, data).get_data())

    assert inflated(packed) == plain
    assert inflated(packed[:-4] + b"\0\0\0\0") == plain
    assert plain.startswith(inflated(packed[: len(packed) // 2]))
    assert len(inflated(packed[: len(packed) // 2])) > 1000
    assert inflated(b"\0\0garbage" + packed) == b""


def test_zero_bytes_in_a_text_are_missing_parts(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(make_bad.NEWS.encode() + bytes(3000))
    assert_result(process(path), "failed", "damaged")
    path.write_bytes(make_bad.NEWS.encode() + b"\0")
    assert_result(process(path), "accepted", None)


def test_byte_order_marks_within_a_text(tmp_path):
    scrape = (BAD.parent / "reports" / "zezhou-2024.txt").read_text(encoding="utf8")
    (tmp_path / "a.txt").write_text(scrape, encoding="utf8")
    (tmp_path / "b.txt").write_text(scrape.replace("\n", "\n\ufeff"), encoding="utf8")
    assert process(tmp_path / "b.txt").matrices == process(tmp_path / "a.txt").matrices


@pytest.mark.parametrize(
    ("page", "said"), [("<html><head><script>var a=1;", "cut off"), ("<html><script>1</script></html>", "script")]
)
def test_a_page_without_text_says_why(tmp_path, page, said):
    path = tmp_path / "a.html"
    path.write_text(page, encoding="utf8")
    result = process(path)
    assert result.failure is not None and said in result.failure.message


def test_a_file_that_is_written_to_while_it_is_read(tmp_path, monkeypatch):
    from pipeline.intake import identify

    path = tmp_path / "a.txt"
    path.write_text(make_bad.NEWS, encoding="utf8")
    digest = identify._digest

    def slow(file, config):
        content = digest(file, config)
        path.write_text(make_bad.NEWS * 2, encoding="utf8")
        return content

    monkeypatch.setattr(identify, "_digest", slow)
    assert_result(process(path), "failed", "unreadable_file")
