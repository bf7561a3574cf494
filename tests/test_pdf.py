"""Digital PDF from end to end: real reports where they are at hand, generated ones of every border and producer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.score import score_document
from pipeline.domain import Table
from pipeline.run.document import process
from pipeline.store.contract import result_to_matrices

ROOT = Path(__file__).resolve().parent.parent
GENERATED = sorted((ROOT / "fixtures" / "generated" / "tuning").glob("*.pdf"))


def tables(result):
    return [b for b in result.reading.blocks if isinstance(b, Table)]


def test_hongze_is_exact_and_its_two_wrong_totals_are_reported(shared_data):
    path = shared_data / "real" / "hongze-2023.pdf"
    truth = json.loads((shared_data / "real" / "hongze-2023.truth.json").read_text(encoding="utf8"))
    result = process(path, path.name)
    tally = score_document(result_to_matrices(result), truth, frozenset()).tally
    assert (tally.exact, tally.silent, tally.review, tally.missed, tally.false) == (tally.cells, 0, 0, 0, 0)
    assert (result.status, result.facts.issuer, result.facts.year) == ("accepted", "洪泽区人民政府", 2023)
    errors = [f for f in result.findings if f.severity == "error"]
    assert [(f.rule, f.kind, f.left, f.right) for f in errors] == [
        ("litigation_total", "source", 11, 0),
        ("litigation_total", "source", 5, 0),
    ]
    cells = [c for m in result.matrices for row in m.cells for c in row]
    assert all(c.page_no is not None and c.bbox is not None and c.bbox.width > 0 for c in cells)


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        ("万里街道办事处", [(9,), (10, 13), (14, 18), (19,), (20, 24), (25,), (26,), (27, 28), (29,)]),
        ("人民政府办公室", [(8,), (9, 10), (11, 12), (13,), (14, 15), (16,), (17,), (18, 19), (20,)]),
        ("商务委员会", [(9,), (10, 11), (12, 13), (14,), (15, 16), (17,), (18,), (19, 20), (21,)]),
    ],
)
def test_every_table_of_a_budget_is_kept_and_stitched(shared_data, name, pages):
    (path,) = (shared_data / "real" / "budget").glob(f"*{name}25*")
    found = tables(process(path, path.name))
    assert [(t.pages[0], t.pages[-1]) for t in found] == [(p[0], p[-1]) for p in pages]
    for table in found:
        slots = [
            (r, c)
            for cell in table.cells
            for r in range(cell.row, cell.row + cell.row_span)
            for c in range(cell.column, cell.column + cell.column_span)
        ]
        assert len(slots) == len(set(slots)) == table.n_rows * table.n_columns


@pytest.mark.parametrize("path", GENERATED, ids=lambda p: p.stem)
def test_generated_reports_are_exact(path):
    truth = json.loads(path.with_suffix("").with_suffix(".truth.json").read_text(encoding="utf8"))
    result = process(path, path.name)
    tally = score_document(result_to_matrices(result), truth, frozenset()).tally
    assert (tally.exact, tally.silent, tally.missed, tally.false) == (tally.cells, 0, 0, 0)
    assert tally.review == 0


def test_memory_does_not_grow_with_the_pages(tmp_path):
    """A long document may keep its words and cells, but not the pages of the library that read them."""
    from reportlab.pdfgen import canvas

    peaks = []
    for count in (20, 120):
        path = tmp_path / f"{count}.pdf"
        page = canvas.Canvas(str(path), invariant=1)
        for number in range(count):
            for k in range(60):
                page.rect(60 + k % 5 * 90, 760 - k // 5 * 30, 90, 30)
                page.drawString(66 + k % 5 * 90, 770 - k // 5 * 30, str(number * 60 + k))
            page.showPage()
        page.save()
        code = f"from pathlib import Path; from pipeline.run.document import process; process(Path({str(path)!r}), 'a.pdf');"
        code += "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) / 1024)
    assert peaks[1] - peaks[0] < 100 * 0.25, peaks
