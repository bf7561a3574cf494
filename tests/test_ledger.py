"""The ledger: what a result leaves in it, corrections for ever, and results that follow them."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.domain import BBox, Candidate
from pipeline.errors import LedgerError
from pipeline.store import ledger_open, ledger_review
from pipeline.store.corrected import DIFFERS, republish
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import cell_of, cells_of, corrections_of, findings_of, pages_of, tables_of
from pipeline.store.ledger_review import NewCorrection, StaleCellError, correct, queue, undo
from pipeline.store.ledger_rows import InputRow, Outcome
from pipeline.store.ledger_status import counts_of, status_of
from tests.sample_result import pdf_result

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "fixtures" / "reports"
DOCUMENT = "zezhou-2024~5a59696c"


@pytest.fixture
def out(tmp_path):
    assert cli.main(["ingest", str(REPORTS), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    return tmp_path / "out"


@pytest.fixture
def ledger(out):
    with Ledger(out) as opened:
        yield opened


def matrices(out: Path, document: str = DOCUMENT) -> dict:
    return json.loads((out / document / "matrices.json").read_text("utf8"))


def say(cell, value, action="value", state="printed", who="王", version=None):
    return NewCorrection(
        cell.document_id, cell.table, cell.row_key, cell.column_key, cell.version if version is None else version,
        action, value, "" if value is None else str(value), state, who,
    )  # fmt: skip


def test_the_ledger_holds_what_the_results_hold(out, ledger):
    for path in sorted(out.glob("*/matrices.json")):
        result = json.loads(path.read_text("utf8"))
        document = ledger.document(path.parent.name)
        assert (document.status, document.year, document.sha256) == (
            result["status"], result["document"]["year"], result["document"]["sha256"]
        )  # fmt: skip
        cells = iter(cells_of(ledger, document.id))
        for table, matrix in zip(tables_of(ledger, document.id), result["matrices"], strict=True):
            assert (table.key, [r.key for r in table.rows]) == (matrix["table"], matrix["rows"])
            for row in matrix["cells"]:
                for told in row:
                    cell = next(cells)
                    assert (cell.value, cell.text, cell.state, cell.review) == (
                        told["value"], told["text"], told["state"], told["review"]
                    )  # fmt: skip
                    assert cell.char_span == tuple(told["span"])
        assert next(cells, None) is None
        assert [row.finding.message for row in findings_of(ledger, document.id)] == [f["message"] for f in result["findings"]]
        assert [page.state for page in pages_of(ledger, document.id)] == ["done"]
        counts = counts_of(ledger, document.id)
        assert counts.cells == sum(len(row) for m in result["matrices"] for row in m["cells"])


def test_tables_are_strict_and_keys_are_held(ledger):
    db = ledger.connection
    assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    names = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    for name in names:
        assert "STRICT" in db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0], name
    assert {"sources", "documents", "pages", "tables", "cells", "readings", "findings", "corrections", "runs"} <= set(names)
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_odd_values_come_back_as_they_were(tmp_path):
    result = pdf_result()
    cell = result.matrices[0].cells[0][0]
    odd = replace(cell, value=10**30, text="a\udcff", readings=(Candidate("1", -0.1, (("a", -0.1),)), Candidate("7", -2.5)))
    first = result.matrices[0]
    matrix = replace(first, cells=((odd, *first.cells[0][1:]), *first.cells[1:]))
    result = replace(result, matrices=(matrix, *result.matrices[1:]))
    with Ledger(tmp_path) as ledger:
        run = ledger.begin_run("ingest", "1", "c", "h", {}, 1, [InputRow("/a", "a", ("/a",))])
        with ledger.unit() as db:
            ledger.record(db, InputRow("/a", "a", ("/a",)), result, "null", Outcome(), run)
        kept = cells_of(ledger, result.document_id)[0]
    assert kept.value == 10**30 and kept.text == "a\\udcff"
    assert kept.readings == odd.readings
    assert kept.quad == cell.quad and kept.bbox == BBox(72.0, 310.5, 101.2, 322.0)


def test_one_page_saved_many_times_is_not_looked_for_among_all_of_its_copies(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.store.ledger._COPIES", 3)
    result = pdf_result()
    with Ledger(tmp_path) as ledger:
        run = ledger.begin_run("ingest", "1", "c", "h", {}, 1, [])
        for number in range(6):
            copy = replace(
                result,
                document_id=f"n{number}~00000000",
                source=replace(result.source, relative_path=f"n{number}.pdf", size_bytes=1),
                matrices=(),
            )
            with ledger.unit() as db:
                ledger.record(db, InputRow.of(f"n{number}.pdf", [tmp_path / f"n{number}"]), copy, "null", Outcome(), run)
            assert ledger.alike(copy.document_id) == ("n0.pdf" if number else None)


# --- corrections


def test_a_correction_holds_at_once_and_an_undo_brings_the_same_bytes_back(out, ledger):
    before = (out / DOCUMENT / "matrices.json").read_bytes()
    cell = cell_of(ledger, DOCUMENT, "requests", "unable_1", "total")
    assert (cell.value, cell.origin) == (18, "scrape") or cell.value is not None
    after = correct(ledger, say(cell, 18 if cell.value == 0 else 0))
    republish(ledger, DOCUMENT)
    assert (after.origin, after.version, after.review) == ("review", cell.version + 1, False)
    told = matrices(out)
    assert any(c["origin"] == "review" for m in told["matrices"] for row in m["cells"] for c in row)
    assert len([f for f in told["findings"] if f["severity"] == "error"]) < 4
    back = undo(ledger, after.correction.id, after.version, "王")
    republish(ledger, DOCUMENT)
    assert back.correction is None and back.value == cell.value
    assert (out / DOCUMENT / "matrices.json").read_bytes() == before
    again = undo(ledger, corrections_of(ledger, DOCUMENT)[-1].id, back.version, "王")
    assert again.value == after.value and len(corrections_of(ledger, DOCUMENT)) == 3


def test_the_status_follows_corrections_and_comes_back(out, ledger):
    (path,) = out.glob("nanzhao*/matrices.json")
    document = path.parent.name
    ledger.connection.execute("UPDATE documents SET machine_status = 'review', status = 'review' WHERE id = ?", (DOCUMENT,))
    ledger.connection.execute("UPDATE cells SET review = 1 WHERE id = (SELECT min(c.id) FROM cells c JOIN tables t "
                              "ON t.id = c.table_id WHERE t.document_id = ?)", (DOCUMENT,))  # fmt: skip
    (cell,) = queue(ledger, document=DOCUMENT)
    after = correct(ledger, say(cell, cell.value, "confirm", cell.state))
    republish(ledger, DOCUMENT)
    assert (matrices(out)["status"], ledger.document(DOCUMENT).status) == ("accepted", "accepted")
    undo(ledger, after.correction.id, after.version, "王")
    republish(ledger, DOCUMENT)
    assert (matrices(out)["status"], ledger.document(DOCUMENT).status) == ("review", "review")
    # What is absent stays so, whatever is confirmed.
    other = cells_of(ledger, document)[0]
    correct(ledger, say(other, other.value, "confirm", other.state))
    republish(ledger, document)
    assert matrices(out, document)["status"] == "review"


def test_a_stale_version_is_refused_with_what_holds(ledger):
    cell = cell_of(ledger, DOCUMENT, "requests", "new", "total")
    correct(ledger, say(cell, 5))
    with pytest.raises(StaleCellError) as refused:
        correct(ledger, say(cell, 6, who="李"))
    assert refused.value.current.value == 5 and refused.value.current.version == cell.version + 1


def test_corrections_and_events_are_only_ever_added(ledger):
    cell = cell_of(ledger, DOCUMENT, "requests", "new", "total")
    correct(ledger, say(cell, 5))
    ledger.event("note", "something")
    for table in ("corrections", "events"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET document_id = 'x'"):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
                ledger.connection.execute(statement)


def test_reading_again_never_overwrites_a_person(out, ledger):
    cell = cell_of(ledger, DOCUMENT, "requests", "new", "total")
    correct(ledger, say(cell, 71))
    # As if an older program had read something else, and the person had said 71 of that.
    ledger.connection.execute("DROP TRIGGER corrections_stay")
    ledger.connection.execute("UPDATE corrections SET machine_value = 7")
    assert cli.main(["ingest", str(REPORTS), "--out", str(out), "--quiet", "--again"]) == 0
    now = cell_of(ledger, DOCUMENT, "requests", "new", "total")
    assert (now.value, now.machine_value) == (71, cell.machine_value) and now.version > cell.version + 1
    told = matrices(out)
    (found,) = [f for f in told["findings"] if f["rule"] == DIFFERS]
    assert (found["left"], found["right"]) == (cell.machine_value, 71)
    assert ledger.document(DOCUMENT).sizes[0][1] == (out / DOCUMENT / "matrices.json").stat().st_size


def test_the_queue_leaves_out_what_was_answered(out, ledger):
    ledger.connection.execute("UPDATE cells SET review = 1 WHERE id <= 3")
    waiting = queue(ledger)
    assert len(waiting) == 3
    correct(ledger, say(waiting[0], None, "unreadable", "unreadable"))
    correct(ledger, say(waiting[1], waiting[1].value, "confirm", waiting[1].state))
    assert [c.id for c in queue(ledger)] == [waiting[0].id, waiting[2].id]  # what nobody could read is still open
    assert status_of(ledger).review == 2


def test_a_lease_keeps_another_person_away_until_it_ends(ledger, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(ledger_review.time, "time", lambda: now[0])
    held = ledger_review.take_lease(ledger, DOCUMENT, "requests", "王", 60)
    with pytest.raises(ledger_review.LeaseError) as refused:
        ledger_review.take_lease(ledger, DOCUMENT, "requests", "李", 60)
    assert refused.value.lease.reviewer == "王"
    now[0] += 50
    assert ledger_review.renew_lease(ledger, DOCUMENT, "requests", held.token, 60) is not None
    now[0] += 50
    assert ledger_review.lease_of(ledger, DOCUMENT, "requests") is not None
    now[0] += 11
    assert ledger_review.take_lease(ledger, DOCUMENT, "requests", "李", 60).reviewer == "李"
    assert ledger_review.renew_lease(ledger, DOCUMENT, "requests", held.token, 60) is None
    now[0] -= 5000  # a clock that was set back ends a lease; it does not make it eternal
    assert ledger_review.lease_of(ledger, DOCUMENT, "requests") is None
    ledger_review.take_lease(ledger, DOCUMENT, "requests", "李", 60)
    taken = ledger_review.take_lease(ledger, DOCUMENT, "requests", "王", 60, takeover=True)
    assert ledger_review.release_lease(ledger, DOCUMENT, "requests", taken.token)
    assert ledger.connection.execute("SELECT kind FROM events").fetchall()[-1][0] == "lease_taken_over"


# --- opening


def test_a_damaged_ledger_is_said_to_be_so(out, capsys):
    (out / "ledger.sqlite").write_bytes(b"SQLite format 3\0" + b"\x55" * 5000)
    assert cli.main(["ingest", str(REPORTS), "--out", str(out), "--quiet"]) == 7
    said = capsys.readouterr().err
    assert "damaged" in said and "Move it away" in said
    for path in out.glob("ledger.sqlite*"):
        path.unlink()
    assert cli.main(["ingest", str(REPORTS), "--out", str(out), "--quiet"]) == 0


def test_a_ledger_of_a_newer_version_is_left_alone(tmp_path):
    with Ledger(tmp_path) as ledger:
        ledger.connection.execute("PRAGMA user_version = 999")
    with pytest.raises(LedgerError, match="newer"):
        Ledger(tmp_path)


def test_a_migration_is_whole_or_not_at_all(tmp_path, monkeypatch):
    broken = [*ledger_open.migrations(), (9998, "9998_a.sql", "CREATE TABLE a (x TEXT) STRICT;\nCREATE TABLE broken (;\n")]
    monkeypatch.setattr(ledger_open, "migrations", lambda: broken)
    with pytest.raises(LedgerError):
        Ledger(tmp_path)
    monkeypatch.undo()
    with Ledger(tmp_path) as ledger:
        tables = {r[0] for r in ledger.connection.execute("SELECT name FROM sqlite_schema")}
    assert "a" not in tables and "documents" in tables


def test_the_migrations_are_numbered_one_after_the_other():
    assert [number for number, _, _ in ledger_open.migrations()] == list(range(1, len(ledger_open.migrations()) + 1))
