"""Broken, mislabelled and unread inputs: a status, a reason and advice for each, and never an exception."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fixtures import make_bad
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
