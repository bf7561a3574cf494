"""Real documents: every table with its spans, stitched; and the ICDAR 2013 tables as a floor."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from pipeline.config import DEFAULT
from pipeline.domain import Reading, Source, SourceKind, Table
from pipeline.run.pdf import read_pdf

HONGZE = ["art20", "requests", "litigation"]
SHAPES = {
    "万里": [(16, 4), (70, 9), (70, 7), (16, 7), (70, 7), (16, 7), (16, 7), (35, 6), (4, 7)],
    "人民政府办公室": [(16, 4), (24, 9), (24, 7), (16, 7), (24, 7), (12, 7), (12, 7), (33, 6), (4, 7)],
    "商务": [(16, 4), (34, 9), (34, 7), (16, 7), (34, 7), (11, 7), (11, 7), (34, 6), (4, 7)],
}


def read(path: Path) -> Reading:
    return read_pdf(Source(str(path), path.name, "", 0, SourceKind.PDF, "pdf"), path, DEFAULT)


def tables(reading: Reading) -> list[Table]:
    return [b for b in reading.blocks if isinstance(b, Table)]


def test_hongze(shared_data):
    reading = read(shared_data / "real" / "hongze-2023.pdf")
    art20, requests, litigation = tables(reading)
    assert [(t.n_rows, t.n_columns, t.pages) for t in (art20, requests, litigation)] == [
        (14, 4, (2, 3)), (26, 10, (3, 4)), (4, 15, (4,)),
    ]  # fmt: skip
    assert all(t.reading == "rulings" and not t.doubts and all(c.certain for c in t.cells) for t in tables(reading))
    assert reading.notes == ()
    spans = {c.text.replace("\n", ""): (c.row, c.column, c.row_span, c.column_span) for c in requests.cells}
    assert spans["三、本年度办理结果"] == (5, 0, 20, 1)
    assert spans["（四）无法提供"] == (15, 1, 3, 1)
    truth = json.loads((shared_data / "real" / "hongze-2023.truth.json").read_text(encoding="utf8"))
    rows = [[int(c.text) for c in requests.cells if c.row == r and c.column > 2] for r in range(3, 26)]
    assert rows == truth["tables"]["requests"]["values"]


@pytest.mark.parametrize("name", SHAPES)
def test_budgets(shared_data, name):
    (path,) = [p for p in (shared_data / "real" / "budget").glob("*.pdf") if name in p.name]
    reading = read(path)
    found = tables(reading)
    assert [(t.n_rows, t.n_columns) for t in found] == SHAPES[name]
    assert not any(t.doubts for t in found) and all(c.certain for t in found for c in t.cells)
    head = {c.text: (c.row, c.column, c.row_span, c.column_span) for c in found[-1].cells}
    assert head["公务用车购置及运行费"] == (1, 3, 1, 3)


def test_icdar_2013_stays_above_its_floor(shared_data):
    import importlib.util

    tool = shared_data.parent / "tools" / "icdar13.py"
    folder = shared_data / "icdar2013-eu"
    if not tool.exists() or not folder.is_dir():
        pytest.skip("the scorer of ICDAR 2013 is not here")
    spec = importlib.util.spec_from_file_location("icdar13", tool)
    assert spec is not None and spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    hits = predicted = gold = 0
    for path in sorted(folder.glob("eu-00*.pdf")):
        want = sum((score.relations(t) for t in score.truth(folder / f"{path.stem}-str.xml")), score.collections.Counter())
        cells = [
            [(c.row, c.column, c.row + c.row_span - 1, c.column + c.column_span - 1, c.text) for c in t.cells]
            for t in tables(read(path))
        ]
        got = sum((score.relations(t) for t in cells), score.collections.Counter())
        hits, predicted, gold = hits + sum((want & got).values()), predicted + sum(got.values()), gold + sum(want.values())
    assert score.f1(hits, predicted, gold)[2] > 0.93


def test_reading_takes_no_longer_than_pdfplumber_twice_over(shared_data):
    import pdfplumber

    path = shared_data / "real" / "hongze-2023.pdf"
    ours, theirs = [], []
    for _ in range(2):
        start = time.perf_counter()
        read(path)
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        with pdfplumber.open(path) as document:
            for page in document.pages:
                page.extract_tables()
        theirs.append(time.perf_counter() - start)
    assert min(ours) < 2 * min(theirs)
