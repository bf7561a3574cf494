"""Committed scans, read end to end: nothing wrong leaves without a flag, and office scans are exact."""

import json
from functools import cache
from pathlib import Path

import pytest

from pipeline.domain import DocumentResult, Origin
from pipeline.run.document import process

SCANS = Path(__file__).resolve().parents[1] / "fixtures" / "scans"
NAMES = sorted(p.name for p in SCANS.iterdir() if p.suffix in (".pdf", ".tif", ".jpg", ".png"))
EXACT = ("fax.tif", "low-100.pdf", "office-150.pdf", "office-200.pdf")


@cache
def read(name: str) -> DocumentResult:
    return process(SCANS / name, name)


@cache
def wrong(name: str) -> tuple[list[str], list[str]]:
    """Cells that are not as printed, and those of them without a flag."""
    truth = json.loads((SCANS / name).with_suffix("").with_suffix(".truth.json").read_text(encoding="utf8"))["tables"]
    differing, silent = [], []
    for matrix in read(name).matrices:
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
def test_nothing_wrong_leaves_without_a_flag(name: str) -> None:
    assert not wrong(name)[1]


@pytest.mark.parametrize("name", EXACT)
def test_usual_scans_are_exact(name: str) -> None:
    assert not wrong(name)[0]
    assert {m.table for m in read(name).matrices} >= {"art20_1", "requests", "litigation"}


def test_cells_of_a_scan_have_their_place_in_the_picture() -> None:
    result = read("office-200.pdf")
    page = result.reading.pages[0] if result.reading else None
    assert page is not None and page.transform is not None and page.width_pt and page.height_pt
    for matrix in result.matrices:
        for cell in (c for row in matrix.cells for c in row):
            assert cell.origin is Origin.OCR and cell.bbox is not None and cell.page_no
            assert -2 <= cell.bbox.x0 < cell.bbox.x1 <= page.width_pt + 2
            assert -2 <= cell.bbox.top < cell.bbox.bottom <= page.height_pt + 2


def test_the_same_scan_gives_the_same_result() -> None:
    first, second = read("office-150.pdf"), process(SCANS / "office-150.pdf", "office-150.pdf")
    assert (first.matrices, first.findings) == (second.matrices, second.findings)
