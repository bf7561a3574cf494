"""Committed scans, read end to end: nothing wrong leaves without a flag, and office scans are exact."""

import json

import pytest
from committed import SCANS, result_of

from pipeline.domain import DocumentResult, Origin

NAMES = sorted(p.name for p in SCANS.iterdir() if p.suffix in (".pdf", ".tif", ".jpg", ".png"))
EXACT = ("fax.tif", "low-100.pdf", "office-150.pdf", "office-200.pdf")


def wrong(name: str, result: DocumentResult) -> tuple[list[str], list[str]]:
    """Cells that are not as printed, and those of them without a flag."""
    truth = json.loads((SCANS / name).with_suffix("").with_suffix(".truth.json").read_text(encoding="utf8"))["tables"]
    differing, silent = [], []
    for matrix in result.matrices:
        table = truth[matrix.table]
        for row, cells in zip(matrix.rows, matrix.cells, strict=True):
            for column, cell in zip(matrix.columns, cells, strict=True):
                value = table["values"][table["rows"].index(row.key)][table["columns"].index(column.key)]
                if value != cell.value:
                    place = f"{matrix.table} {row.key} {column.key}: {value} read as {cell.value}"
                    differing.append(place)
                    silent += [] if cell.review else [place]
    return differing, silent


@pytest.mark.parametrize("name", NAMES)
def test_nothing_wrong_leaves_without_a_flag_and_usual_scans_are_exact(name: str) -> None:
    # All that is asked of one scan stands in one test: reading it is what takes the time.
    result = result_of(name)
    differing, silent = wrong(name, result)
    assert not silent
    assert result.reading is not None
    for matrix in result.matrices:
        for cell in (c for row in matrix.cells for c in row if c.bbox is not None):
            page = result.reading.pages[(cell.page_no or 0) - 1]
            assert cell.origin is Origin.OCR and cell.page_no and page.transform is not None
            assert cell.bbox is not None and page.width_pt and page.height_pt
            assert -2 <= cell.bbox.x0 < cell.bbox.x1 <= page.width_pt + 2
            assert -2 <= cell.bbox.top < cell.bbox.bottom <= page.height_pt + 2
    if name in EXACT:
        assert not differing
        assert {m.table for m in result.matrices} >= {"art20_1", "requests", "litigation"}
    if name == "office-200.pdf":
        assert all(c.bbox is not None for m in result.matrices for row in m.cells for c in row)
