"""The last pass over a folder of results: what the reports of one issuer say of one another, in `OUT/across.json`.

It reads `matrices.json` files, two of one issuer at a time, and changes none of them. The same results give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pipeline.check.issuers import issuer_key
from pipeline.check.years import YearCell, YearMatrix, YearReport, compare_in_order, compare_years
from pipeline.domain import Finding, Origin
from pipeline.errors import InputMissingError
from pipeline.run.settling import load_calibration
from pipeline.store.by_issuer import results_by_issuer
from pipeline.store.contract import finding_to_json
from pipeline.store.files import MATRICES, read_json
from pipeline.store.jsontext import json_to_chunks
from pipeline.store.targets import write_pieces

ACROSS = "across.json"


def across_content(reports: Iterable[YearReport]) -> dict[str, Any]:
    """Returns the object of `across.json`."""
    found = compare_years(tuple(reports), least=load_calibration().threshold)
    return {"findings": [finding_to_json(finding) for finding in found]}


def report_of(result: dict[str, Any]) -> YearReport:
    """Returns what is compared of the object of a `matrices.json`."""
    document = result["document"]
    return YearReport(
        document["id"],
        document["issuer"],
        document.get("region_code"),
        document["year"],
        tuple(_matrix(matrix) for matrix in result["matrices"]),
    )


def write_across(out: Path) -> Path:
    """Compares all results in a folder and writes `across.json`, whole or not at all.

    A result that cannot be read is left out; a folder without results gets a file without findings.

    Returns:
        The path of the file.

    Raises:
        OutputError: the file cannot be written.
    """
    found = compare_in_order(_reports(out), least=load_calibration().threshold)
    return write_pieces(out / ACROSS, _pieces(found))


def _pieces(found: Iterator[Finding]) -> Iterator[str]:
    """Yields the text of the file while findings come."""
    first = list(islice(found, 1))
    findings = (finding_to_json(finding) for finding in chain(first, found))
    yield from json_to_chunks({"findings": findings if first else []})
    yield "\n"


def _reports(out: Path) -> Iterator[tuple[str, YearReport]]:
    """Yields what may be compared, sorted by issuer, year and document."""
    for key, folder in results_by_issuer(out, issuer_key):
        try:
            yield key, report_of(read_json(folder / MATRICES))
        except (InputMissingError, KeyError, TypeError):
            continue


def _matrix(matrix: dict[str, Any]) -> YearMatrix:
    cells = tuple(tuple(_cell(cell) for cell in row) for row in matrix["cells"])
    return YearMatrix(matrix["schema"], matrix["table"], tuple(matrix["rows"]), tuple(matrix["columns"]), cells)


def _cell(cell: dict[str, Any]) -> YearCell:
    """Returns what is compared of a cell: of one read from pixels its calibrated probability counts."""
    chance = float(cell["confidence"]) if cell["origin"] == Origin.OCR else 1.0
    return YearCell(cell["value"], not cell["review"] and chance >= load_calibration().threshold, chance)
