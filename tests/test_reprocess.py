"""Reading again what failed or what is chosen; what people said stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import cli
from pipeline.errors import UsageError
from pipeline.run.reprocess import Choice, choose, version_of
from pipeline.store.ledger import Ledger

REPORTS = Path(__file__).resolve().parent.parent / "fixtures" / "reports"


def run(*args) -> int:
    return cli.main([str(a) for a in args])


@pytest.fixture
def out(tmp_path):
    (tmp_path / "in").mkdir()
    for path in REPORTS.glob("*.txt"):
        (tmp_path / "in" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "in" / "empty.txt").write_bytes(b"")
    assert run("ingest", tmp_path / "in", "--out", tmp_path / "out", "--quiet") == 1
    return tmp_path / "out"


def chosen(out: Path, **choice) -> set[str]:
    tasks, _ = choose(out, Choice(**choice))
    return {task.item.relative_path for task in tasks}


def test_by_default_what_failed_is_read(out):
    assert chosen(out) == {"empty.txt"}


@pytest.mark.parametrize(
    ("choice", "count"),
    [
        ({"status": "accepted"}, 4),
        ({"status": "review"}, 1),
        ({"failure": "empty"}, 1),
        ({"failure": "timed_out"}, 0),
        ({"documents": ("zezhou-2024",)}, 1),
        ({"documents": ("zezhou-2024",), "status": "review"}, 0),
        ({"since_version": "99"}, 6),
        ({"since_version": "0.0.1"}, 0),
        ({"since_version": "99", "status": "failed"}, 1),
    ],
)
def test_documents_are_chosen_by_all_that_is_asked(out, choice, count):
    assert len(chosen(out, **choice)) == count


def test_versions_compare_by_their_numbers():
    assert version_of("0.10.0") > version_of("0.9")
    with pytest.raises(UsageError):
        version_of("newest")


def test_a_document_that_is_not_there_is_said_to_be_so(out, capsys):
    assert run("reprocess", "--out", out, "--document", "nothing") == 2
    assert run("reprocess", "--out", out / "nothing") == 3


def test_a_source_that_is_gone_leaves_its_result(out, tmp_path, capsys):
    (tmp_path / "in" / "zezhou-2024.txt").unlink()
    before = next(out.glob("zezhou*/matrices.json")).read_bytes()
    assert run("reprocess", "--out", out, "--status", "accepted", "--quiet") == 0
    assert "is gone" in capsys.readouterr().err
    assert next(out.glob("zezhou*/matrices.json")).read_bytes() == before


def test_a_mended_source_is_read_and_the_failure_is_an_older_version(out, tmp_path, capsys):
    (tmp_path / "in" / "empty.txt").write_bytes(next(REPORTS.glob("tianshan*")).read_bytes())
    assert run("reprocess", "--out", out) == 0
    with Ledger(out, readonly=True) as ledger:
        (row,) = ledger.named("empty")
    assert row.status == "accepted" and row.version == 2


def test_what_each_manifest_said_stays_with_its_document(tmp_path):
    for name, issuer in (("a", "泽州县教育局"), ("b", "南召县教育局")):
        (tmp_path / name).mkdir()
        text = (REPORTS / "zezhou-2024.txt").read_bytes() + name.encode()
        (tmp_path / name / "report.txt").write_bytes(text)
        (tmp_path / name / "manifest.csv").write_text(f"path,issuer\nreport.txt,{issuer}\n", "utf8")
        assert run("ingest", tmp_path / name, "--out", tmp_path / "out", "--quiet") == 0
    assert run("reprocess", "--out", tmp_path / "out", "--since-version", "99", "--quiet") == 0
    with Ledger(tmp_path / "out", readonly=True) as ledger:
        assert sorted(str(row.issuer) for row in ledger.documents()) == ["南召县教育局", "泽州县教育局"]


def test_settings_of_a_new_reading_outlive_the_next_ingest(out, tmp_path, capsys):
    assert run("reprocess", "--out", out, "--document", "zezhou-2024", "--dpi", "300") == 0
    capsys.readouterr()
    run("ingest", tmp_path / "in", "--out", out)
    assert capsys.readouterr().out.count(", done before") == 6
    with Ledger(out, readonly=True) as ledger:
        assert [run.command for run in ledger.runs()] == ["ingest", "reprocess", "ingest"]


def test_a_document_that_was_sent_back_is_read_again(out, tmp_path):
    from pipeline.store.ledger_review import set_review_state

    with Ledger(out) as ledger:
        (row,) = ledger.named("zezhou-2024")
        set_review_state(ledger, row.id, "sent_back", "王", "rows are shifted")
    assert chosen(out) == {"empty.txt", "zezhou-2024.txt"}
    assert run("reprocess", "--out", out, "--document", "zezhou-2024") == 0
    with Ledger(out, readonly=True) as ledger:
        assert ledger.document(row.id).review_state == "open"
