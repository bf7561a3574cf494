"""The page about a folder of results: everything that needs a person is on it, and nothing of a report can run in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import cells_of

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "fixtures" / "reports"


@pytest.fixture
def page(tmp_path, capsys):
    folder = tmp_path / "in"
    folder.mkdir()
    for path in REPORTS.glob("*.txt"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "<script>alert(1)<.txt").write_bytes(b"")
    out = tmp_path / "out"
    assert cli.main(["ingest", str(folder), "--out", str(out), "--quiet"]) == 1
    with Ledger(out) as ledger:
        ledger.connection.execute("UPDATE cells SET review = 1, reason = '\"><img onerror=x>' WHERE id = 1")
    capsys.readouterr()
    assert cli.main(["report", "--out", str(out)]) == 0
    written = Path(capsys.readouterr().out.strip())
    assert written == out / "report.html"
    return written.read_text("utf8")


def test_it_tells_of_failures_reviews_and_the_rest(page):
    assert "Failures (1)" in page and "The file has no bytes." in page and "Fetch the report again." in page
    assert "To review (1)" in page and "nanzhao-2020.txt" in page and "absent: art20_1" in page
    assert "Accepted (4)" in page and "zezhou-2024.txt" in page


def test_no_text_of_a_report_runs(page):
    assert "<script" not in page and "<img onerror" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=.?https?:", page)


def test_a_doubtful_cell_of_a_pdf_has_its_picture(tmp_path, capsys):
    source = next(p for p in sorted((ROOT / "fixtures" / "generated").rglob("*.pdf")))
    assert cli.main(["ingest", str(source), "--out", str(tmp_path), "--quiet"]) == 0
    with Ledger(tmp_path) as ledger:
        (row,) = ledger.documents()
        cell = cells_of(ledger, row.id)[0]
        assert cell.bbox is not None
        ledger.connection.execute("UPDATE cells SET review = 1 WHERE id = ?", (cell.id,))
        ledger.connection.execute("UPDATE documents SET status = 'review'")
    assert cli.main(["report", "--out", str(tmp_path)]) == 0
    assert "data:image/png;base64," in (tmp_path / "report.html").read_text("utf8")
    assert cli.main(["report", "--out", str(tmp_path), "--pictures", "0"]) == 0
    assert "data:image/png" not in (tmp_path / "report.html").read_text("utf8")


def test_a_folder_without_a_ledger_has_no_report(tmp_path):
    assert cli.main(["report", "--out", str(tmp_path)]) == 3
