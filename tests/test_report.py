"""The page about a folder of results: everything that needs a person is on it, and nothing of a report can run in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.run.report import write_report
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


def test_a_page_over_many_documents_stays_one_that_a_browser_can_show(tmp_path, monkeypatch):
    folder = tmp_path / "in"
    folder.mkdir()
    text = (REPORTS / "zezhou-2024.txt").read_text("utf8")
    for number in range(6):
        (folder / f"good-{number}.txt").write_text(text + "\n" * number, "utf8")
        (folder / f"short-{number}.txt").write_text(text[: len(text) // 2] + "\n" * number, "utf8")
        (folder / f"empty-{number}.txt").write_bytes(b"")
    assert cli.main(["ingest", str(folder), "--out", str(tmp_path / "out"), "--quiet"]) == 1
    monkeypatch.setattr("pipeline.run.report._MOST_ROWS", 4)
    monkeypatch.setattr("pipeline.run.report._MOST_DOCUMENTS", 2)
    page = write_report(tmp_path / "out").read_text("utf8")
    assert "Failures (6, the first 4)" in page and "To review (6, the first 2)" in page and "Accepted (6, the first 4)" in page
    assert "... and 4 more" in page
    assert [page.count(f"{name}-{n}.txt<") for name in ("empty", "short", "good") for n in (1, 5)] == [1, 0, 1, 0, 1, 0]


def test_failed_pages_stand_among_the_failures(tmp_path):
    assert cli.main(["ingest", str(REPORTS / "zezhou-2024.txt"), "--out", str(tmp_path), "--quiet"]) == 0
    with Ledger(tmp_path) as ledger:
        told = "state = 'failed', failure_class = 'timed_out', failure_message = 'It hung.', failure_advice = 'Wait longer.'"
        ledger.connection.execute(f"UPDATE pages SET {told}")
    page = write_report(tmp_path).read_text("utf8")
    assert "Failures (1)" in page and "It hung." in page and "Wait longer." in page


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
