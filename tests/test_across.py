"""The last pass over a folder: the same bytes as from all results at once, in memory that does not grow with them."""

from __future__ import annotations

import json
import random
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.domain import DocumentFacts, DocumentResult
from pipeline.errors import InputMissingError
from pipeline.run.across import across_content, report_of, write_across
from pipeline.run.document import process
from pipeline.store.files import document_id, read_json, result_folders, write_result
from pipeline.store.jsontext import json_to_text
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_rows import InputRow, Outcome

SEED = Path(__file__).parent.parent / "fixtures" / "reports" / "zezhou-2024.txt"


def with_figures(seed: DocumentResult, chosen: random.Random) -> DocumentResult:
    """The same report with other figures in its last rows, some of them in doubt."""
    matrices = []
    for matrix in seed.matrices:
        cells = [list(row) for row in matrix.cells]
        for row in cells[:2] + cells[-1:]:
            row[-1] = replace(row[-1], value=chosen.randrange(3), review=chosen.random() < 0.2)
        matrices.append(replace(matrix, cells=tuple(map(tuple, cells))))
    return replace(seed, matrices=tuple(matrices))


def fill(out: Path, counties: int) -> list[str]:
    """Writes results of counties on several years, some with two reports on one, in no order; returns their ids."""
    chosen, seed, ids = random.Random(0), process(SEED, SEED.name), []
    given = [(county, year) for county in range(counties) for year in chosen.choices(range(2018, 2026), k=5)]
    chosen.shuffle(given)
    out.mkdir()
    with Ledger(out) as ledger:
        run = ledger.begin_run("ingest", "1", "code", "hash", {}, 1, [])
        for number, (county, year) in enumerate(given):
            name, sha256 = f"报告{number:05d}.txt", f"{chosen.getrandbits(256):064x}"
            told = with_figures(seed, chosen) if number % 9 else replace(seed, matrices=())
            result = replace(
                told,
                document_id=document_id(name, sha256),
                source=replace(seed.source, relative_path=name, sha256=sha256, size_bytes=number),
                facts=DocumentFacts(f"测{chr(0x4E00 + county)}县人民政府" if number % 7 else "教育局", year),
            )
            write_result(out, result)
            row = InputRow.of(name, [out.parent / name])
            with ledger.unit() as db:
                ledger.record(db, row, result, "null", Outcome(), run)
            ids.append(result.document_id)
    return ids


def all_at_once(out: Path) -> str:
    """What `across.json` is to hold, from all results in memory."""
    results = []
    for folder in result_folders(out):
        try:
            results.append(report_of(read_json(folder / "matrices.json")))
        except InputMissingError:
            continue
    return json_to_text(across_content(results))


def test_the_same_bytes_as_from_all_results_at_once(tmp_path: Path) -> None:
    out = tmp_path / "out"
    ids = fill(out, 30)
    written = write_across(out).read_text("utf8")
    assert written == all_at_once(out)
    rules = {finding["rule"] for finding in json.loads(written)["findings"]}
    assert {"same_year", "carried_over"} <= rules
    with Ledger(out) as ledger:
        ledger.connection.execute("UPDATE documents SET superseded = 1 WHERE id IN (?, ?)", (ids[1], ids[2]))
        ledger.connection.execute("UPDATE inputs SET document_id = NULL WHERE document_id = ?", (ids[3],))
        for table in ("pages", "tables", "findings"):
            ledger.connection.execute(f"DELETE FROM {table} WHERE document_id = ?", (ids[3],))
        ledger.connection.execute("DELETE FROM documents WHERE id = ?", (ids[3],))
    (out / ids[4] / "matrices.json").write_text("{", "utf8")
    (out / ids[5] / "matrices.json").unlink()
    again = write_across(out).read_text("utf8")
    assert again == all_at_once(out) != written
    for path in out.glob("ledger.sqlite*"):
        path.unlink()
    assert write_across(out).read_text("utf8") == all_at_once(out) != again


def test_a_run_that_was_stopped_before_it_compared_is_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = SEED.read_text("utf8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(text, "utf8")
    later = text.replace("2025", "2026").replace("2024", "2025")
    (tmp_path / "in" / "b.txt").write_text(later, "utf8")
    command = ["ingest", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--quiet"]

    def stopped(out: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.run.across.write_across", stopped)
        assert cli.main(command) == 130
    written = tmp_path / "out" / "across.json"
    assert not written.exists()
    assert cli.main(command) == 0
    assert json.loads(written.read_text("utf8")) == {"findings": []}
    # A second report on the year after, and then no more of it.
    (tmp_path / "in" / "a.txt").write_text(later + "\n", "utf8")
    assert cli.main(command) == 0
    assert [f["rule"] for f in json.loads(written.read_text("utf8"))["findings"]] == ["same_year"]
    (tmp_path / "in" / "a.txt").write_text(text, "utf8")
    assert cli.main(command) == 0
    assert json.loads(written.read_text("utf8")) == {"findings": []}


def test_memory_does_not_grow_with_the_documents(tmp_path: Path) -> None:
    peaks = []
    for counties in (8, 40):
        out = tmp_path / str(counties)
        fill(out, counties)
        if not peaks:
            write_across(out)  # What is imported or kept for good at the first time grows with nothing.
        tracemalloc.start()
        write_across(out)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000
